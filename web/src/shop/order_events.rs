//! `/orders/{id}/events`: what the script of an order's page listens to (server-sent events), until the order is settled. It
//! asks order-service in the visitor's own name, with the token they came with: when that is not taken any more it ends, and
//! the browser comes again.

use super::{
    customer::Customer,
    guests::Guests,
    orders::{Acts, is_settled, told},
    watchers::{Pace, Place},
};
use crate::{
    asked::Named,
    layout,
    member::{Member, Stopped},
    refusal::Refusal,
    state::App,
    upstream::{Call, UpstreamError},
    words,
};
use askama::Template;
use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use contracts::{
    OrderId,
    api::order::{OrderStatus, OrderView},
};
use futures_util::stream;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use service_kit::{ClientAddress, client_address};
use std::{borrow::Cow, convert::Infallible, time::Duration};

/// Finds out who has gone, and keeps proxies from taking a quiet stream for a dead one.
const BEAT: Duration = Duration::from_secs(10);
const AGAIN: u64 = 10;

/// What of the page changes.
#[derive(Serialize)]
struct Standing {
    status: OrderStatus,
    told: Cow<'static, str>,
    /// What can be done about it, as HTML.
    acts: String,
    settled: bool,
}

impl Standing {
    fn event(order: &OrderView) -> Option<sse::Event> {
        let acts = Acts { status: order.status }.render().unwrap_or_default();
        let standing = Self { status: order.status, told: told(order), acts, settled: is_settled(order) };
        sse::Event::default().event("order").json_data(&standing).ok()
    }
}

/// Of whoever is not the order's customer, or not any more, there is none.
pub(super) async fn events(
    member: Result<Member, Response>,
    guests: Guests,
    client: ClientAddress,
    State(app): State<App>,
    Named(id): Named,
) -> Response {
    let Ok(id) = id.parse::<OrderId>() else { return layout::not_found().await };
    let Ok(customer) = Customer::of(id, member, guests) else { return layout::not_found().await };
    let (order, token) = match customer.look(id).await {
        Ok(looked) => looked,
        Err(Stopped::LoginOver(_)) => return layout::not_found().await,
        Err(Stopped::Failed(UpstreamError::Refused(refused))) if refused.status == StatusCode::NOT_FOUND => {
            return layout::not_found().await;
        }
        Err(Stopped::Failed(cause)) => return Refusal::from(cause).page(),
    };
    let Some(place) = app.watchers.place(order.customer_id) else {
        let again = [(header::RETRY_AFTER, HeaderValue::from(AGAIN))];
        return (StatusCode::SERVICE_UNAVAILABLE, again, "As many as may are following already.").into_response();
    };
    let path = format!("/orders/{id}");
    let follower =
        Follower { first: Some(order), over: false, pace: Pace::begun(), path, token, client, app, _place: place };
    // Of whoever came: what goes on when they are answered knows them no more.
    let events = stream::unfold((follower, words::reader()), |(mut follower, reader)| async move {
        let (stop, until) = (follower.app.watchers.stop.clone(), follower.pace.until);
        let next = tokio::time::timeout_at(until, words::within(reader.clone(), follower.next()));
        let event = stop.run_until_cancelled(next).await?.ok()??;
        Some((Ok::<_, Infallible>(event), (follower, reader)))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(BEAT)).into_response();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store, no-transform"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // As nginx is told to hand on at once what comes.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// One stream, which lives as long as somebody reads it.
struct Follower {
    /// How it stood when they came: what happened since the page was written is told at once.
    first: Option<OrderView>,
    over: bool,
    pace: Pace,
    path: String,
    token: String,
    client: ClientAddress,
    app: App,
    _place: Place,
}

impl Follower {
    /// How it stands as soon as it is another way; none when there is nothing more to come.
    async fn next(&mut self) -> Option<sse::Event> {
        if let Some(order) = self.first.take() {
            self.over = is_settled(&order);
            return Standing::event(&order);
        }
        while !self.over {
            tokio::time::sleep(self.pace.pause()).await;
            let call = Call::order(Method::GET, &self.path).with_token(&self.token);
            match client_address::within(self.client, self.app.upstream.ask::<OrderView>(&call)).await {
                Ok(order) if is_settled(&order) => {
                    self.over = true;
                    return Standing::event(&order);
                }
                Err(UpstreamError::Refused(refused))
                    if refused.status.is_client_error() && refused.status != StatusCode::TOO_MANY_REQUESTS =>
                {
                    return None;
                }
                // It waits still, or cannot be asked for now.
                Ok(_) | Err(_) => {}
            }
        }
        None
    }
}
