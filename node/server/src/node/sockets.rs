//! The sockets of a node.

use super::{Settings, StartError};
use std::io;
use tokio::net::{TcpListener, UnixListener};

/// The sockets, bound before anything else starts.
pub(super) struct Sockets {
    pub(super) peers: TcpListener,
    pub(super) pairing: TcpListener,
    pub(super) desk: UnixListener,
    pub(super) gateways: Option<TcpListener>,
}

impl Sockets {
    /// Binds them.
    ///
    /// # Errors
    /// [`StartError::Listen`] names the address that is taken.
    pub(super) async fn bind(settings: &Settings) -> Result<Self, StartError> {
        let refused = |address: String, setting: &'static str| {
            move |error| StartError::Listen { address, setting, error }
        };
        let peers = TcpListener::bind(settings.listen)
            .await
            .map_err(refused(settings.listen.to_string(), "listen"))?;
        let pairing = TcpListener::bind(settings.pairing_listen)
            .await
            .map_err(refused(settings.pairing_listen.to_string(), "pairing_listen"))?;
        // The store is ours alone, so a socket left here is a former run's.
        let path = &settings.desk_socket;
        match std::fs::remove_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(refused(path.display().to_string(), "desk_socket")(error)),
        }
        let desk = UnixListener::bind(path).map_err(refused(path.display().to_string(), "desk_socket"))?;
        let gateways = match settings.desk_listen {
            None => None,
            Some(address) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(refused(address.to_string(), "desk_listen"))?)
            }
        };
        Ok(Self { peers, pairing, desk, gateways })
    }
}
