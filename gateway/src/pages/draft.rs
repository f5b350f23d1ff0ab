//! Drafts: what was typed so far of a form in several pages, kept by the node for its author alone.

use crate::door::Door;
use crate::form::Form;
use crate::hex;
use crate::pages::thread::{Teller, joined, person};
use crate::trouble::Trouble;
use crate::visit::Session;
use relais_proto::desk::v1::{
    DiscardDraftRequest, DraftView, ListDraftsRequest, ListPeersRequest, SaveDraftRequest, ShowDraftRequest,
};
use relais_proto::peer::v1::Name;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use tonic::Code;

/// A form in several pages.
pub(crate) trait Flow {
    /// What form it is, as the node files it.
    const FORM: &'static str;
    /// What is left of it once it was sent.
    const SENT_FORM: &'static str;
    /// Where its pages are.
    const ROOT: &'static str;
    /// The fields that say for which door and need one agrees.
    const SHOWN: &'static [&'static str];
}

/// A form that was begun, to go on with.
#[derive(Debug)]
pub(crate) struct Begun {
    /// Where.
    pub(crate) address: String,
    /// Where it is given up.
    pub(crate) abandon: String,
    /// What it is, and since when.
    pub(crate) words: String,
    /// Who the person is, what they need and whom they are sent to, as far as it was typed and chosen.
    pub(crate) who: String,
    saved_ms: i64,
}

/// What a list tells a draft apart by, each with the most characters kept of it. The node keeps it beside the fields, for
/// the author alone as well: a list needs no form whole.
const SUBJECT: [(&str, usize); 5] =
    [("prenom", 60), ("initiale", 60), ("theme", 100), ("commune", 45), ("structure", 64)];

/// The drafts of a form that were begun, the newest first: each goes on at a page of the form, in the words of a key.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn begun<F: Flow>(session: &Session, page: &str, key: &str) -> Result<Vec<Begun>, Trouble> {
    let teller = Teller::of(session);
    let request = session.ask(ListDraftsRequest { form: F::FORM.to_owned() });
    let drafts = session.desk().list_drafts(request).await?.into_inner().drafts;
    let drafts: Vec<(DraftView, Form)> = drafts
        .into_iter()
        .map(|draft| {
            let subject = Form::parse(&draft.subject).unwrap_or_default();
            (draft, subject)
        })
        .collect();
    let doors = doors(session, &drafts).await;
    let begun = drafts.into_iter().map(|(draft, subject)| Begun {
        address: format!("{}/{}/{page}", F::ROOT, hex::encode(&draft.draft_id)),
        abandon: format!("{}/{}/abandon", F::ROOT, hex::encode(&draft.draft_id)),
        words: teller.with(key, &[("when", &teller.distance(draft.saved_ms))]),
        who: who(&teller, &subject, &doors),
        saved_ms: draft.saved_ms,
    });
    Ok(begun.collect())
}

/// The names of the structures that drafts were begun for, by their ids as a form holds them. They are left out when they
/// cannot be had: the page is right without.
async fn doors(session: &Session, drafts: &[(DraftView, Form)]) -> BTreeMap<String, String> {
    if drafts.iter().all(|(_, subject)| subject.text("structure").is_empty()) {
        return BTreeMap::new();
    }
    let known = session.desk().list_peers(session.ask(ListPeersRequest {})).await.ok();
    let peers = known.map(|known| known.into_inner().peers).unwrap_or_default();
    peers.into_iter().map(|peer| (hex::encode(&peer.peer_id), peer.name)).collect()
}

fn who(teller: &Teller<'_>, subject: &Form, doors: &BTreeMap<String, String>) -> String {
    let name = Name { given: subject.text("prenom").to_owned(), family: subject.text("initiale").to_owned() };
    let door = doors.get(subject.text("structure")).cloned().unwrap_or_default();
    let need = teller.theme(subject.text("theme"));
    joined(&[person(Some(&name)), need, subject.text("commune").to_owned(), door], " · ")
}

/// Of several lists of what was begun one, the newest first.
pub(crate) fn newest_first(lists: Vec<Vec<Begun>>) -> Vec<Begun> {
    let mut all: Vec<Begun> = lists.into_iter().flatten().collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.saved_ms));
    all
}

