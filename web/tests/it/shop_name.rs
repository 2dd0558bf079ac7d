//! The shop is called what its operator calls it, on every page.

use crate::{
    services::NOWHERE,
    stand_in::{Browser, Desk},
};
use serde_json::{Value, json};
use service_kit::Env;

const NAME: &str = "Ada's <Engines> & Söhne";
const SHOWN: &str = "Ada&#39;s &#60;Engines&#62; &#38; Söhne";

fn product() -> Value {
    json!({
        "id": "01890a5d-ac96-774b-bcce-b302099a8070", "sku": "MUG", "name": "A mug", "description": "Holds tea.",
        "category": "kitchen", "price": { "amount": 1299, "currency": "EUR" }, "available": 3, "picture": null,
        "status": "active", "version": 3, "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
    })
}

#[tokio::test]
async fn it_stands_in_titles_in_the_header_and_in_what_programs_read() {
    let desk = Desk::default();
    let browser = Browser::at(&desk.pages(&[("SHOP_NAME", NAME)]).await);
    desk.answer("GET /products/by-sku/MUG", 200, product());
    desk.answer("GET /products?limit=8", 200, json!({ "items": [], "next": null }));
    desk.answer("GET /categories", 200, json!({ "items": [], "next": null }));
    // Also where there is no page, and where a page was not even begun.
    let none = browser.get("/nothing/here").await;
    let too_large = browser.send("/login", &[("email", &"x".repeat(300_000))]).await;
    let (home, product) = (browser.get("/").await, browser.get("/products/MUG").await);
    for (page, status) in [(&none, 404), (&too_large, 413), (&home, 200), (&product, 200)] {
        let title = format!(" · {SHOWN}</title>");
        page.holds(status, &[&title, &format!("height=\"26\">{SHOWN}</a>")]).lacks(&["Ecom-Micro", "<Engines>"]);
    }
    home.holds(200, &[&format!("<meta property=\"og:title\" content=\"{SHOWN}\">")]);
    product.holds(200, &[&format!("<meta property=\"og:site_name\" content=\"{SHOWN}\">")]);
    let data = product.text.split("ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["offers"]["seller"], json!({ "@type": "Organization", "name": NAME }));
}

#[tokio::test]
async fn nobody_named_it() {
    let desk = Desk::default();
    for variables in [&[][..], &[("SHOP_NAME", "")]] {
        let browser = Browser::at(&desk.pages(variables).await);
        browser.get("/developers").await.holds(200, &["· Ecom-Micro</title>"]);
    }
}

#[test]
fn what_is_no_name_is_refused() {
    let long = "x".repeat(61);
    for wrong in [" ", "two\nlines", "\u{7}", &long] {
        let env = Env::of([("SHOP_NAME", wrong), ("ORDER_SERVICE_URL", NOWHERE)]);
        let refused = web::Settings::read(&env).unwrap_err().to_string();
        assert!(refused.starts_with("SHOP_NAME") && refused.contains("1 to 60 characters"), "{refused}");
    }
    web::Settings::read(&Env::of([("SHOP_NAME", &long[..60])])).unwrap();
}
