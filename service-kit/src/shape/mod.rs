//! Reads what was sent into what is wanted: strictly, and with words of ours.
//!
//! serde's derived code takes an array for an object by position, counts on each type to refuse unknown fields, knows no
//! whole number written `3.0`, and tells the names of Rust's types. So a body is first read into a tree in which no name
//! stands twice, and a deserializer of ours gives that to the type: whatever the type says, it has the last word.

mod given;
mod tree;
mod words;

use given::Given;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use tree::Tree;
use words::Words;

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It is not JSON.
    Syntax(String),
    /// A value, named by its path in JSON Pointer's form (RFC 6901), is not what is wanted there.
    Field { pointer: String, detail: String },
}

/// A JSON text as a `T`.
pub(crate) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Misfit> {
    fit(&tree(bytes)?)
}

/// A JSON text in which no object has a name twice.
pub(crate) fn tree(bytes: &[u8]) -> Result<Value, Misfit> {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize::<_, Tree>(&mut text);
    let Tree(value) = read.map_err(|error| {
        let pointer = pointer(error.path());
        let cause = error.into_inner();
        if cause.is_data() {
            return Misfit::Field { pointer, detail: tree::TWICE.to_owned() };
        }
        Misfit::Syntax(cause.to_string())
    })?;
    text.end().map_err(|cause| Misfit::Syntax(cause.to_string()))?;
    Ok(value)
}

fn fit<T: DeserializeOwned>(value: &Value) -> Result<T, Misfit> {
    serde_path_to_error::deserialize(Given::json(value)).map_err(misfit)
}

/// The parameters of a query as a `T`: each a text that says a number, a truth or a text. None may come twice.
pub(crate) fn parameters<T: DeserializeOwned>(query: &str) -> Result<T, Misfit> {
    let mut given = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if given.contains_key(name.as_ref()) {
            return Err(Misfit::Field { pointer: name.into_owned(), detail: tree::TWICE.to_owned() });
        }
        given.insert(name.into_owned(), Value::String(value.into_owned()));
    }
    serde_path_to_error::deserialize(Given::text(&Value::Object(given))).map_err(misfit)
}

fn misfit(error: serde_path_to_error::Error<Words>) -> Misfit {
    Misfit::Field { pointer: pointer(error.path()), detail: error.into_inner().to_string() }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let parts = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key: name } | Segment::Enum { variant: name } => member(name),
        Segment::Unknown => "/?".to_owned(),
    });
    parts.collect()
}

/// A name as a step of a JSON Pointer.
pub(crate) fn member(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests;
