//! Fixed and random consents and contents for tests. Every name is made up.

use crate::consent;
use crate::keys::{SealSecret, SigningSecret};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use relais_domain::class::{DataClass, Stage};
use relais_domain::consent::{
    Consent, Given, GivenHow, Interpreter, LegalBasis, Notice, Party, Presence, Purpose, SignedConsent,
    TeachBack,
};
use relais_domain::content::*;
use relais_domain::digest::Digest;
use relais_domain::id::{ConsentId, ServiceId, SiteId};
use relais_domain::limits::{LIST_ENTRIES_MAX, SUGGESTIONS_MAX};
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::time::{Day, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// 2026-11-22T10:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_341_600_000);

/// One of two structures that exchange.
pub(crate) struct End {
    pub(crate) id: StructureId,
    pub(crate) signing: SigningSecret,
    pub(crate) sealing: SealSecret,
}

fn end(seed: u8) -> End {
    let root = SigningSecret::from_bytes(&[seed; 32]);
    End {
        id: StructureId::of_root_spki(&root.verify_key().to_spki()),
        signing: SigningSecret::from_bytes(&[seed + 1; 32]),
        sealing: SealSecret::from_bytes(&[seed + 2; 32]),
    }
}

/// The sender: root key seed 0x10 × 32, signing 0x11 × 32, sealing 0x12 × 32.
pub(crate) fn agency() -> End {
    end(0x10)
}

/// The receiver: root key seed 0x20 × 32, signing 0x21 × 32, sealing 0x22 × 32.
pub(crate) fn hub() -> End {
    end(0x20)
}

pub(crate) fn text(value: &str) -> Personal<String> {
    Personal::new(value.to_owned())
}

pub(crate) fn theme() -> Theme {
    Theme::parse("numerique--acceder-a-une-connexion-internet").expect("a theme")
}

fn classes(purpose: Purpose) -> BTreeSet<DataClass> {
    let handover_only = [DataClass::Handover, DataClass::Documents, DataClass::Sensitive];
    let fits = |class: &DataClass| purpose == Purpose::Handover || !handover_only.contains(class);
    DataClass::ALL.iter().copied().filter(fits).collect()
}

/// A consent that covers everything its purpose can.
pub(crate) fn consent_document(purpose: Purpose) -> Consent {
    Consent {
        id: ConsentId::from_random([0x31; 16]),
        version: 1,
        supersedes: None,
        collected_by: Party { structure: agency().id, site: None },
        recipient: Party { structure: hub().id, site: Some(SiteId::from_random([0x32; 16])) },
        purpose,
        themes: [theme()].into(),
        classes: classes(purpose),
        name_stage: Stage::Two,
        feedback: FeedbackLevel::Outcome,
        onward: BTreeSet::new(),
        valid_from: NOW,
        valid_until: Timestamp(NOW.0 + 90 * 86_400_000),
        collector_basis: LegalBasis::PublicTask,
        recipient_basis: LegalBasis::Agreement,
        given: Given {
            how: GivenHow::Oral,
            language: "fr".into(),
            interpreter: Interpreter::None,
            teach_back: TeachBack::Done,
            presence: Presence::None,
        },
        notice: Notice { id: "notice-2026-1".into(), language: "fr".into(), text: Digest::of(b"notice") },
        stop_code: None,
    }
}

pub(crate) fn signed_consent(purpose: Purpose) -> SignedConsent {
    consent::sign(&consent_document(purpose), &agency().signing, 3)
}

pub(crate) fn need() -> Need {
    Need {
        themes: vec![theme()],
        urgency: Urgency::Soon,
        territory: Territory::parse("17300").expect("La Rochelle"),
        service: ServiceId::parse("emmaus-connect--la-rochelle").expect("a service"),
        site: None,
        feedback: FeedbackLevel::Outcome,
        walk_in: None,
    }
}

/// An instant this many hours after [`NOW`].
fn instant(hours: i64) -> Timestamp {
    Timestamp(NOW.0 + hours * 3_600_000)
}

fn course() -> Course {
    Course {
        appointment: Some(instant(48)),
        place: Some(text("12 rue du Port")),
        review: Some(instant(72)),
        reason: Some(Reason::Full),
        outcome: Some(Outcome::NeedMet),
        account: Some(text("J'ai une connexion")),
        suggestions: vec![Suggestion {
            structure: agency().id,
            service: ServiceId::parse("autre--service").expect("a service"),
        }],
        voids: Some(2),
    }
}

fn erasure() -> Erasure {
    Erasure {
        parts: [ContentPart::StageOne, ContentPart::Course].into(),
        kept: vec![Kept { part: ContentPart::Evidence, basis: KeptBasis::LegalClaim, until: Day(23_000) }],
        erased_at: NOW,
        backup_horizon: instant(168),
    }
}

/// A content that holds every part, each field set.
pub(crate) fn everything() -> Content {
    Content {
        consent: Some(signed_consent(Purpose::Handover)),
        need: Some(Need {
            site: Some(SiteId::from_random([0x33; 16])),
            walk_in: Some(Digest::of(b"offer")),
            ..need()
        }),
        constraints: Some(Constraints([Constraint::OnFoot, Constraint::Childcare].into())),
        level: Some(Level {
            digital_autonomy: Some(2),
            equipment: [Equipment::BasicPhone].into(),
            connection: Some(Connection::None),
            french_spoken: Some(3),
            french_read: Some(1),
            languages: vec!["ar".into(), "fra".into()],
        }),
        eligibility: Some(Eligibility(BTreeMap::from([
            (Statement::RegisteredJobseeker, YesNo::Yes),
            (Statement::Student, YesNo::No),
        ]))),
        note: Some(Note(text("Préfère venir le matin"))),
        answer: Some(Answer { question: Question::HasDevice, reply: Some(Reply::No) }),
        professional: Some(Professional { name: text("Jeanne M."), contact: text("jeanne@hub.example") }),
        course: Some(course()),
        times: Some(Times {
            created: NOW,
            deadline: Some(instant(72)),
            not_before: Some(instant(1)),
            offer_until: Some(instant(100)),
        }),
        name: Some(Name { given: text("Amina"), family: text("D.") }),
        contact: Some(Contact {
            reach: Reach::Phone,
            detail: Some(text("06 00 00 00 00")),
            language: Some("ar".into()),
            cautions: [Caution::DoNotWrite, Caution::Discreet].into(),
        }),
        handover: Some(HandoverContent {
            done: vec![text("Inscription faite")],
            pending: vec![text("Dossier à finir")],
            deadlines: vec![(Day(20_800), text("Rendre le dossier"))],
            goals: vec![text("Trouver une formation")],
        }),
        documents: Some(vec![text("Attestation")]),
        sensitive: Some(text("Sur demande de la personne")),
        erasure: Some(erasure()),
    }
}

fn words() -> impl Strategy<Value = Personal<String>> {
    "\\PC{1,40}".prop_map(Personal::new)
}

fn instants() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp)
}

