//! The words of a product and those that somebody looks for, folded alike: whichever way a word is typed, it is found.

use super::Sku;
use std::fmt::Write;
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// Of a longer one this much counts: PostgreSQL takes 2 KB.
const LONGEST: usize = 64;
/// No word may be looked for by a shorter beginning: it would be one of too many.
const SHORTEST_BEGINNING: usize = 2;
/// As far as PostgreSQL counts places.
const LAST_PLACE: usize = 16_383;

/// Those that English is full of, as PostgreSQL has them. They are looked for as they stand, not as beginnings; the last
/// word alone may be one, since it may not be typed to its end.
const EVERYWHERE: [&str; 111] = [
    "a", "about", "above", "after", "again", "against", "all", "am", "an", "and", "any", "are", "as", "at", "be",
    "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "did", "do", "does", "doing",
    "don", "down", "during", "each", "few", "for", "from", "further", "had", "has", "have", "having", "he", "her",
    "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "me", "more", "most",
    "my", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other", "our", "out", "over", "own",
    "same", "she", "should", "so", "some", "such", "t", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "those", "through", "to", "too", "under", "until", "up", "very", "was", "we", "were",
    "what", "when", "where", "which", "while", "who", "why", "will",
];

/// Compatibility forms apart (NFKD), in small letters, ß as ss, without marks and what is not seen.
pub(crate) fn fold(text: &str) -> String {
    let unseen = |character: char| matches!(character, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkd().flat_map(char::to_lowercase) {
        match character {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            mark if canonical_combining_class(mark) != 0 || unseen(mark) => {}
            other => folded.push(other),
        }
    }
    folded
}

/// The words of a folded text.
fn split(folded: &str) -> impl Iterator<Item = &str> {
    let end = |word: &str| word.char_indices().nth(LONGEST).map_or(word.len(), |(end, _)| end);
    folded
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(move |word| &word[..end(word)])
}

/// What a product is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// Its words as they are, with place and weight: the text of a `tsvector`.
    pub(crate) plain: String,
    /// Folded; PostgreSQL makes the stems of their words.
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) description: String,
}

impl Words {
    pub(crate) fn of(sku: &str, name: &str, category: &str, description: &str) -> Self {
        let [name, category, description] = [name, category, description].map(fold);
        let mut plain = format!("'{}':1A", whole(sku));
        let mut place = 2;
        for (text, weight) in [(&name, 'A'), (&category, 'B'), (&description, 'C')] {
            for word in split(text) {
                _ = write!(plain, " '{word}':{place}{weight}");
                place = (place + 1).min(LAST_PLACE);
            }
            // No phrase goes from one text into the next.
            place = (place + 1).min(LAST_PLACE);
        }
        Self { plain, name, category, description }
    }
}

/// A SKU is one thing, found by its beginning: no word begins like this.
fn whole(sku: &str) -> String {
    format!("={}", Sku::key(sku))
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Words as they stand and beginnings of words: the text of a `tsquery`.
    pub(crate) plain: String,
    /// Folded; PostgreSQL reads it for the stems of its words.
    pub(crate) folded: String,
    /// The product with just this SKU comes first: the text of a `tsquery`, which finds nothing where none was typed.
    pub(crate) sku: String,
}

impl Wanted {
    /// "Words" together, -word without, `or` between. None where there is no word in it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let folded = fold(text);
        let last = split(&folded).last().map(str::to_owned);
        let mut either: Vec<Vec<String>> = vec![Vec::new()];
        for part in parts(&folded) {
            if part.text == "or" && !part.quoted && !part.without {
                either.push(Vec::new());
            } else if let (Some(wanted), Some(all)) = (part.wanted(last.as_deref()), either.last_mut()) {
                all.push(wanted);
            }
        }
        let mut either: Vec<String> =
            either.into_iter().filter(|all| !all.is_empty()).map(|all| all.join(" & ")).collect();
        let mut sku = "'='".to_owned();
        if let Ok(typed) = Sku::parse(text.trim())
            && typed.as_str().len() >= SHORTEST_BEGINNING
        {
            sku = format!("'{}'", whole(typed.as_str()));
            either.push(format!("{sku}:*"));
        }
        (!either.is_empty()).then(|| Self { plain: either.join(" | "), folded, sku })
    }
}

/// What stands between spaces, or between quotes.
struct Part<'a> {
    text: &'a str,
    quoted: bool,
    without: bool,
}

