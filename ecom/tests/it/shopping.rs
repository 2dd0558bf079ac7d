//! Somebody buys by the pages alone, over the services as they are.

use crate::support::{Shop, Way};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use test_kit::{Answer, Client, until};

/// Keeps cookies, and follows nothing.
struct Browser {
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    fn at(shop: &Shop) -> Self {
        let client = shop.visitor().with_header("sec-fetch-site", "same-origin");
        Self { client, cookies: Mutex::default() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.kept(self.client().get(path).await)
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.kept(self.client().post_form(path, fields).await)
    }

    fn client(&self) -> Client {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.client.with_header("cookie", pairs.join("; "))
    }

    fn kept(&self, answer: Answer) -> Answer {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for cookie in answer.headers.get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        drop(cookies);
        answer
    }
}

fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status.as_u16(), 303, "{}", answer.text);
    answer.headers["location"].to_str().unwrap()
}

/// What a form's hidden field holds.
fn hidden<'t>(page: &'t Answer, name: &str) -> &'t str {
    let field = format!("name=\"{name}\" value=\"");
    page.text.split_once(&*field).unwrap_or_else(|| panic!("{name}: {}", page.text)).1.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_followed_to_paid_its_address_kept_once_and_its_messages_are_read() {
    let shop = Shop::open_with(Way::Local, &[("SHOP_NAME", "Ada's Engines")]).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let browser = Browser::at(&shop);
    browser.send("/login", &[("email", "ada@example.com"), ("password", "correct horse")]).await;
    browser.send("/cart", &[("act", "add"), ("sku", "MUG"), ("quantity", "3"), ("key", "k1")]).await;
    assert!(browser.get("/products").await.text.contains("Cart (3)"));

    let page = browser.get("/checkout").await;
    page.assert_status(200);
    let fields = [
        ("cart", hidden(&page, "cart")),
        ("version", hidden(&page, "version")),
        ("key", hidden(&page, "key")),
        ("payment_method", "sim_slow"),
        ("name", "Ada Lovelace"),
        ("line1", "12 St James's Square"),
        ("postal_code", "SW1Y 4JH"),
        ("city", "London"),
        ("country", "gb"),
        ("keep", "yes"),
    ];
    let (one, other) = tokio::join!(browser.send("/checkout", &fields), browser.send("/checkout", &fields));
    let there = location(&one).to_owned();
    assert_eq!(location(&other), there);
    let order = there.strip_suffix("?kept=yes").unwrap_or_else(|| panic!("{there}"));
    let book = ada.get("/api/auth/addresses").await.body["items"].clone();
    assert_eq!((book.as_array().unwrap().len(), &book[0]["country"]), (1, &json!("GB")));

    let page = browser.get(&there).await;
    assert!(page.text.contains("/assets/order.js") && !page.text.contains("Cart ("), "{}", page.text);
    // It ends by itself, once the order is paid.
    let stream = browser.get(&format!("{order}/events")).await;
    let last = stream.text.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!((&last["status"], &last["settled"]), (&json!("paid"), &json!(true)));
    let stranger = Browser::at(&shop);
    assert_eq!(stranger.get(&format!("{order}/events")).await.status.as_u16(), 404);

    // The next one goes there by a click.
    browser.send("/cart", &[("act", "add"), ("sku", "MUG"), ("quantity", "1"), ("key", "k2")]).await;
    let page = browser.get("/checkout").await;
    let chosen = format!("value=\"{}\" checked", book[0]["id"].as_str().unwrap());
    assert!(page.text.contains(&chosen), "{}", page.text);

    let mail = shop.mail("ada@example.com", "Payment received").await;
    assert!(mail.contains("Ada's Engines · "), "{mail}");
    let account = until("messages", || async {
        let account = browser.get("/account").await;
        account.text.contains("Messages (").then_some(account)
    });
    let account = account.await;
    assert!(account.text.contains("· Ada&#39;s Engines</title>"), "{}", account.text);
    shop.quiet().await;
    let before = unread(&ada).await;
    let list = browser.get("/account/messages").await;
    let first = list.text.split_once("href=\"/account/messages/").unwrap().1.split('"').next().unwrap();
    browser.get(&format!("/account/messages/{first}")).await.assert_status(200);
    assert_eq!(unread(&ada).await, before - 1);
    assert_eq!(location(&browser.send("/account/messages", &[("act", "read")]).await), "/account/messages?done=read");
    assert_eq!(unread(&ada).await, 0);
}

async fn unread(customer: &Client) -> i64 {
    customer.get("/api/notifications/unread-count").await.body["unread"].as_i64().unwrap()
}
