//! `/office`: what needs a hand today, and how the last weeks were. What somebody may not see is left out, and what is away is
//! said to be.

use super::{
    Colleague,
    part::{Part, part},
    platform::{self, Answers},
    plot::{Day, Plot},
    stock,
};
use crate::{
    layout,
    member::Member,
    upstream::{Call, Page},
};
use askama::Template;
use axum::response::Response;
use contracts::{
    Money, ServiceName,
    access::Permission,
    api::{
        notify::{DeliveryStatus, DeliveryView},
        order::{OrderDayView, OrderFiguresView},
        payment::PaymentView,
        product::{StockDayView, StockFiguresView, StockLineView},
    },
};
use http::{Method, StatusCode};
use serde::de::IgnoredAny;
use std::collections::BTreeSet;

/// Of what waits no more is counted by the services.
const MOST: i64 = 100;

#[derive(Template)]
#[template(path = "office/start.html")]
struct StartPage {
    hands: Vec<Hand>,
    plots: Vec<Plot>,
    /// What runs low; none for whoever may not see it, and where it is not known.
    lowest: Option<Vec<StockLineView>>,
    /// What did not answer.
    away: Vec<&'static str>,
    /// Whether they may see anything that could need one.
    asks: bool,
}

/// Something that waits for somebody.
struct Hand {
    what: String,
    there: &'static str,
}

pub(crate) async fn start(staff: Colleague) -> Response {
    // The figures first: they renew the login where that is due, for all.
    let figures = Call::order(Method::GET, "/orders/figures").with_query([("days", "30")]);
    let figures: Part<OrderFiguresView> = match part(&staff, Permission::ReadOrders, figures).await {
        Ok(figures) => figures,
        Err(answer) => return answer,
    };
    let unclear = Call::payment("/payments").with_query([("status", "unknown"), ("limit", "100")]);
    let unclear: Part<Page<PaymentView>> = match part(&staff, Permission::ReadPayments, unclear).await {
        Ok(unclear) => unclear,
        Err(answer) => return answer,
    };
    let failed = Call::of(ServiceName::Notify, Method::GET, "/notifications/deliveries");
    let failed = failed.with_query([("status", DeliveryStatus::Failed.as_str()), ("limit", "100")]);
    let failed: Part<Page<DeliveryView>> = match part(&staff, Permission::ReadNotifications, failed).await {
        Ok(failed) => failed,
        Err(answer) => return answer,
    };
    let letters = match dead_letters(&staff).await {
        Ok(letters) => letters,
        Err(answer) => return answer,
    };
    let stock_outs = Call::product(Method::GET, "/products/figures").with_query([("days", "30")]);
    let stock_outs: Part<StockFiguresView> = match part(&staff, Permission::ReadStock, stock_outs).await {
        Ok(stock_outs) => stock_outs,
        Err(answer) => return answer,
    };
    let lowest = Call::product(Method::GET, "/products/stock").with_query([("low", stock::LOW), ("limit", "10")]);
    let lowest: Part<Page<StockLineView>> = match part(&staff, Permission::ReadStock, lowest).await {
        Ok(lowest) => lowest,
        Err(answer) => return answer,
    };
    let asks = [
        Permission::ReadOrders,
        Permission::ReadPayments,
        Permission::ReadNotifications,
        Permission::ReadEvents,
        Permission::ReadStock,
    ];
    let mut page = StartPage {
        hands: Vec::new(),
        plots: Vec::new(),
        lowest: None,
        away: Vec::new(),
        asks: asks.into_iter().any(|permission| staff.permissions().contains(permission)),
    };
    page.orders(figures);
    page.listed(unclear, ["payment whose answer is awaited", "payments whose answers are awaited"], &PAYMENTS);
    page.listed(failed, ["mail was given up", "mails were given up"], &MAILS);
    page.dead_letters(letters);
    page.stock(stock_outs, lowest);
    layout::office_page(StatusCode::OK, &page)
}

