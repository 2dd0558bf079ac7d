-- The audit log: who did what that matters for security, or as staff. An entry is written in the transaction of its action;
-- the chain is closed over it a moment later, so that no login waits for a lock that all of them share.
CREATE TABLE audit_entries (
    -- Version 7: in the order of time.
    id         uuid        PRIMARY KEY,
    at         timestamptz NOT NULL,
    -- person: an account. machine: an API key. service: the service by itself.
    actor_kind text        NOT NULL CHECK (actor_kind IN ('person', 'machine', 'service')),
    actor      uuid,
    -- Thing, dot, verb in the past tense.
    action     text        NOT NULL,
    subject    uuid,
    allowed    boolean     NOT NULL,
    -- What changed, without secrets and without personal data.
    before     jsonb,
    after      jsonb,
    -- The network it came from, as far as it names nobody: an IPv4 /24, an IPv6 /48.
    network    text,
    CHECK ((actor IS NULL) = (actor_kind = 'service'))
);
CREATE INDEX audit_entries_actor ON audit_entries (actor, id DESC) WHERE actor IS NOT NULL;
CREATE INDEX audit_entries_subject ON audit_entries (subject, id DESC) WHERE subject IS NOT NULL;
CREATE INDEX audit_entries_action ON audit_entries (action, id DESC);

-- Entries that no link of the chain holds yet.
CREATE TABLE audit_waiting (
    entry uuid PRIMARY KEY
);

-- Each link is the SHA-256 of the link before and of its entries: none can be changed or taken out unseen.
CREATE TABLE audit_links (
    number   bigint      PRIMARY KEY CHECK (number > 0),
    made_at  timestamptz NOT NULL,
    entries  uuid[]      NOT NULL,
    previous bytea       NOT NULL,
    hash     bytea       NOT NULL
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: what was done stays written', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
