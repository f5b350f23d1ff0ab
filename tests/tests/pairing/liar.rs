//! An inviter that has the inviter's manifests and a leaf from its CA, but lacks something else.

use super::bench::{Actor, listener};
use super::relay::accepts_all;
use super::scene::agreement;
use relais_domain::digest::Digest;
use relais_proto::peer::v1::pairing_server::{Pairing, PairingServer};
use relais_proto::peer::v1::{PairFrame, pair_frame::Body};
use relais_server::own::Own;
use relais_server::tls::LEAF_LIFETIME;
use relais_wire::endpoint::Endpoint;
use relais_wire::keys::SigningSecret;
use relais_wire::pairing::{
    EXPORTER_BYTES, EXPORTER_LABEL, Introduction, IntroductionReader, InvitationSecret, Party, Role,
    Transcript, offer_frames,
};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

/// What the liar lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lie {
    /// The invitation's secret.
    WrongSecret,
    /// The signing key.
    WrongKey,
    /// Nothing, but it proposes another agreement.
    OtherAgreement,
}

pub(crate) struct Liar {
    pub(crate) endpoint: Endpoint,
}

impl Liar {
    pub(crate) async fn of(inviter: &Actor, secret: InvitationSecret, lie: Lie) -> Self {
        let (listener, endpoint) = listener().await;
        let leaf = inviter.ca.issue_leaf(inviter.id(), inviter.now(), LEAF_LIFETIME).expect("a leaf");
        let (acceptor, own) = (accepts_all(&leaf), Arc::clone(&inviter.own));
        tokio::spawn(async move { serve_one(listener, acceptor, own, secret, lie).await });
        Self { endpoint }
    }
}

async fn serve_one(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    own: Arc<Own>,
    secret: InvitationSecret,
    lie: Lie,
) {
    let (socket, _) = listener.accept().await.expect("a joiner");
    let mut tls = acceptor.accept(socket).await.expect("a handshake");
    let exporter = tls.get_ref().1.export_keying_material([0; EXPORTER_BYTES], EXPORTER_LABEL, None);
    let service = Answers { own, secret, lie, exporter: exporter.expect("an exporter") };
    let (mut outside, inside) = tokio::io::duplex(64 * 1024);
    let connections = tokio_stream::once(Ok::<_, std::io::Error>(inside));
    let served = Server::builder().add_service(PairingServer::new(service)).serve_with_incoming(connections);
    let _ended = tokio::join!(served, tokio::io::copy_bidirectional(&mut tls, &mut outside));
}

struct Answers {
    own: Arc<Own>,
    secret: InvitationSecret,
    lie: Lie,
    exporter: [u8; EXPORTER_BYTES],
}

#[tonic::async_trait]
impl Pairing for Answers {
    type PairStream = ReceiverStream<Result<PairFrame, Status>>;

    async fn pair(
        &self,
        request: Request<Streaming<PairFrame>>,
    ) -> Result<Response<Self::PairStream>, Status> {
        let (sender, receiver) = mpsc::channel(16);
        let chain = self.own.chain().as_ref().clone();
        let ours = Party { structure: chain.structure(), manifest: chain.current().identity() };
        for frame in offer_frames(&Introduction { chain, site_names: Vec::new() }) {
            sender.send(Ok(frame)).await.expect("heard");
        }
        let (exporter, lie, own) = (self.exporter, self.lie, Arc::clone(&self.own));
        let key = self.secret.proof_key();
        tokio::spawn(async move {
            let mut frames = request.into_inner();
            let Ok(Some(PairFrame { body: Some(Body::Open(open)) })) = frames.message().await else { return };
            let theirs = IntroductionReader::from_open(open).expect("whole").finish().expect("whole").chain;
            let theirs = Party { structure: theirs.structure(), manifest: theirs.current().identity() };
            let transcript = Transcript::new(exporter, ours, theirs).expect("two structures");
            let stranger = SigningSecret::from_bytes(&[77; 32]);
            let wrong = InvitationSecret::from_bytes(&[78; 16]).proof_key();
            let proof = match lie {
                Lie::WrongSecret => transcript.prove(Role::Inviter, agreement(), own.signing(), &wrong),
                Lie::WrongKey => transcript.prove(Role::Inviter, agreement(), &stranger, &key),
                Lie::OtherAgreement => {
                    transcript.prove(Role::Inviter, Digest::of(b"another text"), own.signing(), &key)
                }
            };
            let body = Some(Body::Proof(proof.to_proto()));
            sender.send(Ok(PairFrame { body })).await.expect("heard");
            let _ended = frames.message().await;
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}
