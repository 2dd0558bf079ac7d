//! `/account/data`: what is kept of one: a copy of it, and how it is erased.

pub(super) mod copy;
pub(super) mod erase;

use super::progress::{Did, Progress};
use crate::{
    asked::{Asked, Before, Filled},
    form::Trouble,
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    upstream::{Call, Page, UpstreamError},
};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::api::personal_data::{ErasureStatus, ErasureView, ExportView};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use std::borrow::Cow;

#[derive(Template)]
#[template(path = "account/data.html")]
struct DataPage {
    exports: Vec<ExportView>,
    /// One that was not taken back.
    erasure: Option<ErasureView>,
    done: Option<Cow<'static, str>>,
    trouble: Option<Trouble>,
}

impl DataPage {
    /// Where it is fetched.
    fn link(export: &ExportView) -> Option<&str> {
        export.url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://"))
    }

    fn is_being_made(&self) -> bool {
        self.exports.iter().any(|export| export.ready_at.is_none())
    }

    fn progress(export: &ExportView) -> Progress<'_> {
        Progress { did: Did::Copy, services: &export.services }
    }
}

#[derive(Deserialize)]
pub(crate) struct Filling {
    /// What the button says.
    #[serde(default)]
    keep: String,
}

pub(crate) async fn show(member: Member, Asked(before): Asked<Before>) -> Response {
    shown(&member, &before.done, None).await
}

/// The page, with what was done or went wrong before on top.
async fn shown(member: &Member, done: &str, refusal: Option<Refusal>) -> Response {
    let page = match both_of(member).await {
        Ok((exports, erasure)) => {
            let done = match done {
                "copy" => Some(t!("copy-begun")),
                "copied" => Some(t!("copy-there")),
                // An old address must not say that the account is kept, when it is to be erased again.
                "kept" if erasure.is_none() => Some(t!("account-kept")),
                _ => None,
            };
            let trouble = refusal.as_ref().map(Trouble::saying);
            layout::page(StatusCode::OK, &DataPage { exports, erasure, done, trouble })
        }
        Err(stopped) => return stopped.page(),
    };
    match refusal {
        Some(refusal) => refusal.stamped(page),
        None => page,
    }
}

async fn both_of(member: &Member) -> Result<(Vec<ExportView>, Option<ErasureView>), Stopped> {
    let exports: Page<ExportView> = member.ask(Call::get("/auth/exports")).await?;
    let erasure = match member.ask::<ErasureView>(Call::get("/auth/erasure")).await {
        Ok(erasure) => Some(erasure).filter(|erasure| erasure.status != ErasureStatus::Kept),
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.code == "erasure_not_found" => None,
        Err(stopped) => return Err(stopped),
    };
    Ok((exports.items, erasure))
}

pub(crate) async fn keep(member: Member, Filled(Filling { keep }): Filled<Filling>) -> Response {
    if keep.is_empty() {
        return Redirect::to("/account/data").into_response();
    }
    match member.ask::<IgnoredAny>(Call::delete("/auth/erasure")).await {
        Ok(_) => Redirect::to("/account/data?done=kept").into_response(),
        Err(Stopped::LoginOver(answer)) => answer,
        Err(Stopped::Failed(cause)) => shown(&member, "", Some(cause.into())).await,
    }
}
