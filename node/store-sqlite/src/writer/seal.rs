//! Sealing what a segment writes: which keys it needs, and its rows once sealed.

use super::check::{Blanked, Checked, NewDocument};
use super::keyring::NumberedKey;
use crate::fault::Fault;
use crate::sql::content::SealedContent;
use crate::sql::document::StoredDocument;
use crate::sql::prepared::SealedPrepared;
use crate::sql::step::SealedStep;
use relais_domain::content::ContentPart;
use relais_domain::id::ThreadId;
use relais_domain::personal::Personal;
use relais_store::batch::{Prepared, ThreadWrite};
use relais_store::rows::{EventRow, StepRow};
use relais_store::vault::{Place, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// The keys of a segment.
pub(super) type Keys = BTreeMap<Subject, NumberedKey>;

/// What is erased by the same batch is never written.
fn contents(write: &ThreadWrite) -> impl Iterator<Item = (&EventRow, &Personal<Vec<u8>>)> {
    let kept = write.events.iter().filter(|event| !write.erase.has(event.part));
    kept.filter_map(|event| event.content.as_ref().map(|content| (event, content)))
}

/// The steps to write, unless the same batch erases them.
pub(super) fn steps(write: &ThreadWrite) -> &[StepRow] {
    if write.erase.has(ContentPart::Own) { &[] } else { &write.steps }
}

fn prepared(write: &ThreadWrite) -> Option<&Personal<Vec<u8>>> {
    match &write.prepared {
        Prepared::Put(content) if !write.erase.has(ContentPart::StageTwo) => Some(content),
        Prepared::Put(_) | Prepared::Unchanged | Prepared::Gone => None,
    }
}

/// What needs a data key.
pub(super) fn subjects(checked: &[Checked<'_>]) -> BTreeSet<Subject> {
    let mut needed = BTreeSet::new();
    for write in checked.iter().filter_map(Checked::thread) {
        let part = |part| Subject::Part(write.row.id, part);
        needed.extend(contents(write).map(|(event, _)| Subject::Part(event.thread, event.part)));
        needed.extend(prepared(write).map(|_| part(ContentPart::StageTwo)));
        needed.extend(steps(write).first().map(|_| part(ContentPart::Own)));
    }
    let blanked = checked.iter().flat_map(|checked| &checked.blanked);
    let remaining = blanked.filter(|blanked| blanked.remains.is_some());
    needed.extend(remaining.map(|blanked| Subject::Part(blanked.place.0, blanked.part)));
    for ((shelf, key), new) in checked.iter().flat_map(|checked| &checked.documents) {
        if shelf.is_personal() && matches!(new, NewDocument::Put(..)) {
            needed.insert(Subject::Document(*shelf, key.to_vec()));
        }
    }
    needed
}

/// Seals `plain` under its subject's key; returns the key's number and the sealed bytes.
fn seal(keys: &Keys, subject: &Subject, place: Place, plain: &[u8]) -> Result<(i64, Vec<u8>), Fault> {
    let key = keys.get(subject).ok_or_else(|| Fault::corrupt("content came without its data key"))?;
    Ok((key.number, key.key.seal(subject, place, plain)?))
}

pub(super) fn sealed_contents(checked: &[Checked<'_>], keys: &Keys) -> Result<Vec<SealedContent>, Fault> {
    let all = checked.iter().filter_map(Checked::thread).flat_map(contents);
    let sealed = all.map(|(event, content)| {
        let EventRow { thread, side, sequence, part, .. } = *event;
        let subject = Subject::Part(thread, part);
        let (data_key, sealed) = seal(keys, &subject, Place::Event(side, sequence), content.expose())?;
        Ok(SealedContent { thread, side, sequence, part, data_key, sealed })
    });
    sealed.collect()
}

/// What remains of blanked events.
pub(super) fn sealed_remains(checked: &[Checked<'_>], keys: &Keys) -> Result<Vec<SealedContent>, Fault> {
    let all = checked.iter().flat_map(|checked| &checked.blanked);
    let remaining = all.filter_map(|blanked| blanked.remains.map(|remains| (blanked, remains)));
    let sealed = remaining.map(|(Blanked { place: (thread, side, sequence), part, .. }, remains)| {
        let subject = Subject::Part(*thread, *part);
        let (data_key, sealed) = seal(keys, &subject, Place::Event(*side, *sequence), remains.expose())?;
        Ok(SealedContent { thread: *thread, side: *side, sequence: *sequence, part: *part, data_key, sealed })
    });
    sealed.collect()
}

/// `counts` says how many steps each thread has already.
pub(super) fn sealed_steps(
    checked: &[Checked<'_>],
    keys: &Keys,
    counts: &BTreeMap<ThreadId, u32>,
) -> Result<Vec<SealedStep>, Fault> {
    let mut all = Vec::new();
    for write in checked.iter().filter_map(Checked::thread) {
        let thread = write.row.id;
        let subject = Subject::Part(thread, ContentPart::Own);
        let first = counts.get(&thread).copied().unwrap_or(0);
        for (position, step) in (first..).zip(steps(write)) {
            let (data_key, sealed) = seal(keys, &subject, Place::Step(position), step.content.expose())?;
            all.push(SealedStep { thread, position, kind: step.kind, after: step.after, data_key, sealed });
        }
    }
    Ok(all)
}

pub(super) fn sealed_prepared(checked: &[Checked<'_>], keys: &Keys) -> Result<Vec<SealedPrepared>, Fault> {
    let all = checked.iter().filter_map(Checked::thread);
    let sealed = all.filter_map(|write| prepared(write).map(|content| (write.row.id, content)));
    let sealed = sealed.map(|(thread, content)| {
        let subject = Subject::Part(thread, ContentPart::StageTwo);
        let (data_key, sealed) = seal(keys, &subject, Place::Prepared, content.expose())?;
        Ok(SealedPrepared { thread, data_key, sealed })
    });
    sealed.collect()
}

/// The documents to write; only those of personal shelves are sealed.
pub(super) fn stored_documents<'b>(
    checked: &[Checked<'b>],
    keys: &Keys,
) -> Result<Vec<StoredDocument<'b>>, Fault> {
    let mut all = Vec::new();
    for (spot, new) in checked.iter().flat_map(|checked| &checked.documents) {
        let NewDocument::Put(version, body) = new else { continue };
        let (data_key, body) = if spot.0.is_personal() {
            let subject = Subject::Document(spot.0, spot.1.to_vec());
            let (data_key, sealed) = seal(keys, &subject, Place::Body, body)?;
            (Some(data_key), sealed)
        } else {
            (None, body.to_vec())
        };
        all.push(StoredDocument { spot: *spot, version: *version, data_key, body });
    }
    Ok(all)
}
