//! A referral begun from one that ended: to a better door that was suggested, or once more to the same. What is told is
//! filled in, as far as this professional may still see it; the agreement never is, as it must be given anew.

use super::draft::Draft;
use super::{build, precise};
use crate::hex;
use crate::pages::{place, reach};
use crate::trouble::Trouble;
use crate::visit::Session;
use relais_proto::desk::v1::{
    FollowUpStanding, FollowUpView, Label, ShowFollowUpRequest, ShowThreadRequest, Side, ThreadView,
};
use relais_proto::peer::v1::{Need, ThreadKind};

/// Bytes of a structure's id.
const STRUCTURE_BYTES: usize = 32;
/// Characters of a commune's code; the code of a group of communes is longer.
const COMMUNE_CHARS: usize = 5;

/// Which door it goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Door {
    /// The same as before.
    Same,
    /// Another: the structure in hexadecimal digits, and its service.
    Other(String, String),
}

impl Door {
    /// Reads what a link bears; empty stands for the same door.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Same);
        }
        let (structure, service) = text.split_once('/')?;
        let is_one = hex::bytes(structure).is_some_and(|bytes| bytes.len() == STRUCTURE_BYTES);
        (is_one && !service.is_empty()).then(|| Self::Other(structure.to_owned(), service.to_owned()))
    }
}

/// Whether a thread can be begun again so: ours, ended without the person having been helped, its need still known.
pub(crate) fn is_open(view: &ThreadView, label: Label) -> bool {
    let summary = view.summary.clone().unwrap_or_default();
    let need = view.stage_one.as_ref().and_then(|one| one.need.as_ref());
    let ours = summary.side() == Side::Sender && summary.kind() == ThreadKind::Referral;
    ours && summary.label() == label && need.is_some_and(|need| need.walk_in_offer.is_empty())
}

impl Draft {
    /// Fills in a thread that ended; answers the page to go on with.
    pub(super) async fn take_thread(
        &mut self,
        session: &Session,
        thread_id: Vec<u8>,
        door: Door,
    ) -> Result<&'static str, Trouble> {
        let request = session.ask(ShowThreadRequest { thread_id });
        let view = session.desk().show_thread(request).await?.into_inner();
        let labels: &[Label] = match door {
            Door::Same => &[Label::Expired, Label::Withdrawn],
            Door::Other(..) => &[Label::Refused],
        };
        if !labels.iter().any(|label| is_open(&view, *label)) {
            return Err(Trouble::NotFound);
        }
        let one = view.stage_one.clone().unwrap_or_default();
        let need = one.need.clone().unwrap_or_default();
        let peer = view.summary.as_ref().map(|summary| hex::encode(&summary.peer_id)).unwrap_or_default();
        let (structure, service) = match door {
            Door::Same => (peer, need.service_id.clone()),
            Door::Other(structure, service) => (structure, service),
        };
        for (field, value) in [("structure", structure), ("service", service), ("offre", String::new())] {
            self.form.set(field, &value);
        }
        precise::fill(&mut self.form, session.tongue(), &one);
        self.take_someone(session, &view).await?;
        Ok(self.take_need(&need, &view.territory_name))
    }

    /// Fills in the need. Of a small town only the group it is told by is known: the town is asked again.
    fn take_need(&mut self, need: &Need, territory: &str) -> &'static str {
        self.form.set("theme", need.themes.first().map_or("", String::as_str));
        self.form.set("urgence", build::urgency_word(need.urgency()));
        if need.territory.len() != COMMUNE_CHARS {
            return "besoin";
        }
        place::set(&mut self.form, territory, &need.territory);
        "accord"
    }

    /// Fills in the person: as they are followed here, else as the thread still knows them.
    async fn take_someone(&mut self, session: &Session, view: &ThreadView) -> Result<(), Trouble> {
        if let Some(known) = followed(session, &view.follow_up_id).await? {
            self.fill_person(session, &known);
            return Ok(());
        }
        let two = view.stage_two.clone().unwrap_or_default();
        let early = view.stage_one.as_ref().and_then(|one| one.name.clone());
        let name = two.name.or(early);
        reach::fill(&mut self.form, session.tongue(), name.as_ref(), two.contact.as_ref());
        Ok(())
    }
}

/// The follow-up of a thread, if there is one that this professional may see and that is still open.
async fn followed(session: &Session, follow_up: &[u8]) -> Result<Option<FollowUpView>, Trouble> {
    if follow_up.is_empty() {
        return Ok(None);
    }
    let request = session.ask(ShowFollowUpRequest { follow_up_id: follow_up.to_vec() });
    match session.desk().show_follow_up(request).await.map_err(Trouble::from) {
        Ok(known) => Ok(Some(known.into_inner()).filter(|known| known.standing() == FollowUpStanding::Open)),
        Err(Trouble::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_a_structure_and_its_service() {
        let structure = "07".repeat(STRUCTURE_BYTES);
        assert_eq!(Door::read(""), Some(Door::Same));
        let other = Door::Other(structure.clone(), "a/b".to_owned());
        assert_eq!(Door::read(&format!("{structure}/a/b")), Some(other));
        for bad in ["x", "07/a", &structure, &format!("{structure}/")] {
            assert_eq!(Door::read(bad), None, "{bad}");
        }
    }
}
