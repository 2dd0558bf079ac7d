//! What shoppers are shown is kept for a moment, given compressed to who takes it, and not again to who has it.

use crate::support::{Shop, sample};
use product_service::{SeedProduct, seed};
use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};
use std::time::Duration;

async fn ask(shop: &Shop, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = reqwest::Client::new().request(method, format!("{}{path}", shop.running.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn get(shop: &Shop, path: &str, headers: &[(&str, &str)]) -> Response {
    ask(shop, Method::GET, path, headers).await
}

fn said(response: &Response, name: header::HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_client_has_is_not_sent_again() {
    let shop = Shop::open().await;
    shop.stock(&[("MUG", 3), ("PAN", 3)]).await;
    let by_id = shop.path("MUG").await;
    for path in ["/products", "/products?sort=name&limit=1", "/categories", "/products/by-sku/MUG", &by_id] {
        let first = get(&shop, path, &[]).await;
        assert_eq!((first.status(), said(&first, header::CACHE_CONTROL)), (StatusCode::OK, "no-cache"), "{path}");
        assert_eq!(said(&first, header::VARY), "Accept-Encoding, Authorization");
        let tag = said(&first, header::ETAG).to_owned();
        let length = first.content_length().unwrap();
        assert_eq!(first.bytes().await.unwrap().len() as u64, length);
        for has in [tag.clone(), format!("\"other\", {tag}"), format!("W/{tag}"), format!("\"a\",,W/{tag}"), "*".into()]
        {
            for method in [Method::GET, Method::HEAD] {
                let answer = ask(&shop, method, path, &[("if-none-match", &has)]).await;
                assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{path} {has}");
                assert_eq!(
                    (said(&answer, header::CACHE_CONTROL), said(&answer, header::VARY)),
                    ("no-cache", "Accept-Encoding, Authorization")
                );
                assert!(has == "*" || said(&answer, header::ETAG) == tag);
                assert!(answer.bytes().await.unwrap().is_empty());
            }
        }
        for lacks in ["\"other\"", "W/\"other\"", "nonsense", "", "\"a", "*, \"b\""] {
            assert_eq!(get(&shop, path, &[("if-none-match", lacks)]).await.status(), StatusCode::OK, "{path} {lacks}");
        }
        let head = ask(&shop, Method::HEAD, path, &[]).await;
        assert_eq!((head.status(), said(&head, header::ETAG)), (StatusCode::OK, tag.as_str()));
        assert_eq!(said(&head, header::CONTENT_LENGTH), length.to_string());
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_is_compressed_for_who_takes_that_alone() {
    let shop = Shop::open().await;
    let names: Vec<String> = (0..20).map(|number| format!("S{number}")).collect();
    shop.stock(&names.iter().map(|name| (name.as_str(), 1)).collect::<Vec<_>>()).await;
    let plain = get(&shop, "/products", &[]).await;
    let tag = said(&plain, header::ETAG).trim_matches('"').to_owned();
    assert_eq!(said(&plain, header::CONTENT_ENCODING), "");
    let length = plain.bytes().await.unwrap().len();
    let zipped = get(&shop, "/products", &[("accept-encoding", "br, gzip;q=0.8")]).await;
    assert_eq!(said(&zipped, header::CONTENT_ENCODING), "gzip");
    assert_eq!(said(&zipped, header::ETAG), format!("\"{tag}-gzip\""));
    let body = zipped.bytes().await.unwrap();
    assert!(body.starts_with(&[0x1F, 0x8B]) && body.len() * 3 < length, "{} of {length}", body.len());
    let refused = get(&shop, "/products", &[("accept-encoding", "gzip;q=0, identity")]).await;
    assert_eq!(said(&refused, header::CONTENT_ENCODING), "");
    // Whichever form the client has.
    for has in [format!("\"{tag}\""), format!("\"{tag}-gzip\"")] {
        let answer = get(&shop, "/products", &[("accept-encoding", "gzip"), ("if-none-match", &has)]).await;
        assert_eq!((answer.status(), said(&answer, header::ETAG)), (StatusCode::NOT_MODIFIED, has.as_str()));
    }
    let short = get(&shop, "/products/by-sku/S1", &[("accept-encoding", "gzip")]).await;
    assert_eq!(said(&short, header::CONTENT_ENCODING), "");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_staff_change_shows_at_once_and_all_else_within_a_second() {
    let shop = Shop::open().await;
    seed(&shop.running.kit, vec![SeedProduct { name: "Mug".to_owned(), ..sample("MUG", 3) }]).await.unwrap();
    let path = shop.path("MUG").await;
    let shown = async || shop.anybody().get(&path).await.expect::<Value>(200);
    let listed = async || shop.anybody().get("/products").await.expect::<Value>(200)["items"][0].clone();
    assert_eq!((&shown().await["name"], &listed().await["name"]), (&json!("Mug"), &json!("Mug")));
    // Its tag names the version: it is what a change wants.
    let tag = said(&get(&shop, &path, &[]).await, header::ETAG).to_owned();
    assert!(tag.starts_with("\"1-"), "{tag}");
    let staff = shop.staff().with_header("if-match", tag.clone());
    staff.send(Method::PATCH, &path, Some(json!({ "name": "Cup" }))).await.assert_status(200);
    assert_eq!((&shown().await["name"], &listed().await["name"]), (&json!("Cup"), &json!("Cup")));
    staff.send(Method::PATCH, &path, Some(json!({ "name": "Pot" }))).await.assert_problem(412, "version_stale");
    // What the client has is told from what there is by stock too, which makes no version.
    let before = said(&get(&shop, &path, &[]).await, header::ETAG).to_owned();
    shop.held(&[("MUG", 2)]).await;
    tokio::time::timeout(Duration::from_secs(2), async {
        while get(&shop, &path, &[("if-none-match", &before)]).await.status() == StatusCode::NOT_MODIFIED {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!((&shown().await["available"], &listed().await["available"]), (&json!(1), &json!(1)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_for_staff_is_neither_kept_nor_given_to_others() {
    let shop = Shop::open().await;
    let body = json!({ "sku": "NEW", "name": "New", "category": "things", "price": { "amount": 5, "currency": "EUR" },
        "status": "draft" });
    shop.stock(&[("MUG", 3)]).await;
    shop.staff().post("/products", body).await.assert_status(201);
    let path = shop.path("NEW").await;
    shop.staff().get(&path).await.assert_status(200);
    shop.anybody().get(&path).await.assert_problem(404, "product_not_found");
    let drafts: Value = shop.staff().get("/products?status=draft").await.expect(200);
    assert_eq!(drafts["items"][0]["sku"], "NEW");
    shop.anybody().get("/products?status=draft").await.assert_status(401);
    let token = format!("Bearer {}", shop.signer.customer().1);
    let personal = get(&shop, "/products", &[("authorization", &token)]).await;
    assert_eq!((personal.status(), said(&personal, header::CACHE_CONTROL)), (StatusCode::OK, "no-store"));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_at_one_list_reads_it_once_a_second() {
    let shop = Shop::open().await;
    shop.stock(&[("MUG", 3)]).await;
    let _warm = shop.anybody().get("/products?sort=name").await;
    // What happens behind the service's back is not seen by those who ask in the same moment.
    let rename = "UPDATE products SET name = 'Behind', version = version + 1";
    let asked = async {
        let first = shop.anybody().get("/products?sort=newest").await.expect::<Value>(200);
        sqlx::query(rename).execute(shop.database.pool()).await.unwrap();
        let mut seen = Vec::new();
        for _ in 0..20 {
            seen.push(shop.anybody().get("/products?sort=newest").await.expect::<Value>(200) == first);
        }
        seen
    };
    assert!(asked.await.into_iter().take(5).all(|same| same));
    shop.close().await;
}
