//! Who asks: the gateway as every handler sees it, and the session that a request bears.

use crate::config::{Config, Reached};
use crate::cookie::{self, SessionToken};
use crate::csrf;
use crate::door::Door;
use crate::form::Form;
use crate::listen::Caller;
use crate::node::{Desk, Node, signed};
use crate::pages::RESUMED;
use crate::tongue::{Language, Tongue};
use crate::trouble::Trouble;
use crate::way;
use crate::when::Calendar;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use relais_proto::desk::v1::{Role, UserView, WhoamiRequest};
use std::net::IpAddr;
use std::sync::Arc;

/// The cookie that remembers the language a visitor chose.
pub(crate) const LANGUAGE_COOKIE: &str = "relais-langue";

/// The gateway, as every handler sees it.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    node: Node,
    calendar: Calendar,
}

impl Gate {
    pub(crate) fn new(config: Config, node: Node) -> Self {
        let calendar = Calendar::new(&config.time_zone);
        Self(Arc::new(Inner { config, node, calendar }))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn calendar(&self) -> &Calendar {
        &self.0.calendar
    }

    /// A client of the node, for calls that nobody need be signed in for.
    pub(crate) fn desk(&self) -> Desk {
        self.0.node.desk()
    }
}

/// The language of a request: chosen by the visitor, else asked for by the browser, else the configured one.
pub(crate) fn tongue_of(gate: &Gate, headers: &HeaderMap) -> Tongue {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let chosen = pairs.find(|(name, _)| *name == LANGUAGE_COOKIE).and_then(|(_, code)| Language::parse(code));
    Tongue(chosen.or_else(|| Language::asked(headers)).unwrap_or(gate.config().language))
}

/// Anyone, signed in or not.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The gateway.
    pub(crate) gate: Gate,
    /// The visitor's language.
    pub(crate) tongue: Tongue,
    /// The page that is asked for, or that a form belongs to: where to come back to.
    pub(crate) here: String,
    /// The address tries are counted by.
    pub(crate) address: String,
    /// What the browser calls itself, cut short.
    pub(crate) agent: String,
    /// The session the browser bears, which may be over.
    borne: Option<SessionToken>,
}

impl Visit {
    /// A request of whoever signs in. It bears the session that the browser still has: the node ends that one, so that
    /// nobody who knows it keeps a key to the account.
    pub(crate) fn ask<T>(&self, message: T) -> tonic::Request<T> {
        match &self.borne {
            Some(token) => signed(token, message),
            None => tonic::Request::new(message),
        }
    }

    /// The account that a form's token was given to, under the session the browser bears, be it over.
    pub(crate) fn served_to(&self, posted: &str) -> Option<String> {
        csrf::account(self.borne.as_ref()?, posted)
    }

    /// The session that the browser bears, if it holds.
    ///
    /// # Errors
    /// [`Trouble::SignIn`] when it does not; another when the node does not answer.
    pub(crate) async fn session(self) -> Result<Session, Trouble> {
        let back = || Trouble::SignIn(self.here.clone());
        let Some(token) = self.borne.clone() else { return Err(back()) };
        let who = self.gate.desk().whoami(signed(&token, WhoamiRequest {})).await.map_err(|status| {
            let trouble = Trouble::from(status);
            if matches!(trouble, Trouble::SignIn(_)) { back() } else { trouble }
        })?;
        let who = who.into_inner();
        let user = who.user.ok_or_else(back)?;
        let (structure_name, structure_id) = (who.structure_name, who.structure_id);
        Ok(Session { visit: self, structure_name, structure_id, user, token })
    }
}

impl FromRequestParts<Gate> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Trouble> {
        let agent =
            parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self {
            gate: gate.clone(),
            tongue: tongue_of(gate, &parts.headers),
            here: way::of(&parts.method, &parts.uri),
            address: address(gate.config(), parts).map(|address| address.to_string()).unwrap_or_default(),
            agent: agent.chars().take(100).collect(),
            borne: cookie::read(gate.config(), &parts.headers),
        })
    }
}

/// The visitor's address: the connection's, or what a trusted proxy says.
fn address(config: &Config, parts: &Parts) -> Option<IpAddr> {
    let ConnectInfo(Caller(peer)) = parts.extensions.get::<ConnectInfo<Caller>>()?;
    // On a socket of both families an IPv4 address comes in the dress of IPv6.
    let peer = peer.ip().to_canonical();
    let Reached::Proxy(trusted) = &config.reached else { return Some(peer) };
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    // The last address that no trusted proxy wrote: what stands before it may be invented.
    let told = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let told: Vec<IpAddr> =
        told.flat_map(|line| line.split(',')).filter_map(|one| one.trim().parse().ok()).collect();
    Some(told.into_iter().rev().find(|address| !trusted.contains(address)).unwrap_or(peer))
}

