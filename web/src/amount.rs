//! Amounts of money as people type them.

use crate::words;
use contracts::Currency;

/// What stands in a field, in minor units: `19.99`, `19,99` or `20`. None where it is no amount, has more places than the
/// currency, or does not fit. No thousands are marked: in half of the world `1.299` is one and a bit.
pub(crate) fn typed(text: &str, currency: Currency) -> Option<i64> {
    let (whole, part) = text.trim().split_once(['.', ',']).unwrap_or((text.trim(), ""));
    let places = usize::try_from(currency.exponent()).ok()?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > places || text.trim().ends_with(['.', ',']) {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

/// The same by a reader whose locale marks thousands, who may mark them: `1,299.50` or `1.299,50`, and each in its own place
/// alone.
pub(crate) fn asked(text: &str, currency: Currency) -> Option<i64> {
    let (thousands, decimal) = words::marks();
    let (whole, part) =
        text.trim().rsplit_once(decimal).map_or((text.trim(), None), |(whole, part)| (whole, Some(part)));
    let is_mark = |sign: char| sign == thousands || sign.is_whitespace() || matches!(sign, '\'' | '’');
    let mut groups = whole.split(is_mark);
    let first = groups.next().unwrap_or_default();
    let groups: Vec<_> = groups.collect();
    let is_marked = !groups.is_empty() && matches!(first.len(), 1..=3) && groups.iter().all(|group| group.len() == 3);
    if !is_marked {
        return typed(text, currency);
    }
    let whole = format!("{first}{}", groups.concat());
    typed(&part.map_or_else(|| whole.clone(), |part| format!("{whole}.{part}")), currency)
}

/// An amount in minor units with so many places, for programs: `19.99`.
pub(crate) fn plain(minor: i64, places: usize) -> String {
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let sign = if minor < 0 { "-" } else { "" };
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::{asked, plain, typed};
    use crate::words::{Reader, within_now};

    #[test]
    fn an_amount_is_read_as_it_is_meant_or_not_at_all() {
        let euro = "EUR".parse().unwrap();
        for (text, minor) in [("19.99", 1999), ("19,99", 1999), (" 20 ", 2000), ("0.5", 50), ("0", 0), ("007", 700)] {
            assert_eq!(typed(text, euro), Some(minor), "{text}");
        }
        for text in
            ["", ".", "19.999", "1.299,00", "1 000", "-1", "+1", "1e3", "5.", ",5", "a", "99999999999999999999", "½"]
        {
            assert_eq!(typed(text, euro), None, "{text}");
        }
    }

    #[test]
    fn a_currency_has_its_own_places() {
        assert_eq!(typed("500", "JPY".parse().unwrap()), Some(500));
        assert_eq!(typed("500.1", "JPY".parse().unwrap()), None);
        assert_eq!(typed("1.234", "KWD".parse().unwrap()), Some(1234));
    }

    #[test]
    fn thousands_are_marked_as_the_reader_marks_them() {
        let read = |tag, text: &str, currency: &str| {
            within_now(Reader::reading(tag), || asked(text, currency.parse().unwrap()))
        };
        for (tag, text, minor) in [
            ("en", "1,299.50", Some(129_950)),
            ("en", "1,299", Some(129_900)),
            ("en", "1,234,567", Some(123_456_700)),
            ("en", "19,99", Some(1999)),
            ("en", "1.299,50", None),
            ("en", "1,29,999", None),
            ("en", ",299", None),
            ("en", "1,299.", None),
            ("de", "1.299,50", Some(129_950)),
            ("de", "1.299", Some(129_900)),
            ("de", "19.99", Some(1999)),
            ("de", "19,99", Some(1999)),
            ("de", "1,299.50", None),
            ("de", "1 299,50", Some(129_950)),
            ("de-CH", "1'299.50", Some(129_950)),
            ("de", "1.2999", None),
            ("de", "1.-99", None),
        ] {
            assert_eq!(read(tag, text, "EUR"), minor, "{tag} {text}");
        }
        assert_eq!((read("en", "1.234", "KWD"), read("de", "1.234", "KWD")), (Some(1234), Some(1_234_000)));
    }

    #[test]
    fn an_amount_for_programs_has_all_its_places() {
        for (minor, places, told) in [
            (1999, 2, "19.99"),
            (5, 2, "0.05"),
            (0, 2, "0.00"),
            (-150, 2, "-1.50"),
            (500, 0, "500"),
            (1234, 3, "1.234"),
        ] {
            assert_eq!(plain(minor, places), told);
        }
    }
}
