//! A network of structures, record by record: no sockets and no store, but the same rules of who takes, who passes on,
//! and who compares with whom.
//!
//! In one round every node passes on what it took in the round before; a link that is down loses what was sent, and is
//! compared when it is up again. A structure has about eight partners: six in its own département, two anywhere. One in
//! ten keeps the next département too and has partners there; one in fifty keeps all of France, and these know each
//! other. Three in a hundred publish for the whole country.

use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _, rngs::ChaCha20Rng};
use relais_domain::digest::Digest;
use relais_domain::directory::{Admitted, Body, Directory, Held, Partitions, Record, Subscription};
use relais_domain::territory::{CommuneCode, DepartementCode, departements};
use relais_domain::time::Timestamp;
use relais_tests::records::{Bytes, NOW, profile, record, structure};
use relais_wire::frame::SyncFrame;
use relais_wire::reconcile::{Items, Reconcile, Step};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Another seed to play.
const SEED_VARIABLE: &str = "RELAIS_NETWORK_SEED";
const SEED: u64 = 20_261_122;
/// Structures of one département.
const LOCAL: usize = 100;
/// Rounds within which a change must have reached [`REACHED`] of those who keep it.
const ROUNDS_MAX: usize = 10;
const REACHED: f64 = 0.99;
/// Links that are down in a round.
const DOWN: f64 = 0.1;
/// One structure in so many publishes for the whole country.
const NATIONAL_EVERY: usize = 33;
/// One structure in so many keeps the next département too, or all of France.
const NEAR_EVERY: usize = 10;
const FRANCE_EVERY: usize = 50;
/// Changes that are followed, of structures of one département and of the whole country.
const CHANGES_LOCAL: usize = 40;
const CHANGES_NATIONAL: usize = 3;

/// What a structure does in a day: so many services, of which each says its places twice a week; every record is signed
/// anew each thirty days, and each service changed every two months.
const SERVICES: f64 = 5.0;
const PLACES_A_DAY: f64 = SERVICES * 2.0 / 7.0;
const RECORDS_A_DAY: f64 = (SERVICES + 1.0) / 30.0 + SERVICES / 60.0;
/// A manifest is told once a link and renewed once a year.
const MANIFESTS_A_DAY: f64 = 1.0 / 365.0;
/// How often a link is compared in a day, when something changes all the time: every five minutes.
const COMPARED_A_DAY: f64 = 24.0 * 12.0;

/// Whose ends a copy has: of nodes that keep all of France, or of the others.
const OF_FRANCE: usize = 0;
const OF_DEPARTEMENTS: usize = 1;

struct Node {
    home: usize,
    subscription: Subscription,
    peers: BTreeSet<usize>,
    held: Directory,
}

impl Node {
    fn class(&self) -> usize {
        if self.subscription.is_france() { OF_FRANCE } else { OF_DEPARTEMENTS }
    }
}

/// A change that spreads.
struct Change {
    record: Record,
    identity: Digest,
    partitions: Partitions,
}

/// Where a change belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Belongs {
    ToDepartement,
    ToFrance,
}

impl Belongs {
    /// The first changes belong to the whole country.
    fn at(place: usize) -> Self {
        if place < CHANGES_NATIONAL { Self::ToFrance } else { Self::ToDepartement }
    }
}

struct Network {
    nodes: Vec<Node>,
    codes: Vec<DepartementCode>,
    chance: ChaCha20Rng,
}

fn seed() -> u64 {
    std::env::var(SEED_VARIABLE).ok().and_then(|told| told.parse().ok()).unwrap_or(SEED)
}

/// A commune of a département: the first of its code.
fn commune_of(code: DepartementCode) -> CommuneCode {
    let first = (1..1_000).find_map(|number| CommuneCode::parse(&format!("{code}{number:03}")));
    first.expect("a commune")
}

impl Network {
    fn of(size: usize, seed: u64) -> Self {
        let codes: Vec<DepartementCode> =
            departements().map(|one| one.code()).filter(|code| code.as_str().len() == 2).collect();
        let homes = size.div_ceil(LOCAL).min(codes.len());
        let keeps = |number: usize| {
            let home = number % homes;
            let near = (number / homes).is_multiple_of(NEAR_EVERY).then(|| codes[(home + 1) % homes]);
            let all = number.is_multiple_of(FRANCE_EVERY);
            if all { Subscription::FRANCE } else { Subscription::of([codes[home]].into_iter().chain(near)) }
        };
        let node = |number: usize| Node {
            home: number % homes,
            subscription: keeps(number),
            peers: BTreeSet::new(),
            held: Directory::default(),
        };
        let nodes: Vec<Node> = (0..size).map(node).collect();
        let mut network = Self { nodes, codes, chance: ChaCha20Rng::seed_from_u64(seed) };
        network.meet(homes);
        network
    }

