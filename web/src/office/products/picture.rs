//! `/office/products/{id}/picture`: what it looks like, by a file. product-service says what is a picture, and makes it
//! in its sizes.

use super::{
    page::{Failed, Wanted, shown},
    tag,
};
use crate::{asked::Named, layout, member::Stopped, office::Clerk, refusal::Refusal, state::App, upstream::Call};
use axum::{
    body::Bytes,
    extract::{Multipart, State, multipart::MultipartRejection},
    response::{IntoResponse, Redirect, Response},
};
use contracts::{ProductId, access::WriteProducts};
use http::{HeaderValue, Method, StatusCode};
use serde::de::IgnoredAny;

/// What the form sent. How much it may be was looked at before (`arrived`).
#[derive(Default)]
struct Sent {
    version: String,
    kind: String,
    bytes: Bytes,
}

async fn read(form: Result<Multipart, MultipartRejection>) -> Result<Sent, Refusal> {
    let unreadable = || {
        let text = "What the form sent cannot be read. Choose the picture again.";
        Refusal::ours(StatusCode::BAD_REQUEST, "unreadable_form", text)
    };
    let mut form = form.map_err(|_| unreadable())?;
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
        match field.name() {
            Some("version") => sent.version = field.text().await.map_err(|_| unreadable())?,
            Some("picture") => {
                let kind = field.content_type().unwrap_or_default();
                // It becomes a header.
                sent.kind = HeaderValue::from_str(kind).map(|_| kind.to_owned()).unwrap_or_default();
                sent.bytes = field.bytes().await.map_err(|_| unreadable())?;
            }
            _ => {}
        }
    }
    if sent.bytes.is_empty() {
        let text = "Choose a file first: a JPEG, PNG, WebP or SVG picture.";
        return Err(Refusal::ours(StatusCode::UNPROCESSABLE_ENTITY, "no_file", text));
    }
    Ok(sent)
}

pub(crate) async fn put(
    clerk: Clerk<WriteProducts>,
    State(app): State<App>,
    Named(id): Named,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let Ok(id) = id.parse::<ProductId>() else { return layout::not_found().await };
    let Sent { version, kind, bytes } = match read(form).await {
        Ok(sent) => sent,
        Err(refusal) => return shown(&app, &clerk, id, Wanted::again(Failed::Picture, refusal)).await,
    };
    let (path, version) = (format!("/products/{id}/picture"), tag(&version));
    let call = Call::product(Method::PUT, &path).with_bytes(&kind, bytes).with_header("if-match", &version);
    match clerk.ask::<IgnoredAny>(call).await {
        Ok(_) => Redirect::to(&format!("/office/products/{id}?done=pictured")).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&app, &clerk, id, Wanted::again(Failed::Picture, cause)).await,
    }
}
