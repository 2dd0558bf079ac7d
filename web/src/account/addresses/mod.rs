//! `/account/addresses`: where one's parcels and bills go. A page for all of them, and a form for one.

pub(super) mod add;
pub(super) mod change;
pub(super) mod list;

use crate::{
    form::{Field, Form, FormPage},
    member::{Member, Stopped},
    upstream::{Call, Page},
};
use contracts::{
    AddressId,
    api::address_book::{AddressBody, AddressView},
};
use serde::Deserialize;
use std::borrow::Cow;

/// As the form sends it.
#[derive(Default, Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    name: String,
    #[serde(default)]
    line1: String,
    #[serde(default)]
    line2: String,
    #[serde(default)]
    postal_code: String,
    #[serde(default)]
    city: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    country: String,
    /// Boxes: what they hold says that they are ticked.
    #[serde(default)]
    default_shipping: String,
    #[serde(default)]
    default_billing: String,
}

impl Filling {
    fn body(&self) -> AddressBody {
        let optional = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        let [default_shipping, default_billing] =
            [&self.default_shipping, &self.default_billing].map(|ticked| Some(!ticked.is_empty()));
        AddressBody {
            name: self.name.clone(),
            line1: self.line1.clone(),
            line2: optional(&self.line2),
            postal_code: self.postal_code.clone(),
            city: self.city.clone(),
            region: optional(&self.region),
            country: self.country.clone(),
            default_shipping,
            default_billing,
        }
    }
}

impl From<AddressView> for Filling {
    fn from(address: AddressView) -> Self {
        let AddressView { name, line1, line2, postal_code, city, region, country, .. } = address;
        let [line2, region] = [line2, region].map(Option::unwrap_or_default);
        let [default_shipping, default_billing] = [address.default_shipping, address.default_billing]
            .map(|ticked| if ticked { "yes".to_owned() } else { String::new() });
        Self { name, line1, line2, postal_code, city, region, country, default_shipping, default_billing }
    }
}

fn page(title: Cow<'static, str>, form: Form, filling: &Filling) -> FormPage {
    let may_lack = || t!("may-be-left-out");
    let form = form
        .with(Field::text("name", t!("address-name"), "name").typed(&filling.name))
        .with(Field::text("line1", t!("address-line1"), "address-line1").typed(&filling.line1))
        .with(
            Field::text("line2", t!("address-line2"), "address-line2")
                .optional()
                .hint(may_lack())
                .typed(&filling.line2),
        )
        .with(Field::text("postal_code", t!("address-postal-code"), "postal-code").typed(&filling.postal_code))
        .with(Field::text("city", t!("address-city"), "address-level2").typed(&filling.city))
        .with(
            Field::text("region", t!("address-region"), "address-level1")
                .optional()
                .hint(may_lack())
                .typed(&filling.region),
        )
        .with(
            Field::text("country", t!("address-country"), "country")
                .hint(t!("address-country-hint"))
                .pattern("[A-Za-z]{2}")
                .typed(&filling.country),
        )
        .with(
            Field::tick("default_shipping", t!("address-parcels-tick"))
                .optional()
                .ticked(!filling.default_shipping.is_empty()),
        )
        .with(
            Field::tick("default_billing", t!("address-bills-tick"))
                .optional()
                .ticked(!filling.default_billing.is_empty()),
        );
    FormPage::new(title, form).way("/account/addresses", t!("your-addresses"))
}

/// All of the member's, on one page.
pub(crate) async fn of(member: &Member) -> Result<Vec<AddressView>, Stopped> {
    let page: Page<AddressView> = member.ask(Call::get("/auth/addresses")).await?;
    Ok(page.items)
}

/// The one with this id, if it is theirs.
async fn one_of(member: &Member, id: AddressId) -> Result<Option<AddressView>, Stopped> {
    Ok(of(member).await?.into_iter().find(|address| address.id == id))
}
