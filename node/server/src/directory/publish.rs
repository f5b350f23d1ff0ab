//! Publishing: what this structure says of itself, signed only when it says something else or its time runs out.

use super::shelf::{Holds, document_key, write};
use super::{Directory, DirectoryError, Index, Seen, record_write};
use relais_domain::digest::Digest;
use relais_domain::directory::{
    Body, CAPACITY_LIFETIME_MAX, Capacity, DirectoryRefusal, ENDORSEMENT_LIFETIME_MAX, LIFETIME_MAX,
    LOAD_PER_STRUCTURE_MAX, Profile, Record, RecordKey, Service,
};
use relais_domain::id::ServiceId;
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite};
use relais_wire::record::{RecordError, SignedRecord, records_digest};

/// For how long a structure and its services are published.
pub const SERVICE_LIFETIME: Span = Span::days(60);
/// How long before its end a record is signed anew: partners that are away that long lose nothing.
pub const RENEW_BEFORE: Span = Span::days(30);

/// What became of something published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Published {
    /// It is published for the first time, or again after it was withdrawn.
    Created,
    /// It takes the place of an older version.
    Updated,
    /// It was published like this already.
    Unchanged,
}

/// What became of a service that was to be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Withdrawal {
    /// It is taken back, at this instant.
    Now(Timestamp),
    /// It had been taken back before, at this instant.
    Before(Timestamp),
}

/// A record to be published, if it must be.
pub(super) struct Draft {
    pub(super) published: Published,
    /// `None` when the one held serves on.
    pub(super) signed: Option<SignedRecord>,
}

/// Whose words are signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Words {
    /// Someone said them here.
    Said,
    /// They were signed before, and are signed anew as they stand.
    Again,
    /// They came back from a partner.
    Returned,
}

impl Words {
    /// What is to be written of whose they are.
    fn mark(self, index: &Index, record: &Record) -> Option<DocumentWrite> {
        let (key, was_returned) = (record.key(), index.returned.contains(&record.key()));
        let body = match self {
            Self::Returned => Some(vec![1]),
            Self::Said if was_returned => None,
            Self::Said | Self::Again => return None,
        };
        Some(write(document_key(record.structure, &key, Holds::Returned), body))
    }

    fn note(self, index: &mut Index, key: RecordKey) {
        match self {
            Self::Returned => _ = index.returned.insert(key),
            Self::Said => _ = index.returned.remove(&key),
            Self::Again => {}
        }
    }
}

