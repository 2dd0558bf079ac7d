//! Between what a browser is asked about passkeys and its answer: kept for minutes, and good for one answer.

use crate::{
    Error,
    domain::{LinkToken, random_text},
    passkeys::{PasskeyError, Question, RelyingParty},
    state::App,
    store::passkey_ceremonies::{self as store, About},
};
use serde_json::Value;
use service_kit::Tx;
use time::Duration;

/// So long somebody may take.
const VALID: Duration = Duration::minutes(5);
/// So many an account has under way at a time, for one purpose: the newest.
const MOST: i64 = 10;
const BATCH: i64 = 500;

/// For whoever is asked.
pub(crate) struct Asked {
    pub(crate) token: String,
    pub(crate) options: Value,
}

/// # Errors
/// There are no passkeys here.
pub(crate) fn party(app: &App) -> Result<&RelyingParty, Error> {
    app.passkeys.as_deref().ok_or(Error::PasskeysOff)
}

/// Keeps what is needed to understand the answer.
pub(crate) async fn ask(
    app: &App,
    tx: &mut Tx,
    about: About,
    question: Result<Question, PasskeyError>,
) -> Result<Asked, Error> {
    let Question { options, state } = question.map_err(|cause| Error::Passkeys(cause.to_string()))?;
    let token = random_text()?;
    let expires_at = app.kit.clock.now() + VALID;
    store::insert(tx, &LinkToken::given(&token).hash(), about, &state, expires_at).await?;
    if about.account.is_some() {
        store::delete_beyond(tx, about, MOST).await?;
    }
    Ok(Asked { token, options })
}

/// What was asked, in a transaction of its own: whatever the answer is worth, there is no second one. None where it was
/// answered, took too long, or is another's.
pub(crate) async fn take(app: &App, about: About, token: &str) -> Result<Option<Vec<u8>>, Error> {
    let mut tx = app.kit.database.begin("take_passkey_ceremony").await?;
    let asked = store::take(&mut tx, &LinkToken::given(token).hash(), about, app.kit.clock.now()).await?;
    let _committed = tx.commit().await?;
    Ok(asked)
}

/// Some of those that are over; true when there may be more.
pub(crate) async fn forget(app: &App, tx: &mut Tx) -> Result<bool, Error> {
    Ok(store::delete_expired(tx, app.kit.clock.now(), BATCH).await? == BATCH.unsigned_abs())
}
