//! The link: `relais://join/<host:port>/<structure id>/<number>?e=<expiry>#<secret>`.
//!
//! Several endpoints stand with commas between them. The structure id is compact (56 symbols with its checks); number and secret
//! are Crockford base32, the secret with one check symbol, in the fragment so that no server ever sees it.

use super::{Invitation, InvitationNumber, InvitationSecret, SECRET_BYTES};
use crate::{crockford, endpoint::Endpoint};
use relais_domain::{
    structure_id::{StructureId, StructureIdError},
    time::{Span, Timestamp},
};
use secrecy::SecretString;
use std::fmt::Write as _;
use zeroize::Zeroizing;

/// What every link begins with.
const SCHEME: &str = "relais://join/";
/// Longest link, in bytes.
pub const LINK_BYTES_MAX: usize = 1024;

/// Which part of a link is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LinkError {
    /// Longer than any link.
    #[error("this is too long for an invitation link")]
    Oversize,
    /// Does not begin with `relais://join/`.
    #[error("an invitation link begins with {SCHEME}")]
    Scheme,
    /// A part is missing or one too many.
    #[error("the invitation link is incomplete")]
    Shape,
    /// An endpoint is not `host:port`, or there are too many.
    #[error("the address in the invitation link is not host:port")]
    Endpoint,
    /// The structure id is mistyped.
    #[error("in the invitation link, {0}")]
    StructureId(StructureIdError),
    /// The number is mistyped.
    #[error("the number in the invitation link has not 13 symbols")]
    Number,
    /// The expiry is no instant.
    #[error("the expiry in the invitation link is no instant")]
    Expiry,
    /// The secret after `#` has not its 27 symbols.
    #[error("the secret after # in the invitation link has not 27 symbols")]
    Secret,
    /// A symbol of the secret is mistyped.
    #[error("a symbol of the secret after # in the invitation link is mistyped")]
    SecretCheck,
}

impl Invitation {
    /// The link, with the secret in it: shown once, to the admin.
    pub fn link(&self) -> SecretString {
        let mut link = Zeroizing::new(String::with_capacity(LINK_BYTES_MAX));
        let endpoints: Vec<&str> = self.endpoints.iter().map(Endpoint::as_str).collect();
        link.push_str(SCHEME);
        link.push_str(&endpoints.join(","));
        link.push('/');
        link.push_str(&self.inviter.compact());
        link.push('/');
        link.extend(crockford::encode(&self.number.0).iter().map(|value| crockford::symbol(*value)));
        // Writing to a String cannot fail.
        let _ = write!(link, "?e={}#", self.expires.0.div_euclid(Span::seconds(1).0));
        let secret = crockford::encode(self.secret.expose());
        link.extend(secret.iter().map(|value| crockford::symbol(*value)));
        link.push(crockford::symbol(crockford::check_value(&secret)));
        SecretString::from(link.as_str())
    }
}

/// Reads a link. Whether it has expired is for the caller to judge, who has a clock.
///
/// # Errors
/// [`LinkError`] names the part that is wrong.
pub fn parse_link(text: &str) -> Result<Invitation, LinkError> {
    let text = text.trim();
    if text.len() > LINK_BYTES_MAX {
        return Err(LinkError::Oversize);
    }
    let rest = text.strip_prefix(SCHEME).ok_or(LinkError::Scheme)?;
    let (rest, secret) = rest.split_once('#').ok_or(LinkError::Shape)?;
    let (path, expiry) = rest.split_once("?e=").ok_or(LinkError::Shape)?;
    let mut parts = path.split('/');
    let (Some(endpoints), Some(inviter), Some(number), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(LinkError::Shape);
    };
    Ok(Invitation {
        endpoints: read_endpoints(endpoints)?,
        inviter: StructureId::parse(inviter).map_err(LinkError::StructureId)?,
        number: read_number(number)?,
        expires: read_expiry(expiry)?,
        secret: read_secret(secret)?,
    })
}

fn read_endpoints(text: &str) -> Result<Vec<Endpoint>, LinkError> {
    let endpoints: Vec<Endpoint> =
        text.split(',').map(Endpoint::parse).collect::<Result<_, _>>().map_err(|_| LinkError::Endpoint)?;
    if endpoints.len() > Invitation::ENDPOINTS_MAX { Err(LinkError::Endpoint) } else { Ok(endpoints) }
}

fn read_number(text: &str) -> Result<InvitationNumber, LinkError> {
    let values = crockford::values(text).ok_or(LinkError::Number)?;
    crockford::decode::<8>(&values).map(|number| InvitationNumber(*number)).ok_or(LinkError::Number)
}

fn read_expiry(text: &str) -> Result<Timestamp, LinkError> {
    let seconds: u32 = text.parse().map_err(|_| LinkError::Expiry)?;
    Ok(Timestamp(0).plus(Span::seconds(seconds.into())))
}

fn read_secret(text: &str) -> Result<InvitationSecret, LinkError> {
    let mut values = crockford::values(text).ok_or(LinkError::Secret)?;
    if values.len() != crockford::symbols_for(SECRET_BYTES) + 1 {
        return Err(LinkError::Secret);
    }
    let check = values.pop();
    if check != Some(crockford::check_value(&values)) {
        return Err(LinkError::SecretCheck);
    }
    crockford::decode(&values).map(|secret| InvitationSecret::from_bytes(&secret)).ok_or(LinkError::Secret)
}
