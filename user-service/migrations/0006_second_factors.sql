-- Codes by time (RFC 6238).
CREATE TABLE totp_secrets (
    account_id   uuid        PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    -- Sealed under the operator's key, where there is one.
    secret       bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Once its owner showed a code of it; asked for at a login from then on.
    confirmed_at timestamptz,
    -- The newest step of 30 seconds a code was used of: each works once.
    last_step    bigint      NOT NULL DEFAULT 0
);

-- For who has lost the device; each works once. Only an HMAC of each is kept.
CREATE TABLE recovery_codes (
    account_id uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    code_mac   bytea       NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (account_id, code_mac)
);

-- Between the password and the second factor.
CREATE TABLE login_tickets (
    token_hash bytea       PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    -- Codes tried with it. Counted before they are checked: many at once are no way around.
    tries      integer     NOT NULL DEFAULT 0
);
CREATE INDEX login_tickets_expires ON login_tickets (expires_at);
