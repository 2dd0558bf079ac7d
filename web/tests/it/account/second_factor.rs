//! The second factor: set up, its recovery codes, and given up.

use crate::stand_in::{Browser, Desk, logged_in, login, problem, second_factor, stepped_up, tokens, wrong};
use serde_json::{Value, json};

const HERE: &str = "/account/second-factor";
const STEP_UP: &str = "POST /auth/step-up";
const BEGIN: &str = "POST /auth/second-factor/totp";
const CONFIRM: &str = "POST /auth/second-factor/totp/confirm";
const RENEW: &str = "POST /auth/second-factor/recovery-codes";
const COOKIE: &str = "__Host-totp-secret";
const PROOF: [(&str, &str); 2] = [("password", "correct horse"), ("code", "123 456")];

fn secret() -> Value {
    json!({ "secret": "GEZDGNBVGY3TQOJQGE",
        "url": "otpauth://totp/shop.test:ada%40example.com?secret=GEZDGNBVGY3TQOJQGE&issuer=shop.test" })
}

fn codes() -> Value {
    json!({ "recovery_codes": ["k3jd-9x2m-8qrt", "<b>d-9x2m-8qrt"] })
}

/// The password was given, and the secret is there.
async fn begun() -> (Desk, Browser) {
    let (desk, browser) = logged_in(900).await;
    desk.answer(STEP_UP, 200, stepped_up()).answer(BEGIN, 201, secret());
    let answer = browser.send(&format!("{HERE}/begin"), &PROOF[..1]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/second-factor/confirm"));
    let [cookie] = answer.cookies()[..] else { panic!("{:?}", answer.cookies()) };
    assert!(cookie.starts_with(COOKIE) && cookie.contains("; Max-Age=1800;") && !cookie.contains("GEZD"), "{cookie}");
    assert_eq!(desk.lines(), [STEP_UP, BEGIN]);
    assert_eq!(desk.bearers(), ["access-1", "fresh-1"]);
    assert_eq!(desk.asked()[0].body, json!({ "password": "correct horse" }));
    desk.anew();
    (desk, browser)
}

#[tokio::test]
async fn whether_there_is_one_is_shown_with_the_recovery_codes_that_are_left() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("GET /auth/second-factor", 200, second_factor(false));
    let page = browser.get(HERE).await;
    page.holds(200, &["It is off", "href=\"/account/second-factor/begin\""]).lacks(&["give-up", "Your role"]);
    desk.anew().answer("GET /auth/second-factor", 200, second_factor(true));
    let page = browser.get(&format!("{HERE}?done=given-up")).await;
    page.holds(200, &["It is on", "<dd>9</dd>", "/recovery-codes\"", "/give-up\""])
        .lacks(&["/begin", "It is given up"]);
    let few = json!({ "enrolled": true, "recovery_codes_left": 2, "required": true });
    desk.anew().answer("GET /auth/second-factor", 200, few);
    browser.get(HERE).await.holds(200, &["<dd>2 – renew them soon", "Your role permits nothing without it."]);
}

#[tokio::test]
async fn the_secret_is_shown_in_groups_and_as_a_link_until_its_first_code_comes_back() {
    let (desk, browser) = begun().await;
    let page = browser.get(&format!("{HERE}/confirm")).await;
    page.holds(
        200,
        &[
            "<code>GEZD GNBV GY3T QOJQ GE</code>",
            "href=\"otpauth://totp/shop.test:ada%40example.com?secret=GEZDGNBVGY3TQOJQGE&#38;issuer=shop.test\"",
            "autocomplete=\"one-time-code\"",
        ],
    );
    desk.answer(CONFIRM, 403, problem("wrong_code", "The code is wrong."));
    let page = browser.send(&format!("{HERE}/confirm"), &[("code", "000000")]).await;
    page.holds(403, &["id=\"confirm-code-trouble\">The code is wrong, or was used already", "<code>GEZD GNBV"])
        .lacks(&["000000"]);
    assert!(browser.has(COOKIE));
    desk.anew().answer(CONFIRM, 200, codes()).answer("POST /auth/refresh", 200, tokens(2, 900));
    let page = browser.send(&format!("{HERE}/confirm"), &PROOF[1..]).await;
    page.holds(200, &["shown this once", "<code>k3jd-9x2m-8qrt</code>", "<code>&#60;b&#62;d-9x2m-8qrt</code>"]);
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(desk.asked()[0].body, json!({ "code": "123456" }));
    // The next token says that the session has a second factor.
    assert_eq!(desk.lines(), [CONFIRM, "POST /auth/refresh"]);
    assert!(!browser.has(COOKIE) && browser.has("__Host-session"));
}

