//! Stored numbers of the few choices that have none in the domain. They never change.

use relais_domain::event::Counts;
use relais_domain::thread::{Freeze, Signing};
use relais_store::rows::OutboxState;

macro_rules! stored {
    ($($write:ident, $read:ident: $choice:ident { $($variant:ident = $number:literal),+ $(,)? })+) => {$(
        pub(super) const fn $write(choice: $choice) -> u32 {
            match choice { $($choice::$variant => $number),+ }
        }

        pub(super) fn $read(number: u32) -> Option<$choice> {
            [$($choice::$variant),+].into_iter().find(|choice| $write(*choice) == number)
        }
    )+};
}

stored! {
    of_counts, to_counts: Counts { Yes = 1, No = 2 }
    of_freeze, to_freeze: Freeze { No = 1, Forked = 2 }
    of_signing, to_signing: Signing { ByItself = 1, Asks = 2 }
    of_state, to_state: OutboxState { Waiting = 1, Parked = 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_there_and_back() {
        assert_eq!(to_counts(of_counts(Counts::No)), Some(Counts::No));
        assert_eq!(to_freeze(of_freeze(Freeze::Forked)), Some(Freeze::Forked));
        assert_eq!(to_signing(of_signing(Signing::Asks)), Some(Signing::Asks));
        assert_eq!(to_state(of_state(OutboxState::Parked)), Some(OutboxState::Parked));
        assert_eq!((to_counts(0), to_freeze(3), to_signing(0), to_state(3)), (None, None, None, None));
    }
}
