//! What the client has already: `If-None-Match` (RFC 9110, 13.1.2).

use crate::if_match::elements;
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use std::convert::Infallible;

/// Which answers the client has. One that cannot be read is as if none was sent: the answer is given in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IfNoneMatch {
    /// None that it told of.
    #[default]
    Nothing,
    /// `*`: whatever there is.
    Anything,
    /// Those with these tags, weak or not: they are compared weakly here.
    Tags(Vec<String>),
}

impl IfNoneMatch {
    /// Whether the client has the one with this tag, given without its quotes.
    #[must_use]
    pub fn has(&self, tag: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Anything => true,
            Self::Tags(tags) => tags.iter().any(|one| one == tag),
        }
    }

    fn parse(text: &str) -> Self {
        if text.trim_matches([' ', '\t']) == "*" {
            return Self::Anything;
        }
        let tags = elements(text).map(|elements| elements.into_iter().map(|(tag, _weak)| tag.to_owned()).collect());
        tags.map_or(Self::Nothing, Self::Tags)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        if !parts.headers.contains_key(header::IF_NONE_MATCH) {
            return Ok(Self::Nothing);
        }
        // Lines of one list are that list (RFC 9110, 5.3).
        let lines = parts.headers.get_all(header::IF_NONE_MATCH).iter();
        let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        Ok(Self::parse(&lines.join(",")))
    }
}

#[cfg(test)]
mod tests {
    use super::IfNoneMatch;

    #[test]
    fn a_list_has_its_tags_weak_or_strong_and_a_star_all() {
        for text in ["\"a\"", "W/\"a\"", "\"b\", W/\"a\"", "*", " * ", ",\"b\",,\"a\"", "\"b\",\t\"a\" "] {
            assert!(IfNoneMatch::parse(text).has("a"), "{text}");
        }
        for text in ["", "\"b\"", "a", "\"a", "w/\"a\"", "\"A\"", "\"aa\"", "*, \"a\"", "\"b,a\""] {
            assert!(!IfNoneMatch::parse(text).has("a"), "{text}");
        }
    }
}
