//! Two structures become partners, as their admins would do it: an invitation handed over, six words compared aloud.

use super::end::{End, same, until};
use super::report::{Told, told};
use crate::exit::Failure;
use relais_proto::desk::v1::{
    ConfirmPairingRequest, CreateInvitationRequest, JoinInvitationRequest, LinkState, ListPeersRequest,
    PairingView, PeerStatus, PhraseComparison,
};
use relais_proto::peer::v1::PeerTrust;

/// Pairs two structures and waits until messages can pass.
///
/// # Errors
/// [`Failure`] when the phrases differ, or no link comes up.
pub(crate) async fn pair(inviter: &End, joiner: &End) -> Result<Told<()>, Failure> {
    let link = invite(inviter).await?;
    let joined = joiner.desk.clone().join_invitation(JoinInvitationRequest { link }).await?.into_inner();
    same("the structure that was joined", joined.peer_id == inviter.id, true)?;
    let asked = pending(inviter, &joiner.id).await?;
    same("the phrase the two admins compare", &joined.comparison_phrase, &asked.comparison_phrase)?;
    confirm(inviter, &asked).await?;
    confirm(joiner, &joined).await?;
    tokio::try_join!(linked(inviter, joiner), linked(joiner, inviter))?;
    Ok(told(format!("compare «{}», confirm, and are partners", joined.comparison_phrase), ()))
}

/// Makes a single-use invitation.
pub(crate) async fn invite(inviter: &End) -> Result<String, Failure> {
    let request = CreateInvitationRequest { validity_hours: 1, ..CreateInvitationRequest::default() };
    Ok(inviter.desk.clone().create_invitation(request).await?.into_inner().link)
}

/// The pairing that waits at the inviter for whoever joined.
pub(crate) async fn pending(inviter: &End, joiner: &[u8]) -> Result<PairingView, Failure> {
    let pairing = async || {
        let all = inviter.desk.clone().list_peers(ListPeersRequest {}).await?.into_inner();
        Ok(all.pairings.into_iter().find(|pairing| pairing.peer_id == joiner))
    };
    until(&format!("{} is told who joined", inviter.structure.short), pairing).await
}

/// Confirms that the phrase was the same.
pub(crate) async fn confirm(end: &End, pairing: &PairingView) -> Result<(), Failure> {
    let request = ConfirmPairingRequest {
        peer_id: pairing.peer_id.clone(),
        comparison: PhraseComparison::Matches.into(),
        agreement_hash: pairing.agreement_hash.clone(),
        comparison_phrase: pairing.comparison_phrase.clone(),
    };
    end.desk.clone().confirm_pairing(request).await?;
    Ok(())
}

/// Waits until an end trusts another, and messages pass.
async fn linked(end: &End, other: &End) -> Result<(), Failure> {
    let what = format!("a link from {} to {}", end.structure.short, other.structure.short);
    let open = async || {
        let peer = end.peer(&other.id).await?;
        let up = |peer: &PeerStatus| {
            peer.trust == i32::from(PeerTrust::Paired) && peer.link == i32::from(LinkState::Open)
        };
        Ok(peer.filter(up).map(|_| ()))
    };
    until(&what, open).await
}
