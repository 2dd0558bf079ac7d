//! A small healthy shop, made by hand for the judges' tests: three orders for one mug each. The first is paid, the second
//! was paid and then cancelled, the third is fulfilled.

use super::{
    Options,
    facts::{
        Delivery, Facts, InboxRow, Logged, Message, Moment, Order, Payment, ProviderLog, Refund, Reservation,
        ServiceEvents,
        orders::{Answer, Checkout, HistoryEntry, OrderLine, OrderRefund},
        payments::{LedgerEntry, LedgerTransaction},
        products::{Level, Movement, ReservationLine, Variant},
    },
};
use contracts::{ServiceName, events};
use provider_sim::{Charge, ChargeStatus, Entry};
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

/// Ids that tell what they are of: order 1's payment is `id(1, PAYMENT)`.
pub(super) fn id(order: u128, thing: u128) -> Uuid {
    Uuid::from_u128(order * 100 + thing)
}
pub(super) const CUSTOMER: u128 = 1;
pub(super) const CHECKOUT: u128 = 2;
pub(super) const PAYMENT: u128 = 3;
pub(super) const REFUND: u128 = 4;
pub(super) const MUG: Uuid = Uuid::from_u128(7);

fn order_number(number: u128) -> i64 {
    1000 + i64::try_from(number).unwrap()
}

/// `seconds` before now.
pub(super) fn ago(seconds: u64) -> Moment {
    Moment::from(NOW).back(Duration::from_secs(seconds))
}

pub(super) fn strict() -> Options {
    Options { grace: Duration::ZERO, ..Options::default() }
}

pub(super) fn healthy() -> Facts {
    let mut shop = Facts { provider: ProviderLog::Read(Vec::new()), ..Facts::default() };
    for service in ServiceName::ALL {
        shop.events.insert(service, ServiceEvents::default());
    }
    shop.products.levels.push(Level {
        variant_id: MUG,
        location: "main".to_owned(),
        sku: "MUG".to_owned(),
        on_hand: 9,
        reserved: 1,
    });
    shop.products.variants.push(Variant {
        id: MUG,
        sku: "MUG".to_owned(),
        announced_available: 8,
        stock_version: 0,
        product_id: MUG,
        product_version: 1,
        is_default: true,
    });
    move_stock(&mut shop, "initial", 10, None);
    for (number, status) in [(1, "paid"), (2, "cancelled"), (3, "fulfilled")] {
        place(&mut shop, number, status);
        pay(&mut shop, number);
    }
    cancel(&mut shop, 2);
    move_stock(&mut shop, "shipped", -1, Some(id(3, 0)));
    note(&mut shop, 3, "fulfilled by staff", Some("paid"), "fulfilled", None);
    announce(&mut shop, ServiceName::Order, 3, "order.fulfilled", 3, None);
    shop
}

fn move_stock(shop: &mut Facts, kind: &str, quantity: i64, order_id: Option<Uuid>) {
    let (location, kind) = ("main".to_owned(), kind.to_owned());
    shop.products.movements.push(Movement { variant_id: MUG, location, kind, quantity, order_id, at: ago(3600) });
}

fn place(shop: &mut Facts, number: u128, status: &str) {
    let (order_id, checkout_id) = (id(number, 0), id(number, CHECKOUT));
    let at = ago(3600);
    shop.orders.orders.push(Order {
        id: order_id,
        number: order_number(number),
        customer_id: id(number, CUSTOMER),
        checkout_id,
        status: status.to_owned(),
        payment_method: "sim_ok".to_owned(),
        currency: "EUR".to_owned(),
        total: 1250,
        refunded: if status == "cancelled" { 1250 } else { 0 },
        deadline: ago(3000),
        payment_id: Some(id(number, PAYMENT)),
        paid_at: Some(at),
        fulfilled_at: (status == "fulfilled").then_some(at),
        cancelled_at: (status == "cancelled").then_some(at),
        cancel_reason: (status == "cancelled").then(|| "requested".to_owned()),
        created_at: at,
        updated_at: at,
        version: 4,
    });
    let (sku, quantity, unit_price) = ("MUG".to_owned(), 1, 1250);
    shop.orders.lines.push(OrderLine { order_id, sku: sku.clone(), name: sku, quantity, unit_price });
    shop.orders.checkouts.push(Checkout { checkout_id, outcome: "ordered".to_owned() });
    shop.orders.answers.push(Answer {
        owner: id(number, CUSTOMER),
        key: format!("key {number}"),
        order_id: Some(order_id.to_string()),
        amount: Some("1250".to_owned()),
        currency: Some("EUR".to_owned()),
        number: Some(order_number(number).to_string()),
        payment_method: Some("sim_ok".to_owned()),
        lines_agree: Some(true),
        address_agrees: Some(true),
    });
    reserve(shop, number, status);
    note(shop, number, "placed", None, "pending", None);
    announce(shop, ServiceName::Order, number, "order.created", 1, None);
}

