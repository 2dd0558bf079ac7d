//! What is found by words. The newest hits are looked for era by era, the newest first, until there are enough: whatever
//! is typed, the hits of no more than one era are read beyond those that are wanted.

use super::filter::{COLUMNS, Filter, MOST_HITS, Place, WITH_PRICE, WITH_STOCK, bound, narrow, narrow_price};
use crate::{
    domain::{Status, Wanted},
    store::statement::{Plan, Statement, Value},
};
use sqlx::PgConnection;

/// In words as they stand, in beginnings of words, and in stems: whichever fits.
const QUERY: &str = "($1::text::tsquery || websearch_to_tsquery('english', $2))";
/// What an older version wrote a moment ago, and what the job that makes words has not come to.
const STEM_HIT: &str = "products.words IS NULL AND products.search @@ websearch_to_tsquery('english', $2)";
/// The rank as a whole number: a keyset compares exactly. Before all others the one that has the SKU.
const RANK: &str = " * 1000000)::bigint + CASE WHEN vector @@ $3::text::tsquery THEN 1000000000 ELSE 0 END";

/// Where hits are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Among what has the words, by era.
    Eras,
    /// Among what has such a price.
    Prices,
}

impl Way {
    /// Hits that have the price may be so few that all of them would be walked through. Then those with the price are
    /// looked through, if they are fewer.
    pub(super) async fn choose(
        connection: &mut PgConnection,
        filter: &Filter,
        wanted: &Wanted,
    ) -> Result<Self, sqlx::Error> {
        if filter.currency.is_none() {
            return Ok(Self::Eras);
        }
        let words = [wanted.plain.clone(), wanted.folded.clone()].map(Value::Text);
        let mut counts = Statement::new("SELECT priced, CASE WHEN priced < 20000 THEN (SELECT count(*)", words.into());
        counts.push(" FROM (SELECT FROM eras() AS era, LATERAL (SELECT");
        in_era(&mut counts, filter);
        counts.push(") AS hit LIMIT 20000) AS found) ELSE 0 END, (SELECT count(*) << 12 FROM eras())");
        counts.push(" FROM (SELECT count(*) AS priced FROM (SELECT FROM prices WHERE is_default");
        narrow_price(&mut counts, filter);
        counts.push(" LIMIT 20000) AS offers) AS counted");
        let counts: Vec<(i64, i64, i64)> = counts.fetch(connection, Plan::Fresh).await?;
        let [(priced, hits, all)] = counts[..] else { return Ok(Self::Eras) };
        Ok(if priced < hits.min(MOST_HITS * all / priced.max(1)) { Self::Prices } else { Self::Eras })
    }
}

pub(super) fn statement(filter: &Filter, wanted: Wanted, way: Way, after: &Place, limit: i64) -> Statement {
    let words = [wanted.plain, wanted.folded, wanted.sku].map(Value::Text);
    let mut list = Statement::new("WITH hits AS MATERIALIZED (SELECT * FROM ((", words.into());
    let priced = filter.currency.is_some();
    match way {
        Way::Eras => newest_by_eras(&mut list, filter),
        Way::Prices => newest_by_prices(&mut list, filter),
    }
    list.push(") UNION ALL (");
    newest_by_stems(&mut list, filter);
    list.push(") ) AS hit ORDER BY era DESC NULLS LAST, id DESC LIMIT 2001), page AS (SELECT id, rank FROM (");
    list.push("SELECT id, name_key, ").push(if priced { "amount, variant_id, " } else { "" });
    match after {
        Place::Relevance(..) => list.push("round(ts_rank(vector, ").push(QUERY).push(")").push(RANK),
        // Bound in every order, used or not: a value without a use has no type.
        _ => list.push("CASE WHEN $3::text = '' THEN 0::bigint ELSE 0::bigint END"),
    };
    list.push(" AS rank FROM hits ORDER BY era DESC NULLS LAST, id DESC LIMIT 2000) AS newest WHERE ");
    let order = match after {
        Place::Newest(id) => {
            list.push("id < ").bind(Value::Id(*id)).push(" ORDER BY id DESC");
            " ORDER BY page.id DESC"
        }
        Place::Cheapest(amount, id) => {
            list.push("(amount, variant_id) > (").bind(Value::Number(*amount)).push(", ").bind(Value::Id(*id));
            list.push(") ORDER BY amount, variant_id");
            " ORDER BY prices.amount, prices.variant_id"
        }
        Place::Dearest(amount, id) => {
            list.push("(amount, variant_id) < (").bind(Value::Number(*amount)).push(", ").bind(Value::Id(*id));
            list.push(") ORDER BY amount DESC, variant_id DESC");
            " ORDER BY prices.amount DESC, prices.variant_id DESC"
        }
        Place::Name(key, id) => {
            list.push("(name_key, id) > (").bind(Value::Text(key.clone())).push(", ").bind(Value::Id(*id));
            list.push(") ORDER BY name_key, id");
            " ORDER BY products.name_key, page.id"
        }
        Place::Relevance(rank, id) => {
            list.push("(rank, id) < (").bind(Value::Number(*rank)).push(", ").bind(Value::Id(*id));
            list.push(") ORDER BY rank DESC, id DESC");
            " ORDER BY page.rank DESC, page.id DESC"
        }
    };
    list.push(bound(limit)).push(") SELECT ").push(COLUMNS);
    list.push(
        ", page.rank, (SELECT count(*) > 2000 FROM hits) AS more FROM page JOIN products ON products.id = page.id ",
    );
    list.push(WITH_PRICE).push(WITH_STOCK).push(order);
    list
}

