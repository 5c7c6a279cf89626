//! One table, for the terminal and for the report.

use comfy_table::{CellAlignment, ContentArrangement, presets};

/// The cells as they are shown. The first column names, the others are figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// With these columns.
    pub fn new(head: &[&str]) -> Table {
        Table { head: head.iter().map(|text| (*text).to_owned()).collect(), rows: Vec::new() }
    }

    /// One row more.
    pub fn add(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(&self.head).add_rows(&self.rows);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.trim_fmt() + "\n"
    }
}
