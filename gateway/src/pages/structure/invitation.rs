//! Inviting a partner with a link that is shown once, and joining an invitation with one that was received.

use super::partners::{Typed, partners_page};
use super::{Room, administer};
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::paper;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::{Refusal, Trouble};
use crate::visit::{Posted, Session};
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{CreateInvitationRequest, JoinInvitationRequest, WithdrawInvitationRequest};
use tonic::{Code, Status};

/// Most characters of the name of whom an invitation is for.
const NAME_CHARS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "pages/invitation.html")]
struct InvitationPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    /// Whom it is for, when it was made for someone; else empty.
    whom: String,
    /// The link; empty when it was shown before.
    link: String,
    qr: String,
    until: String,
    /// The id of another one, that a press makes.
    request: String,
}

/// Makes an invitation, which is shown once: pressed twice, it makes one, and says that its link can be shown no more.
pub(crate) async fn create(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    administer(&session)?;
    // «demande structure»: of several, one button says it all.
    let of_one = form.text("pour").split_once(' ');
    let (request, whom) = of_one.unwrap_or_else(|| (form.text("demande"), form.text("structure")));
    let request_id = hex::id(request).ok_or(Trouble::BadForm)?;
    let request = CreateInvitationRequest { request_id, ..Default::default() };
    let made = session.desk().create_invitation(session.ask(request)).await?.into_inner();
    let tongue = session.tongue();
    let title = tongue.say("invitation-title");
    Ok(page::ok(&InvitationPage {
        frame: Frame::signed(&session, Place::Structure, &title),
        rooms: Room::Partners.enter(&session)?,
        whom: whom.chars().take(NAME_CHARS_MAX).collect(),
        qr: paper::drawn(&made.link).unwrap_or_default(),
        link: made.link,
        request: hex::encode(&hex::fresh()),
        until: session.calendar().instant(tongue, made.expires_ms),
    }))
}

/// Takes an invitation back. One that is over already stays so.
pub(crate) async fn withdraw(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    administer(&session)?;
    let number =
        hex::bytes(form.text("numero")).filter(|number| !number.is_empty()).ok_or(Trouble::BadForm)?;
    let request = session.ask(WithdrawInvitationRequest { number });
    match session.desk().withdraw_invitation(request).await {
        Err(status) if status.code() != Code::NotFound => Err(status.into()),
        Ok(_) | Err(_) => Ok(page::lead("/structure/partenaires?fait=retiree")),
    }
}

/// Why the link did not lead to a partner, in words.
fn why_not(session: &Session, status: Status) -> Result<String, Trouble> {
    let refusal = Refusal::of(&status);
    let tongue = session.tongue();
    match (refusal.code.as_str(), status.code()) {
        // The node answers; it is the other one that does not.
        ("invitation", Code::Unavailable) => Ok(tongue.say("partners-join-unreachable")),
        ("invitation", _) => Ok(tongue.say("partners-join-refused")),
        _ => Ok(Trouble::refused(status)?.words(tongue)),
    }
}

/// Joins an invitation. A link can be used by one structure alone, which may come again: pressed twice, it joins once.
pub(crate) async fn join(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    let link = form.text("invitation").to_owned();
    let mut mistakes = Mistakes::default();
    if stage == Stage::Resumed {
        return partners_page(&session, String::new(), Typed { link, ..Typed::default() }, mistakes).await;
    }
    if link.is_empty() {
        mistakes.add("invitation", session.tongue().say("partners-join-empty"));
        return partners_page(&session, String::new(), Typed { link, ..Typed::default() }, mistakes).await;
    }
    let request = session.ask(JoinInvitationRequest { link: link.clone() });
    match session.desk().join_invitation(request).await {
        Ok(pairing) => {
            let peer = hex::encode(&pairing.into_inner().peer_id);
            Ok(page::lead(&format!("/structure/partenaires/{peer}")))
        }
        Err(status) => {
            mistakes.add("invitation", why_not(&session, status)?);
            partners_page(&session, String::new(), Typed { link, ..Typed::default() }, mistakes).await
        }
    }
}
