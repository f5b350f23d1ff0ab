//! This structure's inquiries: asking, what is still to be sent to whom, and hearing what is answered.

use super::row::{OURS, Ours, our_key};
use super::{Inquiries, InquiryError, REFUSED_ANSWER, readable, write};
use relais_domain::id::{InquiryId, ProfessionalId};
use relais_domain::inquiry::{
    self, ASKED_BY_NODE_DAY_MAX, ASKED_BY_PROFESSIONAL_DAY_MAX, ASKED_OF_PARTNER, Answer, Asked, Heard, Held,
    Inquiry, Load, Wanted,
};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{Commune, needed_territory};
use relais_domain::theme::Theme;
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::batch::DocumentWrite;
use relais_store::rows::Shelf;
use relais_wire::frame::inquiry::InquiryAnswer;

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
        let doors = self.directory.doors(theme, commune, |structure| self.is_partner(structure));
        if doors.partners.is_empty() {
            return Err(InquiryError::NobodyToAsk);
        }
        let (asked, left_out): (Vec<_>, Vec<_>) =
            doors.partners.into_iter().partition(|partner| self.may_ask(*partner, now));
        if asked.is_empty() {
            return Err(InquiryError::TooMany(
                "these partners were asked too often today: wait, or call them",
            ));
        }
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
            partners: asked.into_iter().map(Asked::new).collect(),
            left_out: u32::try_from(left_out.len()).unwrap_or(u32::MAX),
        };
        self.put_ours(vec![ours.clone()]).await?;
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

    async fn put_ours(&self, changed: Vec<Ours>) -> Result<(), InquiryError> {
        let writes: Vec<DocumentWrite> =
            changed.iter().map(|ours| write(our_key(ours.inquiry.id), Some(ours.encode()))).collect();
        self.commit(writes).await?;
        self.change(|held| held.ours.extend(changed.into_iter().map(|ours| (ours.inquiry.id, ours))));
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

    /// All of this structure's inquiries that are kept, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn all_ours(&self) -> Result<Vec<Ours>, StoreError> {
        let documents = self.engine.store().documents(Shelf::Inquiry, OURS).await?;
        let read = documents.iter().filter_map(|document| readable(Ours::decode(&document.body)));
        let mut all: Vec<Ours> = read.collect();
        all.sort_by_key(|ours| (std::cmp::Reverse(ours.asked_at), ours.inquiry.id));
        Ok(all)
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
        if changed.is_empty() { Ok(()) } else { self.put_ours(changed).await }
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
            let expires_at = ours.inquiry.expires_at;
            let asked = ours.partners.iter_mut().find(|asked| asked.partner == partner)?;
            Some((expires_at, asked))
        });
        let Some((expires_at, asked)) = asked else {
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
                let answer = self.with_a_door(partner, heard.answer);
                asked.held = Some(Held { answer, heard: before + 1 });
                // Whoever answers was told, on whatever stream that was.
                asked.sent_at = asked.sent_at.or(Some(now));
                self.put_ours(known.into_iter().collect()).await
            }
        }
    }

    /// An answer names a service that its structure publishes, or none: no other text comes in with it.
    fn with_a_door(&self, partner: StructureId, answer: Answer) -> Answer {
        let service = answer.service.filter(|service| self.directory.service(partner, service).is_some());
        Answer { service, ..answer }
    }
}
