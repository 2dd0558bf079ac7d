//! `ecom audit verify`, as a program: it says of each service whether its audit log is as it was written, and where it
//! is not.

use crate::{
    damage::damaged,
    doctor::urls,
    program,
    support::{Shop, Way, key, order},
};
use contracts::ServiceName;
use http::Method;
use sqlx::PgPool;
use std::collections::BTreeMap;
use test_kit::until;

type Databases = BTreeMap<ServiceName, String>;

/// What it says on the databases, and its exit code.
fn verified(databases: &Databases) -> (Option<i32>, String) {
    let mut command = program::ecom("/nowhere".as_ref(), 8080);
    for (service, url) in databases {
        command.env(format!("{}_DATABASE_URL", service.short().to_uppercase()), url);
    }
    let output = command.args(["audit", "verify"]).output().unwrap();
    (output.status.code(), program::text(&output))
}

/// A link is made a moment after what it holds.
async fn chained(shop: &Shop) {
    for (service, database) in &shop.databases {
        until(&format!("{service} to close its chain"), || async {
            (database.count("SELECT count(*) FROM audit_waiting").await == 0).then_some(())
        })
        .await;
    }
}

/// A shop whose staff sold three things, one after the other, and sent one of them; and whose customer came in.
async fn staffed_shop() -> Shop {
    let shop = Shop::open(Way::Local).await;
    for sku in ["MUG", "LAMP", "CUP"] {
        shop.sell(sku, 1250, 10).await;
        // So that product-service's chain has three links at least.
        chained(&shop).await;
    }
    let (_, ada) = shop.register("ada@example.com").await;
    let placed = order(&ada, &key(), "sim_ok", &[("MUG", 1)]).await.assert_status(201).text_at("/id");
    shop.settled_order(&placed).await;
    shop.admin().send(Method::POST, &format!("/api/orders/{placed}/fulfil"), None).await.assert_status(200);
    shop.quiet().await;
    chained(&shop).await;
    shop
}

/// What is to be said of one whose log is as it was written: of how many entries, by how many links, up to which.
async fn whole(service: ServiceName, url: &str) -> String {
    let pool = PgPool::connect(url).await.unwrap();
    let stored = "SELECT (SELECT count(*) FROM audit_entries), (SELECT count(*) FROM audit_links),
                      (SELECT encode(hash, 'hex') FROM audit_links ORDER BY number DESC LIMIT 1)";
    let (entries, links, hash): (i64, i64, Option<String>) = sqlx::query_as(stored).fetch_one(&pool).await.unwrap();
    pool.close().await;
    let hash = hash.unwrap_or_else(|| "0".repeat(64));
    format!("{service}: {entries} entries in {links} links, 0 waiting; the last link is {hash}\n")
}