impl Directory {
    /// Publishes what this structure says of itself.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn publish_structure(&self, profile: Profile) -> Result<Published, DirectoryError> {
        let _writing = self.writing.lock().await;
        let draft = self.draft(Body::Structure(Box::new(profile)))?;
        self.commit_own(draft.signed.into_iter().collect(), Words::Said).await?;
        Ok(draft.published)
    }

    /// Publishes services; all of them, or none when one is not good.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn publish_services(&self, services: Vec<Service>) -> Result<Vec<Published>, DirectoryError> {
        let _writing = self.writing.lock().await;
        let drafts = services.into_iter().map(|service| self.draft(Body::Service(Box::new(service))));
        let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
        let published = drafts.iter().map(|draft| draft.published).collect();
        self.commit_own(drafts.into_iter().filter_map(|draft| draft.signed).collect(), Words::Said).await?;
        Ok(published)
    }

    /// Says how many places a service of this structure has; `seen` is when those that were looked at were stated. Who
    /// says the same as was said since changes nothing.
    ///
    /// # Errors
    /// [`DirectoryError::UnknownService`], [`DirectoryError::Changed`], or what is wrong with the numbers.
    pub async fn set_capacity(
        &self,
        id: &ServiceId,
        places: Option<u32>,
        waiting_days: Option<u32>,
        seen: Seen<Timestamp>,
    ) -> Result<(), DirectoryError> {
        let _writing = self.writing.lock().await;
        let own = self.own.structure();
        let shown = self.service(own, id).ok_or_else(|| DirectoryError::UnknownService(id.clone()))?;
        // Places that nobody holds to be true any more stand in nobody's way.
        if let Some((held, _)) = shown.capacity.filter(|(held, _)| !seen.is_still(Some(&held.stated_at))) {
            let same = (held.places, held.waiting_days) == (places, waiting_days);
            return if same { Ok(()) } else { Err(DirectoryError::Changed) };
        }
        let stated_at = self.clock.now();
        let capacity = Capacity { service: id.clone(), places, waiting_days, stated_at };
        let signed = self.sign(Body::Capacity(capacity), stated_at)?;
        self.commit_own(vec![signed], Words::Said).await
    }

    /// Takes a service and its places back; `seen` is when the version that was looked at was signed. What is taken back
    /// already stays so.
    ///
    /// # Errors
    /// [`DirectoryError::UnknownService`], [`DirectoryError::Changed`].
    pub async fn withdraw(
        &self,
        id: &ServiceId,
        seen: Seen<Timestamp>,
    ) -> Result<Withdrawal, DirectoryError> {
        let _writing = self.writing.lock().await;
        let (own, now) = (self.own.structure(), self.clock.now());
        if let Some(at) = self.withdrawn(own, id) {
            return Ok(Withdrawal::Before(at));
        }
        let shown = self.service(own, id).ok_or_else(|| DirectoryError::UnknownService(id.clone()))?;
        if !seen.is_still(Some(&shown.signed_at)) {
            return Err(DirectoryError::Changed);
        }
        let mut signed = vec![self.sign(Body::Withdrawn(RecordKey::Service(id.clone())), now)?];
        let places = RecordKey::Capacity(id.clone());
        if self.read(|records| records.capacity(own, id, now).is_some()) {
            signed.push(self.sign(Body::Withdrawn(places), now)?);
        }
        self.commit_own(signed, Words::Said).await?;
        Ok(Withdrawal::Now(now))
    }

    /// When a structure took a service back, for as long as it says so.
    pub fn withdrawn(&self, structure: StructureId, id: &ServiceId) -> Option<Timestamp> {
        let (key, now) = (RecordKey::Service(id.clone()), self.clock.now());
        let held = self.read(|records| records.held(structure, &key).map(|held| held.record.clone()))?;
        match held.body {
            Body::Withdrawn(_) if held.expires_at > now => Some(held.issued_at),
            Body::Withdrawn(_)
            | Body::Structure(_)
            | Body::Service(_)
            | Body::Capacity(_)
            | Body::Endorsement(_) => None,
        }
    }

    /// Signs anew what ends soon or names a former manifest. Places are not: only people know them; endorsements keep
    /// their end. After a rotation all that has not ended is, places and withdrawals as they stand: partners hold nothing
    /// of a former root.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub async fn renew(&self) -> Result<(), DirectoryError> {
        let _writing = self.writing.lock().await;
        self.forget_returned().await?;
        let (own, now) = (self.own.structure(), self.clock.now());
        let bodies: Vec<Body> = self.read(|records| {
            let lasting = records.of(own).filter(|held| match held.record.body {
                Body::Structure(_) | Body::Service(_) => !self.serves_on(&held.record, now),
                Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => false,
            });
            lasting.map(|held| held.record.body.clone()).collect()
        });
        let mut signed =
            bodies.into_iter().map(|body| self.sign(body, now)).collect::<Result<Vec<_>, _>>()?;
        signed.extend(self.endorsements_renewed(now)?);
        signed.extend(self.rescued(now)?);
        self.commit_own(signed, Words::Again).await
    }

    /// Own places, and withdrawals that are not of endorsements, which a former root signed: signed anew as they stand.
    fn rescued(&self, now: Timestamp) -> Result<Vec<SignedRecord>, RecordError> {
        let (own, chain) = (self.own.structure(), self.own.chain());
        let of_former =
            |record: &Record| !chain.is_of_current_root(record.manifest) && record.expires_at > now;
        let former: Vec<Record> = self.read(|records| {
            let stands = records.of(own).map(|held| &held.record).filter(|record| match record.body {
                Body::Capacity(_) => of_former(record),
                Body::Withdrawn(ref key) => !matches!(key, RecordKey::Endorsement(_)) && of_former(record),
                Body::Structure(_) | Body::Service(_) | Body::Endorsement(_) => false,
            });
            stands.cloned().collect()
        });
        let anew = |record: Record| self.sign_between(record.body, record.issued_at, record.expires_at);
        former.into_iter().map(anew).collect()
    }

    /// The record to publish for `body`, if the one held does not say the same.
    pub(super) fn draft(&self, body: Body) -> Result<Draft, RecordError> {
        let (own, now, key) = (self.own.structure(), self.clock.now(), body.key());
        let (held, was_returned) =
            self.read_index(|index| (index.records.held(own, &key).cloned(), index.returned.contains(&key)));
        // What came back from a partner becomes this structure's own word when someone here says the same.
        let stands = |record: &Record| self.serves_on(record, now) && !was_returned;
        let published = match held {
            Some(held) if held.record.body == body && stands(&held.record) => {
                return Ok(Draft { published: Published::Unchanged, signed: None });
            }
            Some(held) if held.record.body == body => Published::Unchanged,
            Some(held) => match held.record.body {
                Body::Structure(_) | Body::Service(_) | Body::Capacity(_) | Body::Endorsement(_) => {
                    Published::Updated
                }
                Body::Withdrawn(_) => Published::Created,
            },
            None => Published::Created,
        };
        Ok(Draft { published, signed: Some(self.sign(body, now)?) })
    }

    /// Whether a record need not be signed anew.
    fn serves_on(&self, record: &Record, now: Timestamp) -> bool {
        record.manifest == self.own.manifest() && record.expires_at > now.plus(RENEW_BEFORE)
    }

    fn sign(&self, body: Body, now: Timestamp) -> Result<SignedRecord, RecordError> {
        let lifetime = match (&body.key(), &body) {
            (RecordKey::Capacity(_), _) => CAPACITY_LIFETIME_MAX,
            (RecordKey::Endorsement(_), _) => ENDORSEMENT_LIFETIME_MAX,
            (RecordKey::Structure | RecordKey::Service(_), Body::Withdrawn(_)) => LIFETIME_MAX,
            (RecordKey::Structure | RecordKey::Service(_), _) => SERVICE_LIFETIME,
        };
        self.sign_between(body, now, now.plus(lifetime))
    }

    /// The next record about its subject, signed at one instant and good until another.
    pub(super) fn sign_between(
        &self,
        body: Body,
        issued_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<SignedRecord, RecordError> {
        let index = self.index.read();
        let sequence = index.sequences.get(&body.key()).copied().unwrap_or(0).saturating_add(1);
        let (structure, manifest) = (self.own.structure(), self.own.manifest());
        let record = Record { structure, manifest, sequence, issued_at, expires_at, body };
        SignedRecord::sign(&record, self.own.signing())
    }

    /// Stores records of this structure, notes them in the ledger and tells partners.
    pub(super) async fn commit_own(
        &self,
        signed: Vec<SignedRecord>,
        words: Words,
    ) -> Result<(), DirectoryError> {
        if signed.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.read(|records| {
            let mut load = records.load_of(self.own.structure());
            for one in &signed {
                records.judge(&one.record, one.identity, now)?;
                load = load.plus(records.growth(&one.record));
            }
            // Each alone finds room; so must all of them.
            if load.fits(LOAD_PER_STRUCTURE_MAX) { Ok(()) } else { Err(DirectoryRefusal::Full) }
        })?;
        let subject = Digest::of_parts(&[
            b"directory",
            records_digest(signed.iter().map(|one| one.identity)).as_bytes(),
        ]);
        let leaf = Leaf { kind: LeafKind::Administrative, subject, salt: self.dice.bytes() };
        let documents = signed
            .iter()
            .map(|one| record_write(one.record.structure, &one.record.key(), Some(one.bytes.clone())));
        let former = signed.iter().filter_map(|one| self.former_offer(&one.record.key()));
        let marks = self.read_index(|index| {
            let marks = signed.iter().filter_map(|one| words.mark(index, &one.record));
            marks.collect::<Vec<_>>()
        });
        let documents = documents.chain(former).chain(marks).collect();
        self.store.commit(Batch { documents, leaves: vec![leaf], ..Batch::default() }).await?;
        let mut index = self.index.write();
        for SignedRecord { record, identity, .. } in signed {
            index.sequences.insert(record.key(), record.sequence);
            words.note(&mut index, record.key());
            index.records.admit(record, identity, now)?;
        }
        index.generation += 1;
        let before = index.subscription();
        index.look_home(self.own.structure());
        let moved = index.subscription() != before;
        drop(index);
        if moved {
            self.wish();
        }
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }
}
