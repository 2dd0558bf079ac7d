-- What people mean to order. A cart holds no stock; it is a document that one statement reads and one writes.
CREATE TABLE carts (
    id         uuid        PRIMARY KEY,
    -- Whose it is: an account's, which has one, or a guest's, who has the token.
    account_id uuid        CONSTRAINT carts_account_unique UNIQUE,
    token_hash bytea       CONSTRAINT carts_token_unique UNIQUE,
    -- [{sku, name, quantity, unit_price: {amount, currency}}], as the shopper was told.
    lines      jsonb       NOT NULL DEFAULT '[]',
    -- The Idempotency-Keys of the last additions: who repeats one adds nothing.
    added_by   text[]      NOT NULL DEFAULT '{}',
    -- Counts its changes. A checkout is one of a version: from two tabs it is the same one.
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CHECK ((account_id IS NULL) <> (token_hash IS NULL))
);
CREATE INDEX carts_expires ON carts (expires_at);
