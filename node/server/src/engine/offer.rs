//! A walk-in referral begins where others are accepted, so it must name an offer that this structure made.

use super::{Engine, EngineError};
use crate::directory::offer_stood;
use relais_domain::content::check::FieldError;
use relais_domain::refusal::Refusal;
use relais_domain::thread::Delivery;

impl Engine {
    /// Refuses an opening that names no offer of this structure, or one that had ended when it was written.
    pub(super) async fn check_offer(&self, delivery: &Delivery) -> Result<(), EngineError> {
        let content = delivery.content.as_ref();
        let Some(need) = content.and_then(|content| content.need.as_ref()) else { return Ok(()) };
        let Some(offer) = need.walk_in else { return Ok(()) };
        let sent_at = content.and_then(|content| content.times).map(|times| times.created);
        let sent_at = sent_at.unwrap_or_else(|| self.clock.now());
        if offer_stood(&*self.store, self.own.structure(), &need.service, offer, sent_at).await? {
            return Ok(());
        }
        let problem = "names no standing offer of this service: look it up again".to_owned();
        Err(Refusal::Field(FieldError { field: "need.walk_in", problem }).into())
    }
}
