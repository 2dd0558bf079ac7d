-- What was given back, once per refund: the same refund told of by another event must not count twice.

CREATE TABLE order_refunds (
    refund_id uuid        PRIMARY KEY,
    order_id  uuid        NOT NULL REFERENCES orders (id),
    -- Minor units of the order's currency.
    amount    bigint      NOT NULL CHECK (amount > 0),
    at        timestamptz NOT NULL
);
CREATE INDEX order_refunds_order ON order_refunds (order_id);

-- An overdue order whose cancelling failed is tried again then. Until that time it lets the others go first.
ALTER TABLE orders ADD COLUMN cancel_again_at timestamptz;

-- What happened stays as it was written; a mistake is mended by another entry.
CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: append another row that corrects the old one', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER order_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();
CREATE TRIGGER order_refunds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_refunds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change();
