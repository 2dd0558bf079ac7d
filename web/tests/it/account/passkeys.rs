//! Passkeys: the pages that ask a browser for one, and what comes of its answer.

use crate::stand_in::{Browser, Desk, Shown, logged_in, login, open, problem, second_factor, stepped_up, tokens};
use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8061";
const HERE: &str = "/account/passkeys";
const STEP_UP: &str = "POST /auth/step-up/passkey";
const SHOWN: [(&str, &str); 2] = [("token", "the-token"), ("credential", "{\"id\":\"a\"}")];

fn question() -> Value {
    json!({ "token": "the-token", "options": { "challenge": "<AA\"'", "rpId": "shop.test" } })
}

fn passkeys() -> Value {
    let one = json!({ "id": ID, "name": "My <phone>", "created_at": "2026-01-02T03:04:05Z", "last_used_at": null });
    json!({ "items": [one], "next": null })
}

fn having(passkeys: i64) -> Value {
    let mut factor = second_factor(false);
    factor["passkeys"] = json!(passkeys);
    factor
}

/// A page whose form asks for a passkey: with our own script and no other, and with a word for who has none.
#[track_caller]
fn asks(page: &Shown, act: &str) {
    page.holds(200, &[&format!("data-passkey=\"{act}\""), "data-options=\"{&#34;challenge&#34;:&#34;&#60;AA"]);
    page.holds(200, &["name=\"token\" value=\"the-token\"", "name=\"credential\" value=\"\"", "<noscript>"]);
    assert_eq!(page.text.matches("<script").count(), 1);
    page.holds(200, &["<script src=\"/assets/passkey.js\" defer></script>"]).lacks(&[" style=", " onclick"]);
    assert_eq!(
        page.headers["content-security-policy"],
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(page.headers["cache-control"], "no-store");
}

async fn having_one() -> (Desk, Browser) {
    let (desk, browser) = logged_in(900).await;
    desk.answer("GET /auth/passkeys", 200, passkeys()).answer("GET /auth/second-factor", 200, having(1));
    (desk, browser)
}

#[tokio::test]
async fn the_log_in_leads_to_one_and_its_answer_is_a_log_in() {
    let (desk, browser) = open().await;
    let page = browser.get("/login?next=/products").await;
    page.holds(200, &["href=\"/login/passkey?next=%2Fproducts\">Log in with a passkey</a>"]).lacks(&["<script"]);
    desk.answer("POST /auth/login/passkey/begin", 200, question());
    let page = browser.get("/login/passkey?next=/products").await;
    asks(&page, "get");
    page.holds(200, &["name=\"next\" value=\"/products\"", "href=\"/login?next=%2Fproducts\""]);
    desk.answer("POST /auth/login/passkey", 401, problem("invalid_passkey", "Not known."));
    let sent = [SHOWN[0], SHOWN[1], ("next", "/products")];
    let page = browser.send("/login/passkey", &sent).await;
    page.holds(401, &["This passkey is not known here", "data-passkey=\"get\"", "value=\"/products\""]);
    desk.anew().answer("POST /auth/login/passkey", 200, login(900));
    let answer = browser.send("/login/passkey", &sent).await;
    assert_eq!((answer.status, answer.location()), (303, "/products"));
    assert_eq!(desk.asked()[0].body, json!({ "token": "the-token", "credential": { "id": "a" } }));
    assert_eq!(desk.asked()[0].header("user-agent"), "Firefox/150");
    assert!(browser.has("__Host-session"));
    assert_eq!(browser.get("/login/passkey?next=/products").await.location(), "/products");
}

#[tokio::test]
async fn without_scripts_nothing_is_done_and_that_is_said() {
    let (desk, browser) = open().await;
    desk.answer("POST /auth/login/passkey/begin", 200, question());
    let page = browser.send("/login/passkey", &[("token", "the-token"), ("credential", "")]).await;
    page.holds(422, &["browsers give passkeys to scripts alone"]);
    assert_eq!(desk.lines(), ["POST /auth/login/passkey/begin"]);
    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    browser.send_as("/login/passkey", &SHOWN, &elsewhere).await.holds(403, &["That did not come from here"]);
}

#[tokio::test]
async fn too_many_questions_are_told_with_the_time_to_come_again() {
    let (desk, browser) = open().await;
    desk.answer_later("POST /auth/login/passkey/begin", 429, problem("too_many_passkey_logins", "Too many."), 30);
    browser.get("/login/passkey").await.holds(429, &["Too many log-ins by passkey were begun.", "30 seconds"]);
}

#[tokio::test]
async fn a_shop_at_an_ip_address_speaks_of_none() {
    let desk = Desk::default();
    let browser = Browser::at(&desk.pages(&[("PUBLIC_URL", "http://192.0.2.7")]).await);
    browser.get("/login").await.holds(200, &["Password"]).lacks(&["passkey"]);
}

#[tokio::test]
async fn after_the_password_one_does_in_place_of_a_code() {
    for (methods, first) in [(json!(["totp", "recovery_code", "passkey"]), false), (json!(["passkey"]), true)] {
        let (desk, browser) = open().await;
        let mut more = problem("second_factor_required", "A second factor is needed.");
        (more["ticket"], more["methods"]) = (json!("the-ticket"), methods);
        desk.answer("POST /auth/login", 401, more);
        browser.send("/login", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
        desk.anew().answer("POST /auth/login/second-factor/passkey/begin", 200, question());
        if !first {
            let page = browser.get("/login/second-factor").await;
            page.holds(200, &["name=\"code\"", "href=\"/login/second-factor?by=passkey\""]).lacks(&["<script"]);
            browser.get("/login/second-factor?by=passkey").await.holds(200, &["href=\"/login/second-factor\""]);
        }
        let by = if first { "" } else { "?by=passkey" };
        let page = browser.get(&format!("/login/second-factor{by}")).await;
        asks(&page, "get");
        page.lacks(&["name=\"code\"", "the-ticket"]);
        assert_eq!(desk.asked()[0].body, json!({ "ticket": "the-ticket" }));
        desk.answer("POST /auth/login/second-factor/passkey", 403, problem("wrong_passkey", "None of yours."));
        let page = browser.send("/login/second-factor", &SHOWN).await;
        page.holds(403, &["This is none of your passkeys", "data-passkey=\"get\""]);
        desk.anew().answer("POST /auth/login/second-factor/passkey", 200, login(900));
        assert_eq!(browser.send("/login/second-factor", &SHOWN).await.location(), "/account");
        let body = json!({ "ticket": "the-ticket", "token": "the-token", "credential": { "id": "a" } });
        assert_eq!(desk.asked()[0].body, body);
        assert!(browser.has("__Host-session"));
    }
}

#[tokio::test]
async fn they_are_listed_and_one_is_added_by_name_and_proof() {
    let (desk, browser) = having_one().await;
    let page = browser.get(&format!("{HERE}?done=added")).await;
    page.holds(200, &["My &#60;phone&#62;", "not used yet", "Add a passkey", "The passkey is added"])
        .lacks(&["<script"]);
    let page = browser.get(&format!("{HERE}/new")).await;
    page.holds(200, &["name=\"name\"", "name=\"password\"", "href=\"?by=passkey\""])
        .lacks(&["<script", "name=\"code\""]);
    desk.answer("POST /auth/step-up", 403, problem("wrong_password", "This is not your password."));
    let sent = [("name", "My key"), ("password", "correct horse"), ("passkeys", "yes")];
    let page = browser.send(&format!("{HERE}/new"), &sent).await;
    page.holds(403, &["id=\"new-password-trouble\"", "value=\"My key\"", "href=\"?by=passkey\""]);
    desk.anew().answer("POST /auth/step-up", 200, stepped_up()).answer("POST /auth/passkeys/begin", 200, question());
    let page = browser.send(&format!("{HERE}/new"), &sent).await;
    asks(&page, "create");
    page.holds(200, &["name=\"name\" value=\"My key\"", "action=\"/account/passkeys/add\""]);
    assert_eq!(desk.bearers(), ["access-1", "fresh-1"]);
    desk.anew().answer("POST /auth/passkeys", 201, passkeys()["items"][0].clone());
    desk.answer("POST /auth/refresh", 200, tokens(2, 900));
    let answer = browser.send(&format!("{HERE}/add"), &[SHOWN[0], SHOWN[1], ("name", "My key")]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/passkeys?done=added"));
    let body = json!({ "token": "the-token", "credential": { "id": "a" }, "name": "My key" });
    assert_eq!(desk.asked()[0].body, body);
    // The next token says that the session has a second factor.
    assert_eq!(desk.lines(), ["POST /auth/passkeys", "POST /auth/refresh"]);
    desk.anew().answer("POST /auth/passkeys", 409, problem("passkey_exists", "This passkey opens an account already."));
    let answer = browser.send(&format!("{HERE}/add"), &[SHOWN[0], SHOWN[1], ("name", "My key")]).await;
    answer.holds(409, &["This passkey opens an account already."]);
}

#[tokio::test]
async fn one_is_renamed_and_removed_and_what_is_made_up_is_not_found() {
    let (desk, browser) = having_one().await;
    let path = format!("{HERE}/{ID}");
    browser.get(&path).await.holds(200, &["value=\"My &#60;phone&#62;\""]);
    desk.answer(&format!("PATCH /auth/passkeys/{ID}"), 200, passkeys()["items"][0].clone());
    assert_eq!(browser.send(&path, &[("name", "Old")]).await.location(), "/account/passkeys?done=renamed");
    browser.get(&format!("{path}/remove")).await.holds(200, &["“My &#60;phone&#62;”", "name=\"password\""]);
    desk.answer("POST /auth/step-up/passkey/begin", 200, question());
    asks(&browser.get(&format!("{path}/remove?by=passkey")).await, "get");
    desk.answer(STEP_UP, 403, problem("wrong_passkey", "None of yours."));
    let page = browser.send(&format!("{path}/remove"), &SHOWN).await;
    page.holds(403, &["This is none of your passkeys", "href=\"?by=passkey\"", "name=\"password\""]);
    desk.anew().answer("GET /auth/passkeys", 200, passkeys()).answer(STEP_UP, 200, stepped_up());
    desk.answer(&format!("DELETE /auth/passkeys/{ID}"), 204, Value::Null);
    let answer = browser.send(&format!("{path}/remove"), &SHOWN).await;
    assert_eq!(answer.location(), "/account/passkeys?done=removed");
    assert_eq!(desk.bearers(), ["access-1", "access-1", "fresh-1"]);
    for made_up in ["x", "01890a5d-ac96-774b-bcce-b302099a8099", "..%2Fsessions"] {
        browser.get(&format!("{HERE}/{made_up}")).await.holds(404, &["Not found"]);
        browser.send(&format!("{HERE}/{made_up}"), &[("name", "Old")]).await.holds(404, &["Not found"]);
        browser.send(&format!("{HERE}/{made_up}/remove"), &SHOWN).await.holds(404, &["Not found"]);
    }
}

#[tokio::test]
async fn what_is_dangerous_takes_one_in_place_of_the_password() {
    for (path, line) in [
        ("/account/data/copy", "POST /auth/exports"),
        ("/account/data/erasure", "POST /auth/erasure"),
        ("/account/second-factor/begin", "POST /auth/second-factor/totp"),
        ("/account/second-factor/give-up", "DELETE /auth/second-factor"),
        ("/account/second-factor/recovery-codes", "POST /auth/second-factor/recovery-codes"),
    ] {
        let (desk, browser) = having_one().await;
        browser.get(path).await.holds(200, &["name=\"password\"", "href=\"?by=passkey\""]).lacks(&["<script"]);
        desk.answer("POST /auth/step-up/passkey/begin", 200, question());
        let page = browser.get(&format!("{path}?by=passkey")).await;
        asks(&page, "get");
        page.holds(200, &["href=\"?\""]).lacks(&["name=\"password\"", "name=\"code\""]);
        desk.anew().answer(STEP_UP, 200, stepped_up());
        browser.send(path, &[SHOWN[0], SHOWN[1], ("understood", "yes")]).await;
        assert_eq!(
            (desk.lines(), desk.bearers()),
            (vec![STEP_UP.to_owned(), line.to_owned()], vec!["access-1".to_owned(), "fresh-1".to_owned()],)
        );
    }
}

#[tokio::test]
async fn the_script_is_ours_and_typed_as_one() {
    let (_, browser) = open().await;
    let script = browser.get("/assets/passkey.js").await;
    script.holds(200, &["navigator.credentials"]).lacks(&["eval(", "innerHTML", "fetch("]);
    assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(script.headers["x-content-type-options"], "nosniff");
}
