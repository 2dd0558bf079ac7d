//! `/office/products/{id}/status`: put on sale, taken back to a draft, archived.

use super::{
    page::{Failed, Wanted, shown},
    tag,
};
use crate::{
    asked::{Filled, Named},
    layout,
    member::Stopped,
    office::Clerk,
    state::App,
    upstream::Call,
};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{ProductId, access::WriteProducts};
use http::Method;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// `sell`, `withdraw` or `archive`.
    #[serde(default)]
    act: String,
    #[serde(default)]
    version: String,
}

pub(crate) async fn act(
    clerk: Clerk<WriteProducts>,
    State(app): State<App>,
    Named(id): Named,
    Filled(filling): Filled<Filling>,
) -> Response {
    let Ok(id) = id.parse::<ProductId>() else { return layout::not_found().await };
    let (path, archive) = (format!("/products/{id}"), format!("/products/{id}/archive"));
    let version = tag(&filling.version);
    let to = |status: &str| Call::product(Method::PATCH, &path).with_body(&json!({ "status": status }));
    let (call, done) = match &*filling.act {
        "sell" => (to("active"), "sold"),
        "withdraw" => (to("draft"), "withdrawn"),
        "archive" => (Call::product(Method::POST, &archive), "archived"),
        _ => return Redirect::to(&format!("/office/products/{id}")).into_response(),
    };
    match clerk.ask::<IgnoredAny>(call.with_header("if-match", &version)).await {
        Ok(_) => Redirect::to(&format!("/office/products/{id}?done={done}")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&app, &clerk, id, Wanted::again(Failed::Act, cause)).await,
    }
}
