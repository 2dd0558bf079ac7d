-- The kit's own tables. They live in every service's database, so that an event, its cause and its effect commit with
-- the change itself.

-- Every event this service ever announced, for replay and for timelines. Append-only.
CREATE TABLE event_log (
    position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id       uuid        NOT NULL UNIQUE,
    type           text        NOT NULL,
    subject        uuid        NOT NULL,
    sequence       bigint      NOT NULL CHECK (sequence > 0),
    correlation_id uuid        NOT NULL,
    causation_id   uuid,
    announced_at   timestamptz NOT NULL,
    envelope       jsonb       NOT NULL,
    -- Given out under the aggregate's row lock. Two events with one number would be a lost update: refuse the second.
    UNIQUE (subject, sequence)
);
CREATE INDEX event_log_correlation ON event_log (correlation_id);
CREATE INDEX event_log_announced ON event_log (announced_at);

-- The pending set: what is not yet confirmed by the bus. The relay scans it whole. A cursor over positions would lose
-- the event of a transaction that took a lower number and committed later.
CREATE TABLE outbox (
    position bigint      PRIMARY KEY REFERENCES event_log (position),
    attempts integer     NOT NULL DEFAULT 0,
    next_at  timestamptz NOT NULL
);

-- One row per event that reached this service. The primary key is what makes a redelivery harmless.
CREATE TABLE inbox (
    event_id    uuid        PRIMARY KEY,
    type        text        NOT NULL,
    subject     uuid        NOT NULL,
    sequence    bigint      NOT NULL,
    received_at timestamptz NOT NULL,
    -- done: its effect is committed. waiting: failed, will be tried again at next_at. dead: given up, for an operator.
    status      text        NOT NULL CHECK (status IN ('done', 'waiting', 'dead')),
    attempts    integer     NOT NULL DEFAULT 0,
    next_at     timestamptz,
    reason      text,
    -- Kept only while it may be needed again.
    envelope    jsonb,
    CHECK ((status = 'done') = (envelope IS NULL)),
    CHECK ((status = 'waiting') = (next_at IS NOT NULL))
);
CREATE INDEX inbox_waiting ON inbox (next_at) WHERE status = 'waiting';
CREATE INDEX inbox_dead ON inbox (received_at) WHERE status = 'dead';
CREATE INDEX inbox_subject ON inbox (subject);

-- The keys this service signs its tokens with; made at first start.
CREATE TABLE signing_keys (
    kid         text        PRIMARY KEY,
    private_key bytea       NOT NULL,
    public_key  text        NOT NULL,
    created_at  timestamptz NOT NULL
);

-- Other services' public keys as last fetched, so that this one starts and works while they are away.
CREATE TABLE peer_keys (
    issuer     text        NOT NULL,
    kid        text        NOT NULL,
    public_key text        NOT NULL,
    fetched_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, kid)
);

-- Answers given under an Idempotency-Key, stored in the transaction of the change they report.
CREATE TABLE idempotency_keys (
    owner       uuid        NOT NULL,
    route       text        NOT NULL,
    key         text        NOT NULL,
    fingerprint bytea       NOT NULL,
    status      integer     NOT NULL,
    body        jsonb       NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (owner, route, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
