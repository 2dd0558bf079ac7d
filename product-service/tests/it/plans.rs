//! What an order's way and timed work ask of the stock, with 20,000 reservations that wait for their order to be paid.

use contracts::ServiceName;
use test_kit::Plans;

const CATALOGUE: &str = "
    INSERT INTO categories (slug, name) VALUES ('mugs', 'Mugs');
    INSERT INTO products (id, name, name_key, description, category, status, version, created_at, updated_at, words)
    SELECT one('product', n), 'Mug', 'mug', 'A mug', 'mugs', 'active', 1, now(), now(), '' FROM generate_series(0, 199) AS n;
    INSERT INTO variants (id, product_id, sku, is_default, announced_available)
    SELECT one('variant', n), one('product', n), 'SKU-' || n, true, 0 FROM generate_series(0, 199) AS n;
    INSERT INTO prices (variant_id, currency, amount, is_default)
    SELECT one('variant', n), 'EUR', 500, true FROM generate_series(0, 199) AS n;
    INSERT INTO stock (variant_id, on_hand, reserved)
    SELECT one('variant', n), 1000000, 1000 FROM generate_series(0, 199) AS n;
    INSERT INTO stock_movements (variant_id, kind, quantity, at)
    SELECT one('variant', n), 'initial', 1000000, now() FROM generate_series(0, 199) AS n;";

/// Shipped up to 2,000. Of the others every second is to be looked at.
fn filling(first: u32, last: u32) -> String {
    format!(
        "INSERT INTO reservations (checkout_id, order_id, status, skus, quantities, created_at, changed_at, expires_at,
             look_at, version)
         SELECT one('checkout', n), one('order', n), CASE WHEN n <= 2000 THEN 'shipped' ELSE 'held' END,
             ARRAY ['SKU-' || n % 200], ARRAY [1], now(), now(), now(),
             now() + n * interval '0.1 seconds' + CASE WHEN n <= 2064 OR n % 2 = 0 THEN interval '-1 hour' ELSE '1 hour' END, 1
         FROM generate_series({first}, {last}) AS n;
         INSERT INTO reservation_lines (checkout_id, variant_id, product_id, sku, name, quantity, amount, currency)
         SELECT one('checkout', n), one('variant', n % 200), one('product', n % 200), 'SKU-' || n % 200, 'Mug', 1, 500, 'EUR'
         FROM generate_series({first}, {last}) AS n;"
    )
}

