//! The address of an order whose customer was erased.

use service_kit::postal_address::PostalAddress;

pub(crate) fn nowhere() -> PostalAddress {
    let erased = || "erased".to_owned();
    PostalAddress {
        name: erased(),
        line1: erased(),
        line2: None,
        postal_code: erased(),
        city: erased(),
        region: None,
        country: "ZZ".to_owned(),
    }
}