fn later_instants() -> impl Strategy<Value = Timestamp> {
    (1..i64::MAX).prop_map(Timestamp)
}

fn days() -> impl Strategy<Value = Day> {
    any::<i32>().prop_map(Day)
}

fn digests() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn structures() -> impl Strategy<Value = StructureId> {
    any::<[u8; 32]>().prop_map(|bytes| StructureId::from_slice(&bytes).expect("32 bytes"))
}

fn sites() -> impl Strategy<Value = SiteId> {
    any::<[u8; 16]>().prop_map(SiteId::from_random)
}

fn services() -> impl Strategy<Value = ServiceId> {
    "[a-z0-9/-]{1,60}".prop_map(|id| ServiceId::parse(&id).expect("a service"))
}

fn themes() -> impl Strategy<Value = Theme> {
    select(Theme::all().collect::<Vec<_>>())
}

fn languages() -> impl Strategy<Value = String> {
    "[a-z]{2,3}"
}

fn code<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

fn set<T: Copy + Ord + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = BTreeSet<T>> {
    btree_set(code(all), 0..=all.len())
}

fn texts() -> impl Strategy<Value = Vec<Personal<String>>> {
    vec(words(), 0..=LIST_ENTRIES_MAX)
}

fn needs() -> impl Strategy<Value = Need> {
    let territories = select(vec!["17300", "17", "2A", "region:75", "france"]);
    (
        vec(themes(), 0..=LIST_ENTRIES_MAX),
        code(Urgency::ALL),
        territories.prop_map(|code| Territory::parse(code).expect("a territory")),
        services(),
        option::of(sites()),
        code(FeedbackLevel::ALL),
        option::of(digests()),
    )
        .prop_map(|(themes, urgency, territory, service, site, feedback, walk_in)| Need {
            themes,
            urgency,
            territory,
            service,
            site,
            feedback,
            walk_in,
        })
}

fn levels() -> impl Strategy<Value = Level> {
    let scale = || option::of(1..=5u8);
    let connection = option::of(code(Connection::ALL));
    let languages = vec(languages(), 0..=LIST_ENTRIES_MAX);
    (scale(), set(Equipment::ALL), connection, scale(), scale(), languages).prop_map(
        |(digital_autonomy, equipment, connection, french_spoken, french_read, languages)| Level {
            digital_autonomy,
            equipment,
            connection,
            french_spoken,
            french_read,
            languages,
        },
    )
}

fn courses() -> impl Strategy<Value = Course> {
    let suggestions =
        (structures(), services()).prop_map(|(structure, service)| Suggestion { structure, service });
    (
        option::of(instants()),
        option::of(words()),
        option::of(instants()),
        option::of(code(Reason::ALL)),
        option::of(code(Outcome::ALL)),
        option::of(words()),
        vec(suggestions, 0..=SUGGESTIONS_MAX),
        option::of(1..u32::MAX),
    )
        .prop_map(|(appointment, place, review, reason, outcome, account, suggestions, voids)| Course {
            appointment,
            place,
            review,
            reason,
            outcome,
            account,
            suggestions,
            voids,
        })
}

