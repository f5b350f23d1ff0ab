//! Walk-in referrals: the offer one is sent against, the person's slip, and the slip's reference when they come.

use super::acts::{Sending, Target};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::ids::{self, Prefix};
use crate::lines::{Lines, counted};
use crate::when;
use clap::Args;
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1::{
    FindReferenceRequest, ListServicesRequest, ServiceView, ThreadView, WalkInOffer,
};

/// Notes that a person came.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  relais arrived 3f2a
  relais arrived --reference 7K3M-Q9XT     # from the person's slip")]
pub(crate) struct ArrivedArgs {
    /// The referral: its id, or the first digits of it
    #[arg(value_name = "THREAD", value_parser = Prefix::parse, required_unless_present = "reference")]
    thread: Option<Prefix>,
    /// The reference on the slip of a person who came by themselves
    #[arg(long, value_name = "CODE", conflicts_with = "thread")]
    reference: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

impl ArrivedArgs {
    /// The referral that is meant.
    ///
    /// # Errors
    /// [`Failure`] when no live referral has this reference.
    pub(super) async fn target(self, desk: &mut Desk) -> Result<Target, Failure> {
        let thread = match (self.thread, self.reference) {
            (Some(thread), _) => thread,
            (None, reference) => by_reference(reference.unwrap_or_default(), desk).await?,
        };
        Ok(Target { thread, sending: self.sending })
    }
}

async fn by_reference(reference: String, desk: &mut Desk) -> Result<Prefix, Failure> {
    let found = desk.find_reference(FindReferenceRequest { reference }).await?.into_inner();
    let id = found.summary.map(|summary| summary.thread_id).unwrap_or_default();
    Prefix::parse(&ids::hex(&id)).map_err(|problem| Failure::input("reference", problem))
}

/// The partner's service with its standing offer.
///
/// # Errors
/// [`Failure`] when it publishes no such service, or makes no offer.
pub(super) async fn offering(
    desk: &mut Desk,
    partner: StructureId,
    service_id: &str,
) -> Result<ServiceView, Failure> {
    let mut page_token = String::new();
    loop {
        let structure_id = partner.as_bytes().to_vec();
        let request = ListServicesRequest { structure_id, page_token, page_size: 0 };
        let page = desk.list_services(request).await?.into_inner();
        let found = page.services.into_iter().find(|service| service.service_id == service_id);
        match (found, page.next_page_token) {
            (Some(service), _) if service.walk_in.is_some() => return Ok(service),
            (Some(_), _) => {
                let problem =
                    "receives nobody without an answer first: send an ordinary referral, without --walk-in";
                return Err(Failure::input("service", problem));
            }
            (None, next) if next.is_empty() => {
                return Err(Failure::input(
                    "service",
                    "this partner publishes no such service: `relais find`",
                ));
            }
            (None, next) => page_token = next,
        }
    }
}

/// When one may come, in a few words.
pub(crate) fn offer_line(offer: &WalkInOffer) -> String {
    let places = offer.places_a_week.map(|places| format!(", {} a week", counted(places, "place")));
    format!("{}{}", offer.hours, places.unwrap_or_default())
}

/// What the person takes along. It says neither their name nor what they need.
pub(super) fn slip(view: &ThreadView, service: &ServiceView) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let mut lines = Lines::new();
    lines.gap().line("For the person, on paper:");
    lines.field("reference", &summary.reference);
    lines.field("come", service.walk_in.as_ref().map(offer_line).unwrap_or_default());
    lines.field("where", place(service));
    lines.field("before", view.deadline_ms.map(when::human).unwrap_or_default());
    lines.done()
}

fn place(service: &ServiceView) -> String {
    let known = [&service.address, &service.commune_name].into_iter().filter(|part| !part.is_empty());
    known.cloned().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_proto::desk::v1::ThreadSummary;

    #[test]
    fn the_slip_tells_where_and_when_and_nothing_of_the_need() {
        let summary = ThreadSummary {
            reference: "7K3M-Q9XT".to_owned(),
            themes: vec!["numerique--acceder-a-une-connexion-internet".to_owned()],
            peer_name: "Croix-Rouge".to_owned(),
            ..ThreadSummary::default()
        };
        let view = ThreadView { summary: Some(summary), ..ThreadView::default() };
        let service = ServiceView {
            name: "Aide".to_owned(),
            address: "1 rue de l'Essai".to_owned(),
            commune_name: "La Rochelle".to_owned(),
            walk_in: Some(WalkInOffer {
                hours: "Tu 14:00-17:00".to_owned(),
                places_a_week: Some(3),
                digest: vec![1; 32],
            }),
            ..ServiceView::default()
        };
        let slip = slip(&view, &service);
        for told in ["7K3M-Q9XT", "Tu 14:00-17:00, 3 places a week", "1 rue de l'Essai, La Rochelle"] {
            assert!(slip.contains(told), "{slip}");
        }
        for kept in ["numerique", "Aide", "Croix-Rouge"] {
            assert!(!slip.contains(kept), "{slip}");
        }
    }
}
