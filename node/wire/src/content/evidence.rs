//! The erasure receipt: what a node erased and what it keeps. Evidence, not a data class.

use super::{ContentError, PartKind};
use crate::field::{self, BadField};
use relais_domain::content::{ContentPart, Erasure, Kept, KeptBasis};
use relais_domain::limits;
use relais_domain::time::{Day, Timestamp};
use relais_proto::peer::v1 as proto;

/// The message of an erasure receipt.
pub fn erasure_to_proto(erasure: &Erasure) -> proto::Erasure {
    let kept = erasure.kept.iter().map(|kept| proto::KeptPart {
        part: kept.part.number().cast_signed(),
        basis: kept.basis.number().cast_signed(),
        until_day: kept.until.0,
    });
    proto::Erasure {
        parts: field::numbers(&erasure.parts, ContentPart::number),
        kept: kept.collect(),
        erased_at_ms: erasure.erased_at.0,
        backup_horizon_ms: erasure.backup_horizon.0,
    }
}

/// Reads the message of an erasure receipt.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn erasure_from_proto(message: proto::Erasure) -> Result<Erasure, ContentError> {
    erasure(message).map_err(|bad| ContentError::at(PartKind::Erasure, bad))
}

fn erasure(message: proto::Erasure) -> Result<Erasure, BadField> {
    let kept = field::list("kept", message.kept, limits::LIST_ENTRIES_MAX)?;
    Ok(Erasure {
        parts: field::codes("parts", &message.parts, ContentPart::from_number)?,
        kept: kept.iter().map(kept_part).collect::<Result<_, _>>()?,
        erased_at: Timestamp(field::nonzero("erased_at_ms", message.erased_at_ms)?),
        backup_horizon: Timestamp(field::nonzero("backup_horizon_ms", message.backup_horizon_ms)?),
    })
}

fn kept_part(message: &proto::KeptPart) -> Result<Kept, BadField> {
    Ok(Kept {
        part: field::code("kept.part", message.part, ContentPart::from_number)?,
        basis: field::code("kept.basis", message.basis, KeptBasis::from_number)?,
        until: Day(message.until_day),
    })
}
