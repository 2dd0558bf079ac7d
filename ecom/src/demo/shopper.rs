//! The shopper: does through the API what a person would do.

use super::{api::Api, journey::Journey, mailbox, wait::wait_for};
use anyhow::{Context, ensure};
use http::StatusCode;
use operate::terminal::say;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

/// Registers, confirms, logs in, orders two products, waits until the order is settled and its mail is there.
pub(super) async fn order_two(url: &Url, mailpit: &Url, method: &str) -> anyhow::Result<()> {
    let (mut api, mailpit, mut journey) = (Api::new(url), Api::new(mailpit), Journey::begin());
    let address = register(&mut api, &mailpit, &mut journey).await?;
    let lines = choose(&api, &mut journey).await?;
    let asked = journey.millis();
    let order = place(&api, &mut journey, &lines, method).await?;
    let id = order["id"].as_str().context("the order has no id")?;

    let settled = wait_for("the order to be settled", async || {
        journey.look(&api).await?;
        let order = api.get(&format!("/api/orders/{id}")).await?.expect(200, "GET /api/orders/{id}")?;
        Ok((order["status"] != "pending").then_some(order))
    })
    .await?;
    let status = settled["status"].as_str().unwrap_or_default().to_owned();
    let number = settled["number"].to_string();
    // By the server's clock: our own looks are 20 ms apart.
    let took = journey.millis_of(&api, id, &status).await?.map(|settled| settled - asked);
    let took = took.map_or_else(String::new, |millis| format!(", {millis} ms after the order was sent"));
    journey.step(&api, "order settled", &format!("order {number} is {status}{took}")).await?;
    let word = if status == "paid" { "confirmed" } else { "cancelled" };
    let about_it = |mail: &mailbox::Mail| mail.subject.contains(&number) && mail.subject.contains(word);
    let mail = mailbox::wait(&api, &mailpit, &mut journey, &address, about_it).await?;
    journey.step(&api, "mail arrived", &format!("“{}”", mail.subject)).await?;
    if journey.shows_events() {
        journey.look_to_the_end(&api).await?;
    } else {
        journey.show_timeline(&api, id).await?;
    }
    show_stock(&api, &mut journey, &lines).await?;
    let unread =
        api.get("/api/notifications/unread-count").await?.expect(200, "GET /api/notifications/unread-count")?;
    journey.step(&api, "in-app messages", &format!("GET  /api/notifications/unread-count  {unread}")).await?;
    let payments = api.get(&format!("/api/payments?order_id={id}")).await?.expect(200, "GET /api/payments")?;
    let payment = &payments["items"][0];
    journey.step(&api, "payment", &format!("GET  /api/payments?order_id=…  {}", payment["status"])).await?;
    say(format!("\nDone: order {number} is {status}."));
    let shown = format!("/flow/orders/{id}");
    if api.get(&shown).await?.status == StatusCode::OK {
        say(format!("Its journey through the services: {}", url.join(&shown)?));
    }
    let expected = if method == "sim_declined" { "cancelled" } else { "paid" };
    ensure!(status == expected, "order {number} is {status}, expected {expected}");
    Ok(())
}

/// A fresh shopper with a confirmed address, logged in; gives the address.
async fn register(api: &mut Api, mailpit: &Api, journey: &mut Journey) -> anyhow::Result<String> {
    let address = format!("ada.{}@example.com", &Uuid::new_v4().simple().to_string()[..8]);
    let password = Uuid::new_v4().to_string();
    let person = json!({
        "first_name": "Ada", "last_name": "Lovelace", "email": address, "password": password,
        "address": "12 St James's Square, London", "phone": "+44 20 7946 0000",
    });
    let registered = api.post("/api/auth/register", person, None).await?.expect(201, "POST /api/auth/register")?;
    let account = registered["user_id"].as_str().context("no user_id")?.to_owned();
    journey.follow(&account);
    journey.step(api, "registered", &format!("POST /api/auth/register  201  {address}")).await?;

    let mail = mailbox::wait(api, mailpit, journey, &address, |mail| mail.token().is_some()).await?;
    journey.step(api, "mail arrived", &format!("“{}”", mail.subject)).await?;
    let token = mail.token().context("the mail has no link")?;
    api.post("/api/auth/verify-email", json!({"token": token, "password": password}), None)
        .await?
        .expect(200, "POST /api/auth/verify-email")?;
    journey.step(api, "address confirmed", "POST /api/auth/verify-email  200").await?;

    let login = json!({ "email": address, "password": password });
    let session = api.post("/api/auth/login", login, None).await?.expect(200, "POST /api/auth/login")?;
    api.token = session["token"].as_str().map(str::to_owned);
    journey.step(api, "logged in", "POST /api/auth/login  200").await?;
    Ok(address)
}

/// The first two products of which enough is left.
async fn choose(api: &Api, journey: &mut Journey) -> anyhow::Result<Vec<(Value, u32)>> {
    let page = api.get("/api/products?limit=50&sort=price").await?.expect(200, "GET /api/products")?;
    let items = page["items"].as_array().context("no products")?;
    let enough = items.iter().filter(|product| product["available"].as_i64() >= Some(2));
    let lines: Vec<_> = enough.take(2).cloned().zip([1, 2]).collect();
    ensure!(lines.len() == 2, "the shop has no two products in stock: `ecom seed` puts the sample catalogue in");
    for (product, quantity) in &lines {
        journey.step(api, "found a product", &describe(product, *quantity)).await?;
    }
    Ok(lines)
}

fn describe(product: &Value, quantity: u32) -> String {
    let text = |field: &str| product[field].as_str().unwrap_or_default();
    let price = serde_json::from_value::<contracts::Money>(product["price"].clone());
    let price = price.map_or_else(|_| String::new(), |price| price.to_string());
    format!("{quantity} × {} ({}), {price}, {} left", text("name"), text("sku"), product["available"])
}

async fn place(api: &Api, journey: &mut Journey, lines: &[(Value, u32)], method: &str) -> anyhow::Result<Value> {
    let lines = lines.iter().map(|(product, quantity)| json!({ "sku": product["sku"], "quantity": quantity }));
    let order = json!({
        "lines": lines.collect::<Vec<_>>(),
        "payment_method": method,
        "shipping_address": {
            "name": "Ada Lovelace", "line1": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London",
            "country": "GB",
        },
    });
    let key = Uuid::new_v4().to_string();
    let order = api.post("/api/orders", order, Some(&key)).await?.expect(201, "POST /api/orders")?;
    let total = serde_json::from_value::<contracts::Money>(order["total"].clone())?;
    journey.follow(order["id"].as_str().context("the order has no id")?);
    let said = format!("POST /api/orders  201  order {}, {total}, {}", order["number"], order["status"]);
    journey.step(api, "ordered", &said).await?;
    Ok(order)
}

async fn show_stock(api: &Api, journey: &mut Journey, lines: &[(Value, u32)]) -> anyhow::Result<()> {
    for (before, _) in lines {
        let id = before["id"].as_str().unwrap_or_default();
        let now = api.get(&format!("/api/products/{id}")).await?.expect(200, "GET /api/products/{id}")?;
        let detail =
            format!("{}: {} → {} left", now["sku"].as_str().unwrap_or_default(), before["available"], now["available"]);
        journey.step(api, "stock", &detail).await?;
    }
    Ok(())
}
