//! What people say to user-service about where their parcels and bills go, and what it answers: read by the pages too.

use crate::AddressId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An address as it is kept.
// Without `Debug`, as the next: it would end up in a log.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = BookedAddress)]
pub struct AddressView {
    /// What it is changed and deleted by.
    pub id: AddressId,
    /// Who lives there.
    pub name: String,
    /// Street and number, or what is there in its place.
    pub line1: String,
    /// More of it.
    pub line2: Option<String>,
    /// As the country writes it.
    pub postal_code: String,
    /// City, town or village.
    pub city: String,
    /// State, province or county.
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2; XK is Kosovo.
    pub country: String,
    /// Whether parcels go there unless another is chosen.
    pub default_shipping: bool,
    /// Whether bills go there.
    pub default_billing: bool,
    /// One more each time it is changed.
    pub version: i64,
}

/// As it stands; what it is the default for stays so.
impl From<AddressView> for AddressBody {
    fn from(address: AddressView) -> Self {
        let AddressView { name, line1, line2, postal_code, city, region, country, .. } = address;
        let (default_shipping, default_billing) = (None, None);
        Self { name, line1, line2, postal_code, city, region, country, default_shipping, default_billing }
    }
}

/// An address, of any country.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AddressRequest)]
pub struct AddressBody {
    /// Who lives there: up to 100 characters.
    #[schema(min_length = 1, max_length = 100, examples("Ada Lovelace"))]
    pub name: String,
    /// Street and number, or what is there in its place.
    #[schema(min_length = 1, max_length = 200, examples("12 St James's Square"))]
    pub line1: String,
    /// More of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    pub line2: Option<String>,
    /// As the country writes it.
    #[schema(min_length = 1, max_length = 20, examples("SW1Y 4JH"))]
    pub postal_code: String,
    /// City, town or village.
    #[schema(min_length = 1, max_length = 100, examples("London"))]
    pub city: String,
    /// State, province or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2; XK is Kosovo.
    #[schema(min_length = 2, max_length = 2, examples("GB"))]
    pub country: String,
    /// Makes it the default for parcels; left out, that stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_shipping: Option<bool>,
    /// For bills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_billing: Option<bool>,
}
