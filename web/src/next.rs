//! Where somebody goes on after the log-in: a path of these pages, whatever the address said.

use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, header};
use url::{Url, form_urlencoded};

/// No address of ours is longer.
const LONGEST: usize = 2000;

/// A path with its query, as a browser reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next(String);

impl Next {
    /// None of what leads away. It is read as browsers read it, who take `\` for `/` and pass over tabs: what is
    /// compared is what they would go to.
    pub(crate) fn parse(given: &str) -> Option<Self> {
        let here = Url::parse("https://here.invalid/").ok()?;
        if !given.starts_with('/') || given.len() > LONGEST {
            return None;
        }
        let there = here.join(given).ok().filter(|there| there.origin() == here.origin())?;
        let path = &there[url::Position::BeforePath..url::Position::AfterQuery];
        // `/.//elsewhere` is a path here, and would be a host if it were read again; and a sign may have become three.
        (!path.starts_with("//") && path.len() <= LONGEST).then(|| Self(path.to_owned()))
    }

    /// Where `given` leads, or else to the account.
    pub(crate) fn or_account(given: &str) -> Self {
        Self::parse(given).unwrap_or_else(|| Self("/account".to_owned()))
    }

    /// The first page.
    pub(crate) fn start() -> Self {
        Self("/".to_owned())
    }

    /// With the query that the browser says it was looked at with. A page need not repeat what stands in its address.
    pub(crate) fn with_query_of(self, headers: &HeaderMap) -> Self {
        let there = headers.get(header::REFERER).and_then(|there| Url::parse(there.to_str().ok()?).ok());
        let whole = there
            .filter(|there| there.path() == self.0)
            .and_then(|there| Self::parse(&there[url::Position::BeforePath..url::Position::AfterQuery]));
        whole.unwrap_or(self)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn go(&self) -> Response {
        Redirect::to(&self.0).into_response()
    }

    /// To the log-in, which leads on to here.
    pub(crate) fn by_login(&self) -> Response {
        Redirect::to(&self.login()).into_response()
    }

    /// The address of the log-in that leads on to here.
    pub(crate) fn login(&self) -> String {
        format!("/login?{}", self.query())
    }

    /// The same by the outside provider.
    pub(crate) fn by_provider(&self) -> String {
        format!("/login/provider/begin?{}", self.query())
    }

    /// The same by a passkey.
    pub(crate) fn by_passkey(&self) -> String {
        format!("/login/passkey?{}", self.query())
    }

    fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).append_pair("next", &self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Next;

    #[test]
    fn what_leads_away_leads_to_the_account() {
        for away in [
            "",
            "account",
            "https://elsewhere.example/",
            "//elsewhere.example/",
            "///elsewhere.example",
            "/\\elsewhere.example",
            "\\\\elsewhere.example",
            "/\t/elsewhere.example",
            "/\n/elsewhere.example",
            "\t//elsewhere.example",
            "/.//elsewhere.example",
            "/a/..//elsewhere.example",
            "/%2e//elsewhere.example",
            "javascript:alert(1)",
            "/\r\n//elsewhere.example",
            " //elsewhere.example",
        ] {
            assert_eq!(Next::or_account(away).as_str(), "/account", "{away:?}");
        }
        assert_eq!(Next::parse(&format!("/{}", "a".repeat(2000))), None);
    }

    #[test]
    fn what_is_kept_is_taken_again_after_the_log_in() {
        let quotes = |many: usize| format!("/products?q={}", "\"".repeat(many));
        let kept = Next::parse(&quotes(600)).unwrap();
        assert_eq!(Next::parse(kept.as_str()), Some(kept));
        // Each becomes `%22`: of so many nothing would be left when they come back.
        assert_eq!(Next::parse(&quotes(700)), None);
    }

    #[test]
    fn a_path_of_ours_is_kept_with_its_query() {
        for (given, kept) in [
            ("/account/email", "/account/email"),
            ("/products?q=a%20b&sort=name", "/products?q=a%20b&sort=name"),
            ("/products?q=a b\"<", "/products?q=a%20b%22%3C"),
            ("/products#shelf", "/products"),
            ("/a/../account", "/account"),
            ("/@elsewhere.example", "/@elsewhere.example"),
            ("/\r\nSet-Cookie:a=b", "/Set-Cookie:a=b"),
        ] {
            assert_eq!(Next::parse(given).unwrap().as_str(), kept);
        }
    }
}
