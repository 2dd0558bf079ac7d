//! What stands behind the `?` of an address, and the places where pages of lists begin.

use crate::support::{choice, chosen, is_exact, refused, text};
use contracts::PaymentId;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use service_kit::{
    Problem,
    audit::AuditFilter,
    extract::Listed,
    paging::{List, MAX_LIMIT},
};
use std::fmt::Debug;
use uuid::Uuid;

type Reader = fn(&str) -> Result<(), Problem>;

/// How the query of each list is read, and one of its kind.
const LISTS: [(Reader, &str); 3] = [
    (
        product_service::fuzzed::list,
        "q=%22iron+pan%22+-lid&category=desk-lamps&min_price=1&max_price=2000&currency=EUR&sort=-price&limit=5",
    ),
    (order_service::fuzzed::list, "status=paid&customer_id=0192d3a4-0000-7000-8000-000000000001&limit=100"),
    (audited, "actor=0192d3a4-0000-7000-8000-000000000001&action=account.suspended&limit=1&after=AAAA"),
];

fn audited(query: &str) -> Result<(), Problem> {
    let Listed { page, filter } = Listed::<AuditFilter>::read(query)?;
    if let Some(limit) = page.limit {
        assert_eq!(page.limit().is_ok(), (1..=MAX_LIMIT).contains(&limit), "{limit}");
    }
    let again = serde_json::to_value(&filter).expect("a filter is JSON");
    let read: AuditFilter = serde_json::from_value(again.clone()).expect("and read again");
    assert_eq!(serde_json::to_value(read).ok(), Some(again));
    Ok(())
}

/// What is asked for twice is told so; what cannot be read is the asker's fault.
pub(crate) fn query(data: &[u8]) {
    let (number, rest) = choice(data, LISTS.len());
    let (reader, query) = (LISTS[number].0, text(rest));
    match reader(&query) {
        Ok(()) => {
            let mut names: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name).collect();
            let before = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), before, "a parameter came twice and was taken");
        }
        Err(problem) => {
            assert!(matches!(problem.status, 400 | 401), "{problem:?}");
            refused(problem);
        }
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = LISTS.iter().enumerate().map(|(number, (_, example))| chosen(number, example)).collect();
    for odd in ["", "&&&", "limit=0", "limit=+7&limit=7", "q=%ff%00", "sort=price&after=", "status=draft", "a=b"] {
        seeds.extend((0..LISTS.len()).map(|number| chosen(number, odd)));
    }
    seeds
}

/// A place that is taken is one that a list may have given out: it holds no zero byte, which the database would refuse,
/// is given out as the same again, and leads nowhere in another list.
pub(crate) fn cursor(data: &[u8]) {
    let (way, rest) = choice(data, 2);
    let list = List::new("fuzzed", &());
    // Made up whole, or the key alone: nothing would get by the list's mark.
    let cursor = match way {
        0 => text(rest).into_owned(),
        _ => match serde_json::from_slice::<Value>(rest) {
            Ok(key) => given(list, &key),
            Err(_) => return,
        },
    };
    place::<Value>(list, &cursor);
    place::<Uuid>(list, &cursor);
    place::<PaymentId>(list, &cursor);
    place::<i64>(list, &cursor);
    place::<(String, i64)>(list, &cursor);
}

fn given<K: Serialize + Clone>(list: List, key: &K) -> String {
    list.page(vec![(), ()], 1, |()| key.clone()).next.expect("there is more")
}

fn place<K: DeserializeOwned + Serialize + Clone + Debug>(list: List, cursor: &str) {
    match list.after::<K>(Some(cursor)) {
        Ok(None) => assert!(cursor.is_empty(), "no place of {cursor}"),
        Ok(Some(key)) => {
            let json = serde_json::to_string(&key).expect("a key is JSON");
            assert!(!serde_json::from_str::<Value>(&json).is_ok_and(|key| holds_zero(&key)), "{json}");
            let again = list.after::<K>(Some(&given(list, &key))).ok().flatten().expect("given out, and taken");
            // None of our keys holds a number with a fraction, on whose last digit readers may differ.
            assert!(!is_exact(&again) || serde_json::to_string(&again).ok() == Some(json), "{again:?}");
            assert!(List::new("another", &()).after::<K>(Some(cursor)).is_err(), "taken by another list");
        }
        Err(problem) => {
            assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_cursor"));
            refused(problem);
        }
    }
}

fn holds_zero(key: &Value) -> bool {
    match key {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(holds_zero),
        Value::Object(all) => all.iter().any(|(name, value)| name.contains('\0') || holds_zero(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(crate) fn cursors() -> Vec<Vec<u8>> {
    let keys = [
        "\"0192d3a4-0000-7000-8000-000000000001\"",
        "42",
        "[\"mug\",7]",
        "{\"Name\":[\"mug\",\"0192d3a4-0000-7000-8000-000000000001\"]}",
        "\"\\u0000\"",
        "[\"a\\u0000b\",-1]",
        "1e300",
        "null",
    ];
    let list = List::new("fuzzed", &());
    let key = |json: &str| serde_json::from_str::<Value>(json).expect("JSON");
    let whole = keys.iter().map(|json| chosen(0, given(list, &key(json))));
    whole.chain(keys.iter().map(|json| chosen(1, json))).chain([chosen(0, "AAAA")]).collect()
}
