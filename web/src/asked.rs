//! What a browser asks a page for. What cannot be read is answered with a page too, not with the words of a library.
//! Unlike the services' routes, pages pass over parameters they do not know: links gather them on their way.

use crate::layout::{self, Notice};
use axum::{
    extract::{Form, FromRequest, FromRequestParts, Path, Query, Request},
    response::Response,
};
use http::{StatusCode, request::Parts};
use serde::{Deserialize, de::DeserializeOwned};

/// The parameters of the address.
pub(crate) struct Asked<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(asked)| Self(asked)).map_err(|_| unreadable())
    }
}

/// Of a page that something led back to.
#[derive(Deserialize)]
pub(crate) struct Before {
    /// What was done a moment ago.
    #[serde(default)]
    pub(crate) done: String,
}

/// A part of the address's path.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let read = <Path<String> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        read.map(|Path(name)| Self(name)).map_err(|_| unreadable())
    }
}

/// What a form sent.
pub(crate) struct Filled<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Filled<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let read = Form::<T>::from_request(request, state).await;
        read.map(|Form(filled)| Self(filled)).map_err(|_| {
            let notice = Notice { title: &t!("did-not-work"), text: &t!("form-unreadable") };
            layout::page(StatusCode::BAD_REQUEST, &notice)
        })
    }
}

fn unreadable() -> Response {
    let notice = Notice { title: &t!("did-not-work"), text: &t!("address-unreadable") };
    layout::secret_page(StatusCode::BAD_REQUEST, &notice)
}
