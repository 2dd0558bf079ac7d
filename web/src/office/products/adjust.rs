//! `/office/products/{id}/stock`: pieces came in, or went, and why.

use super::{
    adjusting::Adjusting,
    page::{Failed, Wanted, shown},
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
use contracts::{ProductId, access::WriteStock};
use http::Method;
use serde::de::IgnoredAny;

pub(crate) async fn adjust(
    clerk: Clerk<WriteStock>,
    State(app): State<App>,
    Named(id): Named,
    Filled(filling): Filled<Adjusting>,
) -> Response {
    let Ok(id) = id.parse::<ProductId>() else { return layout::not_found().await };
    let body = match filling.body() {
        Ok(body) => body,
        Err(refusal) => return shown(&app, &clerk, id, Wanted::again(Failed::Adjust(filling), refusal)).await,
    };
    let path = format!("/products/{id}/stock-adjustments");
    let call = Call::product(Method::POST, &path).with_body(&body).with_header("idempotency-key", &filling.key);
    match clerk.ask::<IgnoredAny>(call).await {
        Ok(_) => Redirect::to(&format!("/office/products/{id}?done=adjusted#stock")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&app, &clerk, id, Wanted::again(Failed::Adjust(filling), cause)).await,
    }
}
