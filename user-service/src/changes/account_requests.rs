//! What is asked for about an account and done by who has the mailed link: a new password, another address, an invitation.

use super::{addresses::Addresses, end_sessions, guests};
use crate::{
    Error,
    domain::{Email, LinkToken, Name, Person},
    state::App,
    store::{
        account_requests::{self, NewRequest, Purpose, Request},
        accounts::{self, Account, NewAccount},
        roles,
    },
};
use contracts::{
    AccountId, AccountRequestId,
    events::user::{
        EmailChangeRequested, EmailChanged, Invited, PasswordChanged, PasswordResetRequested, Registered, Verified,
    },
};
use service_kit::{Cause, ClientAddress, Tx, audit::Entry, auth::Actor};
use time::Duration;
use uuid::Uuid;

/// How long a link for a new password works.
pub(crate) const RESET_VALID: Duration = Duration::hours(1);
/// One that confirms another address.
pub(crate) const CHANGE_VALID: Duration = Duration::hours(24);
/// An invitation.
pub(crate) const INVITATION_VALID: Duration = Duration::days(7);
/// So long a used or expired link can still be told what became of it.
const KEPT: Duration = Duration::days(7);
const BATCH: i64 = 100;

/// Somebody forgot their password, or says so: kept the same whether the address has an account or not. [`answer_resets`]
/// looks.
pub(crate) async fn forgot_password(app: &App, tx: &mut Tx, email: &Email) -> Result<(), Error> {
    let new = new(app, Purpose::PasswordReset, None, email, RESET_VALID);
    account_requests::insert(tx, &new).await?;
    tx.wake_after_commit(&app.resets);
    Ok(())
}

/// Looks for the accounts of passwords that were forgotten, and asks for their mails; true when there may be more. Where
/// there is no account nothing is left.
pub(crate) async fn answer_resets(app: &App, tx: &mut Tx) -> Result<bool, Error> {
    let unanswered = account_requests::lock_unanswered(tx, BATCH).await?;
    let more = unanswered.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
    let unknown: Vec<Uuid> =
        unanswered.iter().filter(|one| one.account_id.is_none()).map(|one| one.id.uuid()).collect();
    let mut known: Vec<(AccountRequestId, AccountId)> =
        unanswered.iter().filter_map(|one| Some((one.id, one.account_id?.into()))).collect();
    account_requests::answer(tx, &known).await?;
    account_requests::delete(tx, &unknown).await?;
    // Accounts are locked in one order, by everybody.
    known.sort_by_key(|(_, account)| *account);
    for (request_id, account_id) in known {
        let version = accounts::next_version(tx, account_id).await?;
        let asked = PasswordResetRequested { account_id, request_id };
        app.kit.announce(tx, &Cause::current(), version, asked)?;
    }
    Ok(more)
}

/// The request that a mailed link is for.
///
/// # Errors
/// It is none, or over, or done.
pub(crate) async fn follow(app: &App, tx: &mut Tx, purpose: Purpose, token: &str) -> Result<Request, Error> {
    let request = account_requests::find_by_token(tx, purpose, &LinkToken::given(token).hash()).await?;
    let request = request.ok_or(Error::UnknownLink)?;
    if request.is_open(app.kit.clock.now()) { Ok(request) } else { Err(Error::LinkOver) }
}

/// A new password by who has the mailed link: all sessions end, and so do all other links.
pub(crate) async fn reset_password(
    app: &App,
    tx: &mut Tx,
    request: &Request,
    hash: &str,
    client: ClientAddress,
) -> Result<(), Error> {
    let account_id = request.account().ok_or(Error::UnknownLink)?;
    accounts::lock(tx, account_id).await?.ok_or(Error::UnknownLink)?;
    use_up(app, tx, request.id, None).await?;
    password_changed(app, tx, account_id, hash, client).await?;
    end_sessions::all_but(app, tx, account_id, None).await?;
    Ok(())
}

