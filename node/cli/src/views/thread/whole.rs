//! One referral or handover with everything held, for humans, and the commands that are possible now.

use super::json::view_json;
use super::{arrow, due_line, state_line, warnings};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::views::content::{stage_one_lines, stage_two_lines};
use crate::views::timeline;
use crate::when;
use relais_domain::consent::Standing;
use relais_domain::content::{ContentPart, FeedbackLevel};
use relais_domain::event::ThreadKind;
use relais_proto::desk::v1::{Disclosure, HandoverView, Possible, Signing, ThreadSummary, ThreadView};

/// One thread.
pub(crate) fn view(view: &ThreadView) -> Answer {
    Answer::new(view_json(view), view_text(view))
}

/// One thread, for humans.
pub(super) fn view_text(view: &ThreadView) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let mut lines = Lines::new();
    lines.line(format!(
        "{} {} {}",
        codes::word::<ThreadKind>(summary.kind),
        arrow(&summary),
        ids::text(&summary.thread_id)
    ));
    lines.field("state", state_line(&summary));
    lines.field("reference", &summary.reference);
    lines.field("awaited", summary.due.as_ref().map(due_line).unwrap_or_default());
    lines.field("attention", warnings(&summary));
    let standing = codes::word::<Standing>(summary.consent);
    lines.field("consent", format!("{standing}, until {}", when::human(view.consent_until_ms)));
    lines.field("feedback", codes::word::<FeedbackLevel>(view.feedback));
    lines.field("deadline", view.deadline_ms.map(when::human).unwrap_or_default());
    handover_lines(&mut lines, view.handover.as_ref());
    content_lines(&mut lines, view);
    lines.gap();
    timeline::lines(&mut lines, &view.timeline, summary.side);
    remarks(&mut lines, view);
    possible_line(&mut lines, view, &summary);
    lines.done()
}

/// Adds what the node changed of what was asked.
pub(crate) fn remarks(lines: &mut Lines, view: &ThreadView) {
    for remark in &view.remarks {
        lines.line(format!("Note: {remark}"));
    }
}

fn handover_lines(lines: &mut Lines, handover: Option<&HandoverView>) {
    let Some(handover) = handover else { return };
    lines.field("responsible", &handover.responsible_name);
    lines.field("not before", handover.not_before_ms.map(when::human).unwrap_or_default());
    lines.field("offer until", handover.offer_until_ms.map(when::human).unwrap_or_default());
    lines.field("signing", codes::word::<Signing>(handover.signing));
    lines.field("confirmed", handover.confirmed_ms.map(when::human).unwrap_or_default());
    lines.field("now", &handover.sentence);
}

fn content_lines(lines: &mut Lines, view: &ThreadView) {
    if let Some(one) = &view.stage_one {
        stage_one_lines(lines, one);
    }
    if let Some(two) = &view.stage_two {
        stage_two_lines(lines, two);
    }
    if view.disclosure == i32::from(Disclosure::NotYet) {
        lines.field("disclosure", "name and contact have not left the sender");
    }
    lines.field("held here", codes::words::<ContentPart>(&view.held));
    lines.field("erased here", codes::words::<ContentPart>(&view.erased_here));
    lines.field("erased there", codes::words::<ContentPart>(&view.erased_there));
}

fn possible_line(lines: &mut Lines, view: &ThreadView, summary: &ThreadSummary) {
    let commands = view.possible.iter().filter_map(|number| codes::code::<Possible>(*number)).map(command);
    let commands: Vec<&str> = commands.collect();
    if !commands.is_empty() {
        let id = ids::short(&summary.thread_id);
        lines.gap().line(format!("Possible now: relais {} {id}", commands.join(" | ")));
    }
}

/// The command that does an act.
fn command(act: Possible) -> &'static str {
    match act {
        Possible::Unspecified => "show",
        Possible::AskInfo => "ask",
        Possible::GiveInfo => "answer",
        Possible::Accept => "accept",
        Possible::Refuse => "refuse",
        Possible::Waitlist => "waitlist",
        Possible::Schedule => "schedule",
        Possible::NoShow => "no-show",
        Possible::Arrive => "arrived",
        Possible::Close => "close",
        Possible::Correct => "correct",
        Possible::Release => "release",
        Possible::Withdraw => "withdraw",
        Possible::WriteNote => "note",
        Possible::Void => "void",
        Possible::StopConsent => "consent stop",
        Possible::Renounce => "handover renounce",
        Possible::MakeEffective => "handover effective",
        Possible::Cancel => "handover cancel",
    }
}
