//! Where one is logged in.

use crate::stand_in::{SESSION, logged_in, problem};
use serde_json::{Value, json};

const OTHER: &str = "01890a5d-ac96-774b-bcce-b302099a8059";

fn session(id: &str, device: &str, current: bool) -> Value {
    json!({
        "id": id, "device": device, "client": "192.0.2.7", "created_at": "2026-01-02T03:04:05Z",
        "last_seen_at": "2026-01-03T04:05:06Z", "expires_at": "2026-02-02T03:04:05Z", "second_factor": false,
        "current": current,
    })
}

fn both() -> Value {
    json!({ "items": [session(SESSION, "Firefox on Linux", true), session(OTHER, "<Safari>", false)], "next": null })
}

#[tokio::test]
async fn each_is_shown_with_a_button_of_its_own() {
    let (desk, browser) = logged_in(900).await;
    desk.answer("GET /auth/sessions", 200, both());
    let page = browser.get("/account/sessions").await;
    page.holds(
        200,
        &[
            "Firefox on Linux <small>this browser</small>",
            "&#60;Safari&#62;",
            "Last seen Jan 3, 2026, 4:05\u{202f}AM UTC from 192.0.2.7",
            &format!("name=\"end\" value=\"{OTHER}\">End<span class=\"unseen\"> the session on &#60;Safari&#62;"),
            "value=\"others\"",
            "value=\"all\"",
        ],
    );
}

#[tokio::test]
async fn one_and_all_others_end_and_the_list_says_so() {
    let (desk, browser) = logged_in(900).await;
    let one = format!("DELETE /auth/sessions/{OTHER}");
    desk.answer(&one, 204, Value::Null).answer("GET /auth/sessions", 200, both());
    desk.answer("DELETE /auth/sessions?others=true", 200, json!({ "ended": 1 }));
    for (end, asked, led, said) in [
        (OTHER, &*one, "/account/sessions?ended=one", "The session has ended."),
        (
            "others",
            "DELETE /auth/sessions?others=true",
            "/account/sessions?ended=others",
            "All other sessions have ended.",
        ),
    ] {
        let answer = browser.send("/account/sessions", &[("end", end)]).await;
        assert_eq!((answer.status, answer.location()), (303, led));
        assert_eq!(desk.lines().last().unwrap(), asked);
        browser.get(led).await.holds(200, &[said, "role=\"status\""]);
    }
    assert!(browser.has("__Host-session"));
}

#[tokio::test]
async fn who_ends_all_or_the_one_that_asks_is_logged_out() {
    for (end, asked) in
        [("all", "DELETE /auth/sessions".to_owned()), (SESSION, format!("DELETE /auth/sessions/{SESSION}"))]
    {
        let (desk, browser) = logged_in(900).await;
        desk.answer(&asked, 200, json!({ "ended": 2 }));
        let answer = browser.send("/account/sessions", &[("end", end)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/login"));
        assert_eq!(desk.lines(), [asked]);
        assert!(!browser.has("__Host-session"));
    }
}

#[tokio::test]
async fn one_that_is_over_already_is_said_to_be_above_those_that_are_not() {
    let (desk, browser) = logged_in(900).await;
    let one = format!("DELETE /auth/sessions/{OTHER}");
    desk.answer(&one, 404, problem("session_not_found", "You have no such session: perhaps it is over."));
    desk.answer("GET /auth/sessions", 200, both());
    let page = browser.send("/account/sessions", &[("end", OTHER)]).await;
    page.holds(404, &["role=\"alert\"", "You have no such session: perhaps it is over.", "Firefox on Linux"]);
}

#[tokio::test]
async fn a_made_up_one_ends_nothing() {
    let (desk, browser) = logged_in(900).await;
    for made_up in ["", "everything", "../current-user", "?others=false"] {
        let answer = browser.send("/account/sessions", &[("end", made_up)]).await;
        assert_eq!((answer.status, answer.location()), (303, "/account/sessions"));
    }
    assert_eq!(desk.lines(), Vec::<String>::new());
}
