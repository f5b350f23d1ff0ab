//! Who is calling: a session, an integration, or the socket peer's uid, in this order; and whether they may.

mod table;

pub use table::Access;
pub(super) use table::{Door, Row, Rpc, Told};

use super::{Desk, answer, answer::refused};
use crate::accounts::integrations::Scope;
use crate::accounts::sessions::{Session, Standing};
use crate::accounts::token::Token;
use crate::accounts::{Account, AccountError, seconds};
use crate::gateways::GatewayInfo;
use crate::users::{Role, User, UserError};
use relais_domain::id::ProfessionalId;
use std::collections::BTreeSet;
use tonic::metadata::MetadataValue;
use tonic::transport::server::UdsConnectInfo;
use tonic::{Code, Request, Status};

/// The metadata key that names one user when a uid has several.
const USER_KEY: &str = "relais-user";
/// The metadata key of a session's token, 32 bytes.
const SESSION_KEY: &str = "relais-session-bin";
/// The metadata key of an integration's token: its 32 bytes, or its 52 symbols as they were shown.
const INTEGRATION_KEY: &str = "relais-integration-bin";
/// The metadata key under which a caller who tried too often is told how many seconds to wait.
const WAIT_KEY: &str = "relais-retry-after-seconds";

/// A caller the node knows.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The professional.
    pub id: ProfessionalId,
    /// Their account.
    pub user: User,
    /// What speaks for them.
    pub by: By,
}

/// What speaks for a caller.
#[derive(Clone, Debug)]
pub enum By {
    /// A process of theirs at the other end of the socket.
    Uid,
    /// A session of theirs.
    Session(Session),
    /// An integration that acts for them.
    Integration {
        /// What it is called.
        name: String,
        /// What it may do.
        scopes: BTreeSet<Scope>,
    },
}

impl Caller {
    fn of(account: Account, by: By) -> Self {
        Self { id: account.id, user: account.user, by }
    }

    /// Whose account it is.
    pub(super) fn account(&self) -> Account {
        Account { id: self.id, user: self.user.clone() }
    }

    /// The session of the call, if there is one.
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.by {
            By::Session(session) => Some(session),
            By::Uid | By::Integration { .. } => None,
        }
    }

    /// Who reads, as the ledger's leaf of a reading says it: software is not the professional.
    pub(super) fn reader(&self) -> String {
        match &self.by {
            By::Uid | By::Session(_) => self.user.name.clone(),
            By::Integration { name, .. } => format!("{}/integration {name}", self.user.name),
        }
    }

    /// Whether software asks: what it is told leaves for a place that this node does not know.
    pub(super) fn is_software(&self) -> bool {
        match &self.by {
            By::Uid | By::Session(_) => false,
            By::Integration { .. } => true,
        }
    }

    /// Whether they may call another rpc too.
    pub(super) fn may(&self, rpc: Rpc) -> bool {
        self.judge(rpc).is_ok()
    }

    /// Judges whether the rpc is there for them.
    fn judge(&self, rpc: Rpc) -> Result<(), No> {
        let Row { access, door, .. } = rpc.row();
        let comes_in = match (&self.by, door) {
            (By::Uid, _) | (By::Session(_), Door::Newcomers) => true,
            (By::Session(session), Door::Users | Door::Software(_)) => match session.standing {
                Standing::Whole => true,
                Standing::PasswordNeeded => return Err(No::PasswordFirst),
            },
            (By::Integration { scopes, .. }, Door::Software(scope)) => scopes.contains(&scope),
            (By::Integration { .. }, Door::Users | Door::Newcomers) => false,
        };
        if !comes_in {
            return Err(No::Scope);
        }
        if self.user.roles.iter().any(|role| access.allows(*role)) { Ok(()) } else { Err(No::Role) }
    }
}

/// Why a known caller may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum No {
    Role,
    Scope,
    PasswordFirst,
}

