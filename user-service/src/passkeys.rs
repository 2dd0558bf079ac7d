//! Passkeys: what a browser is asked, and whether its answer holds (Web Authentication 3, 7.1 and 7.2). The shop is the relying
//! party by the host of its pages, and takes answers from their origin alone.
//!
//! webauthn_rp does the ceremonies: it takes randomness and, for their end, the time from the system; what is kept between
//! question and answer ends by our own clock besides (ADR 0057).

use crate::domain::PasskeyKey;
use contracts::AccountId;
use serde_json::Value;
use std::fmt::Display;
use url::{Host, Url};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, NonDiscoverableAuthentication16, NonDiscoverableAuthenticationServerState,
    NonDiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
    bin::{Decode, Encode},
    request::{
        AsciiDomain, Credentials, ExtensionInfo, PublicKeyCredentialDescriptor, RpId, UserVerificationRequirement,
        auth::{AllowedCredentials, AuthenticationVerificationOptions, SignatureCounterEnforcement},
        register::{
            CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle,
            UserHandle16, Username,
        },
    },
    response::{
        AuthTransports, CredentialId,
        auth::error::AuthCeremonyErr,
        register::{CompressedPubKey, DynamicState, StaticState, error::RegCeremonyErr},
    },
};

/// Public keys, in the smallest form of each kind.
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// Why an answer does not count.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasskeyError {
    /// It is not what was asked for. Why is for our log alone.
    #[error("a passkey was refused: {0}")]
    Refused(String),
    /// Its signature counter went back: perhaps there are two of it.
    #[error("a passkey's signature counter went back")]
    Copied,
    /// What we made or kept ourselves cannot be read.
    #[error("passkeys: {0}")]
    Broken(String),
}

/// The shop, as authenticators know it.
pub(crate) struct RelyingParty {
    id: RpId,
    /// Of the pages, as a browser writes it.
    origin: String,
}

/// What a browser is asked.
pub(crate) struct Question {
    /// For the browser.
    pub(crate) options: Value,
    /// What is kept until it answers.
    pub(crate) state: Vec<u8>,
}

/// Whose a new passkey is to be, as authenticators show it.
pub(crate) struct Owner<'o> {
    pub(crate) id: AccountId,
    pub(crate) email: &'o str,
    pub(crate) name: &'o str,
}

impl RelyingParty {
    /// None where the pages are reached by an IP address: browsers take no such for a relying party.
    pub(crate) fn of(public_url: &Url) -> Option<Self> {
        let Some(Host::Domain(host)) = public_url.host() else { return None };
        let id = RpId::Domain(AsciiDomain::try_from(host.to_owned()).ok()?);
        Some(Self { id, origin: public_url.origin().ascii_serialization() })
    }

    /// Asks for a new passkey, on an authenticator that has none of `known`. It can tell by itself whose it is, and is unlocked
    /// by its owner each time.
    pub(crate) fn ask_for_new(&self, owner: &Owner<'_>, known: &[PasskeyKey]) -> Result<Question, PasskeyError> {
        let handle = handle(owner.id)?;
        // Neither is more than a label on the device. What an authenticator would not show it is spared.
        let name = Username::try_from(owner.email).or_else(|_| Username::try_from("account")).map_err(broken)?;
        let user =
            PublicKeyCredentialUserEntity { name, id: &handle, display_name: Nickname::try_from(owner.name).ok() };
        let known = known.iter().map(descriptor).collect::<Result<_, _>>()?;
        let mut options = PublicKeyCredentialCreationOptions::passkey(&self.id, user, known);
        // Where it can, it does not even say that it is there before it is unlocked. Enforced, a browser would make none on
        // an authenticator that cannot, as most are in phones and computers; we take no answer that was not unlocked anyway.
        options.extensions.cred_protect = CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
        let (state, options) = options.start_ceremony().map_err(broken)?;
        let options = serde_json::to_value(&options).map_err(broken)?;
        Ok(Question { options, state: state.encode().map_err(broken)? })
    }

