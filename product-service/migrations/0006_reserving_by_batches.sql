-- Checkouts are decided by batches, and rows that only cost are gone.

-- A reservation and its lines are written in one transaction, and nothing is ever deleted: the key cost a look and a lock
-- for every line, and found nothing.
ALTER TABLE reservation_lines DROP CONSTRAINT reservation_lines_checkout_id_fkey;
