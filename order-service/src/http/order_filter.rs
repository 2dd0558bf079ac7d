//! What a list of orders can be asked for, and what of that is whose business.

use crate::{
    domain::{self, first_id, parse_status},
    store::order_lists::{Filter, OrderRow},
};
use contracts::{AccountId, OrderId, api::order::OrderStatus};
use serde::{Deserialize, Serialize};
use service_kit::{Kind, Problem, auth::Viewer};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::IntoParams;
use uuid::Uuid;

/// Customers at a time: as many as share a beginning of an address that somebody would still look through.
const MOST_CUSTOMERS: usize = 20;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OrderFilter {
    /// `pending`, `paid`, `fulfilled`, `completed` or `cancelled`; or several of them with commas between.
    #[param(
        max_length = 60,
        pattern = "^(pending|paid|fulfilled|completed|cancelled)(,(pending|paid|fulfilled|completed|cancelled)){0,4}$",
        example = "pending,paid"
    )]
    status: Option<String>,
    /// Staff only: one customer's orders, or those of up to 20, with commas between.
    #[param(
        max_length = 739,
        pattern = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(,[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}){0,19}$"
    )]
    customer_id: Option<String>,
    /// The order that people know by this number, or none.
    number: Option<i64>,
    /// With this SKU among their lines.
    #[param(min_length = 1, max_length = 64, pattern = "^[!-~]+$")]
    sku: Option<String>,
    /// Placed then or later.
    #[param(format = DateTime, example = "2026-11-01T00:00:00Z")]
    from: Option<String>,
    /// Placed before then.
    #[param(format = DateTime, example = "2026-12-01T00:00:00Z")]
    to: Option<String>,
}

/// A list that is asked for: what tells it from others.
#[derive(Serialize)]
pub(super) struct Wanted {
    owners: Option<Vec<AccountId>>,
    statuses: Vec<OrderStatus>,
    pub(super) number: Option<i64>,
    sku: Option<String>,
    since: Uuid,
    until: Uuid,
}

impl Wanted {
    /// Whoever is no staff has their own, whosever they ask for.
    pub(super) fn of(filter: &OrderFilter, viewer: Viewer) -> Result<Self, Problem> {
        let mut owners = filter.customer_id.as_deref().map(customers).transpose()?;
        if let Some(owner) = viewer.owner() {
            owners = Some(vec![owner]);
        }
        let sku = filter.sku.as_deref().map(domain::sku).transpose();
        let sku = sku.map_err(|why| Problem::field("sku", why))?;
        Ok(Self {
            owners,
            statuses: filter.status.as_deref().map(statuses).transpose()?.unwrap_or_default(),
            number: filter.number,
            sku,
            since: filter.from.as_deref().map(|from| moment("from", from)).transpose()?.unwrap_or(Uuid::nil()),
            until: filter.to.as_deref().map(|to| moment("to", to)).transpose()?.unwrap_or(Uuid::max()),
        })
    }

    pub(super) fn filter(&self, after: Option<OrderId>) -> Filter<'_> {
        Filter {
            owners: self.owners.as_deref(),
            statuses: &self.statuses,
            sku: self.sku.as_deref(),
            since: self.since,
            before: after.map_or(self.until, |after| self.until.min(after.uuid())),
        }
    }

    /// Whether one that was found by its number is of the list.
    pub(super) fn holds(&self, order: &OrderRow) -> bool {
        self.owners.as_ref().is_none_or(|owners| owners.contains(&order.customer_id))
            && (self.statuses.is_empty() || self.statuses.contains(&order.status))
            && self.sku.as_ref().is_none_or(|sku| order.lines.iter().any(|line| line.sku == *sku))
            && (self.since..self.until).contains(&order.id.uuid())
    }
}

fn statuses(text: &str) -> Result<Vec<OrderStatus>, Problem> {
    let unknown = |status: &str| {
        let detail = format!("{status:?} is no status: expected pending, paid, fulfilled, completed or cancelled");
        Problem::field("status", detail)
    };
    let mut statuses = Vec::new();
    for name in text.split(',') {
        let status = parse_status(name).ok_or_else(|| unknown(name))?;
        if !statuses.contains(&status) {
            statuses.push(status);
        }
    }
    Ok(statuses)
}

fn customers(text: &str) -> Result<Vec<AccountId>, Problem> {
    let ids: Result<Vec<AccountId>, _> = text.split(',').map(str::parse).collect();
    let mut ids = ids.map_err(|why| unreadable(&format!("customer_id: {why}.")))?;
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MOST_CUSTOMERS {
        return Err(unreadable(&format!("customer_id names more than {MOST_CUSTOMERS} customers.")));
    }
    Ok(ids)
}

/// The lowest id of that moment: ids are UUIDv7, and so in the order of time.
fn moment(name: &str, text: &str) -> Result<Uuid, Problem> {
    let wrong = || unreadable(&format!("{name} is no time of RFC 3339, such as 2026-11-01T00:00:00Z."));
    OffsetDateTime::parse(text, &Rfc3339).map(first_id).map_err(|_| wrong())
}

fn unreadable(detail: &str) -> Problem {
    Problem::new(Kind::Invalid, "invalid_query", detail)
}
