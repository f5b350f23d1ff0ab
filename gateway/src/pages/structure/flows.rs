//! The flows of this node: counts of one quarter at one territorial level. There are no totals, and small counts read
//! «0–10»: the page adds nothing up.

use super::Room;
use crate::page::{self, Frame, MenuEntry, Place};
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use relais_proto::desk::v1::{FlowCell, FlowsRequest, Label, Side, TerritoryLevel};
use serde::Deserialize;

/// The levels, and what the address calls them; the first unless one is asked.
const LEVELS: [(&str, TerritoryLevel); 5] = [
    ("departement", TerritoryLevel::Departement),
    ("commune", TerritoryLevel::Commune),
    ("epci", TerritoryLevel::Epci),
    ("region", TerritoryLevel::Region),
    ("france", TerritoryLevel::France),
];
/// Quarters to choose from, the present one among them.
const QUARTERS: u32 = 8;
/// Quarters of a year.
const PER_YEAR: u32 = 4;

/// What follows `/structure/flux?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The territorial level.
    #[serde(default)]
    niveau: String,
    /// The quarter, as `2026-4`.
    #[serde(default)]
    trimestre: String,
}

/// A choice of the form.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

/// One count.
struct Row {
    territory: String,
    side: String,
    need: String,
    end: String,
    outcome: String,
    count: String,
}

#[derive(Template)]
#[template(path = "pages/flows.html")]
struct FlowsPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    levels: Vec<Choice>,
    quarters: Vec<Choice>,
    caption: String,
    rows: Vec<Row>,
}

/// Year and quarter of `2026-4`; the present one (0) for anything else.
fn quarter(text: &str) -> (u32, u32) {
    let read = |text: &str| -> Option<(u32, u32)> {
        let (year, quarter) = text.split_once('-')?;
        let (year, quarter) = (year.parse().ok()?, quarter.parse().ok()?);
        ((2020..=2099).contains(&year) && (1..=PER_YEAR).contains(&quarter)).then_some((year, quarter))
    };
    read(text).unwrap_or((0, 0))
}

/// What is said of a quarter: «1er trimestre 2026».
fn named(teller: &Teller<'_>, key: &str, year: u32, number: u32) -> String {
    let quarter = teller.say(&format!("quarter-{}", number.clamp(1, PER_YEAR)));
    teller.with(key, &[("quarter", &quarter), ("year", &year.to_string())])
}

/// The quarters before and with `latest`, the newest first.
fn quarters(teller: &Teller<'_>, latest: (u32, u32), chosen: (u32, u32)) -> Vec<Choice> {
    let last = latest.0 * PER_YEAR + latest.1.saturating_sub(1);
    let choices = (last.saturating_sub(QUARTERS - 1)..=last).rev().map(|place| {
        let (year, number) = (place / PER_YEAR, place % PER_YEAR + 1);
        Choice {
            value: format!("{year}-{number}"),
            words: named(teller, "flows-quarter", year, number),
            chosen: (year, number) == chosen,
        }
    });
    choices.collect()
}

/// The present quarter by the gateway's clock: only to offer choices.
fn present(teller: &Teller<'_>) -> (u32, u32) {
    let date = teller.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let year = u32::try_from(date.year()).unwrap_or_default();
    let month = u32::try_from(date.month()).unwrap_or(1);
    (year, (month.saturating_sub(1)) / 3 + 1)
}

fn row(teller: &Teller<'_>, cell: &FlowCell) -> Row {
    let side = match cell.side() {
        Side::Sender => teller.say("flows-sent"),
        Side::Receiver => teller.say("flows-received"),
        Side::Unspecified => String::new(),
    };
    let plain = cell.category.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let named = if plain { teller.tongue.maybe(&format!("category-{}", cell.category)) } else { None };
    let end = if cell.label() == Label::Unspecified {
        teller.say("flows-live")
    } else {
        teller.code(cell.label().as_str_name())
    };
    Row {
        territory: cell.territory_name.clone(),
        side,
        need: named.unwrap_or_else(|| cell.category_label.clone()),
        end,
        outcome: teller.code(cell.outcome().as_str_name()),
        count: cell.count.map_or_else(|| teller.say("flows-few"), |count| count.to_string()),
    }
}

/// Shows them.
pub(crate) async fn show(session: Session, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let rooms = Room::Flows.enter(&session)?;
    let chosen = LEVELS.into_iter().find(|(code, _)| *code == asked.niveau).unwrap_or(LEVELS[0]);
    let (year, number) = quarter(&asked.trimestre);
    let request = FlowsRequest { year, quarter: number, level: chosen.1.into(), territory: String::new() };
    let flows = session.desk().flows(session.ask(request)).await?.into_inner();
    let teller = Teller::of(&session);
    let level = |(code, _): (&str, TerritoryLevel)| Choice {
        value: code.to_owned(),
        words: teller.say(&format!("level-{code}")),
        chosen: code == chosen.0,
    };
    let title = session.tongue().say("structure-flows");
    Ok(page::ok(&FlowsPage {
        frame: Frame::signed(&session, Place::Structure, &title),
        rooms,
        levels: LEVELS.map(level).to_vec(),
        quarters: quarters(&teller, present(&teller), (flows.year, flows.quarter)),
        caption: named(&teller, "flows-caption", flows.year, flows.quarter),
        rows: flows.cells.iter().map(|cell| row(&teller, cell)).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::{Language, Tongue};
    use crate::when::Calendar;
    use jiff::Timestamp;

    #[test]
    fn a_quarter_is_read_or_is_the_present_one() {
        assert_eq!(quarter("2026-4"), (2026, 4));
        for bad in ["", "2026", "2026-5", "2026-0", "1999-1", "x-1", "2026-4-1"] {
            assert_eq!(quarter(bad), (0, 0), "{bad}");
        }
    }

    #[test]
    fn two_years_can_be_chosen_and_a_small_count_stays_small() {
        let calendar = Calendar::new("Europe/Paris");
        let now: Timestamp = "2026-02-10T00:00:00Z".parse().unwrap();
        let teller = Teller { tongue: Tongue(Language::French), calendar: &calendar, now };
        assert_eq!(present(&teller), (2026, 1));
        assert_eq!(quarters(&teller, (2026, 1), (2026, 1))[0].words, "1er trimestre 2026");
        let values: Vec<String> =
            quarters(&teller, (2026, 1), (2025, 4)).into_iter().map(|one| one.value).collect();
        let wanted = ["2026-1", "2025-4", "2025-3", "2025-2", "2025-1", "2024-4", "2024-3", "2024-2"];
        assert_eq!(values, wanted);
        assert_eq!(row(&teller, &FlowCell::default()).count, "0–10");
        assert_eq!(row(&teller, &FlowCell { count: Some(11), ..FlowCell::default() }).count, "11");
    }
}
