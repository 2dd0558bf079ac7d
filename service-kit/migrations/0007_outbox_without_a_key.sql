-- An event's two rows are written by one statement, and retention leaves what waits (0006): the key cost a lock on the
-- log's row for each event on its way out, and two thirds of what it takes to delete an old one.
ALTER TABLE outbox DROP CONSTRAINT outbox_position_fkey;
