//! The second factor: enrolled, shown, given up; and the ticket between a password and it.

use crate::{
    Error,
    domain::{HOW_MANY, LinkToken, TotpSecret, new_recovery_code, recovery_code_mac},
    state::App,
    store::{
        accounts::Account,
        second_factors::{self, Methods},
    },
};
use contracts::AccountId;
use serde_json::{Value, json};
use service_kit::{ClientAddress, Tx, audit::Entry, auth::Actor};
use time::Duration;
use uuid::Uuid;

/// So long somebody may take from the password to the second factor.
pub(crate) const TICKET_VALID: Duration = Duration::minutes(10);
/// So many codes may be tried with one ticket.
const TRIES: i32 = 5;
const BATCH: i64 = 500;
/// What can be asked for, by name.
pub(crate) const CODE: &str = "totp";
const PASSKEY: &str = "passkey";

/// A secret for the app: nothing is asked for at a login until a code of it was shown.
pub(crate) async fn begin(app: &App, tx: &mut Tx, id: AccountId) -> Result<TotpSecret, Error> {
    let secret = TotpSecret::new()?;
    let sealed = app.kit.settings.vault.seal(&sealed_name(id), secret.bytes())?;
    if second_factors::begin(tx, id, &sealed, app.kit.clock.now()).await? {
        Ok(secret)
    } else {
        Err(Error::SecondFactorExists)
    }
}

/// Its owner shows a first code: it is asked for at logins from now on. Gives the recovery codes, this once.
pub(crate) async fn confirm(
    app: &App,
    tx: &mut Tx,
    id: AccountId,
    code: &str,
    client: ClientAddress,
) -> Result<Vec<String>, Error> {
    let kept = second_factors::find(tx, id).await?.ok_or(Error::NoSecondFactor)?;
    if kept.confirmed_at.is_some() {
        return Err(Error::SecondFactorExists);
    }
    if !code_fits(app, tx, id, code).await? {
        return Err(Error::WrongCode);
    }
    let codes = give_recovery_codes(app, tx, id).await?;
    app.kit.audit(tx, Entry::new(Actor::Person(id), "second_factor.enrolled").on(id).from(client));
    Ok(codes)
}

/// Other recovery codes: those before work no more.
pub(crate) async fn renew_recovery_codes(
    app: &App,
    tx: &mut Tx,
    id: AccountId,
    client: ClientAddress,
) -> Result<Vec<String>, Error> {
    if !second_factors::methods(tx, id).await?.totp {
        return Err(Error::NoSecondFactor);
    }
    let codes = give_recovery_codes(app, tx, id).await?;
    app.kit.audit(tx, Entry::new(Actor::Person(id), "recovery_codes.renewed").on(id).from(client));
    Ok(codes)
}

/// It is asked for no more.
pub(crate) async fn give_up(app: &App, tx: &mut Tx, id: AccountId, client: ClientAddress) -> Result<(), Error> {
    if !second_factors::delete(tx, id).await? {
        return Err(Error::NoSecondFactor);
    }
    app.kit.audit(tx, Entry::new(Actor::Person(id), "second_factor.given_up").on(id).from(client));
    Ok(())
}

/// Somebody whose password was right goes on with this.
pub(crate) async fn ticket(app: &App, tx: &mut Tx, id: AccountId) -> Result<LinkToken, Error> {
    let ticket = LinkToken::derive(&app.link_key, app.kit.clock.new_id::<Uuid>());
    let expires_at = app.kit.clock.now() + TICKET_VALID;
    second_factors::insert_ticket(tx, &ticket.hash(), id, expires_at).await?;
    Ok(ticket)
}

/// Counts a try with a ticket, in a transaction of its own: many at once are no way around.
pub(crate) async fn try_ticket(app: &App, ticket: &LinkToken) -> Result<AccountId, Error> {
    let mut tx = app.kit.database.begin("try_ticket").await?;
    let account = second_factors::try_ticket(&mut tx, &ticket.hash(), app.kit.clock.now(), TRIES).await?;
    let _committed = tx.commit().await?;
    Ok(account.ok_or(Error::TicketOver)?.into())
}

