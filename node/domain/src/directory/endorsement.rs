//! That one structure recommends another, and to whom that counts: to the recommender's own partners, and to nobody
//! else. However many structures recommend each other, they are worth nothing where none of them is a partner.

use super::{Body, Directory, Held, RecordKey};
use crate::digest::Digest;
use crate::structure_id::StructureId;
use crate::territory::{Coverage, Territory};
use crate::theme::Theme;
use crate::time::{Span, Timestamp};
use std::collections::BTreeSet;

/// Shortest time for which a structure is endorsed.
pub const ENDORSEMENT_LIFETIME_MIN: Span = Span::days(30);
/// Longest time for which a structure is endorsed; for so long an endorsement that was taken back is remembered.
pub const ENDORSEMENT_LIFETIME_MAX: Span = Span::days(366);
/// Most territories or themes of one endorsement.
pub const SCOPE_ENTRIES_MAX: usize = 16;

/// The manifest by which the endorser knew the subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pin {
    /// Its sequence, from 1.
    pub sequence: u64,
    /// Its identity.
    pub manifest: Digest,
}

/// What a structure is recommended for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// Where; at most [`SCOPE_ENTRIES_MAX`] territories.
    pub territories: Coverage,
    /// For which needs, at most [`SCOPE_ENTRIES_MAX`]; empty for all.
    pub themes: BTreeSet<Theme>,
}

impl Scope {
    /// Whether it covers the ground that is asked about, if any is, and every theme asked.
    pub fn covers(&self, territory: Option<&Territory>, themes: &BTreeSet<Theme>) -> bool {
        let somewhere = territory.is_none_or(|asked| self.territories.covers(asked));
        somewhere && (self.themes.is_empty() || themes.is_subset(&self.themes))
    }
}

/// That a structure recommends another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endorsement {
    /// The structure it is about.
    pub subject: StructureId,
    /// By which manifest the endorser knew it.
    pub pin: Pin,
    /// What for.
    pub scope: Scope,
}

/// Whom and what one wants someone to vouch for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vouched<'a> {
    /// The structure.
    pub subject: StructureId,
    /// Where; none when it does not matter.
    pub territory: Option<Territory>,
    /// For which needs; empty when it does not matter.
    pub themes: &'a BTreeSet<Theme>,
}

/// A partner that vouches, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Voucher {
    /// The partner.
    pub by: StructureId,
    /// The identity of its record.
    pub identity: Digest,
    /// What it says.
    pub endorsement: Endorsement,
    /// When it said so.
    pub issued_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Directory {
    /// The partners that vouch for a structure now, by id: their own endorsements of it that have not ended, whose scope
    /// covers what is asked, and whose pin lies in the manifests that are held of it. What others say counts for nothing.
    pub fn vouchers(
        &self,
        asked: Vouched<'_>,
        now: Timestamp,
        is_partner: impl Fn(StructureId) -> bool,
        is_pinned: impl Fn(Pin) -> bool,
    ) -> Vec<Voucher> {
        let of_it = self.endorsements_of(asked.subject, now);
        let counted = of_it.filter(|voucher| {
            let Endorsement { pin, scope, .. } = &voucher.endorsement;
            is_partner(voucher.by) && scope.covers(asked.territory.as_ref(), asked.themes) && is_pinned(*pin)
        });
        counted.collect()
    }

    /// The structures for which one of these says something now that covers one of these places: those of which
    /// [`Directory::vouchers`] names someone, whatever the pin.
    pub fn spoken_for(
        &self,
        by: &[StructureId],
        grounds: &[Option<Territory>],
        now: Timestamp,
    ) -> BTreeSet<StructureId> {
        let themes = BTreeSet::new();
        let held = by.iter().flat_map(|by| self.of(*by)).filter(|held| held.record.expires_at > now);
        let subjects = held.filter_map(|held| match &held.record.body {
            Body::Endorsement(endorsement) => {
                let is_good = |ground: &Option<Territory>| endorsement.scope.covers(ground.as_ref(), &themes);
                grounds.iter().any(is_good).then_some(endorsement.subject)
            }
            Body::Structure(_) | Body::Service(_) | Body::Capacity(_) | Body::Withdrawn(_) => None,
        });
        subjects.collect()
    }

    /// What anyone says now in favour of a structure, by who says it: whether it counts is another question.
    pub fn endorsements_of(
        &self,
        subject: StructureId,
        now: Timestamp,
    ) -> impl Iterator<Item = Voucher> + use<'_> {
        let key = RecordKey::Endorsement(subject);
        let held = self.by_structure().filter_map(move |records| records.get(&key)).map(|filed| &filed.held);
        held.filter(move |held| held.record.expires_at > now).filter_map(voucher)
    }
}

fn voucher(held: &Held) -> Option<Voucher> {
    let Held { record, identity } = held;
    match &record.body {
        Body::Endorsement(endorsement) => Some(Voucher {
            by: record.structure,
            identity: *identity,
            endorsement: endorsement.as_ref().clone(),
            issued_at: record.issued_at,
            expires_at: record.expires_at,
        }),
        Body::Structure(_) | Body::Service(_) | Body::Capacity(_) | Body::Withdrawn(_) => None,
    }
}
