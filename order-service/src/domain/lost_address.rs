//! The address of an order that nobody remembers.

use service_kit::postal_address::PostalAddress;

/// Staff have to ask.
pub(crate) fn lost_address() -> PostalAddress {
    let unknown = || "?".to_owned();
    PostalAddress {
        name: "Unknown: ask the customer".to_owned(),
        line1: "The address was lost with a database".to_owned(),
        line2: None,
        postal_code: unknown(),
        city: unknown(),
        region: None,
        country: "ZZ".to_owned(),
    }
}
