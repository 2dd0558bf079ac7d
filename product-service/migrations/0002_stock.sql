-- Stock and who holds it.
--
-- Every transaction locks in one order: stock rows (sorted by variant), then the reservation. A repeat of a
-- reservation and its cancellation would deadlock otherwise, and the PostgreSQL that comes along finds no deadlocks.

CREATE TABLE stock (
    variant_id uuid   NOT NULL REFERENCES variants (id),
    location   text   NOT NULL DEFAULT 'main',
    on_hand    bigint NOT NULL,
    -- Σ of the held and committed reservations' lines.
    reserved   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (variant_id, location),
    -- Behind every decision: whatever a statement does wrong, no piece is promised twice.
    CONSTRAINT stock_never_oversold CHECK (0 <= reserved AND reserved <= on_hand)
) WITH (fillfactor = 70);

-- Append-only: on_hand is the sum of a variant's movements.
CREATE TABLE stock_movements (
    position   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    variant_id uuid        NOT NULL,
    location   text        NOT NULL DEFAULT 'main',
    kind       text        NOT NULL CHECK (kind IN ('initial', 'restocked', 'adjusted', 'shipped')),
    quantity   bigint      NOT NULL CHECK (quantity <> 0),
    -- Why staff changed it.
    reason     text,
    note       text,
    -- Who: a member of staff, or the order that was shipped.
    account_id uuid,
    order_id   uuid,
    at         timestamptz NOT NULL,
    FOREIGN KEY (variant_id, location) REFERENCES stock (variant_id, location)
);
CREATE INDEX stock_movements_variant ON stock_movements (variant_id, position DESC);
-- An order leaves the warehouse once.
CREATE UNIQUE INDEX stock_movements_shipped_once ON stock_movements (order_id, variant_id, location)
    WHERE kind = 'shipped';

CREATE TABLE reservations (
    checkout_id uuid        PRIMARY KEY,
    order_id    uuid        NOT NULL,
    -- held: stock is taken, until expires_at. committed: paid. shipped: left the warehouse. released: cancelled, stock
    -- given back (or the cancellation came first and nothing was ever taken). expired: no live order held it any more.
    -- refused: there was not enough.
    status      text        NOT NULL
        CHECK (status IN ('held', 'committed', 'released', 'expired', 'shipped', 'refused')),
    -- What was asked for, sorted by SKU: a repeat with other lines is refused.
    skus        text[]      NOT NULL,
    quantities  integer[]   NOT NULL,
    -- What was short, as it was answered; refused ones only.
    short       jsonb,
    created_at  timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    -- When to ask order-service whether it is still needed; doubles as the lease of who asks.
    look_at     timestamptz NOT NULL,
    -- Counts its changes; numbers its events.
    version     bigint      NOT NULL,
    CHECK ((status = 'refused') = (short IS NOT NULL))
);
CREATE INDEX reservations_due ON reservations (look_at) WHERE status = 'held';

-- What a reservation took, with names and prices as they were at that moment: the answer to every repeat.
CREATE TABLE reservation_lines (
    checkout_id uuid    NOT NULL REFERENCES reservations (checkout_id),
    variant_id  uuid    NOT NULL,
    location    text    NOT NULL DEFAULT 'main',
    product_id  uuid    NOT NULL,
    sku         text    NOT NULL,
    name        text    NOT NULL,
    quantity    integer NOT NULL CHECK (quantity > 0),
    amount      bigint  NOT NULL,
    currency    text    NOT NULL,
    PRIMARY KEY (checkout_id, variant_id, location)
);
