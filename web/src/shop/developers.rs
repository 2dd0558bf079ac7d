//! `/developers`: what runs here, how an order travels, and what to try.

use crate::{layout, state::App};
use askama::Template;
use axum::{extract::State, response::Response};
use contracts::ServiceName;
use http::StatusCode;
use service_kit::Environment;

#[derive(Template)]
#[template(path = "developers.html")]
struct DevelopersPage<'a> {
    base: &'a str,
    development: bool,
    flow: bool,
    services: Vec<Service<'a>>,
}

struct Service<'a> {
    name: &'static str,
    owns: &'static str,
    /// Shown in development only: elsewhere the ports are closed.
    url: Option<&'a str>,
}

pub(crate) async fn developers(State(app): State<App>) -> Response {
    let settings = &app.settings;
    let development = settings.environment == Environment::Development;
    let url = |service| {
        let found = settings.documentation.iter().find(|known| known.service == service && development);
        found.map(|known| known.url.as_str().trim_end_matches('/'))
    };
    let services =
        ServiceName::ALL.map(|service| Service { name: service.as_str(), owns: owns(service), url: url(service) });
    let base = settings.public_url.as_str().trim_end_matches('/');
    layout::page(StatusCode::OK, &DevelopersPage { base, development, flow: settings.flow, services: services.into() })
}

const fn owns(service: ServiceName) -> &'static str {
    match service {
        ServiceName::User => "Accounts, logins, keys",
        ServiceName::Product => "Catalogue, prices, stock",
        ServiceName::Order => "Orders and where they stand",
        ServiceName::Payment => "Payments, refunds, the ledger",
        ServiceName::Notify => "Mails and the inbox",
    }
}
