//! What operators ask of any service, with their own tokens and through the front door: what it gave up acting on, and the
//! events it announced. `ecom dead-letters` and `ecom events` do the same at the databases, with the same words in the
//! operator's log; here an entry of the audit log is written besides, in the same transaction.

mod drop_dead_letter;
mod letter;
mod list_dead_letters;
mod list_events;
mod replay_dead_letter;
mod show_dead_letter;
mod show_event;

use crate::{Kit, gated};
use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;

/// For a service's public routes, nested under a prefix that the front door leads to it.
pub fn routes<App>() -> OpenApiRouter<App>
where
    App: Clone + Send + Sync + 'static,
    Kit: FromRef<App>,
{
    OpenApiRouter::new()
        .routes(gated!(list_dead_letters::list_dead_letters))
        .routes(gated!(show_dead_letter::show_dead_letter))
        .routes(gated!(replay_dead_letter::replay_dead_letter))
        .routes(gated!(drop_dead_letter::drop_dead_letter))
        .routes(gated!(list_events::list_events))
        .routes(gated!(show_event::show_event))
}
