//! How far the services are with what concerns all of them: a copy of somebody's data, or its erasure.

use crate::words;
use askama::Template;
use contracts::{ServiceName, api::personal_data::ProgressView};
use std::borrow::Cow;
use time::OffsetDateTime;

/// What each of them does.
#[derive(Clone, Copy)]
pub(crate) enum Did {
    Copy,
    Erase,
}

#[derive(Template)]
#[template(path = "account/progress.html")]
pub(crate) struct Progress<'a> {
    pub(crate) did: Did,
    pub(crate) services: &'a [ProgressView],
}

impl Progress<'_> {
    /// What a service keeps of a person.
    fn keeps(service: &ServiceName) -> Cow<'static, str> {
        match service {
            ServiceName::User => t!("kept-by-user"),
            ServiceName::Product => t!("kept-by-product"),
            ServiceName::Order => t!("kept-by-order"),
            ServiceName::Payment => t!("kept-by-payment"),
            ServiceName::Notify => t!("kept-by-notify"),
        }
    }

    /// What it said it has done.
    fn done(&self, at: &OffsetDateTime) -> Cow<'static, str> {
        let at = words::moment(at);
        match self.did {
            Did::Copy => t!("progress-copied", at = at),
            Did::Erase => t!("progress-erased", at = at),
        }
    }
}
