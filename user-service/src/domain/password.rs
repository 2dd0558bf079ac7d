//! What we accept as a new password (NIST SP 800-63B: length, and none that is tried first; no rules about kinds of
//! characters).

use super::guessable::is_guessable;
use std::fmt;

/// 8 to 256 characters, and not among the first guesses.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl Password {
    /// `about` is what we know of the person: their names and addresses are guessed too.
    pub(crate) fn parse(text: &str, about: &[&str]) -> Result<Self, &'static str> {
        match text.chars().count() {
            0..8 => Err("is too short: at least 8 characters, better 15 or more"),
            8..=256 if is_guessable(text, about) => Err("is among the passwords that are tried first: choose one \
                nobody would guess, for example four words that have nothing to do with each other"),
            8..=256 => Ok(Self(text.to_owned())),
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

#[cfg(test)]
mod tests {
    use super::Password;

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
}
