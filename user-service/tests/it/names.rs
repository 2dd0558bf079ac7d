//! Names reach other people's eyes: in mails, on parcels, in the lists of staff.

use crate::support::{Users, ada};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_advertisement_is_no_name_and_nothing_is_stored_or_mailed() {
    let users = Users::open().await;
    for field in ["first_name", "last_name"] {
        for text in [
            "Win 500 EUR https://evil.example",
            "evil.example",
            "a@b.example",
            "Ada\u{2028}Win",
            "\u{3164}",
            "+49 151 2345678",
        ] {
            let mut body = ada("ada@example.com");
            body[field] = json!(text);
            let answer = users.visitor.post("/auth/register", body).await;
            let pointer = answer.assert_problem(422, "invalid_fields").text_at("/errors/0/pointer");
            assert_eq!(pointer, format!("/{field}"), "{}", text.escape_unicode());
            assert!(!answer.text.contains("evil"), "{}", answer.text);
        }
    }
    for (field, text) in [("phone", "\u{200B}"), ("address", "1 Road\u{2029}Town"), ("address", "\u{2800}")] {
        let mut body = ada("ada@example.com");
        body[field] = json!(text);
        users.visitor.post("/auth/register", body).await.assert_problem(422, "invalid_fields");
    }
    assert_eq!(users.database.count("SELECT count(*) FROM event_log").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_all_the_world_register() {
    let users = Users::open().await;
    for (number, (first_name, last_name)) in [
        ("Siobh\u{e1}n", "O'Connor"),
        ("\u{5c0f}\u{9f8d}", "\u{674e}"),
        ("Jean-Luc", "van der Berg"),
        (
            "\u{0639}\u{0644}\u{06CC}\u{200C}\u{0631}\u{0636}\u{0627}",
            "\u{0645}\u{064F}\u{062D}\u{064E}\u{0645}\u{064E}\u{0651}\u{062F}",
        ),
        ("\u{0905}\u{0930}\u{094D}\u{091C}\u{0941}\u{0928}", "Mary Jr."),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = ada(&format!("ada{number}@example.com"));
        (body["first_name"], body["last_name"]) = (json!(first_name), json!(last_name));
        users.visitor.post("/auth/register", body).await.assert_status(201);
    }
}
