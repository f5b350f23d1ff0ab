//! The end: what both ends hold, side by side; the three ledgers; and how to look for oneself.

use super::Afterwards;
use super::end::{End, ThreadBytes, there, untrue};
use super::house::{Ends, House};
use super::report::{Report, typed};
use super::story::Threads;
use crate::codes;
use crate::exit::Failure;
use crate::ids;
use crate::lines::Lines;
use relais_domain::consent::Standing;
use relais_domain::content::ContentPart;
use relais_domain::fold::{Label, Step};
use relais_proto::desk::v1::{LedgerCheckpointRequest, LedgerCheckpointResponse, ThreadView};
use relais_proto::peer::v1::ThreadPart;
use serde_json::{Value, json};

/// Characters of a Merkle root that are shown.
const ROOT_CHARS: usize = 16;
/// Characters of a signer that are shown.
const SIGNER_CHARS: usize = 22;

/// One thread at one end.
#[derive(Debug)]
struct Side {
    state: String,
    consent: String,
    held: String,
}

/// One thread at both ends.
#[derive(Debug)]
struct Row<'a> {
    what: &'static str,
    thread: &'a ThreadBytes,
    ends: [(&'static str, Side); 2],
}

/// Shows how things stand when the story is over.
///
/// # Errors
/// [`Failure`] when a node does not answer.
pub(crate) async fn show(
    house: &House,
    threads: &Threads,
    afterwards: Afterwards,
    report: &Report,
) -> Result<(), Failure> {
    let ends = house.ends().ok_or_else(|| untrue("the nodes are not built"))?;
    let rows = rows(ends, threads).await?;
    let mut ledgers = Vec::new();
    for end in ends.all() {
        ledgers.push((end, checkpoint(end).await?));
    }
    report.event(&json!({
        "step": "states", "who": "demo", "what": "both ends side by side", "ms": report.whole(), "ok": true,
        "threads": rows.iter().map(row_json).collect::<Value>(),
        "ledgers": ledgers.iter().map(|(end, ledger)| ledger_json(end, ledger)).collect::<Value>(),
        "folders": ends.all().map(|end| house.ground().node(end.structure)),
    }));
    let mut lines = Lines::new();
    side_by_side(&rows, &mut lines);
    let checkpoints = ledgers.iter().map(|(end, ledger)| ledger_cells(end, ledger)).collect();
    lines.gap().line("The ledgers' signed checkpoints");
    lines.table(["structure", "leaves", "Merkle root", "signed by"], checkpoints, "");
    match afterwards {
        Afterwards::Stay => commands(house, ends, threads, &mut lines),
        // The nodes stop at once: there is nobody to ask.
        Afterwards::Stop => {}
    }
    report.text(&format!("\nThe story took {} ms.\n\n{}", report.whole(), lines.done().trim_end()));
    Ok(())
}

async fn rows<'a>(ends: &Ends, threads: &'a Threads) -> Result<Vec<Row<'a>>, Failure> {
    let (agency, hub, literacy) = (&ends.agency, &ends.hub, &ends.literacy);
    let told = [
        ("going online", &threads.first, hub),
        ("reading better", &threads.full, literacy),
        ("stopped", &threads.stopped, hub),
        ("handover", &threads.handover, hub),
    ];
    let mut rows = Vec::new();
    for (what, thread, receiver) in told {
        let sender_side = side(&agency.show(thread).await?)?;
        let receiver_side = side(&receiver.show(thread).await?)?;
        let both = [(agency.structure.short, sender_side), (receiver.structure.short, receiver_side)];
        rows.push(Row { what, thread, ends: both });
    }
    Ok(rows)
}

fn side(view: &ThreadView) -> Result<Side, Failure> {
    let summary = there("the thread", view.summary.as_ref())?;
    let label = codes::word::<Label>(summary.label);
    let state = if label.is_empty() { codes::word::<Step>(summary.step) } else { label };
    let person = |part: &i32| *part != i32::from(ThreadPart::Evidence) && *part != i32::from(ThreadPart::Own);
    let held: Vec<i32> = view.held.iter().copied().filter(person).collect();
    let held = codes::words::<ContentPart>(&held);
    let held = if held.is_empty() { "nothing".to_owned() } else { held };
    Ok(Side { state, consent: codes::word::<Standing>(summary.consent), held })
}

fn side_by_side(rows: &[Row<'_>], lines: &mut Lines) {
    lines.line("Both ends, side by side");
    let cells = rows.iter().flat_map(|row| {
        let [one, other] = &row.ends;
        [(row.what, ids::short(row.thread), one), ("", String::new(), other)]
    });
    let cells = cells.map(|(what, id, (who, side))| {
        [what.to_owned(), id, (*who).to_owned(), side.state.clone(), side.consent.clone(), side.held.clone()]
    });
    lines.table(["thread", "id", "end", "state", "agreement", "content held"], cells.collect(), "");
}

fn row_json(row: &Row<'_>) -> Value {
    let ends = row.ends.iter().map(
        |(who, side)| json!({ "who": who, "state": side.state, "consent": side.consent, "held": side.held }),
    );
    json!({ "what": row.what, "thread_id": ids::text(row.thread), "ends": ends.collect::<Value>() })
}

async fn checkpoint(end: &End) -> Result<LedgerCheckpointResponse, Failure> {
    Ok(end.desk.clone().ledger_checkpoint(LedgerCheckpointRequest {}).await?.into_inner())
}

/// A checkpoint is a signed note: origin, size, root, and after an empty line the signatures.
fn ledger_cells(end: &End, ledger: &LedgerCheckpointResponse) -> [String; 4] {
    let root = ledger.checkpoint.lines().nth(2).unwrap_or_default();
    let signature = ledger.checkpoint.lines().find(|line| line.starts_with('—')).unwrap_or_default();
    let signer = signature.split(' ').nth(1).unwrap_or_default();
    let first = |text: &str, chars: usize| text.chars().take(chars).chain(['…']).collect::<String>();
    [
        end.structure.short.to_owned(),
        ledger.size.to_string(),
        first(root, ROOT_CHARS),
        first(signer, SIGNER_CHARS),
    ]
}

fn ledger_json(end: &End, ledger: &LedgerCheckpointResponse) -> Value {
    json!({ "who": end.structure.short, "size": ledger.size, "checkpoint": ledger.checkpoint })
}

fn commands(house: &House, ends: &Ends, threads: &Threads, lines: &mut Lines) {
    let folder = |end: &End| typed(&house.ground().node(end.structure));
    let (agency, hub) = (folder(&ends.agency), folder(&ends.hub));
    lines.gap().line("Look for yourself");
    for command in [
        format!("inbox --show all --folder {hub}"),
        format!("show {} --folder {agency}", ids::short(&threads.first)),
        format!("show {} --folder {hub}", ids::short(&threads.stopped)),
        format!("consent show {} --folder {agency}", ids::short(&threads.stopped)),
        format!("handover status {} --folder {hub}", ids::short(&threads.handover)),
        format!("peers --folder {hub}"),
        format!("flows --folder {agency}"),
        format!("ledger checkpoint --folder {hub}"),
    ] {
        lines.line(format!("  relais {command}"));
    }
    let logs: Vec<String> = ends.all().map(|end| typed(&house.ground().log(end.structure))).to_vec();
    lines.line(format!("  logs: {}", logs.join(" ")));
}
