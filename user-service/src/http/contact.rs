//! `GET /internal/accounts/{id}/contact`: for older versions of notify-service, at the moment they send.

use crate::{
    Error,
    changes::guests,
    state::App,
    store::{accounts, registrations},
};
use axum::{Json, extract::State};
use contracts::{AccountId, ServiceName, api::user::Contact};
use service_kit::{
    Problem,
    auth::{Caller, Callers},
    extract::Path,
};

/// Who may ask for contacts and links.
pub(crate) struct MailSender;

impl Callers for MailSender {
    const ALLOWED: &'static [ServiceName] = &[ServiceName::Notify];
}

/// Name and address of an account; for older versions of notify-service.
#[utoipa::path(
    get, path = "/internal/accounts/{id}/contact", tag = "services", security(("service" = ["notify-service"])),
    params(("id" = AccountId, Path)),
    responses((status = 200, description = "Where the person is reached.", body = Contact))
)]
pub(crate) async fn contact(
    _caller: Caller<MailSender>,
    State(app): State<App>,
    Path(id): Path<AccountId>,
) -> Result<Json<Contact>, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let contact = match accounts::find(&mut connection, id).await? {
        Some(account) => Contact {
            account_id: account.id,
            email: account.person.email,
            first_name: account.person.first_name,
            last_name: account.person.last_name,
            join_url: None,
        },
        None if let Some(guest) = guests::contacts(&app, &mut connection, &[id]).await?.pop() => guest,
        // A notify-service of before registrations asks here for them too. No name of a stranger's for its mail.
        None => {
            let registration = registrations::find(&mut connection, id, app.kit.clock.now()).await?;
            let email = registration.ok_or(Error::NoSuchAccount)?.person.email;
            Contact { account_id: id, email, first_name: String::new(), last_name: String::new(), join_url: None }
        }
    };
    // Who was told where a person is reached must be found again; what was told is not in the log.
    tracing::info!(account.id = %id, "a contact was told to notify-service");
    Ok(Json(contact))
}
