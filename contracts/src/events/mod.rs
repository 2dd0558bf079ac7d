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
    user::PasswordResetRequested, "user.password_reset_requested", by User, to [Notify], subject account_id,
        "Somebody asked for a new password for an address that has an account.";
    user::PasswordChanged, "user.password_changed", by User, to [Notify], subject account_id,
        "An account has another password.";
    user::EmailChangeRequested, "user.email_change_requested", by User, to [Notify], subject account_id,
        "The owner of an account wants another address: whoever has its mailbox confirms that.";
    user::EmailChanged, "user.email_changed", by User, to [Notify], subject account_id,
        "An account has another address: that is told at the old one.";
    user::LoginsSlowedDown, "user.logins_slowed_down", by User, to [Notify], subject account_id,
        "Somebody tries passwords of an account: its owner is told, once a day.";
    user::Invited, "user.invited", by User, to [Notify], subject request_id,
        "Somebody is invited to work for the shop.";
    user::ErasureRequested, "user.erasure_requested", by User, to [Notify], subject account_id,
        "An account is to be erased: its owner is told, and how to keep it.";
    user::Erased, "user.erased", by User, to [Product, Order, Payment, Notify], subject account_id,
        "An account is gone: whoever keeps anything of its owner erases it.";
    user::GuestJoined, "user.guest_joined", by User, to [Order, Payment, Notify], subject guest_id,
        "The owner of a guest's address has an account: what the guest ordered belongs to it.";
    user::ExportRequested, "user.export_requested", by User, to [Product, Order, Payment, Notify], subject account_id,
        "A person wants to have all that is kept of them: each service hands over its part.";
    user::ExportReady, "user.export_ready", by User, to [Notify], subject account_id,
        "All parts of an export are there: its owner is told.";
    user::ProviderLinked, "user.provider_linked", by User, to [Notify], subject account_id,
        "Somebody signed in to an account with an outside provider for the first time: its owner is told.";
    user::PasskeysChanged, "user.passkeys_changed", by User, to [Notify], subject account_id,
        "A passkey was added to an account or removed: its owner is told.";
    product::PersonErased, "product.person_erased", by Product, to [User], subject account_id,
        "Nothing of an erased person is left in product-service.";
    order::PersonErased, "order.person_erased", by Order, to [User], subject account_id,
        "Nothing of an erased person is left in order-service.";
    payment::PersonErased, "payment.person_erased", by Payment, to [User], subject account_id,
        "Nothing of an erased person is left in payment-service.";
    notification::PersonErased, "notification.person_erased", by Notify, to [User], subject account_id,
        "Nothing of an erased person is left in notify-service.";
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
    order::WithdrawalDeclared, "withdrawal.declared", by Order, to [Notify], subject withdrawal_id,
        "Somebody declared that they withdraw from a contract: they are sent a receipt.";
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
