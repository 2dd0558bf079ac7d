//! Completes the document that utoipa collected: who we are, how to log in, and every problem a route can answer with.
//!
//! What follows from a route's shape is added here, so that no route forgets it. What its own rules refuse (409, 429 and
//! the like) stands in its annotation as a status with words, and gets its body here.

use crate::Problem;
use contracts::ServiceName;
use http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::{
    Components, ComponentsBuilder, ContentBuilder, HeaderBuilder, Object, ObjectBuilder, OpenApi, Ref, RefOr, Response,
    ResponseBuilder, Schema,
    path::{Operation, ParameterIn},
    schema::{ArrayItems, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa::{PartialSchema, ToSchema};

/// For a text of an answer that is one of these.
#[must_use]
pub fn one_of(texts: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(texts.iter().copied())).build()
}

/// What a request can meet by its shape alone.
const COMMON: [(StatusCode, &str, &str); 13] = [
    (
        StatusCode::BAD_REQUEST,
        "Unreadable",
        "It cannot be read: `invalid_json`, `body_unreadable`, `invalid_query`, \
        `invalid_limit`, `invalid_cursor`, `idempotency_key_required`, `invalid_idempotency_key`, `invalid_if_match`, \
            `doubled_header`, `invalid_host`.",
    ),
    (
        StatusCode::UNAUTHORIZED,
        "Unauthenticated",
        "Who asks is not known: `token_required`, `invalid_token`, \
        `token_expired`.",
    ),
    (
        StatusCode::FORBIDDEN,
        "Forbidden",
        "It is for others: `forbidden`; or for who has an account: `account_required`.",
    ),
    (
        StatusCode::NOT_FOUND,
        "NotFound",
        "It is not there, or not for who asks: `not_found`, or the code of what is \
        missing.",
    ),
    (StatusCode::REQUEST_TIMEOUT, "TooSlow", "The body did not come in time: `body_too_slow`."),
    (StatusCode::PRECONDITION_FAILED, "Stale", "Somebody changed it meanwhile: `version_stale`."),
    (StatusCode::PAYLOAD_TOO_LARGE, "TooLarge", "The body has more than 256 KiB: `body_too_large`."),
    (
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "UnsupportedMediaType",
        "The body is of another kind, or encoded: `json_required`, \
            `unsupported_encoding`.",
    ),
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "Unprocessable",
        "It was read and cannot be done as asked: `invalid_fields`, \
        `idempotency_key_reused`, or a rule's own code.",
    ),
    (StatusCode::PRECONDITION_REQUIRED, "PreconditionRequired", "If-Match is missing: `if_match_required`."),
    (StatusCode::INTERNAL_SERVER_ERROR, "Internal", "Our mistake: `internal`."),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "Unavailable",
        "Send the same request again: `overloaded`, \
        `deadline_exceeded`, `database_unavailable`, `dependency_unavailable`, `keys_unavailable`.",
    ),
    (StatusCode::TOO_MANY_REQUESTS, "TooMany", "Come again later."),
];

pub(crate) fn document(service: ServiceName, mut api: OpenApi) -> OpenApi {
    service.as_str().clone_into(&mut api.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut api.info.version);
    api.info.description = Some("Errors are RFC 9457 problems with a stable `code`.".to_owned());
    api.info.license = None;
    api.info.contact = None;
    let mut components = api.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    let mut schemas = Vec::new();
    Problem::schemas(&mut schemas);
    schemas.push((Problem::name().into_owned(), Problem::schema()));
    components.schemas.extend(schemas);
    name_items(&mut components);
    for (name, about) in [
        ("bearer", "A person's access token, from `POST /auth/login`. A role in brackets is one it must have."),
        ("guest", "A guest's access token, from `POST /auth/guests`: for one cart and what was ordered of it."),
        (
            "service",
            "A token by which a service knows another, of the service in brackets. Such a route never passes the front door.",
        ),
    ] {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(about));
        components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
    }
    for (status, name, description) in COMMON {
        components.responses.insert(name.to_owned(), RefOr::T(problem(status, description)));
    }
    api.components = Some(components);
    for item in api.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        operations.into_iter().flatten().for_each(complete);
    }
    api
}

/// What a page holds is written out in it: a client made from the document would have a type of its own for each list.
fn name_items(components: &mut Components) {
    let mut items = Vec::new();
    for (page, schema) in &mut components.schemas {
        let Some(item) = page.strip_prefix("Page_") else { continue };
        if let RefOr::T(Schema::Object(page)) = schema
            && let Some(RefOr::T(Schema::Array(list))) = page.properties.get_mut("items")
            && let ArrayItems::RefOrSchema(inner) = &mut list.items
        {
            let named = RefOr::Ref(Ref::from_schema_name(item));
            items.push((item.to_owned(), std::mem::replace(inner.as_mut(), named)));
        }
    }
    for (name, schema) in items {
        components.schemas.entry(name).or_insert(schema);
    }
}

fn complete(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let (Ok(status), RefOr::T(response)) = (status.parse::<StatusCode>(), response) else { continue };
        // A route may answer as another standard has it, and says so.
        if status.as_u16() >= 400 && response.content.is_empty() {
            *response = problem(status, &response.description);
        }
    }
    let met = common_of(operation);
    for (status, name, _) in COMMON.iter().filter(|(status, ..)| met.contains(status)) {
        let named = RefOr::Ref(Ref::from_response_name(*name));
        operation.responses.responses.entry(status.as_str().to_owned()).or_insert(named);
    }
}

/// Which of the common problems this route can answer with.
fn common_of(operation: &Operation) -> Vec<StatusCode> {
    use StatusCode as S;
    let mut met = vec![
        S::BAD_REQUEST,
        S::REQUEST_TIMEOUT,
        S::PAYLOAD_TOO_LARGE,
        S::UNSUPPORTED_MEDIA_TYPE,
        S::UNPROCESSABLE_ENTITY,
        S::INTERNAL_SERVER_ERROR,
        S::SERVICE_UNAVAILABLE,
    ];
    let required: Vec<Value> = operation.security.iter().flatten().map(|one| json!(one)).collect();
    if !required.is_empty() && !required.contains(&json!({})) {
        met.push(S::UNAUTHORIZED);
    }
    let of_some =
        |one: &Value| one.get("service").is_some() || one["bearer"].as_array().is_some_and(|roles| !roles.is_empty());
    if required.iter().any(of_some) {
        met.push(S::FORBIDDEN);
    }
    for parameter in operation.parameters.iter().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.parameter_in {
            ParameterIn::Path => met.push(S::NOT_FOUND),
            ParameterIn::Header if parameter.name == "If-Match" => {
                met.extend([S::PRECONDITION_FAILED, S::PRECONDITION_REQUIRED]);
            }
            _ => {}
        }
    }
    met
}

fn problem(status: StatusCode, description: &str) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let mut response = ResponseBuilder::new().description(description).content("application/problem+json", content);
    let whole = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let text = ObjectBuilder::new().schema_type(Type::String);
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            let header =
                HeaderBuilder::new().schema(Some(whole)).description(Some("Come again after so many seconds."));
            response = response.header("Retry-After", header.build());
        }
        StatusCode::UNAUTHORIZED => {
            let header = HeaderBuilder::new().schema(Some(text)).description(Some("How to say who asks: `Bearer`."));
            response = response.header("WWW-Authenticate", header.build());
        }
        _ => {}
    }
    response.build()
}
