//! Slices longer than one, which no door makes yet: what each of many is told, and what is in the tables afterwards.

use crate::{
    MIGRATIONS, SeedProduct,
    changes::{
        adjust_stock,
        change_product::{self, What},
        create_product,
        follow::{Followed, Heard, follow},
    },
    domain::{
        Adjustment, Checkout, Description, Edit, Fact, NewProduct, ProductName, Reason, ReserveLines, Sku, Slug, Status,
    },
    error::Error,
    http::{adjust_stock::adjust, changing, create_product::create, reserve::hold},
    seed,
    state::App,
    stock_watch::Watched,
    store::catalogue,
};
use contracts::{
    Currency, Money, ProductId, ServiceName,
    api::product::{Reservation, ReserveLine},
};
use service_kit::{
    Bus, By, Cause, ClientAddress, Clock, Fault, Kit, KitError,
    auth::Actor,
    idempotency::{IdempotencyKey, Keyed, Work},
    if_match::IfMatch,
};
use std::time::Duration;
use test_kit::{TestDatabase, settings, until};
use tokio::task::JoinSet;
use uuid::Uuid;

struct Shop {
    database: TestDatabase,
    app: App,
}

impl Shop {
    /// With so many pieces of each, for 10.00 EUR.
    async fn with(pieces: &[(&str, i64)]) -> Self {
        let database = TestDatabase::new(ServiceName::Product, &MIGRATIONS).await;
        let settings = settings(ServiceName::Product, &database, &[]);
        let kit = Kit::open(settings, &MIGRATIONS, Bus::Elsewhere, Clock::system()).await.unwrap();
        let sample = |&(sku, stock): &(&str, i64)| SeedProduct {
            sku: sku.to_owned(),
            name: format!("Thing {sku}"),
            description: String::new(),
            category: "things".to_owned(),
            category_name: "Things".to_owned(),
            price: 1000,
            stock,
            picture: r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#.to_owned(),
        };
        seed(&kit, pieces.iter().map(sample).collect()).await.unwrap();
        let app = App::new(kit, Duration::from_secs(900), None);
        assert_eq!(app.stock_watch.take(), Watched::Everything);
        Self { database, app }
    }

    /// On hand and reserved.
    async fn level(&self, sku: &str) -> (i64, i64) {
        let query = "SELECT on_hand, reserved FROM stock JOIN variants ON variants.id = variant_id WHERE sku = $1";
        sqlx::query_as(query).bind(sku).fetch_one(self.database.pool()).await.unwrap()
    }

    async fn product(&self, sku: &str) -> ProductId {
        let (mut connection, sku) = (self.database.pool().acquire().await.unwrap(), Sku::parse(sku).unwrap());
        catalogue::find_by_sku(&mut connection, &sku).await.unwrap().unwrap().id
    }

    async fn count(&self, query: &'static str) -> i64 {
        self.database.count(query).await
    }

    async fn hear(&self, heard: &[Heard]) -> Result<Followed, Error> {
        let mut tx = self.app.kit.database.begin("a_test").await?;
        let followed = follow(&mut tx, heard, self.app.kit.clock.now()).await?;
        let _committed = tx.commit().await?;
        Ok(followed)
    }

    /// On hand is the sum of the movements; reserved that of the held and committed reservations.
    async fn assert_books_balance(&self) {
        let wrong = "SELECT count(*) FROM stock
             WHERE on_hand <> (SELECT coalesce(sum(quantity), 0) FROM stock_movements AS movement
                               WHERE movement.variant_id = stock.variant_id)
                OR reserved <> (SELECT coalesce(sum(quantity), 0) FROM reservation_lines AS line
                                JOIN reservations USING (checkout_id)
                                WHERE line.variant_id = stock.variant_id AND status IN ('held', 'committed'))";
        assert_eq!(self.count(wrong).await, 0, "stock that its movements and reservations do not explain");
    }
}

fn checkout(lines: &[(&str, i64)]) -> Checkout {
    let line = |&(sku, count): &(&str, i64)| ReserveLine { sku: sku.to_owned(), quantity: count.try_into().unwrap() };
    let lines = ReserveLines::parse(&lines.iter().map(line).collect::<Vec<_>>()).unwrap();
    let (checkout_id, order_id) = (Uuid::new_v4().into(), Uuid::new_v4().into());
    Checkout { checkout_id, order_id, lines, prices: Default::default() }
}

