-- Payments are stored, settled and booked many at once: what is checked or kept up per row is paid for each.

-- In the order in which the service locks them: whoever is about to book is waited for.
LOCK TABLE payments, ledger_transactions, ledger_entries IN ACCESS EXCLUSIVE MODE;

-- The balance of the books, once a statement. What is inserted by one statement sums to zero per transaction and
-- currency by itself, so all of it does; and a transaction has entries by the end of the statement that makes it. One
-- that is refused takes its whole statement along.
CREATE FUNCTION check_ledger_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong uuid;
BEGIN
    SELECT transaction_id INTO wrong FROM added GROUP BY transaction_id, currency HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of ledger transaction % do not sum to zero', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

-- Each is looked up by the entries' key, also where the plan was made when there were none.
CREATE FUNCTION check_ledger_transactions() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan TO off AS $$
DECLARE
    one uuid;
BEGIN
    FOR one IN SELECT id FROM added LOOP
        IF NOT EXISTS (SELECT FROM ledger_entries WHERE transaction_id = one) THEN
            RAISE EXCEPTION 'ledger transaction % has no entries', one USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

DROP TRIGGER ledger_entries_balance ON ledger_entries;
DROP TRIGGER ledger_transactions_balance ON ledger_transactions;
DROP FUNCTION check_ledger_balance();
CREATE TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_entries();
CREATE TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_ledger_transactions();

-- Both sides are written by one transaction that holds the payment's lock, by one statement even, and nothing is ever
-- deleted: what a foreign key would find the doctor does (I11). Refunds are rare and keep theirs.
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_transaction_id_fkey;
ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_payment_id_fkey;

-- Served the foreign key alone; and a timeline, which finds an order's transactions by their sources.
DROP INDEX ledger_transactions_payment;
DROP INDEX ledger_transactions_order;
-- The key is made from the order's id, which is unique itself.
ALTER TABLE payments DROP CONSTRAINT payments_provider_key_unique;
-- What stays, and who needs it: payments_order_unique (an order is paid once), payments_provider_reference_unique (a
-- charge is counted for one order), payments_due (the claim), payments_customer (a shopper's list).
