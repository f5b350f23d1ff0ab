//! This node's own counts: cells of one quarter at one territorial level, no totals, small cells as "0–10". A quarter
//! is counted alike before and after it closes: rows of threads before, cells that name none after.

use super::view::number;
use super::{By, Caller, Desk, answer};
use crate::users::Role;
use relais_domain::content::Outcome;
use relais_domain::event::{Side, ThreadKind};
use relais_domain::fold::Label;
use relais_domain::territory::{Level, Territory};
use relais_domain::theme::{Category, Theme};
use relais_domain::time::Quarter;
use relais_proto::desk::v1 as desk;
use relais_store::rows::{CellRow, TallyRow};
use relais_store::{Answer, Store, StoreError};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use tonic::Status;

/// The smallest count that is shown. Below it, zero included, a cell reads "0–10".
const CELL_COUNT_MIN: u64 = 11;
/// Most needs that are told as those sent.
const THEMES_SENT_MAX: usize = 16;
/// How often a quarter that closes meanwhile is read again.
const READS_MAX: u32 = 3;

type Flow = (String, Side, &'static str, Option<Label>, Option<Outcome>);

impl Desk {
    pub(super) async fn flows(
        &self,
        request: desk::FlowsRequest,
        caller: &Caller,
    ) -> Result<desk::FlowsResponse, Status> {
        let quarter = self.quarter(&request)?;
        let level = level(request.level)?;
        let only = match request.territory.as_str() {
            "" => None,
            code => Some(territory(code, level)?),
        };
        let counted = counted(&**self.engine.store(), quarter).await;
        let counted = counted.map_err(|error| answer::engine(error.into()))?;
        let cells = counts(&counted, level, only).into_iter().map(|(flow, (count, territory, category))| {
            desk::FlowCell {
                territory: flow.0,
                territory_name: territory.name().to_owned(),
                side: number(flow.1.number()),
                category: category.code().to_owned(),
                category_label: category.label().to_owned(),
                label: flow.3.map_or(0, |label| number(label.number())),
                outcome: flow.4.map_or(0, |outcome| number(outcome.number())),
                count: (count >= CELL_COUNT_MIN).then(|| u32::try_from(count).unwrap_or(u32::MAX)),
            }
        });
        let year = u32::try_from(quarter.year()).unwrap_or(0);
        // Who sends is shown their usual needs first. They are finer than a cell, so no one else is told of
        // them, and no software: an admin may hold its key.
        let in_person = matches!(caller.by, By::Uid | By::Session(_));
        let sends = [Role::Counsellor, Role::Coordinator].iter().any(|role| caller.user.roles.contains(role));
        let themes_sent = if sends && in_person { themes_sent(&counted) } else { Vec::new() };
        Ok(desk::FlowsResponse { year, quarter: quarter.number(), cells: cells.collect(), themes_sent })
    }

    fn quarter(&self, request: &desk::FlowsRequest) -> Result<Quarter, Status> {
        if request.year == 0 {
            return Ok(self.engine.clock().now().quarter());
        }
        let year = i32::try_from(request.year)
            .ok()
            .filter(|year| (2020..=2099).contains(year))
            .ok_or_else(|| answer::field("year", "a year of four digits, from 2020"))?;
        Quarter::of(year, request.quarter).ok_or_else(|| answer::field("quarter", "1 to 4"))
    }
}

/// Everything counted in a quarter.
async fn counted(store: &dyn Store, quarter: Quarter) -> Result<Vec<CellRow>, StoreError> {
    let cells = || store.cells(quarter, quarter.next());
    at_once(cells, || store.tally(quarter.start(), quarter.end())).await
}

/// Cells and rows as of one instant. A closing moves counts from the one to the other; if one came between the reads,
/// the cells have changed, and it is read again.
async fn at_once<'a>(
    cells: impl Fn() -> Answer<'a, Vec<CellRow>>,
    rows: impl Fn() -> Answer<'a, Vec<TallyRow>>,
) -> Result<Vec<CellRow>, StoreError> {
    let mut before = cells().await?;
    for _ in 0..READS_MAX {
        let rows = rows().await?;
        let after = cells().await?;
        if after == before {
            let rows = rows.iter().map(|row| CellRow { cell: row.cell(), count: 1 });
            return Ok(after.into_iter().chain(rows).collect());
        }
        before = after;
    }
    Err(StoreError::Unavailable("the quarter is being closed: try again".to_owned()))
}

