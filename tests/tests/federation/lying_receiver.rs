//! A paired receiver tells back more than the person agreed to: real keys, real mTLS, authentic events. The sender keeps
//! the skeleton, drops the content, lets it have no effect, and tells someone.

use anyhow::{Context as _, Result, bail, ensure};
use prost::Message as _;
use relais_proto::desk::v1::{self as desk, Label, Step};
use relais_proto::peer::v1::{self as proto, DataClass, EventKind, FeedbackLevel, RejectCode};
use relais_tests::case::{Case, in_minutes, stop};
use relais_tests::desk::{Desk, Thread, words};
use relais_tests::marks::marker;
use relais_tests::tamper::{Answer, Draft, Liar, Talk, Victim, link_to};
use relais_tests::town::{Two, becomes, course_of, id_of};

/// An agency that runs, and a partner of it that lies.
struct Lies {
    _two: Two,
    agency: Desk,
    liar: Liar,
    victim: Victim,
    talk: Talk,
    thread: Thread,
    /// The agency's latest event that the liar has seen.
    seen: proto::EventLink,
    /// The liar's latest event.
    last: Draft,
}

impl Lies {
    /// A referral at this level that the liar accepted, and was told the person's name for.
    async fn accepted(level: FeedbackLevel) -> Result<Self> {
        let mut two = Two::start().await?;
        let agency = two.agency.desk().await?;
        two.hub.stop()?;
        let manifest = agency.partner(&two.hub_id).await?.manifest_sequence;
        let liar = Liar::in_place_of(&two.hub, &two.hub_id, manifest)?;
        let victim = Victim::of(&two.agency, &two.agency_id)?;
        let mut talk = liar.dial(&victim).await?;
        let thread = id_of(&agency.refer(Case::telling(level).referral(&two.hub_id)).await?)?;
        let opening = talk.theirs(&thread, EventKind::Sent).await?;
        let mut last = liar.answer(&opening, EventKind::Accepted)?;
        let professional =
            proto::Professional { name: "Claire M.".to_owned(), contact: "05 46 00 00 00".to_owned() };
        last.put(DataClass::Professional, professional.encode_to_vec());
        let seen = link_to(&opening)?;
        let mut lies = Self { _two: two, agency, liar, victim, talk, thread, seen, last };
        lies.is_taken(lies.last.clone()).await?;
        let disclosed = lies.talk.theirs(&lies.thread.clone(), EventKind::Disclosed).await?;
        lies.seen = link_to(&disclosed)?;
        Ok(lies)
    }

    /// The liar's next event, which has seen the disclosure.
    fn next(&self, kind: EventKind, course: &proto::Course) -> Draft {
        let mut draft = self.liar.next(&self.last, kind);
        draft.skeleton.seen = Some(self.seen.clone());
        if *course != proto::Course::default() {
            draft.put(DataClass::Course, course.encode_to_vec());
        }
        draft
    }

    /// Sends an authentic event, which is signed for.
    async fn is_taken(&mut self, draft: Draft) -> Result<()> {
        let envelope = self.liar.envelope(&draft, &self.victim)?;
        match self.talk.send(envelope).await? {
            Answer::Receipt(_) => self.last = draft,
            other @ (Answer::Rejected(_) | Answer::CannotOpen | Answer::Ended) => bail!("{other:?}"),
        }
        Ok(())
    }

    /// What the agency shows of the liar's event of this sequence.
    async fn entry(&self, sequence: u32) -> Result<(desk::ThreadView, desk::TimelineEntry)> {
        let view = self.agency.show(&self.thread).await?;
        let there =
            |entry: &&desk::TimelineEntry| entry.side() == desk::Side::Receiver && entry.sequence == sequence;
        let entry = view.timeline.iter().find(there).cloned().context("its skeleton is not there")?;
        Ok((view, entry))
    }

    /// Says what was not agreed: the skeleton stays, nothing of the content, the thread stands as before.
    async fn says_too_much(&mut self, what: &str, kind: EventKind, course: &proto::Course) -> Result<()> {
        let before = self.agency.show(&self.thread).await?;
        let draft = self.next(kind, course);
        self.is_taken(draft).await.with_context(|| what.to_owned())?;
        let (view, entry) = self.entry(self.last.skeleton.sequence).await?;
        let told = format!("{what}: {}", words(&view));
        ensure!(entry.kind() == kind && entry.effect() == desk::Effect::None, "{told}");
        ensure!(
            entry.course.is_none() && entry.created_ms.is_none() && entry.times.is_none(),
            "kept: {told}"
        );
        ensure!(course_of(&view) == course_of(&before), "it had an effect: {told}");
        ensure!(view.course() == before.course(), "what is shown of the course changed: {told}");
        let reported = i32::from(desk::Attention::EventWithoutEffect);
        let told_someone = view.summary.as_ref().is_some_and(|summary| summary.attention.contains(&reported));
        ensure!(told_someone, "nobody is told: {told}");
        Ok(())
    }

