//! An inviter that listens, and joiners.

use super::bench::{Actor, listener};
use relais_domain::digest::Digest;
use relais_domain::time::Span;
use relais_server::dial::AddressPolicy;
use relais_server::directory::Directory;
use relais_server::engine::Engine;
use relais_server::introductions::Introductions;
use relais_server::pairing::{
    AGREEMENT, InvitationView, Invitations, Inviter, JoinError, Joiner, NewInvitation, Paired,
    PairingService, agreement_hash, serve_pairing,
};
use relais_server::peers::Peers;
use relais_store::Store;
use relais_store::memory::MemoryStore;
use relais_wire::endpoint::Endpoint;
use relais_wire::pairing::{Invitation, InvitationNumber, InvitationSecret};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longest anything is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Scene {
    pub(crate) inviter: Actor,
    pub(crate) endpoint: Endpoint,
    pub(crate) invitations: Invitations,
    outcomes: mpsc::Receiver<Paired>,
    server: tokio::task::JoinHandle<()>,
}

pub(crate) fn agreement() -> Digest {
    agreement_hash(AGREEMENT)
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::of(Actor::new("Invitante")).await
    }

    pub(crate) async fn of(inviter: Actor) -> Self {
        let (listener, endpoint) = listener().await;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (own, clock, dice) =
            (|| Arc::clone(&inviter.own), || inviter.clock.clone(), || inviter.dice.clone());
        let peers = Peers::load(Arc::clone(&store), own(), clock(), dice()).await.expect("partners");
        let directory =
            Directory::load(Arc::clone(&store), own(), clock(), dice()).await.expect("a directory");
        let engine = Engine::new(Arc::clone(&store), own(), Arc::new(peers), clock(), dice());
        let invitations = Invitations::new(store);
        let service = Inviter {
            own: Arc::clone(&inviter.own),
            leaf: Arc::clone(&inviter.leaf),
            pins: Arc::clone(&inviter.pins),
            invitations: invitations.clone(),
            introductions: Introductions::new(Arc::new(engine), Arc::new(directory)),
            clock: inviter.clock.clone(),
            dice: inviter.dice.clone(),
            agreement: agreement(),
            site_names: vec!["Accueil".to_owned()],
        };
        let (sender, outcomes) = mpsc::channel(16);
        let service = PairingService::new(service, sender);
        let server = tokio::spawn(async move {
            serve_pairing(listener, service, std::future::pending()).await.expect("served");
        });
        Self { inviter, endpoint, invitations, outcomes, server }
    }

    pub(crate) async fn invite(&self) -> Invitation {
        let new = NewInvitation {
            inviter: self.inviter.id(),
            endpoints: vec![self.endpoint.clone()],
            lifetime: Span::hours(1),
            number: None,
        };
        self.invitations.create(new, self.inviter.now(), &self.inviter.dice).await.expect("an invitation")
    }

    pub(crate) async fn view(&self, number: InvitationNumber) -> InvitationView {
        let all = self.invitations.list().await.expect("a list");
        *all.iter().find(|view| view.number == number).expect("it is kept")
    }

    /// What the inviter's node was handed.
    pub(crate) async fn outcome(&mut self) -> Paired {
        timeout(PATIENCE, self.outcomes.recv()).await.expect("an outcome").expect("a service")
    }

    /// Whether nothing was handed to the inviter's node.
    pub(crate) fn has_no_outcome(&mut self) -> bool {
        self.outcomes.try_recv().is_err()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(crate) fn joiner(actor: &Actor) -> Joiner {
    Joiner {
        own: Arc::clone(&actor.own),
        leaf: Arc::clone(&actor.leaf),
        pins: Arc::clone(&actor.pins),
        clock: actor.clock.clone(),
        policy: AddressPolicy::Loopback,
        agreement: agreement(),
        site_names: Vec::new(),
    }
}

pub(crate) async fn join(actor: &Actor, invitation: &Invitation) -> Result<Paired, JoinError> {
    timeout(PATIENCE, joiner(actor).join(invitation)).await.expect("it ends")
}

/// The same invitation with another secret.
pub(crate) fn with_secret(invitation: &Invitation, secret: [u8; 16]) -> Invitation {
    Invitation {
        secret: InvitationSecret::from_bytes(&secret),
        ..with_endpoints(invitation, &invitation.endpoints)
    }
}

/// The same invitation without its secret, at other addresses.
pub(crate) fn with_endpoints(invitation: &Invitation, endpoints: &[Endpoint]) -> Invitation {
    Invitation {
        endpoints: endpoints.to_vec(),
        inviter: invitation.inviter,
        number: invitation.number,
        secret: InvitationSecret::from_bytes(&[0; 16]),
        expires: invitation.expires,
    }
}
