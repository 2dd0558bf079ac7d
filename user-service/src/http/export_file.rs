//! `GET /auth/exports/{id}/file`: the copy itself, for whoever has the signed link.

use crate::{
    Error,
    changes::export,
    domain::ExportText,
    state::App,
    store::exports::{self, Export},
};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use contracts::ExportId;
use futures_util::{Stream, stream};
use http::header;
use serde::Deserialize;
use service_kit::{
    Problem,
    auth::Anybody,
    extract::{Path, Query},
};
use time::format_description::well_known::Rfc3339;
use utoipa::IntoParams;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Signed {
    /// Until when the link works, in seconds since 1970.
    expires: i64,
    /// Over the export and that time.
    #[param(max_length = 100)]
    signature: String,
}

/// All that is kept of a person, as one JSON document: by service, and there by kind. The link holds its own proof and works
/// for an hour.
#[utoipa::path(
    get, path = "/auth/exports/{id}/file", tag = "personal data", params(("id" = ExportId, Path), Signed),
    responses(
        (status = 200, description = "The document.", body = Object, content_type = "application/json"),
        (status = 404, description = "`export_not_found`: also of a link that is over.")
    )
)]
pub(crate) async fn export_file(
    _anybody: Anybody,
    State(app): State<App>,
    Path(id): Path<ExportId>,
    Query(link): Query<Signed>,
) -> Result<Response, Problem> {
    let mut connection = app.kit.database.acquire().await?;
    let export = export::follow(&app, &mut connection, id, (link.expires, &link.signature)).await?;
    drop(connection);
    tracing::info!(account.id = %export.account_id, export.id = %id, "a copy of somebody's data was fetched");
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(text(app, export))).into_response())
}

/// How far it was written.
enum Place {
    Beginning,
    After(String, i32),
    End,
}

/// A piece at a time, as fast as it is read. A connection is held for no longer than it takes to read one.
fn text(app: App, export: Export) -> impl Stream<Item = Result<String, Error>> {
    let begin = (app, export, ExportText::default(), Place::Beginning);
    stream::try_unfold(begin, |(app, export, mut text, place)| async move {
        let (service, number) = match &place {
            Place::Beginning => (String::new(), -1),
            Place::After(service, number) => (service.clone(), *number),
            Place::End => return Ok(None),
        };
        let mut written = match place {
            Place::Beginning => {
                let asked_at = export.asked_at.format(&Rfc3339).unwrap_or_default();
                ExportText::begin(export.account_id, &asked_at)
            }
            _ => String::new(),
        };
        let mut connection = app.kit.database.acquire().await?;
        let piece = exports::next(&mut connection, export.id, (&service, number)).await?;
        drop(connection);
        let place = match piece {
            Some(piece) => {
                written += &text.piece(&piece.service, &piece.kind, export::items(&piece.items));
                Place::After(piece.service, piece.number)
            }
            None => {
                written += text.end();
                Place::End
            }
        };
        Ok(Some((written, (app, export, text, place))))
    })
}
