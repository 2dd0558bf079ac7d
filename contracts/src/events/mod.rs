//! The facts services announce. [`CATALOGUE`] lists every type, who announces it and who reacts to it.

pub mod notification;
pub mod order;
pub mod payment;
pub mod product;
mod repeating;
pub mod user;

pub use repeating::{Repeating, repeating};

use crate::ServiceName::{self, Notify, Order, Payment, Product, User};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

/// The data of one event type.
pub trait EventData: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The type on the wire: aggregate, dot, verb in the past tense.
    const TYPE: &'static str;

    /// The id of the aggregate the event is about.
    fn subject(&self) -> Uuid;
}

/// What the platform knows of one event type.
pub struct EventType {
    /// On the wire: aggregate, dot, verb in the past tense.
    pub name: &'static str,
    /// The one service that may announce it.
    pub announced_by: ServiceName,
    /// Who must have it. Published as `mandatory` when there is anybody.
    pub subscribers: &'static [ServiceName],
    /// Published also while nobody must have it, for whoever listens.
    pub broadcast: bool,
    /// One line for people.
    pub meaning: &'static str,
    /// The shape of its data.
    pub data: fn() -> DataSchema,
}

/// The JSON Schema of an event's data.
pub struct DataSchema {
    /// What documents call it.
    pub name: String,
    /// JSON Schema of 2020-12, as OpenAPI 3.1 uses it.
    pub schema: RefOr<Schema>,
    /// The schemas it refers to, by name.
    pub parts: Vec<(String, RefOr<Schema>)>,
}

macro_rules! catalogue {
    (@reach) => { false };
    (@reach broadcast) => { true };
    ($($data:ty, $name:literal, by $by:ident, to [$($to:ident),*] $($reach:ident)?, subject $subject:ident, $meaning:literal;)*) => {
        /// Every event type of the platform.
        pub const CATALOGUE: &[EventType] = &[$(EventType {
            name: $name,
            announced_by: $by,
            subscribers: &[$($to),*],
            broadcast: catalogue!(@reach $($reach)?),
            meaning: $meaning,
            data: schema_of::<$data>,
        }),*];
        $(impl EventData for $data {
            const TYPE: &'static str = $name;
            fn subject(&self) -> Uuid { self.$subject.uuid() }
        })*
    };
}

catalogue! {
    user::Registered, "user.registered", by User, to [Notify], subject account_id,
        "An account was made: the owner of its address confirmed a registration.";
    user::VerificationRequested, "user.verification_requested", by User, to [Notify], subject account_id,
        "Somebody registered, or asked for the mail again: the owner of the address is written to.";
    user::RegistrationRepeated, "user.registration_repeated", by User, to [Notify], subject account_id,
        "Somebody registered with the address of an account. Announced by older versions only.";
    user::Verified, "user.verified", by User, to [Notify], subject account_id,
        "The owner of an account confirmed its address.";
    product::Created, "product.created", by Product, to [] broadcast, subject product_id,
        "A product was added to the catalogue.";
    product::Updated, "product.updated", by Product, to [] broadcast, subject product_id,
        "A product's text, price, category or status changed.";
    product::Archived, "product.archived", by Product, to [] broadcast, subject product_id,
        "A product is no longer sold.";
    product::StockChanged, "stock.changed", by Product, to [], subject variant_id,
        "How many pieces can be bought; announced once a second per SKU at the most.";
    product::ReservationExpired, "reservation.expired", by Product, to [Order], subject checkout_id,
        "Reserved stock was given back because no live order holds it.";
    order::Created, "order.created", by Order, to [Payment, Notify], subject order_id,
        "An order was placed; its stock is reserved and its payment may begin.";
    order::Paid, "order.paid", by Order, to [Product, Notify], subject order_id,
        "The order's money has been captured.";
    order::Cancelled, "order.cancelled", by Order, to [Product, Payment, Notify], subject order_id,
        "The order will not be fulfilled: stock and money go back.";
    order::Fulfilled, "order.fulfilled", by Order, to [Product, Notify], subject order_id,
        "The order has left the warehouse.";
    payment::Completed, "payment.completed", by Payment, to [Order], subject payment_id,
        "The provider captured the order's total.";
    payment::Failed, "payment.failed", by Payment, to [Order], subject payment_id,
        "The order's payment was refused or given up; no money was taken.";
    payment::Refunded, "payment.refunded", by Payment, to [Order, Notify], subject payment_id,
        "Captured money was given back.";
    notification::Sent, "notification.sent", by Notify, to [], subject message_id,
        "A mail was handed to the mail server.";
    notification::Failed, "notification.failed", by Notify, to [], subject message_id,
        "A mail was given up after its last attempt.";
}

impl EventType {
    /// Whether it leaves its announcer's event log: somebody must have it, or anybody may.
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.broadcast || !self.subscribers.is_empty()
    }
}

/// The catalogue's entry for a type; none for a type we do not know.
#[must_use]
pub fn find(name: &str) -> Option<&'static EventType> {
    CATALOGUE.iter().find(|event| event.name == name)
}

/// The types a service reacts to, in the catalogue's order.
pub fn subscribed_by(service: ServiceName) -> impl Iterator<Item = &'static EventType> {
    CATALOGUE.iter().filter(move |event| event.subscribers.contains(&service))
}

fn schema_of<T: utoipa::ToSchema + PartialSchema>() -> DataSchema {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    DataSchema { name: T::name().into_owned(), schema: T::schema(), parts }
}
