//! How old what a service may delete is: `RETENTION` and `RETENTION_IDEMPOTENCY_KEYS`.

use crate::{ConfigError, Env};

/// A client's repeats come within minutes; the doctor asks for an answer to each order that is younger than this.
const ANSWERS: u16 = 90;

/// How old what may be deleted is; none where nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Answers stored under idempotency keys, in days.
    pub answers: Option<u16>,
}

impl Keeping {
    /// # Errors
    /// A variable is wrong.
    pub fn read(env: &Env) -> Result<Self, ConfigError> {
        let deletes = env.switch("RETENTION")?.unwrap_or(true);
        let (name, expected) = ("RETENTION_IDEMPOTENCY_KEYS", "a whole number of days from 90 to 36500");
        let days = env.parsed::<u16>(name, expected)?.unwrap_or(ANSWERS);
        if !(ANSWERS..=36_500).contains(&days) {
            let (name, expected) = (name.to_owned(), expected.to_owned());
            return Err(ConfigError::Invalid { name, value: days.to_string(), expected });
        }
        Ok(Self { answers: deletes.then_some(days) })
    }
}

#[cfg(test)]
mod tests {
    use super::Keeping;
    use crate::Env;

    #[test]
    fn it_is_on_for_ninety_days_and_never_below_what_the_doctor_counts_on() {
        let read = |variables: &[(&str, &str)]| {
            let read = Keeping::read(&Env::of(variables.iter().copied()));
            read.map(|settings| settings.answers).map_err(|cause| cause.to_string())
        };
        assert_eq!(read(&[]), Ok(Some(90)));
        assert_eq!(read(&[("RETENTION_IDEMPOTENCY_KEYS", "400")]), Ok(Some(400)));
        assert_eq!(read(&[("RETENTION", "off"), ("RETENTION_IDEMPOTENCY_KEYS", "400")]), Ok(None));
        for days in ["89", "0", "-1", "ninety", "36501"] {
            let refused = read(&[("RETENTION_IDEMPOTENCY_KEYS", days)]).unwrap_err();
            assert!(refused.starts_with("RETENTION_IDEMPOTENCY_KEYS="), "{refused}");
        }
        assert!(read(&[("RETENTION", "maybe")]).is_err());
    }
}
