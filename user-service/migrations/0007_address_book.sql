-- Where somebody's parcels and bills go. The platform's older `accounts.address` is one line of text that nobody can send to.
CREATE TABLE addresses (
    id          uuid        PRIMARY KEY,
    account_id  uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- A service_kit::PostalAddress.
    address     jsonb       NOT NULL,
    created_at  timestamptz NOT NULL,
    version     bigint      NOT NULL DEFAULT 1
);
CREATE INDEX addresses_account ON addresses (account_id, id);

-- At most one of each for an account; gone with the address.
ALTER TABLE accounts ADD COLUMN shipping_address uuid REFERENCES addresses (id) ON DELETE SET NULL;
ALTER TABLE accounts ADD COLUMN billing_address uuid REFERENCES addresses (id) ON DELETE SET NULL;
