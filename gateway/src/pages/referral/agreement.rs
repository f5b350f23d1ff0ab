//! Third page: the person and their agreement, and beside it, live, exactly what the other structure will see.

use super::build;
use super::choices::Choices;
use super::draft::Draft;
use super::precise;
use super::seen::{self, Seen};
use crate::hex;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::agreed::{self, Look, Occasion, Told};
use crate::pages::draft::Agreed;
use crate::pages::writing::{Stage, Writing};
use crate::pages::{place, reach, remark};
use crate::tongue::Tongue;
use crate::trouble::{Refusal, Trouble};
use crate::visit::Session;
use askama::Template;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use relais_proto::desk::v1::{FieldProblem, ReferralPreview, ServiceView, StatusRequest};
use relais_proto::peer::v1::{FeedbackLevel, StructureKind, YesNo};

#[derive(Template)]
#[template(path = "pages/referral_agreement.html")]
struct AgreementPage {
    frame: Frame,
    address: String,
    look: String,
    abandon: String,
    back: String,
    shown: String,
    form: crate::form::Form,
    seen: Seen,
    walk_in: bool,
    service: String,
    asks_name: bool,
    sanctions: bool,
    choices: Choices,
    told: Told,
    mistakes: Mistakes,
}

impl AgreementPage {
    /// Whether who the person is and how to reach them came from their follow-up, and nothing is wrong with it: what the
    /// other structure will see shows it already.
    fn knows_person(&self) -> bool {
        let fields = ["prenom", "initiale", "joindre"];
        let known = fields.iter().all(|field| {
            !self.form.text(field).is_empty() || *field == "joindre" && !reach::wants_detail(&self.form)
        });
        let right = fields.iter().all(|field| self.mistakes.of(field).is_none());
        !self.form.text("suivi").is_empty() && known && right
    }

    /// Whether something was made precise, or must be mended there: what is folded away is opened then.
    fn is_precise(&self) -> bool {
        let written = ["note", "presence"].iter().any(|field| !self.form.text(field).is_empty());
        let said = written || !self.form.all("precaution").is_empty();
        let fields = ["note", "langue", "langues", "equipement"];
        said || precise::says_something(&self.form)
            || fields.iter().any(|one| self.mistakes.of(one).is_some())
    }
}

/// The field of the page that a field of the node's refusal stands for.
fn field_of(node: &str) -> &'static str {
    let last = node.rsplit('.').next().unwrap_or(node);
    match last {
        "given" => "prenom",
        "family" => "initiale",
        "name" => "prenom",
        "detail" | "contact" | "reach" => "joindre",
        "language" => "langue",
        "note" | "text" => "note",
        "languages" => "langues",
        "classes" => "accepte-besoin",
        "how" | "given_how" => "maniere",
        "notice_language" | "notice_id" => "avis",
        _ => "accepte-besoin",
    }
}

async fn service(session: &Session, draft: &Draft) -> Result<Option<ServiceView>, Trouble> {
    let structure = hex::bytes(draft.form.text("structure")).unwrap_or_default();
    place::service(session, structure, draft.form.text("service")).await
}

async fn preview_of(session: &Session, draft: &Draft) -> Result<ReferralPreview, Trouble> {
    let request = session.ask(build::referral(&draft.form, ""));
    match session.desk().preview_referral(request).await {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => match Trouble::refused(status) {
            Ok(refusal) => {
                let problem = FieldProblem { field: refusal.field, problem: refusal.sentence };
                Ok(ReferralPreview { problems: vec![problem], ..Default::default() })
            }
            Err(other) => Err(other),
        },
    }
}

fn seen_of(session: &Session, draft: &Draft, recipient: &str, preview: &ReferralPreview) -> Seen {
    let tongue = session.tongue();
    let date = |ms: i64| if ms == 0 { String::new() } else { session.calendar().day(tongue, ms) };
    let one = preview.stage_one.as_ref().map(|one| seen::stage_one(tongue, one, draft.form.text("commune")));
    let need = preview.stage_one.as_ref().and_then(|one| one.need.as_ref());
    Seen {
        recipient: recipient.to_owned(),
        before: one.unwrap_or_default(),
        after: preview.stage_two.as_ref().map(|two| seen::stage_two(tongue, two)).unwrap_or_default(),
        back: need.map(|need| back(tongue, need.feedback())).unwrap_or_default(),
        remarks: remark::words(tongue, &preview.coded_remarks, &preview.remarks),
        deadline: date(preview.deadline_ms),
        until: date(preview.consent_until_ms),
    }
}

/// What comes back, where it is more than the answer.
fn back(tongue: Tongue, level: FeedbackLevel) -> String {
    if level <= FeedbackLevel::Accepted {
        return String::new();
    }
    tongue.say(&format!("told-back-ours-{}", seen::short("FEEDBACK_LEVEL_", level.as_str_name())))
}

/// What the person is told of this referral before they agree.
async fn told(session: &Session, draft: &Draft) -> Result<Told, Trouble> {
    let walk_in = build::is_walk_in(&draft.form);
    let occasion = if walk_in { Occasion::WalkIn } else { Occasion::Referral };
    let name_early = !walk_in && build::name_is_early(&draft.form);
    Ok(Told { name_early, ..agreed::told(session, occasion, &draft.form).await? })
}

