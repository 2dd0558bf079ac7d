//! What products look like.

use crate::support::{Shop, sample};
use product_service::seed;
use serde_json::{Value, json};

const RED: &str = r#"<svg xmlns="http://www.w3.org/2000/svg"><rect fill="red" onclick="alert(1)"/></svg>"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_cannot_run_anything_and_may_be_kept_for_ever() {
    let shop = Shop::open().await;
    let mut product = sample("A", 1);
    RED.clone_into(&mut product.picture);
    seed(&shop.running.kit, vec![product]).await.unwrap();
    let address = shop.product("A").await["picture"].as_str().unwrap().to_owned();
    let picture = shop.anybody().get(&address).await;
    picture.assert_status(200);
    assert_eq!(picture.text, RED);
    assert_eq!(picture.headers.get_all("content-type").iter().collect::<Vec<_>>(), ["image/svg+xml"]);
    let policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'";
    assert_eq!(picture.headers["content-security-policy"], policy);
    assert_eq!(picture.headers["x-content-type-options"], "nosniff");
    assert_eq!(picture.headers["cache-control"], "public, max-age=31536000, immutable");
    let current = shop.anybody().get(&format!("{}/picture", shop.path("A").await)).await;
    assert_eq!(
        (current.text.as_str(), &current.headers["cache-control"]),
        (RED, &json!("public, max-age=300").as_str().unwrap().parse().unwrap())
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_gives_a_product_another_picture_under_another_address() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 1)]).await;
    let before = shop.product("A").await;
    let url = format!("{}{}/picture", shop.running.url, shop.path("A").await);
    let put = |content_type: &'static str, version: &'static str| {
        let request = reqwest::Client::new().put(&url).bearer_auth(shop.signer.admin());
        request.header("content-type", content_type).header("if-match", version).body(RED).send()
    };
    assert_eq!(put("text/html", "\"1\"").await.unwrap().status(), 415);
    assert_eq!(put("image/png", "\"1\"").await.unwrap().status(), 415);
    assert_eq!(put("image/svg+xml", "\"9\"").await.unwrap().status(), 412);
    let changed = put("image/svg+xml", "\"1\"").await.unwrap();
    assert_eq!(changed.status(), 200);
    let product: Value = serde_json::from_str(&changed.text().await.unwrap()).unwrap();
    assert_eq!(product["version"], 2);
    assert_ne!(product["picture"], before["picture"]);
    let shown = shop.anybody().get(product["picture"].as_str().unwrap()).await;
    assert_eq!(shown.text, RED);
    // Who still shows the old address is not left without a picture.
    shop.anybody().get(before["picture"].as_str().unwrap()).await.assert_status(200);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_picture_are_refused_whatever_they_are_called() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 1)]).await;
    let pictures = "SELECT count(*) FROM pictures";
    let before = shop.database.count(pictures).await;
    let url = format!("{}{}/picture", shop.running.url, shop.path("A").await);
    for bytes in ["hello", "<html><script>alert(1)</script></html>", "<svg><g></svg>", "GIF89a", "\u{FFFD}PNG\r\n"] {
        for kind in ["image/svg+xml", "image/png", "image/jpeg", "image/webp"] {
            let request = reqwest::Client::new().put(&url).bearer_auth(shop.signer.admin());
            let answer =
                request.header("content-type", kind).header("if-match", "\"1\"").body(bytes).send().await.unwrap();
            assert_eq!(answer.status(), 415, "{bytes} as {kind}");
            assert!(answer.text().await.unwrap().contains("not_a_picture"));
        }
    }
    assert_eq!(shop.database.count(pictures).await, before);
    // What was stored before is still shown, and cannot run anything either.
    sqlx::query("UPDATE pictures SET bytes = '<html></html>'").execute(shop.database.pool()).await.unwrap();
    let shown = shop.anybody().get(shop.product("A").await["picture"].as_str().unwrap()).await;
    assert_eq!(shown.assert_status(200).headers["x-content-type-options"], "nosniff");
    assert!(shown.headers["content-security-policy"].to_str().unwrap().starts_with("sandbox; default-src 'none'"));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_picture_at_a_made_up_name() {
    let shop = Shop::open().await;
    for name in ["nothing.svg", "%00", "..%2f..%2fetc%2fpasswd", "a'b"] {
        shop.anybody().get(&format!("/products/pictures/{name}")).await.assert_problem(404, "picture_not_found");
    }
    shop.close().await;
}
