-- People this service was told to forget. Kept: what comes late is erased, too, and who asks must find that it was
-- done. It names nobody: an id that leads nowhere any more.
CREATE TABLE people_erased (
    account_id     uuid        PRIMARY KEY,
    -- Other ids under which something of theirs may be filed.
    also           uuid[]      NOT NULL,
    told_at        timestamptz NOT NULL,
    -- When it is looked for what is left of them: at once, and once more when every token of theirs is over. Empty after that.
    look_at        timestamptz,
    erased_rows    bigint      NOT NULL DEFAULT 0,
    -- When the receipt was announced.
    receipt_at     timestamptz,
    -- What told it, and its journey.
    event_id       uuid        NOT NULL,
    correlation_id uuid        NOT NULL,
    traceparent    text        NOT NULL
);
CREATE INDEX people_erased_due ON people_erased (look_at) WHERE look_at IS NOT NULL;

-- People who want a copy of what is kept of them, until this service's part is handed over.
CREATE TABLE people_exported (
    export_id   uuid        PRIMARY KEY,
    account_id  uuid        NOT NULL,
    traceparent text        NOT NULL,
    -- The next piece: its number, of which kind of things, and after which of them.
    number      integer     NOT NULL DEFAULT 0,
    kind        integer     NOT NULL DEFAULT 0,
    after       uuid,
    -- When it goes on; doubles as the lease of who makes the piece.
    look_at     timestamptz NOT NULL
);
CREATE INDEX people_exported_due ON people_exported (look_at);
