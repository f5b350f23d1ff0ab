//! Recommending a partner to the others, on its own page.

use super::introductions::scope;
use super::partner::partner_page;
use super::{FRANCE, administer};
use crate::form::Form;
use crate::hex;
use crate::page::{self, Mistakes};
use crate::pages::refused;
use crate::pages::thread::Teller;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::Session;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    EndorsePeerRequest, EndorsementStanding, EndorsementView, ListEndorsementsRequest, PeerView, Role,
    WithdrawEndorsementRequest,
};
use relais_proto::peer::v1::PeerTrust;
use tonic::Code;

/// What a partner's page says about recommending it.
#[derive(Default)]
pub(super) struct Recommendation {
    /// That it is recommended, until when and what for; empty when it is not.
    pub(super) given: String,
    /// That it recommends this structure; empty when it does not.
    pub(super) received: String,
    /// Where the form goes; empty for whoever may not recommend, or not this one.
    pub(super) address: String,
    pub(super) place: String,
    pub(super) until: String,
}

/// What is said of a partner and by it, and the form, filled in as it was typed.
pub(super) async fn of(
    session: &Session,
    peer: &PeerView,
    typed: Option<&Form>,
) -> Result<Recommendation, Trouble> {
    let found = session.desk().list_endorsements(session.ask(ListEndorsementsRequest {})).await?.into_inner();
    let teller = Teller::of(session);
    let holds = |view: &&EndorsementView| view.standing() == EndorsementStanding::Holds;
    let given = found.given.iter().find(|view| view.subject_id == peer.peer_id).filter(holds);
    let received = found.received.iter().find(|view| view.by_id == peer.peer_id).filter(holds);
    let say = |key: &str, view: &EndorsementView| {
        teller.with(key, &[("date", &teller.day(view.until_ms)), ("scope", &scope(&teller, view))])
    };
    let may = session.has(Role::Admin) && peer.trust() == PeerTrust::Paired;
    let address = format!("/structure/partenaires/{}/recommandation", hex::encode(&peer.peer_id));
    let place = typed.map_or(FRANCE, |form| form.text("lieu"));
    Ok(Recommendation {
        given: given.map(|view| say("endorsement-given", view)).unwrap_or_default(),
        received: received.map(|view| say("endorsement-received", view)).unwrap_or_default(),
        address: if may { address } else { String::new() },
        place: place.to_owned(),
        until: typed.map_or("", |form| form.text("fin")).to_owned(),
    })
}

/// What was typed, as the node wants it; mistakes for what it cannot be.
fn asked(session: &Session, peer_id: Vec<u8>, form: &Form) -> Result<EndorsePeerRequest, Mistakes> {
    let mut mistakes = Mistakes::default();
    let places = form.text("lieu").split([',', ' ']).map(str::trim).filter(|code| !code.is_empty());
    let territories: Vec<String> = places.map(str::to_owned).collect();
    if territories.is_empty() {
        mistakes.add("lieu", session.tongue().say("endorsement-place-empty"));
    }
    let until = match form.text("fin") {
        "" => Some(0),
        // The day is one of those on which it holds.
        date => session.calendar().read(date, "23:59"),
    };
    if until.is_none() {
        mistakes.add("fin", session.tongue().say("endorsement-refused-until-ms"));
    }
    let until_ms = until.unwrap_or(0);
    if mistakes.is_empty() {
        Ok(EndorsePeerRequest { peer_id, territories, until_ms, ..Default::default() })
    } else {
        Err(mistakes)
    }
}

/// Recommends a partner, or takes that back. Said twice, it is said once.
pub(crate) async fn recommend(Path(peer): Path<String>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    let peer_id = hex::bytes(&peer).filter(|id| !id.is_empty()).ok_or(Trouble::NotFound)?;
    if stage == Stage::Resumed {
        return partner_page(&session, &peer_id, String::new(), Some(&form), Mistakes::default()).await;
    }
    let page = format!("/structure/partenaires/{peer}");
    let mut desk = session.desk();
    let refused = if form.has("acte", "retirer") {
        let request = WithdrawEndorsementRequest { subject_id: peer_id.clone() };
        match desk.withdraw_endorsement(session.ask(request)).await {
            Err(status) if status.code() != Code::NotFound => status,
            Ok(_) | Err(_) => return Ok(page::lead(&format!("{page}?fait=plus-recommande"))),
        }
    } else {
        let request = match asked(&session, peer_id.clone(), &form) {
            Ok(request) => request,
            Err(mistakes) => {
                return partner_page(&session, &peer_id, String::new(), Some(&form), mistakes).await;
            }
        };
        match desk.endorse_peer(session.ask(request)).await {
            Ok(_) => return Ok(page::lead(&format!("{page}?fait=recommande"))),
            Err(status) => status,
        }
    };
    let field = |name: &str| if name == "until_ms" { "fin" } else { "lieu" };
    let mistakes = refused::mistakes(&session, refused, "endorsement-refused", field)?;
    partner_page(&session, &peer_id, String::new(), Some(&form), mistakes).await
}
