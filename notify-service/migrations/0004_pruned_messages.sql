-- Messages go when they are old, with their mails, in the order of their ids.
INSERT INTO pruned (table_name, up_to) VALUES ('messages', '00000000-0000-0000-0000-000000000000');
