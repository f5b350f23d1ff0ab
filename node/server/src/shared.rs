//! A value in memory that many read and few write.
//!
//! A thread that reads it twice at once waits for ever when someone wants to write in between. A debug build, and so
//! every test, says so at the second read instead of waiting for the day on which a writer comes.

use std::ops::{Deref, DerefMut};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A value behind a lock that a thread takes once. What a panic left is taken as it is: writers put whole values in.
#[derive(Default, Debug)]
pub(crate) struct Shared<T>(RwLock<T>);

impl<T> Shared<T> {
    /// A value that nobody reads yet.
    pub(crate) fn new(value: T) -> Self {
        Self(RwLock::new(value))
    }

    /// Looks at the value beside others who do.
    pub(crate) fn read(&self) -> Reading<'_, T> {
        let once = Once::begin(self);
        Reading { value: self.0.read().unwrap_or_else(PoisonError::into_inner), _once: once }
    }

    /// Changes the value; nobody reads it meanwhile.
    pub(crate) fn write(&self) -> Writing<'_, T> {
        let once = Once::begin(self);
        Writing { value: self.0.write().unwrap_or_else(PoisonError::into_inner), _once: once }
    }
}

/// A value that is being read.
#[derive(Debug)]
pub(crate) struct Reading<'a, T> {
    value: RwLockReadGuard<'a, T>,
    _once: Once,
}

impl<T> Deref for Reading<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A value that is being changed.
#[derive(Debug)]
pub(crate) struct Writing<'a, T> {
    value: RwLockWriteGuard<'a, T>,
    _once: Once,
}

impl<T> Deref for Writing<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Writing<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

#[cfg(debug_assertions)]
use watched::Once;

/// In a debug build: which values this thread has taken.
#[cfg(debug_assertions)]
mod watched {
    use super::Shared;
    use std::cell::RefCell;

    thread_local! {
        static TAKEN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }

    /// That this thread has taken the value at an address.
    #[derive(Debug)]
    pub(super) struct Once(usize);

    impl Once {
        pub(super) fn begin<T>(value: &Shared<T>) -> Self {
            let address = std::ptr::from_ref(value).addr();
            TAKEN.with_borrow_mut(|taken| {
                assert!(
                    !taken.contains(&address),
                    "this thread has taken it already, and would wait for itself"
                );
                taken.push(address);
            });
            Self(address)
        }
    }

    impl Drop for Once {
        fn drop(&mut self) {
            TAKEN.with_borrow_mut(|taken| taken.retain(|address| *address != self.0));
        }
    }
}

/// In a release: nothing is watched.
#[cfg(not(debug_assertions))]
#[derive(Debug)]
struct Once;

#[cfg(not(debug_assertions))]
impl Once {
    fn begin<T>(_: &Shared<T>) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use super::Shared;

    #[test]
    fn one_after_the_other_and_two_side_by_side_are_taken() {
        let (one, other) = (Shared::new(1), Shared::new(2));
        assert_eq!(*one.read() + *other.read(), 3);
        *one.write() += 1;
        assert_eq!(*one.read(), 2);
    }

    #[test]
    #[should_panic(expected = "would wait for itself")]
    fn a_thread_that_reads_what_it_reads_is_told() {
        let value = Shared::new(1);
        let _reading = value.read();
        let _again = value.read();
    }

    #[test]
    #[should_panic(expected = "would wait for itself")]
    fn a_thread_that_writes_what_it_reads_is_told() {
        let value = Shared::new(1);
        let _reading = value.read();
        let _writing = value.write();
    }
}
