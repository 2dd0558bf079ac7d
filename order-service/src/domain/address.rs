//! Where a parcel goes.

use serde::{Deserialize, Serialize};
use service_kit::problem::Fields;
use std::fmt;
use utoipa::ToSchema;

/// As it is sent.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressBody {
    #[schema(examples("Ada Lovelace"))]
    name: String,
    #[schema(examples("12 St James's Square"))]
    line1: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line2: Option<String>,
    #[schema(examples("SW1Y 4JH"))]
    postal_code: String,
    #[schema(examples("London"))]
    city: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[schema(examples("GB"))]
    country: String,
}

/// A valid address, as it is stored.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Address(AddressBody);

impl Address {
    /// Notes what is wrong under `/shipping_address/…`.
    pub(crate) fn parse(body: &AddressBody, fields: &mut Fields) -> Option<Self> {
        let mut text = |field: &str, value: &str, most: usize| {
            fields.check(&format!("/shipping_address/{field}"), one_line(value, most))
        };
        let name = text("name", &body.name, 100);
        let line1 = text("line1", &body.line1, 200);
        let line2 = body.line2.as_deref().filter(|line| !line.trim().is_empty());
        let line2 = line2.map(|line| text("line2", line, 200));
        let postal_code = text("postal_code", &body.postal_code, 20);
        let city = text("city", &body.city, 100);
        let region = body.region.as_deref().filter(|region| !region.trim().is_empty());
        let region = region.map(|region| text("region", region, 100));
        let country = fields.check("/shipping_address/country", country(&body.country));
        Some(Self(AddressBody {
            name: name?,
            line1: line1?,
            line2: line2.transpose_none()?,
            postal_code: postal_code?,
            city: city?,
            region: region.transpose_none()?,
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

/// `Some(None)`: there was a text and it was wrong.
trait TransposeNone<T> {
    fn transpose_none(self) -> Option<Option<T>>;
}

impl<T> TransposeNone<T> for Option<Option<T>> {
    fn transpose_none(self) -> Option<Option<T>> {
        match self {
            Some(None) => None,
            Some(Some(value)) => Some(Some(value)),
            None => Some(None),
        }
    }
}

fn one_line(text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    let fits = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(format!("must hold 1 to {most} characters on one line")) }
}

fn country(text: &str) -> Result<String, &'static str> {
    let text = text.trim().to_ascii_uppercase();
    let valid = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if valid { Ok(text) } else { Err("must be the two letters of a country, such as DE (ISO 3166-1 alpha-2)") }
}
