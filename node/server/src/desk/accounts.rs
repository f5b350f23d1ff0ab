//! Accounts at the Desk: signing in, one's own account, what an admin does with others'.

use super::admin::{role, user_view, work};
use super::session::{self, Rpc};
use super::{Caller, Desk, answer};
use crate::accounts::integrations::{Integration, IntegrationId, NewIntegration, Scope};
use crate::accounts::sessions::{Session, Standing as SessionStanding};
use crate::accounts::token::Token;
use crate::accounts::tries::Address;
use crate::accounts::{Account, Entered, Opened, Origin, OwnedAccount, SignIn};
use crate::users::{Change, Role, Standing};
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::YesNo;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeSet;
use tonic::{Request, Status};

/// Longest text that is looked at as a code of an authenticator, in bytes.
const CODE_BYTES_MAX: usize = 32;

impl Desk {
    pub(super) async fn sign_in(
        &self,
        request: Request<desk::SignInRequest>,
    ) -> Result<desk::SignedIn, Status> {
        let borne = session::borne_session(&request);
        let asked = request.into_inner();
        let origin = origin(&asked.address, asked.agent, borne)?;
        let sign_in = SignIn {
            name: asked.name,
            password: SecretString::from(asked.password),
            code: code(asked.totp)?,
        };
        self.accounts.sign_in(sign_in, origin).await.map(signed_in).map_err(session::status)
    }

    pub(super) async fn sign_in_with_link(
        &self,
        request: Request<desk::SignInWithLinkRequest>,
    ) -> Result<desk::SignedIn, Status> {
        let borne = session::borne_session(&request);
        let asked = request.into_inner();
        let origin = origin(&asked.address, asked.agent, borne)?;
        let (link, code) = (Token::parse(&asked.token), code(asked.totp)?);
        let entered = self.accounts.sign_in_with_link(link, &code, origin).await;
        entered.map(signed_in).map_err(session::status)
    }

    pub(super) async fn sign_out(&self, caller: &Caller) -> Result<desk::SignOutResponse, Status> {
        if let Some(session) = caller.session() {
            self.accounts.sign_out(session).await.map_err(session::status)?;
        }
        Ok(desk::SignOutResponse::default())
    }

    pub(super) async fn create_sign_in_link(
        &self,
        request: desk::CreateSignInLinkRequest,
        caller: &Caller,
    ) -> Result<desk::SignInLink, Status> {
        let made = self.accounts.create_link(caller.id, &request.name, request.validity_hours).await;
        let (token, expires) = made.map_err(session::status)?;
        Ok(desk::SignInLink { token: token.text().expose_secret().to_owned(), expires_ms: expires.0 })
    }

    pub(super) async fn set_password(
        &self,
        request: desk::SetPasswordRequest,
        caller: &Caller,
    ) -> Result<desk::SignedIn, Status> {
        let (current, new) = (SecretString::from(request.current), SecretString::from(request.password));
        let set = self.accounts.set_password(caller.account(), caller.session(), current, new).await;
        Ok(match set.map_err(session::status)? {
            Some(opened) => signed_in(Entered::Opened(Box::new(opened))),
            None => desk::SignedIn {
                state: desk::SignInState::Open.into(),
                user: Some(user_view(&caller.user)),
                ..desk::SignedIn::default()
            },
        })
    }

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

    pub(super) async fn create_integration(
        &self,
        request: desk::CreateIntegrationRequest,
        caller: &Caller,
    ) -> Result<desk::CreatedIntegration, Status> {
        let (name, mut user, validity_days) = (request.name, request.user, request.validity_days);
        if user.is_empty() {
            user.clone_from(&caller.user.name);
        }
        if user != caller.user.name {
            session::permit(self, caller, Rpc::CreateIntegrationOfOthers).await?;
        }
        let scopes: BTreeSet<Scope> =
            request.scopes.iter().map(|number| scope(*number)).collect::<Result<_, _>>()?;
        let own = user == caller.user.name;
        if own && scopes.iter().any(|scope| scope.is_personal()) && !caller.may(Rpc::ListThreads) {
            return Err(answer::field("scopes", "your role follows nobody: a professional makes this key"));
        }
        let asked = NewIntegration { name, scopes, user: user.clone(), validity_days };
        let made = self.accounts.create_integration(&caller.account(), asked).await;
        let made = made.map_err(session::status)?;
        Ok(desk::CreatedIntegration {
            integration: Some(integration_view(made.id, &made.integration, user)),
            token: made.token.text().expose_secret().to_owned(),
        })
    }

