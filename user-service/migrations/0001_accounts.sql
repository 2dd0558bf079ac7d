-- Accounts and how their addresses are confirmed. The only database that knows who a customer is.

CREATE TABLE accounts (
    id            uuid        PRIMARY KEY,
    first_name    text        NOT NULL,
    last_name     text        NOT NULL,
    email         text        NOT NULL,
    -- Lower case: one person, one account, however the address is written.
    email_key     text        NOT NULL CONSTRAINT accounts_email_unique UNIQUE,
    phone         text,
    address       text,
    password_hash text        NOT NULL,
    role          text        NOT NULL CHECK (role IN ('customer', 'admin')),
    verified_at   timestamptz,
    created_at    timestamptz NOT NULL,
    -- Counts the account's changes; numbers its events.
    version       bigint      NOT NULL DEFAULT 0
);

-- One row per verification mail. The token itself is never stored: it is an HMAC of the event id.
--
-- A link confirms the registration it was mailed for, so that row holds what was registered. Else somebody could register
-- with another's address first, and the owner, registering later, would confirm an account with a stranger's password.
CREATE TABLE verifications (
    event_id      uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES accounts (id),
    token_hash    bytea       NOT NULL CONSTRAINT verifications_token_unique UNIQUE,
    expires_at    timestamptz NOT NULL,
    -- All empty once the account is verified: then no other link may change it, and nobody needs the copies.
    first_name    text,
    last_name     text,
    phone         text,
    address       text,
    password_hash text,
    CHECK ((first_name IS NULL) = (password_hash IS NULL) AND (last_name IS NULL) = (password_hash IS NULL))
);
CREATE INDEX verifications_account ON verifications (account_id);
CREATE INDEX verifications_expires ON verifications (expires_at);

-- Secrets this service made for itself at its first start.
CREATE TABLE secrets (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);
