//! Keys of the structure's own software at the Desk.

use crate::accounts::integrations::{Integration, IntegrationId, NewIntegration, Scope};
use crate::desk::session::{self, Rpc};
use crate::desk::{Caller, Desk, answer};
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::YesNo;
use secrecy::ExposeSecret as _;
use std::collections::BTreeSet;
use tonic::Status;

impl Desk {
    pub(in crate::desk) async fn create_integration(
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
    pub(in crate::desk) async fn list_integrations(
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

    pub(in crate::desk) async fn revoke_integration(
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