async fn agreement_page(
    session: &Session,
    mut draft: Draft,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let Some(service) = service(session, &draft).await? else {
        return Ok(page::lead(&draft.address("service")));
    };
    let tongue = session.tongue();
    let walk_in = build::is_walk_in(&draft.form);
    if !walk_in && draft.form.text("voie").is_empty() {
        // The way the page shows as chosen is the one that is previewed.
        draft.form.set("voie", reach::USUAL_WAY);
    }
    let preview = preview_of(session, &draft).await?;
    let status = session.desk().status(session.ask(StatusRequest {})).await?.into_inner();
    let mut title = tongue.say(if walk_in { "agreement-slip-title" } else { "agreement-title" });
    if !mistakes.is_empty() {
        title = tongue.with("error-title", &[("title", &title)]);
    }
    let shown = AgreementPage {
        frame: Frame::signed(session, Place::New, &title),
        address: draft.address("accord"),
        look: draft.address("apercu"),
        abandon: draft.address("abandon"),
        back: draft.address("service"),
        shown: draft.shown(),
        seen: seen_of(session, &draft, &service.structure_name, &preview),
        walk_in,
        asks_name: service.name_needed() == YesNo::Yes && !walk_in,
        service: service.name,
        sanctions: status.kind() == StructureKind::EmploymentService,
        choices: Choices::of(tongue),
        told: told(session, &draft).await?,
        form: draft.form,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows it.
pub(crate) async fn show(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    if draft.form.text("service").is_empty() {
        return Ok(page::lead(&draft.address("besoin")));
    }
    agreement_page(&session, draft, Mistakes::default()).await
}

/// Boxes of the page, and what it showed: what is not sent is forgotten.
const BOXES: [&str; 8] = [
    "accepte",
    "retour",
    "redit",
    "nom-avant",
    "contrainte",
    "equipement",
    "precaution",
    agreed::NOTICE_SHOWN,
];
/// What was chosen on the pages before, and the one act this may become: not taken from here.
const FIXED: [&str; 8] =
    ["demande", "structure", "service", "offre", "theme", "commune", "commune-code", "suivi"];

/// Shows what the other structure would see; what was typed is kept.
pub(crate) async fn preview(
    Path(id): Path<String>,
    headers: HeaderMap,
    writing: Writing,
) -> Result<Response, Trouble> {
    let Writing { session, form, .. } = writing;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    draft.take_agreement(form, &BOXES, &FIXED);
    draft.save(&session).await?;
    if !headers.contains_key("hx-request") {
        return agreement_page(&session, draft, Mistakes::default()).await;
    }
    let Some(service) = service(&session, &draft).await? else { return Err(Trouble::NotFound) };
    let preview = preview_of(&session, &draft).await?;
    let title = session.tongue().say("agreement-title");
    Ok(page::ok(&Look {
        frame: Frame::signed(&session, Place::New, &title),
        seen: seen_of(&session, &draft, &service.structure_name, &preview),
        told: told(&session, &draft).await?,
        walk_in: build::is_walk_in(&draft.form),
    }))
}

/// What is missing before the node is asked: each with the words of this page.
fn missing(session: &Session, draft: &Draft) -> Mistakes {
    let form = &draft.form;
    let tongue = session.tongue();
    let mut mistakes = Mistakes::default();
    if !build::is_walk_in(form) {
        for field in ["prenom", "initiale"] {
            if form.text(field).is_empty() {
                mistakes.add(field, tongue.say(&format!("agreement-{field}-empty")));
            }
        }
        if reach::wants_detail(form) && form.text("joindre").is_empty() {
            mistakes.add("joindre", tongue.say("agreement-joindre-empty"));
        }
    }
    if !form.has("accepte", "besoin") {
        mistakes.add("accepte-besoin", tongue.say("agreement-need-unticked"));
    }
    if !form.has("accepte", "joindre") && !build::is_walk_in(form) {
        mistakes.add("accepte-joindre", tongue.say("agreement-contact-unticked"));
    }
    if form.text("maniere").is_empty() {
        mistakes.add("maniere", tongue.say("agreement-maniere-empty"));
    }
    if !build::is_walk_in(form) && build::feedback_lacks_attendance(form) {
        mistakes
            .add("retour", tongue.with("agreement-retour-half", &[("structure", &session.structure_name)]));
    }
    if precise::contradicts(form) {
        mistakes.add("equipement", tongue.say("agreement-equipment-both"));
    }
    mistakes
}

/// Sends the referral: one effect, however often the button is pressed.
pub(crate) async fn send(Path(id): Path<String>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let agreed_for = draft.take_agreement(form, &BOXES, &FIXED);
    draft.save(&session).await?;
    if stage == Stage::Resumed {
        return agreement_page(&session, draft, Mistakes::default()).await;
    }
    let mut mistakes = match agreed_for {
        Agreed::ForThis => missing(&session, &draft),
        Agreed::ForAnother => agreed::another_door(&session),
    };
    let told = told(&session, &draft).await?;
    told.unless_shown(session.tongue(), &draft.form, &mut mistakes);
    if mistakes.is_empty() {
        let request = build::referral(&draft.form, &told.notice_id);
        match session.desk().open_referral(session.ask(request)).await {
            Ok(answer) => {
                let thread = answer.into_inner().summary.unwrap_or_default().thread_id;
                draft.finish(&session, &thread).await?;
                return Ok(page::lead(&format!("/orientations/{}/envoyee", hex::encode(&thread))));
            }
            Err(status) => match Trouble::refused(status) {
                Ok(refusal) => add(&session, &mut mistakes, &refusal),
                Err(other) => return Err(other),
            },
        }
    }
    agreement_page(&session, draft, mistakes).await
}

fn add(session: &Session, mistakes: &mut Mistakes, refusal: &Refusal) {
    mistakes.add(field_of(&refusal.field), refusal.words(session.tongue()));
}
