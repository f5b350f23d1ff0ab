//! Plain lines and tables for humans.

use crate::answer::one_line;
use comfy_table::{ContentArrangement, Table, presets};

/// Width of the labels in front of values, in characters.
const LABEL_WIDTH: usize = 14;

/// Lines that grow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    text: String,
}

impl Lines {
    /// No lines.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.text.push_str(&one_line(text.as_ref()));
        self.text.push('\n');
        self
    }

    /// Adds an empty line.
    pub(crate) fn gap(&mut self) -> &mut Self {
        self.text.push('\n');
        self
    }

    /// Adds `label  value`; nothing when the value is empty.
    pub(crate) fn field(&mut self, label: &str, value: impl AsRef<str>) -> &mut Self {
        let value = one_line(value.as_ref());
        let width = LABEL_WIDTH.max(label.chars().count() + 1);
        if value.is_empty() { self } else { self.line(format!("  {label:<width$}{value}")) }
    }

    /// Adds `label  value` for each value.
    pub(crate) fn fields<T: AsRef<str>>(&mut self, label: &str, values: &[T]) -> &mut Self {
        for value in values {
            self.field(label, value);
        }
        self
    }

    /// Adds a text of several lines as it is.
    pub(crate) fn block(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
        self
    }

    /// Adds a table; `otherwise` when it has no rows.
    pub(crate) fn table<const N: usize>(
        &mut self,
        header: [&str; N],
        rows: Vec<[String; N]>,
        otherwise: &str,
    ) -> &mut Self {
        if rows.is_empty() {
            return self.line(otherwise);
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(header.map(str::to_uppercase));
        for row in rows {
            table.add_row(row.map(|cell| one_line(&cell)));
        }
        self.block(&table.trim_fmt())
    }

    /// The lines.
    pub(crate) fn done(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

/// `count noun`, with an s when there is not one.
pub(crate) fn counted(count: impl Into<u64>, noun: &str) -> String {
    let count = count.into();
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_no_colour() {
        let mut lines = Lines::new();
        lines.table(["id", "name"], vec![["1".to_owned(), "Emmaüs\u{1b}[31m Connect".to_owned()]], "none");
        let text = lines.done();
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert!(text.contains("ID") && text.contains("Emmaüs"));
    }

    #[test]
    fn empty_values_and_tables_say_so_shortly() {
        let mut lines = Lines::new();
        lines.field("note", "").table(["id"], Vec::new(), "no referral");
        assert_eq!(lines.done(), "no referral\n");
        assert_eq!(lines.field("recommended by", "Hub").done(), "  recommended by Hub\n");
        assert_eq!([counted(1u64, "service"), counted(0u64, "service")], ["1 service", "0 services"]);
    }
}
