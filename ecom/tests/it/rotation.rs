//! All services' keys are rotated again and again while customers go on: none of their answers is a 401, nor anything
//! else that they would not have got without.
//!
//! A process learns of a new key within five minutes, or when it starts. Those minutes are real ones, so each rotation
//! here is seen by processes that start; the quarter of an hour until the key signs is on the clock of the test. Old
//! processes and new ones work side by side for a while: what user-service signs in one of them, all services take in
//! both.

use crate::support::{Shop, Way, key, order};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::ServiceName;
use futures_util::future::join_all;
use serde_json::{Value, json};
use service_kit::{Clock, Vault, auth::rotate_key};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use test_kit::{Client, until};
use time::{Duration, OffsetDateTime};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const ROTATIONS: usize = 4;
/// From a key's making until it signs: `ecom keys rotate` says so.
const UNTIL_IT_SIGNS: Duration = Duration::minutes(15);
/// By so much the clock jumps. A token that is in use is then still good: none is older than two jumps.
const JUMP: Duration = Duration::minutes(5);
/// How old a customer's token gets before they log in again, and how old their first one is taken for, in minutes: so
/// that whenever a key begins to sign, somebody goes on with what the one before has signed.
const PATIENCE: [(i64, i64); 3] = [(4, 0), (9, 0), (9, 5)];

/// What all customers share.
struct Crowd {
    clock: Clock,
    /// What a customer asks for, and of whom.
    looks: [(ServiceName, String); 4],
    /// The doors that are open, by their addresses.
    doors: Mutex<BTreeMap<String, Client>>,
    /// How often each service answered how.
    answers: Mutex<BTreeMap<(ServiceName, u16), u64>>,
    /// Which keys signed the tokens of logins.
    signers: Mutex<BTreeSet<String>>,
    /// Rounds that each customer came to the end of.
    rounds: Vec<AtomicU64>,
    stop: CancellationToken,
}

/// A customer's token and since when they have it.
struct Held {
    token: String,
    since: OffsetDateTime,
}

impl Crowd {
    fn doors(&self) -> Vec<Client> {
        self.doors.lock().unwrap().values().cloned().collect()
    }

    fn count(&self, service: ServiceName, status: u16) {
        *self.answers.lock().unwrap().entry((service, status)).or_default() += 1;
    }

    async fn log_in(&self, door: &Client, address: &str) -> Held {
        let since = self.clock.now();
        let login = json!({"email": address, "password": "correct horse"});
        let answer = door.post("/api/auth/login", login).await;
        self.count(ServiceName::User, answer.status.as_u16());
        let token = answer.text_at("/token");
        self.signers.lock().unwrap().insert(signer(&token));
        Held { token, since }
    }