/// The field by which a page says for which door and need it was shown.
const SHOWN: &str = "vu";
/// What says that the person agrees, and how: it was given for one need and one door.
const AGREED: [&str; 7] = ["accepte", "retour", "maniere", "redit", "nom-avant", "presence", "interprete"];

/// Whether a page that is sent was shown for what its draft holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Agreed {
    /// It was.
    ForThis,
    /// Another door or need was chosen since, in another tab for instance.
    ForAnother,
}

/// A form that is being written.
#[derive(Debug)]
pub(crate) struct Draft<F> {
    id: Vec<u8>,
    /// Its fields as typed.
    pub(crate) form: Form,
    flow: PhantomData<F>,
}

impl<F: Flow> Draft<F> {
    fn new(id: Vec<u8>, form: Form) -> Self {
        Self { id, form, flow: PhantomData }
    }

    /// An empty one, with the id of the one act it may become.
    pub(crate) fn fresh() -> Self {
        Self::empty(hex::fresh())
    }

    fn empty(id: Vec<u8>) -> Self {
        let mut form = Form::default();
        form.set("demande", &hex::encode(&hex::fresh()));
        Self::new(id, form)
    }

    /// The draft of an address; empty when nothing was kept yet.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] for what is no id or the draft of another form; [`Trouble::Closed`] for who follows no one.
    pub(crate) async fn load(session: &Session, id: &str) -> Result<Self, Trouble> {
        session.follow(Door::Drafts)?;
        let id = hex::id(id).ok_or(Trouble::NotFound)?;
        let request = session.ask(ShowDraftRequest { draft_id: id.clone() });
        match session.desk().show_draft(request).await {
            Ok(kept) => {
                let kept = kept.into_inner();
                if kept.form != F::FORM && kept.form != F::SENT_FORM {
                    return Err(Trouble::NotFound);
                }
                Ok(Self::new(id, Form::parse(&kept.fields)?))
            }
            Err(status) if status.code() == Code::NotFound => Ok(Self::empty(id)),
            Err(status) => Err(status.into()),
        }
    }

    /// Where one of its pages is.
    pub(crate) fn address(&self, page: &str) -> String {
        format!("{}/{}/{page}", F::ROOT, hex::encode(&self.id))
    }

    async fn keep(
        &self,
        session: &Session,
        form: &str,
        fields: Vec<u8>,
        subject: Vec<u8>,
    ) -> Result<(), Trouble> {
        let (draft_id, form) = (self.id.clone(), form.to_owned());
        let request = SaveDraftRequest { draft_id, form, fields, subject };
        session.desk().save_draft(session.ask(request)).await?;
        Ok(())
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`Trouble`] when the node does not.
    pub(crate) async fn save(&self, session: &Session) -> Result<(), Trouble> {
        self.keep(session, F::FORM, self.form.encode(), self.subject()).await
    }

    /// What a list tells it apart by.
    fn subject(&self) -> Vec<u8> {
        let mut subject = Form::default();
        for (field, chars_max) in SUBJECT {
            let text: String = self.form.text(field).chars().take(chars_max).collect();
            if !text.is_empty() {
                subject.set(field, &text);
            }
        }
        subject.encode()
    }

    /// Keeps nothing but which thread it became: a second click, or the way back, leads there.
    ///
    /// # Errors
    /// [`Trouble`] when the node does not.
    pub(crate) async fn finish(&self, session: &Session, thread: &[u8]) -> Result<(), Trouble> {
        let mut form = Form::default();
        form.set("envoyee", &hex::encode(thread));
        self.keep(session, F::SENT_FORM, form.encode(), Vec::new()).await
    }

    /// The page of what it has become.
    pub(crate) fn became(&self) -> Option<String> {
        let thread = self.form.text("envoyee");
        (!thread.is_empty()).then(|| format!("/orientations/{thread}/envoyee"))
    }

    /// Forgets it.
    ///
    /// # Errors
    /// [`Trouble`] when the node does not.
    pub(crate) async fn discard(&self, session: &Session) -> Result<(), Trouble> {
        let request = DiscardDraftRequest { draft_id: self.id.clone() };
        session.desk().discard_draft(session.ask(request)).await?;
        Ok(())
    }

