//! A gateway that serves, until it is stopped.

use crate::exit::{Exit, Failure};
use relais_gateway::config::Config;
use relais_gateway::{Bound, GatewayError, Node};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A gateway that serves.
#[derive(Debug)]
pub(in crate::node) struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), GatewayError>>,
}

impl Running {
    /// Binds the gateway's address and serves.
    ///
    /// # Errors
    /// [`Failure`] naming every mistake.
    pub(in crate::node) async fn start(config: Config, node: Node) -> Result<Self, Failure> {
        let bound = Bound::bind(config).await.map_err(failure)?;
        tracing::info!(address = %bound.url(), "Gateway ready");
        let (stop, stopped) = oneshot::channel::<()>();
        // Asked to stop, or nobody is left to ask.
        let stopped = async move { stopped.await.unwrap_or(()) };
        let served = tokio::spawn(bound.serve(node, stopped));
        Ok(Self { stop, served })
    }

    /// Stops it; what is being answered is answered.
    ///
    /// # Errors
    /// [`Failure`] when it had stopped by itself.
    pub(in crate::node) async fn stop(self) -> Result<(), Failure> {
        // It has stopped by itself already when nobody listens.
        let _ = self.stop.send(());
        match tokio::time::timeout(STOP_TIME_MAX, self.served).await {
            Ok(Ok(served)) => served.map_err(failure),
            Ok(Err(error)) => Err(Failure::new(Exit::Internal, error.to_string())),
            // A browser that holds its connection open does not hold the program.
            Err(_) => Ok(()),
        }
    }
}

/// How long answers under way may take once it stops.
const STOP_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(2);

fn failure(error: GatewayError) -> Failure {
    let exit = match &error {
        GatewayError::Config(_) => Exit::Usage,
        GatewayError::Listen { .. } => Exit::Unavailable,
        GatewayError::Certificate { .. } | GatewayError::Stopped(_) => Exit::Io,
    };
    Failure::new(exit, error.to_string())
}