    /// Says what was agreed: it counts, and what it carries is shown.
    async fn says(&mut self, kind: EventKind, course: &proto::Course) -> Result<desk::ThreadView> {
        let draft = self.next(kind, course);
        self.is_taken(draft).await?;
        let (view, entry) = self.entry(self.last.skeleton.sequence).await?;
        ensure!(entry.effect() == desk::Effect::Counts, "{kind:?}: {}", words(&view));
        ensure!(entry.course.as_ref().is_none_or(|held| held == course), "{kind:?}: {}", words(&view));
        Ok(view)
    }
}

/// Everything of the course that the view holds, wherever it stands.
trait Course {
    fn course(&self) -> Vec<proto::Course>;
}

impl Course for desk::ThreadView {
    fn course(&self) -> Vec<proto::Course> {
        self.timeline.iter().filter_map(|entry| entry.course.clone()).collect()
    }
}

fn meeting() -> proto::Course {
    proto::Course { appointment_ms: Some(in_minutes(60)), place: Some(marker(1)), ..proto::Course::default() }
}

fn outcome() -> proto::Course {
    let outcome = Some(proto::Outcome::NeedMet.into());
    proto::Course { outcome, account: Some(marker(2)), ..proto::Course::default() }
}

fn because(reason: proto::Reason) -> proto::Course {
    proto::Course { reason: Some(reason.into()), ..proto::Course::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_may_tell_the_acceptance_alone_tells_nothing_more() -> Result<()> {
    let mut lies = Lies::accepted(FeedbackLevel::Accepted).await?;
    let nothing = proto::Course::default();
    let account = proto::Course { account: Some(marker(3)), ..proto::Course::default() };
    lies.says_too_much("an appointment and its place", EventKind::Scheduled, &meeting()).await?;
    lies.says_too_much("that there is an appointment", EventKind::Scheduled, &nothing).await?;
    lies.says_too_much("that the person came", EventKind::Arrived, &nothing).await?;
    lies.says_too_much("what came of it", EventKind::Closed, &outcome()).await?;
    lies.says_too_much("the person's own account", EventKind::Closed, &account).await?;
    lies.says_too_much("a meeting in an ending", EventKind::Closed, &meeting()).await?;
    lies.says_too_much("why, in so many words", EventKind::Released, &because(proto::Reason::DidNotCome))
        .await?;
    lies.says_too_much("another outcome", EventKind::Corrected, &outcome()).await?;

    // What may be told still counts after all of it, and so does the person's stop.
    let view = lies.says(EventKind::Closed, &nothing).await?;
    ensure!(course_of(&view).1 == Label::Closed && view.course().is_empty(), "{}", words(&view));
    lies.agency.act(&lies.thread, stop()).await?;
    let ended = |view: &desk::ThreadView| course_of(view).2 == desk::ConsentStanding::Stopped;
    becomes("the person stopped", &lies.agency, &lies.thread, ended).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_may_tell_the_steps_does_not_tell_the_outcome() -> Result<()> {
    let mut lies = Lies::accepted(FeedbackLevel::Attended).await?;
    let meeting = meeting();
    let view = lies.says(EventKind::Scheduled, &meeting).await?;
    ensure!(course_of(&view).0 == Step::Scheduled && view.course() == [meeting], "{}", words(&view));
    let view = lies.says(EventKind::Arrived, &proto::Course::default()).await?;
    ensure!(course_of(&view).0 == Step::Arrived, "{}", words(&view));
    lies.says_too_much("what came of it", EventKind::Closed, &outcome()).await?;
    let account = proto::Course { account: Some(marker(3)), ..proto::Course::default() };
    lies.says_too_much("the person's own account", EventKind::Closed, &account).await?;
    lies.says(EventKind::Closed, &proto::Course::default()).await?;
    lies.says_too_much("a correction afterwards", EventKind::Corrected, &outcome()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_puts_nothing_of_the_person_into_what_it_tells() -> Result<()> {
    let mut lies = Lies::accepted(FeedbackLevel::Outcome).await?;
    let name = proto::Name { given: marker(4), family: "D".to_owned() }.encode_to_vec();
    let note = proto::Note { text: marker(5) }.encode_to_vec();
    let before = lies.agency.show(&lies.thread).await?.timeline.len();
    for (class, bytes) in [(DataClass::Name, name), (DataClass::Note, note)] {
        let mut draft = lies.next(EventKind::Arrived, &proto::Course::default());
        draft.put(class, bytes);
        let answer = lies.talk.send(lies.liar.envelope(&draft, &lies.victim)?).await?;
        ensure!(answer == Answer::Rejected(RejectCode::Malformed), "{class:?} in a step: {answer:?}");
    }
    let view = lies.agency.show(&lies.thread).await?;
    ensure!(view.timeline.len() == before, "something of it was stored: {}", words(&view));
    // At this level the outcome is what was agreed: the same bytes that were dropped elsewhere are kept here.
    let view = lies.says(EventKind::Closed, &outcome()).await?;
    ensure!(view.course() == [outcome()], "{}", words(&view));
    Ok(())
}
