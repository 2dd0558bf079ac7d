use super::{Misfit, json, parameters};
use contracts::{Currency, OrderId};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Wish {
    lines: Vec<Line>,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Line {
    sku: String,
    quantity: i32,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Colour {
    Red,
    DarkBlue,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Place {
    limit: Option<i64>,
    unread: bool,
    q: Option<String>,
}

fn refused<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str) -> (String, String) {
    match json::<T>(text.as_bytes()) {
        Err(Misfit::Field { pointer, detail }) => (pointer, detail),
        other => panic!("{text}: {other:?}"),
    }
}

fn assert_refused<T: serde::de::DeserializeOwned + std::fmt::Debug>(text: &str, pointer: &str, detail: &str) {
    assert_eq!(refused::<T>(text), (pointer.to_owned(), detail.to_owned()), "{text}");
}

#[test]
fn an_array_is_no_object_however_deep_it_stands() {
    assert_refused::<Wish>(r#"[[["A",1]],null]"#, "", "must be an object with `lines` and `note`, not an array");
    let line = "must be an object with `sku` and `quantity`, not an array";
    assert_refused::<Wish>(r#"{"lines":[["A",1]]}"#, "/lines/0", line);
    assert_refused::<Wish>(r#"{"lines":[{"sku":"A","quantity":1},[]]}"#, "/lines/1", line);
    assert_refused::<Wish>(r#"{"lines":{"sku":"A"}}"#, "/lines", "must be an array, not an object");
    assert_refused::<Wish>("7", "", "must be an object with `lines` and `note`, not a number");
    assert_refused::<Wish>("null", "", "must be an object with `lines` and `note`, not null");
}

#[test]
fn a_name_that_stands_twice_is_refused_where_it_stands() {
    let twice = "stands here twice: send it once";
    assert_refused::<Wish>(r#"{"lines":[],"lines":[]}"#, "/lines", twice);
    assert_refused::<Wish>(r#"{"lines":[{"sku":"A","quantity":1,"quantity":5}]}"#, "/lines/0/quantity", twice);
    // Written otherwise, and in what is not looked at.
    assert_refused::<Wish>(r#"{"lines":[],"note":null,"no\u0074e":"x"}"#, "/note", twice);
    assert_refused::<serde_json::Value>(r#"[{"a":{"b":1,"b":1}}]"#, "/0/a/b", twice);
}

#[test]
fn a_field_that_is_not_known_is_refused_though_its_type_would_leave_it_out() {
    assert_refused::<Wish>(r#"{"lines":[],"price":1}"#, "/price", "`price` is not known: known are `lines` and `note`");
    let text = r#"{"lines":[{"sku":"A","quantity":1,"a/b~":1}]}"#;
    assert_refused::<Wish>(text, "/lines/0/a~1b~0", "`a/b~` is not known: known are `sku` and `quantity`");
    assert_refused::<Wish>("{}", "", "lacks `lines`");
}

#[test]
fn a_whole_number_may_be_written_in_every_way_json_has() {
    for (text, number) in [("3", 3), ("3.0", 3), ("3e0", 3), ("30e-1", 3), ("1E2", 100), ("-0.0", 0), ("-7.00", -7)] {
        assert_eq!(json::<i64>(text.as_bytes()), Ok(number), "{text}");
    }
    assert_eq!(json::<i64>(b"9223372036854775807"), Ok(i64::MAX));
    let whole = "must be a whole number, not a number with a fraction";
    for text in ["3.5", "0.1", "-2.9999", "3.0000000001"] {
        assert_refused::<i64>(text, "", whole);
    }
    // Read as a float it would be another number.
    for text in ["1e300", "18014398509481985.0", "-1E18"] {
        assert_refused::<i64>(text, "", "must be a whole number, not a number too large to be exact");
    }
    assert!(matches!(json::<i64>(b"1e400"), Err(Misfit::Syntax(_))));
    assert_refused::<i32>("2147483648", "", "must be a whole number from -2147483648 to 2147483647");
    assert_refused::<u8>("-1.0", "", "must be a whole number from 0 to 255");
    assert_refused::<i64>(
        "9223372036854775808",
        "",
        "must be a whole number from -9223372036854775808 to 9223372036854775807",
    );
    assert_refused::<i64>("\"3\"", "", "must be a whole number, not a text");
    assert_refused::<i64>("true", "", "must be a whole number, not true or false");
}

#[test]
fn no_answer_tells_a_name_of_rusts() {
    assert_refused::<String>("1", "", "must be a text, not a number");
    assert_refused::<bool>("\"true\"", "", "must be true or false, not a text");
    assert_refused::<Colour>("\"green\"", "", "must be `red` or `dark_blue`");
    assert_refused::<Colour>(r#"{"red":null}"#, "", "must be `red` or `dark_blue`, not an object");
    assert_refused::<Option<Vec<i64>>>("{}", "", "must be an array, not an object");
    assert_refused::<OrderId>("[1]", "", "must be a text, not an array");
    assert_refused::<Currency>("5", "", "must be a text, not a number");
    assert_refused::<()>("5", "", "cannot be this number");
}

#[test]
fn nesting_has_an_end() {
    let deep = "[".repeat(200_000);
    assert!(matches!(json::<Wish>(deep.as_bytes()), Err(Misfit::Syntax(_))));
}

#[test]
fn a_parameter_comes_once_and_says_what_is_wanted() {
    let place = Place { limit: Some(5), unread: true, q: Some("a b&c".to_owned()) };
    assert_eq!(parameters("limit=5&unread=true&q=a+b%26c"), Ok(place));
    assert_eq!(parameters(""), Ok(Place::default()));
    let cases = [
        ("limit=1&limit=2", "limit", "stands here twice: send it once"),
        ("q=a&%71=a", "q", "stands here twice: send it once"),
        ("limit=many", "/limit", "must be a whole number, not this text"),
        ("limit=", "/limit", "must be a whole number, not this text"),
        (
            "limit=99999999999999999999",
            "/limit",
            "must be a whole number from -9223372036854775808 to 9223372036854775807",
        ),
        ("unread=1", "/unread", "must be true or false, not this text"),
        ("page=2", "/page", "`page` is not known: known are `limit`, `unread` and `q`"),
    ];
    for (query, pointer, detail) in cases {
        let misfit = Misfit::Field { pointer: pointer.to_owned(), detail: detail.to_owned() };
        assert_eq!(parameters::<Place>(query), Err(misfit), "{query}");
    }
}
