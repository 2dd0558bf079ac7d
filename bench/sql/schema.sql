-- What placing an order wrote on 28 November 2026, and a table for all that settling it wrote. It stays as it is.
CREATE SEQUENCE ids;

CREATE TABLE orders (
    id               uuid        PRIMARY KEY,
    number           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY UNIQUE,
    customer_id      uuid        NOT NULL,
    checkout_id      uuid        NOT NULL UNIQUE,
    status           text        NOT NULL CHECK (status IN ('pending', 'paid', 'fulfilled', 'completed', 'cancelled')),
    payment_method   text        NOT NULL,
    currency         text        NOT NULL,
    total            bigint      NOT NULL CHECK (total >= 0),
    shipping_address jsonb       NOT NULL,
    deadline         timestamptz NOT NULL,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    version          bigint      NOT NULL
);
CREATE INDEX orders_by_customer ON orders (customer_id, id DESC);
CREATE INDEX orders_by_status ON orders (status, id DESC);
CREATE INDEX orders_overdue ON orders (deadline) WHERE status = 'pending';

CREATE TABLE order_lines (
    order_id   uuid    NOT NULL REFERENCES orders (id),
    position   integer NOT NULL,
    product_id uuid    NOT NULL,
    variant_id uuid    NOT NULL,
    sku        text    NOT NULL,
    name       text    NOT NULL,
    quantity   integer NOT NULL CHECK (quantity > 0),
    unit_price bigint  NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, position)
);

CREATE TABLE order_history (
    order_id  uuid        NOT NULL REFERENCES orders (id),
    position  bigint      GENERATED ALWAYS AS IDENTITY,
    at        timestamptz NOT NULL,
    what      text        NOT NULL,
    to_status text        NOT NULL,
    trace_id  text        NOT NULL,
    PRIMARY KEY (order_id, position)
);

CREATE TABLE event_log (
    position       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id       uuid        NOT NULL UNIQUE,
    type           text        NOT NULL,
    subject        uuid        NOT NULL,
    sequence       bigint      NOT NULL,
    correlation_id uuid        NOT NULL,
    announced_at   timestamptz NOT NULL,
    envelope       jsonb       NOT NULL,
    UNIQUE (subject, sequence)
);
CREATE INDEX event_log_correlation ON event_log (correlation_id);
CREATE INDEX event_log_announced ON event_log (announced_at);

CREATE TABLE outbox (
    position bigint      PRIMARY KEY REFERENCES event_log (position),
    attempts integer     NOT NULL DEFAULT 0,
    next_at  timestamptz NOT NULL
);

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

-- An address, an event and an answer of their usual sizes.
CREATE TABLE sample (address jsonb NOT NULL, body jsonb NOT NULL);
INSERT INTO sample VALUES (
    '{"name": "Ada Lovelace", "line1": "12 St James''s Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}',
    jsonb_build_object('id', gen_random_uuid(), 'type', 'order.created', 'data', repeat('facts of an order ', 40)));

CREATE TABLE things (
    id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner  uuid        NOT NULL,
    status text        NOT NULL,
    body   jsonb       NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX things_owner ON things (owner);
