//! Second page: the agreement, where the follow-up stands, and beside it, live, exactly what the other structure will see.

use super::build;
use super::draft::Draft;
use crate::form::Form;
use crate::hex;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::agreed::{self, Look, Occasion, Told};
use crate::pages::draft::Agreed;
use crate::pages::referral::seen::{self, Seen};
use crate::pages::writing::{Stage, Writing};
use crate::pages::{place, reach, refused, remark};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use relais_proto::desk::v1::{CommuneView, ReferralPreview, ServiceView};

/// Boxes of the page, and what it showed: what is not sent is forgotten.
const BOXES: [&str; 5] = ["accepte", "redit", "precaution", "signature", agreed::NOTICE_SHOWN];
/// What was chosen before, and the one act this may become: not taken from here.
const FIXED: [&str; 6] = ["demande", "structure", "service", "suivi", "commune-code", "commune-nom"];
/// The last minute of the day on which an offer ends.
const LAST_MINUTE: &str = "23:59";

/// A need of the door that was chosen.
struct Theme {
    code: String,
    words: String,
}

#[derive(Template)]
#[template(path = "pages/handover_offer.html")]
struct OfferPage {
    frame: Frame,
    address: String,
    look: String,
    abandon: String,
    back: String,
    shown: String,
    form: Form,
    seen: Seen,
    service: String,
    themes: Vec<Theme>,
    communes: Vec<CommuneView>,
    told: Told,
    mistakes: Mistakes,
}

impl OfferPage {
    /// Whether one of these fields must be mended: what is folded away is opened then.
    fn opens(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.mistakes.of(field).is_some())
    }
}

/// The field of the page that a field of the node's refusal stands for.
fn field_of(node: &str) -> &'static str {
    match node {
        "name.given" | "name" => "prenom",
        "name.family" => "initiale",
        "contact.detail" | "contact.reach" | "contact" => "joindre",
        "contact.language" => "langue",
        "handover.done" => "fait",
        "handover.pending" | "handover" => "reste",
        "handover.goals" => "buts",
        "need.commune" => "commune",
        "offer_until" => "jusqua",
        "given_how" | "given.how" | "consent.given" => "maniere",
        "consent.notice_language" | "consent.notice_id" => "avis",
        _ => "accepte-besoin",
    }
}

async fn service(session: &Session, draft: &Draft) -> Result<Option<ServiceView>, Trouble> {
    let structure = hex::bytes(draft.form.text("structure")).unwrap_or_default();
    if structure.is_empty() {
        return Ok(None);
    }
    place::service(session, structure, draft.form.text("service")).await
}

/// What the node would change of the need, and until when an agreement given now would hold; nothing while the form
/// cannot be read: what is wrong is said when it is sent.
async fn foreseen(session: &Session, form: &Form) -> Result<ReferralPreview, Trouble> {
    match session.desk().preview_referral(session.ask(build::dry_run(form))).await {
        Ok(answer) => Ok(answer.into_inner()),
        Err(status) => match Trouble::refused(status) {
            Ok(_) => Ok(ReferralPreview::default()),
            Err(other) => Err(other),
        },
    }
}

fn seen_of(session: &Session, form: &Form, recipient: &str, foreseen: &ReferralPreview) -> Seen {
    let tongue = session.tongue();
    Seen {
        recipient: recipient.to_owned(),
        before: seen::stage_one(tongue, &build::stage_one(form), form.text("commune")),
        after: seen::stage_two(tongue, &build::stage_two(form)),
        remarks: remark::words(tongue, &foreseen.coded_remarks, &foreseen.remarks),
        ..Default::default()
    }
}

/// What the person is told of this handover before they agree.
async fn told(session: &Session, form: &Form, foreseen: &ReferralPreview) -> Result<Told, Trouble> {
    let until = match foreseen.consent_until_ms {
        0 => String::new(),
        until => session.calendar().day(session.tongue(), until),
    };
    Ok(Told { until, ..agreed::told(session, Occasion::Handover, form).await? })
}

