//! Chains: what is held, what is offered.

use crate::{
    Vector,
    made::{claims, first, invalid, key, message_of, secret, signed, valid},
};
use relais_proto::peer::v1 as proto;
use relais_wire::{
    dsse::PayloadType,
    manifest::{Manifest, chain::Chain},
};

/// A manifest at any place, signed by any root: what only a holder of that root could make.
fn follow(after: &Manifest, name: &str, root: u8, next: u8) -> Manifest {
    let message = proto::Manifest {
        sequence: after.sequence() + 1,
        previous_hash: after.identity().as_bytes().to_vec(),
        root_spki: key(root).to_spki().to_vec(),
        next_root_hash: key(next).spki_hash().as_bytes().to_vec(),
        name: name.to_owned(),
        ..message_of(&first())
    };
    Manifest::admit(&signed(PayloadType::Manifest, &message, root)).expect("well formed in itself")
}

fn held() -> [Manifest; 3] {
    let second = follow(&first(), "2", 1, 2);
    let third = follow(&second, "3", 1, 2);
    [first(), second, third]
}

fn vector(path: &str, held: &[Manifest], offered: &[Manifest]) -> Vector {
    let mut vector = Vector::new(format!("{path}.txt"), "chain");
    for (name, manifests) in [("held", held), ("offered", offered)] {
        for manifest in manifests {
            vector = vector.hex(name, &manifest.signed().encode());
        }
    }
    vector
}

fn equivocation(held: &Manifest, offered: &Manifest) -> String {
    let (held, offered) = (held.identity(), offered.identity());
    let name = "application/vnd.relais.manifest.v1+protobuf";
    format!("Equivocation(Equivocation {{ held: Signed({name} {held}), offered: Signed({name} {offered}) }})")
}

pub(crate) fn chains() -> Vec<Vector> {
    let mut vectors = accepted();
    vectors.extend(refused());
    vectors.extend(equivocations());
    vectors
}

fn accepted() -> Vec<Vector> {
    let held = held();
    let rotation = follow(&held[2], "rotation", 2, 3);
    let thief = follow(&held[2], "thief", 1, 2);
    let thief_again = follow(&thief, "thief", 1, 2);
    let stolen = [&held[..], &[thief.clone(), thief_again]].concat();
    let owned = follow(&held[2], "owner", 1, 2);
    let late_rotation = follow(&owned, "rotation", 2, 3);
    let whole = [&held[..], &[owned, late_rotation]].concat();
    let forked = [&held[..], &[thief]].concat();
    vec![
        valid(vector("valid/chain-next", &held[..2], &held[2..])),
        valid(vector("valid/chain-known", &held, &held[1..2])),
        valid(vector("valid/chain-rotation", &held, std::slice::from_ref(&rotation))),
        valid(vector("valid/chain-rotation-arrives-late", &stolen, &[rotation])),
        valid(vector("valid/chain-rotation-over-a-fork", &forked, &whole)),
    ]
}

fn refused() -> Vec<Vector> {
    let held = held();
    let rotation = follow(&held[2], "rotation", 2, 3);
    let rotated = [&held[..], &[rotation]].concat();
    let current = &rotated[3];
    let other = Manifest::first(&claims("x"), &secret(9), key(2).spki_hash()).expect("a manifest");
    let broken = follow(&follow(&held[1], "other", 1, 2), "x", 1, 2);
    let one = |path: &str, held: &[Manifest], offered: Manifest, error: &str| {
        invalid(vector(&format!("invalid/chain-{path}"), held, &[offered]), error)
    };
    vec![
        one("gap", &held[..1], held[2].clone(), "Gap { expected: 2, offered: 3 }"),
        one("of-another", &held, other, "WrongStructure"),
        one("broken-link", &held, broken, "BrokenLink"),
        one("thief-sets-successor", &held, follow(&held[2], "thief", 1, 66), "SuccessorChanged"),
        one("thief-brings-root", &held, follow(&held[2], "thief", 66, 67), "WrongRoot"),
        one("rotation-back", &held, follow(&held[2], "x", 2, 1), "UsedSuccessor"),
        one("former-root-follows", &rotated, follow(current, "thief", 1, 2), "Superseded"),
        one("former-root-in-place", &rotated, follow(&held[2], "thief", 1, 2), "Superseded"),
        one("former-root-before", &rotated, follow(&held[0], "thief", 1, 2), "Superseded"),
        one("second-root-sets-successor", &rotated, follow(current, "thief", 2, 66), "SuccessorChanged"),
    ]
}

fn equivocations() -> Vec<Vector> {
    let held = held();
    let rotation = follow(&held[2], "rotation", 2, 3);
    let rotated = [&held[..], std::slice::from_ref(&rotation)].concat();
    let fork = follow(&held[0], "fork", 1, 2);
    let again = follow(&held[1], "again", 2, 66);
    let root = first().root().structure_id();
    let other_first = Manifest::first(&claims("other"), &secret(1), key(66).spki_hash()).expect("a manifest");
    assert_eq!(Chain::found(other_first.clone()).expect("a first").structure(), root);
    let thiefs = [other_first.clone(), follow(&other_first, "thief", 66, 67)];
    vec![
        invalid(
            vector("invalid/chain-fork", &held, std::slice::from_ref(&fork)),
            &equivocation(&held[1], &fork),
        ),
        invalid(
            vector("invalid/chain-rotates-twice", &rotated, std::slice::from_ref(&again)),
            &equivocation(&rotation, &again),
        ),
        invalid(vector("invalid/chain-two-firsts", &held, &thiefs), &equivocation(&held[0], &other_first)),
    ]
}
