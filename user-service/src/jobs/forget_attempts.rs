//! Frees the memory of names whose failed attempts have worn off.

use crate::{Error, app::App};
use service_kit::jobs::Progress;
use std::future::{Ready, ready};

pub(crate) fn run(app: &App) -> Ready<Result<Progress, Error>> {
    app.logins.tidy();
    app.mails.tidy();
    app.mails_by_client.tidy();
    ready(Ok(Progress::Idle))
}
