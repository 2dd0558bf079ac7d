-- The elected relay's sign of life. Its lock lives as long as its session does, and a process that hangs keeps its
-- session: whoever stands by and finds the sign too old ends that session.
CREATE TABLE relay_heartbeat (
    -- One row at the most.
    single        boolean     PRIMARY KEY DEFAULT true CHECK (single),
    instance      uuid        NOT NULL,
    -- Its session. A process id is given out again; together with its start it is that session or none.
    pid           integer     NOT NULL,
    backend_start timestamptz NOT NULL,
    -- By this database's clock alone: nobody else's takes part.
    beat_at       timestamptz NOT NULL
);
