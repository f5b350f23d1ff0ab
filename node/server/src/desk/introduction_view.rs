//! An introduction as it is shown.

use super::Desk;
use crate::introductions::{Introduction, Side, Standing, Trouble};
use relais_proto::desk::v1 as desk;

impl Desk {
    pub(super) fn introduction_view(&self, introduction: &Introduction) -> desk::IntroductionView {
        let chain = self.engine.peers().chain(introduction.with);
        let vouchers = match (introduction.is_under_way(), chain) {
            (false, _) => Vec::new(),
            (true, Some(chain)) => self.introductions.vouchers(&chain),
            (true, None) => self.introductions.recommended_by(introduction.with),
        };
        let asks = introduction.standing == Standing::Asking;
        desk::IntroductionView {
            structure_id: introduction.with.as_bytes().to_vec(),
            name: introduction.name.clone(),
            side: side(introduction.side).into(),
            standing: standing(introduction.standing).into(),
            begun_ms: introduction.begun.0,
            expires_ms: introduction.expires.0,
            vouchers: vouchers.iter().map(|one| self.voucher_view(one)).collect(),
            tries: introduction.tries,
            next_try_ms: asks.then_some(introduction.next_try.0),
            trouble: introduction.trouble.map_or(desk::IntroductionTrouble::Unspecified, trouble).into(),
            endpoints: introduction.endpoints.iter().map(|one| one.as_str().to_owned()).collect(),
        }
    }
}

fn side(side: Side) -> desk::IntroductionSide {
    match side {
        Side::AskedByUs => desk::IntroductionSide::AskedByUs,
        Side::AskedOfUs => desk::IntroductionSide::AskedOfUs,
    }
}

fn standing(standing: Standing) -> desk::IntroductionStanding {
    match standing {
        Standing::Asking => desk::IntroductionStanding::Asking,
        Standing::AwaitsUs => desk::IntroductionStanding::AwaitsUs,
        Standing::Confirmed => desk::IntroductionStanding::Confirmed,
        Standing::RefusedHere => desk::IntroductionStanding::RefusedHere,
        Standing::RefusedThere => desk::IntroductionStanding::RefusedThere,
        Standing::Lapsed => desk::IntroductionStanding::Lapsed,
        Standing::Expired => desk::IntroductionStanding::Expired,
    }
}

fn trouble(trouble: Trouble) -> desk::IntroductionTrouble {
    match trouble {
        Trouble::Unreachable => desk::IntroductionTrouble::Unreachable,
        Trouble::NotVouchedThere => desk::IntroductionTrouble::NotVouchedThere,
        Trouble::Full => desk::IntroductionTrouble::Full,
        Trouble::Agreement => desk::IntroductionTrouble::Agreement,
        Trouble::Known => desk::IntroductionTrouble::Known,
        Trouble::NotBelieved => desk::IntroductionTrouble::NotBelieved,
        Trouble::Unknown => desk::IntroductionTrouble::Unknown,
    }
}
