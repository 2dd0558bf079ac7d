-- Of whom a person's messages are that are not shown in the app: for who is to be forgotten, or wants a copy of all there is.
CREATE INDEX messages_outside_inbox ON messages (account_id, id) WHERE NOT in_inbox;
