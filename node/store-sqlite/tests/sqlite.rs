//! The SQLite store on real files.

mod sqlite {
    mod conformance;
    mod room;
}
