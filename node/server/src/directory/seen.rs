//! What whoever acts had seen before: nobody undoes, by a page that is old, what they have not seen.

/// What was seen of something before it is said anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen<T> {
    /// It was not looked at: whatever is there is replaced.
    Unasked,
    /// This; `None` when there was nothing.
    This(Option<T>),
}

impl<T: PartialEq> Seen<T> {
    /// Whether `present` may be replaced: it is what was seen, or nobody looked.
    pub(super) fn is_still(&self, present: Option<&T>) -> bool {
        match self {
            Self::Unasked => true,
            Self::This(seen) => seen.as_ref() == present,
        }
    }
}
