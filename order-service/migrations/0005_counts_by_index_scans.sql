-- What a customer holds is counted by index scans alone. An order that was paid leaves an entry behind in orders_unpaid
-- until a vacuum, an intent that ended leaves one in its key: a bitmap scan goes after each of them at each count, an index
-- scan once and marks it. With 32 customers at once a count was 6 to 9 ms of processor time, and is about one.
--
-- Without bitmaps, and on tables that look empty, the planner would as soon take orders_by_customer, and keep that plan. So
-- the unpaid orders of a customer are found by an expression that no other index has. And whether there is a checkout is
-- looked up as a value: for EXISTS it may read all checkouts there are, once, into a hash.
DROP INDEX orders_unpaid;
CREATE INDEX orders_unpaid ON orders ((customer_id::text)) WHERE paid_at IS NULL AND cancelled_at IS NULL;

CREATE OR REPLACE FUNCTION begin_checkouts(
    the_customers uuid[],
    the_checkouts uuid[],
    the_pieces    bigint[],
    most_orders   bigint,
    most_pieces   bigint,
    the_time      timestamptz,
    live_since    timestamptz
) RETURNS TABLE (place bigint, decided boolean, open_orders bigint, open_pieces bigint, begun boolean)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
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
                WHERE orders.customer_id::text = customer.id::text
                    AND orders.paid_at IS NULL AND orders.cancelled_at IS NULL
                UNION ALL
                SELECT intent.pieces FROM checkout_intents AS intent
                WHERE intent.customer_id = customer.id AND begun_at > live_since
                    AND (SELECT true FROM checkouts WHERE checkouts.checkout_id = intent.checkout_id) IS NULL
            ) AS held ON true
            GROUP BY customer.id
        )
        SELECT asked.customer_id, asked.checkout_id, asked.pieces, asked.place,
            (SELECT true FROM checkouts WHERE checkouts.checkout_id = asked.checkout_id) IS NOT NULL AS decided,
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