async fn offer_page(
    session: &Session,
    draft: Draft,
    communes: Vec<CommuneView>,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let Some(service) = service(session, &draft).await? else {
        return Ok(page::lead(&draft.address("service")));
    };
    let tongue = session.tongue();
    let title = refused::title(tongue, "handover-title", &mistakes);
    let foreseen = foreseen(session, &draft.form).await?;
    let told = told(session, &draft.form, &foreseen).await?;
    let words = |code: &String| Theme { code: code.clone(), words: tongue.say(&format!("theme-{code}")) };
    let shown = OfferPage {
        frame: Frame::signed(session, Place::People, &title),
        address: draft.address("accord"),
        look: draft.address("apercu"),
        abandon: draft.address("abandon"),
        back: draft.address("service"),
        shown: draft.shown(),
        seen: seen_of(session, &draft.form, &service.structure_name, &foreseen),
        themes: service.themes.iter().map(words).collect(),
        service: service.name,
        communes,
        told,
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
    offer_page(&session, draft, Vec::new(), Mistakes::default()).await
}

/// Takes over what was typed, and keeps it.
async fn take_over(session: &Session, draft: &mut Draft, form: Form) -> Result<(), Trouble> {
    draft.take_agreement(form, &BOXES, &FIXED);
    draft.save(session).await
}

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
    take_over(&session, &mut draft, form).await?;
    if !headers.contains_key("hx-request") {
        return offer_page(&session, draft, Vec::new(), Mistakes::default()).await;
    }
    let Some(service) = service(&session, &draft).await? else { return Err(Trouble::NotFound) };
    let foreseen = foreseen(&session, &draft.form).await?;
    let title = session.tongue().say("handover-title");
    Ok(page::ok(&Look {
        frame: Frame::signed(&session, Place::People, &title),
        seen: seen_of(&session, &draft.form, &service.structure_name, &foreseen),
        told: told(&session, &draft.form, &foreseen).await?,
        walk_in: false,
    }))
}

/// What is missing before the node is asked: each with the words of this page.
fn missing(session: &Session, form: &Form, mistakes: &mut Mistakes) {
    let tongue = session.tongue();
    for field in ["prenom", "initiale"] {
        if form.text(field).is_empty() {
            mistakes.add(field, tongue.say(&format!("agreement-{field}-empty")));
        }
    }
    if reach::wants_detail(form) && form.text("joindre").is_empty() {
        mistakes.add("joindre", tongue.say("agreement-joindre-empty"));
    }
    for (value, key) in [("besoin", "agreement-need-unticked"), ("suivi", "handover-rest-unticked")] {
        if !form.has("accepte", value) {
            mistakes.add(&format!("accepte-{value}"), tongue.say(key));
        }
    }
    if form.text("maniere").is_empty() {
        mistakes.add("maniere", tongue.say("agreement-maniere-empty"));
    }
}

/// The end of the offer; a mistake when it is no date.
fn offer_until(session: &Session, form: &Form, mistakes: &mut Mistakes) -> Option<i64> {
    let typed = form.text("jusqua");
    if typed.is_empty() {
        return None;
    }
    let until = session.calendar().read(typed, LAST_MINUTE);
    if until.is_none() {
        mistakes.add("jusqua", session.tongue().say("handover-until-no-date"));
    }
    until
}

/// Proposes the handover: one effect, however often the button is pressed.
pub(crate) async fn send(Path(id): Path<String>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    if stage == Stage::Resumed {
        take_over(&session, &mut draft, form).await?;
        return offer_page(&session, draft, Vec::new(), Mistakes::default()).await;
    }
    let known = place::known(&draft.form);
    let agreed_for = draft.take_agreement(form, &BOXES, &FIXED);
    let mut mistakes = Mistakes::default();
    match agreed_for {
        Agreed::ForThis => missing(&session, &draft.form, &mut mistakes),
        Agreed::ForAnother => mistakes = agreed::another_door(&session),
    }
    let communes = place::find(&session, &mut draft.form, &known, &mut mistakes).await?;
    let until = offer_until(&session, &draft.form, &mut mistakes);
    draft.save(&session).await?;
    let told = agreed::told(&session, Occasion::Handover, &draft.form).await?;
    told.unless_shown(session.tongue(), &draft.form, &mut mistakes);
    if mistakes.is_empty() {
        let request = build::handover(&draft.form, &told.notice_id, until);
        match session.desk().open_handover(session.ask(request)).await {
            Ok(answer) => {
                let thread = answer.into_inner().summary.unwrap_or_default().thread_id;
                draft.finish(&session, &thread).await?;
                return Ok(page::lead(&format!("/orientations/{}/envoyee", hex::encode(&thread))));
            }
            Err(status) => mistakes = refused::mistakes(&session, status, "handover-refused", field_of)?,
        }
    }
    offer_page(&session, draft, communes, mistakes).await
}
