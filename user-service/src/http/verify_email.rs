//! `POST /auth/verify-email`: makes an account of a registration, for who has the mailed link and either knows the
//! registration's password or chooses a new one.

use crate::{
    changes::{
        confirm::{self, Wish},
        try_link,
    },
    domain::{LinkToken, Name, Own, Password},
    state::App,
};
use axum::{Json, extract::State};
use contracts::api::account::{VerifiedView, VerifyEmailBody};
use service_kit::{Cause, ClientAddress, Problem, auth::Anybody, extract::Body, one, problem::Fields};

/// How the owner of the mailbox goes on.
enum Choice {
    Password(String),
    New { password: String, first_name: Name, last_name: Name },
}

/// Makes the account: with `password`, that of the registration the link was mailed for, as it was registered; with
/// `new_password`, `first_name` and `last_name` as said here. A link works once and for 24 hours.
#[utoipa::path(
    post, path = "/auth/verify-email", tag = "accounts", request_body = VerifyEmailBody,
    responses((status = 200, description = "The address is confirmed.", body = VerifiedView))
)]
pub(crate) async fn verify_email(
    _anybody: Anybody,
    client: ClientAddress,
    State(app): State<App>,
    Body(request): Body<VerifyEmailBody>,
) -> Result<Json<VerifiedView>, Problem> {
    let token_hash = LinkToken::given(&request.token).hash();
    let choice = choose(request)?;
    let registration = try_link::follow(&app, &token_hash).await?;
    // Before the try is counted: who is asked to come again has lost none.
    let place = app.passwords.place(app.counted(client))?;
    let own = match choice {
        Choice::Password(password) => {
            try_link::try_password(&app, &token_hash, &registration, place, &password).await?;
            None
        }
        Choice::New { password, first_name, last_name } => {
            let about = [first_name.as_str(), last_name.as_str(), &registration.person.email];
            let password = Password::parse(&password, &about).map_err(|why| Problem::field("/new_password", why))?;
            let password_hash = app.passwords.hash(place, &password).await?;
            Some(Own { first_name, last_name, password_hash })
        }
    };
    let (registration, email_key) = (registration.id, registration.person.email_key);
    let wish = Wish { registration, email_key, own, cause: Cause::current() };
    one(confirm::confirm(&app, vec![wish]).await)?;
    Ok(Json(VerifiedView { message: "Your address is confirmed: you can log in now.".to_owned() }))
}

fn choose(request: VerifyEmailBody) -> Result<Choice, Problem> {
    let VerifyEmailBody { token: _, password, new_password, first_name, last_name } = request;
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
