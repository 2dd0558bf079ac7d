//! The load client: shoppers who order, click twice, try again under the same key when no answer comes, and sometimes
//! walk away.

use super::{
    accounts::{Answer, Person, Product, Shop, Who},
    carts::Cart,
    client_log::{ClientLog, Entry, Line, Outcome},
    intent::{After, Intent},
    staff::{Errand, Staff},
};
use anyhow::Context;
use contracts::{Money, OrderId, ServiceName};
use futures_util::future::join_all;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Stands in every shipping address: no log and no event may hold it.
pub(crate) const CANARY: &str = "Zebrafinch-Lovelace";
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// What all shoppers share.
pub(crate) struct Market {
    pub(crate) seed: u64,
    pub(crate) orders: u64,
    pub(crate) shop: Shop,
    pub(crate) customers: Arc<Vec<Arc<Person>>>,
    pub(crate) products: Vec<Product>,
    pub(crate) log: ClientLog,
    pub(crate) shoppers: Mutex<Shoppers>,
    pub(crate) staff: Staff,
    pub(crate) next: AtomicU64,
    /// How many orders may have begun by now: the faults set the pace, so that none comes when all is over.
    pub(crate) allowed: watch::Receiver<u64>,
    /// How many keys' lives are over.
    pub(crate) done: watch::Sender<u64>,
    /// No new orders.
    pub(crate) closing: CancellationToken,
}

/// What they brought along, in orders that were tried.
#[derive(Debug, Default)]
pub(crate) struct Shoppers {
    /// Each a kind of day the provider has.
    pub(crate) methods: BTreeMap<&'static str, u64>,
    /// Asked for several times at once.
    pub(crate) double_clicks: u64,
    /// Of guests.
    pub(crate) carts: u64,
}

/// Where an order is asked for, and by whom.
struct Door {
    customer: Arc<Person>,
    /// Whose content is ordered.
    cart: Option<Cart>,
    body: Value,
}

impl Door {
    fn path(&self) -> String {
        self.cart.as_ref().map_or_else(|| "/orders".to_owned(), |cart| format!("/carts/{}/checkout", cart.id))
    }
}

/// What was ever answered under one key.
#[derive(Default)]
struct Heard {
    order_ids: BTreeSet<OrderId>,
    totals: BTreeSet<(i64, &'static str)>,
    total: Option<Money>,
    refused: bool,
}

impl Market {
    /// One shopper after the other, until all orders have begun.
    ///
    /// # Errors
    /// The client's log cannot be written, or somebody cannot log in again.
    pub(crate) async fn work(&self) -> anyhow::Result<()> {
        let mut allowed = self.allowed.clone();
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.orders {
                return Ok(());
            }
            tokio::select! {
                waited = allowed.wait_for(|allowed| number < *allowed) => drop(waited?),
                () = self.closing.cancelled() => return Ok(()),
            }
            if self.closing.is_cancelled() {
                return Ok(());
            }
            self.live(&Intent::new(self.seed, number, self.products.len(), self.customers.len())).await?;
            self.done.send_modify(|done| *done += 1);
        }
    }

    /// One key's life.
    async fn live(&self, intent: &Intent) -> anyhow::Result<()> {
        let key = format!("chaos-{}-{}", self.seed, intent.number);
        let lines: Vec<_> = intent.lines.iter().map(|(place, pieces)| (&*self.products[*place].sku, *pieces)).collect();
        let door = if intent.by_cart {
            self.collect(&key, &lines, intent.method).await?
        } else {
            Door {
                customer: Arc::clone(&self.customers[intent.customer]),
                cart: None,
                body: order(&lines, intent.method),
            }
        };
        let customer = &door.customer;
        let mut heard = Heard::default();
        for attempt in 0..intent.tries {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let clicks = (0..intent.clicks).map(|_| self.click(&door, &key));
            let answers = join_all(clicks).await;
            if answers.iter().flatten().any(|answer| answer.status == StatusCode::UNAUTHORIZED) {
                customer.log_in(&self.shop).await?;
            }
            answers.into_iter().flatten().for_each(|answer| heard.note(&answer));
            if heard.is_final() {
                break;
            }
        }
        self.log.write(&Entry {
            key: &key,
            customer_id: customer.id,
            outcome: heard.outcome(),
            order_ids: heard.order_ids.clone(),
            total: heard.total,
            lines: summed(&lines),
            differing_answers: heard.differ(),
        })?;
        self.count(intent);
        self.follow_up(intent, customer, &heard);
        Ok(())
    }

    fn count(&self, intent: &Intent) {
        let mut shoppers = self.shoppers.lock().unwrap_or_else(PoisonError::into_inner);
        *shoppers.methods.entry(intent.method).or_default() += 1;
        shoppers.double_clicks += u64::from(intent.clicks > 1);
        shoppers.carts += u64::from(intent.by_cart);
    }

