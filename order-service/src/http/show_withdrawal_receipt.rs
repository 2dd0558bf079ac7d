//! `GET /internal/withdrawals/{id}`: notify-service asks where a receipt goes, and what was declared, at the moment it sends.

use crate::{error::Error, state::App, store::withdrawals};
use axum::{Json, extract::State};
use contracts::{ServiceName, WithdrawalId, api::withdrawal::WithdrawalReceipt};
use service_kit::{
    Problem,
    auth::{Caller, Callers},
    extract::Path,
};

pub(crate) struct MailSender;

impl Callers for MailSender {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Notify];
}

/// What the receipt of a declaration is made of. Of whom was erased there is none.
#[utoipa::path(
    get, path = "/internal/withdrawals/{id}", tag = "services", security(("service" = ["notify-service"])),
    params(("id" = WithdrawalId, Path)),
    responses((status = 200, description = "Where it goes, and what was typed.", body = WithdrawalReceipt))
)]
pub(crate) async fn show_withdrawal_receipt(
    _caller: Caller<MailSender>,
    State(app): State<App>,
    Path(id): Path<WithdrawalId>,
) -> Result<Json<WithdrawalReceipt>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let row = withdrawals::find(&mut connection, id.uuid()).await.map_err(Error::from)?.ok_or(Error::NoWithdrawal)?;
    Ok(Json(WithdrawalReceipt { email: row.email, name: row.name, reason: row.reason }))
}
