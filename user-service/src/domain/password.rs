//! What we accept as a new password (NIST SP 800-63B: length, and none that is tried first; no rules about kinds of
//! characters), and the form in which all are compared.

use super::guessable::is_guessable;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// 8 to 256 characters, and not among the first guesses.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl Password {
    /// `about` is what we know of the person: their names and addresses are guessed too.
    pub(crate) fn parse(text: &str, about: &[&str]) -> Result<Self, &'static str> {
        let text = enforced(text);
        if text.chars().any(char::is_control) {
            return Err("must hold no control characters");
        }
        match text.chars().count() {
            0..8 => Err("is too short: at least 8 characters, better 15 or more"),
            8..=256 if is_guessable(&text, about) => Err("is among the passwords that are tried first: choose one \
                nobody would guess, for example four words that have nothing to do with each other"),
            8..=256 => Ok(Self(text)),
            _ => Err("is too long: at most 256 characters"),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The same password, whatever keyboard it was typed on: after RFC 8265, 4.2.2 (OpaqueString) in NFC and with plain
/// spaces. Characters newer than a table of ours are let through: a later table must not shut anybody out.
pub(crate) fn enforced(typed: &str) -> String {
    let spaced = |letter: char| if !letter.is_control() && letter.is_whitespace() { ' ' } else { letter };
    typed.chars().map(spaced).nfc().collect()
}

/// What a typed password is compared as: in its enforced form; and as it was typed where that is another, since hashes
/// made before passwords were enforced are of that. How many there are depends on what was typed and on no account.
pub(crate) fn forms(typed: &str) -> Vec<String> {
    let enforced = enforced(typed);
    if enforced == typed { vec![enforced] } else { vec![enforced, typed.to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::{Password, enforced, forms};

    #[test]
    fn length_counts_in_characters() {
        let of = |length: usize| "äbcdëfgh".chars().cycle().take(length).collect::<String>();
        for (length, accepted) in [(0, false), (7, false), (8, true), (64, true), (256, true), (257, false)] {
            assert_eq!(Password::parse(&of(length), &[]).is_ok(), accepted, "{length}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        assert_eq!(format!("{:?}", Password::parse("correct horse", &[]).unwrap()), "Password(…)");
    }

    #[test]
    fn one_password_typed_on_two_keyboards_is_one() {
        for (one, other) in [
            ("pa\u{308}sse partout", "pässe partout"),
            ("\u{212b}ngstrom unit", "Ångstrom unit"),
            ("correct\u{a0}horse", "correct horse"),
            ("correct\u{3000}horse", "correct horse"),
            ("\u{1100}\u{1161}\u{11a8} seoul tower", "각 seoul tower"),
        ] {
            assert_eq!(enforced(one), enforced(other), "{one}");
            assert_eq!(forms(one).len(), 2);
        }
        // Not compatibility forms: RFC 8265 keeps them apart.
        assert_ne!(enforced("ｃorrect horse"), enforced("correct horse"));
        assert_eq!(forms("пять слонов 🧊"), ["пять слонов 🧊"]);
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["correct\0horse", "correct\thorse", "correct horse\n", "correct\u{85}horse"] {
            assert!(Password::parse(text, &[]).is_err(), "{text:?}");
        }
    }
}
