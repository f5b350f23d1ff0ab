//! What a node knows of `Sync` beyond its first version. What it does not know is not sent to it.

use crate::field::{BadField, Problem};
use relais_proto::peer::v1 as proto;
use std::collections::BTreeSet;

/// Most features that one hello names.
pub const FEATURES_MAX: usize = 32;

/// Something that a node knows beyond the first version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum SyncFeature {
    /// Records of third structures, and comparing what both hold.
    Reconcile,
    /// Inquiries and their answers.
    Inquiry,
}

impl SyncFeature {
    /// Everything this program knows.
    pub const ALL: [Self; 2] = [Self::Reconcile, Self::Inquiry];

    const fn number(self) -> i32 {
        match self {
            Self::Reconcile => proto::SyncFeature::Reconcile as i32,
            Self::Inquiry => proto::SyncFeature::Inquiry as i32,
        }
    }
}

/// The numbers of features, ascending.
pub(super) fn to_proto(features: &BTreeSet<SyncFeature>) -> Vec<i32> {
    features.iter().map(|feature| feature.number()).collect()
}

/// The features of a hello that this program knows; the others are passed over.
///
/// # Errors
/// [`BadField`] when there are more than [`FEATURES_MAX`].
pub(super) fn from_proto(name: &'static str, numbers: &[i32]) -> Result<BTreeSet<SyncFeature>, BadField> {
    if numbers.len() > FEATURES_MAX {
        return Err(BadField::new(name, Problem::TooMany));
    }
    Ok(SyncFeature::ALL.into_iter().filter(|feature| numbers.contains(&feature.number())).collect())
}
