//! Card numbers in what people type: none is ever stored, whatever the field and however it is spelled (PCI DSS: who
//! stores one is audited for it).
//!
//! A card number is 13 to 19 digits of whatever script, on one line, with the prefix and length of a network and a right
//! check digit (Luhn; ISO/IEC 7812-1). Between the digits there may be a space, a dash with or without spaces, an `x` or
//! a `_`. It may stand in a longer row of such groups.

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{Dash, GeneralCategory, GeneralCategoryGroup},
};

/// Without the text itself: the answer may be logged by whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("holds what may be a card number: card numbers are never sent here")]
pub struct CardNumber;

/// The prefixes of the networks, as first and last six digits, and the lengths of their numbers; from the issuer
/// identification numbers that the networks publish for who accepts their cards.
const NETWORKS: [(u32, u32, &[usize]); 22] = [
    // UATP
    (100_000, 199_999, &[15]),
    // GPN
    (194_600, 194_699, &[16]),
    // Mir, Borica
    (220_000, 220_599, &[16, 17, 18, 19]),
    // Mastercard
    (222_100, 272_099, &[16]),
    (510_000, 559_999, &[16]),
    // Diners Club
    (300_000, 305_999, &[14, 15, 16, 17, 18, 19]),
    (309_500, 309_599, &[14, 15, 16, 17, 18, 19]),
    (360_000, 369_999, &[14, 15, 16, 17, 18, 19]),
    (380_000, 399_999, &[14, 15, 16, 17, 18, 19]),
    // American Express
    (340_000, 349_999, &[15]),
    (370_000, 379_999, &[15]),
    // JCB, LankaPay
    (352_800, 358_999, &[16, 17, 18, 19]),
    // Visa, and the national cards that are Visa too
    (400_000, 499_999, &[13, 16, 18, 19]),
    // Verve, Elo, Dankort, RuPay, Maestro
    (500_000, 509_999, &[13, 14, 15, 16, 17, 18, 19]),
    // Maestro, Uzcard, Naranja
    (560_000, 589_999, &[16, 17, 18, 19]),
    // RuPay, Discover, Hipercard, UkrCard
    (600_000, 609_999, &[16, 17, 18, 19]),
    // UnionPay, Maestro, InterPayment, InstaPayment, Elo
    (620_000, 639_999, &[16, 17, 18, 19]),
    // Discover, Troy, Verve
    (644_000, 659_999, &[16, 17, 18, 19]),
    // Maestro
    (675_900, 676_799, &[13, 14, 15, 16, 17, 18, 19]),
    // RuPay, UnionPay
    (810_000, 829_999, &[16, 17, 18, 19]),
    // Uzcard, Humo, Napas
    (860_000, 860_099, &[16]),
    (970_400, 992_999, &[16, 19]),
];

/// Looks for card numbers in a text, on each of its lines.
///
/// # Errors
/// There may be a card number in it.
pub fn refuse(text: &str) -> Result<(), CardNumber> {
    if text.lines().flat_map(rows).any(|row| row.holds_card_number()) { Err(CardNumber) } else { Ok(()) }
}

/// Whether the whole text is a card number and nothing else. For keys made by chance, in which a row of digits may stand
/// for nothing.
#[must_use]
pub fn is_one(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_digit() || !letter.is_alphanumeric()) && refuse(text).is_err()
}

/// Groups of digits with one separator between them.
#[derive(Default)]
struct Row {
    groups: Vec<Vec<u8>>,
    /// It begins with a `+`, as telephone numbers do.
    international: bool,
}

impl Row {
    fn holds_card_number(&self) -> bool {
        (0..self.groups.len()).any(|start| {
            let mut digits = Vec::with_capacity(19);
            self.groups[start..].iter().enumerate().any(|(index, group)| {
                digits.extend_from_slice(group);
                let groups = &self.groups[start..=start + index];
                is_card_number(&digits) && !self.is_other_number(start, groups, &digits)
            })
        })
    }

