//! A paired partner lies: real keys over real mTLS, and envelopes no node would write. Refused, counted, nothing stored.

use anyhow::{Context as _, Result, bail, ensure};
use prost::Message as _;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Span;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::frame::Body;
use relais_proto::peer::v1::{self as proto, DataClass, EventKind, RejectCode};
use relais_tests::case::{OTHER_THEME, SERVICE, now_ms, services, stop};
use relais_tests::desk::{Desk, Id, words};
use relais_tests::marks::marker;
use relais_tests::process::{Plan, Process};
use relais_tests::tamper::{Answer, Draft, Liar, PART_CONSENT, Talk, Victim, need, uuid};
use relais_tests::town::{SOON, Two, becomes, pair};
use relais_tests::wait::holds;
use relais_wire::dsse::PayloadType;
use relais_wire::keys::SigningSecret;
use std::time::Duration;

/// A stranger: no structure of these tests.
fn stranger() -> StructureId {
    StructureId::of_root_spki(b"a structure nobody knows")
}

/// A hub that runs, and a partner of it that lies.
struct Lies {
    two: Two,
    hub: Desk,
    liar: Liar,
    victim: Victim,
    talk: Talk,
}

/// What of a node must not move when it refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Still {
    threads: usize,
    leaves: u64,
}

impl Lies {
    async fn start() -> Result<Self> {
        let mut two = Two::start().await?;
        let hub = two.hub.desk().await?;
        two.agency.stop()?;
        let manifest = hub.partner(&two.agency_id).await?.manifest_sequence;
        let liar = Liar::in_place_of(&two.agency, &two.agency_id, manifest)?;
        let victim = Victim::of(&two.hub, &two.hub_id)?;
        let talk = liar.dial(&victim).await?;
        Ok(Self { two, hub, liar, victim, talk })
    }

    async fn refused(&self) -> Result<u64> {
        Ok(self.hub.peer(&self.two.agency_id).await?.refused)
    }

    async fn still(&self) -> Result<Still> {
        let status = self.hub.status().await?;
        Ok(Still { threads: self.hub.threads().await?.len(), leaves: status.ledger_size })
    }

    /// Sends what must be refused with `code`: counted once, and nothing moves.
    async fn is_refused(&mut self, what: &str, envelope: Vec<u8>, code: RejectCode) -> Result<()> {
        let (counted, before) = (self.refused().await?, self.still().await?);
        let answer = self.talk.send(envelope).await.with_context(|| what.to_owned())?;
        ensure!(answer == Answer::Rejected(code), "{what}: {answer:?}, not {code:?}");
        ensure!(self.still().await? == before, "{what}: something was stored");
        let now = self.refused().await?;
        ensure!(now == counted + 1, "{what}: counted {} times", now - counted);
        Ok(())
    }

    /// Sends what cannot even be read: nobody is answered, but it is counted, and the link goes on.
    async fn is_unread(&mut self, what: &str, envelope: Vec<u8>) -> Result<()> {
        let (counted, before) = (self.refused().await?, self.still().await?);
        self.talk.say(Body::Envelope(envelope)).await?;
        holds(what, SOON, async || Ok(self.refused().await? == counted + 1)).await?;
        ensure!(self.talk.alive().await, "{what}: the link ended");
        ensure!(self.still().await? == before, "{what}: something was stored");
        Ok(())
    }

    /// Sends what is taken: the receipt.
    async fn is_taken(&mut self, what: &str, envelope: Vec<u8>) -> Result<Vec<u8>> {
        match self.talk.send(envelope).await.with_context(|| what.to_owned())? {
            Answer::Receipt(receipt) => Ok(receipt),
            other @ (Answer::Rejected(_) | Answer::CannotOpen | Answer::Ended) => bail!("{what}: {other:?}"),
        }
    }

    fn sent(&self) -> Draft {
        self.liar.sent(self.victim.id, &self.liar.consent(self.victim.id))
    }

    /// A referral under a consent that was edited before it was signed.
    fn under(&self, edit: impl FnOnce(&mut proto::Consent)) -> Draft {
        let mut consent = self.liar.consent(self.victim.id);
        edit(&mut consent);
        self.liar.sent(self.victim.id, &consent)
    }

