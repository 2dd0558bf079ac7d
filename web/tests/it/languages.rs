//! The shop in the reader's language: how it is found, chosen and said.

use crate::{
    account::messages::message,
    checkout_addresses::shopping,
    order_events::hear,
    services::{NOWHERE, Services, pages_with},
    shop::{ADD, CART, ORDER, OWN, cart, checkout, filled, line, order},
    stand_in::{Browser, Desk, clerk, erasure, logged_in, open, problem, wrong},
};
use http::StatusCode;
use insta::assert_snapshot;
use serde_json::{Value, json};
use test_kit::Client;

/// A browser that asks for German.
pub(crate) async fn german(browser: &Browser) {
    browser.send("/language", &[("language", "de"), ("next", "/cart")]).await.leads_to("/cart");
}

/// Who asks so, of pages with these variables.
async fn told(variables: &[(&str, &str)], asks: &str, path: &str) -> test_kit::Answer {
    let pages = pages_with(variables).await;
    Client::new(&pages.url).with_header("accept-language", asks).get(path).await
}

#[tokio::test]
async fn a_page_is_in_the_language_the_browser_asks_for() {
    for (asks, tag, title) in [
        ("en-US,en;q=0.9", "en", "<h1>Log in</h1>"),
        ("de-DE,de;q=0.9,en;q=0.8", "de", "<h1>Anmelden</h1>"),
        ("fr, de-AT;q=0.1", "de", "<h1>Anmelden</h1>"),
        ("fr", "en", "<h1>Log in</h1>"),
    ] {
        let page = told(&[], asks, "/login").await;
        let page = page.assert_status(200);
        assert!(page.text.contains(&format!("<html lang=\"{tag}\">")) && page.text.contains(title), "{asks}");
        assert_eq!(page.headers["content-language"], tag, "{asks}");
    }
    // Whatever a browser says, it gets a page.
    for strange in ["x".repeat(8000), ";q=1,".repeat(1000), "de;q=9".to_owned(), "-".to_owned(), "*".to_owned()] {
        let page = told(&[("WEB_LANGUAGE", "de")], &strange, "/login").await;
        assert!(page.assert_status(200).text.contains("<html lang=\"de\">"), "{}", &strange[..strange.len().min(20)]);
    }
    // Nor is the page of no address in another one.
    let nothing = told(&[("WEB_LANGUAGE", "de")], "fr", "/nothing/here").await;
    assert!(nothing.assert_status(404).text.contains("Unter dieser Adresse gibt es nichts."), "{}", nothing.text);
}

#[tokio::test]
async fn a_language_that_the_shop_does_not_have_is_refused_by_name() {
    let env = service_kit::Env::of([("WEB_LANGUAGE", "fr")]);
    let refused = web::Settings::read(&env).unwrap_err().to_string();
    assert_eq!(refused, "WEB_LANGUAGE is not valid: \"fr\" is none of en, de");
}

#[tokio::test]
async fn a_choice_is_kept_and_leads_back_to_where_it_was_made() {
    let (_, browser) = open().await;
    let page = browser.get("/login?next=%2Fcheckout").await;
    page.holds(200, &["<input type=\"hidden\" name=\"next\" value=\"/login\">", "lang=\"de\">Deutsch<"]);
    let chosen = [("language", "de"), ("next", "/login")];
    let from = |referer| [("sec-fetch-site", "same-origin"), ("referer", referer)];
    let here = from("http://localhost:8080/login?next=%2Fcheckout");
    browser.send_as("/language", &chosen, &here).await.leads_to("/login?next=%2Fcheckout");
    // A browser that does not say so, or says something else.
    for elsewhere in ["", "nonsense", "http://localhost:8080/register?a=b", "https://elsewhere.example//login?a=b"] {
        browser.send_as("/language", &chosen, &from(elsewhere)).await.leads_to("/login");
    }
    assert_eq!(browser.cookies.lock().unwrap()["__Host-lang"], "de");
    browser.get("/login").await.holds(200, &["<html lang=\"de\">", "<h1>Anmelden</h1>", "lang=\"en\">English<"]);
    // It says more than the browser does.
    let asks = browser.get_as("/login", &[("accept-language", "en-US")]).await;
    asks.holds(200, &["<html lang=\"de\">"]);
    browser.send("/language", &[("language", "en"), ("next", "/")]).await.leads_to("/");
    browser.get_as("/login", &[("accept-language", "de")]).await.holds(200, &["<html lang=\"en\">"]);
}

