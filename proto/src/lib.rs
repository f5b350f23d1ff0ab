//! The wire: protobuf messages as generated from `proto/relais/*/v1`, and gRPC stubs behind the features `peer` and
//! `desk`.
//!
//! Nothing is decided, signed or checked here. The comments of the `.proto` files are the documentation. Messages that
//! concern a person print as `[personal]`.

/// The descriptors of every message and service (an encoded `google.protobuf.FileDescriptorSet`, with comments), for
/// reflection and for comparison with the committed set.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Node to node.
pub mod peer {
    /// Version 1 of the messages between nodes.
    #[expect(clippy::large_enum_variant, reason = "generated messages hold their parts in place")]
    #[cfg_attr(
        feature = "peer",
        expect(
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason,
            clippy::too_many_lines,
            reason = "generated stubs switch off lints for themselves, and dispatch in one function"
        )
    )]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/relais.peer.v1.rs"));
    }
}

/// A gateway, or a structure's own software, to its node.
pub mod desk {
    /// Version 1 of the messages between a desk and its node.
    #[cfg_attr(
        feature = "desk",
        expect(
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason,
            clippy::too_many_lines,
            reason = "generated stubs switch off lints for themselves, and dispatch in one function"
        )
    )]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/relais.desk.v1.rs"));
    }
}

include!(concat!(env!("OUT_DIR"), "/personal.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_content_is_never_printed() {
        let part = peer::v1::ContentPart { class: 1, salt: vec![1], bytes: b"Amina".to_vec() };
        let content = peer::v1::SealedContent { parts: vec![part], padding: Vec::new() };
        assert_eq!(format!("{content:?}"), "[personal]");
    }

    #[test]
    fn the_descriptors_carry_our_packages() {
        let text = String::from_utf8_lossy(DESCRIPTORS);
        assert!(text.contains("relais.peer.v1"));
    }
}
