//! Open data: seeding a dump, showing what is held of it, and exporting.

use super::import;
use super::{Desk, answer};
use crate::directory::{
    Effect, OpenEntry, OpenSource, Remark, Run, Said, SeedError, SeedProgress, SeedReport,
};
use crate::node::keepers;
use relais_domain::directory::{Door, OPEN_SERVICES_MAX, Outcome, Profile, Service};
use relais_domain::id::ServiceId;
use relais_domain::territory::Territory;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use relais_store::StoreError;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

/// How far a seed is, answer by answer.
pub(super) type Progress = ReceiverStream<Result<desk::SeedProgress, Status>>;
/// An export, piece by piece.
pub(super) type Pieces = ReceiverStream<Result<desk::ExportPiece, Status>>;
/// Entries by number, as they are shown, with where they come from.
pub(super) type OpenViews = BTreeMap<u32, (desk::ServiceView, desk::OpenSource)>;

/// Longest piece of a dump, in bytes.
const PIECE_BYTES_MAX: usize = 262_144;
/// Longest wait for the next piece of a dump, or until a piece of an export is taken.
pub(super) const PIECE_WAIT_MAX: Duration = Duration::from_secs(60);
/// After how many bytes of a dump its progress is told.
const TOLD_BYTES: u64 = 2_097_152;
/// Most remarks of one answer, so that it stays small.
const TOLD_REMARKS: usize = 250;
/// Answers that may wait to be taken.
const WAITING_MAX: usize = 2;

macro_rules! yes_no {
    ($condition:expr) => {
        if $condition { peer::YesNo::Yes } else { peer::YesNo::No }
    };
}

impl Desk {
    /// Takes a dump in; it goes on in a task of its own until it is done, broken off or left waiting.
    pub(super) fn seed(&self, pieces: Streaming<desk::SeedPiece>) -> Progress {
        let (told, progress) = mpsc::channel(WAITING_MAX);
        let desk = self.clone();
        tokio::spawn(async move {
            if let Err(status) = desk.take_dump(pieces, &told).await {
                tracing::info!(code = ?status.code(), "A seed was broken off");
                let _ = told.send(Err(status)).await;
            }
        });
        ReceiverStream::new(progress)
    }

    async fn take_dump(
        &self,
        mut pieces: Streaming<desk::SeedPiece>,
        told: &mpsc::Sender<Result<desk::SeedProgress, Status>>,
    ) -> Result<(), Status> {
        let first = next(&mut pieces).await?.ok_or_else(cut)?;
        let mut run = self.open.seed(&first.source).await.map_err(seed_error)?;
        let (mut piece, mut last_told) = (first, 0);
        loop {
            if piece.data.len() > PIECE_BYTES_MAX {
                return Err(answer::field("data", "a piece has at most 262,144 bytes"));
            }
            if piece.file.is_some() {
                run.begin_file().await.map_err(seed_error)?;
            }
            if !piece.data.is_empty() {
                run.take(&piece.data).await.map_err(seed_error)?;
            }
            if let Some(end) = piece.end {
                return end_run(&mut run, end.bytes, told).await;
            }
            last_told = tell(&mut run, last_told, told).await?;
            piece = next(&mut pieces).await?.ok_or_else(cut)?;
        }
    }

    /// Lets entries be hidden in whose place signed records stand, now; a task does it every second.
    pub(super) async fn hear_claims(&self) {
        keepers::hear_claims(&self.open, &self.introductions).await;
    }

    /// The entries that an answer shows.
    pub(super) async fn open_entries(&self, outcome: &Outcome) -> Result<OpenViews, Status> {
        let doors = outcome.found.iter().map(|found| &found.door);
        let doors = doors.chain(outcome.shut_out.iter().map(|shut| &shut.first));
        let numbers: Vec<u32> = doors
            .filter_map(|door| match door {
                Door::Open(number) => Some(*number),
                Door::Published { .. } => None,
            })
            .collect();
        let mut views = OpenViews::new();
        for number in numbers {
            let entry = self.open.entry(number).await.map_err(|error| unavailable(&error))?;
            views.extend(entry.map(|entry| (number, (view(&entry), source(&entry)))));
        }
        Ok(views)
    }

    pub(super) async fn show_open_entry(&self, id: &str) -> Result<desk::OpenEntryView, Status> {
        self.hear_claims().await;
        let found = self.open.entry_of(id).await.map_err(|error| unavailable(&error))?;
        let (entry, hidden) = found.ok_or_else(|| self.signed_instead(id))?;
        Ok(desk::OpenEntryView {
            service: Some(view(&entry)),
            open: Some(source(&entry)),
            replaced: yes_no!(hidden).into(),
        })
    }

