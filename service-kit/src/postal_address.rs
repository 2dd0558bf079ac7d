//! Where a parcel or a bill goes, in whatever country.

use crate::{card_number, text};
use iso3166_static::Alpha2;
use serde::Serialize;

/// An address, as it is stored. Valid when it comes from [`Self::parse`].
#[derive(Clone, Debug, Serialize)]
pub struct PostalAddress {
    /// Who lives there.
    pub name: String,
    /// Street and number, or what is there in its place.
    pub line1: String,
    /// More of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// As the country writes it.
    pub postal_code: String,
    /// City, town or village.
    pub city: String,
    /// State, province or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2; `XK` is Kosovo.
    pub country: String,
}

/// An address as somebody wrote it: the fields of [`PostalAddress`].
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields of PostalAddress")]
pub struct Parts<'p> {
    pub name: &'p str,
    pub line1: &'p str,
    pub line2: Option<&'p str>,
    pub postal_code: &'p str,
    pub city: &'p str,
    pub region: Option<&'p str>,
    pub country: &'p str,
}

impl PostalAddress {
    /// # Errors
    /// The name of each part that is wrong, and why.
    pub fn parse(parts: Parts<'_>) -> Result<Self, Vec<(&'static str, String)>> {
        let mut wrong = Vec::new();
        let line2 = checked("line2", optional_line(parts.line2, 200), &mut wrong);
        let region = checked("region", optional_line(parts.region, 100), &mut wrong);
        let name = checked("name", one_line(parts.name, 100), &mut wrong);
        let line1 = checked("line1", one_line(parts.line1, 200), &mut wrong);
        let postal_code = checked("postal_code", one_line(parts.postal_code, 20), &mut wrong);
        let city = checked("city", one_line(parts.city, 100), &mut wrong);
        let country = checked("country", country(parts.country).map_err(str::to_owned), &mut wrong);
        if wrong.is_empty() {
            return Ok(Self { name, line1, line2, postal_code, city, region, country });
        }
        Err(wrong)
    }
}

/// What is wrong is noted, and empty.
fn checked<T: Default>(part: &'static str, value: Result<T, String>, wrong: &mut Vec<(&'static str, String)>) -> T {
    value.unwrap_or_else(|why| {
        wrong.push((part, why));
        T::default()
    })
}

fn one_line(value: &str, most: usize) -> Result<String, String> {
    let line = text::line(value, most).map_err(|why| why.to_string())?;
    card_number::refuse(&line).map_err(|why| why.to_string())?;
    Ok(line)
}

fn optional_line(value: Option<&str>, most: usize) -> Result<Option<String>, String> {
    let line = text::optional_line(value, most).map_err(|why| why.to_string())?;
    line.as_deref().map_or(Ok(()), card_number::refuse).map_err(|why| why.to_string())?;
    Ok(line)
}

/// Parcels go to Kosovo under XK, which ISO 3166-1 leaves to its users and all carriers use so.
const KOSOVO: &str = "XK";

fn country(text: &str) -> Result<String, &'static str> {
    let text = text.trim().to_ascii_uppercase();
    let assigned = text.parse::<Alpha2>().is_ok_and(|code| !code.is_user_assigned());
    if assigned || text == KOSOVO {
        return Ok(text);
    }
    Err("must be the two letters of a country, such as DE or GB (ISO 3166-1 alpha-2)")
}

#[cfg(test)]
mod tests {
    use super::{Parts, PostalAddress, country};
    use serde_json::{Value, json};

    fn parse(changed: &[(&str, &str)]) -> Result<Value, Vec<&'static str>> {
        let part = |name: &str| changed.iter().find(|(field, _)| *field == name).map(|(_, value)| *value);
        let parts = Parts {
            name: part("name").unwrap_or("Ada"),
            line1: part("line1").unwrap_or("1 Road"),
            line2: part("line2"),
            postal_code: part("postal_code").unwrap_or("1"),
            city: part("city").unwrap_or("Town"),
            region: part("region"),
            country: part("country").unwrap_or("de"),
        };
        match PostalAddress::parse(parts) {
            Ok(address) => Ok(serde_json::to_value(address).unwrap()),
            Err(wrong) => Err(wrong.into_iter().map(|(part, _why)| part).collect()),
        }
    }

    #[test]
    fn every_country_of_iso_3166_is_one_and_no_other() {
        let codes = (b'A'..=b'Z').flat_map(|first| (b'A'..=b'Z').map(move |second| [first, second]));
        let countries = codes.filter(|code| country(std::str::from_utf8(code).unwrap()).is_ok()).count();
        assert_eq!(countries, 249 + 1);
        for code in ["DE", "gb", " US ", "GR", "SS", "CW", "BQ", "AX", "TW", "PS", "XK"] {
            assert!(country(code).is_ok(), "{code}");
        }
        // Not a country, another's habit, withdrawn, an alphabet's look-alike, three letters, a number.
        for code in ["ZZ", "UK", "EL", "EU", "XX", "AA", "AN", "CS", "SU", "YU", "\u{391}T", "DEU", "276", "", "D"] {
            assert!(country(code).is_err(), "{code}");
        }
    }

    #[test]
    fn what_shows_nothing_is_no_line_of_an_address() {
        for field in ["name", "line1", "line2", "postal_code", "city", "region"] {
            for hidden in
                ["\u{200B}", "\u{3164}", "\u{2800}", "\u{0301}", "\u{E0041}", "Town\u{2028}", "To\u{202E}wn", "a\tb"]
            {
                assert_eq!(parse(&[(field, hidden)]), Err(vec![field]), "{}", hidden.escape_unicode());
            }
        }
        let stored = parse(&[("line2", "\u{A0}"), ("city", " Mu\u{0308}nchen ")]).unwrap();
        assert_eq!((stored.get("line2"), &stored["city"]), (None, &json!("München")));
    }

    #[test]
    fn a_card_number_is_no_line_of_an_address_and_does_not_cross_two() {
        for field in ["name", "line1", "line2", "postal_code", "city", "region"] {
            for card in ["4242 4242 4242 4242", "3782x822463x10005", "５５５５５５５５５５５５４４４４"]
            {
                assert_eq!(parse(&[(field, card)]), Err(vec![field]), "{card}");
            }
        }
        assert!(parse(&[("line1", "4242 4242"), ("line2", "4242 4242")]).is_ok());
    }
}
