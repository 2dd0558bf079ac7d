//! What an order's way and timed work ask of the accounts, with 20,000 registrations that wait to be confirmed.

use contracts::ServiceName;
use test_kit::Plans;

/// Accounts up to 2,000, with the links that confirmed them; then registrations, over up to 2,064.
fn filling(first: u32, last: u32) -> String {
    let expires_at =
        "now() + n * interval '0.1 seconds' + CASE WHEN n <= 2064 THEN interval '-1 hour' ELSE '1 hour' END";
    format!(
        "INSERT INTO accounts (id, first_name, last_name, email, email_key, password_hash, role, verified_at, created_at)
         SELECT one('account', n), 'Ada', 'L', n || '@shop.test', n || '@shop.test', '', 'customer', now(), now()
         FROM generate_series({first}, least({last}, 2000)) AS n;
         INSERT INTO registrations (id, first_name, last_name, email, email_key, password_hash, created_at, expires_at)
         SELECT one('registration', n), 'Ada', 'L', n || '@shop.test', n || '@shop.test', '', now(), {expires_at}
         FROM generate_series(greatest({first}, 2001), {last}) AS n;
         INSERT INTO registration_links (event_id, registration_id, subject, token_hash, expires_at)
         SELECT one('event', n), one('registration', n), one('registration', n), decode(md5(n::text), 'hex'),
             CASE WHEN n <= 1000 THEN now() + interval '1 day' ELSE {expires_at} END
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO sessions (id, account_id, device, client, created_at, last_seen_at, expires_at, proved_at, second_factor)
         SELECT one('session', n), one('account', 1 + n % 1000), '', '', now(), now(),
             CASE WHEN n BETWEEN 2001 AND 2064 THEN now() - interval '1 hour' ELSE now() + interval '1 day' END, now(), false
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO refresh_tokens (token_hash, session_id, expires_at)
         SELECT decode(md5(n::text), 'hex'), one('session', n),
             CASE WHEN n BETWEEN 2001 AND 2064 THEN now() - interval '1 hour' ELSE now() + interval '1 day' END
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO revocations (id, least_generation, revoked_at)
         SELECT one('revoked', n), 1, CASE WHEN n <= 2064 THEN now() - interval '1 hour' ELSE now() END
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO account_requests (id, purpose, account_id, email, email_key, token_hash, created_at, expires_at)
         SELECT one('request', n), 'password_reset', CASE WHEN n > 64 THEN one('account', 1 + n % 1000) END, '',
             n || '@shop.test', decode(md5(n::text), 'hex'), now(),
             CASE WHEN n BETWEEN 2001 AND 2064 THEN now() - interval '1 hour' ELSE now() + interval '1 day' END
         FROM generate_series({first}, {last}) AS n;"
    )
}

