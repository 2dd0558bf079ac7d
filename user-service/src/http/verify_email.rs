//! `POST /auth/verify-email`: makes an account of a registration, for who has the mailed link and either knows the
//! registration's password or chooses a new one.

use crate::{
    Error,
    app::App,
    confirmation::{self, Own},
    domain::{LinkToken, Name, Password},
    places::Place,
    store::{
        accounts, registration_links,
        registrations::{self, Registration},
    },
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use service_kit::{ClientAddress, Problem, extract::Body, problem::Fields};
use utoipa::ToSchema;

/// So many passwords may be tried with one link.
const TRIES: i32 = 5;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyRequest {
    /// From the link in the mail.
    token: String,
    /// The one that was registered with. Five wrong ones end the link.
    password: Option<String>,
    /// In place of `password`, from the owner of the mailbox who does not know it: a password of their own, as when
    /// registering. Nothing of what was registered is kept then but the address.
    #[schema(min_length = 8, max_length = 256)]
    new_password: Option<String>,
    /// With `new_password`.
    first_name: Option<String>,
    /// With `new_password`.
    last_name: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct VerifyAnswer {
    message: &'static str,
}

/// How the owner of the mailbox goes on.
enum Choice {
    Password(String),
    New { password: String, first_name: Name, last_name: Name },
}

/// Makes the account: with `password`, that of the registration the link was mailed for, as it was registered; with
/// `new_password`, `first_name` and `last_name` as said here. A link works once and for 24 hours.
#[utoipa::path(
    post, path = "/auth/verify-email", tag = "accounts", request_body = VerifyRequest,
    responses((status = 200, description = "The address is confirmed.", body = VerifyAnswer))
)]
pub(crate) async fn verify_email(
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<VerifyRequest>,
) -> Result<Json<VerifyAnswer>, Problem> {
    let token_hash = LinkToken::given(&request.token).hash();
    let choice = choose(request)?;
    let registration = find(&app, &token_hash).await?;
    // Before the try is counted: who is asked to come again has lost none.
    let place = app.passwords.place(app.counted(client))?;
    let own = match choice {
        Choice::Password(password) => {
            check(&app, &token_hash, &registration, place, &password).await?;
            None
        }
        Choice::New { password, first_name, last_name } => {
            let about = [first_name.as_str(), last_name.as_str(), &registration.email];
            let password = Password::parse(&password, &about).map_err(|why| Problem::field("/new_password", why))?;
            let password_hash = app.passwords.hash(place, &password).await?;
            Some(Own { first_name, last_name, password_hash })
        }
    };
    confirmation::confirm(&app, registration, own).await?;
    Ok(Json(VerifyAnswer { message: "Your address is confirmed: you can log in now." }))
}

fn choose(request: VerifyRequest) -> Result<Choice, Problem> {
    let VerifyRequest { token: _, password, new_password, first_name, last_name } = request;
    match (password, new_password, first_name, last_name) {
        (Some(password), None, None, None) => Ok(Choice::Password(password)),
        (Some(_), ..) => Err(Problem::field("/password", "cannot be given together with another password or a name")),
        (None, Some(password), first_name, last_name) => {
            let mut fields = Fields::default();
            let first_name = fields.check("/first_name", Name::parse(&first_name.unwrap_or_default()));
            let last_name = fields.check("/last_name", Name::parse(&last_name.unwrap_or_default()));
            match (first_name, last_name) {
                (Some(first_name), Some(last_name)) => Ok(Choice::New { password, first_name, last_name }),
                _ => Err(fields.into_problem()),
            }
        }
        (None, None, ..) => Err(Problem::field(
            "/password",
            "is missing: give the password you registered with, or choose a new_password with first_name and last_name",
        )),
    }
}

/// The registration that the link leads to.
async fn find(app: &App, token_hash: &[u8]) -> Result<Registration, Error> {
    let now = app.kit.clock.now();
    let mut connection = app.kit.database.pool().acquire().await?;
    let Some(link) = registration_links::find(&mut connection, token_hash).await? else {
        tracing::info!("a verification failed: unknown token");
        return Err(Error::UnknownToken);
    };
    if link.account_id.is_some() {
        return Err(Error::TokenUsed);
    }
    if link.tries >= TRIES {
        return Err(Error::TokenEnded);
    }
    let registration = registrations::find(&mut connection, link.registration_id, now).await?;
    let Some(registration) = registration.filter(|_| link.expires_at > now) else {
        // Perhaps it was confirmed since we looked at the link.
        let again = registration_links::find(&mut connection, token_hash).await?;
        let used = again.is_some_and(|link| link.account_id.is_some());
        return Err(if used { Error::TokenUsed } else { Error::TokenExpired });
    };
    if accounts::holder(&mut connection, &registration.email_key).await?.is_some() {
        return Err(Error::TokenUsed);
    }
    Ok(registration)
}

/// Counted before it is checked, in the database: many at once, at several instances, are no way around.
async fn check(
    app: &App,
    token_hash: &[u8],
    registration: &Registration,
    place: Place,
    password: &str,
) -> Result<(), Error> {
    let mut connection = app.kit.database.pool().acquire().await?;
    let tries = registration_links::count_try(&mut connection, token_hash, TRIES).await?.ok_or(Error::TokenEnded)?;
    drop(connection);
    if app.passwords.check(place, password, [Some(&registration.password_hash)]).await?.is_some() {
        return Ok(());
    }
    tracing::warn!(registration.id = %registration.id, tries, "a verification failed: wrong password");
    Err(if tries < TRIES { Error::WrongRegistrationPassword { left: TRIES - tries } } else { Error::TokenEnded })
}
