-- Who helps people may have a mail sent after all, and read what the services announced. Where the role was changed already it is
-- the shop's own, and left as it is. Whoever runs the platform is an administrator, or has a role made for that.
UPDATE roles SET permissions = permissions || '{notifications:send,events:read}', version = version + 1
WHERE name = 'support' AND version = 1;
