//! A message as the app's inbox shows it: a title and a few sentences. The order it is about is a field of its own.

use super::{content::Content, letter_parts::Letter};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) title: String,
    pub(crate) body: String,
}

impl Notice {
    /// Depends on the content alone, so that it is the same in whatever order events arrive.
    pub(crate) fn of(content: &Content) -> Self {
        let letter = Letter::of(content);
        let lines = letter.lines.iter().map(|line| format!("{} × {}", line.quantity, line.name));
        let total = letter.total.iter().map(|total| format!("Total: {total}"));
        let table: Vec<_> = lines.chain(total).collect();
        let table = (!table.is_empty()).then(|| table.join("\n"));
        let sentences = letter.paragraphs.into_iter().chain(table).chain(letter.closing);
        Self { title: letter.subject, body: sentences.collect::<Vec<_>>().join("\n\n") }
    }
}
