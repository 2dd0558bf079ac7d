//! `POST /internal/contacts`: for notify-service, which sends many mails at a time.

use super::contact::MailSender;
use crate::{changes::guests, state::App, store::accounts};
use axum::{Json, extract::State};
use contracts::api::user::{Contacts, ContactsRequest};
use service_kit::{Problem, auth::Caller, extract::Body};
use std::collections::HashSet;

/// So many are asked for at the most.
const MOST: usize = 256;

/// Names and addresses of many accounts; of guests the address alone.
#[utoipa::path(
    post, path = "/internal/contacts", tag = "services", security(("service" = ["notify-service"])),
    request_body = ContactsRequest,
    responses((status = 200, description = "Where they are reached, and who has no account.", body = Contacts))
)]
pub(crate) async fn contacts(
    _caller: Caller<MailSender>,
    State(app): State<App>,
    Body(request): Body<ContactsRequest>,
) -> Result<Json<Contacts>, Problem> {
    let asked = request.account_ids;
    if asked.is_empty() || asked.len() > MOST {
        return Err(Problem::field("/account_ids", format!("must be 1 to {MOST} ids")));
    }
    let mut connection = app.kit.database.acquire().await?;
    let mut contacts = accounts::contacts(&mut connection, &asked).await?;
    if contacts.len() < asked.len() {
        contacts.extend(guests::contacts(&app, &mut connection, &asked).await?);
    }
    let known: HashSet<_> = contacts.iter().map(|contact| contact.account_id).collect();
    let unknown = asked.into_iter().filter(|id| !known.contains(id)).collect();
    for id in known {
        // Who was told where a person is reached must be found again; what was told is not in the log.
        tracing::info!(account.id = %id, "a contact was told to notify-service");
    }
    Ok(Json(Contacts { contacts, unknown }))
}
