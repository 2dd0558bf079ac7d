//! On which version a change is based: `If-Match` (RFC 9110, 13.1.1). As a parameter it is required.

use crate::{Kind, Problem};
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

/// The versions whose change is wanted. Weak tags and those of others match none of ours: they are no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever is there.
    Any,
    /// One of these.
    Tags(Vec<String>),
}

impl IfMatch {
    /// Whether a thing of this version is what the request was made for.
    #[must_use]
    pub fn matches(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            // Behind the version a tag may say more of the answer it came with, as `"3-5f0c"`.
            Self::Tags(tags) => {
                let version = version.to_string();
                tags.iter().any(|tag| tag.split_once('-').map_or(tag.as_str(), |(before, _)| before) == version)
            }
        }
    }

    /// `*`, or a list of entity tags. A version without its quotes, as people type it, is one too.
    fn parse(text: &str) -> Option<Self> {
        let rest = text.trim_matches([' ', '\t']);
        if rest == "*" {
            return Some(Self::Any);
        }
        let tags = elements(rest)?.into_iter().filter(|(_, weak)| !weak);
        Some(Self::Tags(tags.map(|(tag, _)| tag.to_owned()).collect()))
    }
}

/// The tags of a list without their quotes, and whether each is weak. None where it is no list, or an empty one.
pub(crate) fn elements(mut rest: &str) -> Option<Vec<(&str, bool)>> {
    let mut tags = Vec::new();
    // RFC 9110, 5.6.1.2: empty elements of a list are passed over.
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix([',', ' ', '\t']) {
            rest = behind;
            continue;
        }
        let weak = rest.strip_prefix("W/");
        let (tag, behind) = element(weak.unwrap_or(rest))?;
        if !behind.trim_start_matches([' ', '\t']).starts_with(',') && !behind.trim_matches([' ', '\t']).is_empty() {
            return None;
        }
        tags.push((tag, weak.is_some()));
        rest = behind;
    }
    (!tags.is_empty()).then_some(tags)
}

/// The first tag without its quotes, and what stands behind it. A comma may stand in a tag.
fn element(text: &str) -> Option<(&str, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        return (end > 0).then(|| text.split_at(end));
    };
    let (tag, behind) = quoted.split_once('"')?;
    (!tag.contains(|character: char| character == ' ' || character.is_ascii_control())).then_some((tag, behind))
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            let detail =
                "Send If-Match with the ETag of the version you changed, so that nobody's work is overwritten.";
            return Err(Problem::new(Kind::PreconditionRequired, "if_match_required", detail));
        }
        // Lines of one list are that list (RFC 9110, 5.3).
        let lines = parts.headers.get_all(header::IF_MATCH).iter();
        let lines: Vec<_> = lines.map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        let detail = "If-Match must hold ETags of ours, such as \"3\", or *.";
        Self::parse(&lines.join(",")).ok_or_else(|| Problem::new(Kind::Invalid, "invalid_if_match", detail))
    }
}

/// As the documents tell it.
impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let tags = r#"^(\*|[0-9]+|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$"#;
        let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(tags)).examples(["\"3\"", "*"]);
        let description = "The ETag of the version that is changed; `*` for whatever it is now.";
        let parameter = ParameterBuilder::new().name("If-Match").parameter_in(ParameterIn::Header);
        vec![parameter.required(Required::True).description(Some(description)).schema(Some(schema)).build()]
    }
}

#[cfg(test)]
mod tests {
    use super::IfMatch;

    #[test]
    fn a_list_matches_by_any_of_its_strong_tags() {
        for text in [
            "\"3\"",
            "3",
            "*",
            "\"2\", \"3\"",
            "\"3-5f0c\"",
            "\"a,b\",\"3\"",
            ",, \"3\" ,",
            "W/\"9\", \"3\"",
            " \"3\"\t",
            "2, 3",
        ] {
            assert!(IfMatch::parse(text).is_some_and(|given| given.matches(3)), "{text}");
        }
        for text in
            ["\"4\"", "W/\"3\"", "\"03\"", "\"\"", "\"three\"", "\"2\", W/\"3\"", "\"99999999999999999999\"", "\"3,4\""]
        {
            assert!(IfMatch::parse(text).is_some_and(|given| !given.matches(3)), "{text}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for text in [
            "",
            ",",
            "three",
            "\"3",
            "3\"",
            "\"3\" \"4\"",
            "*, \"3\"",
            "w/\"3\"",
            "W/ \"3\"",
            "\"\"3\"\"",
            "-3",
            "\"a b\"",
        ] {
            assert_eq!(IfMatch::parse(text), None, "{text}");
        }
    }
}
