//! `POST /orders/{id}/notes`: staff write something down about an order, for each other.

use crate::{
    changes::note::{self, NewNote},
    error::Error,
    state::App,
    store::notes::NoteRow,
};
use axum::{Json, extract::State};
use contracts::{
    OrderId,
    access::WriteOrders,
    api::order::{NoteBody, NoteView},
};
use http::StatusCode;
use service_kit::{
    Cause, ClientAddress, Problem,
    auth::Staff,
    card_number, each,
    extract::{Body, Path},
    idempotency::IdempotencyKey,
    one, text,
};

/// The longest.
const MOST: usize = 2000;

/// Writes a note. It is not changed any more, and goes when the customer is erased. A repeat under the same key writes nothing
/// more. Customers do not see it, but it is part of a copy of their data.
#[utoipa::path(
    post, path = "/orders/{id}/notes", tag = "orders", security(("bearer" = ["orders:write"])),
    params(("id" = OrderId, Path), IdempotencyKey), request_body = NoteBody,
    responses(
        (status = 201, description = "It is written.", body = NoteView),
        (status = 409, description = "`customer_erased`: nothing is written about them any more.")
    )
)]
pub(crate) async fn write_note(
    staff: Staff<WriteOrders>,
    client: ClientAddress,
    State(app): State<App>,
    key: IdempotencyKey,
    Path(order_id): Path<OrderId>,
    Body(note): Body<NoteBody>,
) -> Result<(StatusCode, Json<NoteView>), Problem> {
    let text = text::paragraphs(&note.text, MOST).map_err(|why| Problem::field("/text", why.to_string()))?;
    if text.trim().is_empty() {
        return Err(Problem::field("/text", format!("must hold 1 to {MOST} characters")));
    }
    card_number::refuse(&text).map_err(|why| Problem::field("/text", why.to_string()))?;
    let (author, key) = (staff.actor.uuid(), key.as_str().to_owned());
    let note = NewNote { order_id, author, key, text: text.trim().to_owned() };
    let written = one(write(&app, vec![(Cause::by(staff.actor, client), note)]).await)?;
    Ok((StatusCode::CREATED, Json(view(written))))
}

async fn write(app: &App, notes: Vec<(Cause, NewNote)>) -> Vec<Result<NoteRow, Error>> {
    let asked = notes.len();
    let done = async {
        let mut tx = app.kit.database.begin("write_note").await?;
        let written = note::write(app, &mut tx, notes).await?;
        let _committed = tx.commit().await?;
        Ok(written)
    };
    each(done.await, asked)
}

pub(super) fn view(note: NoteRow) -> NoteView {
    let NoteRow { id, author, text, written_at, .. } = note;
    NoteView { id: id.into(), author, text, written_at }
}
