//! What another site's page sends is refused, whoever looks at it.

use crate::stand_in::{Browser, Desk, done, logged_in, login};

const POSTS: [&str; 25] = [
    "/login",
    "/login/second-factor",
    "/logout",
    "/register",
    "/resend-verification",
    "/forgot-password",
    "/verify-email",
    "/reset-password",
    "/confirm-email",
    "/accept-invitation",
    "/account/sessions",
    "/account/password",
    "/account/email",
    "/account/profile",
    "/account/addresses",
    "/account/addresses/new",
    "/account/addresses/01890a5d-ac96-774b-bcce-b302099a8061",
    "/account/second-factor/begin",
    "/account/second-factor/confirm",
    "/account/second-factor/recovery-codes",
    "/account/second-factor/give-up",
    "/account/data",
    "/account/data/copy",
    "/account/data/erasure",
    "/erasure",
];

const FIELDS: [(&str, &str); 9] = [
    ("email", "ada@example.com"),
    ("password", "correct horse"),
    ("new_password", "battery staple"),
    ("token", "abc"),
    ("end", "all"),
    ("code", "123456"),
    ("delete", "01890a5d-ac96-774b-bcce-b302099a8061"),
    ("keep", "yes"),
    ("understood", "yes"),
];

#[tokio::test]
async fn no_form_is_taken_from_another_site_and_nothing_is_asked_for_it() {
    let (desk, browser) = logged_in(900).await;
    for path in POSTS {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")],
            // Of a browser that sends no Sec-Fetch-Site.
            &[("origin", "https://elsewhere.example")],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:1")],
        ] {
            let page = browser.send_as(path, &FIELDS, headers).await;
            page.holds(403, &["<h1>That did not come from here</h1>", "<span class=\"name\">Ada</span>"]);
            assert!(page.cookies().is_empty(), "{path} {headers:?}");
        }
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn our_own_forms_are_taken_from_every_browser() {
    let desk = Desk::default();
    desk.answer("POST /auth/forgot-password", 202, done()).answer("POST /auth/login", 200, login(900));
    let url = desk.pages(&[("PUBLIC_URL", "https://shop.test")]).await;
    let browser = Browser::at(&url);
    for headers in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("sec-fetch-site", "none")],
        // Of a browser that sends no Sec-Fetch-Site.
        &[("origin", &*url)],
        // Behind a proxy that tells the pages another host.
        &[("origin", "https://shop.test")],
    ] {
        browser
            .send_as("/forgot-password", &FIELDS[..1], headers)
            .await
            .holds(200, &["If this address has an account"]);
    }
    assert_eq!(desk.lines().len(), 4);
}
