//! What every error says.

use super::{Error, GuestError, OutsideError};
use service_kit::{Fault, Kind, KitError};
use std::{collections::BTreeSet, time::Duration};

#[test]
fn every_code_is_unique_and_every_sentence_ends() {
    let errors = [
        Error::WrongCredentials,
        Error::TooManyFailures { wait: Duration::from_millis(1500) },
        Error::EmailNotVerified,
        Error::Suspended,
        Error::UnknownRefreshToken,
        Error::NoSuchSession,
        Error::WrongPassword,
        Error::UnknownLink,
        Error::LinkOver,
        Error::AddressTaken,
        Error::NoSuchRequest,
        Error::NoSuchRole,
        Error::RoleExists,
        Error::RoleInUse,
        Error::FixedRole,
        Error::StaleRole,
        Error::BeyondOwn,
        Error::NotOneself,
        Error::LastAdministrator,
        Error::SecondFactorExists,
        Error::NoSecondFactor,
        Error::WrongCode,
        Error::SecondFactorRequired { ticket: String::new(), methods: Vec::new() },
        Error::PasskeysOff,
        Error::NoSuchPasskey,
        Error::TooManyPasskeys,
        Error::PasskeyExists,
        Error::UnknownPasskey,
        Error::WrongPasskey,
        Error::PasskeyCopied,
        Error::PasskeyRequired,
        Error::TooManyQuestions { wait: Duration::from_secs(1) },
        Error::Passkeys("cause".to_owned()),
        Error::TicketOver,
        Error::NoSuchAddress,
        Error::TooManyAddresses,
        Error::NoProvider,
        Error::OutsideLoginOver,
        Error::ProviderEmail,
        Error::Outside(OutsideError::Away("cause".to_owned())),
        Error::Outside(OutsideError::CodeRefused),
        Error::NoSuchErasure,
        Error::ErasureBegun,
        Error::NoSuchExport,
        Error::NoSuchKey,
        Error::UnknownKey,
        Error::UnknownToken,
        Error::TokenExpired,
        Error::TokenUsed,
        Error::TokenEnded,
        Error::WrongRegistrationPassword { left: 2 },
        Error::TooManyMails { wait: Duration::from_secs(1) },
        Error::Busy,
        Error::NoSuchAccount,
        Error::NoSuchVerification,
        Error::NoSuchRegistration,
        GuestError::TooMany { wait: Duration::from_secs(1) }.into(),
        GuestError::SecretUsed.into(),
        GuestError::Joined.into(),
        GuestError::Unknown.into(),
        GuestError::NoAccount.into(),
        Error::Hashing("$2b$".to_owned()),
        Error::Kit(KitError::Key("cause".to_owned())),
    ];
    let codes: BTreeSet<_> = errors.iter().map(Fault::code).collect();
    assert_eq!(codes.len(), errors.len());
    for error in &errors {
        let said = error.public();
        assert!(said.ends_with('.') && !said.contains("$2b$") && !said.contains("cause"), "{said}");
    }
    assert!(errors[1].public().contains("in 2 s"), "whole seconds, rounded up");
    assert_eq!(errors[0].kind(), Kind::Unauthenticated);
}
