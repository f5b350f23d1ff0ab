//! A connection that is held: it ends when it is cut or too old, whatever its streams are doing.

use super::seats::Seat;
use crate::cuts::CutTicket;
use relais_domain::structure_id::StructureId;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::TlsStream;
use tonic::transport::server::Connected;

/// Who is at the other end of a connection: in the extensions of every request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PeerInfo {
    /// The structure its certificate proved, by its pinned CA.
    pub structure: StructureId,
    /// Where it connects from.
    pub address: SocketAddr,
}

/// A connection of a verified partner.
pub type PeerStream = HeldStream<PeerInfo>;

/// A TLS connection with what is known of the other side.
pub struct HeldStream<I> {
    tls: TlsStream<TcpStream>,
    info: I,
    age: Pin<Box<Sleep>>,
    ticket: Option<CutTicket>,
    /// Held for its drop alone.
    _seat: Option<Seat>,
}

impl<I> HeldStream<I> {
    pub(crate) fn new(tls: impl Into<TlsStream<TcpStream>>, info: I, age: Duration) -> Self {
        Self { tls: tls.into(), info, age: Box::pin(sleep(age)), ticket: None, _seat: None }
    }

    pub(crate) fn with_ticket(self, ticket: CutTicket) -> Self {
        Self { ticket: Some(ticket), ..self }
    }

    pub(crate) fn with_seat(self, seat: Seat) -> Self {
        Self { _seat: Some(seat), ..self }
    }

    /// Ready with an error once the connection has to end.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if let Some(ticket) = &mut self.ticket
            && ticket.poll_cut(context).is_ready()
        {
            return Poll::Ready(io::Error::new(io::ErrorKind::ConnectionAborted, "the partner was cut off"));
        }
        // A timer that has fired may be asked again: it stays ready.
        ready!(self.age.as_mut().poll(context));
        Poll::Ready(io::Error::new(io::ErrorKind::ConnectionAborted, "the connection is too old"))
    }

    /// `poll`, unless the connection has to end.
    fn poll_unless_ended<T>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut TlsStream<TcpStream>>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match self.poll_end(context) {
            Poll::Ready(error) => Poll::Ready(Err(error)),
            Poll::Pending => poll(Pin::new(&mut self.tls), context),
        }
    }
}

impl<I> std::fmt::Debug for HeldStream<I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeldStream")
    }
}

impl<I> Unpin for HeldStream<I> {}

impl<I: Clone + Send + Sync + 'static> Connected for HeldStream<I> {
    type ConnectInfo = I;

    fn connect_info(&self) -> I {
        self.info.clone()
    }
}

impl<I> AsyncRead for HeldStream<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_unless_ended(context, |tls, context| tls.poll_read(context, buffer))
    }
}

impl<I> AsyncWrite for HeldStream<I> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_unless_ended(context, |tls, context| tls.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_unless_ended(context, |tls, context| tls.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_unless_ended(context, |tls, context| tls.poll_shutdown(context))
    }
}