impl No {
    /// What they are told; `other` is an account of the same system user that may.
    fn status(self, rpc: Rpc, other: Option<&str>) -> Status {
        let Row { access, told, .. } = rpc.row();
        match (self, told) {
            (Self::PasswordFirst, _) => {
                let sentence = AccountError::PasswordNeeded.to_string();
                refused(Code::PermissionDenied, "password_needed", None, sentence)
            }
            (Self::Role | Self::Scope, Told::NotThere) => answer::not_there(),
            (Self::Scope, Told::Role) => {
                let sentence = "this integration has no scope for it".to_owned();
                refused(Code::PermissionDenied, "scope", None, sentence)
            }
            (Self::Role, Told::Role) => {
                let roles = Role::ALL.into_iter().filter(|role| access.allows(*role)).map(Role::as_str);
                let roles = roles.collect::<Vec<_>>().join(" or ");
                let way =
                    other.map(|name| format!("; your system user is {name} too, who may: add `--as {name}`"));
                let way = way.unwrap_or_default();
                let sentence = format!("your role does not allow this: it takes {roles}{way}");
                refused(Code::PermissionDenied, "role", None, sentence)
            }
        }
    }
}

/// Lets someone the node does not know be told which structure this is, on this machine alone: on another one, nobody
/// is anybody without a token.
pub(super) fn may_be_unknown<T>(request: &Request<T>) -> Result<(), Status> {
    if request.extensions().get::<GatewayInfo>().is_some() { Err(unknown()) } else { Ok(()) }
}

/// The uid at the other end of the socket; none for a caller within this process or on another machine.
pub(super) fn uid<T>(request: &Request<T>) -> Option<u32> {
    let info = request.extensions().get::<UdsConnectInfo>();
    info.and_then(|info| info.peer_cred).map(|credentials| credentials.uid())
}

/// The caller, if the node knows them and they may call the rpc. Someone who may not is on record.
pub(super) async fn caller<T>(desk: &Desk, request: &Request<T>, rpc: Rpc) -> Result<Caller, Status> {
    let caller = known(desk, request).await?.ok_or_else(unknown)?;
    permit(desk, &caller, rpc).await?;
    Ok(caller)
}

impl Desk {
    /// As [`caller`].
    pub(super) async fn caller<T>(&self, request: &Request<T>, rpc: Rpc) -> Result<Caller, Status> {
        caller(self, request, rpc).await
    }
}

/// Whether a caller may call the rpc.
pub(super) async fn permit(desk: &Desk, caller: &Caller, rpc: Rpc) -> Result<(), Status> {
    let Err(no) = caller.judge(rpc) else { return Ok(()) };
    desk.accounts.note_refused(caller.id, rpc.as_str()).await;
    let other = other_account(desk, caller, rpc).await;
    Err(no.status(rpc, other.as_deref()))
}

/// Another account that the same system user may act as, and which may call the rpc.
async fn other_account(desk: &Desk, caller: &Caller, rpc: Rpc) -> Option<String> {
    match caller.by {
        By::Uid => {}
        By::Session(_) | By::Integration { .. } => return None,
    }
    let access = rpc.row().access;
    let others = desk.users.beside(caller.id, &caller.user).await.ok()?;
    let may = |user: &User| user.roles.iter().any(|role| access.allows(*role));
    others.into_iter().find(may).map(|user| user.name)
}

/// The caller, if the node knows them. A token that is wrong never falls through to the next way.
pub(super) async fn known<T>(desk: &Desk, request: &Request<T>) -> Result<Option<Caller>, Status> {
    if let Some(token) = borne(request, SESSION_KEY) {
        let token = token.ok_or_else(|| status(AccountError::Over))?;
        let (account, session) = desk.accounts.session(&token).await.map_err(status)?;
        return Ok(Some(Caller::of(account, By::Session(session))));
    }
    if let Some(token) = borne(request, INTEGRATION_KEY) {
        let token = token.ok_or_else(|| status(AccountError::Over))?;
        let (account, found) = desk.accounts.integration(&token).await.map_err(status)?;
        let by = By::Integration { name: found.name, scopes: found.scopes };
        return Ok(Some(Caller::of(account, by)));
    }
    let Some(uid) = uid(request) else { return Ok(None) };
    let named = request.metadata().get(USER_KEY).and_then(|value| value.to_str().ok());
    let found = desk.users.session(uid, named).await.map_err(|error| user_status(&error))?;
    Ok(found.map(|(id, user)| Caller::of(Account { id, user }, By::Uid)))
}

