//! The back office's products: what is typed is kept, whatever happens to it.

use crate::stand_in::{Browser, Desk, Shown, login, open, problem, tokens, wrong};
use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Somebody of the staff who may do this, in front of the pages.
async fn clerk(scope: &str) -> (Desk, Browser) {
    let (desk, browser) = open().await;
    let mut login = login(900);
    login["scope"] = json!(scope);
    desk.answer("POST /auth/login", 200, login);
    browser.send("/login", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
    desk.anew();
    // Who lacks a permission is asked about once more.
    let mut renewed = tokens(2, 900);
    renewed["scope"] = json!(scope);
    desk.answer("POST /auth/refresh", 200, renewed);
    (desk, browser)
}

const ALL: &str = "products:read products:write stock:read stock:write";

fn product(version: i64) -> Value {
    json!({
        "id": ID, "sku": "MUG-1", "name": "Stoneware <mug>", "description": "Holds tea.\n\nAnd coffee.",
        "category": "kitchen", "price": { "amount": 1299, "currency": "EUR" }, "available": 3,
        "picture": "/products/pictures/0123456789abcdef.jpg", "status": "active", "version": version,
        "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z", "something_new": true,
    })
}

fn stock() -> Value {
    json!({
        "sku": "MUG-1", "location": "main", "on_hand": 7, "reserved": 4, "available": 3,
        "movements": { "items": [
            { "position": 9, "kind": "adjusted", "quantity": -2, "reason": "damaged", "note": "<dropped>",
              "account_id": ID, "order_id": null, "at": "2026-01-03T03:04:05Z" },
            { "position": 1, "kind": "initial", "quantity": 9, "reason": null, "note": null, "account_id": null,
              "order_id": null, "at": "2026-01-02T03:04:05Z" },
        ], "next": "a+b" },
    })
}

fn categories() -> Value {
    json!({ "items": [
        { "slug": "bath", "name": "Bath", "products": 0 }, { "slug": "kitchen", "name": "Kitchen & table", "products": 3 },
    ], "next": null })
}

fn there(desk: &Desk, version: i64) {
    desk.answer(&format!("GET /products/{ID}"), 200, product(version));
    desk.answer(&format!("GET /products/{ID}/stock"), 200, stock());
    desk.answer("GET /categories", 200, categories());
}

const TYPED: [(&str, &str); 6] = [
    ("name", "Bigger mug"),
    ("description", "Holds more.\r\n\r\nOf everything."),
    ("category", "bath"),
    ("price", "14.50"),
    ("currency", "eur"),
    ("version", "3"),
];

#[tokio::test]
async fn products_are_listed_by_what_is_looked_for_and_the_address_says_it() {
    let (desk, browser) = clerk(ALL).await;
    let asked = "q=mug&status=draft&category=kitchen&sort=name";
    let list = json!({ "items": [product(3)], "next": "a+b", "limited_to": null });
    desk.answer(&format!("GET /products?limit=50&{asked}"), 200, list);
    desk.answer("GET /categories", 200, categories());
    let page = browser.get(&format!("/office/products?{asked}")).await;
    page.holds(
        200,
        &[
            "Stoneware &#60;mug&#62;",
            "12.99 EUR",
            "value=\"mug\"",
            "<option value=\"draft\" selected>",
            "<option value=\"kitchen\" selected>",
            &format!("href=\"/office/products/{ID}\""),
            "On sale",
            "href=\"/office/products?q=mug&#38;status=draft&#38;category=kitchen&#38;sort=name&#38;after=a%2Bb\"",
            "src=\"/api/products/pictures/0123456789abcdef.jpg?width=320\"",
        ],
    );
    assert_eq!(desk.bearers()[0], "access-1");
    // What the catalogue does not take is said where the list would be.
    desk.answer("GET /products?limit=50&status=none", 400, problem("invalid_query", "There is no such status."));
    browser.get("/office/products?status=none").await.holds(400, &["There is no such status.", "name=\"status\""]);
}

#[tokio::test]
async fn who_may_not_see_products_is_told_so_and_who_may_only_look_is_offered_nothing() {
    let (_, browser) = clerk("orders:read").await;
    browser.get("/office/products").await.holds(403, &["products:read"]);
    browser.get("/office/stock").await.holds(403, &["stock:read"]);
    let (desk, browser) = clerk("products:read").await;
    there(&desk, 3);
    let page = browser.get(&format!("/office/products/{ID}")).await;
    page.holds(200, &["Holds tea."]).lacks(&[
        "<button class=\"button\">Change it",
        "type=\"file\"",
        "Archive it",
        "On hand",
    ]);
    assert!(desk.lines().iter().all(|line| !line.contains("stock")), "{:?}", desk.lines());
    for path in ["/office/products/new".to_owned(), format!("/office/products/{ID}")] {
        browser.send(&path, &TYPED).await.holds(403, &["products:write"]);
    }
}

#[tokio::test]
async fn a_product_is_made_once_with_its_price_in_minor_units() {
    let (desk, browser) = clerk(ALL).await;
    desk.answer("GET /categories", 200, categories()).answer("POST /products", 201, product(1));
    let form = browser.get("/office/products/new").await;
    form.holds(200, &["name=\"key\"", "<option value=\"\" selected>Choose one</option>", "value=\"EUR\""]);
    let typed = [("sku", " MUG-1 "), ("name", "Mug"), ("category", "kitchen"), ("price", "19.99"), ("currency", "EUR")];
    let typed = [&typed[..], &[("stock", "12"), ("draft", "yes"), ("key", "k-1")]].concat();
    browser.send("/office/products/new", &typed).await.leads_to(&format!("/office/products/{ID}?done=made"));
    let asked = desk.asked().into_iter().find(|asked| asked.line == "POST /products").unwrap();
    assert_eq!(asked.header("idempotency-key"), "k-1");
    assert_eq!(
        asked.body,
        json!({
            "sku": "MUG-1", "name": "Mug", "description": "", "category": "kitchen", "stock": 12, "status": "draft",
            "price": { "amount": 1999, "currency": "EUR" },
        })
    );
}

#[tokio::test]
async fn a_price_that_can_be_read_in_two_ways_is_refused_beside_its_field() {
    let (desk, browser) = clerk(ALL).await;
    there(&desk, 3);
    for price in ["19.999", "1.299,00", "1 000", "-1.00", "abc", "19.99 EUR"] {
        let typed = TYPED.map(|(name, value)| (name, if name == "price" { price } else { value }));
        let page = browser.send(&format!("/office/products/{ID}"), &typed).await;
        page.holds(
            422,
            &[
                "<a href=\"#product-price\">Price must be an amount such as 19.99.</a>",
                "id=\"product-price-trouble\">Price must be an amount such as 19.99.</span>",
                &format!("value=\"{price}\""),
                "value=\"Bigger mug\"",
                "aria-invalid=\"true\"",
            ],
        );
    }
    assert!(desk.lines().iter().all(|line| line.starts_with("GET")), "{:?}", desk.lines());
    // And what the service refuses, too.
    desk.answer(
        &format!("PATCH /products/{ID}"),
        422,
        wrong(&[("/name", "must not be empty"), ("/price", "is too high")]),
    );
    browser.send(&format!("/office/products/{ID}"), &TYPED).await.holds(
        422,
        &[
            "<a href=\"#product-name\">Name must not be empty.</a>",
            "id=\"product-price-trouble\">Price is too high.</span>",
        ],
    );
}

#[tokio::test]
async fn a_change_that_somebody_overtook_shows_both_and_loses_neither() {
    let (desk, browser) = clerk(ALL).await;
    let mut now = product(4);
    now["name"] = json!("Stone cup");
    now["category"] = json!("bath");
    desk.answer(&format!("GET /products/{ID}"), 200, now).answer("GET /categories", 200, categories());
    desk.answer(&format!("GET /products/{ID}/stock"), 200, stock());
    let change = format!("PATCH /products/{ID}");
    let stale = problem("version_stale", "It is at version 4.");
    desk.answer(&change, 412, stale.clone()).answer(&change, 412, stale).answer(&change, 200, product(5));
    let page = browser.send(&format!("/office/products/{ID}"), &TYPED).await;
    page.holds(
        412,
        &[
            "Somebody changed this product while you did.",
            "value=\"Bigger mug\"",
            "Stored by now: <q>Stone cup</q>",
            "Stored by now: <q>12.99</q>",
            "value=\"14.50\"",
            "Holds more.",
            "Stored by now: <q>Holds tea.",
            "<input type=\"hidden\" name=\"version\" value=\"4\">",
            "Change it all the same",
        ],
    );
    // Both made the same of it.
    assert!(!page.text.contains("product-category-stored"), "{}", page.text);
    assert_eq!(desk.asked().iter().find(|asked| asked.line == change).unwrap().header("if-match"), "\"3\"");
    // What was not touched is as the other made it.
    let was = json!(["Stoneware <mug>", "Holds more.\n\nOf everything.", "kitchen", "14.50", "EUR"]).to_string();
    let touched = [&TYPED[..], &[("was", &*was)]].concat();
    let page = browser.send(&format!("/office/products/{ID}"), &touched).await;
    page.holds(412, &["value=\"Bigger mug\"", "Stored by now: <q>Stone cup</q>", "value=\"12.99\"", "Holds tea."]);
    page.lacks(&["product-price-stored", "product-description-stored", "Holds more."]);
    let again = TYPED.map(|(name, value)| (name, if name == "version" { "4" } else { value }));
    let there = format!("/office/products/{ID}?done=changed");
    browser.send(&format!("/office/products/{ID}"), &again).await.leads_to(&there);
    let last = desk.asked().into_iter().rfind(|asked| asked.line == change).unwrap();
    assert_eq!((last.header("if-match"), &last.body["price"]["amount"]), ("\"4\"", &json!(1450)));
    assert_eq!(last.body["description"], "Holds more.\n\nOf everything.");
}

#[tokio::test]
async fn it_is_put_on_sale_and_archived_at_the_version_that_was_looked_at() {
    let (desk, browser) = clerk(ALL).await;
    there(&desk, 3);
    let status = format!("/office/products/{ID}/status");
    desk.answer(&format!("PATCH /products/{ID}"), 200, product(4));
    desk.answer(&format!("POST /products/{ID}/archive"), 412, problem("version_stale", "It is at version 4."));
    browser
        .send(&status, &[("act", "sell"), ("version", "3")])
        .await
        .leads_to(&format!("/office/products/{ID}?done=sold"));
    let archive = browser.send(&status, &[("act", "archive"), ("version", "3\r\nx: y")]).await;
    archive.holds(412, &["Somebody changed this product meanwhile, and nothing was done."]);
    let sent: Vec<_> = desk.asked().into_iter().filter(|asked| !asked.line.starts_with("GET")).collect();
    assert_eq!(sent[0].body, json!({ "status": "active" }));
    assert_eq!((sent[1].header("if-match"), sent.len()), ("\"3\"", 2));
    browser.send(&status, &[("act", "burn")]).await.leads_to(&format!("/office/products/{ID}"));
}

#[tokio::test]
async fn stock_is_adjusted_with_a_reason_and_what_is_promised_stays() {
    let (desk, browser) = clerk(ALL).await;
    there(&desk, 3);
    let page = browser.get(&format!("/office/products/{ID}")).await;
    page.holds(
        200,
        &[
            "On hand",
            "&#60;dropped&#62;",
            "Damaged",
            "-2",
            &format!("href=\"/office/products/{ID}?after=a%2Bb#movements\""),
        ],
    );
    let line = format!("POST /products/{ID}/stock-adjustments");
    let path = format!("/office/products/{ID}/stock");
    let typed = |quantity| [("quantity", quantity), ("reason", "lost"), ("note", "Shelf 3"), ("key", "k-1")];
    desk.answer(&line, 409, problem("below_reserved", "4 of the 7 pieces are reserved for orders."));
    desk.answer(&line, 201, json!({ "sku": "MUG-1", "location": "main", "on_hand": 6, "reserved": 4, "available": 2 }));
    browser
        .send(&path, &typed("many"))
        .await
        .holds(422, &["Pieces must be a whole number", "value=\"many\"", "<details open>"]);
    browser.send(&path, &typed("-5")).await.holds(
        409,
        &[
            "<a href=\"#adjust-quantity\">4 of the 7 pieces are reserved for orders.</a>",
            "value=\"Shelf 3\"",
            "value=\"lost\" checked",
            "name=\"key\" value=\"k-1\"",
        ],
    );
    browser.send(&path, &typed("\u{2212}1")).await.leads_to(&format!("/office/products/{ID}?done=adjusted#stock"));
    let last = desk.asked().into_iter().rfind(|asked| asked.line == line).unwrap();
    assert_eq!(last.body, json!({ "quantity": -1, "reason": "lost", "note": "Shelf 3" }));
    assert_eq!(last.header("idempotency-key"), "k-1");
}

/// As a browser sends a form with a file.
fn with_file(kind: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = b"--edge\r\ncontent-disposition: form-data; name=\"version\"\r\n\r\n3\r\n".to_vec();
    let head = format!(
        "--edge\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"mug\"\r\ncontent-type: {kind}\r\n\r\n"
    );
    body.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\r\n--edge--\r\n"));
    body
}

async fn upload(browser: &Browser, body: Vec<u8>, site: &str) -> Shown {
    let headers = [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", site)];
    browser.send_body(&format!("/office/products/{ID}/picture"), body, &headers).await
}

#[tokio::test]
async fn a_picture_is_handed_on_as_it_came_and_what_is_none_is_told_beside_its_field() {
    let (desk, browser) = clerk(ALL).await;
    there(&desk, 3);
    let line = format!("PUT /products/{ID}/picture");
    desk.answer(&line, 415, problem("not_a_picture", "The picture is not what its Content-Type says."));
    desk.answer(&line, 412, problem("version_stale", "It is at version 4."));
    desk.answer(&line, 200, product(4));
    let page = upload(&browser, with_file("image/jpeg", b"{\"not\": \"one\"}"), "same-origin").await;
    page.holds(
        415,
        &[
            "<a href=\"#picture\">The picture is not what its Content-Type says.</a>",
            "<span class=\"wrong\" id=\"picture-trouble\">The picture is not what its Content-Type says.</span>",
        ],
    );
    let asked = desk.asked().into_iter().find(|asked| asked.line == line).unwrap();
    assert_eq!((asked.header("content-type"), asked.header("if-match")), ("image/jpeg", "\"3\""));
    assert_eq!(asked.body, json!({ "not": "one" }));
    let page = upload(&browser, with_file("image/jpeg", b"x"), "same-origin").await;
    page.holds(412, &["Somebody changed this product meanwhile, and nothing was done."]);
    let page = upload(&browser, with_file("image/jpeg", b"x"), "same-origin").await;
    page.leads_to(&format!("/office/products/{ID}?done=pictured"));
}

#[tokio::test]
async fn without_a_file_with_half_a_form_or_with_too_much_nothing_is_asked_and_it_is_said() {
    let (desk, browser) = clerk(ALL).await;
    there(&desk, 3);
    upload(&browser, with_file("application/octet-stream", b""), "same-origin")
        .await
        .holds(422, &["<a href=\"#picture\">Choose a file first", "id=\"picture-trouble\">Choose a file first"]);
    let whole = with_file("image/png", b"abc");
    upload(&browser, whole[..whole.len() - 14].to_vec(), "same-origin")
        .await
        .holds(400, &["Choose the picture again."]);
    browser.send(&format!("/office/products/{ID}/picture"), &TYPED).await.holds(400, &["Choose the picture again."]);
    let page = upload(&browser, with_file("image/png", &vec![7; 3 << 20]), "same-origin").await;
    page.holds(413, &["<h1>That is too large</h1>", "256 KiB"]);
    assert!(desk.lines().iter().all(|line| line.starts_with("GET")), "{:?}", desk.lines());
}

#[tokio::test]
async fn no_form_of_the_office_is_taken_from_another_site() {
    let (desk, browser) = clerk(ALL).await;
    let paths = ["new", ID, &format!("{ID}/status"), &format!("{ID}/stock"), &format!("{ID}/picture")]
        .map(|path| format!("/office/products/{path}"));
    for path in paths.iter().map(String::as_str).chain(["/office/categories"]) {
        for headers in [&[("sec-fetch-site", "cross-site")][..], &[("origin", "https://elsewhere.example")]] {
            browser.send_as(path, &TYPED, headers).await.holds(403, &["That did not come from here"]);
        }
    }
    upload(&browser, with_file("image/png", b"abc"), "cross-site").await.holds(403, &["That did not come from here"]);
    assert_eq!(desk.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn what_runs_low_stands_before_everything_and_a_sku_is_found_by_how_it_begins() {
    let (desk, browser) = clerk("stock:read").await;
    let line = |sku: &str, available: i64| {
        json!({ "product_id": ID, "name": "Mug", "status": "active", "sku": sku, "location": "main",
                "on_hand": available + 1, "reserved": 1, "available": available })
    };
    desk.answer("GET /products/stock?low=10&limit=100", 200, json!({ "items": [line("LOW-1", 0)], "next": null }));
    desk.answer("GET /products/stock?limit=50", 200, json!({ "items": [line("ALL-1", 50)], "next": "a+b" }));
    let page = browser.get("/office/stock").await;
    page.holds(
        200,
        &["sold out", &format!("href=\"/office/products/{ID}#stock\""), "href=\"/office/stock?after=a%2Bb\""],
    );
    assert!(page.text.find("LOW-1").unwrap() < page.text.find("ALL-1").unwrap());
    desk.answer("GET /products/stock?limit=50&sku=ALL", 200, json!({ "items": [], "next": null }));
    browser
        .get("/office/stock?sku=ALL&low=")
        .await
        .holds(200, &["There is none such.", "value=\"ALL\""])
        .lacks(&["Running low"]);
}

#[tokio::test]
async fn categories_are_made_and_given_other_names() {
    let (desk, browser) = clerk(ALL).await;
    desk.answer("GET /categories", 200, categories()).answer("PUT /categories/desk-lamps", 204, Value::Null);
    desk.answer("PUT /categories/A%20b", 422, wrong(&[("slug", "must be small letters, digits and dashes")]));
    browser.get("/office/categories").await.holds(200, &["Kitchen &#38; table", "Another name for Bath"]);
    let made = browser.send("/office/categories", &[("slug", "desk-lamps"), ("name", "Desk lamps")]).await;
    made.leads_to("/office/categories?done=put");
    let refused = browser.send("/office/categories", &[("slug", "A b"), ("name", "Lamps")]).await;
    refused.holds(
        422,
        &["<a href=\"#category-slug\">In addresses must be small letters", "value=\"Lamps\"", "value=\"A b\""],
    );
    let (desk, browser) = clerk("products:read").await;
    desk.answer("GET /categories", 200, categories());
    browser.get("/office/categories").await.holds(200, &["Bath"]).lacks(&["Rename"]);
    browser.send("/office/categories", &[("slug", "a"), ("name", "b")]).await.holds(403, &["products:write"]);
}