#[tokio::test]
async fn no_statement_about_accounts_is_dearer_with_a_backlog() {
    let plans = Plans {
        service: ServiceName::User,
        migrations: &user_service::MIGRATIONS,
        folder: env!("CARGO_MANIFEST_DIR"),
        drained: &filling(1, 2064),
        backlog: &filling(2065, 22064),
        hot: &[
            ("SELECT id, email, first_name, last_name FROM accounts", &["many('account', 1, 32)"]),
            ("SELECT id, first_name … roles.name = accounts.role WHERE id = $1", &["one('account', 1)"]),
            ("SELECT id, first_name … ORDER BY array_position($1, email_key) LIMIT 1", &["ARRAY ['1@shop.test']"]),
            ("SELECT session_id, expires_at", &["decode(md5('1'), 'hex')"]),
            ("SELECT id, account_id, device … WHERE id = $1 FOR UPDATE", &["one('session', 1)"]),
            ("UPDATE refresh_tokens", &["decode(md5('1'), 'hex')", "now()"]),
            ("INSERT INTO refresh_tokens", &["decode(md5('new'), 'hex')", "one('session', 1)", "now()"]),
            ("UPDATE sessions SET client", &["one('session', 1)", "''", "now()", "now()"]),
            // Timed.
            ("WITH over AS", &["now()", "32"]),
            ("DELETE FROM registration_links WHERE event_id", &["now()", "32"]),
            ("DELETE FROM sessions WHERE id = ANY (ARRAY", &["now()", "32"]),
            ("DELETE FROM refresh_tokens", &["now()", "32"]),
            ("DELETE FROM revocations", &["now() - interval '20 minutes'", "32"]),
            ("DELETE FROM account_requests WHERE id = ANY (ARRAY", &["now()", "32"]),
            ("SELECT request.id", &["32"]),
            ("SELECT EXISTS (SELECT FROM account_requests", &[]),
            ("SELECT min(due_at) FROM erasures", &[]),
            ("DELETE FROM exports", &["now()", "32"]),
            ("DELETE FROM outside_logins WHERE token_hash = ANY", &["now()", "32"]),
            ("DELETE FROM passkey_ceremonies WHERE token_hash = ANY … FOR UPDATE SKIP LOCKED))", &["now()", "32"]),
            ("SELECT id, email FROM accounts", &["32"]),
            ("WITH moved AS", &["32"]),
        ],
        first: &[],
        cold: &[
            (
                "a customer registers, once",
                &[
                    "SELECT id, first_name … WHERE email_key = ANY($1) ORDER BY id FOR UPDATE",
                    "SELECT id, first_name … FROM registrations WHERE id = $1 AND expires_at > $2",
                    "SELECT id, email_key, version",
                    "SELECT id, password_hash",
                    "SELECT email_key, id",
                    "SELECT registration_id",
                    "SELECT coalesce(holder.email",
                    "INSERT INTO registrations … AS new (id, first_name, last_name, email, email_key, phone, address, password_hash, created_at, expires_at)",
                    "INSERT INTO registration_links … AS link (event_id, registration_id, token_hash, expires_at)",
                    "INSERT INTO accounts",
                    "UPDATE registrations",
                    "UPDATE registration_links",
                    "UPDATE accounts SET password_hash = $3",
                    "DELETE FROM registrations WHERE id = ANY($1)",
                    "WITH ended AS",
                ],
            ),
            (
                "guests, who order without an account and now and then",
                &[
                    "SELECT id, email, email_key, cart_id, expires_at, account_id FROM guests WHERE secret_hash",
                    "SELECT id, email, email_key, cart_id, expires_at, account_id FROM guests WHERE link_hash",
                    "SELECT id, email, email_key, cart_id, expires_at, account_id FROM guests WHERE id",
                    "SELECT id, email, mailed_at, account_id, created_at FROM guests WHERE id",
                    "SELECT id, email, mailed_at, account_id, created_at FROM guests WHERE email_key",
                    "SELECT guest.id",
                    "SELECT id AS \"id!\" FROM guests",
                    "SELECT jsonb_build_object('email', email, 'created_at'",
                    "INSERT INTO guests",
                    "UPDATE guests SET expires_at",
                    "UPDATE guests SET account_id",
                    "UPDATE guests SET version",
                    "UPDATE guests SET mailed_at",
                    "DELETE FROM guests WHERE id = ANY($1)",
                    "DELETE FROM guests WHERE id = ANY (ARRAY",
                ],
            ),
            (
                "what older versions left, at a start",
                &[
                    "SELECT id, email_key FROM accounts",
                    "SELECT id, email, email_key FROM accounts",
                    "INSERT INTO registrations … WHERE link.account_id = ANY($1) AND link.password_hash <> adopted.password_hash ORDER BY link.account_id, link.password_hash, link.event_id",
                    "INSERT INTO registrations … AS known (id, email, key) ON known.id = old.id",
                    "INSERT INTO registration_links … WHERE link.account_id = ANY($1)",
                    "UPDATE accounts SET email_key",
                    "DELETE FROM accounts WHERE id = ANY",
                    "DELETE FROM verifications WHERE account_id = ANY",
                ],
            ),
            ("keys, at a start", &["SELECT value", "INSERT INTO secrets", "UPDATE secrets"]),
            (
                "somebody logs in or out, or looks where they are",
                &[
                    "INSERT INTO sessions",
                    "INSERT INTO revocations",
                    "SELECT id FROM sessions WHERE account_id = $1 ORDER BY last_seen_at",
                    "SELECT id FROM sessions WHERE account_id = $1 AND id IS DISTINCT",
                    "SELECT id, account_id, device … ORDER BY last_seen_at DESC, id DESC",
                    "DELETE FROM sessions WHERE account_id",
                    "UPDATE sessions SET proved_at",
                    "SELECT id, least_generation",
                    "SELECT EXISTS (SELECT FROM revocations",
                ],
            ),
            (
                "somebody forgets or changes what they log in with, now and then",
                &[
                    "SELECT id, first_name … FOR UPDATE OF accounts",
                    "UPDATE accounts SET version",
                    "UPDATE accounts SET password_hash = $2",
                    "UPDATE accounts SET email = $2",
                    "INSERT INTO account_requests",
                    "SELECT id, purpose, account_id … WHERE id = $1",
                    "SELECT id, purpose, account_id … WHERE token_hash = $1 AND purpose = $2",
                    "UPDATE account_requests SET used_at = $2, previous_email",
                    "UPDATE account_requests SET used_at = $2 WHERE id = ANY",
                    "UPDATE account_requests SET account_id",
                    "DELETE FROM account_requests WHERE id = ANY($1)",
                ],
            ),
            (
                "an account is erased, now and then",
                &[
                    "INSERT INTO erasures",
                    "SELECT id, account_id, asked_at, due_at … WHERE id = $1",
                    "SELECT id, account_id, asked_at, due_at … WHERE account_id = $1 AND kept_at IS NULL",
                    "SELECT id, account_id, asked_at, due_at … WHERE token_hash = $1",
                    "SELECT id, account_id, asked_at, due_at … FOR UPDATE SKIP LOCKED",
                    "UPDATE erasures SET kept_at",
                    "UPDATE erasures SET due_at",
                    "UPDATE erasures SET erased_at",
                    "SELECT id AS \"id!\" FROM account_requests",
                    "DELETE FROM registration_links WHERE registration_id",
                    "DELETE FROM verifications WHERE account_id = $1",
                    "DELETE FROM idempotency_keys",
                    "DELETE FROM accounts WHERE id = $1",
                    "INSERT INTO erasure_receipts",
                    "SELECT service, at",
                ],
            ),
            (
                "somebody signs in with an outside provider",
                &[
                    "INSERT INTO outside_logins",
                    "DELETE FROM outside_logins WHERE token_hash = $1",
                    "SELECT account_id FROM outside_identities",
                    "INSERT INTO outside_identities",
                ],
            ),
            (
                "somebody gets a copy of their data, now and then",
                &[
                    "INSERT INTO exports",
                    "SELECT id, account_id, asked_at, ready_at … ORDER BY id DESC",
                    "SELECT id, account_id, asked_at, ready_at … WHERE id = $1",
                    "SELECT id, account_id, asked_at, ready_at … WHERE id = $1 FOR UPDATE",
                    "INSERT INTO export_pieces",
                    "SELECT export_id, service",
                    "UPDATE exports",
                    "SELECT service, number",
                    "SELECT jsonb_build_object('id'",
                    "SELECT address ||",
                    "SELECT jsonb_build_object('device'",
                    "SELECT jsonb_build_object('issuer'",
                    "SELECT jsonb_build_object('name'",
                    "SELECT jsonb_build_object('purpose'",
                    "SELECT jsonb_build_object('at'",
                ],
            ),
            (
                "somebody's own address book and name",
                &[
                    "SELECT entry.id",
                    "INSERT INTO addresses",
                    "UPDATE addresses",
                    "DELETE FROM addresses",
                    "UPDATE accounts SET shipping_address",
                    "UPDATE accounts SET first_name",
                ],
            ),
            (
                "a second factor, by who has one",
                &[
                    "SELECT EXISTS (SELECT FROM totp_secrets",
                    "INSERT INTO totp_secrets",
                    "SELECT secret",
                    "UPDATE totp_secrets",
                    "DELETE FROM totp_secrets",
                    "INSERT INTO recovery_codes",
                    "UPDATE recovery_codes",
                    "DELETE FROM recovery_codes",
                    "INSERT INTO login_tickets",
                    "UPDATE login_tickets",
                    "DELETE FROM login_tickets WHERE token_hash = $1",
                    "DELETE FROM login_tickets WHERE token_hash = ANY",
                ],
            ),
            (
                "passkeys, of which an account has few",
                &[
                    "SELECT id, account_id, name … ORDER BY id",
                    "SELECT id, account_id, name … FOR UPDATE",
                    "SELECT account_id FROM passkeys",
                    "INSERT INTO passkeys",
                    "UPDATE passkeys SET dynamic_state",
                    "UPDATE passkeys SET name",
                    "DELETE FROM passkeys",
                    "INSERT INTO passkey_ceremonies",
                    "DELETE FROM passkey_ceremonies WHERE token_hash = $1",
                    "DELETE FROM passkey_ceremonies WHERE token_hash = ANY … OFFSET $3))",
                    "SELECT account_id FROM login_tickets",
                ],
            ),
            (
                "staff, roles and keys, of which a shop has few",
                &[
                    "SELECT id FROM accounts WHERE role",
                    "SELECT FROM roles",
                    "SELECT EXISTS (SELECT FROM accounts",
                    "UPDATE accounts SET role",
                    "UPDATE accounts SET suspended_at",
                    "UPDATE sessions SET generation",
                    "SELECT name, title … ORDER BY name",
                    "SELECT name, title … WHERE name = $1",
                    "SELECT name, title … FOR UPDATE",
                    "INSERT INTO roles",
                    "DELETE FROM roles",
                    "INSERT INTO api_keys",
                    "SELECT id, name, prefix … ORDER BY id DESC",
                    "SELECT id, name, prefix … FOR UPDATE",
                    "SELECT id, name, prefix … AND previous_until > $2",
                    "UPDATE api_keys SET last_used_at",
                    "UPDATE api_keys SET previous_hash",
                    "UPDATE api_keys SET revoked_at",
                ],
            ),
        ],
    };
    println!("{}", plans.check().await);
}
