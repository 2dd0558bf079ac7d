//! How far the services are with what concerns all of them: a copy of somebody's data, or its erasure.

use askama::Template;
use contracts::{ServiceName, api::personal_data::ProgressView};

#[derive(Template)]
#[template(path = "account/progress.html")]
pub(super) struct Progress<'a> {
    /// What each of them does, as it is called when it is done.
    pub(super) did: &'static str,
    pub(super) services: &'a [ProgressView],
}

impl Progress<'_> {
    /// What a service keeps of a person.
    const fn keeps(service: &ServiceName) -> &'static str {
        match service {
            ServiceName::User => "Account, addresses and log-ins",
            ServiceName::Product => "Catalogue and stock",
            ServiceName::Order => "Orders",
            ServiceName::Payment => "Payments and refunds",
            ServiceName::Notify => "Mails and the inbox",
        }
    }
}