    fn envelope(&self, draft: &Draft) -> Result<Vec<u8>> {
        self.liar.envelope(draft, &self.victim)
    }

    /// A referral taken by the victim: what the following events continue.
    async fn opened(&mut self) -> Result<Draft> {
        let sent = self.sent();
        let envelope = self.envelope(&sent)?;
        self.is_taken("a well-made referral", envelope).await?;
        Ok(sent)
    }
}

/// A referral whose need was edited.
fn needing(mut draft: Draft, edit: impl FnOnce(&mut proto::Need)) -> Draft {
    let mut need = need();
    edit(&mut need);
    draft.put(DataClass::Need, need.encode_to_vec());
    draft
}

fn noting(mut draft: Draft, text: &str) -> Draft {
    draft.put(DataClass::Note, proto::Note { text: text.to_owned() }.encode_to_vec());
    draft
}

fn naming(mut draft: Draft, name: &str) -> Draft {
    let name = proto::Name { given: name.to_owned(), family: "D".to_owned() };
    draft.put(DataClass::Name, name.encode_to_vec());
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_cannot_be_stretched() -> Result<()> {
    let mut lies = Lies::start().await?;
    let party =
        || Some(proto::ConsentParty { structure_id: stranger().as_bytes().to_vec(), site_id: vec![] });
    let stretched = [
        ("another purpose", lies.under(|c| c.purpose = proto::Purpose::Handover.into())),
        ("another recipient", lies.under(|c| c.recipient = party())),
        ("collected by another", lies.under(|c| c.collected_by = party())),
        ("expired", lies.under(|c| c.valid_until_ms = now_ms() - 500)),
        ("not yet valid", lies.under(|c| c.valid_from_ms = now_ms() + Span::hours(1).0)),
        ("longer than a year", lies.under(|c| c.valid_until_ms = now_ms() + Span::days(400).0)),
        ("another need", needing(lies.sent(), |need| need.themes = vec![OTHER_THEME.to_owned()])),
        (
            "a class that was not agreed to",
            noting(lies.under(|c| c.classes.retain(|class| *class != i32::from(DataClass::Note))), "Vite"),
        ),
        ("more told back than agreed", lies.under(|c| c.feedback = proto::FeedbackLevel::Accepted.into())),
        ("no consent at all", {
            let mut draft = lies.sent();
            draft.parts.retain(|part| part.class != PART_CONSENT);
            draft
        }),
    ];
    for (what, draft) in stretched {
        let envelope = lies.envelope(&draft)?;
        lies.is_refused(what, envelope, RejectCode::Consent).await?;
        ensure!(lies.hub.find(&draft.thread()).await?.is_none(), "{what}: a thread was opened");
    }
    lies.opened().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_cannot_be_edited_or_signed_by_another() -> Result<()> {
    let mut lies = Lies::start().await?;
    let consent = lies.liar.consent(lies.victim.id);
    let signed = lies.liar.signed(PayloadType::Consent, consent.encode_to_vec());
    let wider = proto::Consent { themes: vec![OTHER_THEME.to_owned()], ..consent.clone() };
    let part = |payload: Vec<u8>, signature: &[u8]| {
        let manifest_sequence = lies.liar.manifest;
        proto::SignedConsent { payload, signature: signature.to_vec(), manifest_sequence }.encode_to_vec()
    };
    let other_key = SigningSecret::from_bytes(&[7; 32]);
    let by_another =
        relais_wire::dsse::Signed::sign(PayloadType::Consent, consent.encode_to_vec(), &other_key);
    let as_receipt = lies.liar.signed(PayloadType::Receipt, consent.encode_to_vec());
    let forged = [
        ("edited after it was signed", part(wider.encode_to_vec(), signed.signature())),
        ("signed by another key", part(consent.encode_to_vec(), by_another.signature())),
        ("signed as a receipt", part(consent.encode_to_vec(), as_receipt.signature())),
    ];
    for (what, bytes) in forged {
        let message = proto::SignedConsent::decode(bytes.as_slice())?;
        let digest = relais_wire::dsse::identity(PayloadType::Consent, &message.payload);
        let mut draft = needing(lies.sent(), |need| need.themes.clone_from(&wider.themes));
        if what != "edited after it was signed" {
            draft = needing(draft, |_| {});
        }
        draft.put_raw(PART_CONSENT, bytes);
        draft.skeleton.consent_digest = digest.as_bytes().to_vec();
        let envelope = lies.envelope(&draft)?;
        lies.is_refused(what, envelope, RejectCode::BadSignature).await?;
    }
    let mut draft = lies.sent();
    draft.skeleton.consent_digest = Digest::of(b"another consent").as_bytes().to_vec();
    let envelope = lies.envelope(&draft)?;
    lies.is_refused("a consent the skeleton does not name", envelope, RejectCode::Malformed).await?;
    lies.opened().await?;
    Ok(())
}

/// An unknown field (number 99, text) after well-formed bytes.
fn with_unknown_field(mut bytes: Vec<u8>, text: &str) -> Result<Vec<u8>> {
    prost::encoding::encode_key(99, prost::encoding::WireType::LengthDelimited, &mut bytes);
    bytes.push(u8::try_from(text.len())?);
    bytes.extend(text.as_bytes());
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn stage_two_does_not_leak_into_the_opening() -> Result<()> {
    let mut lies = Lies::start().await?;
    let hidden = marker(1);
    let draft = naming(lies.sent(), &hidden);
    let envelope = lies.envelope(&draft)?;
    lies.is_refused("the name before the acceptance", envelope, RejectCode::Consent).await?;

    let mut draft = lies.sent();
    let contact = proto::Contact {
        reach: proto::Reach::PresentAt.into(),
        detail: Some(hidden.clone()),
        ..Default::default()
    };
    draft.put(DataClass::Contact, contact.encode_to_vec());
    let envelope = lies.envelope(&draft)?;
    lies.is_refused("the contact in the opening", envelope, RejectCode::Malformed).await?;

    let mut draft = lies.sent();
    draft.put(DataClass::Need, with_unknown_field(need().encode_to_vec(), &hidden)?);
    let envelope = lies.envelope(&draft)?;
    lies.is_refused("a name in an unknown field of the need", envelope, RejectCode::Malformed).await?;

    let mut draft = lies.sent();
    draft.put_raw(15, hidden.clone().into_bytes());
    let envelope = lies.envelope(&draft)?;
    lies.is_unread("a part of a number that is kept for growth", envelope).await?;

    for text in ["Appelez le 06 12 34 56 78", "amina@exemple.fr", "2 85 05 78 006 084 91"] {
        let envelope = lies.envelope(&noting(lies.sent(), text))?;
        lies.is_refused("a contact in a note", envelope, RejectCode::NotAllowed).await?;
    }

    let sent = lies.sent();
    let mut message = lies.liar.envelope_message(&sent, &lies.victim, PayloadType::Envelope)?;
    message.payload = with_unknown_field(message.payload, &hidden)?;
    let signed = lies.liar.signed(PayloadType::Envelope, message.payload.clone());
    message.signature = signed.signature().to_vec();
    lies.is_unread("an unknown field in what is signed", message.encode_to_vec()).await?;
    let envelope = with_unknown_field(lies.envelope(&sent)?, &hidden)?;
    lies.is_unread("an unknown field beside what is signed", envelope).await?;
    lies.opened().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disclosure_before_the_acceptance_has_no_effect_and_is_reported() -> Result<()> {
    let mut lies = Lies::start().await?;
    let sent = lies.opened().await?;
    let early = naming(lies.liar.next(&sent, EventKind::Disclosed), "Amina");
    let envelope = lies.envelope(&early)?;
    lies.is_taken("an authentic event", envelope).await?;
    let reported = i32::from(desk::Attention::EventWithoutEffect);
    let seen = |view: &desk::ThreadView| {
        view.summary.as_ref().is_some_and(|summary| summary.attention.contains(&reported))
    };
    let view = becomes("the hub is told", &lies.hub, &sent.thread(), seen).await?;
    ensure!(view.stage_two.as_ref().is_none_or(|two| two.name.is_none()), "the name was kept");
    ensure!(view.summary.as_ref().is_some_and(|summary| summary.name.is_none()), "the name is shown");
    ensure!(view.disclosure() == desk::Disclosure::NotYet, "it had an effect");
    let entry =
        view.timeline.iter().find(|entry| entry.kind() == EventKind::Disclosed).context("its skeleton")?;
    ensure!(entry.effect() == desk::Effect::None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_of_one_thing_is_none_of_another() -> Result<()> {
    let mut lies = Lies::start().await?;
    let sent = lies.sent();
    let envelope = lies.envelope(&sent)?;
    let receipt = lies.is_taken("a well-made referral", envelope.clone()).await?;
    lies.is_unread("a receipt as an envelope", receipt).await?;
    for kind in [PayloadType::Receipt, PayloadType::Consent, PayloadType::Manifest] {
        let message = lies.liar.envelope_message(&lies.sent(), &lies.victim, kind)?;
        let what = format!("an envelope signed as {kind}");
        lies.is_refused(&what, message.encode_to_vec(), RejectCode::BadSignature).await?;
    }
    let before = lies.still().await?;
    lies.talk.say(Body::Receipt(envelope[..envelope.len().min(4_000)].to_vec())).await?;
    ensure!(lies.talk.alive().await && lies.still().await? == before, "an envelope as a receipt");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_gets_the_same_receipt_and_has_no_second_effect() -> Result<()> {
    let mut lies = Lies::start().await?;
    let sent = lies.sent();
    let envelope = lies.envelope(&sent)?;
    let receipt = lies.is_taken("a well-made referral", envelope.clone()).await?;
    let before = lies.still().await?;
    for _ in 0..3 {
        ensure!(lies.is_taken("a replay", envelope.clone()).await? == receipt, "another receipt");
    }
    let sealed_anew = lies.envelope(&sent)?;
    ensure!(sealed_anew != envelope);
    ensure!(lies.is_taken("a replay sealed anew", sealed_anew).await? == receipt, "another receipt");
    lies.two.hub.kill9()?;
    lies.two.hub.start().await?;
    lies.hub = lies.two.hub.desk().await?;
    lies.talk = lies.liar.dial(&lies.victim).await?;
    ensure!(lies.is_taken("a replay after a restart", envelope.clone()).await? == receipt);
    ensure!(lies.still().await? == before, "a replay had an effect");

    lies.hub.act(&sent.thread(), stop()).await?;
    let erased = lies.hub.show(&sent.thread()).await?;
    ensure!(erased.stage_one.is_none_or(|one| one.need.is_none()), "the need is still there");
    ensure!(lies.is_taken("a replay after the stop", envelope).await? == receipt);
    let view = lies.hub.show(&sent.thread()).await?;
    ensure!(
        view.stage_one.as_ref().is_none_or(|one| one.need.is_none()),
        "a replay brought it back: {}",
        words(&view)
    );

    // The same message id with another content is no replay.
    let mut other = lies.sent();
    other.skeleton.message_id.clone_from(&sent.skeleton.message_id);
    let envelope = lies.envelope(&other)?;
    lies.is_refused("another event under the same id", envelope, RejectCode::Forked).await
}

/// Pairs one more structure with the hub, stops it and takes its place.
async fn another_liar(lies: &Lies) -> Result<(Process, Liar, Id)> {
    let mut process = Process::init(&Plan::named("Association de l'Essai"))?;
    process.start().await?;
    let desk = process.desk().await?;
    desk.import(&services(&[SERVICE])).await?;
    pair(&lies.hub, &desk).await?;
    let id = desk.id().await?;
    process.stop()?;
    let manifest = lies.hub.partner(&id).await?.manifest_sequence;
    let liar = Liar::in_place_of(&process, &id, manifest)?;
    Ok((process, liar, id))
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_for_another_or_passes_on_what_was_for_another() -> Result<()> {
    let mut lies = Lies::start().await?;
    let (_process, other, other_id) = another_liar(&lies).await?;
    let sent = lies.opened().await?;
    let before = lies.still().await?;

    let for_the_other = lies.liar.sent(other.id, &lies.liar.consent(other.id));
    let envelope = lies.envelope(&for_the_other)?;
    lies.is_refused("an envelope for another structure", envelope, RejectCode::WrongRecipient).await?;

    // Whoever got an envelope passes it on as it is, or seals it anew to the next.
    let mut talk = other.dial(&lies.victim).await?;
    let fresh = lies.sent();
    for (what, envelope) in [
        ("a replay by another partner", lies.envelope(&sent)?),
        ("another's referral", lies.envelope(&fresh)?),
        ("a referral for itself, sealed anew", lies.envelope(&for_the_other)?),
    ] {
        let answer = talk.send(envelope).await?;
        ensure!(answer == Answer::Rejected(RejectCode::Unknown), "{what}: {answer:?}");
    }
    // It signs itself what rests on a consent that the other collected.
    let mut stolen = other.sent(lies.victim.id, &lies.liar.consent(lies.victim.id));
    let consent = lies.liar.consent(lies.victim.id);
    let signed = lies.liar.signed(PayloadType::Consent, consent.encode_to_vec());
    stolen.put_raw(PART_CONSENT, lies.liar.consent_part(&signed));
    stolen.skeleton.consent_digest = signed.identity().as_bytes().to_vec();
    let answer = talk.send(other.envelope(&stolen, &lies.victim)?).await?;
    ensure!(answer == Answer::Rejected(RejectCode::BadSignature), "a consent of another: {answer:?}");
    // It goes on with another's thread, or takes its message id.
    let mut next = other.next(&sent, EventKind::Note);
    next.skeleton.recipient_id = lies.victim.id.as_bytes().to_vec();
    let answer = talk.send(other.envelope(&next, &lies.victim)?).await?;
    ensure!(answer == Answer::Rejected(RejectCode::Unknown), "another's thread: {answer:?}");
    let mut taken = other.sent(lies.victim.id, &other.consent(lies.victim.id));
    taken.skeleton.message_id.clone_from(&sent.skeleton.message_id);
    let answer = talk.send(other.envelope(&taken, &lies.victim)?).await?;
    ensure!(answer == Answer::Rejected(RejectCode::Forked), "another's message id: {answer:?}");

    ensure!(lies.hub.peer(&other_id).await?.refused == 6, "not counted for the one who did it");
    ensure!(lies.still().await? == before, "something was stored");
    let view = lies.hub.show(&sent.thread()).await?;
    ensure!(
        view.summary.as_ref().is_some_and(|s| s.attention.is_empty()),
        "the thread suffered: {}",
        words(&view)
    );
    let note = noting(lies.liar.next(&sent, EventKind::Note), "La suite");
    let envelope = lies.envelope(&note)?;
    lies.is_taken("the thread goes on", envelope).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pasts_freeze_the_thread_and_a_stop_still_passes() -> Result<()> {
    let mut lies = Lies::start().await?;
    let sent = lies.opened().await?;
    let one = noting(lies.liar.next(&sent, EventKind::Note), "Lundi");
    let other = noting(lies.liar.next(&sent, EventKind::Note), "Mardi");
    let envelope = lies.envelope(&one)?;
    lies.is_taken("the first of two", envelope).await?;
    let envelope = lies.envelope(&other)?;
    lies.is_refused("the second of two", envelope, RejectCode::Forked).await?;
    let forked = i32::from(desk::Attention::Forked);
    let told = |view: &desk::ThreadView| {
        view.summary.as_ref().is_some_and(|summary| summary.attention.contains(&forked))
    };
    becomes("the hub is told", &lies.hub, &sent.thread(), told).await?;
    let after = noting(lies.liar.next(&one, EventKind::Note), "Mercredi");
    let envelope = lies.envelope(&after)?;
    lies.is_refused("an event after the fork", envelope, RejectCode::Forked).await?;
    let end = lies.liar.next(&one, EventKind::ConsentEnded);
    let envelope = lies.envelope(&end)?;
    lies.is_taken("a stop after the fork", envelope).await?;
    let stopped = |view: &desk::ThreadView| {
        view.summary.as_ref().is_some_and(|s| s.consent() == desk::ConsentStanding::Stopped)
    };
    let view = becomes("the stop is heard", &lies.hub, &sent.thread(), stopped).await?;
    ensure!(view.stage_one.is_none_or(|one| one.need.is_none()), "the need is still there");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_too_early_in_its_chain_waits_and_what_breaks_the_chain_is_refused() -> Result<()> {
    let mut lies = Lies::start().await?;
    let sent = lies.opened().await?;
    let second = noting(lies.liar.next(&sent, EventKind::Note), "Deux");
    let third = noting(lies.liar.next(&second, EventKind::Note), "Trois");
    let (second, third) = (lies.envelope(&second)?, lies.envelope(&third)?);
    lies.talk.say(Body::Envelope(third)).await?;
    ensure!(lies.talk.alive().await);
    lies.is_taken("what was missing", second).await?;
    let held = lies.talk.hear().await?;
    ensure!(matches!(held, Body::Receipt(_)), "what waited was answered with {held:?}");

    let mut lost = lies.liar.next(&sent, EventKind::Note);
    lost.skeleton.thread_id = uuid();
    let envelope = lies.envelope(&lost)?;
    lies.is_refused("an event of no thread", envelope, RejectCode::Unknown).await?;
    let view = lies.hub.show(&sent.thread()).await?;
    let notes = view.timeline.iter().filter(|entry| entry.kind() == EventKind::Note).count();
    ensure!(notes == 2, "{}", words(&view));
    let other = lies.opened().await?;
    let mut invented = lies.liar.next(&other, EventKind::Note);
    let hash = Digest::of(b"never written").as_bytes().to_vec();
    invented.skeleton.seen = Some(proto::EventLink { sequence: 1, hash });
    let envelope = lies.envelope(&invented)?;
    lies.is_refused("an event that saw what was never written", envelope, RejectCode::Forked).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_future_is_refused_for_now() -> Result<()> {
    let mut lies = Lies::start().await?;
    let mut ahead = lies.sent();
    let created_ms = now_ms() + Span::minutes(10).0;
    let deadline_ms = Some(now_ms() + Span::days(2).0);
    let times = proto::Times { created_ms, deadline_ms, ..Default::default() };
    ahead.put(DataClass::Times, times.encode_to_vec());
    let mut days_ahead = lies.sent();
    days_ahead.skeleton.day += 2;
    for (what, draft) in [("ten minutes ahead", ahead), ("two days ahead", days_ahead)] {
        let envelope = lies.envelope(&draft)?;
        lies.is_refused(what, envelope, RejectCode::FromTheFuture).await?;
        ensure!(lies.hub.find(&draft.thread()).await?.is_none());
    }
    let mut near = lies.sent();
    let times = proto::Times { created_ms: now_ms() + Span::minutes(4).0, deadline_ms, ..Default::default() };
    near.put(DataClass::Times, times.encode_to_vec());
    let envelope = lies.envelope(&near)?;
    lies.is_taken("four minutes ahead", envelope).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_big_is_refused_counted_and_the_link_can_be_opened_again() -> Result<()> {
    let mut lies = Lies::start().await?;
    let before = lies.still().await?;
    for bytes in [48 * 1024 + 1, 64 * 1024 + 1, 2 * 1024 * 1024] {
        let counted = lies.refused().await?;
        let answer = lies.talk.send(vec![0x0a; bytes]).await?;
        let refused = matches!(answer, Answer::Ended | Answer::Rejected(RejectCode::TooBig));
        ensure!(refused, "{bytes} bytes: {answer:?}");
        ensure!(lies.still().await? == before, "{bytes} bytes: something was stored");
        if bytes <= 64 * 1024 + 1 {
            holds("it is counted", Duration::from_secs(5), async || Ok(lies.refused().await? > counted))
                .await?;
        }
        lies.talk = lies.liar.dial(&lies.victim).await.with_context(|| format!("after {bytes} bytes"))?;
    }
    lies.opened().await?;
    Ok(())
}