    /// Somebody without an account puts what they want into a cart.
    async fn collect(&self, key: &str, lines: &[(&str, u64)], method: &str) -> anyhow::Result<Door> {
        let mut cart = Cart::open(&self.shop).await?;
        let email = format!("{key}@example.com");
        let guest = Person::guest(&self.shop, &email, &cart.id).await.context("a guest comes")?;
        cart.fill(&self.shop, key, lines).await?;
        let body = cart.checkout(order(&[], method));
        Ok(Door { customer: Arc::new(guest), cart: Some(cart), body })
    }

    /// None when no answer came: it may have been acted on.
    async fn click(&self, door: &Door, key: &str) -> Option<Answer> {
        let (token, path) = (door.customer.token(), door.path());
        let who = Who { token: &token, cart_token: door.cart.as_ref().map_or("", |cart| &cart.token) };
        self.shop.ask(ServiceName::Order, Method::POST, &path, who, Some(key), Some(&door.body)).await.ok()
    }

    fn follow_up(&self, intent: &Intent, customer: &Arc<Person>, heard: &Heard) {
        if heard.refused {
            self.staff.send(Errand::Restock);
        }
        let Some(order) = heard.order_ids.first() else { return };
        match intent.after {
            After::Nothing => {}
            After::Cancelled(wait) => self.staff.send(Errand::Cancel {
                order: *order,
                customer: Arc::clone(customer),
                wait: Duration::from_millis(wait),
            }),
            After::Fulfilled => self.staff.send(Errand::Fulfil { order: *order }),
        }
    }
}

impl Heard {
    fn note(&mut self, answer: &Answer) {
        if answer.status.is_success() {
            let id = answer.body["id"].as_str().and_then(|id| id.parse::<OrderId>().ok());
            self.order_ids.extend(id);
            if let Ok(total) = serde_json::from_value::<Money>(answer.body["total"].clone()) {
                self.totals.insert((total.amount, total.currency.code()));
                self.total = Some(total);
            }
        } else if is_refusal(answer.status) {
            self.refused = true;
        }
    }

    fn is_final(&self) -> bool {
        self.refused || !self.order_ids.is_empty()
    }

    fn outcome(&self) -> Outcome {
        match (self.order_ids.is_empty(), self.refused) {
            (false, _) => Outcome::Ok,
            (true, true) => Outcome::Failed,
            (true, false) => Outcome::Unknown,
        }
    }

    fn differ(&self) -> bool {
        self.order_ids.len() > 1 || self.totals.len() > 1 || (self.refused && !self.order_ids.is_empty())
    }
}

/// Whether it says that there is no order and will be none. A token that ended, an answer in the making and everything
/// that passes say nothing.
fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error()
        && !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}

/// The body of `POST /orders`.
pub fn order(lines: &[(&str, u64)], method: &str) -> Value {
    let lines: Vec<_> = lines.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    json!({
        "lines": lines, "payment_method": method,
        "shipping_address": {
            "name": format!("Ada {CANARY}"), "line1": "12 St James's Square", "postal_code": "SW1Y 4JH",
            "city": "London", "country": "GB",
        },
    })
}

/// Two lines of one product are one.
fn summed<'a>(lines: &[(&'a str, u64)]) -> Vec<Line<'a>> {
    let mut pieces: BTreeMap<&str, u64> = BTreeMap::new();
    for (sku, quantity) in lines {
        *pieces.entry(sku).or_default() += quantity;
    }
    pieces.into_iter().map(|(sku, quantity)| Line { sku, quantity }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Answer, Heard, Outcome};
    use http::StatusCode;
    use serde_json::json;

    fn heard(answers: &[(u16, serde_json::Value)]) -> Heard {
        let mut heard = Heard::default();
        for (status, body) in answers {
            heard.note(&Answer { status: StatusCode::from_u16(*status).unwrap(), body: body.clone() });
        }
        heard
    }

    #[test]
    fn what_was_heard_under_a_key_is_judged_as_a_shopper_would() {
        let first = json!({"id": "01a20dd1-b5f1-77d2-ba9c-ce7c5ab161de", "total": {"amount": 5, "currency": "EUR"}});
        let other = json!({"id": "01a20dd1-b5f1-77d2-ba9c-ce7c5ab161df", "total": {"amount": 5, "currency": "EUR"}});
        let ok = heard(&[(503, json!({})), (201, first.clone()), (201, first.clone())]);
        assert_eq!((ok.outcome(), ok.differ()), (Outcome::Ok, false));
        let refused = heard(&[(409, json!({"code": "out_of_stock"}))]);
        assert_eq!((refused.outcome(), refused.differ()), (Outcome::Failed, false));
        let nothing = heard(&[(503, json!({})), (401, json!({})), (500, json!({}))]);
        assert_eq!((nothing.outcome(), nothing.is_final()), (Outcome::Unknown, false));
        assert!(heard(&[(201, first.clone()), (201, other)]).differ(), "two orders under one key");
        assert!(heard(&[(201, first), (409, json!({}))]).differ(), "taken and refused");
    }
}
