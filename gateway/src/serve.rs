//! The gateway's connections: capped, timed, ended gently. A silent or slow one holds up nobody.

use crate::listen::Caller;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// How long the door rests when the system gives no connection.
const ACCEPT_REST: Duration = Duration::from_millis(100);
/// How often an HTTP/2 connection that says nothing is asked whether it is there.
const PING_PERIOD: Duration = Duration::from_secs(30);
/// How long it may take to answer.
const PING_TIME_MAX: Duration = Duration::from_secs(10);
/// Requests under way on one HTTP/2 connection.
const STREAMS_MAX: u32 = 64;
/// How long requests under way may take once the gateway stops.
const STOP_TIME_MAX: Duration = Duration::from_secs(2);

/// What connections are held to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many at once; the next ones wait outside.
    pub(crate) connections: usize,
    /// How long a TLS handshake may take.
    pub(crate) handshake: Duration,
    /// How long the head of a request may take, the pause before it included.
    pub(crate) head: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 512, handshake: Duration::from_secs(5), head: Duration::from_secs(30) }
    }
}

/// What every connection is served with.
#[derive(Clone)]
struct Server {
    http: Arc<Builder<TokioExecutor>>,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Limits,
}

/// Serves until `stop` is done; what is being answered then is answered.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let server = Server { http: Arc::new(http(limits)), tls, router, limits };
    let seats = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let next = tokio::select! {
            biased;
            () = &mut stop => break,
            next = next(&listener, &seats) => next,
        };
        match next {
            Some((stream, peer, seat)) => {
                tokio::spawn(server.clone().connection(stream, peer, graceful.watcher(), seat));
            }
            None => tokio::time::sleep(ACCEPT_REST).await,
        }
    }
    drop(listener);
    // A browser that keeps its connection open does not keep the program.
    tokio::time::timeout(STOP_TIME_MAX, graceful.shutdown()).await.unwrap_or(());
}

fn http(limits: Limits) -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_PERIOD)
        .keep_alive_timeout(PING_TIME_MAX)
        .max_concurrent_streams(STREAMS_MAX);
    http
}

/// The next connection, once there is a seat for it; `None` when the system gives none.
async fn next(
    listener: &TcpListener,
    seats: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let seat = Arc::clone(seats).acquire_owned().await.ok()?;
    let (stream, peer) = listener.accept().await.ok()?;
    // Small answers leave at once.
    stream.set_nodelay(true).ok()?;
    Some((stream, peer, seat))
}

impl Server {
    async fn connection(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: Watcher,
        seat: OwnedSemaphorePermit,
    ) {
        match self.tls.clone() {
            None => self.answer(stream, peer, watcher).await,
            Some(tls) => {
                let shaken = tokio::time::timeout(self.limits.handshake, tls.accept(stream)).await;
                if let Ok(Ok(stream)) = shaken {
                    self.answer(stream, peer, watcher).await;
                }
            }
        }
        drop(seat);
    }

    async fn answer<S>(self, stream: S, peer: SocketAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router;
        let service = tower::service_fn(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(Caller(peer)));
            router.clone().oneshot(request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        if let Err(error) = watcher.watch(connection.into_owned()).await {
            tracing::debug!(%error, "A browser's connection ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::oneshot;

    async fn served(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", get(|| async { "here" }));
        let stop_asked = async { stopped.await.unwrap_or(()) };
        (address, stop, tokio::spawn(serve(listener, None, router, limits, stop_asked)))
    }

    async fn ask(stream: &mut TcpStream) -> String {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_silent_connection_is_ended_and_its_seat_given_on() {
        let limits = Limits { connections: 1, head: Duration::from_millis(300), ..Limits::default() };
        let (address, _stop, _serving) = served(limits).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(b"GET / HT").await.unwrap();
        // The second waits outside until the first has used up its time.
        let mut patient = TcpStream::connect(address).await.unwrap();
        assert!(ask(&mut patient).await.ends_with("here"));
        let mut rest = Vec::new();
        silent.read_to_end(&mut rest).await.unwrap();
        assert!(!String::from_utf8_lossy(&rest).contains("200"), "half a request is not answered");
    }

    #[tokio::test]
    async fn it_stops_though_a_browser_keeps_its_connection_open() {
        let (address, stop, serving) = served(Limits::default()).await;
        let _open = TcpStream::connect(address).await.unwrap();
        let mut other = TcpStream::connect(address).await.unwrap();
        assert!(ask(&mut other).await.contains("200 OK"));
        stop.send(()).unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(5), serving).await;
        ended.expect("it stops by itself").unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
