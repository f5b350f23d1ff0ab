//! A node with its first user, and calls that bear tokens.

use anyhow::{Context as _, Result, bail, ensure};
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::desk_client::DeskClient;
use relais_server::clock::Clock;
use relais_tests::desk::Desk;
use relais_tests::within::Within;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

pub(crate) const PASSWORD: &str = "cheval correct pile agrafe";

/// A node whose admin calls by uid.
pub(crate) struct House {
    pub(crate) node: Within,
    pub(crate) desk: Desk,
}

impl House {
    pub(crate) async fn start() -> Result<Self> {
        let mut node = Within::init("Maison de l'Essai", Clock::system(), None).await?;
        node.start().await?;
        let desk = node.desk().await?;
        Ok(Self { node, desk })
    }

    pub(crate) fn client(&self) -> DeskClient<Channel> {
        self.desk.client()
    }

    /// Adds someone who only signs in from a browser.
    pub(crate) async fn add(&self, name: &str, role: desk::Role) -> Result<()> {
        let request =
            desk::AddUserRequest { name: name.to_owned(), roles: vec![role.into()], ..Default::default() };
        self.client().add_user(request).await?;
        Ok(())
    }

    pub(crate) async fn link(&self, name: &str) -> Result<String> {
        let request = desk::CreateSignInLinkRequest { name: name.to_owned(), validity_hours: 0 };
        Ok(self.client().create_sign_in_link(request).await?.into_inner().token)
    }

    /// The token of a session of someone new, before they have set a password.
    pub(crate) async fn newcomer(&self, name: &str, role: desk::Role) -> Result<Vec<u8>> {
        self.add(name, role).await?;
        let request = desk::SignInWithLinkRequest { token: self.link(name).await?, ..Default::default() };
        let signed_in = self.client().sign_in_with_link(request).await?.into_inner();
        ensure!(signed_in.state() == desk::SignInState::PasswordNeeded, "{}", signed_in.state);
        Ok(signed_in.token)
    }

    /// The token of a session of someone new who has set a password.
    pub(crate) async fn user(&self, name: &str, role: desk::Role) -> Result<Vec<u8>> {
        let token = self.newcomer(name, role).await?;
        let request = desk::SetPasswordRequest { current: String::new(), password: PASSWORD.to_owned() };
        let signed_in = self.client().set_password(by_session(&token, request)).await?.into_inner();
        ensure!(signed_in.state() == desk::SignInState::Open, "{}", signed_in.state);
        Ok(signed_in.token)
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Result<desk::SignedIn, Status> {
        let (name, password) = (name.to_owned(), password.to_owned());
        let request = desk::SignInRequest { name, password, ..Default::default() };
        self.client().sign_in(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn leaves(&self) -> Result<u64> {
        Ok(self.desk.status().await?.ledger_size)
    }

    pub(crate) async fn change(&self, request: desk::ChangeUserRequest) -> Result<desk::UserView, Status> {
        self.client().change_user(request).await.map(tonic::Response::into_inner)
    }

    /// Who calls with this session.
    pub(crate) async fn who(&self, token: &[u8]) -> Result<String, Status> {
        let request = by_session(token, desk::WhoamiRequest::default());
        let who = self.client().whoami(request).await?.into_inner();
        Ok(who.user.map_or_else(String::new, |user| user.name))
    }
}

pub(crate) fn by_session<T>(token: &[u8], message: T) -> Request<T> {
    bearing("relais-session-bin", token, message)
}

pub(crate) fn bearing<T>(key: &'static str, token: &[u8], message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().append_bin(key, MetadataValue::from_bytes(token));
    request
}

/// Checks that an answer is this refusal.
pub(crate) fn refused<T>(answer: Result<T, Status>, code: Code, name: &str) -> Result<Status> {
    let Err(status) = answer else { bail!("{name} was expected, and it was answered") };
    let told = status.metadata().get("relais-code").and_then(|value| value.to_str().ok());
    ensure!(status.code() == code && told == Some(name), "expected {name}: {status:?}");
    Ok(status)
}

pub(crate) fn context<T>(answer: Result<T, Status>, what: &'static str) -> Result<T> {
    answer.context(what)
}
