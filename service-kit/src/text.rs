//! Texts that people type, for the doors: a line that shows something, or several; in one spelling (Unicode NFC).
//!
//! What was stored before these rules is never read through them.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        CanonicalCombiningClass, DefaultIgnorableCodePoint, EmojiModifier, ExtendedPictographic, GeneralCategory,
        GeneralCategoryGroup, JoiningType, VariationSelector,
    },
};

/// Why a text is refused, in words that go on from the name of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Empty, too long, or broken into lines: by whatever Unicode breaks lines with.
    #[error("must hold 1 to {most} characters on one line")]
    NotOneLine {
        /// The longest there may be.
        most: usize,
    },
    /// The same for a text that may be left out.
    #[error("must hold up to {most} characters on one line")]
    NotOneOptionalLine {
        /// The longest there may be.
        most: usize,
    },
    /// Too long, or with control characters other than tabs and the usual ends of lines.
    #[error("must hold up to {most} characters without control characters")]
    NotParagraphs {
        /// The longest there may be.
        most: usize,
    },
    /// What nobody sees: two texts that look alike would differ, and a text may show nothing at all.
    #[error("holds a character that shows nothing (U+{:04X}): leave it out", u32::from(*.0))]
    ShowsNothing(char),
    /// An accent without a letter, or a heap of them.
    #[error("holds an accent that stands on no letter, or too many on one (U+{:04X}): leave it out", u32::from(*.0))]
    LooseMark(char),
}

/// Blank as a glyph, though no property of Unicode says so: the empty braille pattern, the place of an object, the blank
/// note head, the blank hieroglyphs, the Khitan filler.
const BLANK: [char; 6] = ['\u{2800}', '\u{FFFC}', '\u{1D159}', '\u{13441}', '\u{13442}', '\u{16FE4}'];

/// ZWNJ, ZWJ and Mongolian's vowel separator: they show how their neighbours are joined.
const JOINERS: [char; 3] = ['\u{200C}', '\u{200D}', '\u{180E}'];

/// More marks than any language puts on one letter.
const MOST_MARKS: usize = 8;

/// One line of 1 to `most` characters, without the spaces around it.
///
/// # Errors
/// It is none.
pub fn line(text: &str, most: usize) -> Result<String, TextError> {
    let refused = TextError::NotOneLine { most };
    let text = one_line(text, most, refused)?;
    if text.is_empty() { Err(refused) } else { Ok(text) }
}

/// A line of up to `most` characters; nothing typed is nothing given.
///
/// # Errors
/// It is more than a line, or shows nothing.
pub fn optional_line(text: Option<&str>, most: usize) -> Result<Option<String>, TextError> {
    let text = one_line(text.unwrap_or_default(), most, TextError::NotOneOptionalLine { most })?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// Up to `most` characters, tabs and the usual ends of lines among them.
///
/// # Errors
/// It is too long, or holds what does not belong into a text.
pub fn paragraphs(text: &str, most: usize) -> Result<String, TextError> {
    let refused = TextError::NotParagraphs { most };
    let text = normalised(text);
    for line in text.split(['\n', '\r', '\t']) {
        examine(line, refused)?;
    }
    if text.chars().count() > most { Err(refused) } else { Ok(text) }
}

fn one_line(text: &str, most: usize, refused: TextError) -> Result<String, TextError> {
    let text = normalised(text);
    examine(&text, refused)?;
    if text.chars().count() > most { Err(refused) } else { Ok(text) }
}

/// NFC, without what is blank around it. Unicode's own ends of lines stay, to be refused.
fn normalised(text: &str) -> String {
    let blank = |char: char| matches!(char, '\t' | '\n' | '\r') || category(char) == GeneralCategory::SpaceSeparator;
    ComposingNormalizerBorrowed::new_nfc().normalize(text.trim_matches(blank)).into_owned()
}

/// Refuses what breaks the line with `unprintable`, and what shows nothing. What is left of a line that is not blank
/// shows something: every mark stands on a character, every joiner between two.
fn examine(line: &str, unprintable: TextError) -> Result<(), TextError> {
    let mut before = None;
    let mut marks = 0;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match category(char) {
            GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
                return Err(unprintable);
            }
            _ if JOINERS.contains(&char) && joins(before, chars.peek().copied()) => {}
            _ if selector(char) && before.is_some_and(|before| !selector(before) && !JOINERS.contains(&before)) => {}
            _ if invisible(char) => return Err(TextError::ShowsNothing(char)),
            GeneralCategory::SpaceSeparator => {
                before = None;
                continue;
            }
            category if GeneralCategoryGroup::Mark.contains(category) => {
                marks += 1;
                if before.is_none() || marks > MOST_MARKS {
                    return Err(TextError::LooseMark(char));
                }
            }
            _ => marks = 0,
        }
        before = Some(char);
    }
    Ok(())
}

fn category(char: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(char)
}

/// It chooses among the looks of the character before it: of an ideograph in a name, of an emoji.
fn selector(char: char) -> bool {
    CodePointSetData::new::<VariationSelector>().contains(char)
}

fn invisible(char: char) -> bool {
    let never_shown = matches!(
        category(char),
        GeneralCategory::Format
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    );
    never_shown || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char) || BLANK.contains(&char)
}

/// Whether a joiner has a meaning here: beside a sign that kills a vowel (Indic scripts), between two letters of a
/// script whose letters join, or between two pictures that make one.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let virama =
        |char: char| CodePointMapData::<CanonicalCombiningClass>::new().get(char) == CanonicalCombiningClass::Virama;
    let cursive = |char: char| {
        let joining = CodePointMapData::<JoiningType>::new().get(char);
        !invisible(char)
            && matches!(
                joining,
                JoiningType::DualJoining
                    | JoiningType::LeftJoining
                    | JoiningType::RightJoining
                    | JoiningType::Transparent
            )
    };
    let pictographic = |char: char| CodePointSetData::new::<ExtendedPictographic>().contains(char);
    let picture =
        |char: char| pictographic(char) || selector(char) || CodePointSetData::new::<EmojiModifier>().contains(char);
    match (before, after) {
        (Some(before), Some(after)) => {
            virama(before)
                || virama(after)
                || (cursive(before) && cursive(after))
                || (picture(before) && pictographic(after))
        }
        (Some(before), None) => virama(before),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests;
