-- A second partial index with one predicate makes the first worthless: while the table looks empty PostgreSQL may choose the
-- other, and keeps that plan. So the open deliveries of an account are found by a predicate that no other index has: what is
-- neither sent nor given up is open.
DROP INDEX deliveries_open;
CREATE INDEX deliveries_open ON deliveries (account_id, id) WHERE sent_at IS NULL AND status <> 'failed';
