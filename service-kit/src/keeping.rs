//! How old what a service may delete is: `RETENTION`, `RETENTION_IDEMPOTENCY_KEYS`, `RETENTION_EVENTS`.

use crate::{ConfigError, Env};

/// A client's repeats come within minutes; the doctor asks for an answer to each order that is younger than this.
const ANSWERS: u16 = 90;
/// Longer than any order is on its way, and than an operator looks back for.
const EVENTS: u16 = 90;
/// Several times what the dispatcher takes for old, so that no claim meets the inbox's mark.
const LEAST_EVENTS: u16 = 30;

/// How old what may be deleted is, in days; none where nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Answers stored under idempotency keys.
    pub answers: Option<u16>,
    /// What was announced, and what was acted on.
    pub events: Option<u16>,
}

impl Keeping {
    /// # Errors
    /// A variable is wrong.
    pub fn read(env: &Env) -> Result<Self, ConfigError> {
        let deletes = env.switch("RETENTION")?.unwrap_or(true);
        let answers = days(env, "RETENTION_IDEMPOTENCY_KEYS", ANSWERS, ANSWERS)?;
        let events = days(env, "RETENTION_EVENTS", EVENTS, LEAST_EVENTS)?;
        Ok(Self { answers: deletes.then_some(answers), events: deletes.then_some(events) })
    }
}

/// A variable that is a number of days, from `least` on.
///
/// # Errors
/// It is none.
pub fn days(env: &Env, name: &str, unless_given: u16, least: u16) -> Result<u16, ConfigError> {
    let expected = format!("a whole number of days from {least} to 36500");
    let days = env.parsed::<u16>(name, &expected)?.unwrap_or(unless_given);
    if (least..=36_500).contains(&days) {
        return Ok(days);
    }
    Err(ConfigError::Invalid { name: name.to_owned(), value: days.to_string(), expected })
}

#[cfg(test)]
mod tests {
    use super::Keeping;
    use crate::Env;

    #[test]
    fn it_is_on_for_ninety_days_and_never_below_what_others_count_on() {
        let read = |variables: &[(&str, &str)]| {
            let read = Keeping::read(&Env::of(variables.iter().copied()));
            read.map(|settings| (settings.answers, settings.events)).map_err(|cause| cause.to_string())
        };
        assert_eq!(read(&[]), Ok((Some(90), Some(90))));
        assert_eq!(read(&[("RETENTION_IDEMPOTENCY_KEYS", "400")]), Ok((Some(400), Some(90))));
        assert_eq!(read(&[("RETENTION_EVENTS", "30")]), Ok((Some(90), Some(30))));
        assert_eq!(read(&[("RETENTION", "off"), ("RETENTION_EVENTS", "400")]), Ok((None, None)));
        for (name, least) in [("RETENTION_IDEMPOTENCY_KEYS", 90), ("RETENTION_EVENTS", 30)] {
            for days in [(least - 1).to_string().as_str(), "0", "-1", "ninety", "36501"] {
                let refused = read(&[(name, days)]).unwrap_err();
                assert!(refused.starts_with(&format!("{name}=")), "{refused}");
            }
        }
        assert!(read(&[("RETENTION", "maybe")]).is_err());
    }
}
