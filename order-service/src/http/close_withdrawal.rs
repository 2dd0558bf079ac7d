//! `POST /orders/withdrawals/{id}/close`: somebody of the staff has seen to a declaration.

use super::list_withdrawals::view;
use crate::{
    changes::withdraw::{self, Closing},
    error::Error,
    state::App,
    store::withdrawals::WithdrawalRow,
};
use axum::{Json, extract::State};
use contracts::{
    WithdrawalId,
    access::WriteOrders,
    api::withdrawal::{CloseWithdrawalBody, WithdrawalView},
};
use service_kit::{
    Cause, ClientAddress, Problem,
    auth::Staff,
    card_number, each,
    extract::{Body, Path},
    one, text,
};

/// The longest.
const MOST: usize = 500;

/// Closes a declaration, in a word for other staff. The order is cancelled, or money given back for it, by its own way. A repeat
/// in the same words changes nothing. Of whom was erased no word is kept.
#[utoipa::path(
    post, path = "/orders/withdrawals/{id}/close", tag = "withdrawals", security(("bearer" = ["orders:write"])),
    params(("id" = WithdrawalId, Path)), request_body = CloseWithdrawalBody,
    responses(
        (status = 200, description = "The declaration as it stands: closed.", body = WithdrawalView),
        (status = 409, description = "`withdrawal_closed`: by somebody else, or in other words.")
    )
)]
pub(crate) async fn close_withdrawal(
    staff: Staff<WriteOrders>,
    client: ClientAddress,
    State(app): State<App>,
    Path(id): Path<WithdrawalId>,
    Body(body): Body<CloseWithdrawalBody>,
) -> Result<Json<WithdrawalView>, Problem> {
    let outcome = text::paragraphs(&body.outcome, MOST).map_err(|why| Problem::field("/outcome", why.to_string()))?;
    let outcome = outcome.trim().to_owned();
    if outcome.is_empty() {
        return Err(Problem::field("/outcome", format!("must hold 1 to {MOST} characters")));
    }
    card_number::refuse(&outcome).map_err(|why| Problem::field("/outcome", why.to_string()))?;
    let closing = Closing { id, by: staff.actor.uuid(), outcome };
    Ok(Json(view(one(close(&app, vec![(Cause::by(staff.actor, client), closing)]).await)?)))
}

async fn close(app: &App, closings: Vec<(Cause, Closing)>) -> Vec<Result<WithdrawalRow, Error>> {
    let asked = closings.len();
    let done = async {
        let mut tx = app.kit.database.begin("close_withdrawal").await?;
        let closed = withdraw::close(app, &mut tx, closings).await?;
        let _committed = tx.commit().await?;
        Ok(closed)
    };
    each(done.await, asked)
}