/// A professional who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The visit it is part of.
    pub(crate) visit: Visit,
    /// The structure's name.
    pub(crate) structure_name: String,
    /// The structure's id, 32 bytes.
    pub(crate) structure_id: Vec<u8>,
    /// Who.
    pub(crate) user: UserView,
    token: SessionToken,
}

impl Session {
    /// A client of the node.
    pub(crate) fn desk(&self) -> Desk {
        self.visit.gate.desk()
    }

    /// A request of this professional.
    pub(crate) fn ask<T>(&self, message: T) -> tonic::Request<T> {
        signed(&self.token, message)
    }

    pub(crate) fn tongue(&self) -> Tongue {
        self.visit.tongue
    }

    pub(crate) fn calendar(&self) -> &Calendar {
        self.visit.gate.calendar()
    }

    /// A token for the forms of a page.
    pub(crate) fn csrf(&self) -> String {
        csrf::token(&self.token, &self.user.name)
    }

    /// Whether a form's token was given to this session.
    pub(crate) fn served(&self, posted: &str) -> bool {
        csrf::account(&self.token, posted).is_some_and(|account| account == self.user.name)
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.user.roles.contains(&i32::from(role))
    }

    /// Whether the professional follows persons.
    pub(crate) fn follows(&self) -> bool {
        self.has(Role::Counsellor) || self.has(Role::Coordinator)
    }

    /// Lets only who follows persons go on; `door` is what they would be shown.
    pub(crate) fn follow(&self, door: Door) -> Result<(), Trouble> {
        if self.follows() { Ok(()) } else { Err(Trouble::Closed(door)) }
    }
}

impl FromRequestParts<Gate> for Session {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate) -> Result<Self, Trouble> {
        Visit::from_request_parts(parts, gate).await?.session().await
    }
}

/// A form posted by a professional who is signed in, proven to have been served to their session.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Who.
    pub(crate) session: Session,
    /// What.
    pub(crate) form: Form,
}

impl FromRequest<Gate> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request, gate: &Gate) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, gate).await?;
        let form = Form::from_request(Request::from_parts(parts, body), gate).await?;
        if !session.served(form.exact(csrf::FIELD)) {
            return Err(Trouble::Stale);
        }
        // What a session ended in is opened again by forms that can show it: none of these can, and none acts on it.
        if !form.text(RESUMED).is_empty() {
            return Err(Trouble::Stale);
        }
        let mut form = form;
        form.remove(csrf::FIELD);
        Ok(Self { session, form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address by which tries are counted, of a connection from `peer` with these lines of `X-Forwarded-For`.
    fn counted(reached: &Reached, peer: &str, told: &[&'static str]) -> String {
        let config = Config { reached: reached.clone(), ..Config::on("127.0.0.1:8080".parse().unwrap()) };
        let mut request = Request::builder().extension(ConnectInfo(Caller(peer.parse().unwrap())));
        for line in told {
            request = request.header("x-forwarded-for", *line);
        }
        let (parts, _) = request.body(axum::body::Body::empty()).unwrap().into_parts();
        address(&config, &parts).unwrap().to_string()
    }

    const PROXY: &str = "10.0.0.3:50000";
    const VISITOR: &str = "203.0.113.7";

    fn proxies() -> Reached {
        Reached::Proxy(["10.0.0.3", "10.0.0.4"].map(|one| one.parse().unwrap()).to_vec())
    }

    #[test]
    fn nobody_says_where_they_come_from_but_a_trusted_proxy() {
        let own = crate::config::Certificate { chain: "a".into(), key: "b".into() };
        for reached in [Reached::Loopback, Reached::Https(own), proxies()] {
            for told in [vec![VISITOR], vec!["10.0.0.3"], vec!["10.0.0.4, 203.0.113.7"], vec![]] {
                assert_eq!(
                    counted(&reached, "198.51.100.9:1", &told),
                    "198.51.100.9",
                    "{reached:?} {told:?}"
                );
            }
        }
    }

    #[test]
    fn a_trusted_proxy_says_who_came_to_it() {
        for told in [
            vec![VISITOR],
            vec!["10.0.0.4, 203.0.113.7"],
            // Through both proxies, in one line or in two.
            vec!["203.0.113.7, 10.0.0.4"],
            vec![VISITOR, "10.0.0.4"],
            // What the visitor wrote himself stands first, and is not believed.
            vec!["127.0.0.1, 203.0.113.7"],
            vec!["6.6.6.6", "203.0.113.7,10.0.0.4"],
            vec!["not an address, 203.0.113.7"],
        ] {
            assert_eq!(counted(&proxies(), PROXY, &told), VISITOR, "{told:?}");
        }
        assert_eq!(counted(&proxies(), "[::ffff:10.0.0.3]:50000", &[VISITOR]), VISITOR, "both families");
        for nothing in [vec![], vec![""], vec!["10.0.0.4"], vec!["unknown"]] {
            assert_eq!(counted(&proxies(), PROXY, &nothing), "10.0.0.3", "{nothing:?}");
        }
    }
}