/// The one drawing on a page, as a picture of so many dots to a module; and how many dots wide it is.
fn photographed(page: &str, dots: usize) -> (usize, Vec<u8>) {
    let (_, drawing) = page.split_once("<svg class=\"qr\"").unwrap();
    let (drawing, _) = drawing.split_once("</svg>").unwrap();
    let between = |before: &str, after: &str| drawing.split_once(before).unwrap().1.split_once(after).unwrap().0;
    let side: usize = between("viewBox=\"0 0 ", " ").parse().unwrap();
    assert!(drawing.contains(&format!("<rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>")), "{drawing}");
    let width = side * dots;
    let mut picture = vec![255; width * width];
    for bar in between("<path d=\"M", "z\" fill=\"#000\"/>").split("zM") {
        // Such as 4 4h7v1h-7
        let (corner, lines) = bar.split_once('h').unwrap();
        let (x, y) = corner.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let (run, back) = lines.split_once("v1h-").unwrap();
        assert_eq!(run, back);
        let run: usize = run.parse().unwrap();
        // Four modules around it stay light.
        assert!(x >= 4 && y >= 4 && x + run <= side - 4 && y < side - 4, "{bar} of {side}");
        for row in y * dots..(y + 1) * dots {
            picture[row * width + x * dots..][..run * dots].fill(0);
        }
    }
    (width, picture)
}

#[tokio::test]
async fn a_camera_reads_from_the_page_what_its_link_says() {
    let (_desk, browser) = begun().await;
    let page = browser.get(&format!("{HERE}/confirm")).await;
    page.holds(200, &["role=\"img\" aria-label=\"QR code with the secret"]).lacks(&[" style=", "<script", "data:"]);
    let (width, picture) = photographed(&page.text, 3);
    let mut reader = quircs::Quirc::default();
    let read: Vec<_> = reader.identify(width, width, &picture).map(|code| code.unwrap().decode().unwrap()).collect();
    let [code] = &read[..] else { panic!("{} codes", read.len()) };
    assert_eq!(std::str::from_utf8(&code.payload).unwrap(), secret()["url"]);
}

#[tokio::test]
async fn a_wrong_password_is_told_beside_its_field_and_gives_no_secret() {
    let (desk, browser) = logged_in(900).await;
    for (path, form) in [("begin", "begin"), ("recovery-codes", "renew"), ("give-up", "give-up")] {
        desk.anew().answer(STEP_UP, 403, problem("wrong_password", "This is not your password."));
        let page = browser.send(&format!("{HERE}/{path}"), &PROOF).await;
        page.holds(403, &[&format!("id=\"{form}-password-trouble\">This is not your password.")]);
        page.lacks(&["correct horse", "123 456", "123456"]);
        assert_eq!(desk.lines(), [STEP_UP]);
        assert!(page.cookies().is_empty());
    }
}

#[tokio::test]
async fn who_has_one_already_is_not_given_another() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(STEP_UP, 422, wrong(&[("/code", "is missing: your account has a second factor")]));
    assert_eq!(browser.send(&format!("{HERE}/begin"), &PROOF[..1]).await.location(), HERE);
    desk.anew().answer(STEP_UP, 200, stepped_up());
    desk.answer(BEGIN, 409, problem("second_factor_exists", "Your account has one already."));
    browser.send(&format!("{HERE}/begin"), &PROOF[..1]).await.holds(409, &["Your account has a second factor already"]);
}