    /// Makes partners.
    fn meet(&mut self, homes: usize) {
        let size = self.nodes.len();
        for home in 0..homes {
            let locals: Vec<usize> = (home..size).step_by(homes).collect();
            (0..3).for_each(|_| self.ring(&locals));
            let near: Vec<usize> = ((home + 1) % homes..size).step_by(homes).collect();
            for number in locals.iter().filter(|number| (**number / homes).is_multiple_of(NEAR_EVERY)) {
                for _ in 0..2 {
                    let other = *near.choose(&mut self.chance).expect("a neighbour");
                    self.pair(*number, other);
                }
            }
        }
        self.ring(&(0..size).collect::<Vec<_>>());
        let of_all: Vec<usize> = (0..size).step_by(FRANCE_EVERY).collect();
        (0..2).for_each(|_| self.ring(&of_all));
        for number in of_all {
            for _ in 0..4 {
                let other = self.chance.random_range(0..size);
                self.pair(number, other);
            }
        }
    }

    /// Pairs each with the next, in a drawn order.
    fn ring(&mut self, among: &[usize]) {
        let mut order = among.to_vec();
        order.shuffle(&mut self.chance);
        for (place, one) in order.iter().enumerate() {
            let next = order[(place + 1) % order.len()];
            self.pair(*one, next);
        }
    }

    fn pair(&mut self, one: usize, other: usize) {
        if one != other {
            self.nodes[one].peers.insert(other);
            self.nodes[other].peers.insert(one);
        }
    }

    fn change(&self, of: usize, belongs: Belongs) -> Change {
        let commune = match belongs {
            Belongs::ToDepartement => Some(commune_of(self.codes[self.nodes[of].home])),
            Belongs::ToFrance => None,
        };
        let number = u64::try_from(of).expect("a number");
        let body = Body::Structure(Box::new(profile(number, commune)));
        let record = record(structure(number), 2, NOW, body);
        let identity = Digest::of_parts(&[b"change", &number.to_be_bytes()]);
        let partitions = Directory::default().partitions(&record);
        Change { record, identity, partitions }
    }

    /// Takes in a record as a node does: what it keeps, and what partners publish.
    fn take(&mut self, at: usize, of: usize, change: &Change) -> bool {
        let node = &mut self.nodes[at];
        let wanted = node.subscription.wants(change.partitions) || node.peers.contains(&of) || at == of;
        wanted
            && matches!(
                node.held.admit(change.record.clone(), change.identity, NOW),
                Ok(Admitted::New | Admitted::Newer)
            )
    }

    /// What a node holds of what both keep.
    fn items(&self, at: usize, shared: Subscription) -> Items {
        let held = self.nodes[at].held.all();
        let common = held.filter(|one| shared.wants(self.nodes[at].held.partitions(&one.record)));
        Items::of(common.map(|one: &Held| (one.record.issued_at, one.identity)))
    }
}

/// How one change spread.
#[derive(Default)]
struct Spread {
    keepers: usize,
    /// After each round, how many of them had it.
    reached: Vec<usize>,
    /// How often it was sent, by any node to any.
    copies: usize,
    /// Sent and received, by class of node.
    ends: [usize; 2],
}

impl Spread {
    fn copy(&mut self, nodes: &[Node], from: usize, to: usize) {
        self.copies += 1;
        for end in [from, to] {
            self.ends[nodes[end].class()] += 1;
        }
    }
}

/// What a node took in the last round: who, which change, from whom.
type Fresh = Vec<(usize, usize, BTreeSet<usize>)>;
/// What was sent: to whom and which change, from whom.
type Sent = BTreeMap<(usize, usize), BTreeSet<usize>>;

/// Lets changes spread: how each did, and the bytes of comparisons of links that had been down.
fn spread(network: &mut Network, changes: &BTreeMap<usize, Change>) -> (BTreeMap<usize, Spread>, usize) {
    let keepers = |change: &Change| {
        network.nodes.iter().filter(|node| node.subscription.wants(change.partitions)).count()
    };
    let mut spreads: BTreeMap<usize, Spread> = changes
        .iter()
        .map(|(of, change)| (*of, Spread { keepers: keepers(change), ..Spread::default() }))
        .collect();
    let mut fresh: Fresh = Vec::new();
    for (of, change) in changes {
        assert!(network.take(*of, *of, change));
        fresh.push((*of, *of, BTreeSet::new()));
    }
    let mut compared = 0;
    for _ in 0..ROUNDS_MAX {
        let (sent, lost) = pass_on(network, changes, &mut spreads, &fresh);
        fresh = take_in(network, changes, sent);
        compared += compare_lost(network, changes, &mut spreads, &lost, &mut fresh);
        for (of, spread) in &mut spreads {
            let change = &changes[of];
            let has = |node: &Node| node.held.held(change.record.structure, &change.record.key()).is_some();
            let keeps = |node: &Node| node.subscription.wants(change.partitions);
            spread.reached.push(network.nodes.iter().filter(|node| keeps(node) && has(node)).count());
        }
    }
    (spreads, compared)
}

