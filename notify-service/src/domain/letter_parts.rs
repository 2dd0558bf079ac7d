//! What a mail is made of, before it is addressed to anybody.

/// A mail's words, the same for its text and its HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) lines: Vec<LetterLine>,
    pub(crate) total: Option<String>,
    pub(crate) button: Option<Button>,
    /// What comes after the table and the button.
    pub(crate) closing: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LetterLine {
    pub(crate) quantity: i32,
    pub(crate) name: String,
    pub(crate) sku: String,
    pub(crate) sum: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Button {
    pub(crate) label: &'static str,
    pub(crate) url: String,
}

pub(super) fn plain(subject: &str, paragraphs: &[&str]) -> Letter {
    let paragraphs = paragraphs.iter().map(|text| (*text).to_owned()).collect();
    Letter { subject: subject.to_owned(), paragraphs, ..Letter::default() }
}
