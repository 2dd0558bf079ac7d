-- Staff find an account by how its address begins, which the unique index cannot say in every collation.
CREATE INDEX accounts_email_begins ON accounts (email_key text_pattern_ops) WHERE verified_at IS NOT NULL;