/// The pieces of an order that stands so.
fn reserve(shop: &mut Facts, number: u128, status: &str) {
    let (order_id, checkout_id) = (id(number, 0), id(number, CHECKOUT));
    let (sku, quantity) = ("MUG".to_owned(), 1);
    let reserved = match status {
        "paid" => "committed",
        "fulfilled" => "shipped",
        _ => "released",
    };
    shop.products.reservations.push(Reservation {
        checkout_id,
        order_id,
        status: reserved.to_owned(),
        created_at: ago(3601),
        changed_at: ago(3600),
        expires_at: ago(2700),
        look_at: ago(0),
        version: 2,
        skus: vec![sku.clone()],
        quantities: vec![quantity],
    });
    let (location, currency) = ("main".to_owned(), "EUR".to_owned());
    shop.products.lines.push(ReservationLine {
        checkout_id,
        variant_id: MUG,
        location,
        product_id: MUG,
        name: sku.clone(),
        sku,
        quantity,
        amount: 1250,
        currency,
    });
}

fn pay(shop: &mut Facts, number: u128) {
    let (order_id, payment_id) = (id(number, 0), id(number, PAYMENT));
    let charge = format!("ch_{number}");
    shop.payments.payments.push(Payment {
        id: payment_id,
        order_id,
        customer_id: id(number, CUSTOMER),
        order_number: order_number(number),
        currency: "EUR".to_owned(),
        total: 1250,
        method: Some("sim_ok".to_owned()),
        status: "captured".to_owned(),
        captured: 1250,
        refunds_requested: 0,
        refunded: 0,
        provider_key: format!("charge-{order_id}"),
        provider_reference: Some(charge.clone()),
        failure_reason: None,
        cancelled_by: None,
        attempts: 1,
        next_at: None,
        deadline: ago(3000),
        created_at: ago(3600),
        updated_at: ago(3600),
        version: 4,
    });
    book(shop, "capture", payment_id, number, 1250);
    let charge = Charge {
        id: charge,
        key: format!("charge-{order_id}"),
        amount: 1250,
        currency: "EUR".to_owned(),
        method: "sim_ok".to_owned(),
        reference: order_id.to_string(),
        status: ChargeStatus::Captured,
        reason: None,
        at: NOW - time::Duration::seconds(3600),
    };
    entries(shop).push(Entry::Charge(charge));
    let completed = announce(shop, ServiceName::Payment, number, "payment.completed", 1, None);
    note(shop, number, "paid", Some("pending"), "paid", Some(completed));
    announce(shop, ServiceName::Order, number, "order.paid", 2, Some(completed));
}

fn cancel(shop: &mut Facts, number: u128) {
    let (order_id, refund_id) = (id(number, 0), id(number, REFUND));
    note(shop, number, "cancelled on request", Some("paid"), "cancelled", None);
    let cause = announce(shop, ServiceName::Order, number, "order.cancelled", 3, None);
    let payment = shop.payments.payments.iter_mut().find(|one| one.order_id == order_id).unwrap();
    (payment.refunds_requested, payment.refunded, payment.cancelled_by) = (1250, 1250, Some(cause));
    let payment_id = payment.id;
    shop.payments.refunds.push(Refund {
        id: refund_id,
        payment_id,
        order_id,
        cause,
        amount: 1250,
        currency: "EUR".to_owned(),
        status: "completed".to_owned(),
        provider_key: format!("refund-{order_id}-{cause}"),
        provider_reference: Some("re_1".to_owned()),
        next_at: None,
        requested_at: ago(3600),
        completed_at: Some(ago(3600)),
    });
    book(shop, "refund", refund_id, number, -1250);
    let refund = provider_sim::Refund {
        id: "re_1".to_owned(),
        key: format!("refund-{order_id}-{cause}"),
        charge_id: format!("ch_{number}"),
        amount: 1250,
        currency: "EUR".to_owned(),
        at: NOW - time::Duration::seconds(3600),
    };
    entries(shop).push(Entry::Refund(refund));
    shop.orders.refunds.push(OrderRefund { refund_id, order_id, amount: 1250 });
    let refunded = announce(shop, ServiceName::Payment, number, "payment.refunded", 2, None);
    note(shop, number, "12.50 EUR refunded", Some("cancelled"), "cancelled", Some(refunded));
}

pub(super) fn entries(shop: &mut Facts) -> &mut Vec<Entry> {
    match &mut shop.provider {
        ProviderLog::Read(entries) => entries,
        ProviderLog::Missing(_) => panic!("the sample has a provider's log"),
    }
}

fn book(shop: &mut Facts, kind: &str, source_id: Uuid, number: u128, amount: i64) {
    let (payment_id, order_id) = (id(number, PAYMENT), id(number, 0));
    let transaction = Uuid::from_u128(source_id.as_u128() + 50);
    let kind = kind.to_owned();
    shop.payments.transactions.push(LedgerTransaction { id: transaction, kind, source_id, payment_id, order_id });
    for (account, amount) in [("provider_clearing", amount), ("customer_prepayments", -amount)] {
        let (account, currency) = (account.to_owned(), "EUR".to_owned());
        shop.payments.entries.push(LedgerEntry { transaction_id: transaction, account, currency, amount });
    }
}

