//! Every route of a service × every kind of caller: exactly those are let who stand in its OpenAPI document.
//!
//! The document says who by a route's security: nothing is anybody; `bearer` is a person, with a permission in brackets a
//! person or a machine that has it; `service` is one of ours. Whoever is let may still be told that their request makes no
//! sense; whoever is not hears of nothing else.

use crate::{Client, Signer};
use contracts::{
    AccountId, ServiceName,
    access::{Permission, Permissions},
};
use reqwest::Method;
use serde_json::Value;
use std::{collections::BTreeSet, fmt::Write as _};
use uuid::Uuid;

/// In the place of every id and name in a path.
const NOTHING: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Somebody, and what they are taken for.
struct Caller {
    who: String,
    kind: Kind,
    client: Client,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Without a token that counts.
    Nobody,
    Person(Permissions),
    Guest,
    Machine(Permissions),
    Service(ServiceName),
}

/// Tries all; gives the routes with who is let, one a line.
///
/// # Panics
/// Somebody is let who should not be, or is not who should.
pub async fn check_access(service: ServiceName, visitor: &Client, signer: &Signer) -> String {
    let document = visitor.get("/openapi.json").await.assert_status(200).body.clone();
    let callers = callers(service, visitor, signer);
    let (mut table, mut wrong) = (String::new(), Vec::new());
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let route = format!("{} {path}", method.to_uppercase());
            let _ = writeln!(table, "{route}: {}", told(operation));
            let way = path.split('/').map(|part| if part.starts_with('{') { NOTHING } else { part });
            let way = way.collect::<Vec<_>>().join("/");
            for caller in &callers {
                let method: Method = method.to_uppercase().parse().expect("a method");
                let answer = caller.client.send(method, &way, None).await;
                let code = answer.body["code"].as_str().unwrap_or_default();
                let refused = matches!(
                    (answer.status.as_u16(), code),
                    (401, "token_required" | "invalid_token" | "token_expired" | "token_revoked")
                        | (403, "forbidden" | "account_required")
                );
                if refused == is_let(operation, caller.kind) {
                    wrong.push(format!("{route}, {}: {} {code}", caller.who, answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "let in or kept out against the document:\n{}", wrong.join("\n"));
    table
}

fn callers(service: ServiceName, visitor: &Client, signer: &Signer) -> Vec<Caller> {
    let caller = |who: String, kind: Kind, token: Option<String>| {
        let client = token.map_or_else(|| visitor.clone(), |token| visitor.with_token(token));
        Caller { who, kind, client }
    };
    let mut callers = vec![
        caller("no token".to_owned(), Kind::Nobody, None),
        caller("a made-up token".to_owned(), Kind::Nobody, Some("a.b.c".to_owned())),
        caller("an expired token".to_owned(), Kind::Nobody, Some(signer.expired())),
        caller("a token for others".to_owned(), Kind::Nobody, Some(signer.for_others())),
        caller("a customer".to_owned(), Kind::Person(Permissions::NONE), Some(signer.customer().1)),
        caller("a guest".to_owned(), Kind::Guest, Some(signer.guest(AccountId::from(Uuid::nil()), Uuid::nil(), &[]))),
        caller("an administrator".to_owned(), Kind::Person(Permissions::all()), Some(signer.admin())),
    ];
    for permission in Permission::ALL.iter().copied() {
        let alone: Permissions = [permission].into_iter().collect();
        callers.push(caller(format!("staff, {permission}"), Kind::Person(alone), Some(signer.staff(&[permission]))));
        callers.push(caller(format!("a key, {permission}"), Kind::Machine(alone), Some(signer.machine(&[permission]))));
    }
    for peer in ServiceName::ALL {
        callers.push(caller(peer.to_string(), Kind::Service(peer), Some(signer.service(peer, service))));
        let elsewhere = ServiceName::ALL.into_iter().find(|other| *other != service).expect("another service");
        let stray = Some(signer.service(peer, elsewhere));
        callers.push(caller(format!("{peer}, to another service"), Kind::Nobody, stray));
    }
    callers
}

fn is_let(operation: &Value, kind: Kind) -> bool {
    let Some(ways) = operation["security"].as_array() else { return true };
    ways.iter().any(|way| match (way["bearer"].as_array(), way["service"].as_array(), kind) {
        _ if way.get("guest").is_some() => matches!(kind, Kind::Guest),
        (Some(needed), _, Kind::Person(has)) => has_all(needed, has),
        // A machine has nothing of its own.
        (Some(needed), _, Kind::Machine(has)) => !needed.is_empty() && has_all(needed, has),
        (_, Some(services), Kind::Service(service)) => services.contains(&Value::from(service.as_str())),
        (None, None, _) => true,
        _ => false,
    })
}

fn has_all(needed: &[Value], has: Permissions) -> bool {
    let named = needed.iter().map(|name| name.as_str().unwrap_or_default());
    named.map(|name| name.parse::<Permission>().expect("a permission of the list")).all(|one| has.contains(one))
}

fn told(operation: &Value) -> String {
    let Some(ways) = operation["security"].as_array() else { return "anybody".to_owned() };
    let ways: BTreeSet<String> = ways
        .iter()
        .map(|way| match (way["bearer"].as_array(), way["service"].as_array()) {
            _ if way.get("guest").is_some() => "a guest, theirs".to_owned(),
            (Some(needed), _) if needed.is_empty() => "a person, theirs".to_owned(),
            (Some(names), _) | (_, Some(names)) => {
                names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" + ")
            }
            (None, None) => "anybody".to_owned(),
        })
        .collect();
    ways.into_iter().collect::<Vec<_>>().join("; ")
}
