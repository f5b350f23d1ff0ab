//! Who may call what: `tests/authorisation.md` against the descriptors of the protocol, and every cell against a real node.

mod authorisation {
    mod alike;
    mod cells;
    mod descriptors;
    mod requests;
    mod table;
}
