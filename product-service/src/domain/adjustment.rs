//! A change of what is on hand, made by staff.

use service_kit::text;

/// Why what is on hand changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// New goods came in.
    Restocked,
    /// A customer sent something back that can be sold again.
    Returned,
    /// The shelf was counted.
    Counted,
    /// Broken, to be thrown away.
    Damaged,
    /// Not to be found.
    Lost,
}

impl Reason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Restocked => "restocked",
            Self::Returned => "returned",
            Self::Counted => "counted",
            Self::Damaged => "damaged",
            Self::Lost => "lost",
        }
    }

    const ALL: [Self; 5] = [Self::Restocked, Self::Returned, Self::Counted, Self::Damaged, Self::Lost];

    /// As it is stored.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// A valid adjustment: its sign fits its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Adjustment {
    pub(crate) quantity: i64,
    pub(crate) reason: Reason,
    pub(crate) note: Option<String>,
}

/// What is wrong, and with which field.
pub(crate) type Wrong = (&'static str, String);

impl Adjustment {
    pub(crate) fn parse(quantity: i64, reason: Reason, note: Option<&str>) -> Result<Self, Wrong> {
        let wrong = |why: &str| Err(("/quantity", why.to_owned()));
        if quantity == 0 || !(-1_000_000..=1_000_000).contains(&quantity) {
            return wrong("must be a whole number from -1000000 to 1000000, and not 0");
        }
        match reason {
            Reason::Restocked | Reason::Returned if quantity < 0 => {
                return wrong("must be above 0 when goods come in");
            }
            Reason::Damaged | Reason::Lost if quantity > 0 => {
                return wrong("must be below 0 when goods are damaged or lost");
            }
            _ => {}
        }
        let note = text::optional_line(note, 300).map_err(|why| ("/note", why.to_string()))?;
        Ok(Self { quantity, reason, note })
    }

    /// The kind of movement it is written down as.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.reason {
            Reason::Restocked => "restocked",
            _ => "adjusted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Adjustment, Reason};

    #[test]
    fn the_sign_must_fit_the_reason() {
        assert!(Adjustment::parse(5, Reason::Restocked, None).is_ok());
        assert!(Adjustment::parse(-5, Reason::Counted, Some("shelf 3")).is_ok());
        for (quantity, reason) in [(0, Reason::Counted), (-1, Reason::Restocked), (1, Reason::Lost)] {
            assert_eq!(Adjustment::parse(quantity, reason, None).unwrap_err().0, "/quantity");
        }
        for note in ["a\0b", "\u{200B}", "shelf\u{2028}3", "\u{3164}"] {
            assert_eq!(Adjustment::parse(1, Reason::Counted, Some(note)).unwrap_err().0, "/note");
        }
        assert_eq!(Adjustment::parse(1, Reason::Counted, Some(" ")).unwrap().note, None);
        assert!(Adjustment::parse(i64::MIN, Reason::Counted, None).is_err());
    }
}
