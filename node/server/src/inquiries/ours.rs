//! This structure's inquiries: asking, what is still to be sent to whom, and hearing what is answered.

use super::kept::{OursPlace, Spot};
use super::row::{Ours, our_key};
use super::{Inquiries, InquiryError, REFUSED_ANSWER, write};
use relais_domain::id::{InquiryId, ProfessionalId, ServiceId};
use relais_domain::inquiry::{
    self, ASKED_BY_NODE_DAY_MAX, ASKED_BY_PROFESSIONAL_DAY_MAX, ASKED_OF_PARTNER, Addressees, Answer, Asked,
    Automatic, Heard, Held, Inquiry, Load, Wanted, Word,
};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{Commune, CommuneCode, needed_territory};
use relais_domain::theme::Theme;
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::batch::DocumentWrite;
use relais_store::rows::Shelf;
use relais_wire::frame::inquiry::InquiryAnswer;
use std::cmp::Reverse;

/// What someone asks.
#[derive(Clone, Debug)]
pub struct Question {
    /// The id of the call, and of the inquiry: asked twice, it is asked once.
    pub id: InquiryId,
    /// Who asks.
    pub author: ProfessionalId,
    /// The need.
    pub theme: Theme,
    /// Where.
    pub commune: Commune,
    /// What to bear in mind.
    pub wanted: Wanted,
}

impl Inquiries {
    /// Asks the partners that have a door for the need.
    ///
    /// # Errors
    /// [`InquiryError`]: nobody to ask, too often, or the store cannot.
    pub async fn ask(&self, question: Question) -> Result<Ours, InquiryError> {
        question.wanted.check().map_err(InquiryError::Flaw)?;
        let _writing = self.writing.lock().await;
        if let Some(known) = self.ours(question.id).await? {
            return Ok(known);
        }
        let now = self.now();
        self.check_author(question.author, now)?;
        let Question { theme, commune, .. } = question;
        let doors = self.directory.doors(theme, commune, |structure| self.can_be_asked(structure));
        if doors.partners.is_empty() {
            return Err(InquiryError::NobodyToAsk);
        }
        let chosen = Addressees::among(&doors.partners, |partner| self.may_ask(partner, now));
        if chosen.asked.is_empty() {
            return Err(InquiryError::TooMany(
                "these partners were asked too often today: wait, or call them",
            ));
        }
        let gives_way = self.read(|held| held.kept.room_for_ours(now)).ok_or(InquiryError::TooMany(
            "this structure keeps as many open inquiries as it may: wait until some are over",
        ))?;
        let inquiry = Inquiry {
            id: question.id,
            theme,
            territory: needed_territory(commune),
            expires_at: inquiry::expires_at(question.wanted.urgency, now),
            wanted: question.wanted,
        };
        let ours = Ours {
            inquiry,
            commune: commune.code(),
            author: question.author,
            asked_at: now,
            partners: chosen.asked.into_iter().map(Asked::new).collect(),
            left_out: chosen.left_out,
            beyond: chosen.beyond,
            seen: 0,
        };
        self.put_ours(vec![ours.clone()], &gives_way).await?;
        Ok(ours)
    }

    fn check_author(&self, author: ProfessionalId, now: Timestamp) -> Result<(), InquiryError> {
        self.read(|held| {
            let by = |one: Option<ProfessionalId>| {
                let all = held.ours.values().filter(move |ours| one.is_none_or(|one| one == ours.author));
                all.map(|ours| ours.asked_at)
            };
            if !inquiry::may_ask(by(Some(author)), ASKED_BY_PROFESSIONAL_DAY_MAX, now) {
                return Err(InquiryError::TooMany("you asked often enough today: call, or send a referral"));
            }
            if !inquiry::may_ask(by(None), ASKED_BY_NODE_DAY_MAX, now) {
                return Err(InquiryError::TooMany(
                    "this structure asked often enough today: wait until tomorrow",
                ));
            }
            Ok(())
        })
    }

    fn may_ask(&self, partner: StructureId, now: Timestamp) -> bool {
        let load = self.read(|held| {
            let asked = held.ours.values().flat_map(|ours| {
                let of_it = ours.partners.iter().filter(|asked| asked.partner == partner);
                of_it.map(|asked| (ours.asked_at, ours.pending(asked, now)))
            });
            Load::of(asked, now)
        });
        ASKED_OF_PARTNER.has_room(load)
    }

    async fn put_ours(&self, changed: Vec<Ours>, gone: &[Spot]) -> Result<(), InquiryError> {
        let writes: Vec<DocumentWrite> =
            changed.iter().map(|ours| write(our_key(ours.inquiry.id), Some(ours.encode()))).collect();
        self.commit(writes, gone).await?;
        self.change(|held| {
            for ours in changed {
                held.kept.note_ours(&ours);
                held.ours.insert(ours.inquiry.id, ours);
            }
        });
        self.announce();
        Ok(())
    }

