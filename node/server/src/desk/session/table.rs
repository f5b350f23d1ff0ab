//! The one table of who may call what: for each rpc the access it takes, what someone without it is told, which scope
//! opens it to an integration, and whether it is there for someone who has no password yet.
//!
//! Someone without the role learns nothing of what is there: an rpc that names a referral, a follow-up, a user or an
//! event answers them as if there were nothing of this name; one that names nothing, or what everyone here may list
//! (partners, services), says which role it takes. Either way the answer depends on who asks alone.

use crate::accounts::integrations::Scope;
use crate::users::Role;

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

    /// Whether a role has it.
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

/// What someone without the role is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    /// Which role it takes.
    Role,
    /// That there is nothing of this name.
    NotThere,
}

/// For whom an rpc is there besides those who have the role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Door {
    /// Users in person.
    Users,
    /// Users in person, also before they have set a password.
    Newcomers,
    /// Users in person, and integrations with this scope.
    Software(Scope),
}

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// What it takes.
    pub(crate) access: Access,
    /// What those are told who lack it.
    pub(crate) told: Told,
    /// For whom it is there.
    pub(crate) door: Door,
}

macro_rules! rpcs {
    ($($name:ident: $access:ident, $told:ident, $door:expr;)+) => {
        /// An rpc that someone must be known for.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub(crate) enum Rpc { $($name),+ }

        impl Rpc {
            /// Every rpc that someone must be known for.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name in the protocol.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// Its row.
            pub(crate) const fn row(self) -> Row {
                match self {
                    $(Self::$name => Row { access: Access::$access, told: Told::$told, door: $door }),+
                }
            }
        }
    };
}

use Door::{Newcomers, Software, Users};
use Scope::{
    FlowsRead, FollowUps, Inquiries, ServicesRead, ServicesWrite, ThreadsAct, ThreadsList, ThreadsRead,
};