/// It has another password: open links end, and its owner is told.
pub(crate) async fn password_changed(
    app: &App,
    tx: &mut Tx,
    account_id: AccountId,
    hash: &str,
    client: ClientAddress,
) -> Result<(), Error> {
    let version = accounts::set_password(tx, account_id, hash).await?;
    account_requests::end_of(tx, account_id, app.kit.clock.now()).await?;
    app.kit.announce(tx, &Cause::current(), version, PasswordChanged { account_id })?;
    let changed = Entry::new(Actor::Person(account_id), "password.changed").on(account_id).from(client);
    app.kit.audit(tx, changed);
    tracing::info!(account.id = %account_id, "a password was changed");
    Ok(())
}

/// Another address is wanted: whoever has its mailbox confirms that.
pub(crate) async fn change_email(app: &App, tx: &mut Tx, account_id: AccountId, email: &Email) -> Result<(), Error> {
    accounts::lock(tx, account_id).await?.ok_or(Error::NoSuchAccount)?;
    let version = accounts::next_version(tx, account_id).await?;
    let new = new(app, Purpose::EmailChange, Some(account_id), email, CHANGE_VALID);
    account_requests::insert(tx, &new).await?;
    app.kit.announce(tx, &Cause::current(), version, EmailChangeRequested { account_id, request_id: new.id })?;
    Ok(())
}

/// The owner of the new mailbox says so: the account has that address from now on, its sessions end, and the old address
/// is told.
///
/// # Errors
/// The link is over, or another account has the address by now.
pub(crate) async fn confirm_email(
    app: &App,
    tx: &mut Tx,
    request: &Request,
    client: ClientAddress,
) -> Result<(), Error> {
    let account_id = request.account().ok_or(Error::UnknownLink)?;
    let key = std::slice::from_ref(&request.email_key);
    let addresses = Addresses::lock(tx, key).await?;
    let before = accounts::lock(tx, account_id).await?.ok_or(Error::UnknownLink)?.person.email;
    use_up(app, tx, request.id, Some(&before)).await?;
    let changed = accounts::set_email(tx, account_id, &request.email, &request.email_key).await?;
    let version = changed.ok_or(Error::AddressTaken)?;
    addresses.close(tx, &[(request.email_key.clone(), account_id)].into(), &[]).await?;
    guests::join(app, tx, (&request.email_key, account_id), &Cause::current()).await?;
    account_requests::end_of(tx, account_id, app.kit.clock.now()).await?;
    end_sessions::all_but(app, tx, account_id, None).await?;
    app.kit.announce(tx, &Cause::current(), version, EmailChanged { account_id, request_id: request.id })?;
    let changed = Entry::new(Actor::Person(account_id), "email.changed").on(account_id).from(client);
    app.kit.audit(tx, changed);
    tracing::info!(account.id = %account_id, "an address was changed");
    Ok(())
}

/// Somebody is to work for the shop, with a role.
///
/// # Errors
/// The address has an account: that one is given the role instead.
pub(crate) async fn invite(
    app: &App,
    tx: &mut Tx,
    email: &Email,
    role: &str,
    by: Uuid,
) -> Result<AccountRequestId, Error> {
    let key = email.key();
    if accounts::holders(tx, std::slice::from_ref(&key)).await?.contains_key(&key) {
        return Err(Error::AddressTaken);
    }
    let mut new = new(app, Purpose::Invitation, None, email, INVITATION_VALID);
    new.role = Some(role.to_owned());
    new.asked_by = Some(by);
    account_requests::insert(tx, &new).await?;
    app.kit.announce(tx, &Cause::current(), 1, Invited { request_id: new.id })?;
    Ok(new.id)
}

