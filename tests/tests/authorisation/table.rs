//! The committed table: one row an rpc, one column for whoever asks.

use super::descriptors::rpcs;
use anyhow::{Context as _, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = include_str!("../../authorisation.md");

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Asker {
    Counsellor,
    Coordinator,
    Admin,
    Auditor,
    /// Someone the node has no user for.
    Unknown,
}

impl Asker {
    pub(crate) const ALL: [Self; 5] =
        [Self::Counsellor, Self::Coordinator, Self::Admin, Self::Auditor, Self::Unknown];

    /// The name of the user that stands for it; of the unknown, a name that no user has.
    pub(crate) fn user(self) -> String {
        format!("joue-{}", self.word())
    }

    /// Its column.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Counsellor => "counsellor",
            Self::Coordinator => "coordinator",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Unknown => "unknown",
        }
    }
}

/// What a cell says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cell {
    /// It is done.
    Allowed,
    /// They are told which role it takes.
    Refused,
    /// They are told that there is nothing of this name.
    Hidden,
}

/// The table: by rpc, then by who asks.
pub(crate) type Table = BTreeMap<String, BTreeMap<Asker, Cell>>;

/// Reads the committed table.
pub(crate) fn table() -> Result<Table> {
    read(TABLE)
}

fn read(text: &str) -> Result<Table> {
    let mut lines = text.lines().filter(|line| line.starts_with('|')).map(cells);
    let head = lines.next().context("no table")?;
    let columns: Vec<&str> = std::iter::once("rpc").chain(Asker::ALL.map(Asker::word)).collect();
    ensure!(head == columns, "the columns are {head:?}");
    let mut table = Table::new();
    for row in lines.skip(1) {
        let [rpc, cells @ ..] = row.as_slice() else { bail!("an empty row") };
        ensure!(cells.len() == Asker::ALL.len(), "{rpc}: {} cells", cells.len());
        let cells = Asker::ALL.into_iter().zip(cells).map(|(asker, cell)| Ok((asker, judge(rpc, cell)?)));
        let former = table.insert((*rpc).to_owned(), cells.collect::<Result<_>>()?);
        ensure!(former.is_none(), "{rpc} has two rows");
    }
    Ok(table)
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

fn judge(rpc: &str, cell: &str) -> Result<Cell> {
    match cell {
        "allowed" => Ok(Cell::Allowed),
        "refused" => Ok(Cell::Refused),
        "hidden" => Ok(Cell::Hidden),
        other => bail!("{rpc}: «{other}» is neither allowed nor refused nor hidden"),
    }
}

/// What has no counterpart: rpcs without a row, and rows without an rpc.
fn unmatched(table: &Table, rpcs: &BTreeSet<String>) -> Vec<String> {
    let rows: BTreeSet<String> = table.keys().cloned().collect();
    let without_row = rpcs.difference(&rows).map(|rpc| format!("{rpc} has no row"));
    let without_rpc = rows.difference(rpcs).map(|rpc| format!("{rpc} is no rpc"));
    without_row.chain(without_rpc).collect()
}

#[test]
fn every_rpc_has_a_row_and_every_row_an_rpc() -> Result<()> {
    let unmatched = unmatched(&table()?, &rpcs()?);
    ensure!(unmatched.is_empty(), "tests/authorisation.md: {}", unmatched.join(", "));
    Ok(())
}

#[test]
fn a_row_too_many_or_too_few_is_noticed() -> Result<()> {
    let (mut table, rpcs) = (table()?, BTreeSet::from(["Desk.Status", "Desk.Flows"].map(str::to_owned)));
    table.retain(|rpc, _| ["Desk.Status", "Desk.ShowThread"].contains(&rpc.as_str()));
    ensure!(unmatched(&table, &rpcs) == ["Desk.Flows has no row", "Desk.ShowThread is no rpc"]);
    for wrong in
        ["| rpc |", "", "| rpc | counsellor | coordinator | admin | auditor | unknown |\n|-|\n| A | y |"]
    {
        ensure!(read(wrong).is_err(), "{wrong} was read");
    }
    Ok(())
}

/// What no table may say, whatever rows it has: the law of the house over the table itself.
#[test]
fn no_row_shows_a_person_to_those_who_run_or_audit_the_node() -> Result<()> {
    const OF_PERSONS: [&str; 12] = [
        "OpenReferral",
        "OpenHandover",
        "ListThreads",
        "ShowThread",
        "Act",
        "ShowConsent",
        "OpenFollowUp",
        "ListFollowUps",
        "ShowFollowUp",
        "FindReference",
        "CancelDelayed",
        "PreviewReferral",
    ];
    let table = table()?;
    for rpc in OF_PERSONS {
        let row = table.get(&format!("Desk.{rpc}")).with_context(|| format!("{rpc} has no row"))?;
        for asker in [Asker::Admin, Asker::Auditor, Asker::Unknown] {
            ensure!(row.get(&asker) != Some(&Cell::Allowed), "{rpc} is open to the {}", asker.word());
        }
    }
    Ok(())
}