/// Uses the ticket up; of two who come with it at once, one is too late.
pub(crate) async fn use_ticket(tx: &mut Tx, ticket: &LinkToken) -> Result<(), Error> {
    if second_factors::delete_ticket(tx, &ticket.hash()).await? { Ok(()) } else { Err(Error::TicketOver) }
}

/// Whether it is a code of the account's, by time or for recovery. Each works once.
pub(crate) async fn show(
    app: &App,
    tx: &mut Tx,
    id: AccountId,
    code: &str,
    client: ClientAddress,
) -> Result<(), Error> {
    if code_fits(app, tx, id, code).await? {
        return Ok(());
    }
    let mac = recovery_code_mac(&app.link_key, code);
    if !second_factors::use_recovery_code(tx, id, &mac, app.kit.clock.now()).await? {
        tracing::warn!(account.id = %id, "a second factor was wrong");
        return Err(Error::WrongCode);
    }
    let left = second_factors::methods(tx, id).await?.recovery_codes;
    let used = Entry::new(Actor::Person(id), "recovery_code.used").on(id).from(client);
    app.kit.audit(tx, used.changed(Value::Null, json!({ "left": left })));
    Ok(())
}

/// What an account asks for at a login besides the password, by names; nothing where the password is enough. A passkey alone is
/// asked for of whose role wants a second factor: others added it as another way in, and may be where it is not.
pub(crate) async fn asked_for(tx: &mut Tx, account: &Account) -> Result<Vec<&'static str>, Error> {
    let Methods { totp, passkeys, .. } = second_factors::methods(tx, account.id).await?;
    let mut asked = if totp { vec![CODE, "recovery_code"] } else { Vec::new() };
    if passkeys > 0 && (totp || account.needs_second_factor()) {
        asked.push(PASSKEY);
    }
    Ok(asked)
}

/// Whose ticket it is, to ask them for a passkey: that is no try.
pub(crate) async fn ticket_owner(app: &App, tx: &mut Tx, ticket: &LinkToken) -> Result<AccountId, Error> {
    let owner = second_factors::ticket_owner(tx, &ticket.hash(), app.kit.clock.now(), TRIES).await?;
    Ok(owner.ok_or(Error::TicketOver)?.into())
}

/// Some of the tickets that are over; true when there may be more.
pub(crate) async fn forget(app: &App, tx: &mut Tx) -> Result<bool, Error> {
    let over = second_factors::delete_expired_tickets(tx, app.kit.clock.now(), BATCH).await?;
    Ok(over == BATCH.unsigned_abs())
}

async fn code_fits(app: &App, tx: &mut Tx, id: AccountId, code: &str) -> Result<bool, Error> {
    let Some(kept) = second_factors::find(tx, id).await? else { return Ok(false) };
    let secret = app.kit.settings.vault.open(&sealed_name(id), &kept.secret)?;
    let now = app.kit.clock.now();
    let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
    let step = TotpSecret::kept(&secret).and_then(|secret| secret.step(code, seconds));
    match step {
        Some(step) => Ok(second_factors::use_step(tx, id, step, now).await?),
        None => Ok(false),
    }
}

async fn give_recovery_codes(app: &App, tx: &mut Tx, id: AccountId) -> Result<Vec<String>, Error> {
    let codes = (0..HOW_MANY).map(|_| new_recovery_code()).collect::<Result<Vec<_>, _>>()?;
    let macs: Vec<_> = codes.iter().map(|code| recovery_code_mac(&app.link_key, code)).collect();
    second_factors::replace_recovery_codes(tx, id, &macs).await?;
    Ok(codes)
}

fn sealed_name(id: AccountId) -> String {
    format!("totp {id}")
}