fn heard(checkout: &Checkout, fact: Fact) -> Heard {
    Heard { checkout_id: checkout.checkout_id, order_id: checkout.order_id, fact }
}

/// The codes of the refused, `ok` for the others.
fn codes<A>(answers: &[Result<A, Error>]) -> Vec<&'static str> {
    answers.iter().map(|answer| answer.as_ref().map_or_else(Fault::code, |_| "ok")).collect()
}

fn key(text: &str, request: i64) -> Option<Keyed> {
    Some(Keyed::new(Uuid::nil(), "a_test", IdempotencyKey::parse(text).unwrap(), &request).unwrap())
}

#[tokio::test]
async fn of_three_who_want_the_last_piece_one_gets_it_and_the_others_are_told() {
    let shop = Shop::with(&[("A", 1)]).await;
    let checkouts: Vec<Checkout> = (0..3).map(|_| checkout(&[("A", 1)])).collect();
    let answers = hold(&shop.app, checkouts.clone()).await;
    assert_eq!(codes(&answers), ["ok", "out_of_stock", "out_of_stock"]);
    for refused in &answers[1..] {
        let Err(Error::OutOfStock(short)) = refused else { panic!("{refused:?}") };
        assert_eq!(short.iter().map(|short| (short.requested, short.available)).collect::<Vec<_>>(), [(1, 0)]);
    }
    assert_eq!(shop.level("A").await, (1, 1));
    // The refusals are stored as well: each repeat hears the same.
    let repeats = hold(&shop.app, checkouts).await;
    assert_eq!(codes(&repeats), codes(&answers));
    assert_eq!(repeats[0].as_ref().unwrap(), answers[0].as_ref().unwrap());
    shop.assert_books_balance().await;
}

#[tokio::test]
async fn a_refused_checkout_takes_nothing_of_its_other_skus() {
    let shop = Shop::with(&[("A", 2), ("B", 0), ("C", 1)]).await;
    let checkouts = vec![
        checkout(&[("A", 2), ("B", 1), ("C", 1)]),
        checkout(&[("A", 2), ("C", 1)]),
        checkout(&[("NOPE", 1), ("A", 1)]),
    ];
    let answers = hold(&shop.app, checkouts).await;
    assert_eq!(codes(&answers), ["out_of_stock", "ok", "sku_not_sold"]);
    assert_eq!((shop.level("A").await, shop.level("B").await, shop.level("C").await), ((2, 2), (0, 0), (1, 1)));
    assert_eq!(shop.count("SELECT count(*) FROM reservations").await, 2);
    shop.assert_books_balance().await;
}

#[tokio::test]
async fn a_checkout_that_comes_twice_is_decided_once_and_answered_twice() {
    let shop = Shop::with(&[("A", 3)]).await;
    let first = checkout(&[("A", 2)]);
    // Each try would make an order of its own.
    let again = Checkout { order_id: Uuid::new_v4().into(), ..first.clone() };
    let other_lines = Checkout { lines: checkout(&[("A", 1)]).lines, ..first.clone() };
    let answers = hold(&shop.app, vec![first.clone(), again, other_lines, checkout(&[("A", 1)])]).await;
    assert_eq!(codes(&answers), ["ok", "ok", "checkout_reused", "ok"]);
    let told: Vec<&Reservation> = answers.iter().flatten().collect();
    assert_eq!((told[0], told[1].order_id), (told[1], first.order_id));
    assert_eq!(shop.level("A").await, (3, 3));
    shop.assert_books_balance().await;
}

