-- What staff write about orders, and what a start page shows without reading orders.

-- A note is free text about a customer, and goes when they are erased: the row with it. Else nothing of it changes.
CREATE TABLE order_notes (
    id         uuid        PRIMARY KEY,
    order_id   uuid        NOT NULL REFERENCES orders (id),
    -- An account, or an API key. Names of people stay in user_db.
    author     uuid        NOT NULL,
    -- The Idempotency-Key it came under: who repeats it writes nothing more.
    key        text        NOT NULL,
    text       text        NOT NULL CHECK (text <> ''),
    written_at timestamptz NOT NULL,
    CONSTRAINT order_notes_key_unique UNIQUE (order_id, author, key)
);
CREATE INDEX order_notes_order ON order_notes (order_id, id DESC);
CREATE TRIGGER order_notes_append_only BEFORE UPDATE OR TRUNCATE ON order_notes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();

-- Orders by the hour they were placed in, as they stood some time after its end: counted by a job, once, so that placing an
-- order writes nothing for it. An hour without orders has no row.
CREATE TABLE order_hours (
    hour     timestamptz NOT NULL,
    currency text        NOT NULL,
    orders   bigint      NOT NULL,
    paid     bigint      NOT NULL,
    -- Totals of those that were paid, in minor units, whatever was given back.
    revenue  bigint      NOT NULL,
    -- Cancelled since their payment was declined.
    declined bigint      NOT NULL,
    PRIMARY KEY (hour, currency)
);