#[tokio::test]
async fn without_a_beginning_by_the_same_session_there_is_nothing_to_confirm() {
    let (desk, browser) = logged_in(900).await;
    let (_, other) = begun().await;
    let confirm = format!("{HERE}/confirm");
    for _ in 0..2 {
        assert_eq!(browser.get(&confirm).await.location(), HERE);
        assert_eq!(browser.send(&confirm, &PROOF).await.location(), HERE);
        // Nor by what another process of other pages kept.
        let value = other.cookies.lock().unwrap()[COOKIE].clone();
        browser.cookies.lock().unwrap().insert(COOKIE.to_owned(), value);
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
    // Somebody else logs in in the browser.
    let (desk, browser) = begun().await;
    let mut session = login(900);
    session["session_id"] = json!("01890a5d-ac96-774b-bcce-b302099a8070");
    desk.answer("POST /auth/login", 200, session);
    browser.send("/login", &[("email", "eve@example.com"), ("password", "correct horse")]).await;
    let answer = browser.get(&confirm).await;
    assert_eq!(answer.location(), HERE);
    answer.lacks(&["GEZD"]);
}

#[tokio::test]
async fn recovery_codes_are_renewed_by_password_and_code_and_shown_once() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(STEP_UP, 200, stepped_up()).answer(RENEW, 200, codes());
    let page = browser.send(&format!("{HERE}/recovery-codes"), &PROOF).await;
    page.holds(200, &["shown this once", "Those you had before work no more.", "<code>k3jd-9x2m-8qrt</code>"]);
    assert_eq!(desk.asked()[0].body, json!({ "password": "correct horse", "code": "123456" }));
    assert_eq!(desk.bearers(), ["access-1", "fresh-1"]);
    desk.answer("GET /auth/second-factor", 200, second_factor(true));
    browser.get(&format!("{HERE}/recovery-codes")).await.holds(200, &["name=\"code\""]).lacks(&["k3jd"]);
    desk.anew().answer(STEP_UP, 403, problem("wrong_code", "The code is wrong."));
    let page = browser.send(&format!("{HERE}/recovery-codes"), &PROOF).await;
    page.holds(403, &["id=\"renew-code-trouble\">The code is wrong, or was used already"])
        .lacks(&["correct horse", "123 456"]);
    desk.anew().answer(STEP_UP, 200, stepped_up());
    desk.answer(RENEW, 409, problem("no_second_factor", "begin with POST /auth/second-factor/totp."));
    let page = browser.send(&format!("{HERE}/recovery-codes"), &PROOF).await;
    page.holds(409, &["Your account has no second factor."]).lacks(&["POST /auth"]);
}

#[tokio::test]
async fn it_is_given_up_by_password_and_code() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(STEP_UP, 200, stepped_up()).answer("DELETE /auth/second-factor", 204, Value::Null);
    let answer = browser.send(&format!("{HERE}/give-up"), &PROOF).await;
    assert_eq!((answer.status, answer.location()), (303, "/account/second-factor?done=given-up"));
    assert_eq!(desk.lines(), [STEP_UP, "DELETE /auth/second-factor"]);
    assert_eq!(desk.bearers(), ["access-1", "fresh-1"]);
    desk.anew().answer("GET /auth/second-factor", 200, second_factor(false));
    browser.get(answer.location()).await.holds(200, &["role=\"status\">It is given up."]);
    // An empty code is said to be missing, not to be wrong.
    desk.anew().answer(STEP_UP, 422, wrong(&[("/code", "is missing: your account has a second factor")]));
    let page = browser.send(&format!("{HERE}/give-up"), &[PROOF[0], ("code", " ")]).await;
    page.holds(422, &["id=\"give-up-code-trouble\">Code is missing: your account has a second factor."]);
    assert_eq!(desk.asked()[0].body, json!({ "password": "correct horse" }));
}

/// Whatever a service says, no link runs a script.
#[tokio::test]
async fn what_is_no_link_for_an_app_is_not_made_one_and_markup_is_shown() {
    let (desk, browser) = logged_in(900).await;
    desk.answer(STEP_UP, 200, stepped_up());
    desk.answer(BEGIN, 201, json!({ "secret": "<b>\"", "url": "javascript:alert(1)" }));
    browser.send(&format!("{HERE}/begin"), &PROOF[..1]).await;
    let page = browser.get(&format!("{HERE}/confirm")).await;
    page.holds(200, &["<code>&#60;b&#62;&#34;</code>"]).lacks(&["<b>", "javascript", "<svg"]);
}

#[tokio::test]
async fn a_fresh_token_is_not_kept_and_one_that_is_not_taken_ends_the_login() {
    let (desk, browser) = begun().await;
    desk.answer("GET /auth/second-factor", 200, second_factor(false));
    browser.get(HERE).await;
    assert_eq!(desk.bearers(), ["access-1"]);
    desk.anew().answer(STEP_UP, 200, stepped_up()).answer(BEGIN, 401, problem("token_revoked", "x"));
    let answer = browser.send(&format!("{HERE}/begin"), &PROOF[..1]).await;
    assert_eq!(answer.location(), "/login?next=%2Faccount%2Fsecond-factor%2Fbegin");
    assert!(!browser.has("__Host-session"));
}