    /// What is to be kept of the new one.
    pub(crate) fn new_one(&self, state: &[u8], said: &Value) -> Result<PasskeyKey, PasskeyError> {
        let state = RegistrationServerState::<16>::decode(state).map_err(broken)?;
        let registration = Registration::from_json_relaxed(said.to_string().as_bytes()).map_err(unreadable)?;
        let origins = [self.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let new = state.verify(&self.id, &registration, &options).map_err(|cause| match cause {
            RegCeremonyErr::CollectedClientData(_) | RegCeremonyErr::CollectedClientDataRelaxed(_) => unreadable(()),
            cause => PasskeyError::Refused(cause.to_string()),
        })?;
        Ok(PasskeyKey {
            credential_id: new.id().as_ref().to_vec(),
            transports: i16::from(new.transports().encode().map_err(broken)?),
            static_state: new.static_state().encode().map_err(broken)?,
            dynamic_state: new.dynamic_state().encode().map_err(broken)?.to_vec(),
        })
    }

    /// Asks anybody for a passkey that tells whose it is.
    pub(crate) fn ask_anybody(&self) -> Result<Question, PasskeyError> {
        let options = DiscoverableCredentialRequestOptions::passkey(&self.id);
        let (state, options) = options.start_ceremony().map_err(broken)?;
        let options = serde_json::to_value(&options).map_err(broken)?;
        Ok(Question { options, state: state.encode().map_err(broken)? })
    }

    /// Asks for one of these.
    pub(crate) fn ask_for(&self, known: &[PasskeyKey]) -> Result<Question, PasskeyError> {
        let mut allowed = AllowedCredentials::with_capacity(known.len());
        for key in known {
            allowed.push(descriptor(key)?.into());
        }
        let mut options = NonDiscoverableCredentialRequestOptions::second_factor(&self.id, allowed).map_err(broken)?;
        options.options().user_verification = UserVerificationRequirement::Required;
        let (state, options) = options.start_ceremony().map_err(broken)?;
        let options = serde_json::to_value(&options).map_err(broken)?;
        Ok(Question { options, state: state.encode().map_err(broken)? })
    }

    /// Whether `key` of `owner` answers what anybody was asked; gives its new state.
    pub(crate) fn answered(&self, asked: &[u8], said: &Value, key: Known<'_>) -> Result<Vec<u8>, PasskeyError> {
        let asked = DiscoverableAuthenticationServerState::decode(asked).map_err(broken)?;
        let said = DiscoverableAuthentication16::from_json_relaxed(said.to_string().as_bytes()).map_err(unreadable)?;
        let (origins, handle) = ([self.origin.as_str()], handle(key.owner)?);
        let mut known = key.read(&handle)?;
        asked.verify(&self.id, &said, &mut known, &verification(&origins)).map_err(not_verified)?;
        Ok(known.dynamic_state().encode().map_err(broken)?.to_vec())
    }

    /// Whether `key` answers what its owner was asked; gives its new state.
    pub(crate) fn answered_by_owner(
        &self,
        asked: &[u8],
        said: &Value,
        key: Known<'_>,
    ) -> Result<Vec<u8>, PasskeyError> {
        let asked = NonDiscoverableAuthenticationServerState::decode(asked).map_err(broken)?;
        let said =
            NonDiscoverableAuthentication16::from_json_relaxed(said.to_string().as_bytes()).map_err(unreadable)?;
        let (origins, handle) = ([self.origin.as_str()], handle(key.owner)?);
        let mut known = key.read(&handle)?;
        asked.verify(&self.id, &said, &mut known, &verification(&origins)).map_err(not_verified)?;
        Ok(known.dynamic_state().encode().map_err(broken)?.to_vec())
    }
}

/// Which passkey an answer claims to be from.
pub(crate) fn claimed(said: &Value) -> Result<Vec<u8>, PasskeyError> {
    let said = NonDiscoverableAuthentication16::from_json_relaxed(said.to_string().as_bytes()).map_err(unreadable)?;
    Ok(said.raw_id().as_ref().to_vec())
}

/// A passkey, and whose it is.
#[derive(Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) owner: AccountId,
    pub(crate) key: &'k PasskeyKey,
}

