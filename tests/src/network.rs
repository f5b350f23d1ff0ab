//! Loopback: free ports, and a proxy whose cable can be cut.

use anyhow::{Context as _, Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Ports below those the system gives to outgoing connections (32768 on), so that none is taken meanwhile.
const PORT_FIRST: u16 = 12_000;
const PORTS: u16 = 20_000;
const PORTS_TRIED_MAX: usize = 2_000;

static NEXT: AtomicU16 = AtomicU16::new(0);

/// A loopback address nobody listens on; each call gives another one.
///
/// # Errors
/// No port is free.
pub fn free_address() -> Result<SocketAddr> {
    // Programs that run at the same time begin at different places.
    let offset = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap_or(0);
    for _ in 0..PORTS_TRIED_MAX {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let place = (u32::from(offset) * 7 + u32::from(step)) % u32::from(PORTS);
        let port = PORT_FIRST + u16::try_from(place).unwrap_or(0);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if StdListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no free port on loopback");
}

/// How a [`Proxy`] treats what passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cable {
    /// Everything passes after this long.
    Whole {
        /// Added to each piece, each way.
        delay: Duration,
    },
    /// Nothing passes: open connections end, new ones are closed at once.
    Cut,
}

impl Cable {
    /// Everything passes at once.
    pub const FAST: Self = Self::Whole { delay: Duration::ZERO };
}

/// A TCP proxy in front of one address.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    cable: watch::Sender<Cable>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Listens on `address` and passes everything on to `target`.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(address: SocketAddr, target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).await.context("the proxy's own port")?;
        let (cable, seen) = watch::channel(Cable::FAST);
        let task = tokio::spawn(accept(listener, target, seen));
        Ok(Self { address, cable, task })
    }

    /// Changes the cable.
    pub fn set(&self, cable: Cable) {
        self.cable.send_replace(cable);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cable.send_replace(Cable::Cut);
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, cable: watch::Receiver<Cable>) {
    loop {
        let Ok((near, _)) = listener.accept().await else { return };
        if *cable.borrow() == Cable::Cut {
            continue;
        }
        let cable = cable.clone();
        tokio::spawn(async move {
            if let Ok(far) = TcpStream::connect(target).await {
                join(near, far, cable).await;
            }
        });
    }
}

async fn join(near: TcpStream, far: TcpStream, cable: watch::Receiver<Cable>) {
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let mut watched = cable.clone();
    let shared = Arc::new(cable);
    tokio::select! {
        () = pass(near_in, far_out, &shared) => {}
        () = pass(far_in, near_out, &shared) => {}
        _ = watched.wait_for(|cable| *cable == Cable::Cut) => {}
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    cable: &watch::Receiver<Cable>,
) {
    let mut piece = vec![0; 16 * 1024];
    while let Ok(read) = from.read(&mut piece).await {
        if read == 0 {
            break;
        }
        let now = *cable.borrow();
        if let Cable::Whole { delay } = now {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cut_ends_what_is_open_and_refuses_what_comes() {
        let target = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let proxy = Proxy::start(free_address().unwrap(), target.local_addr().unwrap()).await.unwrap();
        let mut near = TcpStream::connect(proxy.address).await.unwrap();
        near.write_all(b"x").await.unwrap();
        let (mut far, _) = target.accept().await.unwrap();
        assert_eq!(far.read_u8().await.unwrap(), b'x');
        proxy.set(Cable::Cut);
        assert_eq!(near.read(&mut [0; 1]).await.unwrap_or(0), 0);
        let mut again = TcpStream::connect(proxy.address).await.unwrap();
        assert_eq!(again.read(&mut [0; 1]).await.unwrap_or(0), 0);
        proxy.set(Cable::FAST);
        let mut healed = TcpStream::connect(proxy.address).await.unwrap();
        healed.write_all(b"y").await.unwrap();
        let (mut far, _) = target.accept().await.unwrap();
        assert_eq!(far.read_u8().await.unwrap(), b'y');
    }
}
