//! The rpcs of the Desk, as the protocol's own descriptors name them.

use anyhow::{Result, ensure};
use prost::Message;
use std::collections::BTreeSet;

/// The package whose services are judged.
const PACKAGE: &str = "relais.desk.v1";

// The few fields of descriptor.proto that name an rpc.

#[derive(Clone, PartialEq, Message)]
struct FileDescriptorSet {
    #[prost(message, repeated, tag = "1")]
    file: Vec<FileDescriptor>,
}

#[derive(Clone, PartialEq, Message)]
struct FileDescriptor {
    #[prost(string, tag = "2")]
    package: String,
    #[prost(message, repeated, tag = "6")]
    service: Vec<ServiceDescriptor>,
}

#[derive(Clone, PartialEq, Message)]
struct ServiceDescriptor {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    method: Vec<MethodDescriptor>,
}

#[derive(Clone, PartialEq, Message)]
struct MethodDescriptor {
    #[prost(string, tag = "1")]
    name: String,
}

/// Every rpc, as `Service.Method`.
///
/// # Errors
/// The descriptors cannot be read. An rpc that streams is called with one message and heard to its first: on the wire that
/// is the same.
pub(crate) fn rpcs() -> Result<BTreeSet<String>> {
    let set = FileDescriptorSet::decode(relais_proto::DESCRIPTORS)?;
    let mut all = BTreeSet::new();
    for service in set.file.iter().filter(|file| file.package == PACKAGE).flat_map(|file| &file.service) {
        for method in &service.method {
            let name = format!("{}.{}", service.name, method.name);
            all.insert(name);
        }
    }
    Ok(all)
}

/// Where an rpc is called.
pub(crate) fn path(rpc: &str) -> String {
    format!("/{PACKAGE}.{}", rpc.replace('.', "/"))
}

#[test]
fn the_descriptors_name_what_can_be_called() -> Result<()> {
    let all = rpcs()?;
    for known in ["Desk.Whoami", "Desk.ShowThread", "Desk.LedgerStatus"] {
        ensure!(all.contains(known), "{known} is not in the descriptors");
    }
    ensure!(path("Desk.Whoami") == "/relais.desk.v1.Desk/Whoami");
    Ok(())
}
