//! What the structure publishes, as a file to keep: passed on from the node as it comes.

use super::Room;
use crate::trouble::Trouble;
use crate::visit::Session;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use relais_proto::desk::v1::{ExportFormat, ExportServicesRequest};
use tonic::codegen::tokio_stream::{self, StreamExt as _};

/// A file that is offered.
struct Offered {
    /// The last part of its address.
    name: &'static str,
    format: ExportFormat,
    kind: &'static str,
    /// What it is called when it is kept.
    disposition: &'static str,
}

const OFFERED: [Offered; 3] = [
    Offered {
        name: "services.json",
        format: ExportFormat::Json,
        kind: "application/json",
        disposition: "attachment; filename=\"services.json\"",
    },
    Offered {
        name: "services.csv",
        format: ExportFormat::ServicesCsv,
        kind: "text/csv; charset=utf-8",
        disposition: "attachment; filename=\"services.csv\"",
    },
    Offered {
        name: "structure.csv",
        format: ExportFormat::StructuresCsv,
        kind: "text/csv; charset=utf-8",
        disposition: "attachment; filename=\"structure.csv\"",
    },
];

/// Gives a file.
pub(crate) async fn give(session: Session, Path(name): Path<String>) -> Result<Response, Trouble> {
    Room::Services.enter(&session)?;
    let offered = OFFERED.iter().find(|offered| offered.name == name).ok_or(Trouble::NotFound)?;
    let request = ExportServicesRequest { format: offered.format.into(), territory: String::new() };
    let mut pieces = session.desk().export_services(session.ask(request)).await?.into_inner();
    // Whatever is refused is told before a file is begun.
    let first = pieces.message().await?;
    let all = tokio_stream::iter(first.map(Ok)).chain(pieces);
    let body = Body::from_stream(all.map(|piece| piece.map(|piece| piece.data)));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(offered.kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(offered.disposition)),
    ];
    Ok((headers, body).into_response())
}
