//! The page of one referral or handover, put together from what the node answers.

use super::act_form::{ActForm, Field, address, open_question};
use super::acts::{ALL, How, how, stem, stem_for};
use super::appointment;
use super::around::Around;
use super::state::{is_ours, next, notices, responsible, state};
use super::teller::{Nearness, Teller, joined, person};
use super::timeline::{Happened, timeline};
use super::told::{Block, blocks, facts, is_erased};
use crate::form::{self, Form};
use crate::hex;
use crate::page::{Frame, Mistakes};
use crate::pages::referral::{Line, may_begin_again};
use askama::Template;
use relais_proto::desk::v1::{Label, Possible, ThreadSummary, ThreadView};
use relais_proto::peer::v1::ThreadKind;

/// An act as the page offers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Offer {
    /// Where it is done.
    pub(super) address: String,
    /// What its button says.
    pub(super) words: String,
    /// Whether one press does it.
    pub(super) press: bool,
    /// The id of the one act that a press asks for.
    pub(super) request: String,
}

/// A way to begin a new referral from one that ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Again {
    /// Where it begins.
    pub(super) address: String,
    /// What its link says.
    pub(super) words: String,
    /// Whose door it is; empty when it is the same as before.
    pub(super) structure: String,
}

/// An act that waits so that it can be taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Waiting {
    /// Which.
    pub(super) delayed: String,
    /// What will happen.
    pub(super) words: String,
}

/// What is said at the top, because the page is not what was awaited.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Changed {
    /// Why.
    pub(super) words: String,
    /// What had been typed.
    pub(super) typed: Vec<String>,
}

/// The page of a thread.
#[derive(Template)]
#[template(path = "pages/thread.html")]
pub(super) struct Sheet {
    pub(super) frame: Frame,
    address: String,
    changed: Option<Changed>,
    heading: String,
    subject: String,
    state: String,
    late: bool,
    erased: bool,
    responsible: String,
    notices: Vec<String>,
    waiting: Option<Waiting>,
    question: String,
    reply: Option<ActForm>,
    next: Option<Offer>,
    again: Vec<Again>,
    refuse: Option<ActForm>,
    beside: Vec<Offer>,
    others: Vec<Offer>,
    facts: Vec<Line>,
    reference: String,
    appointment: bool,
    blocks: Vec<Block>,
    timeline: Vec<Happened>,
}

/// What a page is called in a browser's tab: nothing of the person or the partner.
pub(super) fn heading(teller: &Teller<'_>, summary: &ThreadSummary) -> String {
    teller.say(match (summary.kind(), is_ours(summary)) {
        (ThreadKind::Handover, true) => "thread-handover-sent",
        (ThreadKind::Handover, false) => "thread-handover-received",
        (ThreadKind::Unspecified | ThreadKind::Referral, true) => "thread-referral-sent",
        (ThreadKind::Unspecified | ThreadKind::Referral, false) => "thread-referral-received",
    })
}

/// Who and what it is about, in one line: the receiver reads the need below, among what is told.
pub(super) fn subject(teller: &Teller<'_>, summary: &ThreadSummary) -> String {
    let needs = if is_ours(summary) { teller.themes(&summary.themes) } else { String::new() };
    joined(&[person(summary.name.as_ref()), needs], " · ")
}

fn offer(teller: &Teller<'_>, view: &ThreadView, act: Possible) -> Offer {
    let summary = view.summary.clone().unwrap_or_default();
    Offer {
        address: address(&summary.thread_id, act),
        words: teller.say(&format!("act-{}", stem_for(act, view))),
        press: how(act) == How::Press,
        request: hex::encode(&hex::fresh()),
    }
}

/// The acts of a page, each in its place.
#[derive(Default)]
struct Offers {
    next: Option<Offer>,
    reply: Option<ActForm>,
    refuse: Option<ActForm>,
    beside: Vec<Offer>,
    others: Vec<Offer>,
}

fn offers(teller: &Teller<'_>, view: &ThreadView, around: &Around) -> Offers {
    // While an act can still be taken back, there is nothing else to do; but stopping waits for nothing.
    if view.delayed.is_some() {
        let stops = view.possible().filter(|act| *act == Possible::StopConsent);
        return Offers { others: stops.map(|act| offer(teller, view, act)).collect(), ..Offers::default() };
    }
    let (first, beside) = next(view);
    // Beside the answer stands the nearest door only: few words, one look.
    let nearest = Around { doors: around.doors.iter().take(1).cloned().collect(), ..around.clone() };
    let form = |act| ActForm::new(teller, view, &nearest, act, &Form::default(), Mistakes::default());
    let refuse = beside.contains(&Possible::Refuse).then(|| form(Possible::Refuse));
    let reply = (first == Some(Possible::GiveInfo)).then(|| form(Possible::GiveInfo));
    let placed = |act: Possible| first == Some(act) || beside.contains(&act);
    let open: Vec<Possible> = view.possible().collect();
    let listed = ALL.into_iter().filter(|act| open.contains(act) && !placed(*act) && *act != Possible::Void);
    let mut others: Vec<Offer> = listed.map(|act| offer(teller, view, act)).collect();
    let handover = view.summary.as_ref().is_some_and(|summary| summary.kind() == ThreadKind::Handover);
    if handover && open.contains(&Possible::Accept) {
        let words = teller.say("act-accept-later");
        others.insert(0, Offer { press: false, words, ..offer(teller, view, Possible::Accept) });
    }
    Offers {
        next: first.filter(|act| *act != Possible::GiveInfo).map(|act| offer(teller, view, act)),
        reply,
        refuse,
        beside: beside
            .into_iter()
            .filter(|act| *act != Possible::Refuse)
            .map(|act| offer(teller, view, act))
            .collect(),
        others,
    }
}

