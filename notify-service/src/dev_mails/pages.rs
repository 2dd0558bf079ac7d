//! The pages' templates.

use super::reader::Mail;
use askama::Template;

#[derive(Template)]
#[template(path = "dev_mails_list.html")]
pub(super) struct ListPage<'a> {
    pub(super) mails: &'a [Mail],
}

#[derive(Template)]
#[template(path = "dev_mails_show.html")]
pub(super) struct ShowPage<'a> {
    pub(super) mail: &'a Mail,
}
