//! What a browser sends arrives whole before a page is made of it, as everywhere (`service_kit::arrival`); and what is too
//! large is answered by a page. Here begins whatever is said, and so the language it is said in.

use crate::{
    layout::{self, Notice},
    shop_name::ShopName,
    words::{self, Language, Reader},
};
use axum::{
    body::{Body, HttpBody as _},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt;
use http::{HeaderValue, StatusCode, header};
use service_kit::arrival;
use std::time::Duration;

/// So much of what is not taken is read and dropped, and for so long.
const PATIENCE: usize = 64 << 20;
const DEADLINE: Duration = Duration::from_secs(10);

/// Middleware around all pages, also around those of no address. They have the shop's name from it, and it is where their
/// language is found, which is `language` for whoever asks for none of ours.
pub async fn arrived(
    State((shop_name, language)): State<(ShopName, Language)>,
    request: Request,
    next: Next,
) -> Response {
    let reader = Reader::of(&request, language);
    shop_name.within(words::within(reader, whole(request, next))).await
}

async fn whole(request: Request, next: Next) -> Response {
    // Browsers say how long a form is before they send it.
    if request.body().size_hint().lower() > arrival::LIMIT as u64 {
        return too_large(request.into_body()).await;
    }
    arrival::whole(request, next).await
}

/// Browsers read an answer when they have sent everything: to one whose connection ends before they say that there was none.
async fn too_large(body: Body) -> Response {
    let dropped = async {
        let (mut body, mut left) = (body.into_data_stream(), PATIENCE);
        while let Some(Ok(part)) = body.next().await {
            left = left.saturating_sub(part.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whoever sends for longer is cut off.
    let _ended = tokio::time::timeout(DEADLINE, dropped).await;
    let notice = Notice { title: &t!("too-large"), text: &t!("too-large-text") };
    let mut page = layout::page(StatusCode::PAYLOAD_TOO_LARGE, &notice);
    page.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    page
}