/// The needs that were sent, the most frequent first.
fn themes_sent(counted: &[CellRow]) -> Vec<String> {
    let mut counts: BTreeMap<Theme, u64> = BTreeMap::new();
    for CellRow { cell, count } in counted {
        if cell.side == Side::Sender && cell.kind == ThreadKind::Referral {
            *counts.entry(cell.theme).or_default() += count;
        }
    }
    let mut counts: Vec<(Theme, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    counts.into_iter().take(THEMES_SENT_MAX).map(|(theme, _)| theme.code().to_owned()).collect()
}

/// Adds up what is counted in territories of a level, or in one of them.
fn counts(
    counted: &[CellRow],
    level: Level,
    only: Option<Territory>,
) -> BTreeMap<Flow, (u64, Territory, Category)> {
    let mut counts = BTreeMap::new();
    for CellRow { cell, count } in counted {
        let Some(territory) = cell.territory.at_level(level) else { continue };
        if only.is_some_and(|only| only != territory) {
            continue;
        }
        let category = cell.theme.category();
        let flow = (territory.to_string(), cell.side, category.code(), cell.label, cell.outcome);
        let entry = counts.entry(flow).or_insert((0_u64, territory, category));
        entry.0 = entry.0.saturating_add(*count);
    }
    counts
}

fn level(number: i32) -> Result<Level, Status> {
    match desk::TerritoryLevel::try_from(number) {
        Ok(desk::TerritoryLevel::Commune) => Ok(Level::Commune),
        Ok(desk::TerritoryLevel::Epci) => Ok(Level::Epci),
        Ok(desk::TerritoryLevel::Departement) => Ok(Level::Departement),
        Ok(desk::TerritoryLevel::Region) => Ok(Level::Region),
        Ok(desk::TerritoryLevel::France) => Ok(Level::France),
        Ok(desk::TerritoryLevel::Unspecified) | Err(_) => {
            Err(answer::field("level", "commune, epci, departement, region or france"))
        }
    }
}

fn territory(code: &str, level: Level) -> Result<Territory, Status> {
    let parsed = Territory::parse(code).map_err(|error| answer::field("territory", &error.to_string()))?;
    match parsed.at_level(level) {
        Some(same) if same == parsed => Ok(parsed),
        Some(_) | None => Err(answer::field("territory", "is not of the level asked")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_store::batch::{Batch, ThreadWrite};
    use relais_store::conformance::sample;
    use relais_store::memory::MemoryStore;
    use std::sync::atomic::{AtomicU32, Ordering};

    const OPENED: u64 = 30;

    fn opened() -> Quarter {
        sample::tally_row(1).opened_at.quarter()
    }

    fn closing() -> Batch {
        Batch { closing: Some(opened()), ..Batch::default() }
    }

    /// A store with as many threads as seeds, in a few cells.
    async fn open(store: &MemoryStore, seeds: impl IntoIterator<Item = u64>) {
        for seed in seeds {
            let varied = sample::varied_tally_row(seed % 4 + 1);
            let row = TallyRow { theme: varied.theme, label: varied.label, ..sample::tally_row(seed) };
            let write = ThreadWrite { tally: Some(row), ..sample::opening(seed) };
            store.commit(sample::batch(write)).await.unwrap();
        }
    }

    async fn flows(store: &MemoryStore) -> BTreeMap<Flow, u64> {
        let counted = counted(store, opened()).await.unwrap();
        let counts = counts(&counted, Level::Departement, None);
        counts.into_iter().map(|(flow, (count, ..))| (flow, count)).collect()
    }

    #[tokio::test]
    async fn a_quarter_is_counted_alike_before_and_after_it_closes() {
        let store = MemoryStore::new();
        open(&store, 1..=OPENED).await;
        let before = flows(&store).await;
        assert_eq!(before.values().sum::<u64>(), OPENED);
        assert!(before.len() > 1);
        store.commit(closing()).await.unwrap();
        assert_eq!(flows(&store).await, before);
        open(&store, OPENED + 1..=OPENED + 4).await;
        assert_eq!(flows(&store).await.values().sum::<u64>(), OPENED + 4);
        let next = counted(&store, opened().next()).await.unwrap();
        assert_eq!(next, Vec::new());
    }

    #[tokio::test]
    async fn one_territory_is_counted_alone() {
        let store = MemoryStore::new();
        open(&store, 1..=3).await;
        store.commit(closing()).await.unwrap();
        let counted = counted(&store, opened()).await.unwrap();
        let of = |code| counts(&counted, Level::Departement, Territory::parse(code).ok());
        assert_eq!(of("17").values().map(|(count, ..)| count).sum::<u64>(), 3);
        assert!(of("75").is_empty());
        assert!(!counts(&counted, Level::France, None).is_empty());
    }

    #[tokio::test]
    async fn needs_that_were_sent_stand_by_how_often_and_alike_after_the_quarter_closes() {
        let store = MemoryStore::new();
        let themes = ["famille--garde-denfants", "numerique--acquerir-un-equipement"];
        let [rare, usual] = themes.map(|code| Theme::parse(code).unwrap());
        let rows = [
            (1, rare, Side::Sender, ThreadKind::Referral),
            (2, usual, Side::Sender, ThreadKind::Referral),
            (3, usual, Side::Sender, ThreadKind::Referral),
            (4, rare, Side::Receiver, ThreadKind::Referral),
            (5, rare, Side::Sender, ThreadKind::Handover),
        ];
        for (seed, theme, side, kind) in rows {
            let row = TallyRow { theme, side, kind, ..sample::tally_row(seed) };
            let write = ThreadWrite { tally: Some(row), ..sample::opening(seed) };
            store.commit(sample::batch(write)).await.unwrap();
        }
        let sent = async || themes_sent(&counted(&store, opened()).await.unwrap());
        let wanted = [usual.code(), rare.code()];
        assert_eq!(sent().await, wanted);
        store.commit(closing()).await.unwrap();
        assert_eq!(sent().await, wanted);
    }

    /// Reads while a closing comes in the middle of the first `closings` reads.
    async fn disturbed(closings: u32) -> Result<Vec<CellRow>, StoreError> {
        let store = MemoryStore::new();
        open(&store, 1..=OPENED).await;
        let (store, reads) = (&store, &AtomicU32::new(0));
        let cells = || store.cells(opened(), opened().next());
        let rows = || -> Answer<'_, Vec<TallyRow>> {
            Box::pin(async move {
                let rows = store.tally(opened().start(), opened().end()).await;
                let read = reads.fetch_add(1, Ordering::Relaxed);
                if read < closings {
                    open(store, [OPENED + 1 + u64::from(read)]).await;
                    store.commit(closing()).await.unwrap();
                }
                rows
            })
        };
        at_once(cells, rows).await
    }

    #[tokio::test]
    async fn a_closing_between_two_reads_counts_nothing_twice() {
        let counted = disturbed(1).await.unwrap();
        assert_eq!(counted.iter().map(|row| row.count).sum::<u64>(), OPENED + 1);
        let refused = disturbed(READS_MAX).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }

    #[test]
    fn a_territory_of_another_level_is_refused() {
        assert!(territory("17300", Level::Commune).is_ok());
        assert!(territory("17300", Level::Departement).is_err());
        assert!(level(0).is_err());
    }
}
