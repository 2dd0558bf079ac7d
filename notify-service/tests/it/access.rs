//! Who is let where: every route, every kind of caller, every forged token.

use crate::support::Shop;
use contracts::ServiceName;
use test_kit::{check_access, check_forgeries};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_in_exactly_those_who_stand_in_its_document() {
    let shop = Shop::open().await;
    println!("{}", check_access(ServiceName::Notify, &shop.running.client(), &shop.signer).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_forged_token_is_taken() {
    let shop = Shop::open().await;
    check_forgeries(ServiceName::Notify, &shop.running.client(), &shop.signer).await;
}