/// Its piece is left to whoever comes next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkout_that_somebody_else_decides_meanwhile_is_answered_with_that() {
    let shop = Shop::with(&[("A", 1)]).await;
    let (contested, next) = (checkout(&[("A", 1)]), checkout(&[("A", 1)]));
    // A cancellation that came first leaves its tombstone, and has not committed yet.
    let mut burying = shop.database.pool().begin().await.unwrap();
    let tombstone = "INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, created_at, changed_at,
                         expires_at, look_at, version)
                     VALUES ($1, $2, 'released', '{}', '{}', now(), now(), now(), now(), 1)";
    let tombstone = sqlx::query(tombstone).bind(contested.checkout_id.uuid()).bind(contested.order_id.uuid());
    tombstone.execute(&mut *burying).await.unwrap();
    let release = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until("the slice to meet the tombstone", || async { (shop.count(waiting).await == 1).then_some(()) }).await;
        burying.commit().await.unwrap();
    };
    let (answers, ()) = tokio::join!(hold(&shop.app, vec![contested, next]), release);
    assert_eq!(codes(&answers), ["reservation_ended", "ok"]);
    assert_eq!(shop.level("A").await, (1, 1));
    shop.assert_books_balance().await;
}

#[tokio::test]
async fn fifty_buyers_in_one_slice_get_ten_pieces() {
    let shop = Shop::with(&[("A", 10), ("B", 10)]).await;
    let checkouts: Vec<Checkout> = (0..50).map(|_| checkout(&[("A", 1), ("B", 1)])).collect();
    let answers = codes(&hold(&shop.app, checkouts).await);
    let expected: Vec<&str> = (0..50).map(|place| if place < 10 { "ok" } else { "out_of_stock" }).collect();
    assert_eq!(answers, expected);
    assert_eq!((shop.level("A").await, shop.level("B").await), ((10, 10), (10, 10)));
    shop.assert_books_balance().await;
}

/// Slices that share products and checkouts, in every order: none waits for another in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_buyers_in_slices_at_the_same_moment_get_ten_pieces() {
    let skus: Vec<String> = (0..6).map(|number| format!("S{number}")).collect();
    let stock: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 10)).collect();
    let shop = Shop::with(&stock).await;
    let one_of_each: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let checkouts: Vec<Checkout> = (0..50).map(|_| checkout(&one_of_each)).collect();
    let mut doors = JoinSet::new();
    for (number, slice) in checkouts.chunks(5).chain(checkouts.chunks(10)).enumerate() {
        let (app, mut slice) = (shop.app.clone(), slice.to_vec());
        if number % 2 == 1 {
            slice.reverse();
        }
        doors.spawn(async move {
            let answers = hold(&app, slice.clone()).await;
            slice.into_iter().map(|checkout| checkout.checkout_id).zip(codes(&answers)).collect::<Vec<_>>()
        });
    }
    let mut answers: Vec<_> = doors.join_all().await.into_iter().flatten().collect();
    // Whoever asked twice was told the same.
    answers.sort();
    answers.dedup();
    let held = answers.iter().filter(|(_, code)| *code == "ok").count();
    assert_eq!((answers.len(), held), (50, 10), "{answers:?}");
    for sku in &skus {
        assert_eq!(shop.level(sku).await, (10, 10), "{sku}");
    }
    shop.assert_books_balance().await;
}

#[tokio::test]
async fn many_orders_end_in_one_slice_each_with_its_own_reservation() {
    let shop = Shop::with(&[("A", 10), ("B", 10)]).await;
    let checkouts: Vec<Checkout> = (0..4).map(|_| checkout(&[("A", 1), ("B", 2)])).collect();
    assert_eq!(codes(&hold(&shop.app, checkouts.clone()).await), ["ok"; 4]);
    let unknown = checkout(&[("A", 1)]);
    let [one, two, three, four] = &checkouts[..] else { panic!() };
    let paid = [one, two, one].map(|checkout| heard(checkout, Fact::Paid));
    assert_eq!(shop.hear(&paid).await.unwrap().changes.len(), 2);
    // One that is not known leaves a tombstone; what comes twice gives back once.
    let cancelled = [three, &unknown, one, three, &unknown].map(|checkout| heard(checkout, Fact::Cancelled));
    let followed = shop.hear(&cancelled).await.unwrap();
    assert_eq!((followed.changes.len(), followed.available_again.len()), (3, 4));
    assert_eq!((shop.level("A").await, shop.level("B").await), ((10, 2), (10, 4)));
    let fulfilled = [four, two, four].map(|checkout| heard(checkout, Fact::Fulfilled));
    assert_eq!(shop.hear(&fulfilled).await.unwrap().changes.len(), 2);
    assert_eq!((shop.level("A").await, shop.level("B").await), ((8, 0), (6, 0)));
    assert_eq!(shop.count("SELECT count(*) FROM stock_movements WHERE kind = 'shipped'").await, 4);
    // One that comes too early fails all of its slice, which is then tried one by one.
    let early = [heard(one, Fact::Paid), heard(&checkout(&[("A", 1)]), Fact::Paid)];
    assert_eq!(shop.hear(&early).await.unwrap_err().code(), "early");
    let ended = hold(&shop.app, vec![unknown]).await;
    assert_eq!(codes(&ended), ["reservation_ended"]);
    shop.assert_books_balance().await;
}

