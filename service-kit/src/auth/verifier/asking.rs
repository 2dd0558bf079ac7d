//! What a verifier asks user-service: what an API key is worth, and what was revoked.

use super::Verifier;
use crate::{
    KitError,
    auth::{AccessClaims, AuthError, revoked::Need},
    peers::PeerError,
};
use contracts::{
    ServiceName,
    api::user::{ExchangeRequest, Exchanged},
};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tracing::Instrument;

/// So long a token waits for what was revoked; then it is looked at with what is known.
const REVOCATIONS_WITHIN: Duration = Duration::from_millis(500);

impl Verifier {
    pub(super) async fn exchange(&self, key: &str) -> Result<AccessClaims, AuthError> {
        let unavailable = AuthError::KeysUnavailable(ServiceName::User);
        // Whoever sends made-up keys must not keep all of user-service busy.
        let _turn = self.inner.exchanging.acquire().await.map_err(|_| unavailable.clone())?;
        let request = ExchangeRequest { key: key.to_owned() };
        let exchanged: Result<Exchanged, _> =
            self.inner.peers.post(ServiceName::User, "/internal/api-keys/exchange", &request).await;
        match exchanged {
            Ok(exchanged) => self.signed(&exchanged.token).await,
            Err(KitError::Peer(PeerError::Refused { status, .. })) if status.is_client_error() => {
                Err(AuthError::Invalid("API key"))
            }
            Err(_) => Err(unavailable),
        }
    }

    /// What user-service revoked reaches here within seconds: it is asked when tokens come, every two seconds at the most.
    /// While it is away tokens are good until they end: it alone ends sessions, and cannot then.
    pub(super) async fn not_revoked(&self, claims: &AccessClaims) -> Result<(), AuthError> {
        let revoked = &self.inner.revoked;
        match revoked.need(Instant::now()) {
            Need::Nothing => {}
            Need::Soon => drop(self.asking_what_was_revoked()),
            Need::First => {
                let _late_or_not = tokio::time::timeout(REVOCATIONS_WITHIN, self.asking_what_was_revoked()).await;
            }
        }
        if revoked.holds(claims.sid, claims.generation) { Err(AuthError::Revoked) } else { Ok(()) }
    }

    /// A task of its own, so that a caller that gives up leaves an answer to the others. One asks, the others wait for it.
    fn asking_what_was_revoked(&self) -> JoinHandle<()> {
        let verifier = self.clone();
        let asking = async move {
            let revoked = &verifier.inner.revoked;
            let _one = verifier.inner.asking.lock().await;
            if revoked.need(Instant::now()) == Need::Nothing {
                return;
            }
            // From the beginning where nothing is known yet.
            let since = revoked.asked_until().map_or(0, |since| since.unix_timestamp_nanos() / 1_000_000);
            let path = format!("/internal/revocations?since_ms={since}");
            match verifier.inner.peers.glance(ServiceName::User, &path).await {
                Ok(answer) => revoked.answered(&answer, Instant::now()),
                Err(cause) => {
                    revoked.failed(Instant::now());
                    tracing::warn!(%cause, "what was revoked lately is not known: user-service did not answer");
                }
            }
        };
        tokio::spawn(asking.in_current_span())
    }
}
