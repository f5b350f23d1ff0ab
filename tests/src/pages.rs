//! A gateway in this process: the pages and the API before a node.

use crate::browser::Browser;
use crate::within::Within;
use anyhow::Result;
use relais_gateway::{Bound, Config, GatewayError, Node};
use std::net::SocketAddr;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A gateway that serves.
#[derive(Debug)]
pub struct Pages {
    /// Where browsers connect.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), GatewayError>>,
}

impl Pages {
    /// Serves the pages of a node by plain HTTP.
    ///
    /// # Errors
    /// No address is free.
    pub async fn before(node: &Within) -> Result<Self> {
        Self::as_told(Config::on("127.0.0.1:0".parse()?), node).await
    }

    /// The same, as a configuration says.
    ///
    /// # Errors
    /// The configuration is wrong, or its address is taken.
    pub async fn as_told(config: Config, node: &Within) -> Result<Self> {
        let bound = Bound::bind(config).await?;
        let address = bound.address();
        let door = Node::over_socket(&node.desk_socket());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(bound.serve(door, async move { drop(stopped.await) }));
        Ok(Self { address, stop, serving })
    }

    /// A browser that nobody is signed in from.
    pub fn browser(&self) -> Browser {
        Browser::at(self.address)
    }

    /// Stops it.
    ///
    /// # Errors
    /// It did not serve until now.
    pub async fn close(self) -> Result<()> {
        self.stop.send(()).ok();
        Ok(self.serving.await??)
    }
}
