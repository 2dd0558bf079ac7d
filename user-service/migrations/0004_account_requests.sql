-- What was asked for about an account and is done by who has the mailed link: a new password, another address, an
-- invitation. The token itself is never stored: it is an HMAC of the id.
CREATE TABLE account_requests (
    id             uuid        PRIMARY KEY,
    purpose        text        NOT NULL CHECK (purpose IN ('password_reset', 'email_change', 'invitation')),
    -- None of an invitation; of a password reset once it was looked whether the address has an account. Whoever asks for
    -- one waits for no such look, so that the answer's time tells nothing.
    account_id     uuid        REFERENCES accounts (id) ON DELETE CASCADE,
    -- Where the link is mailed to: of a change the new address.
    email          text        NOT NULL,
    email_key      text        NOT NULL,
    -- Of a change that was made: where that is told.
    previous_email text,
    -- Of an invitation: what whoever accepts may do.
    role           text        REFERENCES roles (name),
    asked_by       uuid,
    token_hash     bytea       NOT NULL CONSTRAINT account_requests_token_unique UNIQUE,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    CHECK ((purpose = 'invitation') = (role IS NOT NULL))
);
CREATE INDEX account_requests_account ON account_requests (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX account_requests_expires ON account_requests (expires_at);
CREATE INDEX account_requests_unanswered ON account_requests (id) WHERE account_id IS NULL AND purpose = 'password_reset';
