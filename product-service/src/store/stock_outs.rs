//! How many variants ran out, by day.

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

/// These ran out, each for the first time that day; those that are not sold do not count.
pub(crate) async fn add(connection: &mut PgConnection, day: Date, variants: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO stock_out_days (day, variants)
         SELECT $1, count(*) FROM variants
         JOIN LATERAL (SELECT status FROM products WHERE id = variants.product_id OFFSET 0) AS products ON true
         WHERE variants.id = ANY (ARRAY (SELECT unnest($2::uuid[]))) AND status = 'active'
         HAVING count(*) > 0
         ON CONFLICT (day) DO UPDATE SET variants = stock_out_days.variants + excluded.variants",
        day,
        variants
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// From a day on; those on which nothing ran out are left out.
pub(crate) async fn days(connection: &mut PgConnection, since: Date) -> Result<Vec<(Date, i64)>, sqlx::Error> {
    let rows = sqlx::query!("SELECT day, variants FROM stock_out_days WHERE day >= $1 ORDER BY day", since);
    Ok(rows.fetch_all(connection).await?.into_iter().map(|row| (row.day, row.variants)).collect())
}
