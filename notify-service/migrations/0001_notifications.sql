-- What people are told, and how far the telling has come. No name and no address: user-service is asked for those at the
-- moment a mail is sent.

CREATE TABLE messages (
    id             uuid        PRIMARY KEY,
    account_id     uuid        NOT NULL,
    -- What it tells of, and in which words: the same event is told once, however often it arrives.
    event_id       uuid        NOT NULL,
    template       text        NOT NULL,
    CONSTRAINT messages_told_once UNIQUE (event_id, template),
    -- The journey it belongs to, for the events that tell of its sending.
    correlation_id uuid        NOT NULL,
    traceparent    text,
    order_id       uuid,
    -- Known to the order's own events; a refund's message finds it here under the same order_id.
    order_number   bigint,
    title          text        NOT NULL,
    body           text        NOT NULL,
    -- The facts the mail is written from: the words are made at the moment of sending.
    content        jsonb       NOT NULL,
    -- Some are for the mailbox only: whoever reads the inbox has confirmed their address already.
    in_inbox       boolean     NOT NULL,
    read_at        timestamptz,
    created_at     timestamptz NOT NULL,
    -- Counts the message's changes; numbers its events.
    version        bigint      NOT NULL DEFAULT 0
);
-- Ids are made in order of time, so that a list by id is a list by time.
CREATE INDEX messages_inbox ON messages (account_id, id DESC) WHERE in_inbox;
CREATE INDEX messages_unread ON messages (account_id, id DESC) WHERE in_inbox AND read_at IS NULL;
CREATE INDEX messages_order ON messages (order_id) WHERE order_id IS NOT NULL;

-- One row per message and channel.
CREATE TABLE deliveries (
    id                uuid        PRIMARY KEY,
    message_id        uuid        NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    account_id        uuid        NOT NULL,
    channel           text        NOT NULL CHECK (channel IN ('email')),
    CONSTRAINT deliveries_once_per_channel UNIQUE (message_id, channel),
    -- waiting: for next_at. sending: somebody has it, until next_at at the latest. failed: given up.
    status            text        NOT NULL CHECK (status IN ('waiting', 'sending', 'sent', 'failed')),
    -- Counted before the attempt is made, so that one that dies on the way counts too.
    attempts          integer     NOT NULL DEFAULT 0,
    next_at           timestamptz,
    -- Never the mail server's own words: they name the address.
    last_error        text,
    -- Made from the event, so that a mail sent twice is recognised as one.
    message_id_header text        NOT NULL,
    created_at        timestamptz NOT NULL,
    sent_at           timestamptz,
    CHECK ((status IN ('waiting', 'sending')) = (next_at IS NOT NULL)),
    CHECK ((status = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE status IN ('waiting', 'sending');
-- One person's mails are sent one after the other.
CREATE INDEX deliveries_open ON deliveries (account_id, id) WHERE status IN ('waiting', 'sending');
CREATE INDEX deliveries_by_status ON deliveries (status, id DESC);
