-- A mail is stored as being sent by whoever stores it, and claimed only where it was left behind: found by the time it is
-- due, so that many that wait for later cost nothing.
CREATE INDEX deliveries_due ON deliveries (next_at) WHERE status IN ('waiting', 'sending');
DROP INDEX deliveries_open_by_age;

-- Each change of a status wrote into an index of all of them. Those that are open are few, and have two indexes; those that
-- were sent are nearly all. What is left is what was given up.
CREATE INDEX deliveries_failed ON deliveries (id) WHERE status = 'failed';
DROP INDEX deliveries_by_status;

-- Both are written by one statement, or neither is; nothing removes a message. The doctor looks for a delivery without one.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_message_id_fkey;
