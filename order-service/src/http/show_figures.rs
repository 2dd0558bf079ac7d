//! `GET /orders/figures`: orders and revenue by day, and what waits, for a start page.

use crate::{
    domain::{counted_before, first_id, hour_of},
    error::Error,
    state::App,
    store::{
        hours::{self, Counted},
        withdrawals,
    },
};
use axum::{Json, extract::State};
use contracts::{
    Money,
    access::ReadOrders,
    api::order::{OrderDayView, OrderFiguresView},
};
use serde::Deserialize;
use service_kit::{Problem, auth::Staff, extract::Query};
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime};
use utoipa::IntoParams;

/// As far back as can be asked for.
const MOST_DAYS: i64 = 90;
/// Of what waits no more is counted.
const MOST_WAITING: i64 = 101;
/// So long they are shown as they were read.
const KEPT: Duration = Duration::MINUTE;
/// The job that counts hours may be behind by so much before orders are missing in the picture.
const BEHIND: Duration = Duration::hours(2);

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FiguresQuery {
    /// 1 to 90, 30 unless given. The last is today.
    #[param(minimum = 1, maximum = 90, default = 30)]
    days: Option<i64>,
}

/// Orders by the day they were placed on (UTC), and what waits. At most a minute old.
#[utoipa::path(
    get, path = "/orders/figures", tag = "orders", security(("bearer" = ["orders:read"])), params(FiguresQuery),
    responses((status = 200, description = "The figures.", body = OrderFiguresView))
)]
pub(crate) async fn show_figures(
    _staff: Staff<ReadOrders>,
    State(app): State<App>,
    Query(query): Query<FiguresQuery>,
) -> Result<Json<OrderFiguresView>, Problem> {
    let days = query.days.unwrap_or(30);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Problem::field("days", format!("must be 1 to {MOST_DAYS}")));
    }
    let now = app.kit.clock.now();
    let mut figures = match app.figures.get().filter(|known| known.read_at + KEPT > now && known.read_at <= now) {
        Some(known) => known,
        None => {
            let read = read(&app, now).await?;
            app.figures.keep(read.clone());
            read
        }
    };
    let unwanted = figures.days.len().saturating_sub(usize::try_from(days).unwrap_or_default());
    figures.days.drain(..unwanted);
    Ok(Json(figures))
}

/// Of all days there are figures of.
async fn read(app: &App, now: OffsetDateTime) -> Result<OrderFiguresView, Error> {
    let first = (now - Duration::days(MOST_DAYS - 1)).date();
    let mut days: BTreeMap<Date, OrderDayView> = BTreeMap::new();
    for day in (0..MOST_DAYS).map(|number| first + Duration::days(number)) {
        let none = OrderDayView { day: day.to_string(), orders: 0, paid: 0, declined: 0, revenue: Vec::new() };
        days.insert(day, none);
    }
    let mut connection = app.kit.database.acquire().await?;
    let kept = hours::days(&mut connection, first.midnight().assume_utc()).await?;
    for (day, counted) in kept {
        add(&mut days, day, &counted);
    }
    // What is too new to be counted, a day at a time.
    let earliest = counted_before(now, app.payment_deadline()) - BEHIND;
    let last = hours::last(&mut connection).await?;
    let mut since = last.map_or(earliest, |last| (last + Duration::HOUR).max(earliest));
    let end = hour_of(now) + Duration::HOUR;
    while since < end {
        let midnight = since.date().midnight().assume_utc() + Duration::DAY;
        let before = midnight.min(end);
        for counted in hours::count(&mut connection, first_id(since), first_id(before)).await? {
            add(&mut days, since.date(), &counted);
        }
        since = before;
    }
    let waiting = hours::waiting(&mut connection, now, MOST_WAITING).await?;
    let withdrawals = withdrawals::waiting(&mut connection, MOST_WAITING).await?;
    let days = days.into_values().collect();
    Ok(OrderFiguresView { read_at: now, days, waiting: waiting.paid, overdue: waiting.overdue, withdrawals })
}

fn add(days: &mut BTreeMap<Date, OrderDayView>, day: Date, counted: &Counted) {
    let Some(day) = days.get_mut(&day) else { return };
    day.orders = day.orders.saturating_add(counted.orders);
    day.paid = day.paid.saturating_add(counted.paid);
    day.declined = day.declined.saturating_add(counted.declined);
    let Some(money) = counted.money().filter(|money| money.amount != 0) else { return };
    match day.revenue.iter_mut().find(|known| known.currency == money.currency) {
        Some(known) => *known = Money::new(known.amount.saturating_add(money.amount), money.currency),
        None => day.revenue.push(money),
    }
}
