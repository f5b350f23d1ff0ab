//! The three nodes: made, started, paired and supplied with services, before the story; stopped after it.

use super::cast::{AGENCY, COMMUNE, HUB, LITERACY, Structure, THEME_ONLINE, THEME_READING};
use super::end::{End, same, until, untrue};
use super::ground::Ground;
use super::pairing::pair;
use super::process::{Doors, NodeProcess, init};
use super::report::{Report, Step, Told, told};
use crate::exit::Failure;
use relais_proto::desk::v1::{FoundService, ImportServicesRequest};
use relais_server::clock::Dice;
use std::net::SocketAddr;

/// The three ends of the story.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    /// The agency.
    pub(crate) agency: End,
    /// The hub.
    pub(crate) hub: End,
    /// The literacy association.
    pub(crate) literacy: End,
}

impl Ends {
    /// All three.
    pub(crate) fn all(&self) -> [&End; 3] {
        [&self.agency, &self.hub, &self.literacy]
    }
}

/// The three nodes and where they live.
#[derive(Debug)]
pub(crate) struct House {
    // The processes go before the folder they live in.
    nodes: Vec<NodeProcess>,
    ground: Ground,
    dice: Dice,
    ends: Option<Ends>,
    gateways: Vec<SocketAddr>,
}

impl House {
    /// An empty house.
    pub(crate) fn new(ground: Ground, dice: Dice) -> Self {
        Self { nodes: Vec::new(), ground, dice, ends: None, gateways: Vec::new() }
    }

    /// Where it stands.
    pub(crate) fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The dice of the demo itself.
    pub(crate) fn dice(&self) -> &Dice {
        &self.dice
    }

    /// The three ends; absent until built.
    pub(crate) fn ends(&self) -> Option<&Ends> {
        self.ends.as_ref()
    }

    /// Where browsers reach each structure's pages, in the order of the ends.
    pub(crate) fn gateways(&self) -> &[SocketAddr] {
        &self.gateways
    }

    /// Makes, starts, pairs and supplies the nodes.
    ///
    /// # Errors
    /// [`Failure`] of the first step that fails.
    pub(crate) async fn build(&mut self, report: &Report) -> Result<(), Failure> {
        report.chapter("The nodes");
        let doors = report.step(MAKE, make(&self.ground)).await?;
        let ends = report.step(START, self.start(&doors)).await?;
        let (agency, hub, literacy) = (&ends.agency, &ends.hub, &ends.literacy);
        report.step(PAIR_AGENCY_HUB, pair(agency, hub)).await?;
        report.step(PAIR_AGENCY_LITERACY, pair(agency, literacy)).await?;
        report.step(PAIR_HUB_LITERACY, pair(hub, literacy)).await?;
        report.step(SUPPLY, supply(&ends)).await?;
        self.ends = Some(ends);
        self.gateways = doors.iter().map(|doors| doors.gateway).collect();
        Ok(())
    }

    async fn start(&mut self, doors: &[Doors]) -> Result<Told<Ends>, Failure> {
        for structure in CAST {
            self.nodes.push(NodeProcess::start(structure, &self.ground)?);
        }
        let ports: Vec<String> = doors.iter().map(|doors| doors.peers.port().to_string()).collect();
        let ids: Vec<String> =
            self.nodes.iter().filter_map(NodeProcess::id).map(|id| id.to_string()).collect();
        let [agency, hub, literacy] = self.nodes.as_mut_slice() else {
            return Err(untrue("there are not three nodes"));
        };
        let (ground, dice) = (&self.ground, &self.dice);
        let (agency, hub, literacy) = tokio::try_join!(
            meet(&AGENCY, agency, ground, dice),
            meet(&HUB, hub, ground, dice),
            meet(&LITERACY, literacy, ground, dice),
        )?;
        let what = format!("run as processes {} on loopback ports {}", ids.join(", "), ports.join(", "));
        Ok(told(what, Ends { agency, hub, literacy }))
    }

