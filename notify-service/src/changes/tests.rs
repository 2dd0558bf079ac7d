//! Changes of slices longer than one, over a real database: as the doors will gather them.

mod plans;

use super::{
    judge::{Attempted, judge},
    read,
};
use crate::{
    app,
    config::Config,
    domain::{Setback, Verdict},
    error::Error,
    jobs::mark::mark,
    reactions::order_paid,
    state::App,
    store::{
        MIGRATIONS,
        deliveries::{self, Due},
        messages::Message,
    },
};
use contracts::{
    AccountId, Currency, Event, EventId, MessageId, Money, RawEvent, ServiceName,
    events::{
        notification::{Failed, Sent},
        order::Paid,
    },
};
use service_kit::{Bus, Clock, Env, bus::LocalBus, trace::Context};
use tempfile::TempDir;
use test_kit::TestDatabase;
use time::Duration;
use uuid::Uuid;

/// A service that nobody runs: what it does is done by hand.
struct Still {
    app: App,
    database: TestDatabase,
    _folder: TempDir,
}

impl Still {
    /// What is told waits to be claimed.
    async fn open() -> Self {
        let still = Self::with_a_sender().await;
        still.app.outgoing.close();
        still
    }

    /// What is told is held for a sender, who never comes.
    async fn with_a_sender() -> Self {
        let (database, folder) =
            (TestDatabase::new(ServiceName::Notify, &MIGRATIONS).await, tempfile::tempdir().unwrap());
        let env = Env::of([("MAIL_FOLDER", folder.path().to_str().unwrap())]);
        let config = Config::read(test_kit::settings(ServiceName::Notify, &database, &[]), &env).unwrap();
        let clock = Clock::manual(Clock::system().now());
        let app = app::open(config, Bus::Local(LocalBus::new()), clock).await.unwrap();
        Self { app, database, _folder: folder }
    }

    /// Tells of paid orders, each a customer's own, by one reaction.
    async fn told(customers: u128) -> Self {
        let still = Self::open().await;
        still.react((1..=customers).map(|number| paid(number, number)).collect()).await;
        still
    }

    async fn react(&self, events: Vec<Event<Paid>>) {
        let tx = self.app.kit.database.begin("test").await.unwrap();
        let _committed = order_paid::react(self.app.clone(), tx, events).await.unwrap();
    }

    async fn due(&self) -> Vec<Due> {
        let now = self.app.kit.clock.now();
        let mut connection = self.database.pool().acquire().await.unwrap();
        let mut due = deliveries::take_due(&mut connection, now, now + Duration::minutes(1), &[], 8).await.unwrap();
        due.sort_by_key(|mail| mail.id);
        due
    }

    async fn run(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(self.database.pool()).await.unwrap();
    }

    /// Status, attempts, last error and whether it waits, in the order of the ids.
    async fn deliveries(&self) -> Vec<(String, i32, Option<String>, bool)> {
        let query = "SELECT status, attempts, last_error, next_at IS NOT NULL FROM deliveries ORDER BY id";
        sqlx::query_as(query).fetch_all(self.database.pool()).await.unwrap()
    }

    async fn announced(&self) -> Vec<RawEvent> {
        let query = "SELECT envelope FROM event_log ORDER BY position";
        let rows: Vec<serde_json::Value> = sqlx::query_scalar(query).fetch_all(self.database.pool()).await.unwrap();
        rows.into_iter().map(|json| RawEvent::from_json(json).unwrap()).collect()
    }

    async fn message_ids(&self) -> Vec<MessageId> {
        let ids: Vec<Uuid> =
            sqlx::query_scalar("SELECT id FROM messages ORDER BY id").fetch_all(self.database.pool()).await.unwrap();
        ids.into_iter().map(MessageId::from).collect()
    }

    async fn mark_read(&self, owned: &[(AccountId, MessageId)]) -> Vec<Result<Message, Error>> {
        let mut tx = self.app.kit.database.begin("test").await.unwrap();
        let marked = read::mark(&self.app, &mut tx, owned).await.unwrap();
        let _committed = tx.commit().await.unwrap();
        marked
    }

    async fn mark_all_read(&self, owners: &[AccountId]) -> Vec<i64> {
        let mut tx = self.app.kit.database.begin("test").await.unwrap();
        let marked = read::mark_all(&self.app, &mut tx, owners).await.unwrap();
        let _committed = tx.commit().await.unwrap();
        marked
    }
}

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

fn paid(number: u128, customer: u128) -> Event<Paid> {
    let total = Money::new(3238, Currency::EUR);
    let data = Paid { order_id: id(number), customer_id: id(customer), number: 1001, checkout_id: id(7), total };
    let event = RawEvent { id: EventId::from(Uuid::from_u128(100 + number)), ..test_kit::event(1, data) };
    Event { traceparent: Some(Context::continuing(None).traceparent), ..event.decode().unwrap() }
}

