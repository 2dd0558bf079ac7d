//! What happens to orders after they were taken: some customers cancel, staff send what is paid and restock what is
//! sold out. Each of it is tried again under the same key until it is answered.

use super::accounts::{Answer, Person, Product, Shop};
use contracts::{OrderId, ServiceName};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Pieces that come in when something is sold out.
const DELIVERY: i64 = 100;
/// Nobody waits longer for one errand; a payment is settled by then.
const PATIENCE: Duration = Duration::from_secs(45);
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Clone)]
pub(crate) enum Errand {
    Cancel { order: OrderId, customer: Arc<Person>, wait: Duration },
    Fulfil { order: OrderId },
    Restock,
}

/// Takes errands; dropping all of these lets the staff go home.
#[derive(Clone)]
pub(crate) struct Staff(mpsc::UnboundedSender<Errand>);

impl Staff {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Errand>) {
        let (sender, errands) = mpsc::unbounded_channel();
        (Self(sender), errands)
    }

    pub(crate) fn send(&self, errand: Errand) {
        // They have gone home: what is left undone is no loss.
        let _ = self.0.send(errand);
    }
}

/// What was done, for the table.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) cancelled: AtomicU64,
    pub(crate) fulfilled: AtomicU64,
    pub(crate) restocked: AtomicU64,
}

pub(crate) struct Office {
    pub(crate) shop: Shop,
    pub(crate) admin: Person,
    pub(crate) products: Vec<Product>,
    pub(crate) done: Done,
}

impl Office {
    /// Works until everybody who could send errands is gone.
    pub(crate) async fn work(self: Arc<Self>, mut errands: mpsc::UnboundedReceiver<Errand>) {
        let mut running = tokio::task::JoinSet::new();
        let mut last_delivery: Option<Instant> = None;
        while let Some(errand) = errands.recv().await {
            if matches!(errand, Errand::Restock) {
                if last_delivery.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
                    continue;
                }
                last_delivery = Some(Instant::now());
            }
            let office = Arc::clone(&self);
            running.spawn(async move { office.run(errand).await });
            while running.len() > 32 {
                running.join_next().await;
            }
        }
        running.join_all().await;
    }

    async fn run(&self, errand: Errand) {
        let count = |what: &AtomicU64| what.fetch_add(1, Ordering::Relaxed);
        match errand {
            Errand::Cancel { order, customer, wait } => {
                tokio::time::sleep(wait).await;
                let path = format!("/orders/{order}/cancel");
                if self.insist(ServiceName::Order, &path, &customer, &format!("cancel-{order}"), None, false).await {
                    count(&self.done.cancelled);
                }
            }
            Errand::Fulfil { order } => {
                let path = format!("/orders/{order}/fulfil");
                if self.insist(ServiceName::Order, &path, &self.admin, &format!("fulfil-{order}"), None, true).await {
                    count(&self.done.fulfilled);
                }
            }
            Errand::Restock => {
                let round = count(&self.done.restocked);
                let body = json!({"quantity": DELIVERY, "reason": "restocked"});
                for product in &self.products {
                    // A key of its own for each: under the same one it would be another request.
                    let key = format!("restock-{round}-{}", product.sku);
                    let path = format!("/products/{}/stock-adjustments", product.id);
                    self.insist(ServiceName::Product, &path, &self.admin, &key, Some(&body), false).await;
                }
            }
        }
    }

    /// Whether it was done. `until_paid`: an order that is pending may be paid a little later.
    async fn insist(
        &self,
        service: ServiceName,
        path: &str,
        who: &Person,
        key: &str,
        body: Option<&Value>,
        until_paid: bool,
    ) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let asked = self.shop.ask(service, Method::POST, path, &who.token(), Some(key), body).await;
            match asked {
                Ok(answer) if answer.status.is_success() => return true,
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => drop(who.log_in(&self.shop).await),
                Ok(answer) if answer.status.is_client_error() && !(until_paid && is_pending(&answer)) => return false,
                _ => {}
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }
}

fn is_pending(answer: &Answer) -> bool {
    answer.status == StatusCode::CONFLICT && answer.body["detail"].as_str().is_some_and(|text| text.contains("pending"))
}