#[tokio::test]
async fn adjustments_of_one_slice_build_on_each_other_and_those_with_a_key_are_made_once() {
    let shop = Shop::with(&[("A", 5), ("B", 5)]).await;
    assert_eq!(codes(&hold(&shop.app, vec![checkout(&[("A", 3)])]).await), ["ok"]);
    let _taken = shop.app.stock_watch.take();
    let (a, b) = (shop.product("A").await, shop.product("B").await);
    let wish = |product_id, quantity| adjust_stock::Wish {
        product_id,
        adjustment: Adjustment::parse(quantity, Reason::Counted, None).unwrap(),
        by: By {
            actor: Actor::Person(Uuid::nil().into()),
            client: ClientAddress::new(std::net::Ipv4Addr::LOCALHOST.into()),
        },
    };
    let wishes = vec![
        (None, wish(a, -2)),
        (None, wish(a, -1)),
        (key("one", 1), wish(b, 4)),
        (None, wish(a, 7)),
        (key("one", 1), wish(b, 4)),
        (key("one", 2), wish(b, 4)),
        (None, wish(Uuid::nil().into(), 1)),
    ];
    let answers = adjust(&shop.app, wishes).await;
    let expected = ["ok", "below_reserved", "ok", "ok", "ok", "idempotency_key_reused", "product_not_found"];
    assert_eq!(codes(&answers), expected);
    let on_hand: Vec<i64> = answers.iter().flatten().map(|answer| answer.body["on_hand"].as_i64().unwrap()).collect();
    assert_eq!(on_hand, [3, 9, 10, 9]);
    assert_eq!((shop.level("A").await, shop.level("B").await), ((10, 3), (9, 0)));
    let Watched::Variants(watched) = shop.app.stock_watch.take() else { panic!("everything") };
    assert_eq!(watched.len(), 2);
    shop.assert_books_balance().await;
}

fn new_product(sku: &str, category: &str) -> create_product::Wish {
    let product = NewProduct {
        id: Uuid::new_v4().into(),
        variant_id: Uuid::new_v4().into(),
        sku: Sku::parse_new(sku).unwrap(),
        name: ProductName::parse("Mug").unwrap(),
        description: Description::parse("").unwrap(),
        category: Slug::parse(category).unwrap(),
        picture: None,
        price: Money::new(1000, Currency::EUR),
        stock: 3,
        status: Status::Active,
        created_at: time::OffsetDateTime::UNIX_EPOCH,
    };
    create_product::Wish { product, cause: Cause::current() }
}

#[tokio::test]
async fn products_of_one_slice_are_made_where_their_sku_is_free() {
    let shop = Shop::with(&[("A", 5)]).await;
    let twice = (key("mug", 1), new_product("MUG-2", "things"));
    let wishes = vec![
        (None, new_product("a", "things")),
        (None, new_product("MUG-1", "things")),
        (None, new_product("mug-1", "things")),
        (None, new_product("MUG-3", "nowhere")),
        twice.clone(),
        twice,
        (None, new_product("MUG-4", "things")),
    ];
    let answers = create(&shop.app, wishes).await;
    assert_eq!(codes(&answers), ["sku_taken", "ok", "sku_taken", "unknown_category", "ok", "ok", "ok"]);
    let told: Vec<_> = answers.iter().flatten().collect();
    assert_eq!(told[1], told[2]);
    assert_eq!(shop.count("SELECT count(*) FROM products").await, 4);
    assert_eq!(shop.count("SELECT count(*) FROM event_log WHERE type = 'product.created'").await, 4);
    assert_eq!(shop.level("MUG-4").await, (3, 0));
    shop.assert_books_balance().await;
}

