-- What operators did to this service's events and balances by hand. Append-only: who asks later must find it.
CREATE TABLE operator_log (
    position bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL,
    -- Who, as they were known to the machine they sat at.
    operator text        NOT NULL,
    -- replayed, dropped, repaired …
    action   text        NOT NULL,
    -- The event, reservation or SKU it was done to.
    target   text        NOT NULL,
    note     text        NOT NULL
);