impl<'k> Known<'k> {
    fn read<'r>(
        self,
        handle: &'r UserHandle16,
    ) -> Result<AuthenticatedCredential<'k, 'r, 16, PublicKey>, PasskeyError> {
        let id = CredentialId::<&[u8]>::decode(&self.key.credential_id).map_err(broken)?;
        let fixed = StaticState::<PublicKey>::decode(&self.key.static_state).map_err(broken)?;
        let changing = <[u8; 7]>::try_from(&*self.key.dynamic_state).map_err(broken)?;
        let changing = DynamicState::decode(changing).map_err(broken)?;
        AuthenticatedCredential::new(id, handle, fixed, changing).map_err(broken)
    }
}

/// From our own pages alone, in no frame; and a counter that goes back is refused.
fn verification<'o>(origins: &'o [&'o str]) -> AuthenticationVerificationOptions<'o, 'o, &'o str, &'o str> {
    AuthenticationVerificationOptions {
        allowed_origins: origins,
        allowed_top_origins: None,
        // Authenticators may say more than they were asked (9): it is passed over.
        error_on_unsolicited_extensions: false,
        sig_counter_enforcement: SignatureCounterEnforcement::Fail,
        ..AuthenticationVerificationOptions::default()
    }
}

/// How an authenticator knows whose a passkey is: the account's id, which says nothing of the person.
fn handle(owner: AccountId) -> Result<UserHandle16, PasskeyError> {
    UserHandle::decode(owner.uuid().into_bytes()).map_err(broken)
}

fn descriptor(key: &PasskeyKey) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, PasskeyError> {
    let id = CredentialId::<Vec<u8>>::decode(key.credential_id.clone()).map_err(broken)?;
    let transports = u8::try_from(key.transports).map_err(broken)?;
    let transports = AuthTransports::decode(transports).map_err(broken)?;
    Ok(PublicKeyCredentialDescriptor { id, transports })
}

fn not_verified(cause: AuthCeremonyErr) -> PasskeyError {
    match cause {
        AuthCeremonyErr::SignatureCounter => PasskeyError::Copied,
        AuthCeremonyErr::CollectedClientData(_) | AuthCeremonyErr::CollectedClientDataRelaxed(_) => unreadable(()),
        cause => PasskeyError::Refused(cause.to_string()),
    }
}

/// What cannot be read is in nobody's log: whoever sent it chose the words.
fn unreadable(_cause: impl Sized) -> PasskeyError {
    PasskeyError::Refused("it cannot be read".to_owned())
}

fn broken(cause: impl Display) -> PasskeyError {
    PasskeyError::Broken(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::RelyingParty;
    use url::Url;

    #[test]
    fn the_shop_is_known_by_the_name_of_its_pages_and_none_by_an_ip_address() {
        let party = |url: &str| RelyingParty::of(&Url::parse(url).unwrap());
        for (url, id, origin) in [
            ("https://shop.example.com/", "shop.example.com", "https://shop.example.com"),
            ("https://shop.example.com:443", "shop.example.com", "https://shop.example.com"),
            ("https://shop.example.com:8443/", "shop.example.com", "https://shop.example.com:8443"),
            ("http://localhost:8080", "localhost", "http://localhost:8080"),
            ("https://bücher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ] {
            let party = party(url).unwrap();
            assert_eq!((party.id.as_ref(), &*party.origin), (id, origin));
        }
        for url in ["http://127.0.0.1:8080", "https://[::1]/", "https://192.0.2.7"] {
            assert!(party(url).is_none(), "{url}");
        }
    }
}
