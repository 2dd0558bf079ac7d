-- Accounts that are to be erased, and that were. An erasure stays: who was erased can ask how far it is, and whoever looks
-- after the platform finds that it was done. It names nobody: the account's id leads nowhere any more.
CREATE TABLE erasures (
    id         uuid        PRIMARY KEY,
    -- No reference: it outlives the account.
    account_id uuid        NOT NULL,
    -- Of the mailed link, by which the account is kept and the progress seen. The token itself is an HMAC of the id.
    token_hash bytea       NOT NULL CONSTRAINT erasures_token_unique UNIQUE,
    asked_at   timestamptz NOT NULL,
    -- Until then the account can be kept.
    due_at     timestamptz NOT NULL,
    kept_at    timestamptz,
    erased_at  timestamptz,
    CHECK (kept_at IS NULL OR erased_at IS NULL)
);
CREATE UNIQUE INDEX erasures_of_account ON erasures (account_id) WHERE kept_at IS NULL;
CREATE INDEX erasures_due ON erasures (due_at) WHERE kept_at IS NULL AND erased_at IS NULL;

-- What each other service said when nothing was left of the person there.
CREATE TABLE erasure_receipts (
    account_id uuid        NOT NULL,
    service    text        NOT NULL,
    rows       bigint      NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (account_id, service)
);

-- Copies of all that is kept of a person, for them. Gone with the account, and a week after they were asked for.
CREATE TABLE exports (
    id         uuid        PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    asked_at   timestamptz NOT NULL,
    -- When the last piece came.
    ready_at   timestamptz,
    expires_at timestamptz NOT NULL
);
CREATE INDEX exports_account ON exports (account_id, id DESC);
CREATE INDEX exports_expires ON exports (expires_at);

CREATE TABLE export_pieces (
    export_id uuid        NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
    service   text        NOT NULL,
    number    integer     NOT NULL,
    kind      text        NOT NULL,
    items     jsonb       NOT NULL,
    -- Its service has no more.
    last      boolean     NOT NULL,
    came_at   timestamptz NOT NULL,
    PRIMARY KEY (export_id, service, number)
);

-- By whom an address is erased with all that was asked for about it.
CREATE INDEX account_requests_address ON account_requests (email_key);
-- Registrations that its account outlived.
CREATE INDEX registration_links_account ON registration_links (account_id) WHERE account_id IS NOT NULL;
