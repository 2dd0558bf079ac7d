-- Keys of machines. A key is shown once; stored is its hash.
CREATE TABLE api_keys (
    id             uuid        PRIMARY KEY,
    name           text        NOT NULL,
    -- The key's beginning, so that whoever finds one knows which it is.
    prefix         text        NOT NULL,
    key_hash       bytea       NOT NULL CONSTRAINT api_keys_hash_unique UNIQUE,
    -- The one before the last rotation, which works a while longer.
    previous_hash  bytea       CONSTRAINT api_keys_previous_unique UNIQUE,
    previous_until timestamptz,
    permissions    text[]      NOT NULL,
    made_by        uuid        NOT NULL,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz,
    last_used_at   timestamptz,
    revoked_at     timestamptz,
    CHECK ((previous_hash IS NULL) = (previous_until IS NULL))
);
