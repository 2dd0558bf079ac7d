-- Guests whose mailbox has an account by now: what is told of the guest is told of the account. Kept, since what comes late is
-- moved, too. It names nobody.
CREATE TABLE guests_joined (
    guest_id   uuid        PRIMARY KEY,
    account_id uuid        NOT NULL,
    told_at    timestamptz NOT NULL,
    -- When it is looked for what is still the guest's: at once, and once more when every token of theirs is over. Empty after
    -- that.
    look_at    timestamptz
);
CREATE INDEX guests_joined_due ON guests_joined (look_at) WHERE look_at IS NOT NULL;
