//! What a person is told of an answer that was no success, in plain words and with the time to come again.

use crate::{
    layout::{self, Notice},
    upstream::{FieldProblem, Refused, UpstreamError},
};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

/// Of a service that does not say when to come again.
const A_MINUTE: u64 = 60;

pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    /// A sentence or two.
    pub(crate) text: String,
    pub(crate) fields: Vec<FieldProblem>,
    wait: Option<u64>,
}

impl From<UpstreamError> for Refusal {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::Refused(refused) if refused.status == StatusCode::TOO_MANY_REQUESTS => {
                let wait = refused.wait.unwrap_or(A_MINUTE);
                let text = format!("{} Try again in {}.", too_much_of(&refused.code), span(wait));
                Self { status: refused.status, code: refused.code, text, fields: Vec::new(), wait: Some(wait) }
            }
            UpstreamError::Refused(refused) if refused.status.is_client_error() => {
                let Refused { status, code, detail, fields, .. } = refused;
                let text = plain(&code).map_or(detail, str::to_owned);
                Self { status, code, text, fields, wait: None }
            }
            cause => {
                tracing::warn!(%cause, "a page's wish could not be fulfilled");
                let wait = match &cause {
                    UpstreamError::Refused(Refused { wait: Some(wait), .. }) => *wait,
                    _ => A_MINUTE,
                };
                let text = format!("This cannot be done at the moment. Try again in {}.", span(wait));
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
    pub(crate) fn ours(status: StatusCode, code: &str, text: &str) -> Self {
        Self { status, code: code.to_owned(), text: text.to_owned(), fields: Vec::new(), wait: None }
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

    fn said(&self, page: impl FnOnce(&Notice<'_>) -> Response) -> Response {
        let title = if self.is_for_now() { "Not just now" } else { "That did not work" };
        let mut text = self.text.clone();
        if !self.fields.is_empty() {
            text = self.fields.iter().map(FieldProblem::sentence).collect::<Vec<_>>().join(" ");
        }
        self.stamped(page(&Notice { title, text: &text }))
    }
}

fn too_much_of(code: &str) -> &'static str {
    match code {
        "too_many_failed_logins" => "Too many log-ins with this address failed.",
        "too_many_passkey_logins" => "Too many log-ins by passkey were begun.",
        "too_many_mails" => "Too many mails were asked for, by you or to this address. Nothing was kept.",
        _ => "That was tried too often.",
    }
}

/// For what a service tells in words for programmers.
fn plain(code: &str) -> Option<&'static str> {
    match code {
        "email_not_verified" => {
            Some("Confirm your e-mail address first: open the link in the mail we sent you, or have it sent again.")
        }
        "no_second_factor" => Some("Your account has no second factor."),
        "passkey_required" => Some("Your second factor is a passkey: confirm it with that, not with the password."),
        "invalid_passkey" => {
            Some("This passkey is not known here, or it took too long. Try again, or log in by password.")
        }
        "wrong_passkey" => Some("This is none of your passkeys, or it took too long. Nothing was done: try again."),
        "verification_token_ended" => Some("Too many passwords were tried with this link. Have a new one sent."),
        _ => None,
    }
}

/// Rounded up: who comes then comes late enough.
fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=90 => (seconds.max(1), "second"),
        91..=5400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_wait_is_told_in_the_unit_people_would_use_and_never_too_short() {
        for (seconds, told) in [
            (0, "1 second"),
            (60, "60 seconds"),
            (91, "2 minutes"),
            (120, "2 minutes"),
            (5400, "90 minutes"),
            (5401, "2 hours"),
            (86_400, "24 hours"),
        ] {
            assert_eq!(span(seconds), told);
        }
    }
}
