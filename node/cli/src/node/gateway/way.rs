//! How a gateway apart reaches its node: by the socket on the same machine, by mTLS on another.

use crate::exit::{Exit, Failure};
use relais_gateway::Node;
use relais_gateway::remote::{Credentials, CredentialsError, Remote};
use relais_server::home::Home;
use relais_wire::endpoint::Endpoint;
use std::path::{Path, PathBuf};

/// Where the node is, as typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum NodeAt {
    /// Its socket.
    Socket(PathBuf),
    /// Host and port of its `desk_listen`.
    Machine(String),
}

impl NodeAt {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(Self::Socket(text.into())) };
        if scheme != "https" {
            return Err("the way to another machine is https://HOST:PORT, and no other".to_owned());
        }
        let address = rest.strip_suffix('/').unwrap_or(rest);
        let endpoint = Endpoint::parse(address).map_err(|error| error.to_string())?;
        Ok(Self::Machine(endpoint.to_string()))
    }
}

/// The way to the node.
#[derive(Debug)]
pub(super) enum Way {
    /// Through its socket.
    Socket(PathBuf),
    /// Over the network.
    Remote(Remote),
}

impl Way {
    /// What was typed, made usable.
    ///
    /// # Errors
    /// [`Failure`] when it does not fit together, or the credentials cannot be used.
    pub(super) fn of(
        node: Option<&NodeAt>,
        credentials: Option<&Path>,
        home: &Home,
    ) -> Result<Self, Failure> {
        match (node, credentials) {
            (None, None) => Ok(Self::Socket(home.desk_socket())),
            (Some(NodeAt::Socket(path)), None) => Ok(Self::Socket(path.clone())),
            (Some(NodeAt::Machine(address)), Some(file)) => {
                let credentials = Credentials::read(file).map_err(|error| failure(&error))?;
                if let Some(day) = credentials.ends_soon() {
                    tracing::warn!(%day, "These credentials run out soon: make new ones");
                }
                Ok(Self::Remote(Remote::new(address, &credentials)))
            }
            (Some(NodeAt::Machine(_)), None) => Err(Failure::usage(
                "--credentials: a node on another machine needs the file that `relais gateway credentials` makes there",
            )),
            (Some(NodeAt::Socket(_)) | None, Some(_)) => Err(Failure::usage(
                "--credentials: they are for a node on another machine, --node https://HOST:PORT",
            )),
        }
    }

    /// The node at its end. That of another machine is tried once at the start, so that the log says what is in the way.
    pub(super) fn node(&self) -> Node {
        match self {
            Self::Socket(path) => Node::over_socket(path),
            Self::Remote(remote) => {
                let first = remote.clone();
                tokio::spawn(async move { first.connect().await.map(drop) });
                remote.node()
            }
        }
    }
}

fn failure(error: &CredentialsError) -> Failure {
    let exit = match error {
        CredentialsError::Read { why, .. } if why.kind() == std::io::ErrorKind::PermissionDenied => {
            Exit::NotPermitted
        }
        CredentialsError::Read { .. } => Exit::Io,
        CredentialsError::Readable { .. } => Exit::NotPermitted,
        CredentialsError::Shape(_) | CredentialsError::Expired { .. } | CredentialsError::Early(_) => {
            Exit::Input
        }
    };
    Failure { field: Some("credentials".to_owned()), ..Failure::new(exit, error.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_a_path_or_https_and_nothing_between() {
        assert_eq!(NodeAt::parse("/run/desk.sock"), Ok(NodeAt::Socket("/run/desk.sock".into())));
        for (typed, address) in [
            ("https://desk.example.org:7446", "desk.example.org:7446"),
            ("https://10.0.0.1:7446/", "10.0.0.1:7446"),
            ("https://[fd00::1]:7446", "[fd00::1]:7446"),
        ] {
            assert_eq!(NodeAt::parse(typed), Ok(NodeAt::Machine(address.to_owned())));
        }
        for wrong in ["http://10.0.0.1:7446", "https://", "https://10.0.0.1", "https://a:1/b", "tcp://a:1"] {
            assert!(NodeAt::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn credentials_and_another_machine_go_together() {
        let home = Home::at("/nowhere");
        let there = NodeAt::Machine("10.0.0.1:7446".to_owned());
        let socket = NodeAt::Socket("/run/desk.sock".into());
        let file = Path::new("/nowhere/desk.pem");
        assert!(matches!(Way::of(None, None, &home), Ok(Way::Socket(_))));
        assert_eq!(Way::of(Some(&there), None, &home).unwrap_err().exit, Exit::Usage);
        assert_eq!(Way::of(Some(&socket), Some(file), &home).unwrap_err().exit, Exit::Usage);
        assert_eq!(Way::of(None, Some(file), &home).unwrap_err().exit, Exit::Usage);
        let missing = Way::of(Some(&there), Some(file), &home).unwrap_err();
        assert_eq!((missing.exit, missing.field.as_deref()), (Exit::Io, Some("credentials")));
    }
}
