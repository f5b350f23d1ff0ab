//! A node whose Desk listens on the network, and gateways before it, each a process.

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1 as desk;
use relais_tests::network::free_address;
use relais_tests::process::{Plan, Process};
use relais_tests::wait::until;
use serde_json::Value;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;

/// Longest a gateway may take to listen, or to notice something.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// A node with `desk_listen`.
pub(crate) struct House {
    pub(crate) node: Process,
    pub(crate) at: SocketAddr,
}

impl House {
    /// Makes it; it does not run yet.
    pub(crate) fn init(name: &str) -> Result<Self> {
        let node = Process::init(&Plan { log: "info", ..Plan::named(name) })?;
        let at = free_address()?;
        node.configure("desk_listen", &at.to_string())?;
        Ok(Self { node, at })
    }

    pub(crate) async fn start(name: &str) -> Result<Self> {
        let mut house = Self::init(name)?;
        house.node.start().await?;
        Ok(house)
    }

    /// Runs `relais gateway credentials`: the file and the serial number.
    pub(crate) fn credentials(&self, file: &str) -> Result<(PathBuf, String)> {
        let path = self.node.everything().join(file);
        let made = self.relais(&["gateway", "credentials", "--out", &path.display().to_string()])?;
        let serial = made["serial"].as_str().context("a serial number")?;
        Ok((path, serial.to_owned()))
    }

    /// Runs `relais --json` on the node's folder and reads what it prints.
    pub(crate) fn relais(&self, arguments: &[&str]) -> Result<Value> {
        let mut all = vec!["--json"];
        all.extend(arguments);
        let done = self.node.run(&all)?;
        ensure!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        Ok(serde_json::from_slice(&done.stdout)?)
    }

    /// A single-use link of the node's first user.
    pub(crate) async fn link(&self) -> Result<String> {
        let mut client = self.node.desk().await?.client();
        let who = client.whoami(desk::WhoamiRequest {}).await?.into_inner();
        let name = who.user.context("the first user is bound to this uid")?.name;
        let link = desk::CreateSignInLinkRequest { name, validity_hours: 1 };
        Ok(client.create_sign_in_link(link).await?.into_inner().token)
    }

    /// `relais gateway` before this node.
    pub(crate) async fn gateway(&self, credentials: &Path) -> Result<Gateway> {
        Gateway::before(self, self.at, credentials).await
    }
}

/// A gateway in a process of its own; killed when dropped.
pub(crate) struct Gateway {
    child: Child,
    log: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Gateway {
    pub(crate) async fn before(house: &House, node: SocketAddr, credentials: &Path) -> Result<Self> {
        let address = free_address()?;
        let log = house.node.everything().join(format!("gateway-{}", address.port()));
        let (at, listen) = (format!("https://{node}"), address.to_string());
        let file = credentials.display().to_string();
        let arguments = ["gateway", "--node", &at, "--credentials", &file, "--listen", &listen];
        let mut command = house.node.command(&arguments)?;
        command.arg("--until-input-ends").stdin(Stdio::piped()).stdout(Stdio::null());
        let child = command.stderr(File::create(&log)?).spawn()?;
        let gateway = Self { child, log, address };
        let listens = async || Ok(TcpStream::connect(address).await.ok().map(drop));
        until("the gateway listens", SOON, listens).await.with_context(|| gateway.log())?;
        Ok(gateway)
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has logged this.
    pub(crate) async fn says(&self, words: &str) -> Result<()> {
        let said = until(words, SOON, async || Ok(self.log().contains(words).then_some(()))).await;
        said.map(drop).with_context(|| self.log())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
