//! What products look like.

use crate::support::{Shop, sample};
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder, codecs::png::PngEncoder};
use product_service::seed;
use serde_json::{Value, json};

const RED: &str = r#"<svg xmlns="http://www.w3.org/2000/svg"><rect fill="red"/></svg>"#;

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
    let acting = r#"<svg xmlns="http://www.w3.org/2000/svg"><rect onclick="alert(1)"/></svg>"#;
    for bytes in
        [acting, "hello", "<html><script>alert(1)</script></html>", "<svg><g></svg>", "GIF89a", "\u{FFFD}PNG\r\n"]
    {
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

/// The answer to a picture that staff puts, at the version that is there.
pub(crate) async fn put(shop: &Shop, kind: &str, bytes: Vec<u8>) -> (u16, Value) {
    put_at(&shop.running.url, shop, kind, bytes).await
}

/// The same at another copy of the service.
pub(crate) async fn put_at(service: &str, shop: &Shop, kind: &str, bytes: Vec<u8>) -> (u16, Value) {
    let product = shop.product("A").await;
    let url = format!("{service}{}/picture", shop.path("A").await);
    let request = reqwest::Client::new().put(&url).bearer_auth(shop.signer.admin()).body(bytes);
    let version = format!("\"{}\"", product["version"]);
    let answer = request.header("content-type", kind).header("if-match", version).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

/// A photograph, with where it was taken.
pub(crate) fn photograph(width: u32, height: u32) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| {
        Rgb(if (x / 50 + y / 50) % 2 == 0 { [250, 9, 99] } else { [7, 77, 7] })
    });
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 60);
    image::ImageEncoder::set_exif_metadata(&mut encoder, b"MM\0*\0\0\0\x08\0\0GPS 52.5163 13.3777".to_vec()).unwrap();
    encoder.encode_image(&pixels).unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photograph_is_answered_as_wide_as_it_is_shown_and_without_where_it_was_taken() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 1)]).await;
    let photograph = photograph(900, 600);
    assert!(photograph.windows(3).any(|three| three == b"GPS"));
    let (status, product) = put(&shop, "image/jpeg", photograph.clone()).await;
    assert_eq!(status, 200, "{product}");
    let address = product["picture"].as_str().unwrap();
    let http = reqwest::Client::new();
    for (wanted, width) in [("", 900), ("?width=1", 320), ("?width=320", 320), ("?width=321", 640), ("?width=700", 900)]
    {
        let answer = http.get(format!("{}{address}{wanted}", shop.running.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{wanted}");
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
        let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
        let bytes = answer.bytes().await.unwrap();
        assert!(!bytes.windows(3).any(|three| three == b"GPS"), "{wanted}");
        let shown = image::load_from_memory(&bytes).unwrap();
        assert_eq!((shown.width(), shown.height()), (width, width * 2 / 3), "{wanted}");
        let again = http.get(format!("{}{address}{wanted}", shop.running.url)).header("if-none-match", &tag);
        let again = again.send().await.unwrap();
        assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, &*tag));
    }
    for wrong in ["?width=0", "?width=-1", "?width=10001", "?width=wide", "?height=3", "?width=1&width=2"] {
        shop.anybody().get(&format!("{address}{wrong}")).await.assert_problem(400, "invalid_query");
    }
    let current = shop.anybody().get(&format!("{}/picture?width=320", shop.path("A").await)).await;
    assert_eq!(current.assert_status(200).headers["cache-control"], "public, max-age=300");
    // The same once more is the same.
    let (_, again) = put(&shop, "image/jpeg", photograph).await;
    assert_eq!((&again["picture"], &again["version"]), (&product["picture"], &product["version"]));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_bytes_that_would_be_gigabytes_of_pixels_are_refused_and_said_why() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 1)]).await;
    let mut bomb = Vec::new();
    RgbImage::new(1, 1).write_with_encoder(PngEncoder::new(&mut bomb)).unwrap();
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let (status, refused) = put(&shop, "image/png", bomb).await;
    assert_eq!((status, &refused["code"]), (415, &json!("not_a_picture")));
    let why = "The picture has too many pixels, or none: 10,000 in a row and 16 million in all are taken.";
    assert_eq!(refused["detail"], why);
    // One that begins well, and breaks off.
    let mut broken = Vec::new();
    let pixels = RgbImage::from_fn(200, 200, |x, y| Rgb(if x * y % 7 < 3 { [250, 9, 99] } else { [7, 77, 7] }));
    pixels.write_with_encoder(PngEncoder::new(&mut broken)).unwrap();
    broken.truncate(broken.len() / 2);
    let (status, refused) = put(&shop, "image/png", broken).await;
    assert_eq!((status, &refused["code"]), (415, &json!("not_a_picture")), "{refused}");
    assert_eq!(shop.product("A").await["version"], 1);
    shop.close().await;
}
