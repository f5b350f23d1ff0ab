//! The story, chapter by chapter. Each step looks at both ends before its line is printed.

mod first;
mod full;
mod handover;
mod stopped;
mod tampered;
mod uncovered;

use super::cast::{COMMUNE, THEME_ONLINE};
use super::end::{End, ThreadBytes, there, untrue};
use super::house::House;
use super::report::Report;
use crate::exit::Failure;
use crate::when::{self, When};
use relais_domain::time::{Span, Timestamp};
use relais_proto::desk::v1::{FoundService, ServiceView};

/// The threads the story leaves behind.
#[derive(Clone, Debug)]
pub(crate) struct Threads {
    /// Sent, accepted, closed.
    pub(crate) first: ThreadBytes,
    /// Refused as full.
    pub(crate) full: ThreadBytes,
    /// Stopped by the person.
    pub(crate) stopped: ThreadBytes,
    /// Handed over.
    pub(crate) handover: ThreadBytes,
}

/// Plays the story.
///
/// # Errors
/// [`Failure`] of the first step that does not come true.
pub(crate) async fn play(house: &House, report: &Report) -> Result<Threads, Failure> {
    let ends = house.ends().ok_or_else(|| untrue("the nodes are not built"))?;
    report.chapter("1  A jobseeker came for a job interview and cannot go online");
    let (follow_up, first) = Box::pin(first::play(ends, report)).await?;
    report.chapter("2  A second, unrelated need");
    let full = Box::pin(full::play(ends, report)).await?;
    report.chapter("3  An agreement that does not cover what is sent");
    Box::pin(uncovered::play(ends, report)).await?;
    report.chapter("4  The same, forced by a sender that cheats");
    Box::pin(tampered::play(house, ends, report)).await?;
    report.chapter("5  The person changes their mind");
    let stopped = Box::pin(stopped::play(ends, report)).await?;
    report.chapter("6  The jobseeker is handed over");
    let handover = Box::pin(handover::play(ends, report, follow_up)).await?;
    Ok(Threads { first, full, stopped, handover })
}

/// The service of `offerer` that `seeker`'s directory proposes for a need in La Rochelle.
async fn offered(seeker: &End, offerer: &End, theme: &str) -> Result<ServiceView, Failure> {
    let found = seeker.find(theme, COMMUNE).await?;
    let services = found.into_iter().filter_map(|FoundService { service, .. }| service);
    let mut of_offerer = services.filter(|service| service.structure_id == offerer.id);
    there(&format!("a service of {}", offerer.structure.short), of_offerer.next())
}

/// The hub's service that gets people online.
async fn online(seeker: &End, hub: &End) -> Result<ServiceView, Failure> {
    offered(seeker, hub, THEME_ONLINE).await
}

/// Ten in the morning, so many days from now, ms.
fn morning(now: Timestamp, days: i64) -> Result<i64, Failure> {
    let then = when::human(now.plus(Span::days(days)).0);
    let day = there("the day", then.split(' ').next())?;
    let ten = When::parse(&format!("{day}T10:00")).map_err(untrue)?;
    Ok(ten.instant("appointment", now)?.0)
}
