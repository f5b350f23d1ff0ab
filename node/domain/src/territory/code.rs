//! Codes of territories, a few bytes each, and only those that a table holds.

use super::place::{Commune, Departement, Epci, Region};
use super::table;
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident, $view:ident, $of:ident, $size:literal, $table:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $size]);

        impl $name {
            /// Reads a present code (letters of either case); `None` when the COG 2026 has no such code.
            pub fn parse(text: &str) -> Option<Self> {
                table::row(table::$table, &text.to_ascii_uppercase()).map(Self::of_row)
            }

            /// The code of a row of its table.
            pub(super) fn of_row(row: &'static str) -> Self {
                Self::of(table::field(row, 0))
            }

            /// The code written in a row of any table; the tables' own test proves it is known.
            pub(super) fn of(text: &str) -> Self {
                let mut bytes = [0; $size];
                bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
                Self(bytes)
            }

            /// The code as text.
            pub fn as_str(&self) -> &str {
                let length = self.0.iter().position(|byte| *byte == 0).unwrap_or($size);
                self.0.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
            }

            /// The place that has this code.
            pub fn $of(&self) -> $view {
                $view::of_row(table::row(table::$table, self.as_str()).unwrap_or_default())
            }

            /// The name of the place, in French.
            pub fn name(&self) -> &'static str {
                self.$of().name()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

codes! {
    /// The INSEE code of a present commune, five characters (`17300`, `2A004`).
    CommuneCode, Commune, commune, 5, COMMUNES;
    /// The SIREN of an EPCI, nine digits.
    EpciCode, Epci, epci, 9, EPCI;
    /// The code of a département or overseas collectivity (`17`, `2A`, `971`).
    DepartementCode, Departement, departement, 3, DEPARTEMENTS;
    /// The code of a région or overseas collectivity (`75`, `01`, `975`).
    RegionCode, Region, region, 3, REGIONS;
}

impl CommuneCode {
    /// Its département, which its first characters name.
    pub fn departement(&self) -> DepartementCode {
        let code = self.as_str();
        let length = if code.starts_with("97") || code.starts_with("98") { 3 } else { 2 };
        DepartementCode::of(code.get(..length).unwrap_or(code))
    }
}
