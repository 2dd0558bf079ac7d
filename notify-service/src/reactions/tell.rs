//! What all reactions do: store the message and its mail, wake the sender.

use crate::{
    Error,
    app::App,
    domain::{Content, Notice},
    store::messages::{self, NewMessage},
};
use contracts::{AccountId, Event};
use service_kit::{Committed, Tx, trace};

/// Stores what `event` gives to tell `account_id`, once, and has it sent after the commit.
pub(crate) async fn tell<T>(
    app: &App,
    mut tx: Tx,
    event: Event<T>,
    account_id: AccountId,
    content: Content,
) -> Result<Committed, Error> {
    let notice = Notice::of(&content);
    let message = NewMessage {
        id: app.kit.clock.new_id(),
        delivery_id: app.kit.clock.new_id(),
        account_id,
        event_id: event.id,
        template: content.template(),
        correlation_id: event.correlation_id,
        // The mail goes out later, on behalf of this reaction.
        traceparent: Some(trace::current().traceparent),
        order_id: content.order_id(),
        order_number: content.order_number(),
        title: notice.title,
        body: notice.body,
        in_inbox: content.in_inbox(),
        message_id_header: app.composer.message_id(event.id, content.template()),
        content: serde_json::to_value(&content)?,
        created_at: app.kit.clock.now(),
    };
    if messages::insert(&mut tx, &message).await? {
        tx.wake_after_commit(&app.new_mail);
    }
    Ok(tx.commit().await?)
}
