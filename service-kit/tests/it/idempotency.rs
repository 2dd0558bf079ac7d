//! Answers under an `Idempotency-Key`: stored with the change they report, given again to a repeat.

use crate::support::{database, kit};
use axum::http::StatusCode;
use serde_json::json;
use service_kit::{
    Kit, KitError,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, Work, find, once},
};
use test_kit::{TestDatabase, until};
use uuid::Uuid;

fn keyed(owner: Uuid, operation: &'static str, key: &str, request: &str) -> Keyed {
    Keyed::new(owner, operation, IdempotencyKey::parse(key).unwrap(), &request).unwrap()
}

async fn found(kit: &Kit, keyed: &Keyed) -> Result<Option<StoredAnswer>, KitError> {
    let mut connection = kit.database.pool().acquire().await.unwrap();
    find(&mut connection, keyed).await
}

/// Does `request` once, in a change that answers `body` or fails.
async fn answered(
    kit: &Kit,
    request: &Keyed,
    body: Result<&serde_json::Value, &'static str>,
) -> Result<StoredAnswer, KitError> {
    let work = Work { name: "a_test", status: StatusCode::CREATED };
    let wishes = vec![(request.clone(), body.cloned())];
    let answers = once(&kit.database, &kit.clock, &(), work, wishes, |(), _tx, bodies| {
        Box::pin(async move {
            let bodies: Result<Vec<_>, _> = bodies.into_iter().collect();
            Ok(bodies.map_err(|why| KitError::Key(why.to_owned()))?.into_iter().map(Ok::<_, KitError>).collect())
        })
    });
    service_kit::one(answers.await)
}

async fn stored(kit: &Kit, keyed: &Keyed, body: &serde_json::Value) {
    answered(kit, keyed, Ok(body)).await.unwrap();
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
async fn a_change_that_fails_stores_no_answer() {
    let kit = kit(&database().await).await;
    let request = keyed(Uuid::new_v4(), "place_order", "one", "two mugs");
    assert!(answered(&kit, &request, Err("the till is stuck")).await.is_err());
    assert_eq!(found(&kit, &request).await.unwrap(), None);
}

/// Lets a second request wait for a first one under its key whose transaction is still open; `commits` is what the first
/// does then. The second one's answer.
async fn race(database: &TestDatabase, commits: bool) -> Option<StoredAnswer> {
    let kit = kit(database).await;
    let request = keyed(Uuid::new_v4(), "place_order", "one", "two mugs");
    let mut first = database.pool().begin().await.unwrap();
    let statement = "INSERT INTO idempotency_keys (owner, route, key, fingerprint, status, body, created_at)
                     VALUES ($1, $2, $3, $4, 201, '\"first\"', now())";
    let insert = sqlx::query(statement).bind(request.owner).bind(request.operation).bind(request.key.as_str());
    insert.bind(&request.fingerprint).execute(&mut *first).await.unwrap();
    let second = {
        let (kit, request) = (kit.clone(), request.clone());
        tokio::spawn(async move { answered(&kit, &request, Ok(&json!("second"))).await.unwrap() })
    };
    until("the second to wait for the first", || async {
        let query = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        (database.count(query).await == 1).then_some(())
    })
    .await;
    assert!(!second.is_finished());
    if commits {
        first.commit().await.unwrap();
    } else {
        first.rollback().await.unwrap();
    }
    let answer = second.await.unwrap();
    assert_eq!(found(&kit, &request).await.unwrap().as_ref(), Some(&answer));
    Some(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_the_same_time_one_wins_and_the_other_finds_its_answer() {
    let answer = |body: &str| Some(StoredAnswer { status: StatusCode::CREATED, body: json!(body) });
    assert_eq!(race(&database().await, true).await, answer("first"));
    assert_eq!(race(&database().await, false).await, answer("second"));
}

/// What `once` answers, as text; `change` works on numbers, refuses negative ones, and leaves a row for each that it does.
async fn done(kit: &Kit, wishes: &[(&str, i64)]) -> Vec<Result<serde_json::Value, String>> {
    let wishes = wishes.iter().map(|(key, number)| (keyed(Uuid::nil(), "double", key, &number.to_string()), *number));
    let work = Work { name: "double", status: StatusCode::CREATED };
    let answers = once(&kit.database, &kit.clock, &2_i64, work, wishes.collect(), |times, tx, numbers| {
        Box::pin(async move {
            let good: Vec<i64> = numbers.iter().copied().filter(|number| *number >= 0).collect();
            sqlx::query("INSERT INTO done SELECT unnest($1::bigint[])").bind(&good).execute(&mut **tx).await?;
            let answer =
                |number: &i64| if *number < 0 { Err(KitError::Key("negative".to_owned())) } else { Ok(number * times) };
            Ok::<Vec<Result<i64, KitError>>, KitError>(numbers.iter().map(answer).collect())
        })
    });
    answers
        .await
        .into_iter()
        .map(|answer| answer.map(|answer| answer.body).map_err(|cause| cause.to_string()))
        .collect()
}

async fn kit_that_works(database: &TestDatabase) -> Kit {
    let kit = kit(database).await;
    let made = "CREATE TABLE done (number bigint NOT NULL); GRANT ALL ON done TO PUBLIC";
    sqlx::raw_sql(made).execute(database.pool()).await.unwrap();
    kit
}

async fn rows(kit: &Kit) -> Vec<i64> {
    sqlx::query_scalar("SELECT number FROM done ORDER BY number").fetch_all(kit.database.pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slice_is_answered_in_its_order_and_each_key_is_worked_once() {
    let kit = kit_that_works(&database().await).await;
    assert_eq!(done(&kit, &[("b", 2)]).await, [Ok(json!(4))]);
    let reused = KitError::IdempotencyKeyReused.to_string();
    let refused = KitError::Key("negative".to_owned()).to_string();
    // Fresh, known, twice in the slice, refused, used with another request before and within the slice.
    let wishes = [("a", 1), ("b", 2), ("c", 3), ("c", 3), ("d", -1), ("b", 5), ("c", 4)];
    let expected =
        [Ok(json!(2)), Ok(json!(4)), Ok(json!(6)), Ok(json!(6)), Err(refused), Err(reused.clone()), Err(reused)];
    assert_eq!(done(&kit, &wishes).await, expected);
    assert_eq!(rows(&kit).await, [1, 2, 3]);
    // What was refused left nothing: its key is free.
    assert_eq!(done(&kit, &[("d", 7)]).await, [Ok(json!(14))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn crowds_with_the_same_keys_do_each_once() {
    let kit = kit_that_works(&database().await).await;
    let keys = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let slices = (0..16).map(|turn| {
        // Each begins elsewhere, so that they meet in every order.
        let wishes: Vec<_> = keys.into_iter().zip(0_i64..).cycle().skip(turn).take(keys.len()).collect();
        let kit = &kit;
        async move { (done(kit, &wishes).await, wishes) }
    });
    for (answers, wishes) in futures_util::future::join_all(slices).await {
        let expected: Vec<_> = wishes.iter().map(|(_key, number)| Ok(json!(number * 2))).collect();
        assert_eq!(answers, expected);
    }
    assert_eq!(rows(&kit).await, (0..10).collect::<Vec<i64>>());
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