    /// What a page of this draft says that it was shown for: nothing of a person.
    pub(crate) fn shown(&self) -> String {
        F::SHOWN.iter().map(|field| self.form.text(field)).collect::<Vec<_>>().join("|")
    }

    /// Forgets what was agreed to: another need or another door is agreed to anew, and nothing is ever ticked before.
    pub(crate) fn forget_agreement(&mut self) {
        for field in AGREED {
            self.form.remove(field);
        }
    }

    /// Takes over the form of a page on which someone agrees. An agreement is for exactly one recipient: what was ticked
    /// on a page that showed another door is not taken over.
    pub(crate) fn take_agreement(
        &mut self,
        mut newer: Form,
        boxes: &[&str],
        fixed: &[&'static str],
    ) -> Agreed {
        let same = newer.text(SHOWN) == self.shown();
        let agreed = if same { Agreed::ForThis } else { Agreed::ForAnother };
        newer.remove(SHOWN);
        self.take_over(newer, boxes, fixed);
        if agreed == Agreed::ForAnother {
            self.forget_agreement();
        }
        agreed
    }

    /// Takes a newer form over. Boxes that were unticked are not sent, so they are forgotten first; what was chosen on
    /// other pages, and the one act this may become, is never taken from a form.
    pub(crate) fn take_over(&mut self, newer: Form, boxes: &[&str], fixed: &[&'static str]) {
        for field in boxes {
            self.form.remove(field);
        }
        let kept: Vec<(&str, String)> =
            fixed.iter().map(|name| (*name, self.form.text(name).to_owned())).collect();
        self.form.take_over(newer);
        for (name, value) in kept {
            self.form.set(name, &value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Some;
    impl Flow for Some {
        const FORM: &'static str = "un";
        const SENT_FORM: &'static str = "un-envoye";
        const ROOT: &'static str = "/un";
        const SHOWN: &'static [&'static str] = &["structure"];
    }

    #[test]
    fn what_was_begun_last_stands_first() {
        let one = |saved_ms| {
            let (address, abandon, words, who) = Default::default();
            Begun { address, abandon, words, who, saved_ms }
        };
        let all = newest_first(vec![vec![one(5), one(1)], vec![], vec![one(3)]]);
        assert_eq!(all.iter().map(|one| one.saved_ms).collect::<Vec<_>>(), [5, 3, 1]);
    }

    #[test]
    fn a_list_tells_a_draft_apart_by_need_place_door_and_person_and_by_nothing_else() {
        let mut draft = Draft::<Some>::fresh();
        draft.form.take_over(
            Form::parse(
                "prenom=+Amina+&initiale=B&theme=a--b&note=MARKER&joindre=0601&structure=06&ddn=1&commune=Royan".as_bytes(),
            )
            .unwrap(),
        );
        assert_eq!(draft.subject(), b"commune=Royan&initiale=B&prenom=Amina&structure=06&theme=a--b");
        for (field, _) in SUBJECT {
            draft.form.set(field, &"\u{10FFFF}".repeat(5_000));
        }
        assert!((2_048..=4_096).contains(&draft.subject().len()), "what the node keeps");
        for (field, _) in SUBJECT {
            draft.form.remove(field);
        }
        assert!(draft.subject().is_empty());
    }

    #[test]
    fn a_form_changes_neither_what_is_fixed_nor_keeps_what_was_unticked() {
        let mut draft = Draft::<Some>::fresh();
        let act = draft.form.text("demande").to_owned();
        draft.form.set("accepte", "besoin");
        draft.form.set("note", "ancienne");
        let newer = Form::parse(b"demande=autre&structure=autre&note=neuve").unwrap();
        draft.take_over(newer, &["accepte"], &["demande", "structure"]);
        assert_eq!(draft.form.text("demande"), act);
        assert_eq!(draft.form.text("structure"), "");
        assert_eq!(draft.form.text("note"), "neuve");
        assert_eq!(draft.form.text("accepte"), "");
        assert!(draft.address("page").starts_with("/un/"));
        assert_eq!(draft.became(), None);
    }
}