/// What their address holds is a secret, and is on the page where its form needs it alone.
#[tokio::test]
async fn a_page_that_a_mail_leads_to_offers_no_choice_and_is_in_the_reader_s_language() {
    let (desk, browser) = open().await;
    german(&browser).await;
    desk.answer("POST /auth/erasure/progress", 422, problem("invalid_link", "x"));
    let page = browser.get("/erasure?token=abc").await;
    page.holds(422, &["<html lang=\"de\">", "Dieser Link ist nicht gültig"]).lacks(&["/language", "abc"]);
    browser.get("/reset-password?token=abc").await.holds(200, &["Neues Passwort wählen"]).lacks(&["/language"]);
}

/// Somebody may send anything there, and may lead somebody there.
#[tokio::test]
async fn a_choice_that_is_made_up_changes_nothing_and_leads_nowhere_else() {
    let (_, browser) = open().await;
    for language in ["", "fr", "DE", "de\r\nset-cookie: a=b", "../de", &"d".repeat(5000)] {
        let answer = browser.send("/language", &[("language", language), ("next", "/login")]).await;
        answer.leads_to("/login");
        assert!(answer.cookies().is_empty(), "{language}");
    }
    for away in ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "", "login"] {
        browser.send("/language", &[("language", "de"), ("next", away)]).await.leads_to("/");
    }
    let elsewhere = [("sec-fetch-site", "cross-site")];
    browser.send_as("/language", &[("language", "en")], &elsewhere).await.holds(403, &["Das kam nicht von hier"]);
    browser.cookies.lock().unwrap().insert("__Host-lang".to_owned(), "nonsense".to_owned());
    browser.get("/login").await.holds(200, &["<html lang=\"en\">"]);
    assert_eq!(browser.send("/language", &[("language", "de"), ("language", "en")]).await.status, 400);
}

#[tokio::test]
async fn what_is_kept_by_caches_is_kept_for_each_language() {
    let (_, pages) = Services::answering(StatusCode::OK, json!({ "items": [], "next": null })).await;
    let mut tags = Vec::new();
    for asks in ["en", "de"] {
        let page = Client::new(&pages.url).with_header("accept-language", asks).get("/").await;
        page.assert_status(200);
        assert_eq!(
            (&page.headers["vary"], &page.headers["content-language"]),
            (&"accept-language, cookie".parse().unwrap(), &asks.parse().unwrap())
        );
        tags.push(page.headers["etag"].to_str().unwrap().to_owned());
    }
    assert_ne!(tags[0], tags[1]);
    // A copy in one language is none in another.
    let german = Client::new(&pages.url).with_header("accept-language", "de").with_header("if-none-match", &tags[0]);
    german.get("/").await.assert_status(200);
    let german = Client::new(&pages.url).with_header("accept-language", "de").with_header("if-none-match", &tags[1]);
    german.get("/").await.assert_status(304);
}

#[tokio::test]
async fn who_works_on_the_shop_is_told_in_english() {
    let (_, browser) = clerk("orders:read").await;
    german(&browser).await;
    let page = browser.get("/office").await;
    page.holds(200, &["<html lang=\"en\">", "Back office", ">Log out</button>"]).lacks(&["/language", "Abmelden"]);
    browser.get("/developers").await.holds(200, &["<html lang=\"en\">"]).lacks(&["/language", "Warenkorb"]);
    browser.get("/officer").await.holds(404, &["<html lang=\"de\">"]);
}

fn mug() -> Value {
    json!({
        "id": CART, "sku": "MUG", "name": "A <mug>", "description": "Holds tea.", "category": "kitchen",
        "price": { "amount": 123_499, "currency": "EUR" }, "available": 3, "picture": null, "status": "active",
        "version": 3, "created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z",
    })
}

#[tokio::test]
async fn a_german_reader_buys_in_german() {
    let (desk, browser) = open().await;
    german(&browser).await;
    desk.answer("GET /products/by-sku/MUG", 200, mug());
    let page = browser.get("/products/MUG").await;
    page.holds(
        200,
        &[
            "<strong>1.234,99\u{a0}€</strong>",
            "nur noch 3 da, Versand nach Zahlung",
            "In den Warenkorb",
            // Programs read it as ever.
            "\"price\":\"1234.99\"",
            "og:locale\" content=\"de_DE\"",
        ],
    );
    page.lacks(&["Put into", "Pieces"]);
    filled(&desk);
    browser.send("/cart", &ADD).await.leads_to("/cart?done=added");
    let page = browser.get("/cart?done=added").await;
    page.holds(
        200,
        &["Der Artikel liegt in Ihrem Warenkorb.", "12,99\u{a0}€ das Stück, 25,98\u{a0}€ insgesamt", "Zur Kasse"],
    );
    let changes =
        json!([{ "what": "price", "now": { "amount": 1499, "currency": "EUR" } }, { "what": "short", "available": 1 }]);
    desk.anew();
    desk.answer(&format!("GET /carts/{CART}"), 200, cart(CART, &[line("MUG", 2, &changes)]));
    let page = browser.get("/cart").await;
    page.holds(200, &["Ein Stück kostet jetzt 14,99\u{a0}€; vorher waren es 12,99\u{a0}€.", "Es ist noch 1 Stück da."]);
}

