//! What a browser says its reader reads (`Accept-Language`, RFC 9110, 12.5.4), looked up among what there is (RFC 4647,
//! 3.4). Whatever stands in it, it is never an error: what cannot be read is passed over.

use super::locales::{Language, Locale};
use http::{HeaderMap, header};

/// No reader has more languages than this, and no tag of a language that we know is longer.
const MOST: usize = 32;
const LONGEST: usize = 35;

/// The locale that is asked for first of those there are; of `language` alone, where that is given.
pub(crate) fn asked_for(headers: &HeaderMap, language: Option<Language>) -> Option<&'static Locale> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).into_iter().filter_map(|line| line.to_str().ok());
    let ranges = lines.flat_map(|line| line.split(',')).filter_map(weighed).take(MOST);
    let mut ranges: Vec<_> = ranges.filter(|(_, weight)| *weight > 0).collect();
    // Stable: what is wanted as much is wanted in the order in which it stands.
    ranges.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let is_wanted = |locale: &&Locale| language.is_none_or(|language| locale.language == language);
    ranges.into_iter().find_map(|(range, _)| looked_up(range).filter(is_wanted))
}

/// A range with its weight in thousandths.
fn weighed(part: &str) -> Option<(&str, u16)> {
    let (range, weight) = part.split_once(';').unwrap_or((part, "q=1"));
    let range = range.trim();
    let is_range = !range.is_empty() && range.len() <= LONGEST;
    let (name, weight) = weight.trim().split_once('=')?;
    (is_range && name.trim().eq_ignore_ascii_case("q")).then_some(())?;
    Some((range, thousandths(weight.trim())?))
}

/// `0.8` as 800; up to three places, up to 1.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let is_weight = matches!(whole, "0" | "1") && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let weight = is_weight.then(|| format!("{whole}{part:0<3}").parse().ok()).flatten()?;
    (weight <= 1000).then_some(weight)
}

/// The range, or what is left when its end is taken off, part by part: `de-AT-1996` is `de-AT`, and `de-LI` is `de`.
fn looked_up(range: &str) -> Option<&'static Locale> {
    let mut left = range;
    loop {
        if let Some(locale) = Locale::named(left) {
            return Some(locale);
        }
        left = left.rsplit_once('-')?.0;
        // What introduces another part goes with it.
        if let Some((before, single)) = left.rsplit_once('-')
            && single.len() == 1
        {
            left = before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, asked_for};
    use http::{HeaderMap, HeaderValue, header};

    fn told(lines: &[&[u8]]) -> Option<&'static str> {
        let lines = lines.iter().map(|line| (header::ACCEPT_LANGUAGE, HeaderValue::from_bytes(line).unwrap()));
        asked_for(&HeaderMap::from_iter(lines), None).map(|locale| locale.tag)
    }

    #[test]
    fn what_is_wanted_most_of_what_there_is_is_found() {
        for (line, tag) in [
            ("en-US,en;q=0.9", "en"),
            ("de-DE,de;q=0.9,en;q=0.8", "de"),
            ("de-AT", "de-AT"),
            ("DE-at", "de-AT"),
            ("de-LI, en", "de"),
            ("de-CH-1996", "de-CH"),
            ("de-x-shop", "de"),
            ("fr-FR, fr;q=0.9, de;q=0.2", "de"),
            ("en;q=0.3, de;q=0.31", "de"),
            ("en;q=0.5, de;q=0.5", "en"),
            ("de;q=0, en;q=0.1", "en"),
            ("de ; q = 0.9 , en;q=0.95", "en"),
            ("en-GB;q=1.000, de;q=0.999", "en-GB"),
        ] {
            assert_eq!(told(&[line.as_bytes()]), Some(tag), "{line}");
        }
        assert_eq!(told(&[b"fr", b"de"]), Some("de"));
    }

    #[test]
    fn what_cannot_be_read_or_is_not_there_is_passed_over() {
        let huge = "x".repeat(60_000);
        let many = "zz,".repeat(20_000) + "de";
        let deep = format!("de{}", "-a".repeat(20_000));
        for line in [
            "",
            ",",
            ";;;",
            "*",
            "*;q=1",
            "fr",
            "de;q=0",
            "de;q=1.1",
            "de;q=-1",
            "de;q=0.0001",
            "de;q=",
            "de;q",
            "de;level=1",
            "d",
            "-",
            "--",
            "-de",
            "e n",
            "de;q=0;q=1",
            "q=1",
            "deu",
            "\t",
            &huge,
            &many,
            &deep,
        ] {
            assert_eq!(told(&[line.as_bytes()]), None, "{}", &line[..line.len().min(40)]);
        }
        assert_eq!(told(&[b"\xff\xfe, de"]), None);
        assert_eq!(told(&["dé, de".as_bytes(), b"en"]), Some("en"));
        assert_eq!(told(&[]), None);
    }

    #[test]
    fn a_place_is_taken_of_the_chosen_language_alone() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, "en-GB, de-CH;q=0.5".parse().unwrap())]);
        let of = |tag| asked_for(&headers, Language::named(tag)).map(|locale| locale.tag);
        assert_eq!((of("de"), of("en")), (Some("de-CH"), Some("en-GB")));
    }
}
