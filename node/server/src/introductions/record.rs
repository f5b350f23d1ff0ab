//! One introduction as it is stored.

use super::IntroduceError;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_wire::endpoint::Endpoint;
use serde::{Deserialize, Serialize};

/// Format of the document.
const FORMAT: u32 = 1;

/// Who asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// This structure.
    AskedByUs,
    /// The other one.
    AskedOfUs,
}

/// Where an introduction stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// This node asks, and has not been answered yet.
    Asking,
    /// The nodes have talked; this node's admin compares the words.
    AwaitsUs,
    /// This node's admin confirmed; the other structure has not been seen since.
    Confirmed,
    /// This node's admin said no, or took back what was asked.
    RefusedHere,
    /// The other structure said no.
    RefusedThere,
    /// Nobody vouches any more.
    Lapsed,
    /// Its time is over.
    Expired,
}

/// Why asking led to nothing so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Nobody answers at its address, or someone else does.
    Unreachable,
    /// No partner of the other structure vouches for this one, as far as it knows.
    NotVouchedThere,
    /// The other structure has no room for more now.
    Full,
    /// The two propose different agreements.
    Agreement,
    /// The other structure holds this one as a partner already.
    Known,
    /// One side does not believe the other's manifests or proof.
    NotBelieved,
    /// The other node does not know introductions, or could not say why.
    Unknown,
}

/// One introduction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Introduction {
    /// The other structure.
    pub with: StructureId,
    /// The name it claims; empty until it said one.
    pub name: String,
    /// Who asked.
    pub side: Side,
    /// Where it stands.
    pub standing: Standing,
    /// When it was asked.
    pub begun: Timestamp,
    /// When it came to stand so.
    pub changed: Timestamp,
    /// Until when it waits; of one that ended, until when it is remembered.
    pub expires: Timestamp,
    /// Where the other structure's pairing listener is said to be.
    pub endpoints: Vec<Endpoint>,
    /// The partner whose word let it in, when it was asked of this structure.
    pub charged: Option<StructureId>,
    /// How often the nodes talked about it.
    pub talks: u32,
    /// How often it was asked for in vain.
    pub tries: u32,
    /// When it is asked for next.
    pub next_try: Timestamp,
    /// Why the last try led to nothing.
    pub trouble: Option<Trouble>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    name: String,
    side: Side,
    standing: Standing,
    begun_ms: i64,
    changed_ms: i64,
    expires_ms: i64,
    endpoints: Vec<String>,
    charged: Option<String>,
    talks: u32,
    tries: u32,
    next_try_ms: i64,
    trouble: Option<Trouble>,
}

impl Introduction {
    /// The same, standing otherwise since `now`.
    pub(super) fn standing(&self, standing: Standing, now: Timestamp) -> Self {
        Self { standing, changed: now, ..self.clone() }
    }

    /// The same, until another instant.
    pub(super) fn until(self, expires: Timestamp) -> Self {
        Self { expires, ..self }
    }

    /// Whether it may still lead to a partnership.
    pub const fn is_under_way(&self) -> bool {
        match self.standing {
            Standing::Asking | Standing::AwaitsUs | Standing::Confirmed => true,
            Standing::RefusedHere | Standing::RefusedThere | Standing::Lapsed | Standing::Expired => false,
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let stored = Stored {
            format: FORMAT,
            name: self.name.clone(),
            side: self.side,
            standing: self.standing,
            begun_ms: self.begun.0,
            changed_ms: self.changed.0,
            expires_ms: self.expires.0,
            endpoints: self.endpoints.iter().map(|endpoint| endpoint.as_str().to_owned()).collect(),
            charged: self.charged.map(|charged| charged.compact()),
            talks: self.talks,
            tries: self.tries,
            next_try_ms: self.next_try.0,
            trouble: self.trouble,
        };
        serde_json::to_vec(&stored).expect("numbers and texts are JSON")
    }

    pub(super) fn decode(key: &[u8], body: &[u8]) -> Result<Self, IntroduceError> {
        let corrupt = || IntroduceError::Corrupt;
        let stored: Stored = serde_json::from_slice(body).map_err(|_| corrupt())?;
        if stored.format != FORMAT {
            return Err(corrupt());
        }
        let endpoints = stored.endpoints.iter().map(|text| Endpoint::parse(text).map_err(|_| corrupt()));
        let charged = stored.charged.map(|id| StructureId::parse(&id).map_err(|_| corrupt()));
        Ok(Self {
            with: StructureId::from_slice(key).ok_or_else(corrupt)?,
            name: stored.name,
            side: stored.side,
            standing: stored.standing,
            begun: Timestamp(stored.begun_ms),
            changed: Timestamp(stored.changed_ms),
            expires: Timestamp(stored.expires_ms),
            endpoints: endpoints.collect::<Result<_, _>>()?,
            charged: charged.transpose()?,
            talks: stored.talks,
            tries: stored.tries,
            next_try: Timestamp(stored.next_try_ms),
            trouble: stored.trouble,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn introduction() -> Introduction {
        Introduction {
            with: StructureId::of_root_spki(b"them"),
            name: "Les mots pour dire".to_owned(),
            side: Side::AskedByUs,
            standing: Standing::Asking,
            begun: Timestamp(1),
            changed: Timestamp(2),
            expires: Timestamp(3),
            endpoints: vec![Endpoint::parse("relais.example.org:7444").unwrap()],
            charged: Some(StructureId::of_root_spki(b"b")),
            talks: 4,
            tries: 5,
            next_try: Timestamp(6),
            trouble: Some(Trouble::Unreachable),
        }
    }

    #[test]
    fn what_is_stored_comes_back_and_what_contradicts_itself_is_damage() {
        let held = introduction();
        let key = held.with.as_bytes();
        assert_eq!(Introduction::decode(key, &held.encode()).unwrap(), held);
        let spoilt = |field: &str, value: Value| {
            let mut stored: Value = serde_json::from_slice(&held.encode()).unwrap();
            stored[field] = value;
            Introduction::decode(key, stored.to_string().as_bytes())
        };
        for (field, value) in [
            ("format", 2.into()),
            ("standing", "agreed".into()),
            ("endpoints", vec!["nowhere"].into()),
            ("charged", "x".into()),
            ("trouble", "none".into()),
        ] {
            assert!(matches!(spoilt(field, value), Err(IntroduceError::Corrupt)), "{field}");
        }
        assert!(matches!(Introduction::decode(b"short", &held.encode()), Err(IntroduceError::Corrupt)));
    }
}
