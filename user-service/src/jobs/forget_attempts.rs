//! Frees the memory of names whose failed attempts have worn off.

use crate::{Error, state::App};
use service_kit::jobs::Progress;
use std::future::{Ready, ready};

pub(crate) fn run(app: &App) -> Ready<Result<Progress, Error>> {
    app.logins.tidy();
    app.mails.tidy();
    app.guests.tidy();
    ready(Ok(Progress::Idle))
}
