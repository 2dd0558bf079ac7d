-- Keys on somebody's devices that open their account (Web Authentication 3).
CREATE TABLE passkeys (
    id            uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What its owner calls it.
    name          text        NOT NULL,
    -- The authenticator's own name of it: by this a login finds whose it is.
    credential_id bytea       NOT NULL CONSTRAINT passkeys_credential_unique UNIQUE,
    -- How it is reached (USB, NFC, …), as a set of bits: browsers are told, and ask only where it can be.
    transports    smallint    NOT NULL,
    -- The public key, and what never changes beside it; as webauthn_rp writes it.
    static_state  bytea       NOT NULL,
    -- The signature counter and flags, as they were shown last; likewise.
    dynamic_state bytea       NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz
);
CREATE INDEX passkeys_account ON passkeys (account_id, id);

-- What browsers were asked and have not answered yet. Each is answered once, within minutes.
CREATE TABLE passkey_ceremonies (
    -- Of the token that whoever was asked answers with.
    token_hash bytea       PRIMARY KEY,
    purpose    text        NOT NULL CHECK (purpose IN ('add', 'log_in', 'second_factor', 'step_up')),
    -- Whose passkey it is to be. None of a login: whoever begins one does not say who they are.
    account_id uuid        REFERENCES accounts (id) ON DELETE CASCADE,
    -- The challenge, and what is asked for; as webauthn_rp writes it.
    state      bytea       NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK ((purpose = 'log_in') = (account_id IS NULL))
);
CREATE INDEX passkey_ceremonies_account ON passkey_ceremonies (account_id, purpose, expires_at)
    WHERE account_id IS NOT NULL;
CREATE INDEX passkey_ceremonies_expires ON passkey_ceremonies (expires_at);
