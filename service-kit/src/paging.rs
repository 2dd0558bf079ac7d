//! Keyset paging: `?limit=&after=`, where `after` is the opaque `next` of the page before.

use crate::{Kind, Problem};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Of a page that is asked for without `limit`.
pub const DEFAULT_LIMIT: i64 = 20;
/// More are never given at once.
pub const MAX_LIMIT: i64 = 100;

/// A list as it is answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Give it as `after` for the next page of the same list; null on the last.
    #[schema(required)]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other things.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(into).collect(), next: self.next }
    }
}

/// Which part of a list is asked for: the parameters of every list. The extractor is [`crate::extract::Listed`].
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 1 to 100, 20 unless given.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<i64>,
    /// The `next` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    pub after: Option<String>,
}

impl PageQuery {
    /// Names of its parameters.
    pub(crate) const NAMES: [&'static str; 2] = ["limit", "after"];

    /// # Errors
    /// Not between 1 and [`MAX_LIMIT`].
    pub fn limit(&self) -> Result<i64, Problem> {
        limit(self.limit)
    }
}

/// # Errors
/// Not between 1 and [`MAX_LIMIT`].
pub fn limit(given: Option<i64>) -> Result<i64, Problem> {
    match given.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        limit => {
            let detail = format!("limit={limit} is not possible: ask for 1 to {MAX_LIMIT}.");
            Err(Problem::new(Kind::Invalid, "invalid_limit", detail))
        }
    }
}

/// One list, as it was asked for: whose, with what filter and in what order. A cursor of another leads nowhere in it.
#[derive(Clone, Copy, Debug)]
pub struct List([u8; MARK]);

/// So many bytes of the hash tell lists apart. They guard against a mix-up, not against whoever makes a cursor up: the
/// rows are the caller's own whatever the place.
const MARK: usize = 8;

impl List {
    /// `filter` is everything but the place and the limit that decides what the list holds.
    #[must_use]
    pub fn new(name: &str, filter: &impl Serialize) -> Self {
        let whole = serde_json::to_vec(&(name, filter)).unwrap_or_default();
        let mut mark = [0; MARK];
        mark.copy_from_slice(&digest::digest(&digest::SHA256, &whole).as_ref()[..MARK]);
        Self(mark)
    }

    /// The place behind which the page begins.
    ///
    /// # Errors
    /// Not a `next` of this list.
    pub fn after<K: DeserializeOwned>(self, given: Option<&str>) -> Result<Option<K>, Problem> {
        let Some(text) = given else { return Ok(None) };
        let detail = "after= is not the next of a page of this list, with the same filters and order: start again \
                      without it.";
        self.decode(text).map(Some).ok_or_else(|| Problem::new(Kind::Invalid, "invalid_cursor", detail))
    }

    /// Makes a page of at most `limit` from up to `limit + 1` rows; `key` is the place of its last item.
    pub fn page<T, K: Serialize>(self, mut rows: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> Page<T> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| self.place(&key(last)));
        Page { items: rows, next }
    }

    /// The same of a list that is looked through a piece at a time: where the piece up to `looked_to` did not fill the page,
    /// the next goes on behind it. Such a page may hold less than was asked for, or nothing, and not be the last.
    pub fn page_to<T, K: Serialize>(
        self,
        rows: Vec<T>,
        limit: i64,
        key: impl Fn(&T) -> K,
        looked_to: Option<K>,
    ) -> Page<T> {
        let mut page = self.page(rows, limit, key);
        page.next = page.next.or_else(|| looked_to.map(|place| self.place(&place)));
        page
    }

    /// The `next` that leads on from `key`.
    pub(crate) fn place<K: Serialize>(self, key: &K) -> String {
        let key = serde_json::to_vec(key).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&self.0, key.as_slice()].concat())
    }

    fn decode<K: DeserializeOwned>(self, text: &str) -> Option<K> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let key: Value = serde_json::from_slice(bytes.strip_prefix(&self.0)?).ok()?;
        // PostgreSQL takes no zero byte in a text, so none of our keys has one: whoever made this up gets no 500 for it.
        if holds_zero_byte(&key) {
            return None;
        }
        serde_json::from_value(key).ok()
    }
}

fn holds_zero_byte(key: &Value) -> bool {
    match key {
        Value::String(text) => text.contains('\0'),
        Value::Array(parts) => parts.iter().any(holds_zero_byte),
        Value::Object(parts) => parts.iter().any(|(name, part)| name.contains('\0') || holds_zero_byte(part)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::List;
    use serde_json::{Value, json};

    #[test]
    fn a_cursor_with_a_zero_byte_is_refused_wherever_it_is() {
        for key in [json!("\0"), json!(["a\0b", 7]), json!({"Name": ["\0", "id"]}), json!({"a\0b": 7})] {
            let list = List::new("any", &());
            let problem = list.after::<Value>(Some(&list.place(&key))).unwrap_err();
            assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_cursor"), "{key}");
        }
    }

    #[test]
    fn a_piece_that_fills_no_page_is_gone_on_behind() {
        let list = List::new("any", &());
        let after = |page: super::Page<i64>| list.after::<i64>(page.next.as_deref()).unwrap();
        assert_eq!(after(list.page_to(vec![9, 8, 7], 2, |row| *row, Some(3))), Some(8));
        assert_eq!(after(list.page_to(vec![9], 2, |row| *row, Some(3))), Some(3));
        assert_eq!(after(list.page_to(vec![9], 2, |row| *row, None)), None);
    }

    #[test]
    fn a_name_that_only_looks_like_a_zero_byte_is_a_cursor() {
        let key = (r"\u0000".to_owned(), 7);
        let list = List::new("any", &());
        assert_eq!(list.after::<(String, i64)>(Some(&list.place(&key))).unwrap(), Some(key));
    }
}
