//! The agreement as it was given (A4): what is told, to whom, how long, how it was given, and the very notice that was
//! shown; and, once it ended, what each structure signed for.

use super::erased::{self, Parties};
use super::{consent, thread};
use crate::page::{self, Frame, Place};
use crate::pages::agreed::{FRENCH, Written};
use crate::pages::referral::seen::{self, Line};
use crate::pages::thread::Teller;
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    ConsentStanding, ConsentView, Disclosure, Label, NoticeView, ShowNoticeRequest, Side, ThreadView,
};
use relais_proto::peer::v1::{
    Consent, ConsentGiven, ConsentNotice, DataClass, FeedbackLevel, Interpreter, Presence, Purpose, Stage,
    TeachBack,
};
use tonic::Code;

#[derive(Template)]
#[template(path = "pages/agreement_paper.html")]
struct AgreementPaper {
    frame: Frame,
    back: String,
    slip: String,
    collector: String,
    recipient: String,
    theme: String,
    classes: Vec<String>,
    not_told: String,
    name_early: bool,
    before: Vec<Line>,
    after: Vec<Line>,
    is_disclosed: bool,
    /// What is said above `after` while that is not told.
    not_disclosed: String,
    /// What comes back; empty once the consent is erased.
    feedback: String,
    sanctions: bool,
    until: String,
    given: String,
    ended: Vec<String>,
    /// The notice that was shown, the French text first.
    shown: Vec<Written>,
    /// What is said where that is not known here.
    not_shown: String,
}

/// Shows it.
pub(super) async fn show(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let view = thread(&session, &id).await?;
    let told = consent(&session, &id).await?;
    let agreed = told.consent.clone().unwrap_or_default();
    let shown = shown(&session, agreed.purpose, agreed.notice.as_ref()).await?;
    let teller = Teller::of(&session);
    let title = teller.say("paper-title");
    let frame = Frame::signed(&session, Place::Elsewhere, &title);
    let parties = parties(&session, &view);
    Ok(page::ok(&AgreementPaper {
        back: format!("/orientations/{id}"),
        slip: slip(&view, &told, &id),
        not_shown: if shown.is_empty() {
            not_shown(teller.tongue, agreed.notice.as_ref())
        } else {
            String::new()
        },
        ended: ended(&teller, &parties, &view, &told),
        shown,
        ..paper(&teller, frame, parties, &view, &agreed, &told)
    }))
}

fn parties(session: &Session, view: &ThreadView) -> Parties {
    let summary = view.summary.clone().unwrap_or_default();
    let (ours, theirs) = (session.structure_name.clone(), summary.peer_name.clone());
    match summary.side() {
        Side::Sender => Parties { collector: ours, recipient: theirs },
        Side::Receiver | Side::Unspecified => Parties { collector: theirs, recipient: ours },
    }
}

/// Where the person's own paper is, while it serves for something.
fn slip(view: &ThreadView, told: &ConsentView, id: &str) -> String {
    let ours = view.summary.as_ref().is_some_and(|summary| summary.side() == Side::Sender);
    if ours && told.standing() == ConsentStanding::Active {
        format!("/orientations/{id}/bon")
    } else {
        String::new()
    }
}

/// The notice that was shown, the French text beside it; nothing when this node does not know it: no other is shown
/// instead.
async fn shown(
    session: &Session,
    purpose: i32,
    notice: Option<&ConsentNotice>,
) -> Result<Vec<Written>, Trouble> {
    let Some(notice) = notice else { return Ok(Vec::new()) };
    let (language, text_hash) = (notice.language.clone(), notice.text_hash.clone());
    let request = ShowNoticeRequest { purpose, language, text_hash, ..Default::default() };
    let Some(theirs) = known(session, request, |told| told.text_hash == notice.text_hash).await? else {
        return Ok(Vec::new());
    };
    let mut written = vec![Written::of(&theirs)];
    if notice.language != FRENCH {
        let (language, notice_id) = (FRENCH.to_owned(), notice.notice_id.clone());
        let request = ShowNoticeRequest { purpose, language, notice_id, ..Default::default() };
        let french = known(session, request, |told| told.notice_id == notice.notice_id).await?;
        written.splice(0..0, french.as_ref().map(Written::of));
    }
    Ok(written)
}

/// A notice that the node knows. A former node that reads no ids and hashes answers with the one of today: `is_it` tells.
async fn known(
    session: &Session,
    request: ShowNoticeRequest,
    is_it: impl Fn(&NoticeView) -> bool,
) -> Result<Option<NoticeView>, Trouble> {
    match session.desk().show_notice(session.ask(request)).await {
        Ok(told) => Ok(Some(told.into_inner()).filter(is_it)),
        Err(status) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => Ok(None),
        Err(status) => Err(status.into()),
    }
}

