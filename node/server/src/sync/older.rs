//! Records of a partner's that are older than those held here: each is asked for once, and its sender told what took its
//! place.

use relais_domain::digest::Digest;
use std::collections::BTreeSet;

/// Most records remembered of one stream that are older than those held here, so that they are asked for once.
const OLDER_MAX: usize = 8_192;

/// Those of one stream.
#[derive(Debug, Default)]
pub(super) struct Older(BTreeSet<Digest>);

impl Older {
    /// Remembers one while there is room: what is not remembered is asked for once more.
    pub(super) fn note(&mut self, identity: Digest) {
        if self.0.len() < OLDER_MAX {
            self.0.insert(identity);
        }
    }

    /// Whether it is one of them.
    pub(super) fn has(&self, identity: &Digest) -> bool {
        self.0.contains(identity)
    }

    /// Forgets all of them.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_remembered() {
        let number = |number: usize| Digest::of(&number.to_be_bytes());
        let mut older = Older::default();
        (0..8_200).for_each(|count| older.note(number(count)));
        assert_eq!((0..8_200).filter(|count| older.has(&number(*count))).count(), 8_192);
        older.forget();
        older.note(number(8_199));
        assert!(older.has(&number(8_199)) && !older.has(&number(0)));
    }
}
