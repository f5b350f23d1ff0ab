//! The loop itself: takes connections, seats them, makes the handshake under a timeout, and hands them on.

use super::Limits;
use super::seats::{Seat, Seats};
use crate::tls::speaks_http_2;
use rustix::io::Errno;
use rustls::ServerConfig;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// First pause when descriptors or memory run out; doubles at each failure in a row.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);
/// Longest such pause.
const EXHAUSTED_PAUSE_MAX: Duration = Duration::from_secs(1);
/// Silence after which the system asks whether the other machine is there.
const TCP_KEEPALIVE_TIME: Duration = Duration::from_secs(60);
/// How often it asks.
const TCP_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// A connection whose handshake succeeded and that speaks HTTP/2.
pub(crate) struct Arrival {
    pub(crate) tls: TlsStream<TcpStream>,
    pub(crate) address: SocketAddr,
    pub(crate) seat: Seat,
}

impl Arrival {
    /// The leaf certificate (DER) the other side presented.
    pub(crate) fn leaf(&self) -> Option<&[u8]> {
        self.tls.get_ref().1.peer_certificates()?.first().map(AsRef::as_ref)
    }
}

/// A listener with its limits.
pub(crate) struct Gate {
    listener: TcpListener,
    tls: TlsAcceptor,
    seats: Seats,
    limits: Limits,
}

impl Gate {
    pub(crate) fn new(listener: TcpListener, tls: Arc<ServerConfig>, limits: Limits) -> Self {
        Self { listener, tls: TlsAcceptor::from(tls), seats: Seats::new(limits), limits }
    }

    /// Accepts until nobody receives any more. `welcome` turns an arrival into what is handed on, or sends it away.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        sender: mpsc::Sender<io::Result<T>>,
        welcome: impl Fn(Arrival) -> Option<T> + Send + Sync + 'static,
    ) {
        let welcome = Arc::new(welcome);
        let mut exhausted = 0;
        loop {
            let accepted = tokio::select! {
                biased;
                () = sender.closed() => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, address)) => {
                    exhausted = 0;
                    self.seat(socket, address, &sender, &welcome);
                }
                Err(error) => {
                    exhausted = rest(&error, exhausted).await;
                }
            }
        }
    }

    /// Gives the connection a seat and a task of its own, or drops it.
    fn seat<T: Send + 'static>(
        &self,
        socket: TcpStream,
        address: SocketAddr,
        sender: &mpsc::Sender<io::Result<T>>,
        welcome: &Arc<impl Fn(Arrival) -> Option<T> + Send + Sync + 'static>,
    ) {
        let Some(seat) = self.seats.take(address.ip()) else {
            tracing::debug!("A connection was closed: no seat is left for its address");
            return;
        };
        let (tls, time_max) = (self.tls.clone(), self.limits.handshake_time_max);
        let (sender, welcome) = (sender.clone(), Arc::clone(welcome));
        tokio::spawn(async move {
            let Ok(Some(tls)) = timeout(time_max, shake_hands(tls, socket)).await else { return };
            if let Some(item) = welcome(Arrival { tls, address, seat }) {
                // An error says that the server has stopped: the connection goes with it.
                let _ = sender.send(Ok(item)).await;
            }
        });
    }
}

async fn shake_hands(tls: TlsAcceptor, socket: TcpStream) -> Option<TlsStream<TcpStream>> {
    set_options(&socket).ok()?;
    let stream = tls.accept(socket).await.inspect_err(|error| {
        tracing::debug!(%error, "A handshake failed");
    });
    stream.ok().filter(|stream| speaks_http_2(stream.get_ref().1))
}

/// What tonic ignores when it does not accept itself.
pub(crate) fn set_options(socket: &TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(TCP_KEEPALIVE_TIME).with_interval(TCP_KEEPALIVE_INTERVAL);
    SockRef::from(socket).set_tcp_keepalive(&keepalive)
}

/// Waits when the machine has run out of something; how often in a row it has.
async fn rest(error: &io::Error, exhausted: u32) -> u32 {
    if !is_exhausted(error) {
        // The other side left before it was accepted.
        return 0;
    }
    if exhausted == 0 {
        tracing::error!(%error, "No connection can be accepted: too many files are open");
    }
    sleep(pause(exhausted)).await;
    exhausted.saturating_add(1)
}

fn is_exhausted(error: &io::Error) -> bool {
    let exhausted = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    error.raw_os_error().is_none_or(|code| exhausted.contains(&Errno::from_raw_os_error(code)))
}

fn pause(exhausted: u32) -> Duration {
    EXHAUSTED_PAUSE.saturating_mul(1 << exhausted.min(8)).min(EXHAUSTED_PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exhaustion_makes_the_loop_rest() {
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM] {
            assert!(is_exhausted(&errno.into()), "{errno}");
        }
        assert!(!is_exhausted(&Errno::CONNABORTED.into()));
    }

    #[test]
    fn pauses_grow_up_to_a_second() {
        let pauses: Vec<u64> = (0..6).map(|count| pause(count).as_millis() as u64).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1000]);
        assert_eq!(pause(u32::MAX), EXHAUSTED_PAUSE_MAX);
    }
}
