//! The catalogue.

use crate::services::{NOWHERE, Services, pages, problem};
use http::StatusCode;
use serde_json::{Value, json};

fn product(name: &str, available: i64, picture: &Value) -> Value {
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8057", "sku": "MUG-1", "name": name, "description": "Holds tea.",
        "category": "kitchen", "price": { "amount": 1299, "currency": "EUR" }, "available": available,
        "picture": picture, "status": "active", "version": 3, "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z", "something_new": true,
    })
}

#[tokio::test]
async fn products_are_shown_with_price_stock_and_picture() {
    let items = [
        product("Stoneware <mug>", 3, &json!("/products/pictures/abc")),
        product("Plain mug", 0, &Value::Null),
        product("Strange mug", 1, &json!("https://elsewhere.example/x.svg")),
    ];
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "items": items, "next": "a+b/c=" })).await;
    let page = pages.get("/products").await;
    let text = &page.assert_status(200).text;
    assert!(text.contains("<img src=\"/api/products/pictures/abc\""), "{text}");
    assert!(text.contains("Stoneware &#60;mug&#62;") && text.contains("12.99 EUR") && text.contains("3 available"));
    assert!(text.contains("sold out"));
    assert!(!text.contains("elsewhere.example"));
    assert!(text.contains("href=\"/products?after=a%2Bb%2Fc%3D\""), "{text}");
    pages.get("/products?after=a%2Bb%2Fc%3D").await.assert_status(200);
    assert_eq!(services.asked(), ["limit=24", "limit=24&after=a%2Bb%2Fc%3D"]);
}

#[tokio::test]
async fn without_product_service_the_page_says_so() {
    let page = pages(NOWHERE).await.get("/products").await;
    assert!(page.assert_status(503).text.contains("cannot be reached at the moment"));
}

#[tokio::test]
async fn a_wrong_place_in_the_list_is_the_readers_mistake() {
    let wrong = problem("invalid_cursor", "Start again without it.");
    let (_, pages) = Services::answering(StatusCode::BAD_REQUEST, wrong).await;
    assert!(pages.get("/products?after=x").await.assert_status(400).text.contains("Start again without it."));
}

#[tokio::test]
async fn what_was_searched_for_is_kept_from_page_to_page_and_from_search_to_search() {
    let items = [product("Stoneware mug", 3, &Value::Null)];
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "items": items, "next": "a+b" })).await;
    let asked = "q=t%C3%A9a+%26+%22mug%22&category=kitchen&sort=-price&min_price=100&max_price=2000&currency=EUR";
    let page = pages.get(&format!("/products?{asked}")).await;
    let text = &page.assert_status(200).text;
    assert!(text.contains("<form class=\"search\" role=\"search\" action=\"/products\">"), "{text}");
    assert!(text.contains("name=\"q\" value=\"t\u{e9}a &#38; &#34;mug&#34;\""), "{text}");
    for chosen in ["value=\"kitchen\" selected", "value=\"-price\" selected"] {
        assert!(text.contains(chosen), "{chosen}: {text}");
    }
    for kept in ["min_price\" value=\"100", "max_price\" value=\"2000", "currency\" value=\"EUR"] {
        assert!(text.contains(&format!("<input type=\"hidden\" name=\"{kept}\">")), "{kept}: {text}");
    }
    let more = format!("/products?{}&#38;after=a%2Bb", asked.replace('&', "&#38;"));
    assert!(text.contains(&format!("href=\"{more}\"")), "{text}");
    pages.get(&more.replace("&#38;", "&")).await.assert_status(200);
    assert_eq!(services.asked(), [format!("limit=24&{asked}"), format!("limit=24&{asked}&after=a%2Bb")]);
}

#[tokio::test]
async fn a_search_that_finds_nothing_says_so_and_markup_in_it_stays_text() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "items": [], "next": null })).await;
    let text = pages.get("/products?q=%22%3E%3Cscript%3E&category=&sort=").await.assert_status(200).text.clone();
    assert!(text.contains("Nothing was found.") && !text.contains("<script"), "{text}");
    assert!(text.contains("value=\"&#34;&#62;&#60;script&#62;\""), "{text}");
    assert_eq!(services.asked(), ["limit=24&q=%22%3E%3Cscript%3E"]);
    assert!(pages.get("/products").await.assert_status(200).text.contains("There is nothing here yet."));
}
