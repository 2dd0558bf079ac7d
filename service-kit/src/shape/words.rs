//! What is wrong with a value, said to whoever sent it: in JSON's words, without the names of Rust's types.

use serde::de::{Error, Expected, Unexpected};
use std::fmt::{self, Display, Write};

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words(String);

impl Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Words {}

impl Error for Words {
    fn custom<T: Display>(text: T) -> Self {
        Self(text.to_string())
    }

    /// What a type expects is told by a name of Rust's, so only what came is told. The common kinds never get here: they
    /// are refused by [`super::given`], which knows what is wanted.
    fn invalid_type(unexpected: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self(format!("cannot be {}", kind(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn invalid_length(length: usize, _: &dyn Expected) -> Self {
        Self(format!("cannot hold {length} elements"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(format!("must be {}", one_of(expected, "or")))
    }

    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        let known = one_of(expected, "and");
        Self(match expected.len() {
            0 => format!("`{name}` is not known: nothing can be set here"),
            1 => format!("`{name}` is not known, only {known}"),
            _ => format!("`{name}` is not known: known are {known}"),
        })
    }

    fn missing_field(name: &'static str) -> Self {
        Self(format!("lacks `{name}`"))
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self(super::tree::TWICE.to_owned())
    }
}

/// "`a`, `b` or `c`".
pub(super) fn one_of(names: &[&str], last: &str) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        let before = match index {
            0 => "",
            _ if index + 1 == names.len() => last,
            _ => ",",
        };
        // Writing to a String cannot fail.
        let _ = match before {
            "" => write!(text, "`{name}`"),
            "," => write!(text, ", `{name}`"),
            word => write!(text, " {word} `{name}`"),
        };
    }
    text
}

fn kind(unexpected: Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "this number",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Char(_) | Unexpected::Str(_) => "this text",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "this",
    }
}
