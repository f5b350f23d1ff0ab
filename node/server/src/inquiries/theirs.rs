//! Partners' inquiries: taking them in within limits, and answering, by hand or from published places.

use super::kept::Spot;
use super::row::{Theirs, their_key};
use super::{Inquiries, InquiryError, REFUSED_INQUIRY, WRITES_MAX, write};
use relais_domain::directory::Service;
use relais_domain::id::{InquiryId, ProfessionalId, ServiceId};
use relais_domain::inquiry::{
    self, ANSWERS_MAX, Answer, AnswerKind, Automatic, Held, Inquiry, Load, TAKEN_OF_PARTNER, Timing, Word,
};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::rows::Shelf;
use relais_wire::frame::inquiry::InquiryAnswer;

/// Most services that fit an inquiry that are named.
pub const DOORS_NAMED_MAX: usize = 20;

/// What a professional answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What.
    pub kind: AnswerKind,
    /// How many, if said.
    pub places: Option<u32>,
    /// Days until a first meeting, if said.
    pub waiting_days: Option<u32>,
    /// The service that is meant, if one is named.
    pub service: Option<ServiceId>,
}

/// Those of a structure's services that an answer to an inquiry may name, by name: who asked refers to no other.
pub fn doors_for<'a>(inquiry: &Inquiry, services: &'a [Service]) -> Vec<&'a Service> {
    let mut doors: Vec<&Service> = services.iter().filter(|service| inquiry.is_for(service)).collect();
    doors.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    doors
}

