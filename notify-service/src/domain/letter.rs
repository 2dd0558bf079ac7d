//! The words of each message: what its mail says, before it is addressed to anybody.
//!
//! Whose words are in a mail: ours; the name and SKU of a product, which staff gave it; money and numbers; and, only where
//! the address is confirmed ([`Content::by_name`]), the name of its owner, and what they declared. Not what a shopper typed
//! into an order: its address and its payment method are in no mail.

use super::{
    account_letters,
    content::Content,
    letter_parts::{Button, Letter, LetterLine, plain},
    withdrawal_letter::withdrawal_received,
};
use contracts::{
    Money,
    api::{
        user::{AccountMail, RegistrationMail, VerificationLink},
        withdrawal::WithdrawalReceipt,
    },
    events::order::{CancelReason, Line},
};

/// What is known at the moment of sending and was not when the event arrived.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Of a registration's mail.
    pub(crate) registration: Option<RegistrationMail>,
    /// Of a mail about an account.
    pub(crate) account: Option<AccountMail>,
    /// Of an order's mail to a guest: where the owner of the mailbox has it put into their account.
    pub(crate) join_url: Option<String>,
    /// What was declared, where the receipt goes to an address that is confirmed for theirs.
    pub(crate) declared: Option<WithdrawalReceipt>,
    /// The number of the order, when a message before told it.
    pub(crate) order_number: Option<i64>,
}

impl Letter {
    /// With what the content alone says.
    pub(crate) fn of(content: &Content) -> Self {
        Self::with(content, &Known::default())
    }

    pub(crate) fn with(content: &Content, known: &Known) -> Self {
        match content {
            Content::VerifyEmail => match &known.registration {
                Some(RegistrationMail { link: Some(link), .. }) => verify_email(link),
                Some(RegistrationMail { link: None, .. }) => registration_repeated(),
                None => plain("Your registration", &["Somebody registered with this e-mail address."]),
            },
            Content::RegistrationRepeated => registration_repeated(),
            Content::Welcome => plain(
                "Welcome!",
                &["Your address is confirmed and your account is ready: you can log in and order now."],
            ),
            Content::PasswordReset { .. } => account_letters::password_reset(known.account.as_ref()),
            Content::PasswordChanged => account_letters::password_changed(),
            Content::LoginsSlowedDown => account_letters::logins_slowed_down(),
            Content::EmailChange { .. } => account_letters::email_change(known.account.as_ref()),
            Content::EmailChanged { .. } => account_letters::email_changed(),
            Content::Invitation { .. } => account_letters::invitation(known.account.as_ref()),
            Content::Erasure { .. } => account_letters::erasure(known.account.as_ref()),
            Content::ExportReady => account_letters::export_ready(),
            Content::ProviderLinked { provider } => account_letters::provider_linked(provider),
            Content::PasskeysChanged { change } => account_letters::passkeys_changed(*change),
            Content::OrderReceived { number, lines, total, .. } => {
                order_received(*number, lines, *total, known.join_url.as_deref())
            }
            Content::OrderPaid { number, total, .. } => plain(
                &format!("Payment received: order {number} is confirmed"),
                &[
                    &format!("Your payment of {total} has arrived and order {number} is confirmed."),
                    "We are packing it now and will write again when it is on its way.",
                ],
            ),
            Content::OrderCancelled { number, total, reason, was_paid, .. } => {
                order_cancelled(*number, *total, *reason, *was_paid)
            }
            Content::OrderShipped { number, .. } => plain(
                &format!("Order {number} is on its way"),
                &[&format!("Order {number} has left our warehouse and is on its way to you.")],
            ),
            Content::RefundSent { amount, .. } => refund_sent(*amount, known.order_number),
            Content::WithdrawalReceived { number, received_at, .. } => {
                withdrawal_received(*number, *received_at, known.declared.as_ref())
            }
        }
    }
}

fn verify_email(link: &VerificationLink) -> Letter {
    let paragraph = "Somebody registered with this e-mail address. If it was you, confirm that it is yours: open the link \
                     and give the password you chose.";
    let mut letter = plain("Confirm your e-mail address", &[paragraph]);
    letter.button = Some(Button { label: "Confirm my address", url: link.url.clone() });
    letter.closing = vec![
        format!("The link works once, for {} hours.", link.valid_hours),
        "If you did not register with us, ignore this mail: without you there will be no account.".to_owned(),
    ];
    letter
}

fn registration_repeated() -> Letter {
    plain(
        "Somebody tried to register with your address",
        &[
            "Somebody tried to register with this e-mail address, which has an account with us already. Nothing was \
             changed.",
            "If it was you: just log in with the password you chose then. If it was not, there is nothing you need to \
             do.",
        ],
    )
}

