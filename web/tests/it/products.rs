//! The catalogue.

use crate::services::{NOWHERE, Services, pages, pages_with, problem};
use http::StatusCode;
use serde_json::{Value, json};
use test_kit::Client;

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
    assert!(
        text.contains(
            "<img src=\"/api/products/pictures/abc?width=320\" srcset=\"/api/products/pictures/abc?width=320 320w, "
        ),
        "{text}"
    );
    assert!(text.contains("Stoneware &#60;mug&#62;") && text.contains("€12.99") && text.contains("only 3 left"));
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
    let asked = "q=t%C3%A9a+%26+%22mug%22&category=kitchen&sort=-price&from=1&to=20%2C00&currency=EUR";
    let page = pages.get(&format!("/products?{asked}")).await;
    let text = &page.assert_status(200).text;
    assert!(text.contains("<form class=\"search\" role=\"search\" action=\"/products\">"), "{text}");
    assert!(text.contains("name=\"q\" value=\"t\u{e9}a &#38; &#34;mug&#34;\""), "{text}");
    for chosen in ["value=\"kitchen\" selected", "value=\"-price\" selected"] {
        assert!(text.contains(chosen), "{chosen}: {text}");
    }
    for kept in ["name=\"from\" value=\"1\"", "name=\"to\" value=\"20,00\"", "name=\"currency\" value=\"EUR\""] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    let more = format!("/products?{}&#38;after=a%2Bb", asked.replace('&', "&#38;"));
    assert!(text.contains(&format!("href=\"{more}\"")), "{text}");
    pages.get(&more.replace("&#38;", "&")).await.assert_status(200);
    let asked =
        "limit=24&q=t%C3%A9a+%26+%22mug%22&category=kitchen&sort=-price&min_price=100&max_price=2000&currency=EUR";
    assert_eq!(services.asked(), [asked.to_owned(), format!("{asked}&after=a%2Bb")]);
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

#[tokio::test]
async fn a_price_that_is_none_stands_in_its_field_and_nothing_is_asked() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "items": [], "next": null })).await;
    for wrong in ["abc", "1.299,00", "-1"] {
        let page = pages.get(&format!("/products?q=mug&from={wrong}")).await;
        let text = &page.assert_status(400).text;
        assert!(text.contains("That is no price.") && text.contains(&format!("value=\"{wrong}\"")), "{text}");
        assert!(text.contains("aria-invalid=\"true\"") && text.contains("value=\"mug\""), "{text}");
    }
    assert!(services.asked().is_empty());
}

#[tokio::test]
async fn the_shop_opens_with_its_categories_and_what_is_new() {
    let items = [product("Stoneware mug", 30, &Value::Null)];
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "items": items, "next": null })).await;
    let home = pages.get("/").await;
    let text = &home.assert_status(200).text;
    for part in ["href=\"/products?category=kitchen\">Kitchen &#38; table <span>3</span>", "Stoneware mug", "in stock"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(services.asked(), ["limit=8&sort=newest"]);
}

/// It is the same for all who are not logged in; a browser that has it gets no second copy.
#[tokio::test]
async fn a_page_of_the_catalogue_is_kept_and_asked_about_by_its_tag() {
    let items = [product("Stoneware mug", 30, &Value::Null)];
    let (_, pages) = Services::answering(StatusCode::OK, json!({ "items": items, "next": null })).await;
    for path in ["/", "/products", "/products?category=kitchen"] {
        let page = pages.get(path).await;
        page.assert_status(200);
        assert_eq!(page.headers["cache-control"], "public, max-age=10, stale-while-revalidate=600", "{path}");
        assert_eq!(page.headers["vary"], "accept-language, cookie");
        let tag = page.headers["etag"].to_str().unwrap();
        let again = Client::new(&pages.url).with_header("if-none-match", tag).get(path).await;
        assert_eq!((again.assert_status(304).text.as_str(), &again.headers["etag"]), ("", &page.headers["etag"]));
        let other = Client::new(&pages.url).with_header("if-none-match", "\"other\"").get(path).await;
        assert_eq!(other.assert_status(200).text, page.text);
    }
}

#[tokio::test]
async fn search_engines_are_told_of_every_product_and_of_nobody_s_own_pages() {
    let items = [product("Stoneware mug", 3, &Value::Null)];
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "items": items, "next": null })).await;
    let robots = pages.get("/robots.txt").await;
    for line in ["Disallow: /cart\n", "Disallow: /office\n", "Sitemap: http://localhost:8080/sitemap.xml\n"] {
        assert!(robots.assert_status(200).text.contains(line), "{line}: {}", robots.text);
    }
    let map = pages.get("/sitemap.xml").await;
    assert_eq!(map.assert_status(200).headers["content-type"], "application/xml; charset=utf-8");
    for part in [
        "<loc>http://localhost:8080/</loc>",
        "<loc>http://localhost:8080/products?category=kitchen</loc>",
        "<loc>http://localhost:8080/products/MUG-1</loc><lastmod>2026-01-02</lastmod>",
    ] {
        assert!(map.text.contains(part), "{part}: {}", map.text);
    }
    assert_eq!(services.asked(), ["limit=100&sort=newest"]);
    crate::services::pages(NOWHERE).await.get("/sitemap.xml").await.assert_status(503);
}

#[tokio::test]
async fn what_pages_are_made_of_is_shown_in_development_alone() {
    let design = pages(NOWHERE).await.get("/design").await;
    for part in ["--green", "A few left", "only 3 left", "A field that is wrong must not be empty."] {
        assert!(design.assert_status(200).text.contains(part), "{part}: {}", design.text);
    }
    let production = pages_with(&[("ECOM_ENV", "production"), ("PUBLIC_URL", "https://shop.test")]).await;
    production.get("/design").await.assert_status(404);
}
