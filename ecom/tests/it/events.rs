//! `ecom events`: looking at events and having them handled after all.

use crate::support::{Shop, Way, key, order};
use contracts::{
    EventId, ProductId, ServiceName, VariantId,
    events::{EventData, order as of_order, payment::Completed, product::StockChanged},
};
use operate::events::{self, Filter, Follower, Outcome, Wanted};
use service_kit::{
    Cause, Clock,
    inbox::by_hand::{Replayed, Status},
};
use sqlx::AssertSqlSafe;
use test_kit::{Held, until};
use uuid::Uuid;

fn wanted(id: EventId, to: ServiceName) -> Wanted {
    Wanted { id: Some(id), filter: Filter::default(), to, again: false, dry_run: false, yes: false }
}

async fn paid_order(shop: &Shop) -> Uuid {
    shop.sell("MUG", 1250, 10).await;
    let id = order(&shop.customer(), &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    assert_eq!(shop.settled_order(&id).await["status"], "paid");
    shop.quiet().await;
    id.parse().unwrap()
}

async fn event_of(shop: &Shop, journey: Uuid, kind: &str) -> EventId {
    let filter = Filter { journey: Some(journey), kind: Some(kind.to_owned()), ..Filter::default() };
    let found = events::list(&shop.reach().await, &filter, 10, &Clock::system()).await.unwrap();
    assert_eq!(found.len(), 1, "{kind}");
    found[0].event.id
}

/// Where the event stands at a consumer.
async fn standing(shop: &Shop, id: EventId, at: ServiceName) -> Option<Status> {
    let shown = events::show(&shop.reach().await, id).await.unwrap();
    shown.consumers.into_iter().find(|consumer| consumer.service == at)?.row.map(|row| row.status)
}

async fn execute(shop: &Shop, service: ServiceName, statement: String) -> u64 {
    let query = sqlx::query(AssertSqlSafe(statement));
    query.execute(shop.databases[&service].pool()).await.unwrap().rows_affected()
}

/// The operator's log of a service: who, what, the note.
pub async fn operator_log(shop: &Shop, service: ServiceName) -> Vec<(String, String, String, String)> {
    let query = "SELECT operator, action, target, note FROM operator_log ORDER BY position";
    sqlx::query_as(query).fetch_all(shop.databases[&service].pool()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_listed_by_what_is_asked_and_shown_with_their_consumers() {
    let shop = Shop::open(Way::Local).await;
    let reach = shop.reach().await;
    let id = paid_order(&shop).await;
    let clock = Clock::system();
    let kinds = async |filter: Filter, limit: u32| {
        let listed = events::list(&reach, &filter, limit, &clock).await.unwrap();
        listed.into_iter().map(|logged| logged.event.kind).collect::<Vec<_>>()
    };
    let journey = Filter { journey: Some(id), ..Filter::default() };
    let told: Vec<_> = kinds(journey.clone(), 50).await;
    let told: Vec<_> = told.into_iter().filter(|kind| !kind.starts_with("notification.")).collect();
    assert_eq!(told, ["order.created", "payment.completed", "order.paid"]);
    let by_order = Filter { service: Some(ServiceName::Order), ..journey.clone() };
    assert_eq!(kinds(by_order.clone(), 50).await, ["order.created", "order.paid"]);
    assert_eq!(kinds(by_order, 1).await, ["order.paid"], "the newest are kept");
    assert_eq!(kinds(Filter { subject: Some(id), ..Filter::default() }, 50).await, ["order.created", "order.paid"]);
    let before = Filter { until: Some("1h".parse().unwrap()), ..journey.clone() };
    assert_eq!(kinds(before, 50).await, [""; 0]);
    let since = Filter { since: Some("1h".parse().unwrap()), kind: Some("order.paid".to_owned()), ..journey };
    assert_eq!(kinds(since, 50).await, ["order.paid"]);

    let shown = events::show(&reach, event_of(&shop, id, "order.paid").await).await.unwrap();
    assert_eq!((shown.logged.announcer, shown.unconfirmed), (ServiceName::Order, false));
    let consumers: Vec<_> = shown.consumers.iter().map(|consumer| (consumer.service, consumer.subscribes)).collect();
    assert_eq!(consumers, [(ServiceName::Product, true), (ServiceName::Notify, true)]);
    assert!(shown.consumers.iter().all(|consumer| consumer.row.as_ref().unwrap().status == Status::Done));
    let unknown = events::show(&reach, Uuid::nil().into()).await.unwrap_err().to_string();
    assert!(unknown.contains("no service announced an event 00000000"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handled_event_is_left_alone_and_nothing_is_written_down() {
    let shop = Shop::open(Way::Local).await;
    let reach = shop.reach().await;
    let id = paid_order(&shop).await;
    let completed = event_of(&shop, id, Completed::TYPE).await;
    let replayed =
        events::replay(&reach, &Clock::system(), "ada", &wanted(completed, ServiceName::Order)).await.unwrap();
    let kind = Completed::TYPE.to_owned();
    assert_eq!(replayed, [Outcome { id: completed, kind, result: Replayed::DoneBefore }]);
    assert_eq!(standing(&shop, completed, ServiceName::Order).await, Some(Status::Done));
    assert_eq!(operator_log(&shop, ServiceName::Order).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_never_arrived_is_handled_by_a_replay_once() {
    for way in [Way::Local, Way::Rabbit] {
        let shop = Shop::open(way).await;
        let (reach, clock) = (shop.reach().await, Clock::system());
        let id = paid_order(&shop).await;
        let paid = event_of(&shop, id, of_order::Paid::TYPE).await;
        // As if the broker had lost it on its way to notify-service.
        execute(&shop, ServiceName::Notify, format!("DELETE FROM inbox WHERE event_id = '{paid}'")).await;
        let of_it = format!("(SELECT id FROM messages WHERE event_id = '{paid}')");
        execute(&shop, ServiceName::Notify, format!("DELETE FROM deliveries WHERE message_id IN {of_it}")).await;
        execute(&shop, ServiceName::Notify, format!("DELETE FROM messages WHERE event_id = '{paid}'")).await;
        assert_eq!(standing(&shop, paid, ServiceName::Notify).await, None);

        let dry = Wanted { dry_run: true, ..wanted(paid, ServiceName::Notify) };
        assert_eq!(events::replay(&reach, &clock, "ada", &dry).await.unwrap()[0].result, Replayed::Added);
        assert_eq!(standing(&shop, paid, ServiceName::Notify).await, None, "a dry run changes nothing");

        // By time: everything of the last hour that notify-service reacts to. What it has is left alone.
        let filter = Filter { since: Some("1h".parse().unwrap()), journey: Some(id), ..Filter::default() };
        let wanted = Wanted { id: None, filter, ..wanted(paid, ServiceName::Notify) };
        let replayed = events::replay(&reach, &clock, "ada", &wanted).await.unwrap();
        let results: Vec<_> = replayed.iter().map(|outcome| (outcome.kind.as_str(), outcome.result)).collect();
        assert_eq!(results, [("order.created", Replayed::DoneBefore), ("order.paid", Replayed::Added)], "{way:?}");
        until("the event to be done", || async {
            (standing(&shop, paid, ServiceName::Notify).await == Some(Status::Done)).then_some(())
        })
        .await;
        let told = format!("SELECT event_id FROM messages WHERE event_id = '{paid}'");
        assert_eq!(execute(&shop, ServiceName::Notify, told).await, 1);
        let note = "order.paid: had not arrived; it is acted on now".to_owned();
        let line = ("ada".to_owned(), "replayed".to_owned(), paid.to_string(), note);
        assert_eq!(operator_log(&shop, ServiceName::Notify).await, [line]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn again_is_refused_where_money_or_stock_moves() {
    let shop = Shop::open(Way::Local).await;
    let (reach, clock) = (shop.reach().await, Clock::system());
    let id = paid_order(&shop).await;
    for (kind, to) in [
        (of_order::Created::TYPE, ServiceName::Payment),
        (of_order::Paid::TYPE, ServiceName::Product),
        (Completed::TYPE, ServiceName::Order),
    ] {
        let event = event_of(&shop, id, kind).await;
        let one = Wanted { again: true, ..wanted(event, to) };
        let filter = Filter { journey: Some(id), ..Filter::default() };
        let many = Wanted { id: None, filter, ..one.clone() };
        for wanted in [one, many] {
            let refused = events::replay(&reach, &clock, "ada", &wanted).await.unwrap_err().to_string();
            assert!(refused.contains("moves money or stock"), "{refused}");
        }
        assert_eq!(standing(&shop, event, to).await, Some(Status::Done));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn again_at_notify_acts_again_and_tells_nobody_twice() {
    let shop = Shop::open(Way::Local).await;
    let (reach, clock) = (shop.reach().await, Clock::system());
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let id = order(&ada, &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    shop.mail("ada@example.com", "confirmed").await;
    shop.quiet().await;
    let before = shop.mails("ada@example.com").await;

    let paid = event_of(&shop, id.parse().unwrap(), of_order::Paid::TYPE).await;
    let again = Wanted { again: true, ..wanted(paid, ServiceName::Notify) };
    assert_eq!(events::replay(&reach, &clock, "ada", &again).await.unwrap()[0].result, Replayed::ClaimCleared);
    // The reaction acts, meets the message it stored the first time (one per event and template), and is done.
    until("the event to be done again", || async {
        (standing(&shop, paid, ServiceName::Notify).await == Some(Status::Done)).then_some(())
    })
    .await;
    let open = "SELECT count(*) FROM deliveries WHERE status <> 'sent'";
    assert_eq!(shop.databases[&ServiceName::Notify].count(open).await, 0);
    assert_eq!(shop.mails("ada@example.com").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_without_sense_is_refused_with_what_to_do() {
    let shop = Shop::open(Way::Local).await;
    shop.leaves_queued("a hundred of the events in its log were never announced");
    let (reach, clock) = (shop.reach().await, Clock::system());
    let id = paid_order(&shop).await;
    let paid = event_of(&shop, id, of_order::Paid::TYPE).await;
    let refused = async |wanted: Wanted| events::replay(&reach, &clock, "ada", &wanted).await.unwrap_err().to_string();
    assert_eq!(
        refused(wanted(paid, ServiceName::Payment)).await,
        "payment-service does not react to order.paid: give --to product-service or notify-service"
    );
    let nothing = Wanted { id: None, ..wanted(paid, ServiceName::Order) };
    assert!(refused(nothing.clone()).await.starts_with("say which events"));
    let subject = Filter { subject: Some(id), ..Filter::default() };
    let none = refused(Wanted { filter: subject, ..nothing.clone() }).await;
    assert!(none.contains("none of those events is one that order-service reacts to"), "{none}");

    let copies = "INSERT INTO event_log
                      (event_id, type, subject, sequence, correlation_id, announced_at, envelope)
                  SELECT gen_random_uuid(), type, gen_random_uuid(), 1, correlation_id, announced_at, envelope
                  FROM event_log, generate_series(1, 100) WHERE type = 'order.paid'";
    execute(&shop, ServiceName::Order, copies.to_owned()).await;
    let journey = Filter { journey: Some(id), kind: Some("order.paid".to_owned()), ..Filter::default() };
    let many = Wanted { filter: journey, to: ServiceName::Product, ..nothing };
    let refused = refused(many.clone()).await;
    assert_eq!(refused, "these are 101 events, more than 100: look at them with --dry-run, then give --yes");
    assert_eq!(events::replay(&reach, &clock, "ada", &Wanted { yes: true, ..many }).await.unwrap().len(), 101);
}

fn stock_changed(available: i64) -> StockChanged {
    let clock = Clock::system();
    let (variant_id, product_id): (VariantId, ProductId) = (clock.new_id(), clock.new_id());
    StockChanged { variant_id, product_id, sku: "MUG".to_owned(), available }
}

#[tokio::test(flavor = "multi_thread")]
async fn following_loses_no_event_whose_transaction_commits_late() {
    let shop = Shop::open(Way::Local).await;
    let reach = shop.reach().await;
    let kit = &shop.kits[&ServiceName::Product];
    // Open before we come: its position is below the end of the log.
    let mut early = kit.database.begin("a_test").await.unwrap();
    let first = kit.announce(&mut early, &Cause::current(), 1, stock_changed(1)).unwrap();
    let early = Held::commit(&shop.databases[&ServiceName::Product], early).await;
    let mut between = kit.database.begin("a_test").await.unwrap();
    kit.announce(&mut between, &Cause::current(), 1, stock_changed(2)).unwrap();
    let _ = between.commit().await.unwrap();
    let mut follower = Follower::start(&reach, &Filter::default()).await.unwrap();
    // Open while we look, and overtaken by another.
    let mut late = kit.database.begin("a_test").await.unwrap();
    let second = kit.announce(&mut late, &Cause::current(), 1, stock_changed(3)).unwrap();
    let late = Held::commit(&shop.databases[&ServiceName::Product], late).await;
    let mut fast = kit.database.begin("a_test").await.unwrap();
    let third = kit.announce(&mut fast, &Cause::current(), 1, stock_changed(4)).unwrap();
    let _ = fast.commit().await.unwrap();

    let mut seen = async || {
        let new = follower.look(&reach).await.unwrap();
        new.into_iter().map(|logged| logged.event.id).collect::<Vec<_>>()
    };
    assert_eq!(seen().await, [third]);
    late.finish().await;
    assert_eq!(seen().await, [second]);
    early.finish().await;
    assert_eq!(seen().await, [first]);
    assert_eq!(seen().await, []);
}

#[test]
fn the_program_tells_its_operators_what_it_can_do() {
    let help = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ecom")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let all = help(&["--help"]);
    for command in ["events", "dead-letters", "timeline"] {
        assert!(all.contains(&format!("  {command} ")), "{all}");
    }
    let events = help(&["events", "--help"]);
    assert!(["list", "show", "follow", "replay"].iter().all(|command| events.contains(command)), "{events}");
    let letters = help(&["dead-letters", "--help"]);
    assert!(["list", "show", "replay", "drop"].iter().all(|command| letters.contains(command)), "{letters}");
    assert!(help(&["timeline", "--help"]).contains("--json"));
}