#[tokio::test]
async fn a_german_member_orders_and_sees_the_order_in_german() {
    let (desk, browser) = logged_in(900).await;
    german(&browser).await;
    desk.answer("GET /auth/addresses", 200, json!({ "items": [], "next": null }));
    desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
    let page = browser.get("/checkout").await;
    page.holds(
        200,
        &["<title>Kasse ", ">Zahlungspflichtig bestellen</button>", "Simuliert: wird abgelehnt", "Postleitzahl"],
    );
    page.lacks(&["Order and pay", "Simulated"]);
    // What is wrong stands beside its field, with what to do; what nobody translated is marked.
    let refused = [
        ("/shipping_address/postal_code", "must hold 1 to 20 characters on one line"),
        ("/shipping_address/city", "is purple"),
    ];
    desk.answer(&format!("POST /carts/{OWN}/checkout"), 422, wrong(&refused));
    let page = browser.send("/checkout", &checkout()).await;
    page.holds(
        422,
        &[
            "<title>Fehler: Kasse ",
            "id=\"checkout-postal_code-trouble\">Postleitzahl: 1 bis 20 Zeichen in einer Zeile.",
            "id=\"checkout-city-trouble\" lang=\"en\">Ort is purple.",
        ],
    );
    for (status, code, said) in [
        (409, "out_of_stock", "Davon ist nicht mehr genug da. Es wurde nichts bestellt"),
        (
            429,
            "too_many_open_orders",
            "Es gibt Bestellungen, die noch nicht bezahlt sind. Versuchen Sie es in 60 Sekunden noch einmal.",
        ),
        (503, "unavailable", "Das geht im Moment nicht. Versuchen Sie es in 60 Sekunden noch einmal."),
        (409, "never_heard_of", "<p lang=\"en\">Something of its own.</p>"),
    ] {
        desk.anew();
        desk.answer("POST /carts", 200, cart(OWN, &[line("MUG", 2, &json!([]))]));
        desk.answer(&format!("POST /carts/{OWN}/checkout"), status, problem(code, "Something of its own."));
        browser.send("/checkout", &checkout()).await.holds(status, &[said]);
    }
    desk.anew();
    desk.answer(&format!("GET /orders/{ORDER}"), 200, order("pending", None));
    browser.get(&format!("/orders/{ORDER}")).await.holds(
        200,
        &[
            "<h1>Bestellung 1001</h1>",
            "Wir haben Ihre Bestellung und warten auf die Zahlung.",
            "<dd>02.01.2026, 03:04 UTC</dd>",
            "25,98\u{a0}€",
            "Bestellung stornieren",
        ],
    );
}

/// Of the address book, and that of those there are two ways to choose.
#[tokio::test]
async fn a_german_member_chooses_where_it_goes_in_german() {
    let (desk, browser) = shopping().await;
    german(&browser).await;
    let page = browser.get("/checkout").await;
    page.holds(
        200,
        &[
            "<legend>Lieferadresse</legend>",
            ">Andere Adresse, siehe unten</label>",
            "<summary>Andere Adresse</summary>",
            ">In meinem Adressbuch speichern</label>",
            ">Warenkorb (2)</a>",
        ],
    );
    let gone = [("address", "01890a5d-ac96-774b-bcce-000000000000")];
    let sent: Vec<_> = checkout().into_iter().filter(|(name, _)| ["cart", "version", "key"].contains(name)).collect();
    let refused = browser.send("/checkout", &[&sent[..], &gone].concat()).await;
    refused.holds(422, &["Lieferadresse: steht nicht mehr in Ihrem Adressbuch. Wählen Sie eine andere."]);
    let unclear = [("address", "01890a5d-ac96-774b-bcce-000000000000"), ("city", "Ulm")];
    let refused = browser.send("/checkout", &[&sent[..], &unclear].concat()).await;
    refused.holds(422, &["Lieferadresse: nicht eindeutig. Wählen Sie „Andere Adresse“"]).lacks(&["is not"]);
    assert!(!desk.lines().iter().any(|line| line.ends_with("/checkout")), "{:?}", desk.lines());
}

