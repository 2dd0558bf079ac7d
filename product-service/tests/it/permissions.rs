//! Who may do what.

use crate::support::{Checkout, Shop};
use contracts::ServiceName;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn staff_routes_are_closed_to_customers_and_strangers() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let path = shop.path("A").await;
    let (_, token) = shop.signer.customer();
    let routes = [
        (Method::POST, "/products".to_owned()),
        (Method::PATCH, path.clone()),
        (Method::POST, format!("{path}/archive")),
        (Method::PUT, format!("{path}/picture")),
        (Method::GET, "/products/stock".to_owned()),
        (Method::GET, "/products/figures".to_owned()),
        (Method::GET, format!("{path}/stock")),
        (Method::POST, format!("{path}/stock-adjustments")),
        (Method::PUT, "/categories/things".to_owned()),
        (Method::GET, "/products?status=draft".to_owned()),
        (Method::GET, "/products?status=archived".to_owned()),
    ];
    let service = shop.signer.service(ServiceName::Order, ServiceName::Product);
    for (method, route) in routes {
        let wanted = route.ends_with("/stock-adjustments");
        let body = wanted.then(|| json!({ "quantity": 1, "reason": "restocked" }));
        let stranger = shop.anybody().with_header("if-match", "\"1\"");
        let refused = stranger.send(method.clone(), &route, body.clone()).await;
        refused.assert_problem(401, "token_required");
        let customer = stranger.with_token(&token).send(method.clone(), &route, body.clone()).await;
        customer.assert_problem(403, "forbidden");
        let other_kind = stranger.with_token(&service).send(method, &route, body).await;
        other_kind.assert_problem(401, "invalid_token");
    }
    assert_eq!((shop.product("A").await["version"].clone(), shop.level("A").await), (json!(1), (5, 0)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_order_service_may_reserve() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let (route, body) = ("/internal/reservations", Checkout::new().request(&[("A", 1)]));
    shop.anybody().post(route, body.clone()).await.assert_problem(401, "token_required");
    shop.staff().post(route, body.clone()).await.assert_problem(401, "invalid_token");
    for service in ServiceName::ALL.into_iter().filter(|service| *service != ServiceName::Order) {
        let token = shop.signer.service(service, ServiceName::Product);
        let refused = shop.anybody().with_token(token).post(route, body.clone()).await;
        assert!(
            refused.status == 403 || (service == ServiceName::Product && refused.status == 401),
            "{}",
            refused.text
        );
    }
    // A token for somebody else's door.
    let elsewhere = shop.signer.service(ServiceName::Order, ServiceName::Payment);
    shop.anybody().with_token(elsewhere).post(route, body).await.assert_problem(401, "invalid_token");
    assert_eq!(shop.level("A").await, (5, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_look_around() {
    let shop = Shop::open().await;
    shop.stock(&[("A", 5)]).await;
    let path = shop.path("A").await;
    for route in ["/products", "/products?status=active", "/categories", path.as_str(), "/products/by-sku/A"] {
        let _: Value = shop.anybody().get(route).await.expect(200);
    }
    shop.close().await;
}
