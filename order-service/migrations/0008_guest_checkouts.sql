-- What guests ordered in the last hour and have not paid: a stranger must not get more by being another guest each time. An
-- entry stands under each name that the guest counts as, of their mailbox and of where they come from; user-service makes
-- these names with a key of its own, so that they say nothing of who it is, and they are gone after an hour.
CREATE TABLE guest_checkouts (
    counted_as  uuid        NOT NULL,
    checkout_id uuid        NOT NULL,
    begun_at    timestamptz NOT NULL,
    PRIMARY KEY (counted_as, checkout_id)
);
CREATE INDEX guest_checkouts_begun ON guest_checkouts (begun_at);
