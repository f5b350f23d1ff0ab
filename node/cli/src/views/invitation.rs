//! Invitations made here, without their secrets.

use super::{instant, maybe_instant, maybe_structure};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_proto::desk::v1::{InvitationStanding, InvitationView, ListInvitationsResponse, PeerView};
use serde_json::{Value, json};

/// The invitations; `known` are partners and pairings, to name who used one.
pub(crate) fn list(found: &ListInvitationsResponse, known: &[PeerView]) -> Answer {
    let rows = found.invitations.iter().map(|invitation| {
        [
            ids::short(&invitation.number),
            when::human(invitation.created_ms),
            when::human(invitation.expires_ms),
            codes::word::<InvitationStanding>(invitation.standing),
            user(invitation, known),
            warning(invitation),
        ]
    });
    let mut lines = Lines::new();
    lines.table(["number", "made", "until", "state", "by", "attention"], rows.collect(), "no invitation");
    let json: Value = found.invitations.iter().map(invitation_json).collect();
    Answer::new(json!({ "invitations": json }), lines.done())
}

fn invitation_json(invitation: &InvitationView) -> Value {
    json!({
        "number": ids::hex(&invitation.number),
        "created": instant(invitation.created_ms),
        "expires": instant(invitation.expires_ms),
        "state": codes::json::<InvitationStanding>(invitation.standing),
        "wrong_proofs": invitation.wrong_proofs,
        "late_claims": invitation.late_claims,
        "used_by": maybe_structure(&invitation.used_by),
        "used": maybe_instant(invitation.used_ms),
    })
}

/// Who used it. One who is neither partner nor pairing was cut off, or was declined.
fn user(invitation: &InvitationView, known: &[PeerView]) -> String {
    if invitation.used_by.is_empty() {
        return String::new();
    }
    let name = known.iter().find(|peer| peer.peer_id == invitation.used_by).map(|peer| peer.name.clone());
    name.unwrap_or_else(|| format!("{} (no pairing here)", ids::structure_short(&invitation.used_by)))
}

fn warning(invitation: &InvitationView) -> String {
    let told = [
        (invitation.wrong_proofs, "guesses: someone knows its number"),
        (invitation.late_claims, "came too late: someone else has the link"),
    ];
    let told =
        told.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    told.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_used_an_invitation_and_who_else_tried_is_told() {
        let invitation = InvitationView {
            standing: InvitationStanding::Used.into(),
            used_by: vec![7; 32],
            wrong_proofs: 2,
            late_claims: 1,
            ..InvitationView::default()
        };
        let known = [PeerView { peer_id: vec![7; 32], name: "Lire".to_owned(), ..PeerView::default() }];
        let found = ListInvitationsResponse { invitations: vec![invitation] };
        let told = list(&found, &known).text;
        for word in ["used", "Lire", "2 guesses", "1 came too late"] {
            assert!(told.contains(word), "{told}");
        }
        assert!(list(&found, &[]).text.contains("no pairing here"));
    }
}
