//! `/dev/mails`: the mails of the folder in a browser, for development. It knows the folder and nothing else.

mod pages;
mod reader;

use axum::{
    Json, Router,
    extract::State,
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, StatusCode, header};
use pages::{ListPage, ShowPage};
use reader::Mail;
use serde::Deserialize;
use service_kit::extract::{Path, Query};
use std::{io, path::PathBuf, sync::Arc};
use uuid::Uuid;

/// The pages are ours: their own style sheet, no script, frames from here only.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";
/// A mail is a stranger's: it may look as it likes and open links in new windows, and nothing more.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'self'; \
                           sandbox allow-popups allow-popups-to-escape-sandbox";
/// So many of the newest are listed.
const LISTED: usize = 200;

/// `/dev/mails` over the mails in `folder`, and `/dev/mails.json` for programs: `[{name, time, to, subject, text, links,
/// message_id}]`, newest first, `?to=` for one address.
pub fn dev_mails(folder: PathBuf) -> Router {
    Router::new()
        .route("/dev/mails", get(list))
        .route("/dev/mails.json", get(list_json))
        .route("/dev/mails/style.css", get(style))
        .route("/dev/mails/{name}", get(show))
        .route("/dev/mails/{name}/html", get(html_part))
        .route("/dev/mails/{name}/raw", get(raw))
        .with_state(Arc::new(folder))
        .layer(map_response(kept_by_nobody))
}

/// There are one-time links in mails.
async fn kept_by_nobody(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

type Folder = State<Arc<PathBuf>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    to: Option<String>,
}

async fn list(State(folder): Folder) -> Result<Response, DevError> {
    let mails = reader::newest(&folder, LISTED, None).await?;
    page(&ListPage { mails: &mails })
}

async fn list_json(State(folder): Folder, Query(query): Query<ListQuery>) -> Result<Json<Vec<Mail>>, DevError> {
    Ok(Json(reader::newest(&folder, LISTED, query.to.as_deref()).await?))
}

/// A name that is no id, as in a path that climbs out of the folder, is answered 404 before any file is looked for.
async fn show(State(folder): Folder, Path(name): Path<Uuid>) -> Result<Response, DevError> {
    let mail = reader::find(&folder, name).await?.ok_or(DevError::NotFound)?;
    page(&ShowPage { mail: &mail })
}

async fn html_part(State(folder): Folder, Path(name): Path<Uuid>) -> Result<Response, DevError> {
    let html = reader::html(&folder, name).await?.ok_or(DevError::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, MAIL_POLICY)];
    Ok((headers, html).into_response())
}

async fn raw(State(folder): Folder, Path(name): Path<Uuid>) -> Result<Response, DevError> {
    let bytes = reader::bytes(&folder, name).await?.ok_or(DevError::NotFound)?;
    // Shown as text, whatever is in it.
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((headers, bytes).into_response())
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../templates/dev_mails.css")).into_response()
}

fn page(template: &impl askama::Template) -> Result<Response, DevError> {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    Ok((headers, template.render()?).into_response())
}

#[derive(Debug, thiserror::Error)]
enum DevError {
    #[error("no such mail; /dev/mails lists those that are there")]
    NotFound,
    #[error("the mail folder cannot be read: {0}")]
    Folder(#[from] io::Error),
    #[error("the page cannot be written: {0}")]
    Page(#[from] askama::Error),
}

impl IntoResponse for DevError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Folder(_) | Self::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        // For developers only: they are told the cause.
        (status, self.to_string()).into_response()
    }
}
