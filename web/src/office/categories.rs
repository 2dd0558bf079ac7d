//! `/office/categories`: what the catalogue is divided into; made, and given other names.

use super::Clerk;
use crate::{
    asked::{Asked, Before, Filled},
    form::{Field, Form, Trouble},
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    state::App,
    upstream::Call,
};
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use contracts::{
    access::{Permission, ReadProducts, WriteProducts},
    api::product::CategoryView,
};
use http::{Method, StatusCode};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

#[derive(Template)]
#[template(path = "office/categories.html")]
struct CategoriesPage {
    categories: Vec<CategoryView>,
    done: Option<&'static str>,
    trouble: Option<Trouble>,
    /// None for whoever may only look.
    form: Option<Form>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Filling {
    #[serde(default)]
    slug: String,
    #[serde(default)]
    name: String,
}

impl Filling {
    fn form(&self) -> Form {
        let slug =
            "Small letters, digits and single dashes, such as desk-lamps. It stands in addresses and never changes.";
        Form::new("category", "/office/categories", "Make it")
            .with(Field::text("name", "Name", "off").typed(&self.name))
            .with(Field::text("slug", "In addresses", "off").hint(slug).typed(&self.slug))
    }
}

pub(crate) async fn list(clerk: Clerk<ReadProducts>, State(app): State<App>, Asked(before): Asked<Before>) -> Response {
    let done = (before.done == "put").then_some("The category is there under this name.");
    shown(&app, &clerk, done, None).await
}

pub(crate) async fn put(
    clerk: Clerk<WriteProducts>,
    State(app): State<App>,
    Filled(filling): Filled<Filling>,
) -> Response {
    let slug: String = url::form_urlencoded::byte_serialize(filling.slug.trim().as_bytes()).collect();
    if slug.is_empty() {
        let refusal = Refusal::of_field("slug", "must not be empty");
        return shown(&app, &clerk, None, Some((filling, refusal))).await;
    }
    let path = format!("/categories/{}", slug.replace('+', "%20"));
    let call = Call::product(Method::PUT, &path).with_body(&json!({ "name": filling.name }));
    match clerk.ask::<IgnoredAny>(call).await {
        Ok(_) => Redirect::to("/office/categories?done=put").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&app, &clerk, None, Some((filling, cause.into()))).await,
    }
}

async fn shown(app: &App, member: &Member, done: Option<&'static str>, failed: Option<(Filling, Refusal)>) -> Response {
    let categories = match app.upstream.categories().await {
        Ok(categories) => categories,
        Err(cause) => return Refusal::from(cause).page(),
    };
    let (filling, refusal) = failed.unzip();
    let mut form = filling.unwrap_or_default().form();
    let trouble = refusal.as_ref().map(|refusal| form.refused(refusal));
    let may_write = member.permissions().contains(Permission::WriteProducts);
    let status = refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status);
    let page = CategoriesPage { categories, done, trouble, form: may_write.then_some(form) };
    let page = layout::office_page(status, &page);
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}