fn order_received(number: i64, lines: &[Line], total: Money, join_url: Option<&str>) -> Letter {
    let mut letter = plain(
        &format!("We have received order {number}"),
        &[&format!("Thank you! We have received order {number} and are holding its items for you.")],
    );
    letter.lines = lines.iter().map(LetterLine::from).collect();
    letter.total = Some(total.to_string());
    letter.closing.push("We will write again as soon as your payment has gone through.".to_owned());
    if let Some(url) = join_url {
        letter.button = Some(Button { label: "This is my address", url: url.to_owned() });
        letter.closing.push(
            "It was ordered without an account. Open the link if you want it in yours: you see there where it stands, and \
             can cancel it."
                .to_owned(),
        );
        letter.closing.push(
            "If you have ordered nothing, somebody gave your address by mistake, or on purpose: ignore this mail, or open \
             the link and have your address forgotten."
                .to_owned(),
        );
    }
    letter
}

impl From<&Line> for LetterLine {
    fn from(line: &Line) -> Self {
        // An order whose sum overflows cannot be placed; should one arrive, the price of a piece says enough.
        let sum = line.unit_price.times(line.quantity).unwrap_or(line.unit_price);
        Self { quantity: line.quantity.get(), name: line.name.clone(), sku: line.sku.clone(), sum: sum.to_string() }
    }
}

fn order_cancelled(number: i64, total: Money, reason: CancelReason, was_paid: bool) -> Letter {
    let why = match reason {
        CancelReason::Requested => format!("Order {number} was cancelled, as requested."),
        CancelReason::PaymentDeclined => {
            format!("Your payment for order {number} was declined, so the order was cancelled.")
        }
        CancelReason::PaymentOverdue => {
            format!("No payment for order {number} arrived in time, so the order was cancelled.")
        }
        CancelReason::ReservationExpired => format!(
            "The items of order {number} could not be held any longer without a payment, so the order was cancelled."
        ),
        CancelReason::Other => format!("Order {number} was cancelled."),
    };
    let money = if was_paid {
        format!("Your money is on its way back: {total}. We will write again when it has been sent.")
    } else if reason == CancelReason::PaymentDeclined {
        "Nothing was charged. You are welcome to order again with another way to pay.".to_owned()
    } else {
        // A payment may be under way at this very moment: do not promise that there was none.
        "You have nothing to pay. Should a payment still arrive, we send it back at once.".to_owned()
    };
    plain(&format!("Order {number} was cancelled"), &[&why, &money])
}

fn refund_sent(amount: Money, order_number: Option<i64>) -> Letter {
    let order = order_number.map_or_else(|| "your order".to_owned(), |number| format!("order {number}"));
    plain(
        &format!("Your refund of {amount}"),
        &[
            &format!("We have sent {amount} for {order} back to you, the way you paid."),
            "Depending on your bank it can take a few days until you see it.",
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::{Content, Known, Letter};
    use contracts::{Currency, Money, OrderId, events::order::CancelReason};
    use uuid::Uuid;

    fn cancelled(reason: CancelReason, was_paid: bool) -> String {
        let (order_id, total) = (OrderId::from(Uuid::nil()), Money::new(3998, Currency::EUR));
        let content = Content::OrderCancelled { order_id, number: 1001, total, reason, was_paid };
        Letter::of(&content).paragraphs.join(" ")
    }

    #[test]
    fn a_declined_payment_is_said_plainly() {
        let text = cancelled(CancelReason::PaymentDeclined, false);
        assert!(text.contains("was declined") && text.contains("Nothing was charged"), "{text}");
    }

    #[test]
    fn a_paid_order_that_is_cancelled_promises_the_money_back_whatever_the_reason() {
        for reason in [CancelReason::Requested, CancelReason::ReservationExpired, CancelReason::Other] {
            let text = cancelled(reason, true);
            assert!(text.contains("on its way back: 39.98 EUR"), "{text}");
            assert!(!text.contains("nothing to pay"), "{text}");
        }
    }

    #[test]
    fn only_a_declined_payment_is_said_to_have_charged_nothing() {
        for reason in [CancelReason::Requested, CancelReason::PaymentOverdue, CancelReason::ReservationExpired] {
            let text = cancelled(reason, false);
            assert!(!text.contains("Nothing was charged") && text.contains("send it back"), "{text}");
        }
    }

    #[test]
    fn a_refund_names_its_order_once_the_number_is_known() {
        let content = Content::RefundSent { order_id: Uuid::nil().into(), amount: Money::new(500, Currency::EUR) };
        let known = Known { order_number: Some(1001), ..Known::default() };
        assert!(Letter::with(&content, &known).paragraphs[0].contains("order 1001"));
        assert!(Letter::of(&content).paragraphs[0].contains("your order"));
    }
}
