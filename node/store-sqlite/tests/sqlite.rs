//! The SQLite store on real files.

mod sqlite {
    mod callers;
    mod conformance;
    mod erasing;
    mod opening;
    mod raw;
    mod room;
    mod space;
}
