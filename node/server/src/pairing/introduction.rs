//! Whether an introduction is that of whoever holds the other end of the connection.

use crate::tls::{IdentityError, PinBoard, PinError, Purpose, identity_of, unix_time, verify_leaf};
use relais_domain::time::Timestamp;
use relais_wire::manifest::Validity;
use relais_wire::manifest::chain::Chain;
use relais_wire::pairing::Party;

/// Why an introduction is not believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IntroductionError {
    /// The manifests are of another structure than the certificate of the connection.
    #[error("the manifests and the certificate of the connection are of two structures")]
    TwoStructures,
    /// The certificate of the connection is not from the CA the manifest names.
    #[error(transparent)]
    Certificate(#[from] IdentityError),
    /// The manifest does not hold now.
    #[error("the other side's manifest does not hold now: compare clocks, or ask it to renew")]
    Validity,
    /// Its CA cannot be pinned.
    #[error(transparent)]
    Pin(#[from] PinError),
}

/// Believes `chain` of whoever presented `leaf` (DER) on this connection.
///
/// # Errors
/// [`IntroductionError`].
pub(super) fn believe(
    chain: &Chain,
    leaf: &[u8],
    purpose: Purpose,
    pins: &PinBoard,
    now: Timestamp,
) -> Result<Party, IntroductionError> {
    let structure = chain.structure();
    if identity_of(leaf)? != structure {
        return Err(IntroductionError::TwoStructures);
    }
    verify_leaf(leaf, chain.tls_ca(), purpose, unix_time(now))?;
    if chain.validity_at(now) != Validity::Valid {
        return Err(IntroductionError::Validity);
    }
    pins.check(structure, chain.tls_ca())?;
    Ok(Party { structure, manifest: chain.current().identity() })
}
