//! The only clock and the only dice.

use rand::SeedableRng as _;
use rand::rngs::{ChaCha20Rng, SysRng};
use rand_core::{Rng as _, TryRng as _};
use relais_domain::time::{Span, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The node's clock. It can be shifted, so that tests see what happens when clocks disagree.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    shift_ms: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// The machine's clock, shifted.
    pub fn shifted(shift: Span) -> Self {
        let clock = Self::default();
        clock.shift(shift);
        clock
    }

    /// Shifts the clock to the machine's plus `shift`.
    pub fn shift(&self, shift: Span) {
        self.shift_ms.store(shift.0, Ordering::Relaxed);
    }

    /// Now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    pub fn now(&self) -> Timestamp {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let machine = i64::try_from(machine.as_millis()).unwrap_or(i64::MAX);
        Timestamp(machine.saturating_add(self.shift_ms.load(Ordering::Relaxed)))
    }
}

/// The node's dice: a cryptographic generator, seeded by the machine.
#[derive(Clone)]
pub struct Dice {
    source: Arc<Mutex<ChaCha20Rng>>,
}

impl std::fmt::Debug for Dice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dice")
    }
}

/// The machine gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the machine gave no randomness")]
pub struct NoRandomness;

impl Dice {
    /// Dice seeded by the machine.
    ///
    /// # Errors
    /// [`NoRandomness`] when the machine gives none.
    pub fn system() -> Result<Self, NoRandomness> {
        let mut seed = [0; 32];
        SysRng.try_fill_bytes(&mut seed).map_err(|_| NoRandomness)?;
        Ok(Self { source: Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed))) })
    }

    /// Bytes of randomness.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.source.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// A generator of its own, for functions that take one.
    pub fn generator(&self) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(self.bytes())
    }

    /// A number from 0 to `most`.
    pub fn up_to(&self, most: u64) -> u64 {
        u64::from_le_bytes(self.bytes()).checked_rem(most.saturating_add(1)).unwrap_or(0)
    }
}
