//! People are told what happened: each event's message and its mail are stored, once, and the sender has the mail.

use crate::{
    domain::{Content, Notice},
    error::Error,
    outgoing::{LEASE, Room},
    state::App,
    store::{
        deliveries::Due,
        messages::{self, Lease, NewMessage},
    },
};
use contracts::{AccountId, Event, EventId, events::EventData};
use service_kit::{Cause, Tx};
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// What an event gives to tell somebody.
pub(crate) struct News {
    event_id: EventId,
    correlation_id: Uuid,
    /// The mail goes out later, on behalf of the reaction.
    traceparent: String,
    account_id: AccountId,
    content: Content,
}

impl News {
    pub(crate) fn of<T: EventData>(event: &Event<T>, account_id: AccountId, content: Content) -> Self {
        let traceparent = Cause::of(event).traceparent;
        Self { event_id: event.id, correlation_id: event.correlation_id, traceparent, account_id, content }
    }
}

/// Mails whose lease was stored, for the sender once that is committed.
pub(crate) struct Told {
    room: Room,
    mails: Vec<Due>,
}

impl Told {
    /// Not before the commit: what is rolled back is told to nobody.
    pub(crate) fn hand_over(self, app: &App) {
        app.outgoing.hand_over(self.room, self.mails);
    }
}

/// Stores what was not told before. For what finds room here, the lease is stored along with it: nobody needs to claim it.
pub(crate) async fn tell(app: &App, tx: &mut Tx, news: Vec<News>) -> Result<Told, Error> {
    let messages = news.into_iter().map(|news| message(app, news)).collect::<Result<Vec<_>, _>>()?;
    let room = app.outgoing.reserve(messages.len());
    if messages.is_empty() {
        return Ok(Told { room, mails: Vec::new() });
    }
    let now = app.kit.clock.now();
    let lease = Lease { room: room.size(), until: now + LEASE, held: &app.outgoing.ids() };
    let stored = messages::insert(tx, &messages, now, &lease).await?;
    if stored.iter().any(|mail| !mail.leased) {
        app.outgoing.note_left_behind();
        tx.wake_after_commit(&app.new_mail);
    }
    let leased = stored.into_iter().filter(|mail| mail.leased).map(|mail| (mail.delivery_id, mail.order_number));
    let leased: HashMap<_, _> = leased.collect();
    let due = |message: NewMessage| {
        let order_number = leased.get(&message.delivery_id)?;
        Some(due(message, *order_number, now))
    };
    Ok(Told { room, mails: messages.into_iter().filter_map(due).collect() })
}

/// What the database would give whoever claims it.
fn due(message: NewMessage, order_number: Option<i64>, created_at: OffsetDateTime) -> Due {
    Due {
        id: message.delivery_id,
        attempts: 1,
        message_id: message.id.uuid(),
        account_id: message.account_id.uuid(),
        event_id: message.event_id.uuid(),
        template: message.template.to_owned(),
        content: message.content,
        message_id_header: message.message_id_header,
        created_at,
        correlation_id: message.correlation_id,
        traceparent: Some(message.traceparent),
        order_number,
    }
}

fn message(app: &App, news: News) -> Result<NewMessage, Error> {
    let content = &news.content;
    let notice = Notice::of(content);
    Ok(NewMessage {
        id: app.kit.clock.new_id(),
        delivery_id: app.kit.clock.new_id(),
        account_id: news.account_id,
        event_id: news.event_id,
        template: content.template(),
        correlation_id: news.correlation_id,
        traceparent: news.traceparent,
        order_id: content.order_id(),
        order_number: content.order_number(),
        title: notice.title,
        body: notice.body,
        in_inbox: content.in_inbox(),
        message_id_header: app.composer.message_id(news.event_id, content.template()),
        content: serde_json::to_value(content)?,
    })
}
