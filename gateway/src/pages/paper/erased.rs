//! What became of what was told, as each structure signed it: a paper never says that something is erased before that.

use crate::pages::thread::{Teller, parts};
use relais_proto::desk::v1::{Attention, ConsentStanding, ConsentView, ErasureView, Side, ThreadView};
use relais_proto::peer::v1::{Erasure, KeptPart};

/// How long the other structure has to sign that it erased before the paper says that it is late, ms.
const LATE_MS: i64 = 7 * 24 * 3_600_000;

/// The two structures by name.
pub(super) struct Parties {
    /// Who asked.
    pub(super) collector: String,
    /// Who was told.
    pub(super) recipient: String,
}

impl Parties {
    fn name(&self, side: Side) -> &str {
        match side {
            Side::Receiver => &self.recipient,
            Side::Sender | Side::Unspecified => &self.collector,
        }
    }
}

/// What each structure erased or keeps, and what is still to be erased.
pub(super) fn lines(
    teller: &Teller<'_>,
    parties: &Parties,
    view: &ThreadView,
    consent: &ConsentView,
) -> Vec<String> {
    let of = |side: Side| consent.erasures.iter().filter(move |one| one.side() == side);
    let mut lines: Vec<String> = [Side::Receiver, Side::Sender]
        .into_iter()
        .flat_map(|side| of(side).flat_map(move |one| signed(teller, parties.name(side), one)))
        .collect();
    if let Some((key, side)) = awaited(teller, view, consent) {
        lines.insert(0, teller.with(key, &[("structure", parties.name(side))]));
    }
    lines
}

/// What one end signed for.
fn signed(teller: &Teller<'_>, structure: &str, one: &ErasureView) -> Vec<String> {
    let Some(erasure) = &one.erasure else {
        return vec![teller.with("paper-erased-once", &[("structure", structure)])];
    };
    let kept = erasure.kept.iter().map(|kept| keeps(teller, structure, kept));
    erases(teller, structure, erasure).into_iter().chain(kept).collect()
}

fn erases(teller: &Teller<'_>, structure: &str, erasure: &Erasure) -> Option<String> {
    let parts = parts(teller, erasure.parts());
    let day = teller.day(erasure.erased_at_ms);
    let values = [("structure", structure), ("parts", parts.as_str()), ("day", day.as_str())];
    (!parts.is_empty()).then(|| teller.with("paper-erased", &values))
}

fn keeps(teller: &Teller<'_>, structure: &str, kept: &KeptPart) -> String {
    let part = teller.code(kept.part().as_str_name());
    let basis = teller.code(kept.basis().as_str_name());
    let day = teller.utc_day(kept.until_day);
    teller.with("paper-kept", &[("structure", structure), ("part", &part), ("basis", &basis), ("day", &day)])
}

/// What is to be said of the other structure when a signature is missing.
fn awaited(teller: &Teller<'_>, view: &ThreadView, consent: &ConsentView) -> Option<(&'static str, Side)> {
    let ours = view.summary.as_ref().is_some_and(|summary| summary.side() == Side::Sender);
    let other = if ours { Side::Receiver } else { Side::Sender };
    let ended_ms = consent.ended_ms.unwrap_or(consent.valid_until_ms);
    let waited_ms = teller.now.as_millisecond().saturating_sub(ended_ms);
    if consent.attention().any(|one| one == Attention::ErasureReceiptMissing) {
        return Some((if waited_ms > LATE_MS { "paper-erasure-late" } else { "paper-erasure-due" }, other));
    }
    // Ended, nothing erased and nothing missing: what never arrived need not be erased.
    let erased = consent.erasures.iter().any(|one| one.side() == other);
    let never_arrived = ours && !erased && consent.standing() != ConsentStanding::Active;
    never_arrived.then_some(("paper-erasure-nothing", other))
}