    /// One's own; everyone's for who sees the users, unless they ask for their own.
    pub(super) async fn list_integrations(
        &self,
        request: &desk::ListIntegrationsRequest,
        caller: &Caller,
    ) -> Result<desk::ListIntegrationsResponse, Status> {
        let own = match YesNo::try_from(request.own) {
            Ok(YesNo::Yes) => true,
            Ok(YesNo::No | YesNo::Unspecified) => !caller.may(Rpc::ListIntegrationsOfOthers),
            Err(_) => return Err(answer::field("own", "yes or no")),
        };
        let mut all = self.accounts.list_integrations().await.map_err(session::status)?;
        all.retain(|(_, one, _)| !own || one.user() == caller.id);
        let view = |(id, one, user): (IntegrationId, Integration, String)| integration_view(id, &one, user);
        Ok(desk::ListIntegrationsResponse { integrations: all.into_iter().map(view).collect() })
    }

    pub(super) async fn revoke_integration(
        &self,
        request: desk::RevokeIntegrationRequest,
        caller: &Caller,
    ) -> Result<desk::RevokeIntegrationResponse, Status> {
        if !self.accounts.is_of(caller.id, &request.integration_id) {
            session::permit(self, caller, Rpc::RevokeIntegrationOfOthers).await?;
        }
        let revoked = self.accounts.revoke_integration(&caller.account(), &request.integration_id).await;
        revoked.map_err(session::status)?;
        Ok(desk::RevokeIntegrationResponse::default())
    }
}

fn origin(address: &str, agent: String, borne: Option<Token>) -> Result<Origin, Status> {
    let address = Address::parse(address);
    let address = address.ok_or_else(|| answer::field("address", "an IP address without a port"))?;
    Ok(Origin { address, agent, borne })
}

fn code(text: String) -> Result<SecretString, Status> {
    let text = SecretString::from(text);
    if text.expose_secret().len() > CODE_BYTES_MAX {
        return Err(answer::field("totp", "six digits"));
    }
    Ok(text)
}

fn signed_in(entered: Entered) -> desk::SignedIn {
    match entered {
        Entered::CodeNeeded => {
            desk::SignedIn { state: desk::SignInState::TotpNeeded.into(), ..desk::SignedIn::default() }
        }
        Entered::Opened(opened) => {
            let Opened { token, session, account } = *opened;
            let state = match session.standing {
                SessionStanding::Whole => desk::SignInState::Open,
                SessionStanding::PasswordNeeded => desk::SignInState::PasswordNeeded,
            };
            desk::SignedIn {
                state: state.into(),
                token: token.expose().to_vec(),
                expires_ms: session.expires().0,
                user: Some(user_view(&account.user)),
            }
        }
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

fn integration_view(id: IntegrationId, one: &Integration, user: String) -> desk::IntegrationView {
    desk::IntegrationView {
        integration_id: id.to_vec(),
        name: one.name.clone(),
        scopes: one.scopes.iter().map(|scope| scope_number(*scope)).collect(),
        user,
        created_ms: one.created().0,
        expires_ms: one.expires().0,
        used_ms: one.used().map(|used| used.0),
    }
}

fn scope(number: i32) -> Result<Scope, Status> {
    match desk::Scope::try_from(number) {
        Ok(desk::Scope::ThreadsList) => Ok(Scope::ThreadsList),
        Ok(desk::Scope::ThreadsRead) => Ok(Scope::ThreadsRead),
        Ok(desk::Scope::ThreadsAct) => Ok(Scope::ThreadsAct),
        Ok(desk::Scope::ServicesRead) => Ok(Scope::ServicesRead),
        Ok(desk::Scope::ServicesWrite) => Ok(Scope::ServicesWrite),
        Ok(desk::Scope::FlowsRead) => Ok(Scope::FlowsRead),
        Ok(desk::Scope::FollowUps) => Ok(Scope::FollowUps),
        Ok(desk::Scope::Inquiries) => Ok(Scope::Inquiries),
        Ok(desk::Scope::Unspecified) | Err(_) => Err(answer::field("scopes", "is not on the list")),
    }
}

fn scope_number(scope: Scope) -> i32 {
    match scope {
        Scope::ThreadsList => desk::Scope::ThreadsList.into(),
        Scope::ThreadsRead => desk::Scope::ThreadsRead.into(),
        Scope::ThreadsAct => desk::Scope::ThreadsAct.into(),
        Scope::ServicesRead => desk::Scope::ServicesRead.into(),
        Scope::ServicesWrite => desk::Scope::ServicesWrite.into(),
        Scope::FlowsRead => desk::Scope::FlowsRead.into(),
        Scope::FollowUps => desk::Scope::FollowUps.into(),
        Scope::Inquiries => desk::Scope::Inquiries.into(),
    }
}