fn pass_on(
    network: &mut Network,
    changes: &BTreeMap<usize, Change>,
    spreads: &mut BTreeMap<usize, Spread>,
    fresh: &Fresh,
) -> (Sent, BTreeSet<(usize, usize)>) {
    let (mut sent, mut lost) = (Sent::default(), BTreeSet::new());
    for (at, of, from) in fresh {
        let change = &changes[of];
        let peers: Vec<usize> = network.nodes[*at].peers.iter().copied().collect();
        for peer in peers.into_iter().filter(|peer| !from.contains(peer) && peer != of) {
            // One's own goes to every partner; of others what they keep.
            let concerned = at == of || network.nodes[peer].subscription.wants(change.partitions);
            if !concerned {
                continue;
            }
            spreads.get_mut(of).expect("a change").copy(&network.nodes, *at, peer);
            if network.chance.random_bool(DOWN) {
                lost.insert((*at.min(&peer), *at.max(&peer)));
            } else {
                sent.entry((peer, *of)).or_default().insert(*at);
            }
        }
    }
    (sent, lost)
}

fn take_in(network: &mut Network, changes: &BTreeMap<usize, Change>, sent: Sent) -> Fresh {
    let mut fresh = Vec::new();
    for ((at, of), from) in sent {
        if network.take(at, of, &changes[&of]) {
            fresh.push((at, of, from));
        }
    }
    fresh
}

/// Compares the links that lost something, as both sides do once it is up again; the bytes of that.
fn compare_lost(
    network: &mut Network,
    changes: &BTreeMap<usize, Change>,
    spreads: &mut BTreeMap<usize, Spread>,
    lost: &BTreeSet<(usize, usize)>,
    fresh: &mut Fresh,
) -> usize {
    let by_identity: BTreeMap<Digest, usize> =
        changes.iter().map(|(of, change)| (change.identity, *of)).collect();
    let mut bytes = 0;
    for (one, other) in lost.iter().copied() {
        let shared = network.nodes[one].subscription.shared(network.nodes[other].subscription);
        let (ours, theirs) = (network.items(one, shared), network.items(other, shared));
        let mut said = ours.open().expect("an opening");
        let mut found = Vec::new();
        loop {
            let answer = theirs.answer(&said).expect("an answer");
            bytes += said.len() + answer.len();
            let learnt = ours.learn(&answer).expect("a difference");
            found.extend(learnt.have.into_iter().map(|id| (other, one, id)));
            found.extend(learnt.need.into_iter().map(|id| (one, other, id)));
            let Some(next) = learnt.next else { break };
            said = next;
        }
        for (at, from, identity) in found {
            let of = by_identity[&identity];
            spreads.get_mut(&of).expect("a change").copy(&network.nodes, from, at);
            if network.take(at, of, &changes[&of]) {
                fresh.push((at, of, BTreeSet::from([from])));
            }
        }
    }
    bytes
}

/// Bytes of a comparison of two sets of so many that are equal, frames included.
fn equal_bytes(count: usize) -> f64 {
    let record = |number: usize| {
        let at = Timestamp(NOW.0 - i64::try_from(number).expect("a number") * 60_000);
        (at, Digest::of(&number.to_be_bytes()))
    };
    let items = Items::of((0..count).map(record));
    let opening = items.open().expect("an opening");
    let answer = items.answer(&opening).expect("an answer");
    let framed = |step, message| SyncFrame::Reconcile(Reconcile { step, message }).encode().len();
    number(framed(Step::Opens, opening) + framed(Step::Answers, answer))
}

/// What one node sends and receives in a day, in bytes.
#[derive(Clone, Copy, Debug)]
struct Day {
    local: f64,
    national: f64,
    comparing: f64,
}