/// One era after the other, each by its newest; who has enough asks for no further era, since nothing sorts them all. What
/// follows an era is made for its hits alone (OFFSET 0: it is not turned around).
fn newest_by_eras(list: &mut Statement, filter: &Filter) {
    let priced = filter.currency.is_some();
    list.push("SELECT hit.id, hit.name_key, hit.vector, era").push(if priced { ", amount, variant_id" } else { "" });
    list.push(" FROM eras() AS era, LATERAL (SELECT products.id, products.name_key, products.words AS vector");
    in_era(list, filter);
    // Phrases and what is to be without are in no era's entries.
    list.push(" AND products.words @@ ").push(QUERY).push(" ORDER BY products.id DESC) AS hit");
    if priced {
        list.push(", LATERAL (SELECT prices.amount, prices.variant_id FROM variants JOIN prices");
        list.push(" ON prices.variant_id = variants.id AND prices.is_default");
        list.push(" WHERE variants.product_id = hit.id AND variants.is_default");
        narrow_price(list, filter);
        list.push(" OFFSET 0) AS price");
    }
    list.push(" LIMIT 2001");
}

/// Products of an era that have what must be in them.
fn in_era(list: &mut Statement, filter: &Filter) {
    list.push(" FROM products WHERE ").push(FOUND_BY).push(" @@ replace(");
    entries(list, filter);
    // As `found_by` writes it.
    list.push(", '{}', era").push(match filter.status {
        Status::Draft => " || 'draft'",
        Status::Active => " || ''",
        Status::Archived => " || 'archived'",
    });
    list.push(")::tsquery");
}

/// As the index has it.
const FOUND_BY: &str = "found_by(products.number >> 12, products.status, products.category, products.words)";

fn newest_by_prices(list: &mut Statement, filter: &Filter) {
    list.push("SELECT products.id, products.name_key, products.words AS vector, products.number >> 12 AS era,");
    list.push(" prices.amount, prices.variant_id FROM products ").push(WITH_PRICE);
    list.push("WHERE products.words @@ ").push(QUERY).push(" AND ");
    narrow(list, filter);
    list.push(" ORDER BY era DESC, products.id DESC LIMIT 2001");
}

/// The text of the query for an era's entries, `{}` standing for what is in front of each.
fn entries(list: &mut Statement, filter: &Filter) {
    if let Some(category) = &filter.category {
        list.push("'''{}:' || ").bind(Value::Text(category.as_str().to_owned())).push(" || ''' & (' || ");
    }
    // What must be in it, without what must not; where that is nothing, everything: any category's.
    list.push("CASE WHEN querytree(").push(QUERY).push(") IN ('', 'T') THEN '''{}:'':*' ELSE ");
    list.push(r"regexp_replace(regexp_replace(querytree(").push(QUERY);
    list.push(r"), '<[-0-9]+>', '&', 'g'), '(^|[ (])''', '\1''{}~', 'g') END");
    list.push(if filter.category.is_some() { " || ')'" } else { "" });
}

/// These are few, or will be soon, and mostly without a number.
fn newest_by_stems(list: &mut Statement, filter: &Filter) {
    list.push("SELECT products.id, products.name_key, products.search AS vector, products.number >> 12 AS era");
    if filter.currency.is_some() {
        list.push(", prices.amount, prices.variant_id FROM products ").push(WITH_PRICE);
    } else {
        list.push(" FROM products ");
    }
    list.push("WHERE ").push(STEM_HIT).push(" AND ");
    narrow(list, filter);
    list.push(" ORDER BY products.id DESC LIMIT 2001");
}
