//! Who is calling, and the one table of who may call what.

use super::answer::refused;
use crate::users::{Role, User, UserError, Users};
use relais_domain::id::ProfessionalId;
use tonic::transport::server::UdsConnectInfo;
use tonic::{Code, Request, Status};

/// The metadata key that names one user when a uid has several.
const USER_KEY: &str = "relais-user";

/// A caller the node knows.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The professional.
    pub id: ProfessionalId,
    /// Their account.
    pub user: User,
}

/// What an rpc is about, as far as roles go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Says nothing of anyone.
    Any,
    /// Runs the node.
    Administer,
    /// Publishes services.
    Publish,
    /// Sees referrals and handovers.
    See,
    /// Opens and acts on them, follows persons.
    Act,
    /// Reads proofs.
    Audit,
    /// Sees the users.
    SeeUsers,
}

impl Access {
    /// Every kind of access.
    pub const ALL: [Self; 7] =
        [Self::Any, Self::Administer, Self::Publish, Self::See, Self::Act, Self::Audit, Self::SeeUsers];

    /// Whether a role has it. This is the whole table.
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::Any => true,
            Self::Administer => role == Role::Admin,
            Self::Publish => matches!(role, Role::Admin | Role::Coordinator),
            Self::See | Self::Act => matches!(role, Role::Counsellor | Role::Coordinator),
            Self::Audit | Self::SeeUsers => matches!(role, Role::Admin | Role::Auditor),
        }
    }
}

/// The uid at the other end of the socket.
pub(super) fn uid<T>(request: &Request<T>) -> Result<u32, Status> {
    let info = request.extensions().get::<UdsConnectInfo>();
    let credentials = info.and_then(|info| info.peer_cred);
    credentials.map(|credentials| credentials.uid()).ok_or_else(unknown)
}

/// The caller, if the node knows them and their role allows the rpc.
pub(super) async fn caller<T>(users: &Users, request: &Request<T>, access: Access) -> Result<Caller, Status> {
    let caller = known(users, request).await?.ok_or_else(unknown)?;
    if caller.user.roles.iter().any(|role| access.allows(*role)) {
        return Ok(caller);
    }
    let roles: Vec<&str> =
        Role::ALL.into_iter().filter(|role| access.allows(*role)).map(Role::as_str).collect();
    let sentence = format!("your role does not allow this: it takes {}", roles.join(" or "));
    Err(refused(Code::PermissionDenied, "role", None, sentence))
}

/// The caller, if the node knows them.
pub(super) async fn known<T>(users: &Users, request: &Request<T>) -> Result<Option<Caller>, Status> {
    let uid = uid(request)?;
    let named = request.metadata().get(USER_KEY).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let found = users.session(uid, named.as_deref()).await.map_err(|error| status(&error))?;
    Ok(found.map(|(id, user)| Caller { id, user }))
}

/// What a failure with the users is answered with.
pub(super) fn status(error: &UserError) -> Status {
    let (code, name, field) = match error {
        UserError::Name => (Code::InvalidArgument, "field", Some("name")),
        UserError::NoRole => (Code::InvalidArgument, "field", Some("roles")),
        UserError::Taken => (Code::AlreadyExists, "field", Some("name")),
        UserError::TooMany => (Code::ResourceExhausted, "limit", None),
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
mod tests {
    use super::*;

    #[test]
    fn admins_and_auditors_see_no_person() {
        for role in [Role::Admin, Role::Auditor] {
            assert!(!Access::See.allows(role));
            assert!(!Access::Act.allows(role));
        }
        assert!(!Access::Administer.allows(Role::Counsellor));
        assert!(!Access::Audit.allows(Role::Counsellor));
        assert!(!Access::Publish.allows(Role::Auditor));
    }
}