rpcs! {
    Status: Any, Role, Users;
    AddUser: Administer, Role, Users;
    ListUsers: SeeUsers, Role, Users;
    ChangeUser: Administer, NotThere, Users;
    SignOut: Any, Role, Newcomers;
    CreateSignInLink: Administer, NotThere, Users;
    SetPassword: Any, Role, Newcomers;
    BeginTotp: Any, Role, Users;
    ConfirmTotp: Any, Role, Users;
    RemoveTotp: Any, Role, Users;
    RemoveTotpOfOthers: Administer, NotThere, Users;
    ShowAccount: Any, Role, Newcomers;
    RevokeSession: Any, Role, Users;
    CreateIntegration: Any, Role, Users;
    CreateIntegrationOfOthers: Administer, Role, Users;
    ListIntegrations: Any, Role, Users;
    ListIntegrationsOfOthers: SeeUsers, Role, Users;
    RevokeIntegration: Any, NotThere, Users;
    RevokeIntegrationOfOthers: Administer, NotThere, Users;
    SaveDraft: Any, Role, Users;
    ShowDraft: Any, Role, Users;
    ListDrafts: Any, Role, Users;
    DiscardDraft: Any, Role, Users;
    SavePage: Administer, Role, Users;
    CreateInvitation: Administer, Role, Users;
    ListInvitations: Administer, Role, Users;
    JoinInvitation: Administer, Role, Users;
    ConfirmPairing: Administer, Role, Users;
    ListPeers: Any, Role, Users;
    SuspendPeer: Administer, Role, Users;
    ResumePeer: Administer, Role, Users;
    RemovePeer: Administer, Role, Users;
    ImportServices: Publish, Role, Software(ServicesWrite);
    ListServices: Any, Role, Software(ServicesRead);
    SetCapacity: Publish, Role, Software(ServicesWrite);
    SetWalkIn: Publish, Role, Software(ServicesWrite);
    FindServices: Any, Role, Software(ServicesRead);
    FindCommunes: Any, Role, Software(ServicesRead);
    ShowNotice: Any, Role, Software(ThreadsAct);
    PreviewReferral: Act, Role, Software(ThreadsAct);
    OpenReferral: Act, Role, Software(ThreadsAct);
    OpenHandover: Act, Role, Software(ThreadsAct);
    ListThreads: See, Role, Software(ThreadsList);
    ShowThread: See, NotThere, Software(ThreadsRead);
    FindReference: See, NotThere, Software(ThreadsRead);
    Act: Act, NotThere, Software(ThreadsAct);
    CancelDelayed: Act, NotThere, Software(ThreadsAct);
    WaitDelivered: See, NotThere, Software(ThreadsAct);
    ShowConsent: See, NotThere, Software(ThreadsRead);
    OpenFollowUp: Act, Role, Software(FollowUps);
    ListFollowUps: See, Role, Software(FollowUps);
    ShowFollowUp: See, NotThere, Software(FollowUps);
    Flows: Any, Role, Software(FlowsRead);
    LedgerCheckpoint: Any, Role, Users;
    LedgerProve: Audit, NotThere, Users;
    LedgerStatus: Audit, Role, Users;
    SeedDirectory: Administer, Role, Users;
    OpenDataStatus: Any, Role, Software(ServicesRead);
    ShowOpenEntry: Any, Role, Software(ServicesRead);
    ExportServices: Any, Role, Software(ServicesRead);
    ShowDirectory: Audit, Role, Users;
    SubscribeDirectory: Administer, Role, Users;
    RefuseStructure: Administer, Role, Users;
    AllowStructure: Administer, Role, Users;
    AskInquiry: Act, Role, Software(Inquiries);
    ShowInquiry: See, NotThere, Software(Inquiries);
    ListInquiries: See, Role, Software(Inquiries);
    AnswerInquiry: Act, NotThere, Software(Inquiries);
    ShowInquiryAnswers: Any, Role, Users;
    SetInquiryAnswers: Administer, Role, Users;
    EndorsePeer: Administer, Role, Users;
    WithdrawEndorsement: Administer, Role, Users;
    ListEndorsements: Any, Role, Users;
    AskIntroduction: Administer, Role, Users;
    ListIntroductions: Administer, Role, Users;
    RefuseIntroduction: Administer, Role, Users;
    WithdrawService: Publish, Role, Software(ServicesWrite);
    RemoveOpenData: Administer, Role, Users;
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

    /// The rest of the protocol needs nobody: signing in, the public pages, and who one is.
    #[test]
    fn every_rpc_of_the_protocol_is_in_the_table() {
        const NOBODY: [&str; 4] = ["Whoami", "SignIn", "SignInWithLink", "ShowPage"];
        const OF_OTHERS: [&str; 4] = [
            "RemoveTotpOfOthers",
            "CreateIntegrationOfOthers",
            "ListIntegrationsOfOthers",
            "RevokeIntegrationOfOthers",
        ];
        let proto = include_str!("../../../../../proto/relais/desk/v1/desk.proto");
        let named = proto.lines().filter_map(|line| line.trim().strip_prefix("rpc "));
        let mut named: Vec<&str> = named.filter_map(|rest| rest.split('(').next()).collect();
        named.retain(|name| !NOBODY.contains(name));
        let rows: Vec<&str> = Rpc::ALL.iter().map(|rpc| rpc.as_str()).collect();
        let missing: Vec<&&str> = named.iter().filter(|name| !rows.contains(name)).collect();
        assert!(missing.is_empty(), "no row: {missing:?}");
        let invented: Vec<&&str> =
            rows.iter().filter(|row| !named.contains(row) && !OF_OTHERS.contains(row)).collect();
        assert!(invented.is_empty(), "no rpc: {invented:?}");
    }

    #[test]
    fn software_never_runs_the_node_nor_reads_an_account_or_a_draft() {
        for rpc in Rpc::ALL {
            let Row { access, door, .. } = rpc.row();
            let kept_from_software = matches!(access, Access::Administer | Access::Audit | Access::SeeUsers)
                || rpc.as_str().contains("Integration")
                || rpc.as_str().contains("Draft");
            assert!(!(kept_from_software && matches!(door, Door::Software(_))), "{rpc:?}");
        }
    }

    #[test]
    fn persons_followed_take_a_scope_of_their_own() {
        for rpc in Rpc::ALL.iter().filter(|rpc| rpc.as_str().contains("FollowUp")) {
            assert_eq!(rpc.row().door, Door::Software(Scope::FollowUps), "{rpc:?}");
        }
        let opened: Vec<_> =
            Rpc::ALL.iter().filter(|rpc| rpc.row().door == Door::Software(Scope::FollowUps)).collect();
        assert_eq!(opened.len(), 3, "{opened:?}");
    }

    /// Asking partners needs no key to persons, and that key opens nothing else.
    #[test]
    fn inquiries_take_a_scope_of_their_own() {
        let opened: Vec<&str> = Rpc::ALL
            .iter()
            .filter(|rpc| rpc.row().door == Door::Software(Scope::Inquiries))
            .map(|rpc| rpc.as_str())
            .collect();
        assert_eq!(opened, ["AskInquiry", "ShowInquiry", "ListInquiries", "AnswerInquiry"]);
    }

    #[test]
    fn newcomers_set_a_password_and_nothing_else() {
        let open: Vec<&str> =
            Rpc::ALL.iter().filter(|rpc| rpc.row().door == Door::Newcomers).map(|rpc| rpc.as_str()).collect();
        assert_eq!(open, ["SignOut", "SetPassword", "ShowAccount"]);
    }
}
