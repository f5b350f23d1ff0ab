//! Exports in data·inclusion v1, piece by piece.

use super::open_data::{PIECE_WAIT_MAX, Pieces, unavailable};
use super::{Desk, answer};
use crate::directory::{ExportError, Extent, Format, Only};
use relais_domain::territory::DepartementCode;
use relais_proto::desk::v1 as desk;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

/// Pieces that may wait to be taken.
const WAITING_MAX: usize = 2;
/// How everything is asked for.
const FRANCE: &str = "france";

impl Desk {
    /// Begins an export; it goes on in a task of its own until it is done or nobody takes it.
    pub(super) fn export(&self, request: &desk::ExportServicesRequest) -> Result<Pieces, Status> {
        let format = match request.format() {
            desk::ExportFormat::Unspecified => return Err(answer::field("format", "say how it is written")),
            desk::ExportFormat::Json => Format::Json,
            desk::ExportFormat::ServicesCsv => Format::Table(Only::Services),
            desk::ExportFormat::StructuresCsv => Format::Table(Only::Structures),
        };
        let extent = match request.territory.as_str() {
            "" => Extent::Own,
            FRANCE => Extent::France,
            code => Extent::Departement(DepartementCode::parse(code).ok_or_else(|| {
                answer::field("territory", "the code of a département, as `17` or `2A`, or `france`")
            })?),
        };
        let (given, pieces) = mpsc::channel(WAITING_MAX);
        let desk = self.clone();
        tokio::spawn(async move { desk.write_export((extent, format), given).await });
        Ok(ReceiverStream::new(pieces))
    }

    async fn write_export(
        &self,
        what: (Extent, Format),
        given: mpsc::Sender<Result<desk::ExportPiece, Status>>,
    ) {
        self.hear_claims().await;
        let (written, mut pieces) = mpsc::channel::<Vec<u8>>(1);
        let taker = given.clone();
        // Whoever stops taking ends this, and with it what is written.
        let passing = async move {
            while let Some(data) = pieces.recv().await {
                let piece = taker.send(Ok(desk::ExportPiece { data }));
                if !matches!(tokio::time::timeout(PIECE_WAIT_MAX, piece).await, Ok(Ok(()))) {
                    return;
                }
            }
        };
        let writing = async move {
            let recommended = self.introductions.recommended();
            let voucher = |structure| self.introductions.backing(structure, &recommended);
            self.directory.export(&self.open, what, voucher, &written).await
        };
        let (done, ()) = tokio::join!(writing, passing);
        let refused = match done {
            Ok(()) | Err(ExportError::Gone) => return,
            Err(ExportError::Store(error)) => unavailable(&error),
            Err(ExportError::Busy) => {
                let sentence = "open data are being seeded or read: try again when that is done".to_owned();
                answer::refused(Code::Aborted, "busy", None, sentence)
            }
        };
        let _ = given.send(Err(refused)).await;
    }
}
