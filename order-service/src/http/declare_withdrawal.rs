//! `POST /orders/withdrawals`: somebody withdraws from a contract. Anybody may, without a log-in.

use super::place_order_body::refuse_card_number;
use crate::{
    changes::{underway::stored, withdraw},
    domain::Declaration,
    error::Error,
    state::App,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::api::withdrawal::{DeclareWithdrawalBody, WithdrawalReceivedView};
use http::StatusCode;
use service_kit::{
    Cause, ClientAddress, Problem,
    auth::{GuestOr, SignedIn},
    card_number,
    email::Email,
    extract::Body,
    idempotency::{IdempotencyKey, Keyed, StoredAnswer, Work, once},
    one,
    problem::Fields,
    text,
};
use uuid::Uuid;

/// The longest there may be.
const MOST_NUMBER: usize = 64;
const MOST_NAME: usize = 200;
const MOST_REASON: usize = 2000;

/// Declares that somebody withdraws from a contract (directive 2011/83/EU, article 11a). A receipt with date and time is mailed
/// to the address. The answer is the same whether there is such an order or not; staff look at it and see to the rest.
///
/// A token may come along, and need not: one that is no good is passed over. The same key with the same body always gets the
/// same answer, also after a log-in that has ended meanwhile.
#[utoipa::path(
    post, path = "/orders/withdrawals", tag = "withdrawals", security((), ("bearer" = []), ("guest" = [])),
    params(IdempotencyKey), request_body = DeclareWithdrawalBody,
    responses(
        (status = 201, description = "It is received.", body = WithdrawalReceivedView),
        (status = 429, description = "`too_many_withdrawals`: from there, or with this mailbox.")
    )
)]
pub(crate) async fn declare_withdrawal(
    who: Result<GuestOr<SignedIn>, Problem>,
    client: ClientAddress,
    State(app): State<App>,
    key: IdempotencyKey,
    Body(body): Body<DeclareWithdrawalBody>,
) -> Result<Response, Problem> {
    refuse_card_number(&key)?;
    // Nobody's: the same form may come before a log-in and after it.
    let keyed = Keyed::new(Uuid::nil(), "declare_withdrawal", key, &body)?;
    let declaration = parse(&body, who.ok().map(declarer))?;
    if let Some(answer) = stored(&app, &keyed).await? {
        return Ok(answer.into_response());
    }
    let (counted, email) = (app.kit.counted(client), declaration.email.clone());
    app.withdrawals.count(counted, &email).map_err(Error::from)?;
    let declared = one(declare(&app, vec![(keyed, (Cause::current(), declaration))]).await);
    if declared.is_err() {
        app.withdrawals.give_back(counted, &email);
    }
    Ok(declared?.into_response())
}

fn declarer(who: GuestOr<SignedIn>) -> Uuid {
    match who {
        GuestOr::Guest(guest) => guest.id.uuid(),
        GuestOr::Other(person) => person.account_id.uuid(),
    }
}

fn parse(body: &DeclareWithdrawalBody, declared_by: Option<Uuid>) -> Result<Declaration, Problem> {
    let mut fields = Fields::default();
    let order_number = fields.check("/order_number", line(&body.order_number, MOST_NUMBER));
    let name = fields.check("/name", line(&body.name, MOST_NAME));
    let email = fields.check("/email", Email::parse(&body.email));
    let reason = fields.check("/reason", reason(body.reason.as_deref()));
    match (order_number, name, email, reason) {
        (Some(order_number), Some(name), Some(email), Some(reason)) => {
            Ok(Declaration { order_number, name, email, reason, declared_by })
        }
        _ => Err(fields.into_problem()),
    }
}

fn line(typed: &str, most: usize) -> Result<String, String> {
    let line = text::line(typed, most).map_err(|why| why.to_string())?;
    card_number::refuse(&line).map_err(|why| why.to_string())?;
    Ok(line)
}

fn reason(typed: Option<&str>) -> Result<Option<String>, String> {
    let reason = text::paragraphs(typed.unwrap_or_default(), MOST_REASON).map_err(|why| why.to_string())?;
    card_number::refuse(&reason).map_err(|why| why.to_string())?;
    Ok(Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty()))
}

async fn declare(app: &App, wishes: Vec<(Keyed, (Cause, Declaration))>) -> Vec<Result<StoredAnswer, Error>> {
    let work = Work { name: "declare_withdrawal", status: StatusCode::CREATED };
    once(&app.kit.database, &app.kit.clock, app, work, wishes, |app, tx, wanted| {
        Box::pin(withdraw::declare(app, tx, wanted))
    })
    .await
}
