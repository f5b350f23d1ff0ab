//! A wrapper that keeps what concerns a person out of logs, errors and Debug output.

use std::fmt;

/// A value that concerns a person. It prints as `[personal]`, cannot be displayed, and is reached by
/// [`Personal::expose`] alone, so that every place that reads it can be searched for by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps `value`.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: only for sealing, for the page of a professional entitled to it, or for checks.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Unwraps the value.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        assert_eq!(format!("{:?}", Some(Personal::new("Amina"))), "Some([personal])");
    }
}
