//! What operators do through the front door: dead letters are listed, shown, replayed and dropped, events are read.

use crate::support::{Sample, Way, announce_in, database, payment};
use contracts::{
    AccountId, RawEvent,
    access::Permission::{ReadAudit, ReadEvents, ReplayEvents},
};
use serde_json::{Value, json};
use service_kit::{
    Clock,
    auth::Role,
    inbox::{UNREADABLE, id_of_unreadable},
};
use test_kit::{Client, Signer};
use time::Duration;
use uuid::Uuid;

struct Office {
    sample: Sample,
    signer: Signer,
}

impl Office {
    async fn open() -> Self {
        let database = database().await;
        let signer = Signer::trusted_by(&database).await;
        let bus = Way::Local.bus(&database);
        Self { sample: Sample::start_on(database, bus, Clock::system()).await, signer }
    }

    fn operator(&self) -> Client {
        self.sample.running.client().with_token(self.signer.staff(&[ReadEvents, ReplayEvents]))
    }

    /// A letter as the retry job leaves one behind, received so many minutes ago.
    async fn bury(&self, event: &RawEvent, status: &str, minutes: i64) -> Uuid {
        self.keep((event.id.uuid(), &event.kind, event.subject), event.to_json(), status, minutes).await
    }

    async fn keep(&self, (id, kind, subject): (Uuid, &str, Uuid), envelope: Value, status: &str, minutes: i64) -> Uuid {
        let statement =
            "INSERT INTO inbox (event_id, type, subject, sequence, received_at, status, attempts, reason, envelope)
                         VALUES ($1, $2, $3, 1, $4, $5, 8, 'the till is stuck', $6)";
        let at = Clock::system().now() - Duration::minutes(minutes);
        let statement = sqlx::query(statement).bind(id).bind(kind).bind(subject).bind(at);
        statement.bind(status).bind(envelope).execute(self.sample.database.pool()).await.unwrap();
        id
    }

    async fn log(&self) -> Vec<(String, String, String, String)> {
        let query = "SELECT operator, action, target, note FROM operator_log ORDER BY position";
        sqlx::query_as(query).fetch_all(self.sample.database.pool()).await.unwrap()
    }

    async fn audit(&self) -> Vec<(String, Uuid, Value, Value)> {
        let query = "SELECT action, subject, before, after FROM audit_entries ORDER BY id";
        sqlx::query_as(query).fetch_all(self.sample.database.pool()).await.unwrap()
    }
}

