-- People who order without an account. A guest is no account: nobody logs in as one, and its address is not confirmed. It is made
-- for one cart, by who has its secret, and is the owner of what is ordered of it until the owner of the mailbox has an account
-- and says so; whether the address has one makes no difference here, so that nothing can tell.
CREATE TABLE guests (
    -- As the other services know them: the customer of their orders.
    id          uuid        PRIMARY KEY,
    email       text        NOT NULL,
    email_key   text        NOT NULL,
    cart_id     uuid        NOT NULL,
    -- Of what the browser keeps: whoever comes with it is this guest.
    secret_hash bytea       NOT NULL CONSTRAINT guests_secret_unique UNIQUE,
    -- Of the link in the mail about an order. The token itself is an HMAC of the id.
    link_hash   bytea       NOT NULL CONSTRAINT guests_link_unique UNIQUE,
    created_at  timestamptz NOT NULL,
    -- The secret works until then; each use prolongs it.
    expires_at  timestamptz NOT NULL,
    -- When it was first asked where they are reached: it is asked for orders alone, so one that has none is forgotten.
    mailed_at   timestamptz,
    -- The account that the owner of the mailbox has: what was ordered is its.
    account_id  uuid,
    -- Counts its changes; numbers its events.
    version     bigint      NOT NULL DEFAULT 0
);
CREATE INDEX guests_address ON guests (email_key, id);
CREATE INDEX guests_account ON guests (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX guests_without_order ON guests (expires_at) WHERE mailed_at IS NULL;
