//! This node's own counts: cells of one quarter at one territorial level, no totals, small cells as "0–10".

use super::view::number;
use super::{Desk, answer};
use jiff::civil;
use jiff::tz::TimeZone;
use relais_domain::content::Outcome;
use relais_domain::event::Side;
use relais_domain::fold::Label;
use relais_domain::territory::{Level, Territory};
use relais_domain::theme::Category;
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_store::rows::TallyRow;
use std::collections::BTreeMap;
use tonic::Status;

/// The smallest count that is shown. Below it, zero included, a cell reads "0–10".
const CELL_COUNT_MIN: u32 = 11;
/// Where quarters begin and end.
const TIME_ZONE: &str = "Europe/Paris";

type Cell = (String, Side, &'static str, Option<Label>, Option<Outcome>);

impl Desk {
    pub(super) async fn flows(&self, request: desk::FlowsRequest) -> Result<desk::FlowsResponse, Status> {
        let (year, quarter) = self.quarter(&request)?;
        let level = level(request.level)?;
        let only = match request.territory.as_str() {
            "" => None,
            code => Some(territory(code, level)?),
        };
        let (since, until) = bounds(year, quarter)?;
        let rows = self.engine.store().tally(since, until).await;
        let rows = rows.map_err(|error| answer::engine(error.into()))?;
        let mut counts: BTreeMap<Cell, (u32, Territory, Category)> = BTreeMap::new();
        for row in &rows {
            let Some(territory) = row.territory.at_level(level) else { continue };
            if only.is_some_and(|only| only != territory) {
                continue;
            }
            let category = row.theme.category();
            let entry = counts.entry(cell(row, &territory)).or_insert((0, territory, category));
            entry.0 += 1;
        }
        let cells = counts.into_iter().map(|(cell, (count, territory, category))| desk::FlowCell {
            territory: cell.0,
            territory_name: territory.name().to_owned(),
            side: number(cell.1.number()),
            category: category.code().to_owned(),
            category_label: category.label().to_owned(),
            label: cell.3.map_or(0, |label| number(label.number())),
            outcome: cell.4.map_or(0, |outcome| number(outcome.number())),
            count: (count >= CELL_COUNT_MIN).then_some(count),
        });
        let year = u32::try_from(year).unwrap_or(0);
        Ok(desk::FlowsResponse { year, quarter: quarter.unsigned_abs().into(), cells: cells.collect() })
    }

    fn quarter(&self, request: &desk::FlowsRequest) -> Result<(i16, i8), Status> {
        if request.year == 0 {
            let now = self.engine.clock().now();
            let zoned = jiff::Timestamp::from_millisecond(now.0)
                .ok()
                .and_then(|now| now.in_tz(TIME_ZONE).ok())
                .ok_or_else(|| answer::field("year", "the node's clock is out of range"))?;
            return Ok((zoned.year(), (zoned.month() - 1) / 3 + 1));
        }
        let year = i16::try_from(request.year)
            .ok()
            .filter(|year| (2020..=2099).contains(year))
            .ok_or_else(|| answer::field("year", "a year of four digits, from 2020"))?;
        let quarter = i8::try_from(request.quarter)
            .ok()
            .filter(|quarter| (1..=4).contains(quarter))
            .ok_or_else(|| answer::field("quarter", "1 to 4"))?;
        Ok((year, quarter))
    }
}

fn cell(row: &TallyRow, territory: &Territory) -> Cell {
    (territory.to_string(), row.side, row.theme.category().code(), row.label, row.outcome)
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

/// First instant of a quarter, and of the next.
fn bounds(year: i16, quarter: i8) -> Result<(Timestamp, Timestamp), Status> {
    let start = |year: i16, quarter: i8| {
        let date = civil::Date::new(year, (quarter - 1) * 3 + 1, 1).ok()?;
        let zone = TimeZone::get(TIME_ZONE).ok()?;
        Some(Timestamp(date.to_zoned(zone).ok()?.timestamp().as_millisecond()))
    };
    let next = if quarter == 4 { (year + 1, 1) } else { (year, quarter + 1) };
    let bounds = start(year, quarter).zip(start(next.0, next.1));
    bounds.ok_or_else(|| answer::field("quarter", "is out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_begins_at_midnight_in_paris() {
        let (since, until) = bounds(2026, 4).unwrap();
        assert_eq!(since, Timestamp(1_790_805_600_000));
        assert_eq!(until, Timestamp(1_798_758_000_000));
    }

    #[test]
    fn a_territory_of_another_level_is_refused() {
        assert!(territory("17300", Level::Commune).is_ok());
        assert!(territory("17300", Level::Departement).is_err());
        assert!(level(0).is_err());
    }
}