/// The index has the last word: what another makes at the same moment is seen by nobody before its commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_slices_that_make_the_same_products_at_the_same_moment_each_sku_is_made_once() {
    let shop = Shop::with(&[("A", 5)]).await;
    let mut doors = JoinSet::new();
    for number in 0..8 {
        let mut wishes: Vec<_> = (0..10).map(|sku| (None, new_product(&format!("MUG-{sku}"), "things"))).collect();
        if number % 2 == 1 {
            wishes.reverse();
        }
        let app = shop.app.clone();
        doors.spawn(async move { codes(&create(&app, wishes).await) });
    }
    let answers: Vec<&str> = doors.join_all().await.into_iter().flatten().collect();
    let made = answers.iter().filter(|code| **code == "ok").count();
    let taken = answers.iter().filter(|code| **code == "sku_taken").count();
    assert_eq!((made, taken), (10, 70), "{answers:?}");
    assert_eq!(shop.count("SELECT count(*) FROM products").await, 11);
    assert_eq!(shop.count("SELECT count(*) FROM event_log WHERE type = 'product.created'").await, 11);
    shop.assert_books_balance().await;
}

#[tokio::test]
async fn changes_of_one_product_in_one_slice_follow_each_other() {
    let shop = Shop::with(&[("A", 5), ("B", 5)]).await;
    let (a, b) = (shop.product("A").await, shop.product("B").await);
    let wish = |id, version: &str, what| change_product::Wish {
        id,
        wanted: IfMatch::Tags(vec![version.to_owned()]),
        what,
        cause: Cause::current(),
    };
    let price =
        |amount| What::Edit(Edit { price: Some(Money::new(amount, "USD".parse().unwrap())), ..Edit::default() });
    let category = What::Edit(Edit { category: Some(Slug::parse("nowhere").unwrap()), ..Edit::default() });
    let wishes = vec![
        wish(a, "1", price(700)),
        wish(a, "1", price(800)),
        wish(b, "1", category),
        wish(a, "2", What::Archive),
        wish(a, "3", What::Archive),
        wish(a, "3", price(700)),
        wish(b, "1", price(900)),
        wish(Uuid::nil().into(), "1", price(900)),
    ];
    let answers = changing::change(&shop.app, Work { name: "a_test", status: http::StatusCode::OK }, wishes).await;
    let expected =
        ["ok", "version_stale", "unknown_category", "ok", "already_archived", "ok", "ok", "product_not_found"];
    assert_eq!(codes(&answers), expected);
    let told: Vec<_> = answers.iter().flatten().map(|product| (product.version, product.price.amount)).collect();
    assert_eq!(told, [(2, 700), (3, 700), (3, 700), (2, 900)]);
    let mut connection = shop.database.pool().acquire().await.unwrap();
    let stored = catalogue::find(&mut connection, &[a.uuid(), b.uuid()]).await.unwrap();
    for product in &stored {
        let last = answers.iter().flatten().rfind(|told| told.id == product.id).unwrap();
        assert_eq!(product, last);
    }
    let events = "SELECT count(*) FROM event_log WHERE type = 'product.updated'";
    assert_eq!(shop.count(events).await, 2);
    assert_eq!(shop.count("SELECT count(*) FROM event_log WHERE type = 'product.archived' AND sequence = 3").await, 1);
}

#[tokio::test]
async fn a_slice_that_fails_as_a_whole_answers_everybody() {
    let shop = Shop::with(&[("A", 5)]).await;
    shop.app.kit.database.close().await;
    let answers = hold(&shop.app, vec![checkout(&[("A", 1)]), checkout(&[("A", 1)])]).await;
    assert_eq!(answers.len(), 2);
    assert!(matches!(answers[1], Err(Error::Kit(KitError::NotDone))), "{answers:?}");
}
