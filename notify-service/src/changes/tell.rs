//! People are told what happened: each event's message and its mail are stored, once, and the sender is woken.

use crate::{
    domain::{Content, Notice},
    error::Error,
    state::App,
    store::messages::{self, NewMessage},
};
use contracts::{AccountId, Event, EventId, events::EventData};
use service_kit::{Cause, Tx};
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

/// Stores what was not told before, and has it sent after the commit.
pub(crate) async fn tell(app: &App, tx: &mut Tx, news: Vec<News>) -> Result<(), Error> {
    let messages = news.into_iter().map(|news| message(app, news)).collect::<Result<Vec<_>, _>>()?;
    if messages::insert(tx, &messages, app.kit.clock.now()).await? > 0 {
        tx.wake_after_commit(&app.new_mail);
    }
    Ok(())
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
