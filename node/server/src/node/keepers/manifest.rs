//! Keeps the manifest from running out, and a former TLS CA, as long as it is kept, in reach of who knows no other.

use crate::directory::Directory;
use crate::engine::Engine;
use crate::home::Home;
use crate::own::{self, Renewal};
use crate::rotation::{FormerError, forget_former, former_leaf};
use crate::tls::LeafBox;
use relais_domain::time::Timestamp;
use relais_wire::manifest::chain::Chain;
use std::sync::Arc;
use std::time::Duration;

/// How often the age of the manifest is looked at.
const MANIFEST_PERIOD: Duration = Duration::from_secs(60 * 60);

/// Renews the manifest while the node runs, and signs the directory's records anew under it. Partners are told by the
/// sync, the manifest before the records. A former TLS CA that is kept no more is removed.
pub(in crate::node) async fn keep_manifest(engine: Arc<Engine>, directory: Arc<Directory>, home: Home) {
    let mut tick = tokio::time::interval(MANIFEST_PERIOD);
    loop {
        tick.tick().await;
        let now = engine.clock().now();
        if let Err(error) = forget_former(&home, &engine.own().chain(), now) {
            tracing::warn!(%error, "The former CA is not removed; it is tried again");
        }
        match own::renew(engine.own(), &home, &**engine.store(), now).await {
            Ok(Renewal::NotDue) => {}
            Ok(Renewal::Made) => sign_records(&engine, &directory).await,
            Err(error) => tracing::error!(%error, "Manifest not renewed; it is tried again"),
        }
    }
}

async fn sign_records(engine: &Engine, directory: &Directory) {
    tracing::info!(manifest = engine.own().manifest(), "Manifest renewed");
    if let Err(error) = directory.renew().await {
        tracing::error!(%error, "Records not signed under the new manifest; they are tried again");
    }
}

/// Lets partners that have not heard of the last rotation know this node by its former CA; without, the node runs on.
pub(in crate::node) fn hold_former_leaf(home: &Home, chain: &Chain, leaf: &LeafBox, now: Timestamp) {
    let held = former_leaf(home, chain, now).and_then(|former| {
        former.map_or(Ok(()), |former| leaf.hold_former(&former).map_err(FormerError::Ca))
    });
    if let Err(error) = held {
        tracing::warn!(%error, "The former CA cannot be used: partners that missed the rotation need its manifests");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, Dice};
    use crate::home::FormerCa;
    use crate::own::{MANIFEST_LIFETIME, MANIFEST_RENEWAL, Own, Profile, found};
    use crate::peers::Peers;
    use crate::tls::Ca;
    use relais_domain::time::Span;
    use relais_store::Store;
    use relais_store::memory::MemoryStore;
    use relais_wire::manifest::{StructureKind, Validity};

    /// A node's engine and directory over a folder of keys.
    async fn node(folder: &std::path::Path) -> (Arc<Engine>, Arc<Directory>, Home) {
        let (clock, dice) = (Clock::system(), Dice::system().unwrap());
        let name = "Espace de l'Essai".to_owned();
        let profile = Profile {
            name,
            kind: StructureKind::DigitalHub,
            endpoints: Vec::new(),
            pairing_endpoints: Vec::new(),
        };
        let ca = |structure| Ca::generate(structure).unwrap().into_parts();
        let founded = found(&profile, ca, &dice, clock.now()).unwrap();
        let home = Home::at(folder);
        home.create(&founded.secrets).unwrap();
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        crate::init::put_manifest(&*store, &founded.manifest).await.unwrap();
        let chain = crate::init::read_chain(&*store).await.unwrap();
        let own = Arc::new(Own::new(chain, founded.secrets.signing, vec![founded.secrets.sealing]));
        let (s, o) = (|| Arc::clone(&store), || Arc::clone(&own));
        let peers = Arc::new(Peers::load(s(), o(), clock.clone(), dice.clone()).await.unwrap());
        let directory = Directory::load(s(), o(), clock.clone(), dice.clone()).await.unwrap();
        (Arc::new(Engine::new(s(), o(), peers, clock, dice)), Arc::new(directory), home)
    }

    async fn renewed(engine: &Engine, home: &Home) -> Renewal {
        own::renew(engine.own(), home, &**engine.store(), engine.clock().now()).await.unwrap()
    }

    #[tokio::test]
    async fn a_manifest_is_renewed_thirty_days_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, _, home) = node(folder.path()).await;
        let before = engine.own().chain();
        let margin = Span(MANIFEST_LIFETIME.0 - MANIFEST_RENEWAL.0);
        engine.clock().shift(Span(margin.0 - Span::minutes(1).0));
        assert_eq!(renewed(&engine, &home).await, Renewal::NotDue);
        assert_eq!(engine.own().chain(), before);
        engine.clock().shift(Span(margin.0 + Span::minutes(1).0));
        assert_eq!(renewed(&engine, &home).await, Renewal::Made);
        assert_eq!(renewed(&engine, &home).await, Renewal::NotDue);
        let (after, now) = (engine.own().chain(), engine.clock().now());
        assert_eq!(after.current().sequence(), 2);
        assert_eq!(after.current().link().next_root, before.current().link().next_root);
        assert_eq!(after.current().claims().signing_keys, before.current().claims().signing_keys);
        assert!(after.validity_at(now.plus(Span::days(364))) == Validity::Valid);
        assert_eq!(crate::init::read_chain(&**engine.store()).await.unwrap(), *after, "what is stored");
    }

    #[tokio::test]
    async fn the_keeper_renews_while_the_node_runs() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, directory, home) = node(folder.path()).await;
        engine.clock().shift(Span::days(340));
        let profile = relais_domain::directory::Profile { name: "Espace".to_owned(), ..Default::default() };
        directory.publish_structure(profile).await.unwrap();
        let own = engine.own().structure();
        let named = async || directory.records_of(own).await.unwrap().remove(0).record.manifest;
        assert_eq!(named().await, 1);
        let keeping = tokio::spawn(keep_manifest(Arc::clone(&engine), Arc::clone(&directory), home));
        let both = async {
            while engine.own().manifest() != 2 || named().await != 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), both).await.expect("manifest and records in time");
        keeping.abort();
    }

    #[tokio::test]
    async fn a_former_ca_is_removed_while_the_node_runs() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, directory, home) = node(folder.path()).await;
        let root = home.secrets().unwrap().root.verify_key();
        // No manifest says of this CA that it was replaced within the time it is kept.
        let former = FormerCa { certificate: vec![4], key: vec![5].into() };
        home.write_next(&home.secrets().unwrap(), &former).unwrap();
        home.settle(&root).unwrap();
        assert!(home.former_ca().unwrap().is_some());
        let keeping = tokio::spawn(keep_manifest(engine, directory, home.clone()));
        let gone = async {
            while home.former_ca().unwrap().is_some() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.expect("its key is gone");
        keeping.abort();
    }

    #[tokio::test]
    async fn a_root_that_is_not_the_manifests_renews_nothing() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (engine, _, _) = node(folder.path()).await;
        let (_, _, others_home) = node(other.path()).await;
        engine.clock().shift(Span::days(360));
        let now = engine.clock().now();
        let refused = own::renew(engine.own(), &others_home, &**engine.store(), now).await;
        assert!(refused.is_err() && engine.own().manifest() == 1);
    }
}
