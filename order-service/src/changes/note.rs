//! Staff write about orders. Of somebody who was erased nothing more is written.

use crate::{
    domain::nowhere,
    error::Error,
    state::App,
    store::notes::{self, NoteRow},
};
use contracts::{NoteId, OrderId};
use serde_json::{Value, json};
use service_kit::{Cause, KitError, Tx};
use uuid::Uuid;

/// Somebody's note.
#[derive(Clone, Debug)]
pub(crate) struct NewNote {
    pub(crate) order_id: OrderId,
    pub(crate) author: Uuid,
    /// Who comes twice under one writes once.
    pub(crate) key: String,
    pub(crate) text: String,
}

/// Each as it is stored then, in the order of `wanted`.
pub(crate) async fn write(
    app: &App,
    tx: &mut Tx,
    wanted: Vec<(Cause, NewNote)>,
) -> Result<Vec<Result<NoteRow, Error>>, Error> {
    let now = app.kit.clock.now();
    let orders: Vec<OrderId> = wanted.iter().map(|(_, note)| note.order_id).collect();
    let held = notes::hold_orders(tx, &orders, &serde_json::to_value(nowhere()).map_err(KitError::from)?).await?;
    let mut new: Vec<NoteRow> = Vec::with_capacity(wanted.len());
    for (_, note) in &wanted {
        if held.get(&note.order_id) == Some(&false) {
            let NewNote { order_id, author, key, text } = note.clone();
            let (id, order_id): (Uuid, Uuid) = (app.kit.clock.new_id(), order_id.uuid());
            new.push(NoteRow { id, order_id, author, key, text, written_at: now });
        }
    }
    let added = notes::add(tx, &new).await?;
    let stored = notes::under_keys(tx, &new).await?;
    let mut told = Vec::with_capacity(wanted.len());
    for (cause, note) in wanted {
        let of_key =
            |row: &&NoteRow| (row.order_id, row.author, &row.key) == (note.order_id.uuid(), note.author, &note.key);
        told.push(match (held.get(&note.order_id), stored.iter().find(of_key)) {
            (None, _) => Err(Error::NotFound),
            (Some(true), _) => Err(Error::CustomerErased),
            (Some(false), Some(row)) if row.text == note.text => {
                if added.contains(&row.id) {
                    let id = NoteId::from(row.id);
                    app.kit.audit_by(tx, &cause, "order.noted", note.order_id, (Value::Null, json!({ "note": id })));
                }
                Ok(row.clone())
            }
            (Some(false), Some(_)) => Err(KitError::IdempotencyKeyReused.into()),
            (Some(false), None) => Err(KitError::NoAnswer.into()),
        });
    }
    Ok(told)
}