fn ids(page: &Value) -> Vec<Uuid> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// All of a list, by pages of two.
async fn paged(client: &Client, address: &str) -> Vec<Uuid> {
    let (mut seen, mut next) = (Vec::new(), address.to_owned());
    loop {
        let page = client.get(&next).await.assert_status(200).body.clone();
        seen.extend(ids(&page));
        let Some(after) = page["next"].as_str() else { return seen };
        next = format!("{address}&after={after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_newest_first_and_those_dropped_apart() {
    let office = Office::open().await;
    let (mut dead, operator) = (Vec::new(), office.operator());
    for minutes in [5, 1, 4, 2, 3] {
        dead.push((minutes, office.bury(&payment("sim_ok"), "dead", minutes).await));
    }
    // Two that came in the same moment stand beside each other, neither is lost between two pages.
    sqlx::query("UPDATE inbox SET received_at = (SELECT max(received_at) FROM inbox) WHERE event_id = $1")
        .bind(dead[3].1)
        .execute(office.sample.database.pool())
        .await
        .unwrap();
    let dropped = office.bury(&payment("sim_ok"), "dropped", 1).await;
    dead.sort_unstable();
    let mut expected: Vec<_> = dead.into_iter().map(|(_, id)| id).collect();
    expected[..2].sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(paged(&operator, "/orders/dead-letters?limit=2").await, expected);
    assert_eq!(paged(&operator, "/orders/dead-letters?dropped=true&limit=2").await, [dropped]);
    let first = operator.get("/orders/dead-letters?limit=1").await.body["items"][0].clone();
    let told = json!({
        "id": expected[0], "type": "payment.completed", "subject": first["subject"], "sequence": 1,
        "received_at": first["received_at"], "status": "dead", "attempts": 8, "reason": "the till is stuck",
        "can_be_replayed": true,
    });
    assert_eq!(first, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_nobody_gave_out_is_refused_or_leads_nowhere() {
    let office = Office::open().await;
    office.bury(&payment("sim_ok"), "dead", 1).await;
    let operator = office.operator();
    operator.get("/orders/dead-letters?after=xyz").await.assert_problem(400, "invalid_cursor");
    operator.get("/orders/events?after=xyz").await.assert_problem(400, "invalid_cursor");
    // The place of the dead is none among the dropped.
    office.bury(&payment("sim_ok"), "dead", 2).await;
    let next = operator.get("/orders/dead-letters?limit=1").await.text_at("/next");
    let other = format!("/orders/dead-letters?dropped=true&after={next}");
    operator.get(&other).await.assert_problem(400, "invalid_cursor");
    operator.get("/orders/dead-letters?status=dead").await.assert_problem(400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_shown_as_it_was_received() {
    let office = Office::open().await;
    let event = payment("sim_ok");
    let id = office.bury(&event, "dead", 1).await;
    let shown = office.operator().get(&format!("/orders/dead-letters/{id}")).await;
    assert_eq!(shown.assert_status(200).body["envelope"], event.to_json());
    let unknown = format!("/orders/dead-letters/{}", Uuid::from_u128(9));
    office.operator().get(&unknown).await.assert_problem(404, "dead_letter_not_found");
    office.operator().get("/orders/dead-letters/nonsense").await.assert_problem(404, "not_found");
    // What is done is none.
    office.sample.warm_up().await;
    let done: Uuid = sqlx::query_scalar("SELECT event_id FROM inbox WHERE status = 'done'")
        .fetch_one(office.sample.database.pool())
        .await
        .unwrap();
    let shown = office.operator().get(&format!("/orders/dead-letters/{done}")).await;
    shown.assert_problem(404, "dead_letter_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_replayed_is_acted_on_and_both_logs_say_by_whom() {
    let office = Office::open().await;
    let account: AccountId = Clock::system().new_id();
    let operator = office.sample.running.client().with_token(office.signer.person(account, Role::Admin));
    for status in ["dead", "dropped"] {
        let event = payment("sim_ok");
        let id = office.bury(&event, status, 1).await;
        let path = format!("/orders/dead-letters/{id}/replay");
        let replayed = operator.post(&path, Value::Null).await;
        assert_eq!(replayed.assert_status(200).body["status"], "waiting");
        office.sample.done(event.id).await;
        assert_eq!(office.sample.effects(event.subject).await, [1]);
        // Whoever comes second is told so, and nothing is acted on again.
        operator.post(&path, Value::Null).await.assert_problem(409, "no_dead_letter");
        let note = format!("payment.completed, {status} because: the till is stuck");
        let line = office.log().await.pop().unwrap();
        assert_eq!(line, (account.to_string(), "replayed".to_owned(), id.to_string(), note));
        let entry = office.audit().await.pop().unwrap();
        let (before, after) = (json!({ "status": status }), json!({ "status": "waiting" }));
        assert_eq!(entry, ("dead_letter.replayed".to_owned(), id, before, after));
    }
    assert_eq!((office.log().await.len(), office.audit().await.len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_at_once_one_decides() {
    let office = Office::open().await;
    let event = payment("sim_ok");
    let id = office.bury(&event, "dead", 1).await;
    let operator = office.operator();
    let (replay, drop) = (format!("/orders/dead-letters/{id}/replay"), format!("/orders/dead-letters/{id}/drop"));
    let (replayed, again, dropped, dropped_again) = tokio::join!(
        operator.post(&replay, Value::Null),
        operator.post(&replay, Value::Null),
        operator.post(&drop, json!({ "reason": "a test" })),
        operator.post(&drop, json!({ "reason": "a test" })),
    );
    let done = [&replayed, &again, &dropped, &dropped_again].iter().filter(|answer| answer.status == 200).count();
    // Dropped first, it may still be replayed.
    assert!((1..=2).contains(&done), "{replayed:?} {again:?} {dropped:?} {dropped_again:?}");
    assert_eq!(office.log().await.len(), done);
    assert!(office.sample.effects(event.subject).await.len() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_read_is_dropped_and_not_replayed() {
    let office = Office::open().await;
    let id = office.keep((id_of_unreadable(b"hello"), UNREADABLE, Uuid::nil()), json!("hello"), "dead", 1).await;
    let operator = office.operator();
    let shown = operator.get(&format!("/orders/dead-letters/{id}")).await;
    assert_eq!((&shown.body["can_be_replayed"], &shown.body["envelope"]), (&json!(false), &json!("hello")));
    let replay = format!("/orders/dead-letters/{id}/replay");
    operator.post(&replay, Value::Null).await.assert_problem(409, "dead_letter_unreadable");
    assert!(office.log().await.is_empty());
    let drop = format!("/orders/dead-letters/{id}/drop");
    let dropped = operator.post(&drop, json!({ "reason": "somebody tried out the exchange" })).await;
    assert_eq!(dropped.assert_status(200).body["status"], "dropped");
    operator.post(&replay, Value::Null).await.assert_problem(409, "dead_letter_unreadable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_dropped_once_with_a_reason_and_stays() {
    let office = Office::open().await;
    let event = payment("sim_ok");
    let id = office.bury(&event, "dead", 1).await;
    let (operator, path) = (office.operator(), format!("/orders/dead-letters/{id}/drop"));
    for reason in ["", "  ", "two\nlines", &"x".repeat(1001), "zero\u{0}"] {
        let refused = operator.post(&path, json!({ "reason": reason })).await;
        refused.assert_problem(422, "invalid_fields");
        assert_eq!(refused.body["errors"][0]["pointer"], "/reason");
    }
    operator.post(&path, json!({})).await.assert_status(422);
    operator.post(&path, json!({ "reason": "a test", "by": "me" })).await.assert_status(422);
    operator.post(&path, json!({ "reason": " sent by a test " })).await.assert_status(200);
    operator.post(&path, json!({ "reason": "once more" })).await.assert_problem(409, "dead_letter_dropped");
    let log = office.log().await;
    assert_eq!((log.len(), log[0].1.as_str(), log[0].3.as_str()), (1, "dropped", "sent by a test"));
    assert_eq!(office.audit().await[0].0, "dead_letter.dropped");
    // It is not acted on when it comes again.
    office.sample.deliver(std::slice::from_ref(&event)).await;
    office.sample.warm_up().await;
    assert_eq!(office.sample.effects(event.subject).await, [0; 0]);
    let unknown = format!("/orders/dead-letters/{}/drop", Uuid::from_u128(9));
    operator.post(&unknown, json!({ "reason": "a test" })).await.assert_problem(404, "dead_letter_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_may_not_decide_and_who_may_neither_sees_nothing() {
    let office = Office::open().await;
    let id = office.bury(&payment("sim_ok"), "dead", 1).await;
    let visitor = office.sample.running.client();
    let letter = format!("/orders/dead-letters/{id}");
    let reads = ["/orders/dead-letters", &letter, "/orders/events", &format!("/orders/events/{id}")];
    let reader = visitor.with_token(office.signer.staff(&[ReadEvents]));
    let stranger = visitor.with_token(office.signer.staff(&[ReadAudit, ReplayEvents]));
    for path in reads {
        visitor.get(path).await.assert_problem(401, "token_required");
        stranger.get(path).await.assert_problem(403, "forbidden");
        assert_ne!(reader.get(path).await.status, 403);
    }
    reader.post(&format!("{letter}/replay"), Value::Null).await.assert_problem(403, "forbidden");
    reader.post(&format!("{letter}/drop"), json!({ "reason": "a test" })).await.assert_problem(403, "forbidden");
    assert!(office.log().await.is_empty());
    assert_eq!(reader.get(&letter).await.body["status"], "dead");
}

/// Announces of one order after the other; gives the orders.
async fn announced(office: &Office, orders: u128) -> Vec<Uuid> {
    let kit = office.sample.kit();
    let mut all = Vec::new();
    for number in 1..=orders {
        let order = Uuid::from_u128(number);
        let mut tx = kit.database.begin("test").await.unwrap();
        announce_in(kit, &mut tx, order.into()).await.unwrap();
        let _committed = tx.commit().await.unwrap();
        all.push(order);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_found_by_subject_journey_and_type_newest_first() {
    let office = Office::open().await;
    let orders = announced(&office, 5).await;
    let operator = office.operator();
    let query = "SELECT event_id FROM event_log ORDER BY position DESC";
    let newest: Vec<Uuid> = sqlx::query_scalar(query).fetch_all(office.sample.database.pool()).await.unwrap();
    assert_eq!(paged(&operator, "/orders/events?limit=2").await, newest);
    let kind = operator.get("/orders/events?limit=1").await.text_at("/items/0/type");
    assert_eq!(paged(&operator, &format!("/orders/events?type={kind}&limit=2")).await, newest);
    assert_eq!(paged(&operator, "/orders/events?type=nothing.happened&limit=2").await, Vec::<Uuid>::new());
    for (order, id) in orders.iter().zip(newest.iter().rev()) {
        for filter in [
            format!("subject={order}"),
            format!("journey={order}"),
            format!("subject={order}&journey={order}&type={kind}"),
        ] {
            assert_eq!(paged(&operator, &format!("/orders/events?{filter}&limit=2")).await, [*id], "{filter}");
        }
        let none = format!("/orders/events?subject={order}&journey={}&limit=2", Uuid::from_u128(99));
        assert_eq!(paged(&operator, &none).await, Vec::<Uuid>::new());
    }
    operator.get("/orders/events?subject=1001").await.assert_problem(400, "invalid_query");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_shown_whole() {
    let office = Office::open().await;
    announced(&office, 1).await;
    let operator = office.operator();
    let listed = operator.get("/orders/events").await.body["items"][0].clone();
    assert_eq!(listed.get("envelope"), None);
    let shown = operator.get(&format!("/orders/events/{}", listed["id"].as_str().unwrap())).await;
    let envelope: Value =
        sqlx::query_scalar("SELECT envelope FROM event_log").fetch_one(office.sample.database.pool()).await.unwrap();
    let mut expected = listed;
    expected["envelope"] = envelope;
    assert_eq!(shown.assert_status(200).body, expected);
    operator.get(&format!("/orders/events/{}", Uuid::from_u128(9))).await.assert_problem(404, "event_not_found");
}

/// Ten thousand are looked at for a page; what is older is found by going on.
#[tokio::test(flavor = "multi_thread")]
async fn a_rare_type_behind_very_many_others_is_found_page_by_page() {
    let office = Office::open().await;
    announced(&office, 1).await;
    let statement =
        "INSERT INTO event_log (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
         SELECT gen_random_uuid(), 'order.created', $1, n, gen_random_uuid(), now(), '{}' FROM generate_series(2, 10001) AS n";
    let subject = Uuid::from_u128(1);
    sqlx::query(statement).bind(subject).execute(office.sample.database.pool()).await.unwrap();
    let operator = office.operator();
    let kind: String = sqlx::query_scalar("SELECT type FROM event_log ORDER BY position LIMIT 1")
        .fetch_one(office.sample.database.pool())
        .await
        .unwrap();
    assert_ne!(kind, "order.created");
    for filter in [format!("type={kind}"), format!("type={kind}&subject={subject}")] {
        let first = operator.get(&format!("/orders/events?{filter}")).await.body.clone();
        assert_eq!((ids(&first).len(), first["next"].is_string()), (0, true), "{filter}");
        assert_eq!(paged(&operator, &format!("/orders/events?{filter}&limit=2")).await.len(), 1, "{filter}");
    }
}
