//! `/office/products/{id}`: looked at, and its texts, category and price changed.

use super::{
    filling::Filling,
    page::{Failed, Wanted, shown},
    tag,
};
use crate::{
    asked::{Asked, Filled, Named},
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
use contracts::{
    ProductId,
    access::{ReadProducts, WriteProducts},
};
use http::Method;
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
pub(crate) struct Place {
    #[serde(default)]
    done: String,
    after: Option<String>,
}

pub(crate) async fn show(
    clerk: Clerk<ReadProducts>,
    State(app): State<App>,
    Named(id): Named,
    Asked(place): Asked<Place>,
) -> Response {
    let Ok(id) = id.parse::<ProductId>() else { return layout::not_found().await };
    let done = match &*place.done {
        "made" => Some("It is made."),
        "changed" => Some("It is changed."),
        "pictured" => Some("It has another picture."),
        "sold" => Some("It is on sale."),
        "withdrawn" => Some("It is a draft: only staff see it."),
        "archived" => Some("It is archived: no longer sold, and still found by old orders and links."),
        "adjusted" => Some("The stock is adjusted."),
        _ => None,
    };
    shown(&app, &clerk, id, Wanted { done, after: place.after, failed: None }).await
}

pub(crate) async fn change(
    clerk: Clerk<WriteProducts>,
    State(app): State<App>,
    Named(id): Named,
    Filled(filling): Filled<Filling>,
) -> Response {
    let Ok(id) = id.parse::<ProductId>() else { return layout::not_found().await };
    let body = match filling.change() {
        Ok(body) => body,
        Err(refusal) => return shown(&app, &clerk, id, Wanted::again(Failed::Edit(filling), refusal)).await,
    };
    let (path, version) = (format!("/products/{id}"), tag(&filling.version));
    let call = Call::product(Method::PATCH, &path).with_body(&body).with_header("if-match", &version);
    match clerk.ask::<IgnoredAny>(call).await {
        Ok(_) => Redirect::to(&format!("/office/products/{id}?done=changed")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&app, &clerk, id, Wanted::again(Failed::Edit(filling), cause)).await,
    }
}
