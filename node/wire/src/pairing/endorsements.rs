//! What others say for a side of an introduction, as it shows it: bounded bytes, not judged here.

use super::FrameError;
use crate::record::ENDORSEMENT_BYTES_MAX;
use relais_proto::peer::v1::{self as proto, pair_frame::Body};

/// Most endorsements that a side shows.
pub const ENDORSEMENTS_SHOWN_MAX: usize = 8;
/// Longest signed endorsement, encoded, in bytes: the payload, its type and its signature.
pub const ENDORSEMENT_SIGNED_BYTES_MAX: usize = ENDORSEMENT_BYTES_MAX + 256;

/// The frame that shows the signed bytes of endorsements about the sender; those beyond [`ENDORSEMENTS_SHOWN_MAX`] are
/// left out.
pub fn endorsements_frame(records: Vec<Vec<u8>>) -> proto::PairFrame {
    let records = records.into_iter().take(ENDORSEMENTS_SHOWN_MAX).collect();
    proto::PairFrame { body: Some(Body::Endorsements(proto::PairEndorsements { records })) }
}

/// The signed bytes that a frame shows.
///
/// # Errors
/// [`FrameError::Shape`] when there are too many, or one is empty or too long.
pub fn read_endorsements(message: proto::PairEndorsements) -> Result<Vec<Vec<u8>>, FrameError> {
    let fits = |record: &Vec<u8>| (1..=ENDORSEMENT_SIGNED_BYTES_MAX).contains(&record.len());
    let records = message.records;
    let bounded = records.len() <= ENDORSEMENTS_SHOWN_MAX && records.iter().all(fits);
    if bounded { Ok(records) } else { Err(FrameError::Shape) }
}
