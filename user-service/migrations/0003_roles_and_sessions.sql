-- What staff may do is data: roles, made of permissions from one list (contracts::access).
CREATE TABLE roles (
    name                text    PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_-]{0,49}$'),
    title               text    NOT NULL,
    permissions         text[]  NOT NULL,
    -- Whoever has the role may do what it permits only in a session that began with a second factor.
    needs_second_factor boolean NOT NULL DEFAULT false,
    -- Shipped with the platform: kept, though what they permit may be changed.
    built_in            boolean NOT NULL DEFAULT false,
    version             bigint  NOT NULL DEFAULT 1
);
-- An administrator's permissions are all there are, whatever stands here: a new one is not forgotten.
INSERT INTO roles (name, title, permissions, built_in) VALUES
    ('customer', 'Customer', '{}', true),
    ('support', 'Support',
        '{orders:read,orders:write,payments:read,notifications:read,users:read,products:read,stock:read}', true),
    ('catalogue_manager', 'Catalogue manager', '{products:read,products:write,stock:read}', true),
    ('warehouse', 'Warehouse', '{orders:read,orders:fulfil,products:read,stock:read,stock:write}', true),
    ('accountant', 'Accountant', '{orders:read,orders:refund,payments:read,audit:read}', true),
    ('admin', 'Administrator', '{}', true);

ALTER TABLE accounts DROP CONSTRAINT accounts_role_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_role_known FOREIGN KEY (role) REFERENCES roles (name);
CREATE INDEX accounts_staff ON accounts (role, id) WHERE role <> 'customer';
-- Nobody gets in with a suspended account.
ALTER TABLE accounts ADD COLUMN suspended_at timestamptz;

-- From a login to the log-out: a family of refresh tokens.
CREATE TABLE sessions (
    id            uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What it began on, in words: "Firefox on Linux".
    device        text        NOT NULL,
    -- Where it was last seen: an IPv4 address or an IPv6 /64. Gone with the session.
    client        text        NOT NULL,
    created_at    timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    -- When the person last proved who they are.
    proved_at     timestamptz NOT NULL,
    second_factor boolean     NOT NULL,
    -- Access tokens of lower generations are refused: what they permit has changed.
    generation    integer     NOT NULL DEFAULT 0
);
CREATE INDEX sessions_account ON sessions (account_id, last_seen_at DESC);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- Each is used once and derived from the one before. Used ones are kept, so that who comes with a stolen one is noticed.
CREATE TABLE refresh_tokens (
    token_hash bytea       PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_expires ON refresh_tokens (expires_at);

-- What all services are told to accept no more: as long as a token of it may live.
CREATE TABLE revocations (
    -- The session's, or the API key's.
    id               uuid        PRIMARY KEY,
    least_generation integer     NOT NULL,
    revoked_at       timestamptz NOT NULL
);
CREATE INDEX revocations_revoked ON revocations (revoked_at);
