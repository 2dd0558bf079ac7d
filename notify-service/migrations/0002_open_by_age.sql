-- The oldest open mail of all is the oldest of its person: found by age, eight of many thousands cost eight looks and not thousands.
CREATE INDEX deliveries_open_by_age ON deliveries (id) WHERE status IN ('waiting', 'sending');
DROP INDEX deliveries_due;