    /// Thirteen digits are a barcode or a telephone number long before they are a card: no network gives out numbers so
    /// short any more.
    fn is_other_number(&self, start: usize, groups: &[Vec<u8>], digits: &[u8]) -> bool {
        let printed = groups.iter().map(Vec::len).eq([1, 6, 6]);
        let barcode = (groups.len() == 1 || printed) && is_gtin_13(digits);
        digits.len() == 13 && (barcode || (start == 0 && self.international))
    }
}

fn rows(line: &str) -> Vec<Row> {
    let letters = plain(line);
    let mut rows = vec![Row::default()];
    let mut gap = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        let Some(digit) = digit(letter) else {
            gap.push(letter);
            continue;
        };
        let row = match rows.last_mut() {
            Some(row) if row.groups.is_empty() || joins(&gap) => row,
            _ => {
                rows.push(Row::default());
                // Never empty: one was pushed.
                let Some(row) = rows.last_mut() else { continue };
                row
            }
        };
        if row.groups.is_empty() {
            row.international = index.checked_sub(1).is_some_and(|before| letters[before] == '+');
            row.groups.push(Vec::new());
        } else if !gap.is_empty() {
            row.groups.push(Vec::new());
        }
        gap.clear();
        if let Some(group) = row.groups.last_mut() {
            group.push(digit);
        }
    }
    rows
}

/// Every character in its plainest form (a fullwidth or a circled digit is a digit), without marks and what is not shown.
fn plain(line: &str) -> Vec<char> {
    let unseen = GeneralCategoryGroup::Mark.union(GeneralCategoryGroup::Format);
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(line);
    apart.chars().filter(|letter| !unseen.contains(category(*letter))).collect()
}

fn category(letter: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(letter)
}

/// The value of a decimal digit of any script. Unicode keeps the ten of a set together and in order, and sets that touch
/// begin at a multiple of ten from the first of them.
fn digit(letter: char) -> Option<u8> {
    let is_digit =
        |code: u32| char::from_u32(code).is_some_and(|letter| category(letter) == GeneralCategory::DecimalNumber);
    let code = u32::from(letter);
    if !is_digit(code) {
        return None;
    }
    let before = (1..=code).take_while(|back| is_digit(code - back)).count();
    u8::try_from(before % 10).ok()
}

/// Whether what stands between two groups of digits keeps them together.
fn joins(gap: &str) -> bool {
    let space = |letter: char| category(letter) == GeneralCategory::SpaceSeparator;
    let sign =
        |letter: char| matches!(letter, 'x' | 'X' | '\u{D7}' | '_') || CodePointSetData::new::<Dash>().contains(letter);
    match *gap.chars().collect::<Vec<_>>() {
        [] => true,
        [one] => space(one) || sign(one),
        [one, two] => (space(one) && sign(two)) || (sign(one) && space(two)),
        [one, two, three] => space(one) && sign(two) && space(three),
        _ => false,
    }
}

fn is_card_number(digits: &[u8]) -> bool {
    (13..=19).contains(&digits.len()) && {
        let prefix = digits[..6].iter().fold(0, |prefix, digit| prefix * 10 + u32::from(*digit));
        let issued = |(first, last, lengths): &(u32, u32, &[usize])| {
            (*first..=*last).contains(&prefix) && lengths.contains(&digits.len())
        };
        NETWORKS.iter().any(issued) && has_check_digit(digits)
    }
}

/// Luhn's: from the last digit back, every second one doubled, its own digits summed; the sum ends in 0.
fn has_check_digit(digits: &[u8]) -> bool {
    let weighed = digits.iter().rev().enumerate().map(|(index, &digit)| match index % 2 {
        0 => u32::from(digit),
        _ if digit < 5 => u32::from(digit) * 2,
        _ => u32::from(digit) * 2 - 9,
    });
    weighed.sum::<u32>().is_multiple_of(10)
}

/// A barcode's check digit (GS1): from the last digit back, weights 1 and 3; the sum ends in 0.
fn is_gtin_13(digits: &[u8]) -> bool {
    let weighed = digits.iter().rev().enumerate().map(|(index, &digit)| u32::from(digit) * [1, 3][index % 2]);
    digits.len() == 13 && weighed.sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests;
