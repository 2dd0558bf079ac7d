//! What product-service knows: the reservation and what left the warehouse.

use super::{
    entry::{Entry, Gathered},
    order::Order,
};
use crate::reach::Reach;
use contracts::ServiceName;
use time::OffsetDateTime;

type Reservation = (String, OffsetDateTime, OffsetDateTime, OffsetDateTime, Vec<String>, Vec<i32>);

pub(super) async fn gather(reach: &Reach, order: &Order, into: &mut Gathered) -> anyhow::Result<()> {
    let pool = reach.database(ServiceName::Product);
    let query = "SELECT status, created_at, changed_at, expires_at, skus, quantities FROM reservations
                 WHERE checkout_id = $1";
    let reservation = sqlx::query_as::<_, Reservation>(query).bind(order.checkout_id).fetch_optional(pool).await?;
    if let Some((status, created_at, changed_at, expires_at, skus, quantities)) = reservation {
        let lines: Vec<_> = skus.iter().zip(quantities).map(|(sku, quantity)| format!("{quantity} × {sku}")).collect();
        let who = ServiceName::Product.as_str();
        // A cancellation that came first left a row without lines.
        if !lines.is_empty() {
            let minutes = (expires_at - created_at).whole_minutes();
            let details = format!("{}, for {minutes} min unless paid", lines.join(", "));
            into.entries.push(Entry::new(created_at, who, "stock reserved", details));
        }
        if status != "held" {
            into.entries.push(Entry::new(changed_at, who, format!("reservation {status}"), meaning(&status)));
        }
    }
    let query = "SELECT at, quantity, sku FROM stock_movements JOIN variants ON variants.id = variant_id
                 WHERE order_id = $1 AND kind = 'shipped' ORDER BY position";
    let moved = sqlx::query_as::<_, (OffsetDateTime, i64, String)>(query).bind(order.id.uuid()).fetch_all(pool).await?;
    for (at, quantity, sku) in moved {
        let details = format!("{} × {sku}", -quantity);
        into.entries.push(Entry::new(at, ServiceName::Product.as_str(), "left the warehouse", details));
    }
    Ok(())
}

fn meaning(status: &str) -> &'static str {
    match status {
        "committed" => "it no longer expires",
        "released" | "expired" => "the stock is given back",
        _ => "",
    }
}
