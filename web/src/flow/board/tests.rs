use super::{Board, OrdersView, ROWS, RowsView};
use askama::Template;
use contracts::ServiceName::{self, Notify, Order, Payment};
use service_kit::flow::{Moment, What};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

fn moment(millis: i64, service: ServiceName, what: What, event: u128, kind: &'static str) -> Moment {
    Moment {
        at: OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(millis),
        service,
        what,
        event_id: Uuid::from_u128(event).into(),
        kind: kind.into(),
        source: Order,
        subject: Uuid::from_u128(7),
        correlation_id: Uuid::from_u128(7),
        number: Some(1002),
        micros: Some(12_300),
    }
}

/// The lines as text: no markup, one per event.
fn lines(board: &Board) -> Vec<String> {
    let html = RowsView { rows: board.rows() }.render().unwrap();
    html.split("</tr>").filter(|row| row.contains("<tr")).map(text).collect()
}

fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_event_is_told_from_the_outbox_to_its_last_consumer() {
    let mut board = Board::default();
    board.take(&moment(1, Order, What::Announced, 1, "order.created"));
    assert_eq!(lines(&board), ["00:00:00.001 order.created order in the outbox payment … notify … order 1002"]);
    board.take(&moment(2, Order, What::Published, 1, "order.created"));
    assert_eq!(lines(&board), ["00:00:00.001 order.created order payment … notify … order 1002"]);
    board.take(&moment(3, Payment, What::Failed, 1, "order.created"));
    board.take(&moment(4, Notify, What::Done, 1, "order.created"));
    assert_eq!(
        lines(&board),
        ["00:00:00.001 order.created order payment failed, tries again notify ✓ 12 ms order 1002"]
    );
    board.take(&moment(9, Payment, What::Dead, 1, "order.created"));
    assert_eq!(lines(&board), ["00:00:00.001 order.created order payment gave up notify ✓ 12 ms order 1002"]);
}

#[test]
fn what_nobody_needs_is_told_and_waits_for_nothing() {
    let mut board = Board::default();
    board.take(&moment(1, Order, What::Announced, 1, "stock.changed"));
    assert_eq!(lines(&board), ["00:00:00.001 stock.changed order kept in its log, nobody needs it order 1002"]);
    // With EVENTS_PUBLISH=all it goes out all the same.
    board.take(&moment(2, Order, What::Published, 1, "stock.changed"));
    assert_eq!(lines(&board), ["00:00:00.001 stock.changed order published, for whoever listens order 1002"]);
}

#[test]
fn moments_may_come_twice_and_in_any_order() {
    let moments = [
        moment(1, Order, What::Announced, 1, "order.created"),
        moment(2, Order, What::Published, 1, "order.created"),
        moment(3, Payment, What::Failed, 1, "order.created"),
        moment(4, Payment, What::Done, 1, "order.created"),
        moment(5, Payment, What::Duplicate, 1, "order.created"),
    ];
    let (mut forwards, mut backwards) = (Board::default(), Board::default());
    for (first, last) in moments.iter().zip(moments.iter().rev()) {
        forwards.take(first);
        backwards.take(last);
    }
    assert_eq!(lines(&forwards), ["00:00:00.001 order.created order payment ✓ 12 ms notify … order 1002"]);
    for moment in &moments {
        assert!(!forwards.take(moment), "{moment:?} was known");
    }
    assert_eq!(lines(&backwards), lines(&forwards));
}

#[test]
fn the_newest_events_are_kept_and_the_last_state_of_each_order_told() {
    let mut board = Board::default();
    for event in 0..40 {
        board.take(&moment(i64::try_from(event).unwrap(), Order, What::Announced, event, "order.created"));
    }
    board.take(&moment(99, Order, What::Announced, 99, "order.paid"));
    let lines = lines(&board);
    assert_eq!((lines.len(), lines[0].contains("order.paid")), (ROWS, true));
    assert_eq!(text(&OrdersView { orders: board.orders() }.render().unwrap()), "order 1002 paid");
}
