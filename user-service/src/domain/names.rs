//! Names and other short texts of a person.

/// A first or last name: 1 to 100 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        one_line(text, 1, 100).map(Self).ok_or("must hold 1 to 100 characters on one line")
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that may be left out: up to 300 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OptionalText(Option<String>);

impl OptionalText {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, &'static str> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(Self(None)) };
        one_line(text, 1, 300).map(|text| Self(Some(text))).ok_or("must hold up to 300 characters on one line")
    }

    pub(crate) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

fn one_line(text: &str, least: usize, most: usize) -> Option<String> {
    let text = text.trim();
    let fits = (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}