async fn all_whole(databases: &Databases) -> BTreeMap<ServiceName, String> {
    let mut lines = BTreeMap::new();
    for (service, url) in databases {
        lines.insert(*service, whole(*service, url).await);
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_whose_staff_did_something_has_whole_chains_and_is_told_their_last_links() {
    let shop = staffed_shop().await;
    let expected = all_whole(&urls(&shop)).await;
    for (service, did) in [(ServiceName::User, 1), (ServiceName::Product, 6), (ServiceName::Order, 1)] {
        assert!(expected[&service].starts_with(&format!("{service}: {did} entries in ")), "{expected:?}");
    }
    let said: String = ServiceName::ALL.iter().map(|service| expected[service].as_str()).collect();
    assert_eq!(verified(&urls(&shop)), (Some(0), said));
}

/// What somebody does to product-service's log who owns its tables, and what is said of it.
const HARMS: [(&str, &str); 8] = [
    (
        "UPDATE audit_entries SET after = '{}' WHERE id = (SELECT entries[1] FROM audit_links WHERE number = 2)",
        "an entry of link 2 was changed or taken out",
    ),
    ("UPDATE audit_entries SET at = at - interval '1 us'", "an entry of link 1 was changed or taken out"),
    (
        "UPDATE audit_entries SET actor = gen_random_uuid()
         WHERE id = (SELECT entries[1] FROM audit_links ORDER BY number DESC LIMIT 1)",
        "an entry of link {last} was changed or taken out",
    ),
    (
        "DELETE FROM audit_entries WHERE id = (SELECT entries[1] FROM audit_links WHERE number = 2)",
        "an entry of link 2 was changed or taken out",
    ),
    ("DELETE FROM audit_links WHERE number = 2", "link 2 is missing"),
    (
        "DELETE FROM audit_links WHERE number = 2; UPDATE audit_links SET number = number - 1 WHERE number > 2",
        "link 2 does not go on from the one before",
    ),
    (
        "DELETE FROM audit_links WHERE number = (SELECT max(number) FROM audit_links)",
        "{in_last} entries stand in no link: they were put in, or the links that held them were taken out at the end",
    ),
    (
        "INSERT INTO audit_entries (id, at, actor_kind, action, allowed)
         VALUES (gen_random_uuid(), now(), 'service', 'made.up', true)",
        "1 entries stand in no link: they were put in, or the links that held them were taken out at the end",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_taken_out_behind_the_triggers_backs_is_told_with_its_place() {
    let shop = staffed_shop().await;
    let expected = all_whole(&urls(&shop)).await;
    let product = shop.databases[&ServiceName::Product].pool();
    let last = "SELECT number, array_length(entries, 1) FROM audit_links ORDER BY number DESC LIMIT 1";
    let (last, in_last): (i64, i32) = sqlx::query_as(last).fetch_one(product).await.unwrap();
    shop.close().await;
    let mut databases = urls(&shop);
    let mut wrong = BTreeMap::new();
    for (harm, why) in HARMS {
        // As who may do everything does it: the triggers do not come to know.
        let harmed = damaged(&databases[&ServiceName::Product], harm).await;
        let mut with_harm = databases.clone();
        with_harm.insert(ServiceName::Product, harmed);
        let said = verified(&with_harm);
        let why = why.replace("{last}", &last.to_string()).replace("{in_last}", &in_last.to_string());
        let others = ServiceName::ALL.iter().filter(|service| **service != ServiceName::Product);
        let others: String = others.map(|service| expected[service].as_str()).collect();
        let broken = format!("{others}product-service: the audit log is not as it was written: {why}\n");
        if said != (Some(1), broken) {
            wrong.insert(harm, said);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // What cannot be read is not told to be broken.
    let unread = damaged(&databases[&ServiceName::Product], "DROP TABLE audit_links").await;
    databases.insert(ServiceName::Product, unread);
    let (code, said) = verified(&databases);
    let cause = r#"relation "audit_links" does not exist"#;
    let why = format!("product-service: the audit log cannot be read: error returned from database: {cause}");
    assert!(code == Some(2) && said.contains(&why), "{code:?} {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_cut_off_with_its_entries_is_told_by_the_last_links_hash_alone() {
    let shop = staffed_shop().await;
    let before = whole(ServiceName::Product, shop.databases[&ServiceName::Product].url()).await;
    shop.close().await;
    let mut databases = urls(&shop);
    let cut = "WITH gone AS (
                   DELETE FROM audit_links WHERE number = (SELECT max(number) FROM audit_links) RETURNING entries
               )
               DELETE FROM audit_entries WHERE id IN (SELECT unnest(entries) FROM gone)";
    let cut = damaged(&databases[&ServiceName::Product], cut).await;
    databases.insert(ServiceName::Product, cut.clone());
    let (code, said) = verified(&databases);
    let after = whole(ServiceName::Product, &cut).await;
    assert!(code == Some(0) && said.contains(&after), "{said}");
    // The help says why it prints the hash: who kept it elsewhere sees that it is another.
    assert!(!said.contains(&before), "{said}");
    let help = program::ecom("/nowhere".as_ref(), 8080).args(["audit", "verify", "--help"]).output().unwrap();
    assert!(program::text(&help).contains("whoever keeps it elsewhere"), "{}", program::text(&help));
}

#[test]
fn without_the_databases_it_says_which_variables_name_them() {
    let (code, said) = verified(&Databases::new());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("set USER_DATABASE_URL and its four siblings"), "{said}");
}
