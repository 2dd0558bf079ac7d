-- A registration is no account: somebody said that an address is theirs, and chose a password. It becomes an account when
-- the owner of the mailbox says so; any number of them for one address stand side by side until then, none in another's
-- place. Whether the address has an account already makes no difference here, so that nothing can tell.
--
-- Accounts that were never confirmed become registrations by the program (an address's key is its domain's name in the
-- DNS, which SQL cannot tell): when it starts, and every minute while older versions run beside it.
CREATE TABLE registrations (
    id            uuid        PRIMARY KEY,
    first_name    text        NOT NULL,
    last_name     text        NOT NULL,
    email         text        NOT NULL,
    email_key     text        NOT NULL,
    phone         text,
    address       text,
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    -- Counts its changes; numbers its events, and goes on in the account that it becomes.
    version       bigint      NOT NULL DEFAULT 0
);
CREATE INDEX registrations_address ON registrations (email_key, id DESC);
CREATE INDEX registrations_expires ON registrations (expires_at);

-- One row per mail. The token itself is never stored: it is an HMAC of the event id. Kept a while after the registration
-- has ended, so that an old link can be told what became of it; it names no person.
CREATE TABLE registration_links (
    event_id        uuid        PRIMARY KEY,
    -- No reference: the registration ends before its links.
    registration_id uuid        NOT NULL,
    -- What the event that asked for the mail was about: the registration, or the account it came from.
    subject         uuid        NOT NULL,
    token_hash      bytea       NOT NULL CONSTRAINT registration_links_token_unique UNIQUE,
    expires_at      timestamptz NOT NULL,
    -- Passwords tried with it. Counted before they are checked: many at once are no way around.
    tries           integer     NOT NULL DEFAULT 0,
    -- The account that the address has since then.
    account_id      uuid
);
CREATE INDEX registration_links_registration ON registration_links (registration_id);
CREATE INDEX registration_links_expires ON registration_links (expires_at);

-- Few or none, and looked for again and again: what older versions registered, and addresses whose key may be an old one.
CREATE INDEX accounts_unconfirmed ON accounts (id) WHERE verified_at IS NULL;
CREATE INDEX accounts_beyond_ascii ON accounts (id) WHERE octet_length(email || email_key) <> char_length(email || email_key);
COMMENT ON COLUMN accounts.email_key IS
    'In lower case and with the domain''s name in the DNS: one person, one account, however the address is written';
