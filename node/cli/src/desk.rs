//! The way to the node: its Unix socket, spoken to in gRPC.

use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use hyper_util::rt::TokioIo;
use relais_proto::desk::v1::desk_client::DeskClient;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// Longest time a call may take; longer than the longest the node waits for.
const CALL_TIME_MAX: Duration = Duration::from_secs(90);
/// Longest answer, in bytes: a page of threads with everything in it.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Metadata key that names the user.
const USER_KEY: &str = "relais-user";

/// The node's Desk.
pub(crate) type Desk = DeskClient<InterceptedService<Channel, AsUser>>;

/// Names the user on every call.
#[derive(Clone, Debug)]
pub(crate) struct AsUser(Option<MetadataValue<Ascii>>);

impl Interceptor for AsUser {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(user) = &self.0 {
            request.metadata_mut().insert(USER_KEY, user.clone());
        }
        Ok(request)
    }
}

/// Connects to the node of the folder.
///
/// # Errors
/// [`Failure`] that says how to start the node, when it does not run.
pub(crate) async fn connect(settings: &Settings) -> Result<Desk, Failure> {
    let user = settings.user.as_deref().map(user_name).transpose()?;
    let socket = settings.socket();
    let stream = UnixStream::connect(&socket).await.map_err(|error| unreachable(&settings.folder, &error))?;
    let mut stream = Some(TokioIo::new(stream));
    let connector = tower::service_fn(move |_| {
        let stream = stream.take().ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionReset));
        std::future::ready(stream)
    });
    let endpoint = Endpoint::from_static("http://desk.relais").timeout(CALL_TIME_MAX);
    let channel = endpoint.connect_with_connector(connector).await.map_err(|_| {
        Failure::new(
            Exit::Unavailable,
            format!("the node of {} closed the connection", settings.folder.display()),
        )
    })?;
    Ok(DeskClient::with_interceptor(channel, AsUser(user)).max_decoding_message_size(ANSWER_BYTES_MAX))
}

/// Whether someone of this account name can be acted as from here.
pub(crate) fn is_account_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.chars().all(plain)
}

fn user_name(name: &str) -> Result<MetadataValue<Ascii>, Failure> {
    let name = Some(name).filter(|name| is_account_name(name));
    name.and_then(|name| name.parse().ok())
        .ok_or_else(|| Failure::usage("--as: an account name has letters, digits, `.`, `-` and `_` only"))
}

fn unreachable(folder: &Path, error: &io::Error) -> Failure {
    let (shown, kind) = (folder.display(), error.kind());
    if kind == io::ErrorKind::NotFound && !folder.exists() {
        let message = format!("there is no node in {shown}: make one with `relais init --folder {shown}`");
        return Failure::new(Exit::Unavailable, message).with_code("no_node");
    }
    if kind == io::ErrorKind::NotFound || kind == io::ErrorKind::ConnectionRefused {
        let message =
            format!("the node of this folder is not running: start it with `relais serve --folder {shown}`");
        return Failure::new(Exit::Unavailable, message).with_code("not_running");
    }
    if kind == io::ErrorKind::PermissionDenied {
        let message = format!("{shown} belongs to another user: run the command as the user of the node");
        return Failure::new(Exit::NotPermitted, message);
    }
    if kind == io::ErrorKind::InvalidInput {
        return Failure::usage(format!("{shown}: the path is too long for a socket; use a shorter folder"));
    }
    Failure::new(Exit::Unavailable, format!("{shown}: the node cannot be reached ({kind})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn connecting(folder: PathBuf, user: Option<&str>) -> Failure {
        let settings = Settings { folder, user: user.map(str::to_owned) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(connect(&settings)).expect_err("no node runs there")
    }

    #[test]
    fn a_node_that_does_not_run_is_said_to_be_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let failure = connecting(folder.path().to_owned(), None);
        assert_eq!((failure.exit.number(), failure.code.as_str()), (69, "not_running"));
        let shown = folder.path().display();
        assert_eq!(
            failure.message,
            format!("the node of this folder is not running: start it with `relais serve --folder {shown}`")
        );
    }

    #[test]
    fn a_socket_left_behind_is_no_node() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(std::os::unix::net::UnixListener::bind(folder.path().join("desk.sock")).expect("bound"));
        assert_eq!(connecting(folder.path().to_owned(), None).code, "not_running");
    }

    #[test]
    fn a_folder_that_does_not_exist_is_said_to_be_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let failure = connecting(folder.path().join("none"), None);
        assert_eq!(failure.code, "no_node");
        assert!(failure.message.contains("relais init"));
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_a_usage_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(connecting(folder.path().join("a".repeat(120)), None).exit.number(), 64);
    }

    #[test]
    fn a_user_that_cannot_be_a_name_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(connecting(folder.path().to_owned(), Some("claire\nx")).exit.number(), 64);
    }
}