    /// One of this structure's inquiries, as long as it is kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ours(&self, id: InquiryId) -> Result<Option<Ours>, StoreError> {
        if let Some(held) = self.read(|held| held.ours.get(&id).cloned()) {
            return Ok(Some(held));
        }
        let found = self.engine.store().document(Shelf::Inquiry, &our_key(id)).await?;
        found.map(|document| Ours::decode(&document.body)).transpose()
    }

    /// A page of this structure's inquiries, the newest first, `most` at most, and the place where it ends when there are
    /// more: what is not on it is not read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ours_page(
        &self,
        before: Option<OursPlace>,
        most: usize,
    ) -> Result<(Vec<Ours>, Option<OursPlace>), StoreError> {
        let mut places = self.read(|held| held.kept.ours_before(before, most.saturating_add(1)));
        let more = places.len() > most;
        places.truncate(most);
        let mut page = Vec::new();
        for (_, id) in &places {
            page.extend(self.ours(*id).await?);
        }
        Ok((page, places.last().copied().filter(|_| more)))
    }

    /// This structure's open inquiries that are of `which`, the newest first.
    pub fn open_ours(&self, which: impl Fn(&Ours) -> bool) -> Vec<Ours> {
        let now = self.now();
        let mut open: Vec<Ours> = self.read(|held| {
            held.ours.values().filter(|ours| ours.is_open(now) && which(ours)).cloned().collect()
        });
        open.sort_by_key(|ours| Reverse(ours.place()));
        open
    }

    /// Notes that who asked an inquiry has looked at the first `seen` of its answers.
    ///
    /// # Errors
    /// [`InquiryError::Store`].
    pub async fn saw(&self, id: InquiryId, seen: u32) -> Result<(), InquiryError> {
        let _writing = self.writing.lock().await;
        match self.read(|held| held.ours.get(&id).filter(|ours| ours.seen < seen).cloned()) {
            None => Ok(()),
            Some(ours) => self.put_ours(vec![Ours { seen, ..ours }], &[]).await,
        }
    }

    /// What a partner is still to be asked: it has not answered, and answers count.
    pub fn to_ask(&self, partner: StructureId) -> Vec<Inquiry> {
        let now = self.now();
        let waits = |asked: &Asked| asked.partner == partner && asked.held.is_none();
        self.read(|held| {
            let open = held.ours.values().filter(|ours| ours.is_open(now));
            open.filter(|ours| ours.partners.iter().any(waits)).map(|ours| ours.inquiry.clone()).collect()
        })
    }

    /// Notes that a partner's node was told of these.
    ///
    /// # Errors
    /// [`InquiryError::Store`].
    pub async fn sent(&self, partner: StructureId, ids: &[InquiryId]) -> Result<(), InquiryError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        let mut changed = Vec::new();
        for mut ours in
            self.read(|held| ids.iter().filter_map(|id| held.ours.get(id).cloned()).collect::<Vec<_>>())
        {
            let first =
                ours.partners.iter_mut().find(|asked| asked.partner == partner && asked.sent_at.is_none());
            if let Some(asked) = first {
                asked.sent_at = Some(now);
                changed.push(ours);
            }
        }
        if changed.is_empty() { Ok(()) } else { self.put_ours(changed, &[]).await }
    }

    /// Hears what a partner answers. One that was not asked, an inquiry that is not there, or too many changes of mind are
    /// counted; what comes too late or again has no effect.
    ///
    /// # Errors
    /// [`InquiryError::Store`].
    pub async fn hear(&self, partner: StructureId, heard: InquiryAnswer) -> Result<(), InquiryError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        let mut known = self.read(|held| held.ours.get(&heard.inquiry).cloned());
        let asked = known.as_mut().and_then(|ours| {
            let about = (ours.inquiry.expires_at, ours.inquiry.theme, ours.commune);
            let asked = ours.partners.iter_mut().find(|asked| asked.partner == partner)?;
            Some((about, asked))
        });
        let Some(((expires_at, theme, commune), asked)) = asked else {
            self.refuse(partner, REFUSED_ANSWER).await;
            return Ok(());
        };
        match heard.answer.heard(asked.held.as_ref(), expires_at, now) {
            Heard::Known | Heard::Late => Ok(()),
            Heard::FromTheFuture | Heard::TooOften => {
                self.refuse(partner, REFUSED_ANSWER).await;
                Ok(())
            }
            Heard::Holds => {
                let before = asked.held.as_ref().map_or(0, |held| held.heard);
                let Some(answer) = self.with_a_door(partner, heard.answer, theme, commune) else {
                    tracing::debug!(peer.id = %partner, "A node answered for a service that is no door here");
                    return Ok(());
                };
                asked.held = Some(Held { answer, heard: before + 1 });
                // Whoever answers was told, on whatever stream that was.
                asked.sent_at = asked.sent_at.or(Some(now));
                self.put_ours(known.into_iter().collect(), &[]).await
            }
        }
    }

    /// An answer names a service that its structure publishes for this need and this commune, or none: no other text comes
    /// in with it, and no door that is shut. What a node answers by itself is about one service: it says nothing without.
    fn with_a_door(
        &self,
        partner: StructureId,
        answer: Answer,
        theme: Theme,
        commune: CommuneCode,
    ) -> Option<Answer> {
        let is_door = |id: &ServiceId| self.directory.is_door((partner, id), theme, commune.commune());
        let service = answer.service.clone().filter(is_door);
        match (answer.automatic, answer.word) {
            (Automatic::Yes, Word::Kept) if service.is_none() => None,
            (Automatic::Yes | Automatic::No, Word::Kept | Word::TakenBack) => {
                Some(Answer { service, ..answer })
            }
        }
    }
}