fn times() -> impl Strategy<Value = Times> {
    let maybe = || option::of(instants());
    (later_instants(), maybe(), maybe(), maybe()).prop_map(|(created, deadline, not_before, offer_until)| {
        Times { created, deadline, not_before, offer_until }
    })
}

fn contacts() -> impl Strategy<Value = Contact> {
    (code(Reach::ALL), option::of(words()), option::of(languages()), set(Caution::ALL))
        .prop_map(|(reach, detail, language, cautions)| Contact { reach, detail, language, cautions })
}

fn handovers() -> impl Strategy<Value = HandoverContent> {
    (texts(), texts(), vec((days(), words()), 0..=LIST_ENTRIES_MAX), texts())
        .prop_map(|(done, pending, deadlines, goals)| HandoverContent { done, pending, deadlines, goals })
}

fn erasures() -> impl Strategy<Value = Erasure> {
    let kept = (code(ContentPart::ALL), code(KeptBasis::ALL), days()).prop_map(|(part, basis, until)| Kept {
        part,
        basis,
        until,
    });
    (set(ContentPart::ALL), vec(kept, 0..=LIST_ENTRIES_MAX), later_instants(), later_instants()).prop_map(
        |(parts, kept, erased_at, backup_horizon)| Erasure { parts, kept, erased_at, backup_horizon },
    )
}

fn parties() -> impl Strategy<Value = Party> {
    (structures(), option::of(sites())).prop_map(|(structure, site)| Party { structure, site })
}

fn scopes() -> impl Strategy<Value = Consent> {
    (
        (any::<[u8; 16]>(), 1..u32::MAX, option::of(digests()), parties(), parties(), code(Purpose::ALL)),
        btree_set(themes(), 0..=LIST_ENTRIES_MAX),
        set(DataClass::ALL),
        select(vec![Stage::One, Stage::Two]),
        code(FeedbackLevel::ALL),
        btree_set(structures(), 0..=LIST_ENTRIES_MAX),
        (instants(), instants(), option::of(digests())),
    )
        .prop_map(|(who, themes, classes, name_stage, feedback, onward, rest)| Consent {
            id: ConsentId::from_random(who.0),
            version: who.1,
            supersedes: who.2,
            collected_by: who.3,
            recipient: who.4,
            purpose: who.5,
            themes,
            classes,
            name_stage,
            feedback,
            onward,
            valid_from: rest.0,
            valid_until: rest.1,
            stop_code: rest.2,
            ..consent_document(Purpose::Referral)
        })
}

/// Any consent that can be written, well formed or not.
pub(crate) fn consents() -> impl Strategy<Value = Consent> {
    let given =
        (code(GivenHow::ALL), languages(), code(Interpreter::ALL), code(TeachBack::ALL), code(Presence::ALL))
            .prop_map(|(how, language, interpreter, teach_back, presence)| Given {
                how,
                language,
                interpreter,
                teach_back,
                presence,
            });
    let notice =
        ("\\PC{1,40}", languages(), digests()).prop_map(|(id, language, text)| Notice { id, language, text });
    (scopes(), code(LegalBasis::ALL), code(LegalBasis::ALL), given, notice).prop_map(
        |(scope, collector_basis, recipient_basis, given, notice)| Consent {
            collector_basis,
            recipient_basis,
            given,
            notice,
            ..scope
        },
    )
}

/// Any content that can be written, fit to be kept or not.
pub(crate) fn contents() -> impl Strategy<Value = Content> {
    let one = (
        option::of(needs()),
        option::of(set(Constraint::ALL).prop_map(Constraints)),
        option::of(levels()),
        option::of(btree_map(code(Statement::ALL), code(YesNo::ALL), 0..=8).prop_map(Eligibility)),
        option::of(words().prop_map(Note)),
        option::of(
            (code(Question::ALL), option::of(code(Reply::ALL)))
                .prop_map(|(question, reply)| Answer { question, reply }),
        ),
        option::of((words(), words()).prop_map(|(name, contact)| Professional { name, contact })),
        option::of(courses()),
        option::of(times()),
    );
    let two = (
        option::of((words(), words()).prop_map(|(given, family)| Name { given, family })),
        option::of(contacts()),
        option::of(handovers()),
        option::of(texts()),
        option::of(words()),
    );
    let signed = consents().prop_map(|document| consent::sign(&document, &agency().signing, 3));
    (one, two, option::of(signed), option::of(erasures())).prop_map(|(one, two, consent, erasure)| Content {
        consent,
        need: one.0,
        constraints: one.1,
        level: one.2,
        eligibility: one.3,
        note: one.4,
        answer: one.5,
        professional: one.6,
        course: one.7,
        times: one.8,
        name: two.0,
        contact: two.1,
        handover: two.2,
        documents: two.3,
        sensitive: two.4,
        erasure,
    })
}
