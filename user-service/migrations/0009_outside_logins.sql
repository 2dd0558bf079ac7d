-- Who somebody is at an outside OpenID provider. Linked once, by an address that the provider says is confirmed; then it is
-- the provider's own id for them that counts.
CREATE TABLE outside_identities (
    issuer     text        NOT NULL,
    subject    text        NOT NULL,
    account_id uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    linked_at  timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX outside_identities_account ON outside_identities (account_id);

-- Logins on their way by an outside provider; each is ended by who began it, once.
CREATE TABLE outside_logins (
    -- Of the token that the browser which began it keeps.
    token_hash bytea       PRIMARY KEY,
    state      text        NOT NULL,
    nonce      text        NOT NULL,
    -- PKCE (RFC 7636). Of use only with the provider's code, and for ten minutes.
    verifier   text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX outside_logins_expires ON outside_logins (expires_at);