fn attempted(mail: &Due, outcome: Result<(), Setback>) -> Attempted {
    let mut context = Context::continuing(mail.traceparent.as_deref());
    context.correlation_id = Some(mail.correlation_id);
    context.causation_id = Some(mail.event_id.into());
    Attempted { mail: mail.clone(), outcome, context }
}

fn passing() -> Result<(), Setback> {
    Err(Setback::Passing("the mail server did not answer in time".to_owned()))
}

fn lasting() -> Result<(), Setback> {
    Err(Setback::Lasting("user-service answered account_not_found".to_owned()))
}

#[tokio::test]
async fn many_events_are_told_together_each_once_and_on_its_own_journey() {
    let still = Still::open().await;
    still.react(vec![paid(1, 1)]).await;
    let events = vec![paid(3, 2), paid(1, 1), paid(2, 1), paid(3, 2)];
    let expected: Vec<_> = [&events[2], &events[0]]
        .map(|event| (event.id.uuid(), event.data.customer_id.uuid(), event.correlation_id, event.traceparent.clone()))
        .into();
    still.react(events).await;
    let query = "SELECT event_id, account_id, correlation_id, traceparent FROM messages
                 WHERE event_id <> '00000000-0000-0000-0000-000000000065' ORDER BY event_id";
    let told: Vec<(Uuid, Uuid, Uuid, Option<String>)> =
        sqlx::query_as(query).fetch_all(still.database.pool()).await.unwrap();
    assert_eq!(told, expected);
    let query = "SELECT count(*) FROM deliveries JOIN messages ON messages.id = message_id
                 WHERE status = 'waiting' AND message_id_header = '<' || event_id || '.order_paid@localhost>'
                   AND deliveries.account_id = messages.account_id AND next_at = messages.created_at";
    assert_eq!(still.database.count(query).await, 3);
}

#[tokio::test]
async fn what_is_rolled_back_is_handed_to_nobody() {
    let still = Still::with_a_sender().await;
    still
        .run(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'dead'; END $$;
             CREATE CONSTRAINT TRIGGER die AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION die()",
        )
        .await;
    let tx = still.app.kit.database.begin("test").await.unwrap();
    order_paid::react(still.app.clone(), tx, vec![paid(1, 1)]).await.unwrap_err();
    assert!(still.app.outgoing.ids().is_empty());
    still.run("DROP TRIGGER die ON messages").await;
    still.react(vec![paid(1, 1), paid(2, 2)]).await;
    assert_eq!(still.deliveries().await, vec![("sending".to_owned(), 1, None, true); 2]);
    assert_eq!(still.app.outgoing.ids().len(), 2);
}

#[tokio::test]
async fn of_three_mails_one_is_sent_one_set_back_and_one_given_up() {
    let still = Still::told(3).await;
    still
        .run(
            "CREATE TABLE statements (of text);
             GRANT ALL ON statements TO PUBLIC;
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN INSERT INTO statements VALUES (TG_TABLE_NAME); RETURN NULL; END $$;
             CREATE TRIGGER note AFTER UPDATE ON messages EXECUTE FUNCTION note();",
        )
        .await;
    let due = still.due().await;
    still.run("CREATE TRIGGER note AFTER UPDATE ON deliveries EXECUTE FUNCTION note();").await;
    let attempts = due.iter().zip([lasting(), Ok(()), passing()]).map(|(mail, outcome)| attempted(mail, outcome));
    let attempts: Vec<_> = attempts.collect();
    mark(&still.app, &attempts).await.unwrap();

    let reason = |text: &str| Some(text.to_owned());
    let expected = [
        ("failed".to_owned(), 1, reason("user-service answered account_not_found"), false),
        ("sent".to_owned(), 1, None, false),
        ("waiting".to_owned(), 1, reason("the mail server did not answer in time"), true),
    ];
    assert_eq!(still.deliveries().await, expected);
    let [failed, sent] = still.announced().await.try_into().unwrap();
    for (event, mail) in [(&failed, &due[0]), (&sent, &due[1])] {
        assert_eq!((event.subject, event.sequence), (mail.message_id, 1));
        assert_eq!((event.correlation_id, event.causation_id), (mail.correlation_id, Some(mail.event_id.into())));
        let trace = |text: &Option<String>| text.as_deref().unwrap()[3..35].to_owned();
        assert_eq!(trace(&event.traceparent), trace(&mail.traceparent), "each is on its own journey");
    }
    assert_eq!(failed.decode::<Failed>().unwrap().data.account_id.uuid(), due[0].account_id);
    assert_eq!(sent.decode::<Sent>().unwrap().data.account_id.uuid(), due[1].account_id);
    // However many there are: one statement for those that were sent, one for the others, one for the numbers of those that
    // were given up.
    let query = "SELECT count(*) FILTER (WHERE of = 'deliveries') * 10 + count(*) FILTER (WHERE of = 'messages') FROM statements";
    assert_eq!(still.database.count(query).await, 21);
}

