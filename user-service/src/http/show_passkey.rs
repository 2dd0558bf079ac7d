//! A passkey is shown: `/auth/login/passkey` without a password, `/auth/login/second-factor/passkey` after it, and
//! `/auth/step-up/passkey` as a proof. Each is begun, and ended with what the browser answers.

use super::{
    login::session,
    passkeys::{Question, question},
    step_up::stepped_up,
    tokens::NO_STORE,
};
use crate::{
    Error,
    changes::{
        log_in,
        passkey_proof::{self as change, Answer, Shown},
        second_factor,
    },
    domain::LinkToken,
    metrics, proof,
    state::App,
    store::{accounts::Account, passkey_ceremonies::Purpose},
};
use axum::{Json, extract::State};
use contracts::api::{
    account::{LoginView, SteppedUpView},
    passkey::{PasskeyQuestionView, SecondPasskeyBody, ShowPasskeyBody, TicketBody},
};
use http::{HeaderMap, HeaderName};
use service_kit::{
    ClientAddress, Problem, Tx,
    auth::{Anybody, SignedIn},
    extract::Body,
};

type NoStore<T> = ([(HeaderName, &'static str); 1], Json<T>);

/// Goes on with the account; that a passkey may be copied is committed, and refused.
async fn accepted(tx: Tx, shown: Shown) -> Result<(Tx, Account), Error> {
    match shown {
        Shown::Accepted(account) => Ok((tx, *account)),
        Shown::Copied => {
            let _committed = tx.commit().await?;
            Err(Error::PasskeyCopied)
        }
    }
}

/// Asks the browser for any passkey of the shop's. Nobody says who they are: the passkey does.
#[utoipa::path(
    post, path = "/auth/login/passkey/begin", tag = "accounts",
    responses(
        (status = 200, description = "For `navigator.credentials.get`.", body = PasskeyQuestionView),
        (status = 404, description = "`passkeys_off`: the shop is reached by an IP address."),
        (status = 429, description = "`too_many_passkey_logins`.")
    )
)]
pub(crate) async fn begin_passkey_login(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
) -> Result<Question, Problem> {
    app.logins.count_question(app.counted(client))?;
    Ok(question(change::ask_anybody(&app).await?))
}

/// Begins a session, without a password. A passkey is something one has, and is unlocked by its owner: no other factor is asked
/// for. An unknown passkey, a wrong answer and one that took longer than five minutes get the same answer.
#[utoipa::path(
    post, path = "/auth/login/passkey", tag = "accounts", request_body = ShowPasskeyBody,
    responses(
        (status = 200, description = "The tokens, and whose they are.", body = LoginView),
        (status = 401, description = "`invalid_passkey`."),
        (status = 403, description = "`account_suspended`, `passkey_copied`."),
        (status = 404, description = "`passkeys_off`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn log_in_with_passkey(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<ShowPasskeyBody>,
) -> Result<NoStore<LoginView>, Problem> {
    let view = by_passkey(&app, &request, (client, &headers)).await;
    metrics::logged_in(&view);
    Ok((NO_STORE, Json(view?)))
}

async fn by_passkey(
    app: &App,
    request: &ShowPasskeyBody,
    (client, headers): (ClientAddress, &HeaderMap),
) -> Result<LoginView, Error> {
    let counted = app.logins.count_passkey(app.counted(client))?;
    let asked = change::asked_at_login(app, &request.token).await?;
    let mut tx = app.kit.database.begin("log_in_with_passkey").await?;
    let answer = Answer { asked: &asked, said: &request.credential };
    let shown = change::log_in(app, &mut tx, answer, client).await?;
    let (mut tx, account) = accepted(tx, shown).await?;
    app.logins.forgive(&counted);
    // Said only to who has the passkey.
    if account.suspended_at.is_some() {
        return Err(Error::Suspended);
    }
    let view = session(app, &mut tx, account, (true, None), (client, headers)).await?;
    let _committed = tx.commit().await?;
    Ok(view)
}

/// Asks for one of the account's passkeys in place of a code.
#[utoipa::path(
    post, path = "/auth/login/second-factor/passkey/begin", tag = "accounts", request_body = TicketBody,
    responses(
        (status = 200, description = "For `navigator.credentials.get`.", body = PasskeyQuestionView),
        (status = 401, description = "`login_over`: give the password again."),
        (status = 404, description = "`passkey_not_found`: the account has none; `passkeys_off`.")
    )
)]
pub(crate) async fn begin_second_passkey(
    _anybody: Anybody,
    State(app): State<App>,
    Body(request): Body<TicketBody>,
) -> Result<Question, Problem> {
    let mut tx = app.kit.database.begin("begin_second_passkey").await?;
    let owner = second_factor::ticket_owner(&app, &mut tx, &LinkToken::given(&request.ticket)).await?;
    let asked = change::ask_owner(&app, &mut tx, owner, Purpose::SecondFactor).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(question(asked))
}