/// What comes once the page is there is said to whom it was shown.
#[tokio::test]
async fn an_order_goes_on_in_german() {
    let (desk, browser) = logged_in(900).await;
    german(&browser).await;
    let line = format!("GET /orders/{ORDER}");
    desk.answer(&line, 200, order("pending", None)).answer(&line, 200, order("pending", None));
    desk.answer(&line, 200, order("paid", None));
    let page = browser.get(&format!("/orders/{ORDER}?kept=no")).await;
    page.holds(200, &["Diese Seite sieht nicht von selbst nach.", "Ins Adressbuch aufnehmen"]).lacks(&["look again"]);
    let mut stream = browser.listen(&format!("/orders/{ORDER}/events")).await;
    let first = hear(&mut stream, "\n\n").await;
    assert!(first.contains("Wir haben Ihre Bestellung") && first.contains(">Bestellung stornieren<"), "{first}");
    let paid = hear(&mut stream, "\n\n").await;
    assert!(paid.contains("\"told\":\"Die Bestellung ist bezahlt und wartet auf den Versand.\""), "{paid}");
}

/// What a message holds is English still, as its mail is.
#[tokio::test]
async fn messages_are_told_in_german_and_what_they_hold_is_marked() {
    let (desk, browser) = logged_in(900).await;
    german(&browser).await;
    desk.answer("GET /notifications/unread-count", 200, json!({ "unread": 2 }));
    desk.answer("GET /notifications", 200, json!({ "items": [message(None, None)], "next": "a" }));
    let page = browser.get("/account/messages").await;
    page.holds(
        200,
        &[
            "<title>Ihre Nachrichten (2) ",
            "2 sind noch nicht gelesen.",
            "\" lang=\"en\">Payment received: &#60;order&#62; 1001</a> <strong>neu</strong>",
            "02.01.2026, 03:04 UTC",
            ">Alle als gelesen markieren</button>",
            ">Ältere</a>",
        ],
    );
    let id = message(None, None)["id"].as_str().unwrap().to_owned();
    desk.answer(&format!("POST /notifications/{id}/read"), 200, message(None, Some(ORDER)));
    let page = browser.get(&format!("/account/messages/{id}")).await;
    page.holds(200, &["<p lang=\"en\">We are packing it now.</p>", "Die Bestellung, um die es geht"]);
}

/// By the reader's marks, in the field as they typed it.
#[tokio::test]
async fn prices_are_asked_for_as_the_reader_writes_them() {
    let (services, pages) = Services::answering(StatusCode::OK, json!({ "items": [], "next": null })).await;
    let german = Client::new(&pages.url).with_header("accept-language", "de");
    let page = german.get("/products?from=19,50&to=1.299").await;
    assert!(page.assert_status(200).text.contains("value=\"1.299\""), "{}", page.text);
    assert_eq!(services.asked(), ["limit=24&min_price=1950&max_price=129900"]);
    let wrong = german.get("/products?from=1,299.00").await;
    assert!(wrong.assert_status(400).text.contains("Das ist kein Preis. Schreiben Sie ihn wie 20 oder 19,99"));
}

/// What names a person and what a search holds stays text in every language.
#[tokio::test]
async fn what_is_put_into_a_sentence_is_no_markup() {
    let page = told(&[("PRODUCT_SERVICE_URL", NOWHERE), ("OIDC_NAME", "<b>Firma</b>")], "de", "/login").await;
    assert!(page.assert_status(200).text.contains("Mit &#60;b&#62;Firma&#60;/b&#62; anmelden"), "{}", page.text);
}

fn seen(desk: &Desk) {
    desk.answer("GET /auth/erasure", 404, problem("erasure_not_found", ""));
    desk.answer("GET /auth/exports", 200, json!({ "items": [], "next": null }));
    desk.answer("POST /auth/erasure/progress", 200, erasure("waiting"));
}

#[tokio::test]
async fn pages_read_as_they_should_in_german() {
    let (desk, browser) = logged_in(900).await;
    german(&browser).await;
    seen(&desk);
    let mut pages = Vec::new();
    for path in ["/account/data", "/erasure?token=abc", "/account/email", "/nothing/here"] {
        let page = browser.get(path).await;
        let main = page.text.split("<main").nth(1).unwrap().split("</main>").next().unwrap().to_owned();
        pages.push(format!("{path}\n<main{main}"));
    }
    assert_snapshot!(pages.join("\n\n"));
}
