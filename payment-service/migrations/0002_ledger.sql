-- The books: double entry, append-only. Debits are positive, credits negative; each transaction sums to zero in each
-- currency. Two accounts so far:
--   provider_clearing     an asset: money the provider took for us and has not paid out
--   customer_prepayments  a liability: money customers paid for orders, owed to them as goods or as money
-- A capture debits provider_clearing and credits customer_prepayments; a refund does the opposite.

CREATE TABLE ledger_transactions (
    id         uuid        PRIMARY KEY,
    kind       text        NOT NULL CHECK (kind IN ('capture', 'refund')),
    -- The payment that was captured, or the refund that was completed: nothing is booked twice.
    source_id  uuid        NOT NULL,
    payment_id uuid        NOT NULL REFERENCES payments (id),
    order_id   uuid        NOT NULL,
    booked_at  timestamptz NOT NULL,
    CONSTRAINT ledger_transactions_source_unique UNIQUE (kind, source_id)
);
CREATE INDEX ledger_transactions_order ON ledger_transactions (order_id);
CREATE INDEX ledger_transactions_payment ON ledger_transactions (payment_id);

CREATE TABLE ledger_entries (
    transaction_id uuid   NOT NULL REFERENCES ledger_transactions (id),
    account        text   NOT NULL CHECK (account IN ('provider_clearing', 'customer_prepayments')),
    currency       text   NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Minor units.
    amount         bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transaction_id, account, currency)
);

-- A mistake in the books is mended by a new transaction, never by changing an old one.
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: book a new transaction that corrects the old one', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- Checked at commit, when all entries of the transaction are there.
CREATE FUNCTION check_ledger_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid := CASE TG_TABLE_NAME WHEN 'ledger_entries' THEN to_jsonb(NEW) ->> 'transaction_id'
                                       ELSE to_jsonb(NEW) ->> 'id' END;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_entries WHERE transaction_id = checked) THEN
        RAISE EXCEPTION 'ledger transaction % has no entries', checked USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM ledger_entries WHERE transaction_id = checked GROUP BY currency HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'the entries of ledger transaction % do not sum to zero', checked
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_balance();
CREATE CONSTRAINT TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_ledger_balance();
