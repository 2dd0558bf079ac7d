//! A request under its key, and the answer that is stored for it.

use crate::{Kind, KitError, Problem, Tx, cure};
use aws_lc_rs::digest;
use axum::{extract::FromRequestParts, response::IntoResponse};
use futures_util::future::BoxFuture;
use http::{StatusCode, request::Parts};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};
use uuid::Uuid;

/// The header's value: 1 to 255 visible ASCII characters. As a parameter it makes the header required.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// # Errors
    /// Empty, too long or with characters outside visible ASCII.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(text.to_owned()));
        }
        let detail = "The Idempotency-Key header must hold 1 to 255 visible ASCII characters without spaces.";
        Err(Problem::new(Kind::Invalid, "invalid_idempotency_key", detail))
    }

    /// As it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else {
            let detail = "This request needs an Idempotency-Key header: send a fresh random value for each new intent, \
                          and the same value again when you repeat it.";
            return Err(Problem::new(Kind::Invalid, "idempotency_key_required", detail));
        };
        Self::parse(value.to_str().unwrap_or_default())
    }
}

/// As the documents tell it, where it is required.
impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
        let schema = text.pattern(Some("^[!-~]+$"));
        let description = "Fresh for each intent, and the same again with each repeat of it.";
        let parameter = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
        vec![parameter.required(Required::True).description(Some(description)).schema(Some(schema)).build()]
    }
}

/// One request under a key.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// Whose key it is: nobody meets another's.
    pub owner: Uuid,
    /// The operation, e.g. `place_order`: the same key on another operation is another key.
    pub operation: &'static str,
    /// As it was sent.
    pub key: IdempotencyKey,
    /// SHA-256 over what was asked for.
    pub fingerprint: Vec<u8>,
}

impl Keyed {
    /// What one request is known again by: without it every click is another one.
    ///
    /// # Errors
    /// `request` cannot be written as JSON.
    #[cure(idempotency_key, spoil = crate::labs::mistakes::another_key)]
    pub fn new(
        owner: impl Into<Uuid>,
        operation: &'static str,
        key: IdempotencyKey,
        request: &impl Serialize,
    ) -> Result<Self, KitError> {
        let body = serde_json::to_vec(request)?;
        let fingerprint = digest::digest(&digest::SHA256, &body).as_ref().to_vec();
        Ok(Self { owner: owner.into(), operation, key, fingerprint })
    }
}

/// An answer as it was given the first time.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAnswer {
    /// With which it was answered.
    pub status: StatusCode,
    /// What it was answered.
    pub body: Value,
}

impl IntoResponse for StoredAnswer {
    fn into_response(self) -> axum::response::Response {
        (self.status, axum::Json(self.body)).into_response()
    }
}

/// The answer stored under the key; none for a new key.
///
/// # Errors
/// [`KitError::IdempotencyKeyReused`] when the key was used with another request.
pub fn find<'f>(
    connection: &'f mut PgConnection,
    keyed: &'f Keyed,
) -> BoxFuture<'f, Result<Option<StoredAnswer>, KitError>> {
    Box::pin(async move {
        let mut found = find_all(connection, &[keyed]).await?;
        found.pop().unwrap_or(Err(KitError::NoAnswer))
    })
}

/// [`find`] for each of `asked`, in their order, by one statement.
///
/// # Errors
/// The database is away.
pub async fn find_all(
    connection: &mut PgConnection,
    asked: &[&Keyed],
) -> Result<Vec<Result<Option<StoredAnswer>, KitError>>, sqlx::Error> {
    let Keys { owners, operations, keys } = Keys::of(asked);
    let rows = sqlx::query!(
        r#"SELECT place AS "place!", fingerprint, status, body
           FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (owner, route, key, place)
           JOIN LATERAL (
               SELECT fingerprint, status, body FROM idempotency_keys AS known
               WHERE known.owner = asked.owner AND known.route = asked.route AND known.key = asked.key OFFSET 0
           ) AS known ON true"#,
        &owners,
        &operations as &[&str],
        &keys as &[&str]
    )
    .fetch_all(connection)
    .await?;
    let mut found: Vec<_> = asked.iter().map(|_| Ok(None)).collect();
    for row in rows {
        let Some(place) = usize::try_from(row.place).ok().and_then(|place| place.checked_sub(1)) else { continue };
        let status = u16::try_from(row.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let answer = StoredAnswer { status: status.unwrap_or(StatusCode::OK), body: row.body };
        let same = asked[place].fingerprint == row.fingerprint;
        found[place] = if same { Ok(Some(answer)) } else { Err(KitError::IdempotencyKeyReused) };
    }
    Ok(found)
}

/// The three columns that name a request, of each.
struct Keys<'k> {
    owners: Vec<Uuid>,
    operations: Vec<&'k str>,
    keys: Vec<&'k str>,
}

impl<'k> Keys<'k> {
    fn of(asked: &[&'k Keyed]) -> Self {
        Self {
            owners: asked.iter().map(|keyed| keyed.owner).collect(),
            operations: asked.iter().map(|keyed| keyed.operation).collect(),
            keys: asked.iter().map(|keyed| keyed.key.as_str()).collect(),
        }
    }
}

/// Stores the answers by one statement, in the order of their keys. Waits for concurrent duplicates to end; gives the places
/// of those that were stored: where one is missing its duplicate won.
pub(super) async fn store_all(
    tx: &mut Tx,
    answers: &[(&Keyed, &StoredAnswer)],
    now: OffsetDateTime,
) -> Result<Vec<usize>, sqlx::Error> {
    let asked: Vec<_> = answers.iter().map(|(keyed, _answer)| *keyed).collect();
    let Keys { owners, operations, keys } = Keys::of(&asked);
    let fingerprints: Vec<_> = asked.iter().map(|keyed| keyed.fingerprint.as_slice()).collect();
    let statuses: Vec<_> = answers.iter().map(|(_keyed, answer)| i32::from(answer.status.as_u16())).collect();
    let bodies: Vec<_> = answers.iter().map(|(_keyed, answer)| answer.body.clone()).collect();
    let stored = sqlx::query!(
        "INSERT INTO idempotency_keys (owner, route, key, fingerprint, status, body, created_at)
         SELECT owner, route, key, fingerprint, status, body, $7
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::integer[], $6::jsonb[])
             AS answer (owner, route, key, fingerprint, status, body)
         ORDER BY owner, route, key
         ON CONFLICT DO NOTHING RETURNING owner, route, key",
        &owners,
        &operations as &[&str],
        &keys as &[&str],
        &fingerprints as &[&[u8]],
        &statuses,
        &bodies,
        now
    )
    .fetch_all(&mut **tx)
    .await?;
    let is_stored = |keyed: &Keyed| {
        stored.iter().any(|row| {
            (row.owner, row.route.as_str(), row.key.as_str()) == (keyed.owner, keyed.operation, keyed.key.as_str())
        })
    };
    Ok((0..asked.len()).filter(|place| is_stored(asked[*place])).collect())
}
