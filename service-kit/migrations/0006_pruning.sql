-- How far each table was pruned. Rows go in the order of their ids, which are UUIDv7 and so of time: what lies below
-- `up_to` is gone, but for what something still waited for. Raised in the transaction that deletes.
CREATE TABLE pruned (
    table_name text PRIMARY KEY,
    up_to      uuid NOT NULL
);
INSERT INTO pruned (table_name, up_to)
VALUES ('event_log', '00000000-0000-0000-0000-000000000000'), ('inbox', '00000000-0000-0000-0000-000000000000');

-- An event stays as it was announced, until it is older than the mark and was sent. By hand nothing else can be deleted.
DROP TRIGGER event_log_append_only ON event_log;
CREATE TRIGGER event_log_append_only BEFORE UPDATE OR TRUNCATE ON event_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_log_change();

CREATE FUNCTION refuse_early_pruning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone WHERE event_id >= (SELECT up_to FROM pruned WHERE table_name = 'event_log')) THEN
        RAISE EXCEPTION 'event_log is append-only: what is older than the mark in pruned may go, and nothing else'
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- Also what was put back there after the deletion had begun.
    IF EXISTS (SELECT FROM gone WHERE EXISTS (SELECT FROM outbox WHERE outbox.position = gone.position)) THEN
        RAISE EXCEPTION 'event_log is append-only: what is in the outbox is still to be sent'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER event_log_pruned_in_order AFTER DELETE ON event_log
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION refuse_early_pruning();
