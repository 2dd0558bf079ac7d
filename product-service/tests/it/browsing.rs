//! The list: paged, filtered, sorted, searched.

use crate::support::{Shop, sample};
use product_service::{SeedProduct, seed};
use serde_json::Value;
use std::collections::BTreeSet;

fn product(sku: &str, name: &str, category: &str, price: i64) -> SeedProduct {
    SeedProduct { name: name.to_owned(), category: category.to_owned(), price, ..sample(sku, 3) }
}

fn skus(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["sku"].as_str().unwrap().to_owned()).collect()
}

async fn list(shop: &Shop, query: &str) -> Vec<String> {
    skus(&shop.anybody().get(&format!("/products?{query}")).await.expect(200))
}

/// Follows `next` to the end, doing `between` after each page.
async fn walk(shop: &Shop, query: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let (mut seen, mut after) = (Vec::new(), String::new());
    for page_number in 0.. {
        let page: Value = shop.anybody().get(&format!("/products?{query}{after}")).await.expect(200);
        seen.extend(skus(&page));
        let Some(next) = page["next"].as_str() else { break };
        assert!(page_number < 200, "{query}: the walk does not end");
        after = format!("&after={next}");
        between(page_number).await;
    }
    seen
}

async fn small_shop() -> Shop {
    let shop = Shop::open().await;
    let products = vec![
        product("MUG", "Stoneware mug", "kitchen", 1450),
        product("PAN", "Iron pan", "kitchen", 4900),
        product("LAMP", "desk lamp", "office", 3900),
        product("SAW", "Äxte & saw", "tools", 1450),
    ];
    // One by one, so that they differ in age.
    for product in products {
        seed(&shop.running.kit, vec![product]).await.unwrap();
    }
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_filtered_and_sorted() {
    let shop = small_shop().await;
    assert_eq!(list(&shop, "").await, ["SAW", "LAMP", "PAN", "MUG"]);
    assert_eq!(list(&shop, "sort=newest&category=kitchen").await, ["PAN", "MUG"]);
    assert_eq!(list(&shop, "sort=price").await, ["MUG", "SAW", "LAMP", "PAN"]);
    assert_eq!(list(&shop, "sort=-price").await, ["PAN", "LAMP", "SAW", "MUG"]);
    assert_eq!(list(&shop, "sort=name").await, ["LAMP", "PAN", "MUG", "SAW"]);
    assert_eq!(list(&shop, "min_price=1450&max_price=3900&sort=price").await, ["MUG", "SAW", "LAMP"]);
    assert_eq!(list(&shop, "min_price=1451&category=kitchen").await, ["PAN"]);
    assert_eq!(list(&shop, "category=nothing-here").await, [""; 0]);
    assert_eq!(list(&shop, "min_price=1&currency=USD").await, [""; 0]);
    assert_eq!(list(&shop, "currency=EUR").await.len(), 4);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_words_of_name_category_and_text_best_match_first() {
    let shop = Shop::open().await;
    let mut in_text = product("BOWL", "Bowl", "kitchen", 900);
    "Goes with the lamp next to it.".clone_into(&mut in_text.description);
    let products =
        vec![product("LAMP", "Desk lamp", "office", 3900), in_text, product("PAN", "Iron pan", "kitchen", 4900)];
    seed(&shop.running.kit, products).await.unwrap();
    assert_eq!(list(&shop, "q=lamps").await, ["LAMP", "BOWL"]);
    assert_eq!(list(&shop, "q=lamps&sort=price").await, ["BOWL", "LAMP"]);
    assert_eq!(list(&shop, "q=lamp%20-desk").await, ["BOWL"]);
    assert_eq!(list(&shop, "q=%22iron%20pan%22").await, ["PAN"]);
    assert_eq!(list(&shop, "q=office").await, ["LAMP"]);
    assert_eq!(list(&shop, "q=unicorn").await, [""; 0]);
    assert_eq!(list(&shop, "q=").await.len(), 3);
    // Characters that mean something to a query language mean nothing here.
    for strange in ["q=%27%3B--", "q=%26%7C!(", "q=%22", "q=%E2%98%83"] {
        assert_eq!(list(&shop, strange).await, [""; 0], "{strange}");
    }
    let walked = walk(&shop, "q=lamp&limit=1", async |_| {}).await;
    assert_eq!(walked, ["LAMP", "BOWL"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_however_they_are_typed_and_by_their_beginnings() {
    let shop = Shop::open().await;
    let products = vec![
        product("LP-0042", "The Who: Who's Next", "music", 1900),
        product("LP-0043", "Cafe\u{301} Straße", "music", 1900),
        product("LP-1", "There is whom", "music", 1900),
    ];
    seed(&shop.running.kit, products).await.unwrap();
    assert_eq!(list(&shop, "q=the%20who").await, ["LP-0042"]);
    assert_eq!(list(&shop, "q=THE%20WHO").await, ["LP-0042"]);
    for typed in ["Caf%C3%A9", "Cafe%CC%81", "cafe", "CAF%C3%89", "caf", "stra%C3%9Fe", "STRASSE", "stras"] {
        assert_eq!(list(&shop, &format!("q={typed}")).await, ["LP-0043"], "{typed}");
    }
    // The one with this very SKU first, then whose SKU begins so.
    assert_eq!(list(&shop, "q=lp-1").await, ["LP-1"]);
    assert_eq!(list(&shop, "q=lp-004").await, ["LP-0043", "LP-0042"]);
    assert_eq!(list(&shop, "q=LP-0042").await, ["LP-0042"]);
    // One letter is a word, no beginning.
    assert_eq!(list(&shop, "q=n").await, [""; 0]);
    assert_eq!(list(&shop, "q=s").await, ["LP-0042"]);
    shop.close().await;
}

/// What a version before this one does to a product, and has done to all of them.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_writes_is_found_by_stems_at_once_and_by_all_words_soon() {
    let shop = Shop::open().await;
    seed(&shop.running.kit, vec![product("OLD", "Iron pan", "kitchen", 900)]).await.unwrap();
    let pool = shop.database.pool();
    let rename = "UPDATE products SET name = 'Émail pots', name_key = 'émail pots', version = version + 1";
    sqlx::query(rename).execute(pool).await.unwrap();
    assert_eq!(list(&shop, "q=pot").await, ["OLD"]);
    assert_eq!(list(&shop, "q=iron").await, [""; 0]);
    test_kit::until("its words are made", async || (list(&shop, "q=email").await == ["OLD"]).then_some(())).await;
    assert_eq!(shop.database.count("SELECT count(*) FROM products WHERE words IS NULL").await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_is_numbered_down_and_what_comes_is_numbered_up() {
    let shop = Shop::open().await;
    let many = |from: i32, to: i32| (from..to).map(|nth| product(&format!("P{nth}"), "Iron pan", "kitchen", 900));
    seed(&shop.running.kit, many(0, 1200).collect()).await.unwrap();
    let before = "UPDATE products SET words = NULL, number = NULL";
    sqlx::query(before).execute(shop.database.pool()).await.unwrap();
    seed(&shop.running.kit, many(1200, 1203).collect()).await.unwrap();
    let wordless = "SELECT count(*) FROM products WHERE words IS NULL OR number IS NULL";
    test_kit::until("all words are made", async || (shop.database.count(wordless).await == 0).then_some(())).await;
    // Batch by batch the newest first, each number once.
    let numbers = "SELECT min(number), max(number), count(DISTINCT number) FROM products WHERE number < 0";
    let numbers: (i64, i64, i64) = sqlx::query_as(numbers).fetch_one(shop.database.pool()).await.unwrap();
    assert_eq!(numbers, (-1200, -1, 1200));
    let newest =
        "SELECT count(*) FROM (SELECT number FROM products WHERE number < 0 ORDER BY id DESC LIMIT 500) AS newest
                  WHERE number < -500";
    assert_eq!(shop.database.count(newest).await, 0);
    assert_eq!(shop.database.count("SELECT count(*) FROM products WHERE number >= 1200").await, 3);
    let found = list(&shop, "q=iron&sort=newest&limit=4").await;
    assert_eq!(found, ["P1202", "P1201", "P1200", "P1199"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_is_too_long_to_be_looked_for_is_in_nobodys_way() {
    let shop = Shop::open().await;
    let mut long = product("LONG", "Iron pan", "kitchen", 900);
    long.description = format!("See example.com/{} and buy.", "x".repeat(2040));
    seed(&shop.running.kit, vec![long]).await.unwrap();
    assert_eq!(list(&shop, "q=buy%20iron").await, ["LONG"]);
    assert_eq!(list(&shop, "q=xxxx").await, ["LONG"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_lists_the_newest_2000_hits_and_says_so() {
    let shop = Shop::open().await;
    let many = |from: i32, to: i32| (from..to).map(|number| product(&format!("M{number:04}"), "Mug", "kitchen", 900));
    seed(&shop.running.kit, many(0, 2000).collect()).await.unwrap();
    let page: Value = shop.anybody().get("/products?q=mug&limit=100").await.expect(200);
    assert_eq!(page["limited_to"], Value::Null);
    seed(&shop.running.kit, many(2000, 2003).collect()).await.unwrap();
    let page: Value = shop.staff().get("/products?q=mug&limit=100").await.expect(200);
    assert_eq!((&page["limited_to"], skus(&page)[0].as_str()), (&Value::from(2000), "M2002"));
    let walked = walk(&shop, "q=mug&limit=99", async |_| {}).await;
    assert_eq!((walked.len(), walked.last().map(String::as_str)), (2000, Some("M0003")));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_category_counts_its_active_products_whoever_changes_them() {
    let shop = Shop::open().await;
    let products = vec![product("A", "A", "tools", 1), product("B", "B", "tools", 1), product("C", "C", "toys", 1)];
    seed(&shop.running.kit, products).await.unwrap();
    let page: Value = shop.anybody().get("/categories").await.expect(200);
    assert_eq!((&page["items"][0]["products"], &page["items"][1]["products"]), (&Value::from(2), &Value::from(1)));
    let counts = async || -> Vec<i64> {
        let counts = "SELECT products FROM categories ORDER BY slug";
        sqlx::query_scalar(counts).fetch_all(shop.database.pool()).await.unwrap()
    };
    assert_eq!(counts().await, [2, 1]);
    // As an older version does it, which knows of no count: also many at once, and back and forth.
    for (change, expected) in [
        ("UPDATE products SET category = 'toys' WHERE name = 'A'", [1, 2]),
        ("UPDATE products SET status = 'archived' WHERE name = 'B'", [0, 2]),
        ("UPDATE products SET status = 'active', category = 'tools'", [3, 0]),
        ("UPDATE products SET name = name", [3, 0]),
    ] {
        sqlx::query(change).execute(shop.database.pool()).await.unwrap();
        assert_eq!(counts().await, expected, "{change}");
    }
    let mut tx = shop.database.pool().begin().await.unwrap();
    sqlx::query("UPDATE products SET status = 'draft'").execute(&mut *tx).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(counts().await, [3, 0]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_walks_everything_exactly_once_while_rows_are_inserted() {
    let shop = Shop::open().await;
    let many = (0..47)
        .map(|number| product(&format!("S{number:02}"), &format!("Lamp {}", number % 5), "office", 1000 + number % 3));
    seed(&shop.running.kit, many.collect()).await.unwrap();
    let before: BTreeSet<String> = (0..47).map(|number| format!("S{number:02}")).collect();
    for (round, sort) in ["sort=newest", "sort=price", "sort=-price", "sort=name", "q=lamp"].into_iter().enumerate() {
        let walked = walk(&shop, &format!("{sort}&limit=7"), async |page| {
            // Lands before, between and behind what was shown.
            let new = [900, 1001, 9000]
                .map(|price| product(&format!("NEW-{round}-{page}-{price}"), "Lamp 2", "office", price));
            seed(&shop.running.kit, new.into()).await.unwrap();
        })
        .await;
        let different: BTreeSet<&String> = walked.iter().collect();
        assert_eq!(different.len(), walked.len(), "{sort}: some came twice in {walked:?}");
        let missing: Vec<_> = before.iter().filter(|sku| !different.contains(sku)).collect();
        assert!(missing.is_empty(), "{sort}: {missing:?} never came");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_as_long_as_asked_and_the_last_has_no_next() {
    let shop = small_shop().await;
    let page: Value = shop.anybody().get("/products?limit=4").await.expect(200);
    assert_eq!((skus(&page).len(), &page["next"]), (4, &Value::Null));
    let page: Value = shop.anybody().get("/products?limit=3").await.expect(200);
    assert_eq!(skus(&page).len(), 3);
    assert!(page["next"].is_string());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_that_make_no_sense_are_refused_by_name() {
    let shop = small_shop().await;
    let page: Value = shop.anybody().get("/products?limit=1&sort=name").await.expect(200);
    let next = page["next"].as_str().unwrap();
    let other_order = format!("sort=price&after={next}");
    // {"Name":["\u0000","01890a5d-ac96-774b-bcce-b302099a8057"]}: of our form, with a name no product can have.
    let zero_byte = "sort=name&after=eyJOYW1lIjpbIlx1MDAwMCIsIjAxODkwYTVkLWFjOTYtNzc0Yi1iY2NlLWIzMDIwOTlhODA1NyJdfQ";
    let cases = [
        ("limit=0", "invalid_limit"),
        ("limit=101", "invalid_limit"),
        ("limit=many", "invalid_query"),
        ("after=nonsense", "invalid_cursor"),
        (other_order.as_str(), "invalid_cursor"),
        (zero_byte, "invalid_cursor"),
        ("sort=random", "invalid_query"),
        ("min_price=cheap", "invalid_query"),
        ("currency=XXXX", "invalid_query"),
        ("category=No%20Slug", "invalid_query"),
        ("q=%00", "invalid_query"),
        ("category=a%00b", "invalid_query"),
        ("currency=EU%00", "invalid_query"),
        ("status=%00", "invalid_query"),
        ("min_prize=100", "invalid_query"),
        ("status=gone", "invalid_query"),
    ];
    for (query, code) in cases {
        shop.anybody().get(&format!("/products?{query}")).await.assert_problem(400, code);
    }
    shop.close().await;
}
