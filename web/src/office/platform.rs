//! What every service keeps for itself, asked of all five at once: one that is away is told, and the others are shown.

use super::address::address;
use crate::{
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::Response;
use contracts::ServiceName;
use futures_util::future::join_all;
use http::{Method, StatusCode};
use serde::de::DeserializeOwned;

/// What they answered.
pub(super) struct Answers<T> {
    /// Of each as it gave them.
    pub(super) items: Vec<(ServiceName, T)>,
    /// Who has more, and where it goes on.
    pub(super) older: Vec<(ServiceName, String)>,
    pub(super) away: Vec<ServiceName>,
    /// What was asked for cannot be: all that were asked say the same.
    pub(super) refusal: Option<Refusal>,
}

/// Where the front door leads to a service.
pub(super) const fn prefix(service: ServiceName) -> &'static str {
    match service {
        ServiceName::User => "/users",
        ServiceName::Product => "/products",
        ServiceName::Order => "/orders",
        ServiceName::Payment => "/payments",
        ServiceName::Notify => "/notifications",
    }
}

/// A service by its name, as an address has it; none for all of them.
pub(super) fn named(text: &str) -> Option<ServiceName> {
    text.parse().ok()
}

/// A page of what stands under `part` of each service, or of the one that is `wanted`. What was left empty is not asked for.
pub(super) async fn ask<T: DeserializeOwned>(
    member: &Member,
    wanted: Option<ServiceName>,
    part: &str,
    query: &[(&str, &str)],
) -> Result<Answers<T>, Response> {
    let services = ServiceName::ALL.into_iter().filter(|service| wanted.is_none_or(|wanted| wanted == *service));
    let paths: Vec<_> = services.map(|service| (service, format!("{}{part}", prefix(service)))).collect();
    let asked = paths.iter().map(|(service, path)| async move {
        let given = query.iter().copied().filter(|(_, value)| !value.is_empty());
        let call = Call::of(*service, Method::GET, path).with_query(given);
        (*service, member.ask::<Page<T>>(call).await)
    });
    let mut answers = Answers { items: Vec::new(), older: Vec::new(), away: Vec::new(), refusal: None };
    for (service, answer) in join_all(asked).await {
        match answer {
            Ok(Page { items, next }) => {
                answers.items.extend(items.into_iter().map(|item| (service, item)));
                answers.older.extend(next.map(|next| (service, next)));
            }
            Err(Stopped::LoginOver(answer)) => return Err(answer),
            Err(Stopped::Failed(cause)) => {
                let refusal = Refusal::from(cause);
                if refusal.is_for_now() {
                    answers.away.push(service);
                } else {
                    answers.refusal = Some(refusal);
                }
            }
        }
    }
    Ok(answers)
}

/// Links to what is older: of each service its own list, which goes on where this one ends.
pub(super) fn older(path: &str, query: &[(&str, &str)], older: &[(ServiceName, String)]) -> Vec<(ServiceName, String)> {
    let link = |(service, next): &(ServiceName, String)| {
        let place = [("service", service.as_str()), ("after", &**next)];
        (*service, address(path, &[query, &place[..]].concat()))
    };
    older.iter().map(link).collect()
}

/// For a list's words: `order-service and user-service`.
pub(super) fn names(services: &[ServiceName]) -> String {
    services.iter().map(|service| service.as_str()).collect::<Vec<_>>().join(" and ")
}

/// The page, with the status of what was refused on it.
pub(super) fn page(refusal: Option<&Refusal>, template: &impl Template) -> Response {
    let page = layout::office_page(StatusCode::OK, template);
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}
