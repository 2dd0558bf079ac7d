//! Which events are meant: what `list`, `follow` and `replay` have in common.

use clap::Args;
use contracts::{
    RawEvent, ServiceName,
    events::{self, CATALOGUE},
};
use std::{fmt, str::FromStr};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// Events that fulfil all that is given; all of them when nothing is.
#[derive(Clone, Debug, Default, Args)]
pub struct Filter {
    /// Of this type, e.g. order.paid
    #[arg(long = "type", value_name = "TYPE", value_parser = known_type)]
    pub kind: Option<String>,
    /// About this aggregate
    #[arg(long, value_name = "UUID")]
    pub subject: Option<Uuid>,
    /// Of this journey: an order's id, for all that followed from the order
    #[arg(long, value_name = "UUID")]
    pub journey: Option<Uuid>,
    /// Announced by this service
    #[arg(long)]
    pub service: Option<ServiceName>,
    /// Announced then or later: 90s, 30m, 1h, 2d ago, or a time like 2026-03-01T12:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub since: Option<Moment>,
    /// Announced before then
    #[arg(long, value_name = "WHEN")]
    pub until: Option<Moment>,
}

impl Filter {
    /// Whether nothing narrows it down to some events.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kind.is_none() && self.subject.is_none() && self.journey.is_none() && self.since.is_none()
    }

    /// The services whose logs have to be asked.
    pub fn announcers(&self) -> impl Iterator<Item = ServiceName> + use<> {
        let only = self.service;
        ServiceName::ALL.into_iter().filter(move |service| only.is_none_or(|only| only == *service))
    }

    /// Whether `event` is meant, at the time `now`.
    #[must_use]
    pub fn takes(&self, event: &RawEvent, now: OffsetDateTime) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == event.kind)
            && self.subject.is_none_or(|subject| subject == event.subject)
            && self.journey.is_none_or(|journey| journey == event.correlation_id)
            && self.service.is_none_or(|service| service == event.source)
            && self.since.is_none_or(|since| event.time >= since.at(now))
            && self.until.is_none_or(|until| event.time < until.at(now))
    }
}

fn known_type(text: &str) -> Result<String, String> {
    if events::find(text).is_some() {
        return Ok(text.to_owned());
    }
    let names: Vec<_> = CATALOGUE.iter().map(|event| event.name).collect();
    Err(format!("there is no such type; there are {}", names.join(", ")))
}

/// A point in time as people give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    Ago(Duration),
    At(OffsetDateTime),
}

impl Moment {
    #[must_use]
    pub fn at(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::Ago(span) => now.checked_sub(span).unwrap_or(OffsetDateTime::UNIX_EPOCH),
            Self::At(time) => time,
        }
    }
}

/// What a text is that names no point in time.
#[derive(Debug)]
pub struct NoMoment;

impl std::error::Error for NoMoment {}

impl fmt::Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected how long ago (90s, 30m, 1h, 2d) or a time like 2026-03-01T12:00:00Z")
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Self, NoMoment> {
        if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
            return Ok(Self::At(time));
        }
        let unit = text.chars().last().ok_or(NoMoment)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            _ => return Err(NoMoment),
        };
        let count: u32 = text[..text.len() - 1].parse().map_err(|_| NoMoment)?;
        Ok(Self::Ago(Duration::seconds(seconds * i64::from(count))))
    }
}

#[cfg(test)]
mod tests {
    use super::{Moment, known_type};
    use time::{Duration, macros::datetime};

    #[test]
    fn moments_are_spans_or_times() {
        let now = datetime!(2026-03-01 12:00 UTC);
        let at = |text: &str| text.parse::<Moment>().map(|moment| moment.at(now)).ok();
        assert_eq!(at("90s"), Some(now - Duration::seconds(90)));
        assert_eq!(at("2d"), Some(now - Duration::days(2)));
        assert_eq!(at("2026-02-28T00:00:00Z"), Some(datetime!(2026-02-28 0:00 UTC)));
        // Before the calendar begins there are no events either.
        assert!(at("4294967295d").is_some());
        for wrong in ["", "h", "1", "-1h", "1w", "1.5h", "yesterday", "1ä"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_unknown_type_is_answered_with_the_known_ones() {
        assert!(known_type("order.paid").is_ok());
        assert!(known_type("order.payed").unwrap_err().contains("order.paid"));
    }
}
