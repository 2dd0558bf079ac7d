//! The receipt of a declaration of withdrawal (directive 2011/83/EU, article 11a): that it was received, and when. The address
//! is one that somebody typed. What else they typed is repeated only where it is known to be theirs.

use super::letter_parts::{Letter, plain};
use contracts::api::withdrawal::WithdrawalReceipt;
use time::{OffsetDateTime, UtcOffset, macros::format_description};

pub(super) fn withdrawal_received(
    number: Option<i64>,
    received_at: OffsetDateTime,
    declared: Option<&WithdrawalReceipt>,
) -> Letter {
    let contract = number.map_or_else(|| "the order that was named".to_owned(), |number| format!("order {number}"));
    let mut letter = plain(
        "We have received your withdrawal",
        &[&format!(
            "On {} we received a declaration of withdrawal from the contract of {contract}.",
            told(received_at)
        )],
    );
    match declared {
        Some(WithdrawalReceipt { name, reason, .. }) => {
            letter.paragraphs.push(format!("It was declared by: {name}"));
            letter.paragraphs.extend(reason.iter().map(|reason| format!("With this reason: {reason}")));
        }
        None => letter.paragraphs.push(
            "What else was typed is not repeated here, since anybody may have typed this address. The shop has it."
                .to_owned(),
        ),
    }
    letter.closing = vec![
        "This is your receipt: keep it. The shop looks at the declaration and sees to the rest.".to_owned(),
        "If you have declared nothing, somebody gave your address by mistake, or on purpose: ignore this mail."
            .to_owned(),
    ];
    letter
}

/// To the second.
fn told(moment: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] at [hour]:[minute]:[second] UTC");
    // Nothing in it can fail.
    moment.to_offset(UtcOffset::UTC).format(&format).unwrap_or_default()
}
