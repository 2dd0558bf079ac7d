//! Permissions are parameters: what the routes of a running service answer to whom.

use crate::support::{Sample, Way, database};
use contracts::ServiceName::{Order, Payment, Product};
use service_kit::Clock;
use test_kit::{Answer, Signer};

struct Door {
    sample: Sample,
    signer: Signer,
}

impl Door {
    async fn open() -> Self {
        let database = database().await;
        let signer = Signer::trusted_by(&database).await;
        let bus = Way::Local.bus(&database);
        Self { sample: Sample::start_on(database, bus, Clock::system()).await, signer }
    }

    async fn get(&self, path: &str, token: Option<String>) -> Answer {
        let client = self.sample.running.client();
        token.map_or(client.clone(), |token| client.with_token(token)).get(path).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_without_a_token() {
    let door = Door::open().await;
    for path in ["/me", "/staff", "/internal/notes"] {
        let refused = door.get(path, None).await;
        refused.assert_problem(401, "token_required");
        assert_eq!(refused.headers["www-authenticate"], "Bearer");
        door.get(path, Some("a.b.c".to_owned())).await.assert_problem(401, "invalid_token");
    }
    for scheme in ["Basic dXNlcjpwYXNz", "Bearer", "bearer"] {
        let client = door.sample.running.client().with_header("Authorization", scheme);
        client.get("/me").await.assert_problem(401, "token_required");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_as_far_as_their_role() {
    let door = Door::open().await;
    let (id, token) = door.signer.customer();
    assert_eq!(door.get("/me", Some(token.clone())).await.assert_status(200).text, id.to_string());
    door.get("/staff", Some(token.clone())).await.assert_problem(403, "forbidden");
    door.get("/internal/notes", Some(token)).await.assert_problem(401, "invalid_token");
    door.get("/staff", Some(door.signer.admin())).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_get_as_far_as_the_route_lists_them() {
    let door = Door::open().await;
    let token = door.signer.service(Payment, Order);
    assert_eq!(door.get("/internal/notes", Some(token.clone())).await.assert_status(200).text, "payment-service");
    door.get("/internal/notes", Some(door.signer.service(Product, Order))).await.assert_problem(403, "forbidden");
    // Meant for somebody else: a callee must not be able to use what it was shown.
    door.get("/internal/notes", Some(door.signer.service(Payment, Product))).await.assert_problem(401, "invalid_token");
    door.get("/me", Some(token)).await.assert_problem(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_routes_are_not_among_the_public_ones() {
    let door = Door::open().await;
    let settings = crate::support::settings(&door.sample.database);
    let bus = Way::Local.bus(&door.sample.database);
    let service = crate::sample::build(settings, bus, Clock::system(), std::sync::Arc::default()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = test_kit::Client::new(format!("http://{}", listener.local_addr().unwrap()));
    let public = service.public();
    tokio::spawn(async move { axum::serve(listener, public).await });
    client.get("/me").await.assert_problem(401, "token_required");
    for path in ["/internal/notes", "/metrics", "/readyz", "/livez", "/.well-known/jwks.json"] {
        client.get(path).await.assert_problem(404, "not_found");
    }
}
