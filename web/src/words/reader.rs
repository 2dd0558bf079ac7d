//! Who reads the page: in which language, and by which place's way to write amounts and dates.

use super::{
    asked_for,
    locales::{ENGLISH, LANGUAGES, Language, Locale},
};
use crate::cookies::{self, Kind};
use axum::extract::Request;
use http::HeaderMap;
use std::{borrow::Cow, fmt, ops::Deref};

/// What somebody chose. It says nothing of who they are.
pub(super) const COOKIE: Kind = Kind("__Host-lang");

/// Of those who work on the shop, and not in it: these pages are English.
const ENGLISH_ALONE: [&str; 5] = ["/office", "/flow", "/developers", "/design", "/dev"];

/// Where links of mails lead: their address holds a secret, which a choice would lose or the page would have to repeat.
const SECRET: [&str; 6] =
    ["/verify-email", "/reset-password", "/confirm-email", "/accept-invitation", "/erasure", "/guest"];

/// Of one request.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) locale: &'static Locale,
    /// Whether the page is for who works on the shop.
    is_staff: bool,
    /// The path that the choice of another language leads back to; none where there is none to choose.
    here: Option<String>,
}

tokio::task_local! {
    static CURRENT: Reader;
}

/// For whatever is said: a page need not hand it through.
pub(crate) fn reader() -> Reader {
    CURRENT.try_with(Clone::clone).unwrap_or_else(|_| Reader::unknown())
}

/// Theirs, which is all that most of it needs.
pub(super) fn locale() -> &'static Locale {
    CURRENT.try_with(|reader| reader.locale).unwrap_or_else(|_| Locale::main(ENGLISH))
}

/// Whatever is said meanwhile is said to this reader.
pub(crate) async fn within<F: Future>(reader: Reader, work: F) -> F::Output {
    CURRENT.scope(reader, work).await
}

#[cfg(test)]
pub(crate) fn within_now<T>(reader: Reader, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(reader, work)
}

impl Reader {
    pub(crate) fn of(request: &Request, by_default: Language) -> Self {
        let path = request.uri().path();
        let is_of = |part: &str| path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if ENGLISH_ALONE.into_iter().any(is_of) {
            return Self { is_staff: true, ..Self::unknown() };
        }
        let here = (!SECRET.contains(&path)).then(|| path.to_owned());
        Self { locale: locale_of(request.headers(), by_default), is_staff: false, here }
    }

    /// Of a page that nobody asked for.
    fn unknown() -> Self {
        Self { locale: Locale::main(ENGLISH), is_staff: false, here: None }
    }

    #[cfg(test)]
    pub(crate) fn reading(tag: &str) -> Self {
        Self { locale: Locale::named(tag).unwrap(), ..Self::unknown() }
    }

    pub(crate) fn language(&self) -> Language {
        self.locale.language
    }

    pub(super) fn is_staff(&self) -> bool {
        self.is_staff
    }

    /// Where to go on once another language is chosen.
    pub(crate) fn here(&self) -> Option<&str> {
        self.here.as_deref()
    }

    pub(crate) fn languages(&self) -> [Language; LANGUAGES.len()] {
        LANGUAGES
    }
}

/// By what was chosen, else by what the browser asks for, else by what the shop is written in.
fn locale_of(headers: &HeaderMap, by_default: Language) -> &'static Locale {
    let chosen = cookies::value(COOKIE, headers).and_then(Language::named);
    match chosen {
        Some(language) => asked_for(headers, Some(language)).unwrap_or_else(|| Locale::main(language)),
        None => asked_for(headers, None).unwrap_or_else(|| Locale::main(by_default)),
    }
}

/// What is said where perhaps nobody has words for it in the reader's language: it is marked then, so that programs that
/// read pages aloud say it in the right one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    text: Cow<'static, str>,
    is_english: bool,
}

impl Sentence {
    /// As a service says it.
    pub(crate) fn english(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), is_english: true }
    }

    /// The attribute that says so, where the page is in another language.
    pub(crate) fn lang(&self) -> &'static str {
        if self.is_english { mark_of_english() } else { "" }
    }
}

/// The attribute of what is English on every page, where the page is not.
pub(crate) fn mark_of_english() -> &'static str {
    if locale().language == ENGLISH { "" } else { " lang=\"en\"" }
}

impl Deref for Sentence {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Cow<'static, str>> for Sentence {
    fn from(text: Cow<'static, str>) -> Self {
        Self { text, is_english: false }
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Cow::<'static, str>::Owned(text).into()
    }
}

impl From<&'static str> for Sentence {
    fn from(text: &'static str) -> Self {
        Cow::Borrowed(text).into()
    }
}
