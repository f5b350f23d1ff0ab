//! Signing in and out at the Desk, and the password and links one signs in with.

use crate::accounts::sessions::Standing as SessionStanding;
use crate::accounts::token::Token;
use crate::accounts::tries::Address;
use crate::accounts::{Entered, Opened, Origin, SignIn};
use crate::desk::admin::user_view;
use crate::desk::session;
use crate::desk::{Caller, Desk, answer};
use relais_proto::desk::v1 as desk;
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{Request, Status};

/// Longest text that is looked at as a code of an authenticator, in bytes.
const CODE_BYTES_MAX: usize = 32;

impl Desk {
    pub(in crate::desk) async fn sign_in(
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

    pub(in crate::desk) async fn sign_in_with_link(
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

    pub(in crate::desk) async fn sign_out(&self, caller: &Caller) -> Result<desk::SignOutResponse, Status> {
        if let Some(session) = caller.session() {
            self.accounts.sign_out(session).await.map_err(session::status)?;
        }
        Ok(desk::SignOutResponse::default())
    }

    pub(in crate::desk) async fn create_sign_in_link(
        &self,
        request: desk::CreateSignInLinkRequest,
        caller: &Caller,
    ) -> Result<desk::SignInLink, Status> {
        let made = self.accounts.create_link(caller.id, &request.name, request.validity_hours).await;
        let (token, expires) = made.map_err(session::status)?;
        Ok(desk::SignInLink { token: token.text().expose_secret().to_owned(), expires_ms: expires.0 })
    }

    pub(in crate::desk) async fn set_password(
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
}

fn origin(address: &str, agent: String, borne: Option<Token>) -> Result<Origin, Status> {
    let address = Address::parse(address);
    let address = address.ok_or_else(|| answer::field("address", "an IP address without a port"))?;
    Ok(Origin { address, agent, borne })
}

pub(super) fn code(text: String) -> Result<SecretString, Status> {
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
