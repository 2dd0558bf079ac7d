//! Opening a page asks for what it shows, whatever stands in its address, and changes nothing.

use crate::stand_in::{Desk, ada, erasure, logged_in, second_factor};
use serde_json::json;

const ADDRESS: &str = "01890a5d-ac96-774b-bcce-b302099a8061";

fn everything_is_there(desk: &Desk) {
    let none = json!({ "items": [], "next": null });
    let address = json!({ "items": [{
        "id": ADDRESS, "name": "Ada", "line1": "12 Square", "line2": null, "postal_code": "1", "city": "London",
        "region": null, "country": "GB", "default_shipping": false, "default_billing": false, "version": 1,
    }], "next": null });
    desk.answer("GET /auth/current-user", 200, ada()).answer("GET /auth/second-factor", 200, second_factor(true));
    desk.answer("GET /auth/addresses", 200, address).answer("GET /auth/exports", 200, none);
    desk.answer("GET /auth/erasure", 200, erasure("waiting"));
    desk.answer("POST /auth/erasure/progress", 200, erasure("waiting"));
}

#[tokio::test]
async fn no_page_does_anything_by_being_opened() {
    let (desk, browser) = logged_in(900).await;
    everything_is_there(&desk);
    let one = format!("/account/addresses/{ADDRESS}");
    let filled = format!(
        "token=abc&password=correct+horse&code=123456&understood=yes&keep=yes&delete={ADDRESS}&shipping={ADDRESS}&\
         first_name=Eve&name=Eve&line1=1&postal_code=1&city=1&country=DE"
    );
    for (path, status) in [
        ("/account", 200),
        ("/account/profile", 200),
        ("/account/addresses", 200),
        ("/account/addresses/new", 200),
        (&one, 200),
        ("/account/second-factor", 200),
        ("/account/second-factor/begin", 200),
        // Nothing was begun.
        ("/account/second-factor/confirm", 303),
        ("/account/second-factor/recovery-codes", 200),
        ("/account/second-factor/give-up", 200),
        ("/account/data", 200),
        ("/account/data/copy", 200),
        ("/account/data/erasure", 200),
        ("/erasure", 200),
    ] {
        let page = browser.get(&format!("{path}?{filled}")).await;
        assert_eq!((page.status, page.cookies().len()), (status, 0), "{path}");
        page.lacks(&["correct horse", "123456", "Eve", "<script"]);
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
    }
    // Which is asked by a POST, since a token has no place in an address.
    let reads = |line: &String| line.starts_with("GET ") || line == "POST /auth/erasure/progress";
    assert!(desk.lines().iter().all(reads), "{:?}", desk.lines());
}