/// Better doors that were suggested, or the same once more: the agreement is asked for again on the way.
fn again(teller: &Teller<'_>, view: &ThreadView, around: &Around) -> Vec<Again> {
    let thread = view.summary.as_ref().map(|summary| hex::encode(&summary.thread_id)).unwrap_or_default();
    let address = format!("/orientations/nouvelle?depuis={thread}");
    if may_begin_again(view, Label::Refused) {
        let door = |door: &super::around::Door| Again {
            address: format!("{address}&porte={}", form::encode(&door.value)),
            words: teller.with("again-door", &[("service", &door.service)]),
            structure: door.structure.clone(),
        };
        return around.elsewhere.iter().map(door).collect();
    }
    let ended = [Label::Expired, Label::Withdrawn];
    let renewed = ended.iter().any(|label| may_begin_again(view, *label)).then(|| Again {
        address,
        words: teller.say("again-renew"),
        structure: String::new(),
    });
    renewed.into_iter().collect()
}

fn waiting(teller: &Teller<'_>, view: &ThreadView) -> Option<Waiting> {
    let delayed = view.delayed.as_ref()?;
    let peer = view.summary.as_ref().map(|summary| summary.peer_name.clone()).unwrap_or_default();
    let key = if delayed.act() == Possible::Accept { "waiting-accept" } else { "waiting-other" };
    Some(Waiting { delayed: hex::encode(&delayed.delayed_id), words: teller.with(key, &[("peer", &peer)]) })
}

impl Sheet {
    /// Puts it together.
    pub(super) fn new(
        frame: Frame,
        teller: &Teller<'_>,
        view: &ThreadView,
        around: &Around,
        changed: Option<Changed>,
    ) -> Self {
        let summary = view.summary.clone().unwrap_or_default();
        let Offers { next, reply, refuse, beside, others } = offers(teller, view, around);
        let late = summary.due.is_some_and(|due| teller.nearness(due.at_ms) == Nearness::Late);
        let question = if reply.is_some() { open_question(teller, view) } else { String::new() };
        Self {
            address: format!("/orientations/{}", hex::encode(&summary.thread_id)),
            changed,
            heading: heading(teller, &summary),
            subject: subject(teller, &summary),
            state: state(teller, view),
            late,
            erased: is_erased(view),
            responsible: responsible(teller, view),
            notices: notices(teller, view, around),
            waiting: waiting(teller, view),
            question,
            reply,
            next,
            again: again(teller, view, around),
            refuse,
            beside,
            others,
            facts: facts(teller, view, around),
            appointment: appointment::latest(view).is_some(),
            blocks: blocks(teller, view, around),
            timeline: timeline(teller, view, around),
            reference: summary.reference,
            frame,
        }
    }
}

/// The small page of one act.
#[derive(Template)]
#[template(path = "pages/thread_act.html")]
pub(super) struct ActPage {
    pub(super) frame: Frame,
    back: String,
    heading: String,
    subject: String,
    words: Vec<String>,
    form: ActForm,
}

impl ActPage {
    /// Puts it together.
    pub(super) fn new(
        frame: Frame,
        teller: &Teller<'_>,
        view: &ThreadView,
        act: Possible,
        form: ActForm,
    ) -> Self {
        let summary = view.summary.clone().unwrap_or_default();
        Self {
            frame,
            back: format!("/orientations/{}", hex::encode(&summary.thread_id)),
            heading: act_heading(teller, view, act),
            subject: joined(&[person(summary.name.as_ref()), teller.themes(&summary.themes)], " · "),
            words: act_words(teller, view, act),
            form,
        }
    }
}

/// What an act's page is called.
pub(super) fn act_heading(teller: &Teller<'_>, view: &ThreadView, act: Possible) -> String {
    match act {
        Possible::GiveInfo => open_question(teller, view),
        Possible::Accept => teller.say("act-accept-later"),
        Possible::Unspecified
        | Possible::AskInfo
        | Possible::Refuse
        | Possible::Waitlist
        | Possible::Schedule
        | Possible::NoShow
        | Possible::Arrive
        | Possible::Close
        | Possible::Correct
        | Possible::Release
        | Possible::Withdraw
        | Possible::WriteNote
        | Possible::Void
        | Possible::StopConsent
        | Possible::Renounce
        | Possible::MakeEffective
        | Possible::Cancel => teller.say(&format!("act-{}", stem_for(act, view))),
    }
}

/// What must be known before doing it.
fn act_words(teller: &Teller<'_>, view: &ThreadView, act: Possible) -> Vec<String> {
    let summary = view.summary.clone().unwrap_or_default();
    let peer = [("peer", summary.peer_name.as_str())];
    let mut words = vec![teller.with(&format!("what-{}", stem_for(act, view)), &peer)];
    if act == Possible::StopConsent {
        words.extend(["what-stop-consent-more", "what-stop-consent-last"].map(|key| teller.with(key, &peer)));
    }
    words.retain(|one| !one.is_empty() && one != "-");
    words
}

/// What is said once an act is done.
pub(super) fn done(teller: &Teller<'_>, act: Possible) -> String {
    teller.say(&format!("done-{}", stem(act)))
}