impl Day {
    fn total(self) -> f64 {
        self.local + self.national + self.comparing
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a count"))
}

/// Plays a network of this size and holds it to its bounds: what a day of each class of node costs, and the figures.
fn play(size: usize, seed: u64) -> ([Day; 2], String) {
    let begun = Instant::now();
    let mut network = Network::of(size, seed);
    let mut numbers: Vec<usize> = (0..size).collect();
    numbers.shuffle(&mut network.chance);
    let changing = numbers.iter().take(CHANGES_LOCAL + CHANGES_NATIONAL).copied().enumerate();
    let changes: BTreeMap<usize, Change> =
        changing.map(|(place, of)| (of, network.change(of, Belongs::at(place)))).collect();
    let (spreads, repaired) = spread(&mut network, &changes);
    let mut slowest = 0;
    for (of, Spread { keepers, reached, .. }) in &spreads {
        let enough = (number(*keepers) * REACHED).ceil();
        let rounds = reached.iter().position(|reached| number(*reached) >= enough);
        let told = format!("seed {seed}, size {size}: the change of {of} reached {reached:?} of {keepers}");
        slowest = slowest.max(rounds.expect(&told) + 1);
    }
    let peers: usize = network.nodes.iter().map(|node| node.peers.len()).sum();
    let copies: usize = spreads.values().map(|spread| spread.copies).sum();
    let keepers: usize = spreads.values().map(|spread| spread.keepers).sum();
    let mut told = format!(
        "{size:>6} structures, {:.1} partners each: {slowest} rounds at most for 99 % of those who keep it, {:.1} copies \
         for each of them; comparing links that were down took {repaired} bytes; played in {:.1?}",
        number(peers) / number(size),
        number(copies) / number(keepers),
        begun.elapsed()
    );
    let days = [OF_FRANCE, OF_DEPARTEMENTS].map(|of| a_day(&network, &changes, &spreads, of));
    for (name, day) in ["all of France", "départements"].iter().zip(&days) {
        told += &format!(
            "\n       day of a node that keeps {name:<13}: {:>10.0} bytes of départements, {:>9.0} national, {:>7.0} \
             comparing; {:>10.0} in all",
            day.local,
            day.national,
            day.comparing,
            day.total()
        );
    }
    (days, told)
}

/// What the day of a node costs, by how often what changes is sent to and by nodes of its class.
fn a_day(
    network: &Network,
    changes: &BTreeMap<usize, Change>,
    spreads: &BTreeMap<usize, Spread>,
    class: usize,
) -> Day {
    let nodes: Vec<&Node> = network.nodes.iter().filter(|node| node.class() == class).collect();
    let ends = |belongs: Belongs| {
        let of_kind = spreads
            .iter()
            .filter(|(of, _)| changes[of].partitions.is_national() == (belongs == Belongs::ToFrance));
        let of_kind: Vec<usize> = of_kind.map(|(_, spread)| spread.ends[class]).collect();
        number(of_kind.iter().sum()) / number(of_kind.len()) / number(nodes.len())
    };
    let bytes = Bytes::of_samples();
    let bytes_a_structure = PLACES_A_DAY * number(bytes.places)
        + RECORDS_A_DAY * number(bytes.service)
        + MANIFESTS_A_DAY * number(bytes.manifest);
    let size = number(network.nodes.len());
    let every = number(NATIONAL_EVERY);
    let (of_local, of_national) = (size * (1.0 - 1.0 / every), size / every);
    let structures = if class == OF_FRANCE { size } else { number(LOCAL) + of_national };
    let compared = ((SERVICES + 1.0 + SERVICES) * structures).round() as usize;
    let links: usize = nodes.iter().map(|node| node.peers.len()).sum();
    Day {
        local: of_local * bytes_a_structure * ends(Belongs::ToDepartement),
        national: of_national * bytes_a_structure * ends(Belongs::ToFrance),
        comparing: equal_bytes(compared) * COMPARED_A_DAY * number(links) / number(nodes.len()),
    }
}

#[test]
fn a_change_reaches_those_who_keep_it_within_ten_rounds_and_costs_grow_with_what_is_national() {
    let seed = seed();
    println!("seed {seed} ({SEED_VARIABLE} plays another)");
    println!("what travels: {:?}", Bytes::of_samples());
    let played = [100, 1_000, 10_000].map(|size| {
        let (days, told) = play(size, seed);
        println!("{told}");
        days
    });
    let [_, medium, large] = &played;
    let [of_france, of_departements] = [OF_FRANCE, OF_DEPARTEMENTS].map(|of| (medium[of], large[of]));
    println!(
        "from 1,000 to 10,000 structures the day of a node that keeps départements grows {:.1} times (its own {:.2}, the \
         national {:.1}), that of one that keeps all of France {:.1} times",
        of_departements.1.total() / of_departements.0.total(),
        of_departements.1.local / of_departements.0.local,
        of_departements.1.national / of_departements.0.national,
        of_france.1.total() / of_france.0.total(),
    );
    let (medium, large) = of_departements;
    assert!(large.local <= medium.local * 1.25, "what is local does not grow with the country: {played:?}");
    assert!(large.comparing <= medium.comparing * 1.25, "{played:?}");
    assert!(large.national <= medium.national * 12.5, "no faster than what is national: {played:?}");
}
