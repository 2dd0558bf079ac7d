//! What notify-service asks at the moment it sends: user-service for names and addresses, order-service for what somebody
//! declared. It keeps none of it.

use crate::{domain::Setback, state::App};
use contracts::{
    AccountId, AccountRequestId, EventId, ServiceName, WithdrawalId,
    api::{
        user::{AccountMail, Contact, Contacts, ContactsRequest, RegistrationMail, RegistrationMailRequest},
        withdrawal::WithdrawalReceipt,
    },
};
use futures_util::{StreamExt, stream};
use http::StatusCode;
use service_kit::{KitError, email::Email, peers::PeerError};
use std::collections::HashMap;

/// How many are asked for side by side where they must be asked for one by one.
const SIDE_BY_SIDE: usize = 8;

/// Where people are reached, by one question for all of them; for each who is not, why.
pub(crate) async fn ask(app: &App, people: Vec<AccountId>) -> HashMap<AccountId, Result<Contact, Setback>> {
    if people.is_empty() {
        return HashMap::new();
    }
    let request = ContactsRequest { account_ids: people };
    let answer = app.kit.peers.post(ServiceName::User, "/internal/contacts", &request).await;
    let people = request.account_ids;
    match answer {
        Ok(answer) => sorted(people, answer),
        Err(KitError::Peer(cause)) if must_be_asked_singly(&cause) => singly(app, people).await,
        Err(cause) => {
            let setback = setback(cause);
            people.into_iter().map(|person| (person, Err(setback.clone()))).collect()
        }
    }
}

/// Each by their own id: whoever is gone has no place in the answer. Only user-service itself can say that somebody is; whom
/// it forgot is asked for again.
fn sorted(people: Vec<AccountId>, answer: Contacts) -> HashMap<AccountId, Result<Contact, Setback>> {
    let mut known: HashMap<_, _> = answer.contacts.into_iter().map(|contact| (contact.account_id, contact)).collect();
    let of = |person: AccountId| {
        let contact = known.remove(&person).ok_or_else(|| {
            if answer.unknown.contains(&person) {
                gone(ServiceName::User, "account_not_found")
            } else {
                Setback::Passing("user-service did not say where the person is reached".to_owned())
            }
        });
        (person, contact)
    };
    people.into_iter().map(of).collect()
}

/// An older user-service has no route for many; and what of many cannot be read, may be of one of them.
fn must_be_asked_singly(cause: &PeerError) -> bool {
    match cause {
        PeerError::Refused { status, .. } => matches!(*status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED),
        PeerError::Unreadable { .. } => true,
        PeerError::Unreachable { .. } => false,
    }
}

async fn singly(app: &App, people: Vec<AccountId>) -> HashMap<AccountId, Result<Contact, Setback>> {
    let asked = people.into_iter().map(|person| async move {
        let path = format!("/internal/accounts/{person}/contact");
        let contact = app.kit.peers.get::<Contact>(ServiceName::User, &path).await;
        (person, contact.map_err(setback))
    });
    stream::iter(asked).buffer_unordered(SIDE_BY_SIDE).collect().await
}

/// Whom the mail goes to, and with which link: asked together, so that one fits the other.
pub(crate) async fn registration_mail(
    app: &App,
    account_id: AccountId,
    event_id: EventId,
) -> Result<RegistrationMail, Setback> {
    let path = format!("/internal/registrations/{account_id}/mail");
    let request = RegistrationMailRequest { event_id };
    app.kit.peers.post(ServiceName::User, &path, &request).await.map_err(setback)
}

/// Whom the mail of what was asked for goes to, and with which link.
pub(crate) async fn account_mail(app: &App, request_id: AccountRequestId) -> Result<AccountMail, Setback> {
    let path = format!("/internal/account-requests/{request_id}/mail");
    app.kit.peers.post(ServiceName::User, &path, &()).await.map_err(setback)
}

/// Where the receipt of a declaration goes, and what was declared.
pub(crate) async fn withdrawal_receipt(app: &App, id: WithdrawalId) -> Result<WithdrawalReceipt, Setback> {
    app.kit.peers.get(ServiceName::Order, &format!("/internal/withdrawals/{id}")).await.map_err(setback)
}

/// The person, if they have confirmed that this is their address. A guest has not: anybody may have typed it.
pub(crate) async fn confirmed(app: &App, person: Option<AccountId>, address: &str) -> Result<Option<Contact>, Setback> {
    let Some(person) = person else { return Ok(None) };
    let contact = match ask(app, vec![person]).await.remove(&person) {
        Some(Ok(contact)) => contact,
        Some(Err(passing @ Setback::Passing(_))) => return Err(passing),
        // The account is gone.
        Some(Err(Setback::Lasting(_))) | None => return Ok(None),
    };
    let key = |address: &str| Email::parse(address).map(|email| email.key()).ok();
    let theirs = key(&contact.email).is_some_and(|known| key(address) == Some(known));
    Ok(Some(contact).filter(|contact| theirs && !contact.first_name.is_empty()))
}

/// Only who has it can say that something is gone; any other trouble passes.
fn setback(error: KitError) -> Setback {
    match error {
        KitError::Peer(PeerError::Refused { peer, problem, .. })
            if matches!(
                problem.code.as_str(),
                "account_not_found" | "registration_not_found" | "request_not_found" | "withdrawal_not_found"
            ) =>
        {
            gone(peer, &problem.code)
        }
        // What cannot be read may be quoted, and it is somebody's contact.
        KitError::Peer(PeerError::Unreadable { peer, .. }) => {
            Setback::Passing(format!("{peer} answered what we cannot read"))
        }
        other => Setback::Passing(other.to_string()),
    }
}

fn gone(who: ServiceName, code: &str) -> Setback {
    Setback::Lasting(format!("{who} answered {code}"))
}

#[cfg(test)]
mod tests {
    use super::{Setback, sorted};
    use contracts::{
        AccountId,
        api::user::{Contact, Contacts},
    };
    use uuid::Uuid;

    fn person(number: u128) -> AccountId {
        Uuid::from_u128(number).into()
    }

    fn contact(number: u128) -> Contact {
        let name = |name: &str| format!("{name} {number}");
        let email = format!("person-{number}@example.com");
        Contact {
            account_id: person(number),
            email,
            first_name: name("first"),
            last_name: name("last"),
            join_url: None,
        }
    }

    #[test]
    fn an_account_that_is_gone_shifts_nobody_elses_address() {
        let people = vec![person(1), person(2), person(3), person(4)];
        let answer = Contacts { contacts: vec![contact(4), contact(9), contact(1)], unknown: vec![person(2)] };
        let sorted = sorted(people, answer);
        assert_eq!(sorted.len(), 4);
        assert_eq!(sorted[&person(1)], Ok(contact(1)));
        assert_eq!(sorted[&person(2)], Err(Setback::Lasting("user-service answered account_not_found".to_owned())));
        assert!(matches!(sorted[&person(3)], Err(Setback::Passing(_))), "nobody said that this one is gone");
        assert_eq!(sorted[&person(4)], Ok(contact(4)));
    }
}
