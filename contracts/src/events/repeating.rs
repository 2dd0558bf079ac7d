//! Whether a reaction may be repeated by hand. What each does stands in its service; what it touches is fixed here,
//! beside who subscribes.

use crate::ServiceName;

/// What a reaction does to the world when its claim is taken back and it acts a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeating {
    /// Nothing but telling people, under a key that tells them once; or what may be done any number of times.
    Harmless,
    /// It moves money or stock, or an order that decides about them. It must never act twice on one event.
    MovesMoneyOrStock,
}

/// What repeating `subscriber`'s reaction to an event type means; none for a reaction nobody has decided about, which
/// must be treated as the worse.
#[must_use]
pub fn repeating(subscriber: ServiceName, kind: &str) -> Option<Repeating> {
    use Repeating::{Harmless, MovesMoneyOrStock};
    match (subscriber, kind) {
        (
            ServiceName::Notify,
            "user.registered"
            | "user.verification_requested"
            | "user.registration_repeated"
            | "user.verified"
            | "user.password_reset_requested"
            | "user.password_changed"
            | "user.logins_slowed_down"
            | "user.email_change_requested"
            | "user.email_changed"
            | "user.invited"
            | "user.erasure_requested"
            | "user.export_ready"
            | "user.provider_linked"
            | "user.passkeys_changed"
            | "order.created"
            | "order.paid"
            | "order.cancelled"
            | "order.fulfilled"
            | "withdrawal.declared"
            | "payment.refunded",
        ) => Some(Harmless),
        // What is erased stays so; what is handed over once more takes the place of what was; who has joined has.
        (_, "user.erased" | "user.export_requested" | "user.guest_joined") => Some(Harmless),
        // A receipt is filed once.
        (
            ServiceName::User,
            "product.person_erased" | "order.person_erased" | "payment.person_erased" | "notification.person_erased",
        ) => Some(Harmless),
        // Stock is committed, given back, shipped.
        (ServiceName::Product, "order.paid" | "order.cancelled" | "order.fulfilled") => Some(MovesMoneyOrStock),
        // It begins a charge, or a refund.
        (ServiceName::Payment, "order.created" | "order.cancelled") => Some(MovesMoneyOrStock),
        // An order's status decides about both; what was refunded is added up.
        (ServiceName::Order, "payment.completed" | "payment.failed" | "payment.refunded" | "reservation.expired") => {
            Some(MovesMoneyOrStock)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Repeating, repeating};
    use crate::{ServiceName, events::CATALOGUE};

    #[test]
    fn every_subscription_is_decided() {
        for event in CATALOGUE {
            for subscriber in event.subscribers {
                let decided = repeating(*subscriber, event.name);
                assert!(decided.is_some(), "may {subscriber} repeat its reaction to {}? Decide here", event.name);
            }
        }
    }

    #[test]
    fn only_telling_people_and_what_is_about_them_is_harmless() {
        for event in CATALOGUE {
            let about_people = event.name.starts_with("user.") || event.name.ends_with(".person_erased");
            for subscriber in event.subscribers {
                let harmless = repeating(*subscriber, event.name) == Some(Repeating::Harmless);
                assert_eq!(
                    harmless,
                    about_people || *subscriber == ServiceName::Notify,
                    "{subscriber} and {}",
                    event.name
                );
            }
        }
    }

    #[test]
    fn what_nobody_subscribes_to_is_not_decided() {
        assert_eq!(repeating(ServiceName::Notify, "stock.changed"), None);
    }
}
