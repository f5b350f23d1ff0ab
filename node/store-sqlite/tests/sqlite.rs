//! The SQLite store on real files.

mod sqlite {
    mod blanking;
    mod callers;
    mod closing;
    mod conformance;
    mod erasing;
    mod opening;
    mod raw;
    mod room;
    mod space;
}
