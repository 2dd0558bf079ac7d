//! `/flow`: the services as boxes, what lies in them, and the last events. Without a script it shows the moment it was
//! asked for.

use super::{
    board::{Board, OrdersView, RowView},
    map::{self, Map},
    panel::Panels,
    state::Flow,
};
use crate::layout;
use askama::Template;
use axum::{extract::State, response::Response};

#[derive(Template)]
#[template(path = "flow.html")]
struct Overview<'a> {
    panels: &'a Panels,
    maps: [Map<'a>; 2],
    rows: Vec<RowView>,
    orders: OrdersView,
}

pub(super) async fn overview(State(flow): State<Flow>) -> Response {
    let answers = flow.services.now().await;
    let mut board = Board::default();
    for moment in answers.values().flatten().flat_map(|now| &now.lately) {
        board.take(moment);
    }
    let panels = Panels::of(&answers);
    let orders = OrdersView { orders: board.orders() };
    let page = Overview { panels: &panels, maps: map::maps(&panels), rows: board.rows(), orders };
    layout::live_page(&page)
}