    /// Until the stop: logs in when it is time, orders something then, and looks at everything through every door.
    async fn customer(self: Arc<Self>, number: usize, address: String) {
        let (patience, begun) = PATIENCE[number % PATIENCE.len()];
        let mut held: Option<Held> = None;
        while !self.stop.is_cancelled() {
            let doors = self.doors();
            // Where two doors are open, as many of each patience come by the one as by the other.
            let with = &doors[number % doors.len()];
            let now = self.clock.now();
            let current = match held.take() {
                Some(held) if now - held.since < Duration::minutes(patience) => held,
                before => {
                    let mut anew = self.log_in(with, &address).await;
                    if before.is_none() {
                        anew.since -= Duration::minutes(begun);
                    }
                    let placed = order(&with.with_token(&anew.token), &key(), "sim_ok", &[("MUG", 1)]).await;
                    self.count(ServiceName::Order, placed.status.as_u16());
                    anew
                }
            };
            for door in &doors {
                let door = door.with_token(&current.token);
                let looks =
                    self.looks.iter().map(async |(service, path)| (*service, door.get(path).await.status.as_u16()));
                join_all(looks).await.into_iter().for_each(|(service, status)| self.count(service, status));
            }
            held = Some(current);
            self.rounds[number].fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Until everybody has gone a whole round in the world as it is now: what they were at when it changed is the
    /// first.
    async fn all_went_round(&self) {
        let before: Vec<u64> = self.rounds.iter().map(|rounds| rounds.load(Ordering::SeqCst)).collect();
        until("every customer to go round", || async {
            let mut both = self.rounds.iter().zip(&before);
            both.all(|(now, before)| now.load(Ordering::SeqCst) >= before + 2).then_some(())
        })
        .await;
    }

    /// It is later, and who did not like to wait has logged in again.
    async fn time_went_by(&self) {
        self.clock.advance(JUMP);
        self.all_went_round().await;
    }

    /// Which keys signed since this was asked.
    fn signed(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.signers.lock().unwrap())
    }
}

/// Which key signed a token.
fn signer(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// As `ecom keys rotate` does it for each service; gives the id of user-service's next key.
async fn rotated(shop: &Shop, clock: &Clock) -> String {
    let mut next = BTreeMap::new();
    for (service, database) in &shop.databases {
        let kid = rotate_key(database.pool(), &Vault::default(), clock, false).await.unwrap();
        next.insert(*service, kid);
    }
    next.remove(&ServiceName::User).unwrap()
}

async fn published(shop: &Shop) -> Vec<String> {
    let user_service = Client::new(&shop.services[&ServiceName::User]);
    let set = user_service.get("/.well-known/jwks.json").await.assert_status(200).body.clone();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// New processes take the places of the old ones, which go when nobody comes to them any more. Meanwhile people log in
/// by both, and show by both what they got.
async fn replaced(old: Shop, next: &str, crowd: &Crowd) -> Shop {
    let new = old.beside().await;
    crowd.doors.lock().unwrap().insert(new.url.clone(), new.visitor());
    for service in [ServiceName::Order, ServiceName::Product, ServiceName::Notify] {
        // Behind the backs of the first who come.
        until(&format!("{service} to have asked for the next key"), || async {
            let known = sqlx::query("SELECT FROM peer_keys WHERE kid = $1").bind(next);
            known.fetch_optional(new.databases[&service].pool()).await.unwrap().map(drop)
        })
        .await;
    }
    // With what they have from before, and with what they get now.
    crowd.all_went_round().await;
    crowd.time_went_by().await;
    crowd.doors.lock().unwrap().remove(&old.url);
    crowd.all_went_round().await;
    old.ask_to_stop();
    new
}

#[tokio::test(flavor = "multi_thread")]
async fn while_keys_are_rotated_no_customer_is_taken_for_a_stranger() {
    let clock = Clock::manual(Clock::system().now());
    let mut shop = Shop::open_by(clock.clone(), Way::Local, &[]).await;
    let mug = shop.sell("MUG", 1250, 10_000).await;
    let addresses: Vec<String> = (0..2 * PATIENCE.len()).map(|number| format!("ada-{number}@example.com")).collect();
    for address in &addresses {
        shop.register(address).await;
    }
    shop.quiet().await;
    let crowd = Arc::new(Crowd {
        clock: clock.clone(),
        looks: [
            (ServiceName::Order, "/api/orders".to_owned()),
            (ServiceName::Notify, "/api/notifications/unread-count".to_owned()),
            (ServiceName::Product, format!("/api/products/{mug}")),
            // The catalogue is open to everybody, whatever their token. This is for staff: who is none, and is known
            // for who they are, is told so.
            (ServiceName::Product, format!("/api/products/{mug}/stock")),
        ],
        doors: Mutex::new(BTreeMap::from([(shop.url.clone(), shop.visitor())])),
        answers: Mutex::default(),
        signers: Mutex::default(),
        rounds: addresses.iter().map(|_| AtomicU64::default()).collect(),
        stop: CancellationToken::new(),
    });
    let mut customers = JoinSet::new();
    for (number, address) in addresses.into_iter().enumerate() {
        customers.spawn(Arc::clone(&crowd).customer(number, address));
    }
    crowd.all_went_round().await;

    let mut signs = shop.signer.kid().to_owned();
    for _ in 0..ROTATIONS {
        let (next, signs_at) = (rotated(&shop, &clock).await, clock.now() + UNTIL_IT_SIGNS);
        crowd.signed();
        shop = replaced(shop, &next, &crowd).await;
        let keys = published(&shop).await;
        assert!(keys.contains(&signs) && keys.contains(&next), "{keys:?}");
        while clock.now() + JUMP < signs_at {
            crowd.time_went_by().await;
        }
        assert_eq!(crowd.signed(), BTreeSet::from([signs]), "{next} was to sign later");
        crowd.time_went_by().await;
        assert_eq!(crowd.signed(), BTreeSet::from([next.clone()]));
        signs = next;
    }
    crowd.stop.cancel();
    while let Some(ended) = customers.join_next().await {
        ended.unwrap();
    }
    let answers = crowd.answers.lock().unwrap().clone();
    let kinds: BTreeSet<_> = answers.keys().copied().collect();
    let good = [
        (ServiceName::User, 200),
        (ServiceName::Order, 200),
        (ServiceName::Order, 201),
        (ServiceName::Notify, 200),
        (ServiceName::Product, 200),
        (ServiceName::Product, 403),
    ];
    assert_eq!(kinds, BTreeSet::from(good), "{answers:?}");
    assert!(answers.values().sum::<u64>() > 1000, "that was no load: {answers:?}");
}
