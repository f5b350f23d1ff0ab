//! What is known of the person, and what each structure sees at each stage.

use super::around::Around;
use super::state::is_ours;
use super::teller::{Teller, spelled};
use super::timeline::parts;
use crate::pages::referral::{Line, stage_one, stage_two};
use relais_proto::desk::v1::{Disclosure, Label, StageOne, StageTwo, ThreadView};
use relais_proto::peer::v1::FeedbackLevel;

/// What one end sees at one stage.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Block {
    /// Who sees it, and when.
    pub(super) heading: String,
    /// What.
    pub(super) lines: Vec<Line>,
    /// What is to be known of it.
    pub(super) words: Vec<String>,
}

/// What the receiver needs to help: how to reach the person first, then the need.
pub(super) fn facts(teller: &Teller<'_>, view: &ThreadView, around: &Around) -> Vec<Line> {
    let summary = view.summary.clone().unwrap_or_default();
    if is_ours(&summary) {
        return Vec::new();
    }
    // The name stands above; how soon is said by the date of the answer.
    let unnamed_two = view.stage_two.clone().map(|two| StageTwo { name: None, ..two }).unwrap_or_default();
    let unnamed_one = view.stage_one.clone().map(|one| StageOne { name: None, ..one }).unwrap_or_default();
    let urgency = teller.say("seen-urgency");
    let mut lines = stage_two(teller.tongue, &unnamed_two);
    lines.extend(
        stage_one(teller.tongue, &unnamed_one, &around.place)
            .into_iter()
            .filter(|line| line.label != urgency),
    );
    if !around.service.is_empty() {
        lines.push(Line { label: teller.say("thread-service"), words: around.service.clone() });
    }
    lines
}

/// Whether nothing of the person is left here.
pub(super) fn is_erased(view: &ThreadView) -> bool {
    let need = view.stage_one.as_ref().is_some_and(|one| one.need.is_some());
    let two = view.stage_two.as_ref().is_some_and(|two| two.name.is_some() || two.contact.is_some());
    !need && !two && !view.erased_here.is_empty()
}

/// Who sees what.
pub(super) fn blocks(teller: &Teller<'_>, view: &ThreadView, around: &Around) -> Vec<Block> {
    let summary = view.summary.clone().unwrap_or_default();
    let peer = [("peer", summary.peer_name.as_str())];
    let mut blocks = Vec::new();
    if is_ours(&summary) {
        blocks.extend(told_before(teller, view, around));
        blocks.extend(told_after(teller, view));
    } else if view.disclosure() != Disclosure::Done && summary.label() == Label::Unspecified {
        let words = vec![teller.say("told-waits")];
        blocks.push(Block { heading: teller.say("told-yours"), lines: Vec::new(), words });
    }
    let level = back(view.feedback());
    if !level.is_empty() {
        let side = if is_ours(&summary) { "ours" } else { "theirs" };
        let words = vec![teller.with(&format!("told-back-{side}-{level}"), &peer)];
        blocks.push(Block {
            heading: teller.with(&format!("told-back-{side}"), &peer),
            lines: Vec::new(),
            words,
        });
    }
    blocks.extend(erased(teller, view));
    blocks
}

fn back(level: FeedbackLevel) -> String {
    match level {
        FeedbackLevel::Unspecified => String::new(),
        FeedbackLevel::Accepted | FeedbackLevel::Attended | FeedbackLevel::Outcome => {
            spelled(level.as_str_name().trim_start_matches("FEEDBACK_LEVEL_"))
        }
    }
}

fn told_before(teller: &Teller<'_>, view: &ThreadView, around: &Around) -> Option<Block> {
    let summary = view.summary.clone().unwrap_or_default();
    let one = view.stage_one.as_ref()?;
    let mut lines = stage_one(teller.tongue, one, &around.place);
    if !around.service.is_empty() {
        lines.push(Line { label: teller.say("thread-service"), words: around.service.clone() });
    }
    let heading = teller.with("told-before", &[("peer", &summary.peer_name)]);
    (!lines.is_empty()).then_some(Block { heading, lines, words: Vec::new() })
}

fn told_after(teller: &Teller<'_>, view: &ThreadView) -> Option<Block> {
    let summary = view.summary.clone().unwrap_or_default();
    let two = view.stage_two.as_ref()?;
    let lines = stage_two(teller.tongue, two);
    let key = match (view.disclosure(), summary.label()) {
        (Disclosure::Done, _) => "told-done",
        (Disclosure::Unspecified | Disclosure::NotYet, Label::Unspecified) => "told-not-yet",
        (Disclosure::Unspecified | Disclosure::NotYet, _) => "told-never",
    };
    let heading = teller.with("told-after", &[("peer", &summary.peer_name)]);
    (!lines.is_empty()).then(|| Block { heading, lines, words: vec![teller.say(key)] })
}

/// What was erased, where.
fn erased(teller: &Teller<'_>, view: &ThreadView) -> Option<Block> {
    let summary = view.summary.clone().unwrap_or_default();
    let (here, there) = (parts(teller, view.erased_here()), parts(teller, view.erased_there()));
    let mut words = Vec::new();
    if !here.is_empty() {
        words.push(teller.with("told-erased-here", &[("parts", &here)]));
    }
    if !there.is_empty() {
        words.push(teller.with("told-erased-there", &[("parts", &there), ("peer", &summary.peer_name)]));
    }
    (!words.is_empty()).then(|| Block { heading: teller.say("told-erased"), lines: Vec::new(), words })
}
