-- What customers are about to hold: a row from before stock is asked for until the order is stored, the reservation is
-- refused, or its time is over. Unpaid orders alone are counted too late: 240 requests at once would all find none.

CREATE TABLE checkout_intents (
    customer_id uuid        NOT NULL,
    checkout_id uuid        NOT NULL,
    pieces      bigint      NOT NULL CHECK (pieces > 0),
    -- Of the last try: its reservation ends no later than so much after it.
    begun_at    timestamptz NOT NULL,
    PRIMARY KEY (customer_id, checkout_id)
);

-- The unpaid orders of one customer, however many they have had.
CREATE INDEX orders_unpaid ON orders (customer_id) WHERE status = 'pending';

-- Counts what a customer holds and notes one intent more where there is room. One statement for whoever calls it, and
-- several inside: a statement sees what was committed before it began, and what is counted here must include what was
-- committed while the customer's lock was waited for. An order takes the place of its intent in one transaction, so
-- that every look finds one of the two.
CREATE FUNCTION begin_checkout(
    the_customer uuid,
    the_checkout uuid,
    the_pieces   bigint,
    most_orders  bigint,
    most_pieces  bigint,
    the_time     timestamptz,
    -- Intents from before then have ended.
    live_since   timestamptz,
    -- An order was stored for this checkout, or its reservation expired: nothing is begun any more.
    OUT decided  boolean,
    -- What the customer holds besides this checkout.
    OUT open_orders bigint,
    OUT open_pieces bigint,
    OUT begun    boolean
) LANGUAGE plpgsql AS $$
BEGIN
    -- Two numbers: the relay's election has a lock of one.
    PERFORM pg_advisory_xact_lock(hashtext('begin_checkout'), hashtext(the_customer::text));
    SELECT EXISTS (SELECT FROM checkouts WHERE checkout_id = the_checkout), count(*), coalesce(sum(held.pieces), 0)
    INTO decided, open_orders, open_pieces
    FROM (
        SELECT (SELECT sum(quantity) FROM order_lines WHERE order_id = orders.id) AS pieces
        FROM orders WHERE customer_id = the_customer AND status = 'pending'
        UNION ALL
        SELECT pieces FROM checkout_intents AS intent
        WHERE customer_id = the_customer AND checkout_id <> the_checkout AND begun_at > live_since
            AND NOT EXISTS (SELECT FROM checkouts WHERE checkouts.checkout_id = intent.checkout_id)
    ) AS held;
    begun := NOT decided AND open_orders < most_orders AND open_pieces + the_pieces <= most_pieces;
    IF begun THEN
        -- Not worth a wait for the disk: a crash loses the intent, and what it reserved ends with its time.
        PERFORM set_config('synchronous_commit', 'off', true);
        -- A retry finds its own. With another wish under the same key either of the two may be held.
        INSERT INTO checkout_intents AS known (customer_id, checkout_id, pieces, begun_at)
        VALUES (the_customer, the_checkout, the_pieces, the_time)
        ON CONFLICT (customer_id, checkout_id) DO UPDATE
            SET pieces = greatest(known.pieces, excluded.pieces), begun_at = excluded.begun_at;
    END IF;
END $$;