    /// There is no entry: what is said when a structure publishes a service of this id under its signature.
    fn signed_instead(&self, id: &str) -> Status {
        let Some(id) = ServiceId::parse(id) else { return answer::not_there() };
        let own = self.engine.own().structure();
        let mut publishers = self.directory.publishers(&id);
        // Whoever is known here stands before a stranger that took the same id.
        publishers.sort_by_key(|by| (*by != own, self.engine.peers().peer(*by).is_none()));
        let shown = publishers.into_iter().find_map(|by| self.directory.service(by, &id));
        let Some(shown) = shown else { return answer::not_there() };
        let finds = self.relation(shown.structure, &self.introductions.recommended()).is_some();
        let commune =
            shown.service.commune.filter(|code| shown.service.coverage.covers(&Territory::Commune(*code)));
        let service = self.service_view(&shown);
        let name = service.structure_name;
        if service.structure_id == own.as_bytes() {
            let sentence =
                "it is no entry of open data: you publish it, signed; `relais service list` shows it";
            return answer::refused(Code::NotFound, "signed", None, sentence.to_owned());
        }
        let find = match (service.themes.first(), commune) {
            (Some(theme), Some(commune)) if finds => {
                format!("; `relais find --theme {theme} --commune {commune} --all` shows it")
            }
            (Some(_) | None, _) => String::new(),
        };
        let sentence = format!("it is no entry of open data: {name} publishes it, signed{find}");
        answer::refused(Code::NotFound, "signed", None, sentence)
    }

    /// Removes a source, in a task of its own: who asks may go away meanwhile.
    pub(super) async fn remove_open_data(&self, source: String) -> Result<desk::RemovedOpenData, Status> {
        let open = Arc::clone(&self.open);
        let removing = tokio::spawn(async move { open.remove(&source).await });
        let removed = removing.await.map_err(|error| {
            tracing::error!(%error, "A source of open data was not removed to the end");
            answer::refused(Code::Internal, "failed", None, "the node failed: see its log".to_owned())
        })?;
        Ok(desk::RemovedOpenData { source: Some(source_view(removed.map_err(seed_error)?)) })
    }

    pub(super) async fn open_data_status(&self) -> desk::OpenDataStatusResponse {
        self.hear_claims().await;
        let status = self.open.status();
        desk::OpenDataStatusResponse {
            sources: status.sources.into_iter().map(source_view).collect(),
            loaded: status.loaded,
            hidden: status.hidden,
            loading: yes_no!(status.loading).into(),
            services_max: u32::try_from(OPEN_SERVICES_MAX).unwrap_or(u32::MAX),
        }
    }
}

fn source_view(source: OpenSource) -> desk::OpenDataSource {
    desk::OpenDataSource {
        name: source.name,
        seeded_ms: source.seeded_at.0,
        structures: source.structures,
        services: source.services,
        refused: source.refused,
        set_aside: source.set_aside,
        newest_day: source.newest.0,
        unreadable: source.unreadable,
    }
}

/// The next piece; none when whoever sends has ended.
async fn next(pieces: &mut Streaming<desk::SeedPiece>) -> Result<Option<desk::SeedPiece>, Status> {
    came_within(PIECE_WAIT_MAX, pieces.message()).await
}

/// What comes in this time; a refusal when nothing does.
async fn came_within(
    most: Duration,
    piece: impl Future<Output = Result<Option<desk::SeedPiece>, Status>>,
) -> Result<Option<desk::SeedPiece>, Status> {
    tokio::time::timeout(most, piece).await.unwrap_or_else(|_| {
        let sentence =
            "no piece of the dump came for a minute; what was held before is still held".to_owned();
        Err(answer::refused(Code::DeadlineExceeded, "seed_waited", None, sentence))
    })
}

fn cut() -> Status {
    let sentence = "the dump was not sent to its end; what was held before is still held".to_owned();
    answer::refused(Code::Aborted, "seed_cut", None, sentence)
}

async fn end_run(
    run: &mut Run,
    bytes: u64,
    told: &mpsc::Sender<Result<desk::SeedProgress, Status>>,
) -> Result<(), Status> {
    if run.bytes() != bytes {
        return Err(cut());
    }
    let report = run.end().await.map_err(seed_error)?;
    let (progress, mut remarks) = run.progress();
    while remarks.len() > TOLD_REMARKS {
        let some = remarks.drain(..TOLD_REMARKS).collect();
        give(told, answer_of(&progress, some)).await?;
    }
    let answer = desk::SeedProgress { report: Some(report_of(&report)), ..answer_of(&progress, remarks) };
    give(told, answer).await
}

/// Tells how far the run is, when enough was read since or there is something to say.
async fn tell(
    run: &mut Run,
    last_told: u64,
    told: &mpsc::Sender<Result<desk::SeedProgress, Status>>,
) -> Result<u64, Status> {
    if run.bytes() < last_told + TOLD_BYTES && run.remarks() < TOLD_REMARKS {
        return Ok(last_told);
    }
    let (progress, mut remarks) = run.progress();
    loop {
        let some = remarks.drain(..remarks.len().min(TOLD_REMARKS)).collect();
        give(told, answer_of(&progress, some)).await?;
        if remarks.is_empty() {
            return Ok(progress.bytes);
        }
    }
}