#[tokio::test]
async fn a_slice_that_cannot_be_marked_stays_as_it_is_and_is_marked_once() {
    let still = Still::told(3).await;
    let due = still.due().await;
    let sent: Vec<_> = due.iter().map(|mail| attempted(mail, Ok(()))).collect();
    still
        .run(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'dead'; END $$;
             CREATE TRIGGER die BEFORE INSERT ON event_log EXECUTE FUNCTION die()",
        )
        .await;
    mark(&still.app, &sent).await.unwrap_err();
    let untouched = vec![("sending".to_owned(), 1, None, true); 3];
    assert_eq!(still.deliveries().await, untouched);
    still.run("DROP TRIGGER die ON event_log").await;
    // Two that took them in turn have both sent them.
    mark(&still.app, &sent).await.unwrap();
    mark(&still.app, &sent).await.unwrap();
    assert_eq!(still.deliveries().await, vec![("sent".to_owned(), 1, None, false); 3]);
    let announced = still.announced().await;
    assert_eq!(announced.iter().map(|event| event.subject).collect::<Vec<_>>(), due_messages(&due));
}

fn due_messages(due: &[Due]) -> Vec<Uuid> {
    due.iter().map(|mail| mail.message_id).collect()
}

#[tokio::test]
async fn what_another_attempt_has_by_now_is_neither_set_back_nor_given_up() {
    let still = Still::told(3).await;
    let due = still.due().await;
    still.run("UPDATE deliveries SET attempts = 2").await;
    let attempts = due.iter().zip([passing(), lasting(), Ok(())]).map(|(mail, outcome)| attempted(mail, outcome));
    let attempts: Vec<_> = attempts.collect();
    let mut tx = still.app.kit.database.begin("test").await.unwrap();
    let judged = judge(&still.app, &mut tx, &attempts).await.unwrap();
    let _committed = tx.commit().await.unwrap();
    let verdicts: Vec<_> = judged.into_iter().map(|(attempt, verdict)| (attempt.mail.id, verdict)).collect();
    let Err(Setback::Passing(reason)) = passing() else { unreachable!() };
    // The one that was sent, was sent.
    assert_eq!(verdicts, [(due[0].id, Verdict::PutOff(reason)), (due[2].id, Verdict::Sent)]);
    let sending = ("sending".to_owned(), 2, None, true);
    assert_eq!(still.deliveries().await, [sending.clone(), sending, ("sent".to_owned(), 2, None, false)]);
    let announced = still.announced().await;
    assert_eq!(announced.iter().map(|event| event.subject).collect::<Vec<_>>(), [due[2].message_id]);
}

#[tokio::test]
async fn of_two_attempts_in_one_slice_the_one_that_has_the_mail_sets_it_back() {
    let still = Still::told(1).await;
    let mail = still.due().await.remove(0);
    still.run("UPDATE deliveries SET attempts = 2").await;
    let (first, second) = (attempted(&mail, passing()), attempted(&Due { attempts: 2, ..mail }, passing()));
    mark(&still.app, &[first, second]).await.unwrap();
    let reason = Some("the mail server did not answer in time".to_owned());
    assert_eq!(still.deliveries().await, [("waiting".to_owned(), 2, reason, true)]);
}

#[tokio::test]
async fn many_are_read_together_and_nobody_reads_a_strangers() {
    let still = Still::told(3).await;
    let [first, second, third] = still.message_ids().await.try_into().unwrap();
    let before = still.app.kit.clock.now();
    let marked = still.mark_read(&[(id(2), second), (id(1), third)]).await;
    assert_eq!(marked[0].as_ref().unwrap().read_at, Some(before));
    assert!(matches!(marked[1], Err(Error::NoSuchNotification)));
    still.app.kit.clock.advance(Duration::minutes(1));
    let owned = [(id(3), third), (id(1), second), (id(2), second), (id(3), third), (id(1), first)];
    let marked = still.mark_read(&owned).await;
    let seen: Vec<_> =
        marked.iter().map(|one| one.as_ref().ok().map(|message| (message.id, message.read_at))).collect();
    let (second, third, first) = (second.uuid(), third.uuid(), first.uuid());
    let now = Some(still.app.kit.clock.now());
    let expected = [Some((third, now)), None, Some((second, Some(before))), Some((third, now)), Some((first, now))];
    assert_eq!(seen, expected);
    assert!(matches!(marked[1], Err(Error::NoSuchNotification)));
}

#[tokio::test]
async fn all_of_many_owners_are_read_together_and_counted_apart() {
    let still = Still::open().await;
    still.react(vec![paid(1, 1), paid(2, 2), paid(3, 1), paid(4, 3)]).await;
    // Whoever asks twice had none left; who has none is told so; others' stay unread.
    assert_eq!(still.mark_all_read(&[id(1), id(9), id(2), id(1)]).await, [2, 0, 1, 0]);
    assert_eq!(still.database.count("SELECT count(*) FROM messages WHERE read_at IS NULL").await, 1);
    assert_eq!(still.mark_all_read(&[id(1), id(3)]).await, [0, 1]);
}
