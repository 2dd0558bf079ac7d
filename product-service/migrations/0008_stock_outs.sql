-- How many variants ran out on a day, counted where it is announced that nothing of one can be had any more: reserving
-- writes nothing for it. A variant counts once a day, which it notes itself.
ALTER TABLE variants ADD COLUMN ran_out_on date;

-- In UTC. A day on which nothing ran out has no row.
CREATE TABLE stock_out_days (
    day      date   PRIMARY KEY,
    variants bigint NOT NULL CHECK (variants > 0)
);