async fn give(
    told: &mpsc::Sender<Result<desk::SeedProgress, Status>>,
    answer: desk::SeedProgress,
) -> Result<(), Status> {
    let gone = || Status::cancelled("nobody listens any more");
    let sent = tokio::time::timeout(PIECE_WAIT_MAX, told.send(Ok(answer))).await;
    sent.map_err(|_| gone())?.map_err(|_| gone())
}

fn answer_of(progress: &SeedProgress, remarks: Vec<Remark>) -> desk::SeedProgress {
    desk::SeedProgress {
        bytes: progress.bytes,
        structures: progress.structures,
        services: progress.services,
        refused: progress.refused,
        remarks: remarks.into_iter().map(remark).collect(),
        report: None,
    }
}

fn remark(remark: Remark) -> desk::SeedRemark {
    let (problem, coded) = match &remark.said {
        Said::Wrong(wrong) => (wrong.to_string(), Some(import::coded(wrong))),
        Said::Former(former) => (former.to_string(), None),
    };
    desk::SeedRemark {
        effect: effect(remark.effect).into(),
        file: remark.file,
        line: remark.line,
        index: remark.index,
        id: remark.id,
        field: remark.field,
        problem,
        coded,
    }
}

const fn effect(effect: Effect) -> desk::SeedEffect {
    match effect {
        Effect::Refused => desk::SeedEffect::Refused,
        Effect::SetAside => desk::SeedEffect::SetAside,
        Effect::Replaced => desk::SeedEffect::Replaced,
    }
}

fn report_of(report: &SeedReport) -> desk::SeedReport {
    let counts = report.counts.iter().map(|((of, reason), count)| desk::SeedCount {
        effect: effect(*of).into(),
        reason: (*reason).to_owned(),
        count: *count,
    });
    desk::SeedReport {
        created: report.created,
        again: report.again,
        gone: report.gone,
        counts: counts.collect(),
    }
}

/// An entry, as a service is shown: its structure's telephone, e-mail and web address where it has none of its own; the
/// structure's address and hours only where it is in the same commune, for a distance is said of the service.
fn view(entry: &OpenEntry) -> desk::ServiceView {
    let structure = entry.structure.as_ref();
    let own = desk::ServiceView {
        structure_name: structure.map(|structure| structure.name.clone()).unwrap_or_default(),
        ..super::services::of_service(&entry.service)
    };
    match structure {
        Some(structure) => with_structure(own, &entry.service, structure),
        None => own,
    }
}

/// What a service does not say of how it is reached, as its structure says it.
pub(super) fn with_structure(
    own: desk::ServiceView,
    service: &Service,
    structure: &Profile,
) -> desk::ServiceView {
    let named = structure.sites.iter().find(|site| Some(site.id) == service.site);
    let site = named.or_else(|| structure.sites.first());
    let there = site.filter(|site| site.commune.is_some() && site.commune == service.commune);
    let or =
        |own: String, of: Option<&String>| if own.is_empty() { of.cloned().unwrap_or_default() } else { own };
    desk::ServiceView {
        address: or(own.address, there.and_then(|site| site.address.as_ref())),
        opening_hours: or(own.opening_hours, there.and_then(|site| site.opening_hours.as_ref())),
        phone: or(own.phone, site.and_then(|site| site.phone.as_ref())),
        email: or(own.email, site.and_then(|site| site.email.as_ref())),
        link: or(own.link, structure.link.as_ref()),
        ..own
    }
}

fn source(entry: &OpenEntry) -> desk::OpenSource {
    desk::OpenSource {
        source: entry.producer.clone(),
        updated_day: entry.service.updated_on.0,
        dump: entry.source.clone(),
        seeded_ms: entry.seeded_at.0,
        structure_id: entry.structure_id.clone(),
    }
}

pub(super) fn unavailable(error: &StoreError) -> Status {
    tracing::error!(%error, "The store could not answer");
    answer::refused(Code::Unavailable, "store", None, error.to_string())
}

fn seed_error(error: SeedError) -> Status {
    let sentence = error.to_string();
    let (code, name, field) = match error {
        SeedError::Busy => (Code::Aborted, "busy", None),
        SeedError::SourceName | SeedError::UnknownSource(_) => {
            (Code::InvalidArgument, "field", Some("source"))
        }
        SeedError::TooManySources => (Code::ResourceExhausted, "limit", Some("source")),
        SeedError::TooLong => (Code::ResourceExhausted, "limit", None),
        SeedError::Dump(_) | SeedError::NoFile => (Code::InvalidArgument, "dump", None),
        SeedError::Empty(_) => (Code::InvalidArgument, "dump_empty", None),
        SeedError::Store(error) => return unavailable(&error),
    };
    answer::refused(code, name, field, sentence)
}

#[cfg(test)]
mod tests;
