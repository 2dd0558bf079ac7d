//! Passwords that are tried first: the common and breached ones, what a person told about themselves, and keys held
//! down. A list and a few rules instead of an estimator: zxcvbn kept 8 MB once it was used, and a password of 100
//! characters written for the purpose kept it busy for five seconds (both measured).

use std::cmp::Ordering;

/// Sorted by bytes, lower case. Made from Django 5.2's `common-passwords.txt.gz` (BSD-3-Clause; counted in breaches),
/// of which it keeps the lines that can match below: 8 and more characters, or 4 and more letters.
static COMMON: &str = include_str!("common_passwords.txt");

/// So many characters around a guessable word make it no secret: `Password2026!`.
const AROUND: usize = 5;
/// Fewer different characters than this are a held key or two.
const DIFFERENT: usize = 5;

/// Whether the password would be among the first guesses. `about` is what we know of the person.
pub(super) fn is_guessable(password: &str, about: &[&str]) -> bool {
    let lower = password.to_lowercase();
    if is_monotonous(&lower) {
        return true;
    }
    let personal = personal_words(about);
    let core = core(&lower);
    let forms = [lower.clone(), without_disguise(&lower), core.to_owned(), without_disguise(core)];
    forms.iter().any(|form| is_common(form) || personal.contains(&squeezed(form)))
}

/// The word inside: without the few digits and signs around it. The whole when there are more of them.
fn core(lower: &str) -> &str {
    let core = lower.trim_matches(|character: char| !character.is_alphabetic());
    let around = lower.chars().count() - core.chars().count();
    if around <= AROUND { core } else { lower }
}

/// `p@ssw0rd` is `password`.
fn without_disguise(text: &str) -> String {
    let plain = |character| match character {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(plain).collect()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// The person's names, address and number, alone and in pairs, and the shop's own name.
fn personal_words(about: &[&str]) -> Vec<String> {
    let local_parts = about.iter().filter_map(|text| text.split_once('@')).map(|(local_part, _)| local_part);
    let mut words: Vec<String> = about.iter().copied().chain(local_parts).chain(["ecom-micro"]).map(squeezed).collect();
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        *word = word.to_lowercase();
    }
    let pairs = words.iter().flat_map(|one| words.iter().map(move |other| format!("{one}{other}")));
    let pairs: Vec<String> = pairs.collect();
    words.extend(pairs);
    words
}

/// `aaaaaaaa`, `12121212`, `abcdefgh`, `87654321`.
fn is_monotonous(text: &str) -> bool {
    let characters: Vec<u32> = text.chars().map(u32::from).collect();
    let mut different = characters.clone();
    different.sort_unstable();
    different.dedup();
    let climbs = |step: i64| characters.windows(2).all(|pair| i64::from(pair[1]) - i64::from(pair[0]) == step);
    different.len() < DIFFERENT || climbs(1) || climbs(-1)
}

/// Binary search in the text itself: nothing has to be loaded or kept.
fn is_common(word: &str) -> bool {
    let (mut low, mut high) = (0, COMMON.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let bytes = COMMON.as_bytes();
        let start = bytes[low..middle].iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
        let end = bytes[middle..high].iter().position(|byte| *byte == b'\n').map_or(high, |at| middle + at);
        match bytes[start..end].cmp(word.as_bytes()) {
            Ordering::Equal => return true,
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{COMMON, is_common, is_guessable};

    #[test]
    fn every_line_of_the_list_is_found_and_nothing_between() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 10_000 && lines.is_sorted(), "the list is short or not sorted");
        for line in lines {
            assert!(is_common(line), "{line}");
            assert!(!is_common(&format!("{line}\u{1}")), "{line}");
        }
        for absent in ["", "\n", "zzzzzzzzzzzzzzz", "correct horse", "password\nmonkey"] {
            assert!(!is_common(absent), "{absent:?}");
        }
    }

    #[test]
    fn what_is_tried_first_is_guessable() {
        let about = ["Ada", "Lovelace", "ada.l@example.com", "+44 20 7946 0958"];
        for password in [
            "password",
            "Password1!",
            "P@ssw0rd",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "Summer2026!",
            "aaaaaaaa",
            "abcdabcd",
            "87654321",
            "hijklmnop",
            "2026dragon",
            "lovelace",
            "Lovelace1815",
            "ada12345",
            "AdaLovelace",
            "lovelace-ada",
            "ada.l@example.com",
            "442079460958",
            "ecom-micro",
            "EcomMicro1",
        ] {
            assert!(is_guessable(password, &about), "{password}");
        }
    }

    #[test]
    fn what_people_make_up_is_not() {
        let about = ["Ada", "Lovelace", "ada@example.com", ""];
        for password in [
            "correct horse",
            "correct horse battery",
            "Tr0ub4dor&3",
            "0195b1a0-8a6b-7c3e-9d2f-3a4b5c6d7e8f",
            "lovelace likes tea",
            "xkqzvbnw",
            "!?%&/()=+*",
            "пять слонов",
            "love83746192",
        ] {
            assert!(!is_guessable(password, &about), "{password}");
        }
    }
}
