//! `withdrawal.declared`: its receipt, to the address that was typed. It is filed under who declared it, or whose
//! order it names; where neither is known, under the declaration.

use super::told::told;
use crate::{changes::tell::News, domain::Content, error::Error, state::App};
use contracts::{Event, events::order::WithdrawalDeclared};
use service_kit::{Committed, Tx};

pub(crate) async fn react(app: App, tx: Tx, events: Vec<Event<WithdrawalDeclared>>) -> Result<Committed, Error> {
    let news = events.iter().map(|event| {
        let WithdrawalDeclared { withdrawal_id, customer_id, order_id, number, received_at } = event.data;
        let filed_under = customer_id.unwrap_or_else(|| withdrawal_id.uuid().into());
        let content = Content::WithdrawalReceived { withdrawal_id, customer_id, order_id, number, received_at };
        News::of(event, filed_under, content)
    });
    told(&app, tx, news.collect()).await
}
