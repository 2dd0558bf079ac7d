-- Keys follow each other: the next is published a while before it signs, the one before a while after, so that nobody meets a
-- token of a key they do not know. Empty with keys of older versions: they sign from the beginning.
ALTER TABLE signing_keys ADD COLUMN signs_from timestamptz;
