-- Orders: what was bought, for how much, and where each one stands.

CREATE SEQUENCE order_numbers START 1001;

CREATE TABLE orders (
    id               uuid        PRIMARY KEY,
    -- For people. Gaps are possible: a number is not given back by a rollback.
    number           bigint      NOT NULL DEFAULT nextval('order_numbers') CONSTRAINT orders_number_unique UNIQUE,
    customer_id      uuid        NOT NULL,
    checkout_id      uuid        NOT NULL CONSTRAINT orders_checkout_unique UNIQUE,
    status           text        NOT NULL CHECK (status IN ('pending', 'paid', 'fulfilled', 'completed', 'cancelled')),
    payment_method   text        NOT NULL,
    currency         text        NOT NULL,
    total            bigint      NOT NULL CHECK (total >= 0),
    refunded         bigint      NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND total),
    shipping_address jsonb       NOT NULL,
    -- When a pending order is given up.
    deadline         timestamptz NOT NULL,
    payment_id       uuid,
    paid_at          timestamptz,
    fulfilled_at     timestamptz,
    cancelled_at     timestamptz,
    cancel_reason    text,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    -- Counts the order's changes; numbers its events.
    version          bigint      NOT NULL,
    CHECK ((cancelled_at IS NULL) = (cancel_reason IS NULL)),
    CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CHECK (status NOT IN ('paid', 'fulfilled', 'completed') OR paid_at IS NOT NULL)
);
-- A customer's orders and everybody's, newest first: ids are UUIDv7.
CREATE INDEX orders_by_customer ON orders (customer_id, id DESC);
CREATE INDEX orders_by_status ON orders (status, id DESC);
CREATE INDEX orders_overdue ON orders (deadline) WHERE status = 'pending';

CREATE TABLE order_lines (
    order_id   uuid    NOT NULL REFERENCES orders (id),
    position   integer NOT NULL,
    product_id uuid    NOT NULL,
    variant_id uuid    NOT NULL,
    sku        text    NOT NULL,
    -- Name and price as they were when the order was placed.
    name       text    NOT NULL,
    quantity   integer NOT NULL CHECK (quantity > 0),
    unit_price bigint  NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, position)
);

-- Who came first, the order or the expiry of its reservation: both insert here, one of them meets the other.
CREATE TABLE checkouts (
    checkout_id uuid PRIMARY KEY,
    outcome     text NOT NULL CHECK (outcome IN ('ordered', 'expired'))
);

-- What order-service did and learned about an order, for its timeline. Append-only.
CREATE TABLE order_history (
    order_id    uuid        NOT NULL REFERENCES orders (id),
    position    bigint      GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL,
    what        text        NOT NULL,
    from_status text,
    to_status   text        NOT NULL,
    -- The event that caused it; none when a request or a deadline did.
    cause_id    uuid,
    cause_type  text,
    trace_id    text        NOT NULL,
    PRIMARY KEY (order_id, position)
);
