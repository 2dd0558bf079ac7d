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
            ("SELECT id, first_name … FROM accounts WHERE id = $1", &["one('account', 1)"]),
            ("SELECT id, first_name … ORDER BY array_position($1, email_key) LIMIT 1", &["ARRAY ['1@shop.test']"]),
            // Timed.
            ("WITH over AS", &["now()", "32"]),
            ("DELETE FROM registration_links", &["now()", "32"]),
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
                    "UPDATE accounts SET password_hash",
                    "DELETE FROM registrations WHERE id = ANY($1)",
                    "WITH ended AS",
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
                    "DELETE FROM accounts",
                    "DELETE FROM verifications",
                ],
            ),
            ("the key of links, at a start", &["SELECT value", "INSERT INTO secrets"]),
        ],
    };
    println!("{}", plans.check().await);
}