impl Inquiries {
    /// Takes in what a partner asks. The same again has no effect; what is over a limit, or has not the time it must have,
    /// is counted and not answered.
    ///
    /// # Errors
    /// [`InquiryError::Store`].
    pub async fn take(&self, peer: StructureId, inquiry: Inquiry) -> Result<(), InquiryError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        if self.read(|held| held.theirs.get(&peer).is_some_and(|theirs| theirs.contains_key(&inquiry.id))) {
            return Ok(());
        }
        let gives_way = match inquiry.timing(now) {
            Timing::Over => return Ok(()),
            Timing::Open if TAKEN_OF_PARTNER.has_room(self.load_of(peer, now)) => {
                self.read(|held| held.kept.room_for_theirs(now))
            }
            Timing::Open | Timing::TooLong => None,
        };
        let Some(gives_way) = gives_way else {
            self.refuse(peer, REFUSED_INQUIRY).await;
            return Ok(());
        };
        let mut theirs = Theirs { peer, inquiry, received_at: now, held: None, answered_by: None };
        theirs.held = self.by_itself(&theirs.inquiry);
        tracing::info!(peer.id = %peer, inquiry.id = %theirs.inquiry.id, "Inquiry taken in");
        self.put_theirs(vec![theirs], &gives_way).await
    }

    fn load_of(&self, peer: StructureId, now: Timestamp) -> Load {
        self.read(|held| {
            let theirs = held.theirs.get(&peer).into_iter().flat_map(|theirs| theirs.values());
            Load::of(theirs.map(|one| (one.received_at, one.pending(now))), now)
        })
    }

    /// What the node answers by itself, if it may and can.
    fn by_itself(&self, inquiry: &Inquiry) -> Option<Held> {
        match self.setting().automatic {
            Automatic::No => None,
            Automatic::Yes => {
                self.directory.answer_from_places(inquiry).map(|answer| Held { answer, heard: 1 })
            }
        }
    }

    /// Reckons anew what the node answers by itself: what waits and can be answered now is, and what it answered from
    /// places that have changed or ended is changed or taken back. What a professional answered stays.
    pub(super) async fn review(&self) -> Result<(), InquiryError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        let by_hand = |theirs: &Theirs| theirs.answer().is_some_and(|one| one.automatic == Automatic::No);
        let mut open: Vec<Theirs> = self.read(|held| {
            let all = held.theirs.values().flat_map(|theirs| theirs.values());
            all.filter(|theirs| theirs.is_open(now) && !by_hand(theirs)).cloned().collect()
        });
        let places = match self.setting().automatic {
            Automatic::Yes if !open.is_empty() => self.directory.own_places(),
            Automatic::Yes | Automatic::No => Vec::new(),
        };
        open.retain_mut(|theirs| {
            let places = places.iter().map(|(service, capacity)| (service, capacity.as_ref()));
            let reckoned = inquiry::answer_from_places(&theirs.inquiry, places, now);
            let anew = inquiry::reckon_anew(theirs.held.as_ref(), reckoned, now);
            let changes = anew.is_some();
            theirs.held = anew.or(theirs.held.take());
            changes
        });
        while !open.is_empty() {
            self.put_theirs(open.drain(..open.len().min(WRITES_MAX)).collect(), &[]).await?;
        }
        Ok(())
    }

    async fn put_theirs(&self, changed: Vec<Theirs>, gone: &[Spot]) -> Result<(), InquiryError> {
        let writes = changed.iter().map(|one| write(their_key(one.peer, one.inquiry.id), Some(one.encode())));
        self.commit(writes.collect(), gone).await?;
        self.change(|held| {
            for one in changed {
                held.kept.note_theirs(&one);
                held.theirs.entry(one.peer).or_default().insert(one.inquiry.id, one);
            }
        });
        self.announce();
        Ok(())
    }

    /// Partners' inquiries that are open: those that wait first, and of these the earliest to expire.
    pub fn theirs(&self) -> Vec<Theirs> {
        let now = self.now();
        let mut open: Vec<Theirs> = self.read(|held| {
            let partners = held.theirs.iter().filter(|(peer, _)| self.is_partner(**peer));
            let all = partners.flat_map(|(_, theirs)| theirs.values());
            all.filter(|theirs| theirs.is_open(now)).cloned().collect()
        });
        open.sort_by_key(Theirs::place);
        open
    }

    /// What a partner is still to be told: the answers to its inquiries that are open.
    pub fn to_answer(&self, peer: StructureId) -> Vec<InquiryAnswer> {
        let now = self.now();
        self.read(|held| {
            let theirs = held.theirs.get(&peer).into_iter().flat_map(|theirs| theirs.values());
            let open = theirs.filter(|one| one.is_open(now));
            let answer = |one: &Theirs| {
                let answer = one.held.as_ref()?.answer.clone();
                Some(InquiryAnswer { inquiry: one.inquiry.id, answer })
            };
            open.filter_map(answer).collect()
        })
    }

    /// This structure's services.
    pub fn own_services(&self) -> Vec<Service> {
        self.directory.own_places().into_iter().map(|(service, _)| service).collect()
    }

    /// Answers a partner's inquiry by hand. The same answer again changes nothing.
    ///
    /// # Errors
    /// [`InquiryError`]: not there, over, answered too often, or the answer does not fit.
    pub async fn answer(
        &self,
        (peer, id): (StructureId, InquiryId),
        reply: Reply,
        by: ProfessionalId,
    ) -> Result<Theirs, InquiryError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        let mut theirs = self.their(peer, id).await?.ok_or(InquiryError::NotThere)?;
        if !theirs.is_open(now) {
            return Err(InquiryError::Over);
        }
        let own = self.engine.own().structure();
        if reply.service.as_ref().is_some_and(|service| self.directory.service(own, service).is_none()) {
            return Err(InquiryError::UnknownService);
        }
        if let Some(service) = &reply.service {
            let own = self.own_services();
            let doors = doors_for(&theirs.inquiry, &own);
            if doors.iter().all(|door| door.id != *service) {
                let named = doors.into_iter().take(DOORS_NAMED_MAX).map(|door| door.id.clone());
                return Err(InquiryError::NoDoor(named.collect()));
            }
        }
        let before = theirs.held.as_ref();
        // A clock that went back must not let the older answer hold at the other end.
        let after = before.map_or(now, |held| now.max(held.answer.answered_at.plus(Span(1))));
        let Reply { kind, places, waiting_days, service } = reply;
        let (automatic, word, answered_at) = (Automatic::No, Word::Kept, after);
        let answer = Answer { kind, places, waiting_days, service, automatic, word, answered_at };
        answer.check().map_err(InquiryError::Answer)?;
        if before.is_some_and(|held| held.answer.says(&answer)) {
            return Ok(theirs);
        }
        let heard = before.map_or(0, |held| held.heard);
        if heard >= ANSWERS_MAX {
            return Err(InquiryError::AnsweredTooOften);
        }
        theirs.held = Some(Held { answer, heard: heard + 1 });
        theirs.answered_by = Some(by);
        self.put_theirs(vec![theirs.clone()], &[]).await?;
        Ok(theirs)
    }

    /// One inquiry of a partner, as long as it is kept and the partner is one.
    ///
    /// # Errors
    /// [`InquiryError::Store`].
    pub async fn their(&self, peer: StructureId, id: InquiryId) -> Result<Option<Theirs>, InquiryError> {
        if !self.is_partner(peer) {
            return Ok(None);
        }
        let held = self.read(|held| held.theirs.get(&peer).and_then(|theirs| theirs.get(&id)).cloned());
        if held.is_some() {
            return Ok(held);
        }
        let found = self.engine.store().document(Shelf::Inquiry, &their_key(peer, id)).await?;
        Ok(found.map(|document| Theirs::decode(&document.body)).transpose()?)
    }
}