/// The session token that a call bears, right or wrong: what signing in ends.
pub(super) fn borne_session<T>(request: &Request<T>) -> Option<Token> {
    borne(request, SESSION_KEY).flatten()
}

/// The token under a key: none when the key is absent, none within when it holds anything but one token.
fn borne<T>(request: &Request<T>, key: &str) -> Option<Option<Token>> {
    let mut values = request.metadata().get_all_bin(key).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return Some(None);
    }
    let bytes = first.to_bytes().ok();
    Some(bytes.and_then(|bytes| {
        let written = || std::str::from_utf8(&bytes).ok().and_then(Token::parse);
        Token::from_slice(&bytes).or_else(written)
    }))
}

/// What a failure with the accounts is answered with.
pub(super) fn status(error: AccountError) -> Status {
    let sentence = error.to_string();
    let (code, name, field) = match &error {
        AccountError::WrongSignIn => (Code::Unauthenticated, "sign_in", None),
        AccountError::WrongLink => (Code::Unauthenticated, "link", None),
        AccountError::WrongCode => (Code::Unauthenticated, "totp", Some("totp")),
        AccountError::Over => (Code::Unauthenticated, "session", None),
        AccountError::WrongPassword => (Code::InvalidArgument, "password", Some("current")),
        AccountError::TooOften { wait } => return too_often(sentence, seconds(*wait)),
        AccountError::Busy => (Code::ResourceExhausted, "busy", None),
        AccountError::TooMany(_) => (Code::ResourceExhausted, "limit", None),
        AccountError::Weak(_) => (Code::InvalidArgument, "field", Some("password")),
        AccountError::Field(field, _) => (Code::InvalidArgument, "field", Some(*field)),
        AccountError::NotThere => return answer::not_there(),
        AccountError::PasswordNeeded => (Code::FailedPrecondition, "password_needed", None),
        AccountError::HasAuthenticator | AccountError::NoAuthenticator => {
            (Code::FailedPrecondition, "totp", None)
        }
        AccountError::Corrupt => {
            tracing::error!("Stored data of an account contradicts itself");
            (Code::Internal, "corrupt", None)
        }
        AccountError::User(error) => return user_status(error),
        AccountError::Commit(relais_store::CommitError::Conflict) => (Code::Aborted, "busy", None),
        AccountError::Commit(relais_store::CommitError::Store(error)) => {
            tracing::error!(%error, "The store could not answer");
            (Code::Unavailable, "store", None)
        }
    };
    refused(code, name, field, sentence)
}

fn too_often(sentence: String, seconds: i64) -> Status {
    let mut answer = refused(Code::ResourceExhausted, "too_often", None, sentence);
    answer.metadata_mut().insert(WAIT_KEY, MetadataValue::from(seconds));
    answer
}

/// What a failure with the users is answered with.
pub(super) fn user_status(error: &UserError) -> Status {
    let (code, name, field) = match error {
        UserError::Name => (Code::InvalidArgument, "field", Some("name")),
        UserError::NoRole => (Code::InvalidArgument, "field", Some("roles")),
        UserError::Taken => (Code::AlreadyExists, "field", Some("name")),
        UserError::TooMany => (Code::ResourceExhausted, "limit", None),
        UserError::NotThere => return answer::not_there(),
        UserError::LastAdmin => (Code::FailedPrecondition, "last_admin", None),
        UserError::Corrupt => (Code::Internal, "corrupt", None),
        UserError::Commit(_) => (Code::Unavailable, "store", None),
    };
    refused(code, name, field, error.to_string())
}

fn unknown() -> Status {
    let sentence = "this node does not know you: an admin adds you with `relais user add`".to_owned();
    refused(Code::Unauthenticated, "unknown_user", None, sentence)
}

#[cfg(test)]
mod tests;
