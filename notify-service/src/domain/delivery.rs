//! What becomes of a mail after an attempt.

/// Why an attempt failed. The reason is stored and logged: it names no person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Setback {
    /// The next attempt may succeed.
    #[error("{0}")]
    Passing(String),
    /// No attempt will.
    #[error("{0}")]
    Lasting(String),
}

impl Setback {
    /// An attempt that takes its process along never returns to be judged: whoever has the mail next ends it. None while
    /// `attempts`, this one included, are not more than `most`.
    pub(crate) fn spent(attempts: i32, most: i32) -> Option<Self> {
        let begun = attempts - 1;
        let reason = || format!("no attempt is left: {begun} were begun, and none is known to have delivered it");
        (attempts > most).then(|| Self::Lasting(reason()))
    }
}

/// What becomes of a mail after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Sent,
    /// For the reason, and until later.
    PutOff(String),
    GivenUp(String),
}

impl Verdict {
    /// After the `attempts`-th attempt of `most`.
    pub(crate) fn after(outcome: &Result<(), Setback>, attempts: i32, most: i32) -> Self {
        match outcome {
            Ok(()) => Self::Sent,
            Err(Setback::Passing(reason)) if attempts < most => Self::PutOff(reason.clone()),
            Err(Setback::Passing(reason) | Setback::Lasting(reason)) => Self::GivenUp(reason.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Setback, Verdict};

    #[test]
    fn a_mail_is_tried_again_until_no_attempt_is_left_or_none_can_help() {
        let passing = Err(Setback::Passing("busy".to_owned()));
        assert_eq!(Verdict::after(&Ok(()), 3, 3), Verdict::Sent);
        assert_eq!(Verdict::after(&passing, 2, 3), Verdict::PutOff("busy".to_owned()));
        assert_eq!(Verdict::after(&passing, 3, 3), Verdict::GivenUp("busy".to_owned()));
        let lasting = Err(Setback::Lasting("erased".to_owned()));
        assert_eq!(Verdict::after(&lasting, 1, 3), Verdict::GivenUp("erased".to_owned()));
    }

    #[test]
    fn an_attempt_past_the_last_is_none() {
        assert_eq!(Setback::spent(3, 3), None);
        assert!(matches!(Setback::spent(4, 3), Some(Setback::Lasting(reason)) if reason.contains("3 were begun")));
    }
}
