//! What notify-service told the customer, by template: no words, no address.

use super::{
    entry::{Entry, Gathered},
    order::Order,
};
use crate::{reach::Reach, terminal::time_of};
use contracts::ServiceName;
use time::OffsetDateTime;

const WHO: &str = ServiceName::Notify.as_str();

#[derive(sqlx::FromRow)]
struct Told {
    template: String,
    traceparent: Option<String>,
    created_at: OffsetDateTime,
    /// What follows is about its mail; a message may have none.
    channel: Option<String>,
    status: Option<String>,
    attempts: Option<i32>,
    next_at: Option<OffsetDateTime>,
    last_error: Option<String>,
    sent_at: Option<OffsetDateTime>,
}

pub(super) async fn gather(reach: &Reach, order: &Order, into: &mut Gathered) -> anyhow::Result<()> {
    let query = sqlx::query_as::<_, Told>(
        "SELECT template, traceparent, messages.created_at, channel, status, attempts, next_at, last_error, sent_at
         FROM messages LEFT JOIN deliveries ON message_id = messages.id WHERE order_id = $1 ORDER BY messages.id",
    );
    for told in query.bind(order.id.uuid()).fetch_all(reach.database(ServiceName::Notify)).await? {
        let parent = told.traceparent.as_deref();
        into.entries.push(Entry::new(told.created_at, WHO, "message stored", told.template.clone()).traced(parent));
        if let (Some(channel), Some(status)) = (&told.channel, &told.status) {
            let (attempts, template) = (told.attempts.unwrap_or_default(), &told.template);
            let mut details = match attempts {
                1 => template.clone(),
                attempts => format!("{template}, {attempts} attempts"),
            };
            if let Some(next_at) = told.next_at {
                details = format!("{details}, due {}", time_of(next_at));
            }
            if let Some(error) = &told.last_error {
                details = format!("{details}: {error}");
            }
            if status != "sent" {
                into.open.push(format!("the {channel} {template} is {status}"));
            }
            let at = told.sent_at.unwrap_or(told.created_at);
            into.entries.push(Entry::new(at, WHO, format!("{channel} {status}"), details).traced(parent));
        }
    }
    Ok(())
}