impl StartPage {
    fn orders(&mut self, figures: Part<OrderFiguresView>) {
        let figures = match figures {
            Part::There(figures) => figures,
            Part::Away => return self.away.push("orders"),
            Part::Left => return,
        };
        self.hand(
            figures.waiting,
            ["order is paid and to be sent", "orders are paid and to be sent"],
            "/office/orders?status=paid",
        );
        self.hand(
            figures.overdue,
            ["order waits for its payment for too long", "orders wait for their payments for too long"],
            "/office/orders?status=pending",
        );
        self.hand(
            figures.withdrawals,
            ["withdrawal was declared and is open", "withdrawals were declared and are open"],
            "/office/withdrawals",
        );
        self.plots = plots(&figures.days);
    }

    fn listed<T>(&mut self, listed: Part<Page<T>>, words: [&str; 2], place: &Place) {
        match listed {
            Part::There(page) => self.hand(counted(page.items.len(), page.next.is_some()), words, place.there),
            Part::Away => self.away.push(place.what),
            Part::Left => {}
        }
    }

    fn dead_letters(&mut self, letters: Option<Answers<IgnoredAny>>) {
        let Some(letters) = letters else { return };
        let count = counted(letters.items.len(), !letters.older.is_empty());
        self.hand(
            count,
            ["event was given up (a dead letter)", "events were given up (dead letters)"],
            "/office/dead-letters",
        );
        if !letters.away.is_empty() {
            self.away.push("dead letters");
        }
    }

    fn stock(&mut self, stock_outs: Part<StockFiguresView>, lowest: Part<Page<StockLineView>>) {
        if stock_outs.is_away() || lowest.is_away() {
            self.away.push("stock");
        }
        if let Some(figures) = stock_outs.there() {
            let day = |day: StockDayView| Day { day: day.day, value: day.ran_out, told: day.ran_out.to_string() };
            self.plots.push(Plot::new("stockouts", "SKUs that ran out", figures.days.into_iter().map(day).collect()));
        }
        self.lowest = lowest.there().map(|page| page.items);
    }

    fn low_table<'t>(&self, lines: &'t [StockLineView]) -> stock::Table<'t> {
        stock::Table { lines, title: "low" }
    }

    fn hand(&mut self, count: i64, [one, many]: [&str; 2], there: &'static str) {
        let what = match count {
            0 => return,
            1 => format!("1 {one}"),
            count if count > MOST => format!("More than {MOST} {many}"),
            count => format!("{count} {many}"),
        };
        self.hands.push(Hand { what, there });
    }
}

/// Where a list is, and what is not known where it did not answer.
struct Place {
    there: &'static str,
    what: &'static str,
}

const PAYMENTS: Place = Place { there: "/office/payments?status=unknown", what: "payments" };
const MAILS: Place = Place { there: "/office/mails?status=failed", what: "mails" };

/// Beyond what a page holds it only matters that there are more.
fn counted(listed: usize, more: bool) -> i64 {
    i64::try_from(listed).unwrap_or(MOST) + i64::from(more)
}

/// None for whoever may not see them.
async fn dead_letters(member: &Member) -> Result<Option<Answers<IgnoredAny>>, Response> {
    if !member.permissions().contains(Permission::ReadEvents) {
        return Ok(None);
    }
    platform::ask(member, None, "/dead-letters", &[("limit", "100")]).await.map(Some)
}

/// Orders, those that were declined, and what was taken in each currency.
fn plots(days: &[OrderDayView]) -> Vec<Plot> {
    let counted = |of: fn(&OrderDayView) -> i64| {
        let day = |day: &OrderDayView| Day { day: day.day.clone(), value: of(day), told: of(day).to_string() };
        days.iter().map(day).collect()
    };
    let mut plots = vec![
        Plot::new("orders", "Orders", counted(|day| day.orders)),
        Plot::new("declined", "Declined payments", counted(|day| day.declined)),
    ];
    let currencies: BTreeSet<_> = days.iter().flat_map(|day| &day.revenue).map(|money| money.currency.code()).collect();
    // Ids are letters alone, and each picture has its own: the names of the currencies live as long as the program.
    for currency in currencies {
        let day = |day: &OrderDayView| {
            let taken = day.revenue.iter().find(|money| money.currency.code() == currency);
            let told = taken.map_or_else(|| "0".to_owned(), Money::to_string);
            Day { day: day.day.clone(), value: taken.map_or(0, |money| money.amount), told }
        };
        plots.push(Plot::new(currency, format!("Revenue in {currency}"), days.iter().map(day).collect()));
    }
    plots
}
