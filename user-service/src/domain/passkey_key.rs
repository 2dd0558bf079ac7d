//! What is kept of a passkey to know it again.

/// Bytes as webauthn_rp reads and writes them; nobody else looks into them.
pub(crate) struct PasskeyKey {
    /// The authenticator's own name of it.
    pub(crate) credential_id: Vec<u8>,
    /// How it is reached, as a set of bits.
    pub(crate) transports: i16,
    /// The public key, and what never changes beside it.
    pub(crate) static_state: Vec<u8>,
    /// The signature counter and flags, as they were shown last.
    pub(crate) dynamic_state: Vec<u8>,
}
