//! Accounts at the Desk: one's own, its sessions and its authenticator; what an admin does with others'.

mod integrations;
mod sign_in;

use super::admin::{role, user_view, work};
use super::session::{self, Rpc};
use super::{Caller, Desk, answer};
use crate::accounts::sessions::{Session, Standing as SessionStanding};
use crate::accounts::{Account, OwnedAccount};
use crate::users::{Change, Role, Standing};
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::YesNo;
use secrecy::{ExposeSecret as _, SecretString};
use sign_in::code;
use std::collections::BTreeSet;
use tonic::Status;

impl Desk {
    pub(super) async fn begin_totp(
        &self,
        request: desk::BeginTotpRequest,
        caller: &Caller,
    ) -> Result<desk::TotpSecret, Status> {
        let password = SecretString::from(request.password);
        let told = self.accounts.begin_totp(&caller.account(), password).await.map_err(session::status)?;
        Ok(desk::TotpSecret {
            secret: told.secret.expose_secret().to_owned(),
            address: told.address.expose_secret().to_owned(),
        })
    }

    pub(super) async fn confirm_totp(
        &self,
        request: desk::ConfirmTotpRequest,
        caller: &Caller,
    ) -> Result<desk::AccountView, Status> {
        let code = code(request.totp)?;
        self.accounts.confirm_totp(&caller.account(), &code).await.map_err(session::status)?;
        self.show_account(caller).await
    }

    pub(super) async fn remove_totp(
        &self,
        request: desk::RemoveTotpRequest,
        caller: &Caller,
    ) -> Result<desk::AccountView, Status> {
        if request.name.is_empty() || request.name == caller.user.name {
            let password = SecretString::from(request.password);
            let removed = self.accounts.remove_own_totp(&caller.account(), password).await;
            removed.map_err(session::status)?;
            return self.show_account(caller).await;
        }
        session::permit(self, caller, Rpc::RemoveTotpOfOthers).await?;
        let of = self.accounts.remove_totp_of(&caller.account(), &request.name).await;
        let of = of.map_err(session::status)?;
        let shown = self.accounts.show(of.id).await.map_err(session::status)?;
        // Where and when others are signed in is their own matter.
        Ok(account_view(&of, &OwnedAccount { sessions: Vec::new(), ..shown }, None))
    }

    pub(super) async fn show_account(&self, caller: &Caller) -> Result<desk::AccountView, Status> {
        let shown = self.accounts.show(caller.id).await.map_err(session::status)?;
        Ok(account_view(&caller.account(), &shown, caller.session()))
    }

    pub(super) async fn revoke_session(
        &self,
        request: desk::RevokeSessionRequest,
        caller: &Caller,
    ) -> Result<desk::AccountView, Status> {
        let (account, current) = (caller.account(), caller.session());
        let revoked = self.accounts.revoke_sessions(&account, &request.session_id, current).await;
        revoked.map_err(session::status)?;
        self.show_account(caller).await
    }

    pub(super) async fn change_user(
        &self,
        request: desk::ChangeUserRequest,
        caller: &Caller,
    ) -> Result<desk::UserView, Status> {
        let roles: BTreeSet<Role> =
            request.roles.iter().map(|number| role(*number)).collect::<Result<_, _>>()?;
        let standing = match YesNo::try_from(request.closed) {
            Ok(YesNo::Unspecified) => None,
            Ok(YesNo::Yes) => Some(Standing::Closed),
            Ok(YesNo::No) => Some(Standing::Open),
            Err(_) => return Err(answer::field("closed", "yes or no")),
        };
        let work = request.professional.map(work).transpose()?;
        let change = Change { roles: (!roles.is_empty()).then_some(roles), work, standing };
        let user = self.accounts.change_user(&request.name, change).await.map_err(session::status)?;
        tracing::info!(by = %caller.id, "User changed");
        Ok(user_view(&user))
    }
}

fn account_view(account: &Account, shown: &OwnedAccount, current: Option<&Session>) -> desk::AccountView {
    let by_link = current.is_some_and(|current| current.standing == SessionStanding::PasswordNeeded);
    let yes_no = |is: bool| i32::from(if is { YesNo::Yes } else { YesNo::No });
    let view = |session: &Session| desk::SessionView {
        session_id: session.id.to_vec(),
        opened_ms: session.opened().0,
        used_ms: session.used().0,
        expires_ms: session.ends().0,
        agent: session.agent.clone(),
        current: yes_no(current.is_some_and(|current| current.id == session.id)),
    };
    desk::AccountView {
        user: Some(user_view(&account.user)),
        has_password: yes_no(shown.has_password && !by_link),
        has_totp: yes_no(shown.has_totp),
        sessions: shown.sessions.iter().map(view).collect(),
    }
}
