//! `/office/products/new`: one more.

use super::filling::Filling;
use crate::{
    asked::Filled,
    form::{Form, Trouble},
    layout,
    member::Stopped,
    office::Clerk,
    refusal::Refusal,
    state::App,
    upstream::Call,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{access::WriteProducts, api::product::ProductView};
use http::{Method, StatusCode};

#[derive(Template)]
#[template(path = "office/product_new.html")]
struct NewPage {
    form: Form,
    trouble: Option<Trouble>,
    has_categories: bool,
}

pub(crate) async fn ask(_clerk: Clerk<WriteProducts>, State(app): State<App>) -> Response {
    shown(&app, &Filling::new(app.clock.new_id::<uuid::Uuid>().to_string()), None).await
}

pub(crate) async fn add(
    clerk: Clerk<WriteProducts>,
    State(app): State<App>,
    Filled(filling): Filled<Filling>,
) -> Response {
    let body = match filling.product() {
        Ok(body) => body,
        Err(refusal) => return shown(&app, &filling, Some(refusal)).await,
    };
    let call = Call::product(Method::POST, "/products").with_body(&body).with_header("idempotency-key", &filling.key);
    match clerk.ask::<ProductView>(call).await {
        Ok(product) => Redirect::to(&format!("/office/products/{}?done=made", product.id)).into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => {
            let refusal = Refusal::from(cause);
            // What was typed under a key is stored with it, unless it was refused.
            shown(&app, &filling, Some(refusal)).await
        }
    }
}

async fn shown(app: &App, filling: &Filling, refusal: Option<Refusal>) -> Response {
    // Without its categories the form still holds what was typed.
    let categories = app.upstream.categories().await.unwrap_or_default();
    let mut form = filling.new_form(&categories);
    let trouble = refusal.as_ref().map(|refusal| form.refused(refusal));
    let status = refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status);
    let page = layout::office_page(status, &NewPage { form, trouble, has_categories: !categories.is_empty() });
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}
