//! Confirming a partner: both admins read the same phrase to each other, and the agreement is read before it is accepted.

use super::introductions;
use super::partners::known;
use super::{Room, administer};
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    ConfirmPairingRequest, IntroductionStanding, PairingState, PairingView, PhraseComparison, Role,
};

#[derive(Template)]
#[template(path = "pages/pairing.html")]
struct PairingPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    address: String,
    name: String,
    kind: String,
    phrase: String,
    agreement: Vec<String>,
    hash: String,
    until: String,
    /// Whether this structure's admin has still to compare.
    ours: bool,
    may: bool,
    has_read: bool,
    /// Who recommends it, when it was introduced.
    vouched: Vec<String>,
    /// Where an introduction is refused; empty for a pairing by invitation.
    refuse: String,
    mistakes: Mistakes,
}

/// Whether the admin says that the agreement was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Agreement {
    /// It was.
    Read,
    /// Not yet.
    NotRead,
}

/// The page of a pairing that waits.
pub(super) async fn pairing_page(
    session: &Session,
    pairing: &PairingView,
    agreement: Agreement,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Partners.enter(session)?;
    let introductions = introductions::all(session).await?;
    let introduction = introductions.iter().find(|view| {
        view.structure_id == pairing.peer_id && view.standing() == IntroductionStanding::AwaitsUs
    });
    let teller = Teller::of(session);
    let page = format!("/structure/partenaires/{}", hex::encode(&pairing.peer_id));
    let title = refused::title(session.tongue(), "pairing-title", &mistakes);
    let text = pairing.agreement_text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|one| !one.is_empty());
    let shown = PairingPage {
        frame: Frame::signed(session, Place::Structure, &title),
        rooms,
        address: format!("{page}/accord"),
        name: pairing.name.clone(),
        kind: teller.code(pairing.kind().as_str_name()),
        phrase: pairing.comparison_phrase.clone(),
        agreement: paragraphs.map(str::to_owned).collect(),
        hash: hex::encode(&pairing.agreement_hash),
        until: teller.instant(pairing.expires_ms),
        ours: matches!(
            pairing.state(),
            PairingState::Unspecified | PairingState::AwaitsUs | PairingState::AwaitsBoth
        ),
        may: session.has(Role::Admin),
        has_read: agreement == Agreement::Read,
        vouched: introduction.map(|view| introductions::vouched(&teller, &view.vouchers)).unwrap_or_default(),
        refuse: introduction.map(|_| format!("{page}/refus")).unwrap_or_default(),
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Leads to the pairing: who signed in again after posting the form comes here.
pub(crate) async fn back(session: Session, Path(peer): Path<String>) -> Result<Response, Trouble> {
    Room::Partners.enter(&session)?;
    let peer_id = hex::bytes(&peer).ok_or(Trouble::NotFound)?;
    Ok(page::lead(&format!("/structure/partenaires/{}", hex::encode(&peer_id))))
}

/// Says what the admin saw. The hash of the agreement and the phrase that were shown go along: others are refused by the
/// node, for the structures may have talked anew meanwhile.
pub(crate) async fn confirm(Path(peer): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    administer(&session)?;
    let peer_id = hex::bytes(&peer).ok_or(Trouble::NotFound)?;
    let known = known(&session).await?;
    let Some(pairing) = known.pairings.into_iter().find(|one| one.peer_id == peer_id) else {
        // It was settled meanwhile: its page says how.
        return Ok(page::lead(&format!("/structure/partenaires/{}", hex::encode(&peer_id))));
    };
    let agreement = if form.has("lu", "oui") { Agreement::Read } else { Agreement::NotRead };
    let comparison = match form.text("phrase") {
        "meme" => PhraseComparison::Matches,
        "autre" => PhraseComparison::Differs,
        _ => return Err(Trouble::BadForm),
    };
    let mut mistakes = Mistakes::default();
    if comparison == PhraseComparison::Matches && agreement == Agreement::NotRead {
        mistakes.add("lu", session.tongue().say("pairing-unread"));
        return pairing_page(&session, &pairing, agreement, mistakes).await;
    }
    let request = ConfirmPairingRequest {
        peer_id: peer_id.clone(),
        comparison: comparison.into(),
        agreement_hash: hex::bytes(form.text("accord")).unwrap_or_default(),
        comparison_phrase: form.text("mots").to_owned(),
    };
    match session.desk().confirm_pairing(session.ask(request)).await {
        Ok(_) if comparison == PhraseComparison::Differs => {
            Ok(page::lead("/structure/partenaires?fait=refuse"))
        }
        Ok(_) => Ok(page::lead(&format!("/structure/partenaires/{}?fait=partenaire", hex::encode(&peer_id)))),
        Err(status) => {
            let mistakes = refused::mistakes(&session, status, "pairing-refused", |_| "lu")?;
            pairing_page(&session, &pairing, agreement, mistakes).await
        }
    }
}
