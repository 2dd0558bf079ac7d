-- Orders are placed by batches: what a customer holds is counted for many at once, and rows that only cost are gone.

-- A second partial index with one predicate makes the first worthless: while the tables look empty PostgreSQL may choose
-- the other, and keeps that plan. So the unpaid orders of a customer are found by a predicate that no other index has.
-- An order that is neither paid nor cancelled is pending.
DROP INDEX orders_unpaid;
CREATE INDEX orders_unpaid ON orders (customer_id) WHERE paid_at IS NULL AND cancelled_at IS NULL;

-- Both sides of each are written in one transaction, and nothing is ever deleted: the keys cost a look and a lock for every
-- line, and found nothing.
ALTER TABLE order_lines DROP CONSTRAINT order_lines_order_id_fkey;
ALTER TABLE order_history DROP CONSTRAINT order_history_order_id_fkey;

-- What begin_checkout does for one, for many, in their order. Locks are taken first, of all customers, in the order of
-- their numbers; then it is counted once, and decided in the order of the places. None may come twice.
--
-- No plan may scan a table: one that was made while the tables were empty is kept when they are full.
CREATE FUNCTION begin_checkouts(
    the_customers uuid[],
    the_checkouts uuid[],
    the_pieces    bigint[],
    most_orders   bigint,
    most_pieces   bigint,
    the_time      timestamptz,
    live_since    timestamptz
) RETURNS TABLE (place bigint, decided boolean, open_orders bigint, open_pieces bigint, begun boolean)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    of_customer uuid;
    orders_held bigint;
    pieces_held bigint;
    one         record;
    chosen      bigint[] := '{}';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('begin_checkout'), customer.number)
    FROM (SELECT DISTINCT hashtext(id::text) AS number FROM unnest(the_customers) AS id ORDER BY 1) AS customer;
    FOR one IN
        -- Materialized: joined as it is, it would be counted anew for every wish.
        WITH held AS MATERIALIZED (
            SELECT customer.id, count(held.pieces) AS orders, coalesce(sum(held.pieces), 0)::bigint AS pieces
            FROM (SELECT DISTINCT id FROM unnest(the_customers) AS id) AS customer
            LEFT JOIN LATERAL (
                SELECT coalesce((SELECT sum(quantity) FROM order_lines WHERE order_id = orders.id), 0) AS pieces
                FROM orders
                WHERE orders.customer_id = customer.id AND orders.paid_at IS NULL AND orders.cancelled_at IS NULL
                UNION ALL
                SELECT intent.pieces FROM checkout_intents AS intent
                WHERE intent.customer_id = customer.id AND begun_at > live_since
                    AND NOT EXISTS (SELECT FROM checkouts WHERE checkouts.checkout_id = intent.checkout_id)
            ) AS held ON true
            GROUP BY customer.id
        )
        SELECT asked.customer_id, asked.checkout_id, asked.pieces, asked.place,
            EXISTS (SELECT FROM checkouts WHERE checkouts.checkout_id = asked.checkout_id) AS decided,
            -- Of this checkout itself, from an earlier try: it counts once.
            coalesce((SELECT intent.pieces FROM checkout_intents AS intent
                      WHERE intent.customer_id = asked.customer_id AND intent.checkout_id = asked.checkout_id
                          AND begun_at > live_since), 0) AS own,
            held.orders, held.pieces AS held_pieces
        FROM unnest(the_customers, the_checkouts, the_pieces) WITH ORDINALITY
            AS asked (customer_id, checkout_id, pieces, place)
        JOIN held ON held.id = asked.customer_id
        ORDER BY asked.customer_id, asked.place
    LOOP
        IF of_customer IS DISTINCT FROM one.customer_id THEN
            of_customer := one.customer_id;
            orders_held := one.orders;
            pieces_held := one.held_pieces;
        END IF;
        place := one.place;
        decided := one.decided;
        -- Besides this checkout.
        open_orders := orders_held - (one.own > 0 AND NOT one.decided)::int;
        open_pieces := pieces_held - CASE WHEN one.decided THEN 0 ELSE one.own END;
        begun := NOT decided AND open_orders < most_orders AND open_pieces + one.pieces <= most_pieces;
        IF begun THEN
            chosen := chosen || place;
            orders_held := open_orders + 1;
            pieces_held := open_pieces + greatest(one.own, one.pieces);
        END IF;
        RETURN NEXT;
    END LOOP;
    IF cardinality(chosen) > 0 THEN
        -- Not worth a wait for the disk: a crash loses the intents, and what they reserved ends with its time.
        PERFORM set_config('synchronous_commit', 'off', true);
        INSERT INTO checkout_intents AS known (customer_id, checkout_id, pieces, begun_at)
        SELECT asked.customer_id, asked.checkout_id, asked.pieces, the_time
        FROM unnest(the_customers, the_checkouts, the_pieces) WITH ORDINALITY
            AS asked (customer_id, checkout_id, pieces, place)
        WHERE asked.place = ANY (chosen)
        ORDER BY hashtext(asked.customer_id::text), asked.checkout_id
        ON CONFLICT (customer_id, checkout_id) DO UPDATE
            SET pieces = greatest(known.pieces, excluded.pieces), begun_at = excluded.begun_at;
    END IF;
END $$;

-- For older versions that run beside this one: the same count.
CREATE OR REPLACE FUNCTION begin_checkout(
    the_customer uuid,
    the_checkout uuid,
    the_pieces   bigint,
    most_orders  bigint,
    most_pieces  bigint,
    the_time     timestamptz,
    live_since   timestamptz,
    OUT decided  boolean,
    OUT open_orders bigint,
    OUT open_pieces bigint,
    OUT begun    boolean
) LANGUAGE plpgsql AS $$
BEGIN
    SELECT many.decided, many.open_orders, many.open_pieces, many.begun
    INTO decided, open_orders, open_pieces, begun
    FROM begin_checkouts(ARRAY [the_customer], ARRAY [the_checkout], ARRAY [the_pieces], most_orders, most_pieces,
        the_time, live_since) AS many;
END $$;
