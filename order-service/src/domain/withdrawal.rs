//! That somebody withdraws from a contract, as they declare it.

use service_kit::email::Email;
use uuid::Uuid;

/// A number of more digits is none of ours.
const MOST_DIGITS: usize = 12;

/// Valid in its parts. Whether there is such an order is another matter.
#[derive(Clone)]
pub(crate) struct Declaration {
    /// As it was typed.
    pub(crate) order_number: String,
    pub(crate) name: String,
    pub(crate) email: Email,
    pub(crate) reason: Option<String>,
    /// Who was logged in, or the guest.
    pub(crate) declared_by: Option<Uuid>,
}

impl Declaration {
    /// The number, where it is written as ours are: `1001`, or `#1001`.
    pub(crate) fn number(&self) -> Option<i64> {
        number(&self.order_number)
    }
}

fn number(typed: &str) -> Option<i64> {
    let digits = typed.strip_prefix('#').unwrap_or(typed).trim_start();
    let is_one = (1..=MOST_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_one { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_is_read_as_people_write_it_and_nothing_else_is_taken_for_one() {
        for (typed, read) in [
            ("1001", Some(1001)),
            ("#1001", Some(1001)),
            ("# 1001", Some(1001)),
            ("0", Some(0)),
            ("", None),
            ("#", None),
            ("-1001", None),
            ("1001a", None),
            ("1 001", None),
            ("١٠٠١", None),
            ("1001 or call +44 20 7946 0000", None),
            ("9999999999999", None),
        ] {
            assert_eq!(number(typed), read, "{typed}");
        }
    }
}
