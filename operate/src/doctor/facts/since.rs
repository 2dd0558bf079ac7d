//! From when on all databases are whole: what is older was pruned in one of them, or may have been.

use crate::reach::Reach;
use anyhow::Context;
use contracts::ServiceName;
use service_kit::pruning::{first_id_of, time_of};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// An order's id is made by another service than its events', whose clock may differ; and rows go while it is looked.
const MARGIN: Duration = Duration::hours(1);

/// Whence it is looked: what goes by its own id, and orders with all that belongs to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Since {
    pub(crate) events: Uuid,
    pub(crate) orders: Uuid,
}

impl Since {
    pub(crate) fn of_mark(mark: Uuid) -> Self {
        time_of(mark).map_or_else(Self::default, |time| Self { events: mark, orders: first_id_of(time + MARGIN) })
    }

    /// None: from the beginning.
    pub(crate) fn time(self) -> Option<OffsetDateTime> {
        time_of(self.orders)
    }
}

/// How far any table of any database was pruned, the furthest of them.
pub(super) async fn mark_of_all(reach: &Reach) -> anyhow::Result<Uuid> {
    let mut mark = Uuid::nil();
    for service in ServiceName::ALL {
        let query = sqlx::query_scalar("SELECT up_to FROM pruned ORDER BY up_to DESC LIMIT 1");
        let asked = query.fetch_optional(reach.database(service)).await;
        let own: Option<Uuid> = asked.with_context(|| format!("the database of {service} cannot be read"))?;
        mark = mark.max(own.unwrap_or_default());
    }
    Ok(mark)
}