#[tokio::test]
async fn no_statement_about_stock_is_dearer_with_a_backlog() {
    let plans = Plans {
        service: ServiceName::Product,
        migrations: &product_service::MIGRATIONS,
        folder: env!("CARGO_MANIFEST_DIR"),
        drained: &(CATALOGUE.to_owned() + &filling(1, 2064)),
        backlog: &filling(2065, 22064),
        hot: &[
            // Reserving.
            ("WITH locked AS", &["texts('SKU-', 1, 32)"]),
            ("SELECT checkout_id, order_id, status, skus", &["many('checkout', 2001, 2032)"]),
            ("SELECT checkout_id, variant_id", &["many('checkout', 2001, 2032)"]),
            (
                "WITH first AS",
                &[
                    "many('checkout', 30001, 30032)",
                    "many('order', 30001, 30032)",
                    "times('held'::text)",
                    "times('{SKU-1}'::text)",
                    "times('{1}'::text)",
                    "array_fill(NULL::jsonb, ARRAY [32])",
                    "times(now())",
                    "now()",
                    "many('checkout', 30001, 30032)",
                    "many('variant', 1, 32)",
                    "many('product', 1, 32)",
                    "texts('SKU-', 1, 32)",
                    "times('Mug'::text)",
                    "times(1)",
                    "times(500::bigint)",
                    "times('EUR'::text)",
                ],
            ),
            (
                "INSERT INTO reservations",
                &[
                    "many('checkout', 30001, 30032)",
                    "many('order', 30001, 30032)",
                    "times('refused'::text)",
                    "times('{SKU-1}'::text)",
                    "times('{1}'::text)",
                    "times('[]'::jsonb)",
                    "times(now())",
                    "now()",
                ],
            ),
            // Committing, giving back, shipping.
            ("WITH line AS", &["many('checkout', 2001, 2032)"]),
            ("SELECT checkout_id, order_id, status, version", &["many('checkout', 2001, 2032)"]),
            (
                "UPDATE reservations SET status",
                &["many('checkout', 2001, 2032)", "times('committed'::text)", "times(2::bigint)", "now()"],
            ),
            (
                "UPDATE stock SET on_hand = stock.on_hand",
                &["many('variant', 1, 32)", "times('main'::text)", "times(0::bigint)", "times(-1::bigint)"],
            ),
            (
                "INSERT INTO stock_movements",
                &[
                    "many('variant', 1, 32)",
                    "times('main'::text)",
                    "times('shipped'::text)",
                    "times(-1::bigint)",
                    "array_fill(NULL::text, ARRAY [32])",
                    "array_fill(NULL::text, ARRAY [32])",
                    "array_fill(NULL::uuid, ARRAY [32])",
                    "many('order', 2001, 2032)",
                    "times(now())",
                ],
            ),
            // What carts ask for.
            ("SELECT products.picture", &["texts('SKU-', 1, 32)"]),
            // Timed: what is over, what is to be announced.
            ("SELECT EXISTS (SELECT FROM reservations", &["now()"]),
            ("UPDATE reservations SET look_at", &["now()", "now() + interval '1 minute'", "32"]),
            ("SELECT variants.id FROM variants WHERE variants.id", &["many('variant', 1, 32)", "200"]),
            ("SELECT variants.id FROM variants WHERE variants.announced_available", &["32"]),
            ("WITH level AS", &["many('variant', 1, 32)", "now()", "now()", "current_date"]),
            ("INSERT INTO stock_out_days", &["current_date", "many('variant', 1, 32)"]),
            // What staff see of it: a row a day, and no movement.
            ("SELECT day, variants", &["current_date - 89"]),
        ],
        first: &[("UPDATE reservations SET look_at", "SET LOCAL enable_bitmapscan = off")],
        cold: &[
            (
                "the catalogue, shown: no backlog of orders is in it",
                &[
                    "SELECT products.id, variants.id … WHERE products.id = ANY (ARRAY (SELECT unnest($1::uuid[])))",
                    "SELECT products.id, variants.id … WHERE variants.sku = $1",
                    "SELECT slug, name",
                    "SELECT content_type",
                ],
            ),
            (
                "levels, listed for staff: by SKU a page of an index; the lowest through all levels, once a second at the most",
                &["SELECT variants.id AS variant_id, variants.product_id", "SELECT variant_id, product_id … LIMIT $2"],
            ),
            (
                "the catalogue, changed by staff",
                &[
                    "SELECT variant_id, product_id … AND location = 'main'",
                    "SELECT variant_id, product_id … FOR UPDATE OF stock",
                    "SELECT variant_id FROM stock",
                    "SELECT position, kind",
                    "SELECT id FROM products",
                    "SELECT lower(sku",
                    "SELECT slug FROM categories",
                    "SELECT pg_advisory_xact_lock",
                    "UPDATE products SET name",
                    "UPDATE prices",
                    "WITH new AS MATERIALIZED",
                    "INSERT INTO categories (slug, name) VALUES",
                    "INSERT INTO categories (slug, name) SELECT",
                    "INSERT INTO pictures",
                    "INSERT INTO picture_sizes",
                ],
            ),
            (
                "words, made for what an older version left",
                &[
                    "SELECT EXISTS (SELECT FROM products",
                    "SELECT count(*) AS \"count!\" FROM (SELECT FROM products",
                    "SELECT products.id, variants.sku",
                    "UPDATE products SET words",
                ],
            ),
            ("reads no table", &["SELECT set_config"]),
            ("an operator's repair of one stock", &["WITH moved AS"]),
            ("gauges: counts what waits, up to 10,000", &["SELECT count(*) AS \"count!\", min(expires_at)"]),
            ("a mistake to be seen in labs", &["SELECT variants.sku, variants.id"]),
        ],
    };
    println!("{}", plans.check().await);
}
