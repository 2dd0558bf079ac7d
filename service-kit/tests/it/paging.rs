//! Keyset paging: pages that fit together without gap or overlap, and cursors that are ours or refused.

use serde_json::json;
use service_kit::paging::{List, MAX_LIMIT, limit};

/// A table of ten rows, asked as a store would: `limit + 1` rows behind the key.
fn rows(after: Option<&(String, i64)>, limit: i64) -> Vec<(String, i64)> {
    let all = (1..=10).map(|number| (format!("name {}", number / 2), number));
    let rest = all.filter(|row| after.is_none_or(|after| row > after));
    rest.take(usize::try_from(limit + 1).unwrap()).collect()
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap() {
    let list = List::new("rows", &());
    for limit in 1..=11 {
        let (mut next, mut seen, mut pages) = (None, Vec::new(), 0);
        loop {
            let place = list.after::<(String, i64)>(next.as_deref()).unwrap();
            let page = list.page(rows(place.as_ref(), limit), limit, Clone::clone);
            seen.extend(page.items.iter().map(|(_, number)| *number));
            pages += 1;
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=10).collect::<Vec<_>>(), "limit {limit}");
        // The last page says so itself: nobody has to fetch an empty one.
        assert_eq!(pages, (10 + limit - 1) / limit, "limit {limit}");
    }
}

#[test]
fn a_page_is_written_with_its_items_and_the_next() {
    let list = List::new("numbers", &());
    let page = list.page(vec![1, 2, 3], 2, |number| *number).map(|number| number * 10);
    assert_eq!(list.after::<i64>(page.next.as_deref()).unwrap(), Some(2));
    assert_eq!(page.items, [10, 20]);
    let page = list.page(vec![1], 2, |number| *number);
    assert_eq!(serde_json::to_value(page).unwrap(), json!({"items": [1], "next": null}));
}

#[test]
fn a_cursor_that_is_not_ours_is_refused() {
    let list = List::new("numbers", &());
    assert_eq!(list.after::<i64>(None).unwrap(), None);
    for text in ["", "!", "Mg", "Mg==", "bm90IGpzb24", "IjEi", "AAAAAAAAAAAy", &"A".repeat(10_000)] {
        let problem = list.after::<i64>(Some(text)).unwrap_err();
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_cursor"), "{text:.20}");
    }
}

/// Taken for one of this list, it would leave out or repeat what it does not know of.
#[test]
fn a_cursor_of_another_list_is_refused() {
    let own = List::new("orders", &("ada", Some("paid")));
    let next = own.page(vec![1, 2], 1, |number| *number).next;
    assert_eq!(own.after::<i64>(next.as_deref()).unwrap(), Some(1));
    let others = [
        List::new("payments", &("ada", Some("paid"))),
        List::new("orders", &("bob", Some("paid"))),
        List::new("orders", &("ada", Some("cancelled"))),
        List::new("orders", &("ada", None::<&str>)),
        List::new("orders", &()),
    ];
    for other in others {
        assert_eq!(other.after::<i64>(next.as_deref()).unwrap_err().code, "invalid_cursor", "{other:?}");
    }
}

#[test]
fn a_limit_is_between_one_and_a_hundred() {
    assert_eq!(limit(None).unwrap(), 20);
    for good in [1, MAX_LIMIT] {
        assert_eq!(limit(Some(good)).unwrap(), good);
    }
    for bad in [0, -1, MAX_LIMIT + 1, i64::MAX, i64::MIN] {
        assert_eq!(limit(Some(bad)).unwrap_err().code, "invalid_limit", "{bad}");
    }
}
