//! Answers under an `Idempotency-Key`: stored with the change they report, given again to a repeat.

use crate::support::{database, kit};
use axum::http::StatusCode;
use serde_json::json;
use service_kit::{
    Clock, Kit, KitError,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, find, store},
};
use test_kit::{TestDatabase, until};
use time::OffsetDateTime;
use uuid::Uuid;

fn keyed(owner: Uuid, operation: &'static str, key: &str, request: &str) -> Keyed {
    Keyed::new(owner, operation, IdempotencyKey::parse(key).unwrap(), &request).unwrap()
}

fn now() -> OffsetDateTime {
    Clock::system().now()
}

async fn found(kit: &Kit, keyed: &Keyed) -> Result<Option<StoredAnswer>, KitError> {
    let mut connection = kit.database.pool().acquire().await.unwrap();
    find(&mut connection, keyed).await
}

async fn stored(kit: &Kit, keyed: &Keyed, body: &serde_json::Value) {
    let mut tx = kit.database.begin().await.unwrap();
    assert!(store(&mut tx, keyed, StatusCode::CREATED, body, now()).await.unwrap());
    let _committed = tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_given_the_stored_answer() {
    let kit = kit(&database().await).await;
    let (owner, body) = (Uuid::new_v4(), json!({"id": 7, "lines": [{"sku": "MUG"}]}));
    let request = keyed(owner, "place_order", "one", "two mugs");
    assert_eq!(found(&kit, &request).await.unwrap(), None);
    stored(&kit, &request, &body).await;
    let answer = StoredAnswer { status: StatusCode::CREATED, body };
    assert_eq!(found(&kit, &request).await.unwrap(), Some(answer));
    // The same key of somebody else, or for something else, is another key.
    for other in [keyed(Uuid::new_v4(), "place_order", "one", "two mugs"), keyed(owner, "cancel", "one", "two mugs")] {
        assert_eq!(found(&kit, &other).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_request_under_the_same_key_is_refused() {
    let kit = kit(&database().await).await;
    let owner = Uuid::new_v4();
    stored(&kit, &keyed(owner, "place_order", "one", "two mugs"), &json!({})).await;
    let refused = found(&kit, &keyed(owner, "place_order", "one", "three mugs")).await;
    assert!(matches!(refused, Err(KitError::IdempotencyKeyReused)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_change_was_rolled_back_is_not_stored() {
    let kit = kit(&database().await).await;
    let request = keyed(Uuid::new_v4(), "place_order", "one", "two mugs");
    let mut tx = kit.database.begin().await.unwrap();
    assert!(store(&mut tx, &request, StatusCode::CREATED, &json!({}), now()).await.unwrap());
    drop(tx);
    assert_eq!(found(&kit, &request).await.unwrap(), None);
}

/// Lets a second transaction store under a key whose first one is still open; `commits` is what the first does then.
async fn race(database: &TestDatabase, commits: bool) -> (bool, Option<StoredAnswer>) {
    let kit = kit(database).await;
    let request = keyed(Uuid::new_v4(), "place_order", "one", "two mugs");
    let mut first = kit.database.begin().await.unwrap();
    assert!(store(&mut first, &request, StatusCode::CREATED, &json!("first"), now()).await.unwrap());
    let second = {
        let (kit, request) = (kit.clone(), request.clone());
        tokio::spawn(async move {
            let mut tx = kit.database.begin().await.unwrap();
            let won = store(&mut tx, &request, StatusCode::CREATED, &json!("second"), now()).await.unwrap();
            if won {
                let _committed = tx.commit().await.unwrap();
            } else {
                tx.rollback().await.unwrap();
            }
            won
        })
    };
    until("the second to wait for the first", || async {
        let query = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (database.count(query).await == 1).then_some(())
    })
    .await;
    assert!(!second.is_finished());
    if commits {
        let _committed = first.commit().await.unwrap();
    } else {
        first.rollback().await.unwrap();
    }
    (second.await.unwrap(), found(&kit, &request).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_the_same_time_one_wins_and_the_other_finds_its_answer() {
    let answer = |body: &str| Some(StoredAnswer { status: StatusCode::CREATED, body: json!(body) });
    assert_eq!(race(&database().await, true).await, (false, answer("first")));
    assert_eq!(race(&database().await, false).await, (true, answer("second")));
}

#[test]
fn a_key_is_up_to_255_visible_characters() {
    for good in ["a", "0190a5d0-ac96-774b-bcce-b302099a8057", &"x".repeat(255), "~!\"'"] {
        assert_eq!(IdempotencyKey::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", " ", "two words", "tab\t", "ünicode", "nul\0", &"x".repeat(256)] {
        assert_eq!(IdempotencyKey::parse(bad).unwrap_err().code, "invalid_idempotency_key", "{bad:?}");
    }
}
