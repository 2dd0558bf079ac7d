-- What the sample service's reactions did. Nothing is unique here on purpose: an effect that happened twice must show.
CREATE TABLE effects (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid    NOT NULL,
    subject  uuid    NOT NULL,
    sequence bigint  NOT NULL,
    -- Attempts the inbox had counted when the reaction ran.
    attempts integer NOT NULL
);