fn note(shop: &mut Facts, number: u128, what: &str, from: Option<&str>, to: &str, cause_id: Option<Uuid>) {
    let (what, from_status, to_status) = (what.to_owned(), from.map(str::to_owned), to.to_owned());
    shop.orders.history.push(HistoryEntry { order_id: id(number, 0), what, from_status, to_status, cause_id });
}

/// Announces an event and lets every subscriber have it, with the message that notify-service makes of it.
fn announce(
    shop: &mut Facts,
    service: ServiceName,
    number: u128,
    kind: &str,
    sequence: i64,
    causation_id: Option<Uuid>,
) -> Uuid {
    let order_id = id(number, 0);
    let subject = if service == ServiceName::Payment { id(number, PAYMENT) } else { order_id };
    let log = &mut shop.events.get_mut(&service).unwrap().log;
    let event_id =
        id(number, 10 + 5 * (service as u128) + log.iter().filter(|one| one.subject == subject).count() as u128);
    log.push(Logged {
        event_id,
        kind: kind.to_owned(),
        subject,
        sequence,
        causation_id,
        announced_at: ago(3600),
        order_id: Some(order_id.to_string()),
        refund_id: (kind == "payment.refunded").then(|| id(number, REFUND).to_string()),
        account_id: Some(id(number, CUSTOMER).to_string()),
        amount: (kind != "order.fulfilled").then(|| "1250".to_owned()),
        currency: (kind != "order.fulfilled").then(|| "EUR".to_owned()),
        was_paid: (kind == "order.cancelled").then(|| "true".to_owned()),
        confirmed: None,
        number: kind.starts_with("order.").then(|| order_number(number).to_string()),
        checkout_id: kind.starts_with("order.").then(|| id(number, CHECKOUT).to_string()),
        method: matches!(kind, "order.created" | "payment.completed").then(|| "sim_ok".to_owned()),
        reason: (kind == "order.cancelled").then(|| "requested".to_owned()),
        payment_id: kind.starts_with("payment.").then(|| id(number, PAYMENT).to_string()),
        product_id: None,
        available: None,
        lines: None,
        agrees: Some(true),
        pending: false,
        refusals: 0,
    });
    for subscriber in events::find(kind).unwrap().subscribers {
        let row = InboxRow {
            event_id,
            kind: kind.to_owned(),
            subject,
            sequence,
            received_at: ago(3599),
            status: "done".to_owned(),
            attempts: 0,
            next_at: None,
            reason: None,
        };
        shop.events.get_mut(subscriber).unwrap().inbox.insert(event_id, row);
        if *subscriber == ServiceName::Notify {
            tell(shop, number, event_id, kind);
        }
    }
    event_id
}

fn tell(shop: &mut Facts, number: u128, event_id: Uuid, kind: &str) {
    let template = super::invariants::template(kind).unwrap();
    let message_id = Uuid::from_u128(event_id.as_u128() + 1_000_000);
    let delivery_id = Uuid::from_u128(event_id.as_u128() + 2_000_000);
    shop.notices.messages.push(Message {
        id: message_id,
        account_id: id(number, CUSTOMER),
        event_id,
        template: template.to_owned(),
        order_id: Some(id(number, 0)),
        order_number: Some(order_number(number)),
        created_at: ago(3599),
        version: 1,
        number: Some(order_number(number).to_string()),
        amount: None,
        currency: None,
        reason: None,
        lines: None,
    });
    shop.notices.deliveries.push(Delivery {
        id: delivery_id,
        message_id,
        account_id: id(number, CUSTOMER),
        channel: "email".to_owned(),
        status: "sent".to_owned(),
        next_at: None,
        last_error: None,
        message_id_header: format!("<{event_id}.{template}@localhost>"),
        created_at: ago(3599),
    });
    // The mail was announced; nobody subscribes to that.
    let log = &mut shop.events.get_mut(&ServiceName::Notify).unwrap().log;
    log.push(Logged {
        event_id: Uuid::from_u128(event_id.as_u128() + 3_000_000),
        kind: "notification.sent".to_owned(),
        subject: message_id,
        sequence: 1,
        causation_id: Some(event_id),
        announced_at: ago(3598),
        order_id: None,
        refund_id: None,
        account_id: Some(id(number, CUSTOMER).to_string()),
        amount: None,
        currency: None,
        was_paid: None,
        confirmed: None,
        number: None,
        checkout_id: None,
        method: None,
        reason: None,
        payment_id: None,
        product_id: None,
        available: None,
        lines: None,
        agrees: Some(true),
        pending: false,
        refusals: 0,
    });
}