fn not_shown(tongue: Tongue, notice: Option<&ConsentNotice>) -> String {
    match notice {
        None => tongue.say("paper-notice-gone"),
        Some(notice) => {
            let language = seen::language(tongue, &notice.language);
            tongue.with("paper-notice-unknown", &[("id", &notice.notice_id), ("language", &language)])
        }
    }
}

/// That it ended and why, and what became of what was told.
fn ended(teller: &Teller<'_>, parties: &Parties, view: &ThreadView, told: &ConsentView) -> Vec<String> {
    let mut lines = Vec::new();
    if told.standing() != ConsentStanding::Active {
        let day = told.ended_ms.map(|ms| teller.with("paper-ended", &[("day", &teller.day(ms))]));
        let why = teller.code(told.standing().as_str_name());
        lines.extend(day.into_iter().chain([why]).filter(|line| !line.is_empty()));
    }
    lines.extend(erased::lines(teller, parties, view, told));
    lines
}

fn paper(
    teller: &Teller<'_>,
    frame: Frame,
    parties: Parties,
    view: &ThreadView,
    agreed: &Consent,
    told: &ConsentView,
) -> AgreementPaper {
    let tongue = teller.tongue;
    let classes = |class: DataClass| {
        if class == DataClass::Name && agreed.purpose() == Purpose::Handover {
            return tongue.say("class-name-whole");
        }
        tongue.say(&format!("class-{}", seen::short("DATA_CLASS_", class.as_str_name())))
    };
    let feedback = seen::short("FEEDBACK_LEVEL_", agreed.feedback().as_str_name());
    let may_tell_those = |class| matches!(class, DataClass::Documents | DataClass::Sensitive);
    let not_told =
        if agreed.classes().any(may_tell_those) { "paper-not-told-rest" } else { "paper-not-told-what" };
    let is_live = view.summary.as_ref().is_some_and(|summary| summary.label() == Label::Unspecified);
    let said = |key: String| if told.consent.is_some() { tongue.say(&key) } else { String::new() };
    AgreementPaper {
        frame,
        back: String::new(),
        slip: String::new(),
        collector: parties.collector,
        recipient: parties.recipient,
        theme: teller.themes(&agreed.themes),
        classes: agreed.classes().map(classes).collect(),
        not_told: said(not_told.to_owned()),
        name_early: agreed.name_stage() == Stage::One,
        before: view
            .stage_one
            .as_ref()
            .map(|one| seen::stage_one(tongue, one, &view.territory_name))
            .unwrap_or_default(),
        after: view.stage_two.as_ref().map(|two| seen::stage_two(tongue, two)).unwrap_or_default(),
        is_disclosed: view.disclosure() == Disclosure::Done,
        not_disclosed: tongue.say(if is_live { "paper-said-later" } else { "paper-said-never" }),
        feedback: said(format!("paper-feedback-{feedback}")),
        sanctions: agreed.feedback() > FeedbackLevel::Accepted,
        until: teller.day(told.valid_until_ms),
        given: agreed
            .given
            .as_ref()
            .map(|given| how(teller, given, agreed.valid_from_ms))
            .unwrap_or_default(),
        ended: Vec::new(),
        shown: Vec::new(),
        not_shown: String::new(),
    }
}

/// How it was given, when, in which language, through whom, beside whom, and whether it was said
/// back.
fn how(teller: &Teller<'_>, given: &ConsentGiven, from_ms: i64) -> String {
    let tongue = teller.tongue;
    let mut words = vec![
        tongue.say(&format!("how-{}", seen::short("GIVEN_HOW_", given.how().as_str_name()))),
        teller.day(from_ms),
        seen::language(tongue, &given.language),
    ];
    let interpreter = match given.interpreter() {
        Interpreter::Unspecified | Interpreter::None => None,
        Interpreter::Professional => Some(tongue.say("interpreter-professional")),
        Interpreter::Relative => Some(tongue.say("interpreter-relative")),
    };
    words.extend(interpreter.map(|who| tongue.with("paper-interpreter", &[("who", &who)])));
    let beside = match given.presence() {
        Presence::Unspecified | Presence::None => None,
        Presence::Witness => Some(tongue.say("paper-witness")),
        Presence::Guardian => Some(tongue.say("paper-guardian")),
    };
    words.extend(beside);
    words.extend((given.teach_back() == TeachBack::Done).then(|| tongue.say("paper-taught-back")));
    words.join(" · ")
}
