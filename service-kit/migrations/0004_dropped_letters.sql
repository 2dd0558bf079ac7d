-- A dead letter that an operator decided never to act on is 'dropped'. It keeps its row, so that a redelivery is not
-- acted on either, and its envelope, so that the decision can be looked into and taken back.
ALTER TABLE inbox
    DROP CONSTRAINT inbox_status_check,
    ADD CONSTRAINT inbox_status_check CHECK (status IN ('done', 'waiting', 'dead', 'dropped'));

-- The timed look at what waits and the list of what is dead have indexes of their own; this one is for the list of
-- what was dropped, which nobody else asks for.
CREATE INDEX inbox_dropped ON inbox (received_at) WHERE status = 'dropped';
