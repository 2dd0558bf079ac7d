//! What handlers, reactions and jobs share.

use crate::{
    mail::{Composer, Post},
    outgoing::Outgoing,
};
use axum::extract::FromRef;
use service_kit::Kit;
use std::sync::Arc;
use tokio::sync::Notify;

#[derive(Clone)]
pub(crate) struct App {
    pub(crate) kit: Kit,
    pub(crate) composer: Arc<Composer>,
    pub(crate) post: Arc<Post>,
    /// After so many attempts a mail is given up.
    pub(crate) attempts: i32,
    /// The mails in hand.
    pub(crate) outgoing: Arc<Outgoing>,
    /// Wakes the job that claims mails.
    pub(crate) new_mail: Arc<Notify>,
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit.clone()
    }
}
