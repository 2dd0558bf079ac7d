//! A value that was sent, given to a type piece by piece: nothing passes for what it is not.

use super::words::{Words, one_of};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value, map, value::Number};
use std::slice;

/// Whole numbers up to here are exact in a number with a fraction (IEEE 754, and what JSON's readers agree on: RFC 8259, 6).
const EXACT: f64 = 9_007_199_254_740_992.0;

/// JSON, or a query's parameters, whose every value is a text.
#[derive(Clone, Copy)]
pub(super) struct Given<'de> {
    value: &'de Value,
    texts: bool,
}

impl<'de> Given<'de> {
    pub(super) const fn json(value: &'de Value) -> Self {
        Self { value, texts: false }
    }

    pub(super) const fn text(value: &'de Value) -> Self {
        Self { value, texts: true }
    }

    fn wanted(self, what: &str) -> Words {
        let kind = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(number) if number.is_f64() => match number.as_f64() {
                Some(number) if number.fract() == 0.0 => "a number too large to be exact",
                _ => "a number with a fraction",
            },
            Value::Number(_) => "a number",
            Value::String(_) if self.texts => "this text",
            Value::String(_) => "a text",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Words::custom(format_args!("must be {what}, not {kind}"))
    }

    fn str(self, what: &str) -> Result<&'de str, Words> {
        self.value.as_str().ok_or_else(|| self.wanted(what))
    }

    /// As JSON Schema has it, `3.0` is an integer.
    fn whole<T: TryFrom<i128>>(self, least: impl Into<i128>, most: impl Into<i128>) -> Result<T, Words> {
        let (least, most) = (least.into(), most.into());
        let number = match self.value {
            Value::Number(number) => whole(number),
            Value::String(text) if self.texts => text.parse().ok(),
            _ => None,
        };
        let number = number.ok_or_else(|| self.wanted("a whole number"))?;
        T::try_from(number).map_err(|_| Words::custom(format_args!("must be a whole number from {least} to {most}")))
    }
}

fn whole(number: &Number) -> Option<i128> {
    if let Some(number) = number.as_i128() {
        return Some(number);
    }
    let number = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= EXACT)?;
    // Exact: there is no other way from a float than through its text that loses nothing.
    format!("{number:.0}").parse().ok()
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
            visitor.$visit(self.whole::<$type>($type::MIN, $type::MAX)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Given<'de> {
    type Error = Words;

    whole_numbers! {
        deserialize_i8 visit_i8 i8
        deserialize_i16 visit_i16 i16
        deserialize_i32 visit_i32 i32
        deserialize_i64 visit_i64 i64
        deserialize_u8 visit_u8 u8
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(number) => {
                let whole = whole(number);
                match (whole.and_then(|whole| i64::try_from(whole).ok()), number.as_u64(), number.as_f64()) {
                    (Some(number), _, _) => visitor.visit_i64(number),
                    (_, Some(number), _) => visitor.visit_u64(number),
                    (_, _, Some(number)) => visitor.visit_f64(number),
                    _ => Err(self.wanted("another number")),
                }
            }
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(elements) => visitor.visit_seq(Elements { rest: elements.iter(), texts: self.texts }),
            Value::Object(object) => visitor.visit_map(Entries::of(self, object, None)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        let truth = match self.value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) if self.texts => text.parse().ok(),
            _ => None,
        };
        visitor.visit_bool(truth.ok_or_else(|| self.wanted("true or false"))?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        let number = match self.value {
            Value::String(text) if self.texts => text.parse().ok(),
            value => value.as_f64(),
        };
        visitor.visit_f64(number.ok_or_else(|| self.wanted("a number"))?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        visitor.visit_borrowed_str(self.str("a text")?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Words> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        if self.value.is_array() { self.deserialize_any(visitor) } else { Err(self.wanted("an array")) }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        if self.value.is_object() { self.deserialize_any(visitor) } else { Err(self.wanted("an object")) }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Words> {
        let Value::Object(object) = self.value else {
            return Err(self.wanted(&format!("an object with {}", one_of(fields, "and"))));
        };
        visitor.visit_map(Entries::of(self, object, Some(fields)))
    }

    /// None of ours holds data: a choice is a text.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Words> {
        let text: StrDeserializer<'de, Words> = self.str(&one_of(variants, "or"))?.into_deserializer();
        visitor.visit_enum(text)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Words> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier }
}

struct Elements<'de> {
    rest: slice::Iter<'de, Value>,
    texts: bool,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Words;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Words> {
        self.rest.next().map(|value| seed.deserialize(Given { value, texts: self.texts })).transpose()
    }
}

struct Entries<'de> {
    rest: map::Iter<'de>,
    value: &'de Value,
    texts: bool,
    /// The names that are known, where not all are.
    fields: Option<&'static [&'static str]>,
}

impl<'de> Entries<'de> {
    fn of(given: Given<'de>, object: &'de Map<String, Value>, fields: Option<&'static [&'static str]>) -> Self {
        Self { rest: object.iter(), value: &Value::Null, texts: given.texts, fields }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Words;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Words> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = value;
        let text: StrDeserializer<'de, Words> = name.as_str().into_deserializer();
        // Read before it is refused, so that the path ends with it.
        let key = seed.deserialize(text)?;
        match self.fields {
            Some(fields) if !fields.contains(&name.as_str()) => Err(Words::unknown_field(name, fields)),
            _ => Ok(Some(key)),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Words> {
        seed.deserialize(Given { value: self.value, texts: self.texts })
    }
}
