//! Introductions: structures that a partner recommends, asked for here or asking here. The phrase is compared and the
//! contract read on the page of any pairing that waits.

use super::partners::{Typed, partners_page};
use super::{FRANCE, administer};
use crate::hex;
use crate::page::{self, Mistakes};
use crate::pages::refused;
use crate::pages::thread::{Teller, spelled};
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    AskIntroductionRequest, EndorsementView, IntroductionSide, IntroductionStanding, IntroductionTrouble,
    IntroductionView, ListIntroductionsRequest, RefuseIntroductionRequest, Role,
};
use tonic::Code;

/// One introduction.
pub(super) struct Row {
    /// The page where the phrase is compared; empty when there is nothing to compare.
    pub(super) address: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) class: &'static str,
    /// Why the last try led to nothing; empty for nothing.
    pub(super) trouble: String,
    /// Who recommends, until when and what for.
    pub(super) vouched: Vec<String>,
    /// Where it is refused or taken back; empty when it cannot be.
    pub(super) refuse: String,
    pub(super) refuse_words: String,
}

/// Every introduction, for who runs the node.
pub(super) async fn all(session: &Session) -> Result<Vec<IntroductionView>, Trouble> {
    if !session.has(Role::Admin) {
        return Ok(Vec::new());
    }
    let request = session.ask(ListIntroductionsRequest {});
    Ok(session.desk().list_introductions(request).await?.into_inner().introductions)
}

/// Where and for what, in words.
pub(super) fn scope(teller: &Teller<'_>, view: &EndorsementView) -> String {
    let everywhere = view.territories.iter().any(|code| code == FRANCE);
    let places = if everywhere { teller.say("endorsement-everywhere") } else { view.territories.join(", ") };
    let needs = if view.themes.is_empty() {
        teller.say("endorsement-every-need")
    } else {
        teller.themes(&view.themes)
    };
    teller.with("endorsement-scope", &[("places", &places), ("needs", &needs)])
}

/// Who recommends a structure, each in a sentence.
pub(super) fn vouched(teller: &Teller<'_>, vouchers: &[EndorsementView]) -> Vec<String> {
    let sentence = |voucher: &EndorsementView| {
        let (until, scope) = (teller.day(voucher.until_ms), scope(teller, voucher));
        let by = &voucher.by_name;
        let peer = if by.is_empty() { teller.say("directory-unnamed") } else { by.clone() };
        teller.with("introduction-vouched", &[("peer", &peer), ("date", &until), ("scope", &scope)])
    };
    vouchers.iter().map(sentence).collect()
}

fn trouble(teller: &Teller<'_>, view: &IntroductionView) -> String {
    match (view.standing(), view.trouble()) {
        (IntroductionStanding::Asking, IntroductionTrouble::Unspecified) => String::new(),
        (IntroductionStanding::Asking, trouble) => teller.code(trouble.as_str_name()),
        (_, _) => String::new(),
    }
}

pub(super) fn row(teller: &Teller<'_>, view: &IntroductionView) -> Row {
    let peer = hex::encode(&view.structure_id);
    let page = format!("/structure/partenaires/{peer}");
    let standing = view.standing();
    let (class, compares, may_refuse) = match standing {
        IntroductionStanding::AwaitsUs => ("tag soon", true, true),
        IntroductionStanding::Asking => ("tag", false, true),
        IntroductionStanding::Confirmed | IntroductionStanding::Unspecified => ("tag", false, false),
        IntroductionStanding::RefusedHere
        | IntroductionStanding::RefusedThere
        | IntroductionStanding::Lapsed
        | IntroductionStanding::Expired => ("tag late", false, false),
    };
    let ours = view.side() == IntroductionSide::AskedByUs;
    let state = if standing == IntroductionStanding::AwaitsUs && !ours {
        teller.say("introduction-asks-us")
    } else {
        teller.with(&spelled(standing.as_str_name()), &[("date", &teller.day(view.expires_ms))])
    };
    let refuse_words = if ours { "introduction-take-back" } else { "introduction-refuse" };
    Row {
        name: if view.name.is_empty() { peer.clone() } else { view.name.clone() },
        state,
        class,
        trouble: trouble(teller, view),
        vouched: vouched(teller, &view.vouchers),
        refuse: if may_refuse { format!("{page}/refus") } else { String::new() },
        refuse_words: teller.say(refuse_words),
        address: if compares { page } else { String::new() },
    }
}

/// Asks to be introduced. Pressed twice, it asks once.
pub(crate) async fn ask(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    let (number, address) = (form.text("numero").to_owned(), form.text("adresse").to_owned());
    let typed = Typed { number: number.clone(), address: address.clone(), ..Typed::default() };
    let mut mistakes = Mistakes::default();
    if stage == Stage::Resumed {
        return partners_page(&session, String::new(), typed, mistakes).await;
    }
    if number.is_empty() {
        mistakes.add("numero", session.tongue().say("introduction-number-empty"));
        return partners_page(&session, String::new(), typed, mistakes).await;
    }
    let request = match hex::bytes(&number) {
        Some(structure_id) => {
            AskIntroductionRequest { structure_id, endpoint: address, ..Default::default() }
        }
        None => AskIntroductionRequest { structure: number, endpoint: address, ..Default::default() },
    };
    match session.desk().ask_introduction(session.ask(request)).await {
        Ok(asked) => {
            let asked = asked.into_inner();
            let peer = hex::encode(&asked.structure_id);
            if asked.standing() == IntroductionStanding::AwaitsUs {
                Ok(page::lead(&format!("/structure/partenaires/{peer}")))
            } else {
                Ok(page::lead("/structure/partenaires?fait=demande"))
            }
        }
        Err(status) => {
            let field = |name: &str| if name == "endpoint" { "adresse" } else { "numero" };
            let mistakes = refused::mistakes(&session, status, "introduction-ask-refused", field)?;
            partners_page(&session, String::new(), typed, mistakes).await
        }
    }
}

/// Refuses an introduction, or takes back one that was asked for. What is so already stays so.
pub(crate) async fn refuse(Path(peer): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, .. } = posted;
    administer(&session)?;
    let structure_id = hex::bytes(&peer).filter(|id| !id.is_empty()).ok_or(Trouble::NotFound)?;
    let request = session.ask(RefuseIntroductionRequest { structure_id });
    match session.desk().refuse_introduction(request).await {
        Err(status) if status.code() != Code::NotFound => Err(status.into()),
        Ok(_) | Err(_) => Ok(page::lead("/structure/partenaires?fait=non")),
    }
}