impl Part<'_> {
    fn wanted(&self, last: Option<&str>) -> Option<String> {
        let beginning = |word: &str| {
            !self.quoted
                && !self.without
                && word.chars().nth(SHORTEST_BEGINNING - 1).is_some()
                && (last == Some(word) || !EVERYWHERE.contains(&word))
        };
        let word = |word| format!("'{word}'{}", if beginning(word) { ":*" } else { "" });
        let words: Vec<String> = split(self.text).map(word).collect();
        let all = words.join(if self.quoted { " <-> " } else { " & " });
        match (words.len(), self.without) {
            (0, _) => None,
            (_, true) => Some(format!("!({all})")),
            (1, false) => Some(all),
            (_, false) => Some(format!("({all})")),
        }
    }
}

fn parts(mut rest: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return parts;
        }
        let behind = rest.strip_prefix('-');
        let (without, begin) = (behind.is_some(), behind.unwrap_or(rest));
        let quoted = begin.strip_prefix('"');
        let (text, end) = match quoted {
            Some(inside) => inside.split_once('"').unwrap_or((inside, "")),
            None => begin.split_at(begin.find(|at: char| at.is_whitespace() || at == '"').unwrap_or(begin.len())),
        };
        parts.push(Part { text, quoted: quoted.is_some(), without });
        rest = end;
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, Words, fold};
    use proptest::prelude::{any, proptest};

    fn wanted(text: &str) -> String {
        Wanted::parse(text).map(|wanted| wanted.plain).unwrap_or_default()
    }

    #[test]
    fn one_word_however_it_is_typed() {
        for typed in ["Café", "Cafe\u{301}", "CAFÉ", "cafe", "ｃａｆé", "Ca\u{AD}fé"] {
            assert_eq!(fold(typed), "cafe", "{typed}");
        }
        for typed in ["Straße", "STRASSE", "STRAẞE", "strasse"] {
            assert_eq!(fold(typed), "strasse", "{typed}");
        }
        assert_eq!((fold("ΟΔΟΣ"), fold("İzmir"), fold("ﬁne")), (fold("οδος"), "izmir".to_owned(), "fine".to_owned()));
        assert_eq!(fold("नमस्ते").chars().filter(|letter| letter.is_alphanumeric()).count(), 5);
    }

    #[test]
    fn words_have_places_and_no_phrase_goes_from_one_text_into_the_next() {
        let words = Words::of("MUG-0042", "The Who's mug", "kitchen", "Ça va.");
        let plain = "'=mug-0042':1A 'the':2A 'who':3A 's':4A 'mug':5A 'kitchen':7B 'ca':9C 'va':10C";
        assert_eq!(words.plain, plain);
    }

    #[test]
    fn words_are_looked_for_by_their_beginnings_and_those_of_every_sentence_as_they_stand() {
        assert_eq!(wanted("the who"), "'the' & 'who':*");
        assert_eq!(wanted("Desk  lamp"), "'desk':* & 'lamp':*");
        assert_eq!(wanted("the"), "'the':* | '=the':*");
        assert_eq!(wanted("x y2"), "'x' & 'y2':*");
        assert_eq!(wanted("\"Iron pan\" lid"), "('iron' <-> 'pan') & 'lid':*");
        assert_eq!(wanted("lamp -desk"), "'lamp':* & !('desk')");
        assert_eq!(wanted("lamp OR torch café"), "'lamp':* | 'torch':* & 'cafe':*");
        assert_eq!(wanted("MUG-0042"), "('mug':* & '0042':*) | '=mug-0042':*");
        assert_eq!(wanted("or"), "'=or':*");
        assert_eq!(Wanted::parse("MUG-0042").unwrap().sku, "'=mug-0042'");
    }

    #[test]
    fn what_has_no_word_looks_for_nothing() {
        for none in ["", "'", "';--", "&|!(", "\"", "\u{2603}", "- \"\" !"] {
            assert_eq!(Wanted::parse(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn folding_again_changes_nothing_and_no_text_gets_out_of_its_quotes(text in any::<String>()) {
            assert_eq!(fold(&fold(&text)), fold(&text));
            let wanted = wanted(&text);
            let quoted = wanted.split('\'').skip(1).step_by(2);
            let inside = |letter: char| letter.is_alphanumeric() || "=._-".contains(letter);
            assert!(quoted.into_iter().all(|word| !word.is_empty() && word.chars().all(inside)), "{wanted}");
            let plain = Words::of("A-1", &text, "b", &text).plain;
            assert_eq!(plain.matches('\'').count() % 2, 0);
            assert!(plain.split('\'').skip(1).step_by(2).all(|word| word.chars().all(inside)), "{plain}");
        }
    }
}