/// Ends a login that asked for a second factor, by a passkey. Five tries to a ticket.
#[utoipa::path(
    post, path = "/auth/login/second-factor/passkey", tag = "accounts", request_body = SecondPasskeyBody,
    responses(
        (status = 200, description = "The tokens, and whose they are.", body = LoginView),
        (status = 401, description = "`login_over`: give the password again."),
        (status = 403, description = "`wrong_passkey`, `passkey_copied`, `account_suspended`."),
        (status = 404, description = "`passkeys_off`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn log_in_with_second_passkey(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<SecondPasskeyBody>,
) -> Result<NoStore<LoginView>, Problem> {
    let ticket = LinkToken::given(&request.ticket);
    let owner = second_factor::try_ticket(&app, &ticket).await?;
    let counted = proof::count(&app, owner)?;
    let asked = change::asked_of(&app, owner, Purpose::SecondFactor, &request.token).await?;
    let mut tx = app.kit.database.begin("log_in_with_second_passkey").await?;
    let answer = Answer { asked: &asked, said: &request.credential };
    let shown = change::by_owner(&app, &mut tx, owner, answer, client).await?;
    let (mut tx, account) = accepted(tx, shown).await?;
    second_factor::use_ticket(&mut tx, &ticket).await?;
    if account.suspended_at.is_some() {
        return Err(Error::Suspended.into());
    }
    let view = session(&app, &mut tx, account, (true, None), (client, &headers)).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    app.logins.forgive(&counted);
    Ok((NO_STORE, Json(view)))
}

/// Asks who is signed in for one of their passkeys.
#[utoipa::path(
    post, path = "/auth/step-up/passkey/begin", tag = "sessions", security(("bearer" = [])),
    responses(
        (status = 200, description = "For `navigator.credentials.get`.", body = PasskeyQuestionView),
        (status = 404, description = "`passkey_not_found`: one has none; `passkeys_off`.")
    )
)]
pub(crate) async fn begin_step_up(person: SignedIn, State(app): State<App>) -> Result<Question, Problem> {
    let mut tx = app.kit.database.begin("begin_step_up").await?;
    let asked = change::ask_owner(&app, &mut tx, person.account_id, Purpose::StepUp).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    Ok(question(asked))
}

/// As `POST /auth/step-up`, by a passkey in place of password and code.
#[utoipa::path(
    post, path = "/auth/step-up/passkey", tag = "sessions", security(("bearer" = [])), request_body = ShowPasskeyBody,
    responses(
        (status = 200, description = "The token.", body = SteppedUpView),
        (status = 403, description = "`wrong_passkey`, `passkey_copied`."),
        (status = 404, description = "`passkeys_off`."),
        (status = 429, description = "`too_many_failed_logins`.")
    )
)]
pub(crate) async fn step_up_with_passkey(
    person: SignedIn,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<ShowPasskeyBody>,
) -> Result<NoStore<SteppedUpView>, Problem> {
    let (owner, session_id) = (person.account_id, person.session_id.ok_or(Error::NoSuchSession)?);
    let counted = proof::count(&app, owner)?;
    let asked = change::asked_of(&app, owner, Purpose::StepUp, &request.token).await?;
    let mut tx = app.kit.database.begin("step_up_with_passkey").await?;
    let answer = Answer { asked: &asked, said: &request.credential };
    let shown = change::by_owner(&app, &mut tx, owner, answer, client).await?;
    let (mut tx, account) = accepted(tx, shown).await?;
    let token = log_in::proved(&app, &mut tx, &account, session_id, true).await?;
    let _committed = tx.commit().await.map_err(Error::from)?;
    app.logins.forgive(&counted);
    Ok((NO_STORE, Json(stepped_up(token))))
}
