//! The embedded tables and how a row is found: binary search over the bytes, one line at a time.

use std::cmp::Ordering;

pub(super) const COMMUNES: &str = include_str!("../../data/communes.txt");
pub(super) const FORMER: &str = include_str!("../../data/former.txt");
pub(super) const EPCI: &str = include_str!("../../data/epci.txt");
pub(super) const DEPARTEMENTS: &str = include_str!("../../data/departements.txt");
pub(super) const REGIONS: &str = include_str!("../../data/regions.txt");
pub(super) const POSTCODES: &str = include_str!("../../data/postcodes.txt");

/// The line of `table` whose first field is `key`.
pub(super) fn row(table: &'static str, key: &str) -> Option<&'static str> {
    let bytes = table.as_bytes();
    // Both stay at the start of a line (or the end of the table).
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes.get(low..middle)?.iter().rposition(is_newline).map_or(low, |at| low + at + 1);
        let length = bytes.get(start..)?.iter().position(is_newline)?;
        let line = table.get(start..start + length)?;
        match field(line, 0).cmp(key) {
            Ordering::Less => low = start + length + 1,
            Ordering::Greater => high = start,
            Ordering::Equal => return Some(line),
        }
    }
    None
}

fn is_newline(byte: &u8) -> bool {
    *byte == b'\n'
}

/// The field of a line, counted from 0; empty when there is none.
pub(super) fn field(line: &'static str, index: usize) -> &'static str {
    line.split(';').nth(index).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_whole_and_every_row_is_found() {
        let tables = [
            (COMMUNES, 34_969, 6),
            (FORMER, 2_037, 3),
            (EPCI, 1_255, 4),
            (DEPARTEMENTS, 109, 3),
            (REGIONS, 26, 2),
        ];
        for (table, rows, fields) in tables.into_iter().chain([(POSTCODES, 6_310, 2)]) {
            assert!(table.ends_with('\n'));
            let keys: Vec<&str> = table.lines().map(|line| field(line, 0)).collect();
            assert_eq!(keys.len(), rows);
            assert!(keys.is_sorted_by(|a, b| a < b));
            for line in table.lines() {
                assert_eq!(line.split(';').count(), fields, "{line}");
                assert_eq!(row(table, field(line, 0)), Some(line));
            }
        }
    }

    #[test]
    fn an_absent_key_is_not_found() {
        for key in ["", "0", "00000", "17000", "99999", "é", "zzz"] {
            assert_eq!(row(COMMUNES, key), None);
        }
    }
}