/// The invited makes an account: who has the mailed link has the mailbox.
pub(crate) async fn accept(
    app: &App,
    tx: &mut Tx,
    request: &Request,
    (first_name, last_name): (&Name, &Name),
    password_hash: String,
) -> Result<AccountId, Error> {
    let addresses = Addresses::lock(tx, std::slice::from_ref(&request.email_key)).await?;
    use_up(app, tx, request.id, None).await?;
    let account = NewAccount {
        id: app.kit.clock.new_id(),
        person: Person {
            first_name: first_name.as_str().to_owned(),
            last_name: last_name.as_str().to_owned(),
            email: request.email.clone(),
            email_key: request.email_key.clone(),
            phone: None,
            address: None,
            password_hash,
        },
        role: request.role.clone().unwrap_or_else(|| roles::CUSTOMER.to_owned()),
        created_at: app.kit.clock.now(),
        version: 2,
    };
    let made = addresses.admit(tx, &[&account]).await?;
    if made.is_empty() {
        return Err(Error::AddressTaken);
    }
    addresses.close(tx, &made, &[]).await?;
    let (account_id, cause) = (account.id, Cause::current());
    app.kit.announce(tx, &cause, 1, Registered { account_id, confirmed: true })?;
    app.kit.announce(tx, &cause, 2, Verified { account_id })?;
    guests::join(app, tx, (&request.email_key, account_id), &cause).await?;
    Ok(account_id)
}

/// Whom the mail of a request goes to, as things are now.
pub(crate) struct Addressee {
    pub(crate) email: String,
    pub(crate) first_name: Option<String>,
    /// Whether its link still does something.
    pub(crate) open: bool,
    pub(crate) taken: bool,
    pub(crate) purpose: Purpose,
}

pub(crate) async fn addressee(
    app: &App,
    connection: &mut sqlx::PgConnection,
    id: AccountRequestId,
) -> Result<Addressee, Error> {
    let request = account_requests::find(connection, id).await?.ok_or(Error::NoSuchRequest)?;
    let account = match request.account() {
        Some(account_id) => accounts::find(connection, account_id).await?,
        None => None,
    };
    let holders = accounts::holders(connection, std::slice::from_ref(&request.email_key)).await?;
    let holder = holders.get(&request.email_key).copied();
    let (open, purpose) = (request.is_open(app.kit.clock.now()), request.purpose());
    let taken = holder.is_some_and(|holder| Some(holder) != request.account());
    // Nobody is named at an address that they have not confirmed.
    let is_own = holder == request.account();
    let own = |account: Account| Some(account.person.first_name).filter(|_| is_own);
    let (email, first_name) = match (request.previous_email, purpose, account) {
        (Some(previous), _, account) => (previous, account.map(|account| account.person.first_name)),
        // As its owner writes it, not as whoever asked did.
        (None, Purpose::PasswordReset, Some(account)) => (account.person.email, Some(account.person.first_name)),
        (None, _, account) => (request.email.clone(), account.and_then(own)),
    };
    Ok(Addressee { email, first_name, open: open && !taken, taken, purpose })
}

/// Some of what is long over; true when there may be more.
pub(crate) async fn forget(app: &App, tx: &mut Tx) -> Result<bool, Error> {
    let before = app.kit.clock.now() - KEPT;
    Ok(account_requests::delete_expired(tx, before, BATCH).await? == BATCH.unsigned_abs())
}

async fn use_up(app: &App, tx: &mut Tx, id: AccountRequestId, previous: Option<&str>) -> Result<(), Error> {
    // Again under its row's lock: of two who come with one link at once, one is too late.
    let used = account_requests::use_up(tx, id, app.kit.clock.now(), previous).await?;
    if used { Ok(()) } else { Err(Error::LinkOver) }
}

fn new(app: &App, purpose: Purpose, account_id: Option<AccountId>, email: &Email, valid: Duration) -> NewRequest {
    let (id, now): (AccountRequestId, _) = (app.kit.clock.new_id(), app.kit.clock.now());
    NewRequest {
        id,
        purpose,
        account_id,
        email: email.as_str().to_owned(),
        email_key: email.key(),
        role: None,
        asked_by: None,
        token_hash: LinkToken::derive(&app.link_key, id).hash(),
        created_at: now,
        expires_at: now + valid,
    }
}
