//! One running notify-service with everything around it.

use crate::{mail_server::MailServer, order_service::OrderService, user_service::UserService};
use contracts::{
    AccountId, Currency, EventId, Money, OrderId, Quantity, RawEvent, ServiceName,
    events::{EventData, order, payment, user},
};
use mail_parser::MessageParser;
use notify_service::{Config, MIGRATIONS, build};
use service_kit::{Bus, Clock, Env, bus::LocalBus};
use test_kit::{Client, Recorder, Running, Signer, TestDatabase, until};
use time::Duration;
use uuid::Uuid;

pub(crate) struct Shop {
    pub(crate) database: TestDatabase,
    pub(crate) signer: Signer,
    pub(crate) clock: Clock,
    pub(crate) users: UserService,
    pub(crate) orders: OrderService,
    pub(crate) mails: MailServer,
    pub(crate) running: Running,
    bus: LocalBus,
}

/// A mail as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) raw: String,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// With variables of notify-service's own; `SMTP_URL` is that of the mail server unless given.
    pub(crate) async fn open_with(variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::new(ServiceName::Notify, &MIGRATIONS).await;
        let signer = Signer::trusted_by(&database).await;
        let (users, users_url) = UserService::start().await;
        let (orders, orders_url) = OrderService::start().await;
        let (mails, smtp_url) = MailServer::start().await;
        let env = Env::of([("SMTP_URL", smtp_url.as_str()), ("MAIL_FROM", "The Shop <shop@shop.test>")]);
        let env = variables.iter().fold(env, |env, (name, value)| env.with(name, *value));
        let peers = [(ServiceName::User, users_url), (ServiceName::Order, orders_url)];
        let kit = test_kit::settings(ServiceName::Notify, &database, &peers);
        let config = Config::read(kit, &env).unwrap();
        let (clock, bus) = (Clock::manual(Clock::system().now()), LocalBus::new());
        // Somebody must take what is announced.
        let _recorder = Recorder::attach(&bus, ServiceName::Notify);
        let service = build(config, Bus::Local(bus.clone()), clock.clone()).await.unwrap();
        let running = Running::start(service).await;
        Self { database, signer, clock, users, orders, mails, running, bus }
    }

    /// Hands over an event as the bus does.
    pub(crate) async fn deliver(&self, event: &RawEvent) {
        until("notify-service to take the event", || async {
            self.bus.deliver_to(ServiceName::Notify, event).await.ok()
        })
        .await;
    }

    /// The mails taken, when there are that many.
    pub(crate) async fn mails(&self, count: usize) -> Vec<Read> {
        let taken = until(&format!("{count} mails"), || async {
            let taken = self.mails.taken();
            (taken.len() >= count).then_some(taken)
        })
        .await;
        assert_eq!(taken.len(), count);
        taken.iter().map(|mail| read(mail)).collect()
    }

    /// Waits until so many deliveries are in this status.
    pub(crate) async fn deliveries(&self, status: &str, count: i64) {
        until(&format!("{count} deliveries to be {status}"), || async {
            let query = "SELECT count(*) FROM deliveries WHERE status = $1";
            let found: i64 = sqlx::query_scalar(query).bind(status).fetch_one(self.database.pool()).await.unwrap();
            (found == count).then_some(())
        })
        .await;
    }

    /// Lets the time of whatever waits come, until `condition`.
    pub(crate) async fn in_time<T, F: Future<Output = Option<T>>>(
        &self,
        what: &str,
        mut condition: impl FnMut() -> F,
    ) -> T {
        until(what, || {
            self.clock.advance(Duration::minutes(1));
            condition()
        })
        .await
    }

    pub(crate) async fn last_error(&self) -> Option<String> {
        sqlx::query_scalar("SELECT last_error FROM deliveries").fetch_one(self.database.pool()).await.unwrap()
    }

    /// The data of all events of a type that were announced.
    pub(crate) async fn announced<T: EventData>(&self) -> Vec<T> {
        let query = "SELECT envelope FROM event_log WHERE type = $1 ORDER BY position";
        let rows: Vec<serde_json::Value> =
            sqlx::query_scalar(query).bind(T::TYPE).fetch_all(self.database.pool()).await.unwrap();
        rows.into_iter().map(|json| RawEvent::from_json(json).unwrap().decode().unwrap().data).collect()
    }

    pub(crate) fn client(&self, token: String) -> Client {
        self.running.client().with_token(token)
    }
}

pub(crate) fn read(mail: &[u8]) -> Read {
    let message = MessageParser::default().parse(mail).expect("a mail");
    Read {
        subject: message.subject().unwrap().to_owned(),
        message_id: message.message_id().unwrap().to_owned(),
        text: message.body_text(0).unwrap().replace("\r\n", "\n"),
        html: message.body_html(0).unwrap().replace("\r\n", "\n"),
        raw: String::from_utf8_lossy(mail).into_owned(),
    }
}

/// The first of all ids, so that snapshots stay.
pub(crate) fn fixed<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

/// An event with a fixed id, of a time to come: no inbox has forgotten it.
pub(crate) fn event<T: EventData>(number: u128, data: T) -> RawEvent {
    let id = Uuid::from_u128(0x9fff_ffff_ffff_7000_8000_0000_0000_0000 | number);
    RawEvent { id: EventId::from(id), ..test_kit::event(1, data) }
}

pub(crate) fn euros(cents: i64) -> Money {
    Money::new(cents, Currency::EUR)
}

pub(crate) fn registered(account_id: AccountId) -> user::VerificationRequested {
    user::VerificationRequested { account_id }
}

pub(crate) fn verified(account_id: AccountId) -> user::Verified {
    user::Verified { account_id }
}

pub(crate) fn created(customer_id: AccountId, order_id: OrderId, name: &str) -> order::Created {
    let line = |sku: &str, name: &str, quantity: i64, cents| order::Line {
        sku: sku.to_owned(),
        name: name.to_owned(),
        quantity: Quantity::try_from(quantity).unwrap(),
        unit_price: euros(cents),
    };
    order::Created {
        order_id,
        customer_id,
        number: 1001,
        checkout_id: fixed(7),
        lines: vec![line("MUG-1", name, 2, 1299), line("TEA-9", "Earl Grey, 100 g", 1, 640)],
        total: euros(3238),
        payment_method: "sim_ok".to_owned(),
    }
}

pub(crate) fn paid(customer_id: AccountId, order_id: OrderId) -> order::Paid {
    order::Paid { order_id, customer_id, number: 1001, checkout_id: fixed(7), total: euros(3238) }
}

pub(crate) fn cancelled(
    customer_id: AccountId,
    order_id: OrderId,
    reason: order::CancelReason,
    was_paid: bool,
) -> order::Cancelled {
    let (checkout_id, total) = (fixed(7), euros(3238));
    order::Cancelled { order_id, customer_id, number: 1001, checkout_id, total, reason, was_paid }
}

pub(crate) fn fulfilled(customer_id: AccountId, order_id: OrderId) -> order::Fulfilled {
    order::Fulfilled { order_id, customer_id, number: 1001, checkout_id: fixed(7) }
}

pub(crate) fn refunded(customer_id: AccountId, order_id: OrderId) -> payment::Refunded {
    payment::Refunded { payment_id: fixed(8), refund_id: fixed(9), order_id, customer_id, amount: euros(3238) }
}
