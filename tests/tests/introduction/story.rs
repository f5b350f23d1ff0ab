//! Three real nodes.
