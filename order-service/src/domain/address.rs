//! Where a parcel goes.

use super::card_number;
use iso3166_static::Alpha2;
use serde::{Deserialize, Serialize};
use service_kit::{problem::Fields, text};
use std::fmt;
use utoipa::ToSchema;

/// As it is sent.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressBody {
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("Ada Lovelace")
    )]
    name: String,
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("12 St James's Square")
    )]
    line1: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    line2: Option<String>,
    #[schema(
        min_length = 1,
        max_length = 20,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("SW1Y 4JH")
    )]
    postal_code: String,
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
        examples("London")
    )]
    city: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$")]
    region: Option<String>,
    /// ISO 3166-1 alpha-2; XK is Kosovo.
    #[schema(pattern = "^[A-Za-z]{2}$", examples("GB"))]
    country: String,
}

/// A valid address, as it is stored.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Address(AddressBody);

impl Address {
    /// Of an order whose address nobody remembers. Staff have to ask.
    pub(crate) fn lost() -> Self {
        let unknown = || "?".to_owned();
        Self(AddressBody {
            name: "Unknown: ask the customer".to_owned(),
            line1: "The address was lost with a database".to_owned(),
            line2: None,
            postal_code: unknown(),
            city: unknown(),
            region: None,
            country: "ZZ".to_owned(),
        })
    }

    /// Notes what is wrong under `/shipping_address/…`.
    pub(crate) fn parse(body: &AddressBody, fields: &mut Fields) -> Option<Self> {
        let mut line = |field: &str, value: Option<&str>, most: usize| {
            fields.check(&format!("/shipping_address/{field}"), optional_line(value, most))
        };
        let line2 = line("line2", body.line2.as_deref(), 200);
        let region = line("region", body.region.as_deref(), 100);
        let mut line = |field: &str, value: &str, most: usize| {
            fields.check(&format!("/shipping_address/{field}"), one_line(value, most))
        };
        let name = line("name", &body.name, 100);
        let line1 = line("line1", &body.line1, 200);
        let postal_code = line("postal_code", &body.postal_code, 20);
        let city = line("city", &body.city, 100);
        let country = fields.check("/shipping_address/country", country(&body.country));
        Some(Self(AddressBody {
            name: name?,
            line1: line1?,
            line2: line2?,
            postal_code: postal_code?,
            city: city?,
            region: region?,
            country: country?,
        }))
    }
}

/// As it stands on a parcel, on one line.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {} {}", self.0.name, self.0.line1, self.0.postal_code, self.0.city)
    }
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
    use super::{Address, AddressBody, country};
    use serde_json::{Value, json};
    use service_kit::problem::Fields;

    fn parse(changed: &[(&str, &str)]) -> Result<Value, Vec<String>> {
        let mut body = json!({"name": "Ada", "line1": "1 Road", "postal_code": "1", "city": "Town", "country": "de"});
        for (field, value) in changed {
            body[field] = json!(value);
        }
        let body: AddressBody = serde_json::from_value(body).unwrap();
        let mut fields = Fields::default();
        match Address::parse(&body, &mut fields) {
            Some(address) => Ok(serde_json::to_value(address).unwrap()),
            None => Err(fields.into_problem().errors.into_iter().map(|error| error.pointer).collect()),
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
                let wrong = format!("/shipping_address/{field}");
                assert_eq!(parse(&[(field, hidden)]), Err(vec![wrong]), "{}", hidden.escape_unicode());
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
                assert_eq!(parse(&[(field, card)]), Err(vec![format!("/shipping_address/{field}")]), "{card}");
            }
        }
        assert!(parse(&[("line1", "4242 4242"), ("line2", "4242 4242")]).is_ok());
    }
}