    /// Stops the nodes and leaves the ground; what became of it, in words.
    pub(crate) async fn close(self) -> String {
        let Self { mut nodes, ground, .. } = self;
        let first = nodes.pop();
        let second = nodes.pop();
        let third = nodes.pop();
        tokio::join!(stop(first), stop(second), stop(third));
        ground.leave()
    }
}

const CAST: [&Structure; 3] = [&AGENCY, &HUB, &LITERACY];
const MAKE: Step = Step::new("0.1", "Three structures", "make their nodes");
const START: Step = Step::new("0.2", "Three nodes", "start and answer");
const PAIR_AGENCY_HUB: Step = Step::new("0.3", "France Travail and Emmaüs Connect", "become partners");
const PAIR_AGENCY_LITERACY: Step = Step::new("0.4", "France Travail and Lire et Écrire", "become partners");
const PAIR_HUB_LITERACY: Step = Step::new("0.5", "Emmaüs Connect and Lire et Écrire", "become partners");
const SUPPLY: Step = Step::new("0.6", "Three structures", "publish their services, and see each other's");

async fn stop(node: Option<NodeProcess>) {
    if let Some(node) = node {
        node.stop().await;
    }
}

async fn make(ground: &Ground) -> Result<Told<Vec<Doors>>, Failure> {
    let doors = Doors::free(CAST.len())?;
    let made = CAST.iter().zip(&doors).map(|(structure, doors)| init(structure, ground, *doors));
    let mut made = made.collect::<Vec<_>>();
    let (literacy, hub, agency) = (made.pop(), made.pop(), made.pop());
    tokio::try_join!(done(agency), done(hub), done(literacy))?;
    Ok(told("make a node each: folder, keys, database, first user", doors))
}

async fn done(made: Option<impl Future<Output = Result<(), Failure>>>) -> Result<(), Failure> {
    match made {
        Some(made) => made.await,
        None => Ok(()),
    }
}

/// Waits until a node answers as the structure it should be.
async fn meet(
    structure: &'static Structure,
    node: &mut NodeProcess,
    ground: &Ground,
    dice: &Dice,
) -> Result<End, Failure> {
    let (desk, who) = node.desk(ground.node(structure)).await?;
    same("the name the node answers with", who.structure_name.as_str(), structure.name)?;
    Ok(End::new(structure, who.structure_id, desk, dice.clone()))
}

/// Each structure publishes its services, and the others' directories come to show them.
async fn supply(ends: &Ends) -> Result<Told<()>, Failure> {
    let (agency, hub, literacy) =
        tokio::try_join!(publish(&ends.agency), publish(&ends.hub), publish(&ends.literacy),)?;
    for (seer, offerer, theme) in [
        (&ends.agency, &ends.hub, THEME_ONLINE),
        (&ends.agency, &ends.literacy, THEME_READING),
        (&ends.hub, &ends.literacy, THEME_READING),
        (&ends.literacy, &ends.hub, THEME_ONLINE),
    ] {
        sees(seer, offerer, theme).await?;
    }
    let what = format!("publish {agency}, {hub} and {literacy} services; each directory shows the others'");
    Ok(told(what, ()))
}

/// How many services were published.
async fn publish(end: &End) -> Result<u32, Failure> {
    let request = ImportServicesRequest { json: end.structure.services.to_vec() };
    let published = end.desk.clone().import_services(request).await?.into_inner();
    same("services refused", published.refused.len(), 0)?;
    Ok(published.accepted)
}

async fn sees(seer: &End, offerer: &End, theme: &str) -> Result<(), Failure> {
    let what = format!("{} shows a service of {}", seer.structure.short, offerer.structure.short);
    let offered = async || {
        let found = seer.find(theme, COMMUNE).await?;
        let of = |found: &FoundService| {
            found.service.as_ref().is_some_and(|service| service.structure_id == offerer.id)
        };
        Ok(found.iter().any(of).then_some(()))
    };
    until(&what, offered).await
}
