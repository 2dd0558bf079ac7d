//! What a person is told of an answer that was no success, in plain words and with the time to come again.

use crate::{
    layout,
    upstream::{FieldProblem, Refused, UpstreamError},
    words::{self, Sentence},
};
use askama::Template;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// Of a service that does not say when to come again.
const A_MINUTE: u64 = 60;

pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    /// A sentence or two.
    pub(crate) text: Sentence,
    pub(crate) fields: Vec<FieldProblem>,
    wait: Option<u64>,
}

/// A page that says nothing else.
#[derive(Template)]
#[template(path = "notice.html")]
struct RefusedPage<'a> {
    title: &'a str,
    text: &'a Sentence,
}

impl RefusedPage<'_> {
    fn lang(&self) -> &'static str {
        self.text.lang()
    }
}

impl From<UpstreamError> for Refusal {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::Refused(refused) if refused.status == StatusCode::TOO_MANY_REQUESTS => {
                let wait = refused.wait.unwrap_or(A_MINUTE);
                let why = words::too_much_of(&refused.code);
                let text = t!("too-much-try-again", why = why, span = words::span(wait)).into();
                Self { status: refused.status, code: refused.code, text, fields: Vec::new(), wait: Some(wait) }
            }
            UpstreamError::Refused(refused) if refused.status.is_client_error() => {
                let Refused { status, code, detail, fields, .. } = refused;
                let text = words::of_code(&code, &detail).map_or_else(|| Sentence::english(detail), Sentence::from);
                Self { status, code, text, fields, wait: None }
            }
            cause => {
                tracing::warn!(%cause, "a page's wish could not be fulfilled");
                let wait = match &cause {
                    UpstreamError::Refused(Refused { wait: Some(wait), .. }) => *wait,
                    _ => A_MINUTE,
                };
                let text = t!("cannot-be-done-now", span = words::span(wait)).into();
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self { status, code: String::new(), text, fields: Vec::new(), wait: Some(wait) }
            }
        }
    }
}

impl Refusal {
    /// Whether the same may go well later.
    pub(crate) fn is_for_now(&self) -> bool {
        self.wait.is_some()
    }

    /// Its status, and when to come again, on a page that says so.
    pub(crate) fn stamped(&self, mut page: Response) -> Response {
        *page.status_mut() = self.status;
        if let Some(wait) = self.wait {
            page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        page
    }

    /// One of our own, of what was not asked of any service.
    pub(crate) fn ours(status: StatusCode, code: &str, text: impl Into<Sentence>) -> Self {
        Self { status, code: code.to_owned(), text: text.into(), fields: Vec::new(), wait: None }
    }

    /// Something is away for now, in words that say what.
    pub(crate) fn away(text: impl Into<Sentence>) -> Self {
        Self { wait: Some(A_MINUTE), ..Self::ours(StatusCode::SERVICE_UNAVAILABLE, "", text) }
    }

    /// One of our own, of what one field holds.
    pub(crate) fn of_field(name: &str, why: impl Into<String>) -> Self {
        Self::of_fields(vec![FieldProblem { pointer: format!("/{name}"), detail: why.into() }])
    }

    /// The same of several.
    pub(crate) fn of_fields(fields: Vec<FieldProblem>) -> Self {
        let text = t!("some-fields-are-wrong").into();
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code: "invalid_fields".to_owned(), text, fields, wait: None }
    }

    /// Whether it names this field.
    pub(crate) fn is_about(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name() == name)
    }

    /// A page that says nothing else.
    pub(crate) fn page(&self) -> Response {
        self.said(|notice| layout::page(self.status, notice))
    }

    /// The same for an address with a token: it is told to nobody.
    pub(crate) fn page_in_secret(&self) -> Response {
        self.said(|notice| layout::secret_page(self.status, notice))
    }

    fn said(&self, page: impl FnOnce(&RefusedPage<'_>) -> Response) -> Response {
        let title = if self.is_for_now() { t!("not-just-now") } else { t!("did-not-work") };
        let mut text = self.text.clone();
        if !self.fields.is_empty() {
            text = Sentence::english(self.fields.iter().map(FieldProblem::sentence).collect::<Vec<_>>().join(" "));
        }
        self.stamped(page(&RefusedPage { title: &title, text: &text }))
    }
}
