//! One trace from the shopper's request to the mail, through all five services.

use crate::support::{Shop, Way, key, order};
use std::collections::{BTreeMap, BTreeSet};
use test_kit::{Collector, Span, until};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

async fn an_order_is_one_trace_of_five_services(way: Way) {
    let collector = Collector::start().await;
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url), ("OTEL_BSP_SCHEDULE_DELAY", "50")];
    let shop = Shop::open_with(way, &variables).await;
    shop.sell("MUG", 1250, 10).await;
    let (_, ada) = shop.register("ada@example.com").await;
    let ada = ada.with_header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    let id = order(&ada, &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&id).await;
    shop.mail("ada@example.com", "Payment received").await;
    shop.quiet().await;
    // Each process hands over its spans by itself, one a little after another.
    let spans = until("both mails and five reactions in the trace, each with what it comes from", || async {
        let spans = collector.trace(TRACE);
        let mails = spans.iter().filter(|span| span.name == "send mail").count();
        let reactions = spans.iter().filter(|span| span.kind == "consumer").count();
        let ids: BTreeSet<_> = spans.iter().map(|span| &*span.span_id).collect();
        let roots = spans.iter().filter(|span| !ids.contains(&*span.parent_id)).count();
        ((mails, reactions, roots) == (2, 5, 1)).then_some(spans)
    })
    .await;

    let services: BTreeSet<_> = spans.iter().map(|span| &*span.service).collect();
    assert_eq!(
        services,
        BTreeSet::from(["notify-service", "order-service", "payment-service", "product-service", "user-service"])
    );
    let by_id: BTreeMap<_, _> = spans.iter().map(|span| (&*span.span_id, span)).collect();
    let roots: Vec<_> = spans.iter().filter(|span| !by_id.contains_key(&*span.parent_id)).collect();
    assert_eq!(
        roots.iter().map(|root| (&*root.name, &*root.parent_id)).collect::<Vec<_>>(),
        [("POST /orders", PARENT)]
    );

    assert_eq!(
        hops(&by_id),
        BTreeSet::from([
            ("order-service", "order.created", "payment-service"),
            ("order-service", "order.created", "notify-service"),
            ("payment-service", "payment.completed", "order-service"),
            ("order-service", "order.paid", "product-service"),
            ("order-service", "order.paid", "notify-service"),
        ])
    );
    for mail in spans.iter().filter(|span| span.name == "send mail") {
        assert_eq!(by_id[&*mail.parent_id].kind, "consumer", "{mail:?}");
    }
    assert_eq!(
        path(&by_id, "POST /charges"),
        ["settle payment", "process order.created", "publish order.created", "POST /orders"]
    );
    assert!(path(&by_id, "POST /internal/contacts").contains(&"send mail"));
    assert!(spans.iter().all(|span| span.error.is_none()), "{spans:?}");
    let told = format!("{spans:?}");
    assert!(!told.contains("ada@example.com") && !told.contains("Lovelace"), "{told}");
}

/// Who published each event, who acted on it, and that the one comes from the other.
fn hops<'a>(by_id: &BTreeMap<&str, &'a Span>) -> BTreeSet<(&'a str, &'a str, &'a str)> {
    let acted_on = by_id.values().filter(|span| span.kind == "consumer");
    let hop = |span: &&'a Span| {
        let published = by_id[&*span.parent_id];
        assert_eq!((published.kind, &published.name[..8]), ("producer", "publish "), "{span:?}");
        assert_eq!(published.attributes["messaging.message.id"], span.attributes["messaging.message.id"]);
        (&*published.service, &*span.attributes["ecom.event.type"], &*span.service)
    };
    acted_on.map(hop).collect()
}

/// The names from a span's parent up to the first of the trace.
fn path<'a>(by_id: &BTreeMap<&str, &'a Span>, name: &str) -> Vec<&'a str> {
    let mut span = *by_id.values().find(|span| span.name == name).unwrap();
    let mut names = Vec::new();
    while let Some(parent) = by_id.get(&*span.parent_id) {
        names.push(&*parent.name);
        span = parent;
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_one_trace_of_five_services_over_the_local_bus() {
    an_order_is_one_trace_of_five_services(Way::Local).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_one_trace_of_five_services_over_rabbitmq() {
    an_order_is_one_trace_of_five_services(Way::Rabbit).await;
}
