//! One suite for every backend: what a store promises, rule by rule.
//!
//! It needs no runtime: a backend's tests call [`all`] with a way to open a fresh, empty store, and run the future on
//! whatever they have. Nothing here stops the program; a broken promise comes back as a [`Failure`].

mod failure;
mod join;
pub mod sample;
mod threads;

pub use failure::Failure;

use crate::Store;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a backend does, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A backend under test.
pub trait Backend: Send {
    /// The store that is open now.
    fn store(&self) -> Arc<dyn Store>;

    /// Closes the store and opens again what it kept. No check holds a handle on the former store by then.
    fn reopen(&mut self) -> Later<'_, ()>;
}

/// One promise.
#[derive(Clone, Copy)]
pub struct Rule {
    name: &'static str,
    check: for<'a> fn(&'a mut (dyn Backend + 'static)) -> Later<'a, Result<(), Failure>>,
}

impl Rule {
    /// The promise, as a sentence.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Checks it on a backend whose store is empty.
    ///
    /// # Errors
    /// [`Failure`] says what is not as promised.
    pub async fn check(&self, backend: &mut (dyn Backend + 'static)) -> Result<(), Failure> {
        (self.check)(backend).await.map_err(|failure| failure.of(self.name))
    }
}

/// Checks every rule, each on a backend of its own.
///
/// # Errors
/// Every [`Failure`] met.
pub async fn all<B: Backend + 'static>(fresh: impl AsyncFn() -> B) -> Result<(), Vec<Failure>> {
    let mut failures = Vec::new();
    for rule in RULES {
        let mut backend = fresh().await;
        failures.extend(rule.check(&mut backend).await.err());
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

macro_rules! rules {
    ($($room:ident::$check:ident),+ $(,)?) => {
        /// Every rule of the suite.
        pub const RULES: &[Rule] = &[$(Rule {
            name: stringify!($check),
            check: |backend| Box::pin($room::$check(backend)),
        }),+];
    };
}

rules![threads::a_thread_comes_back_as_it_was_written];
