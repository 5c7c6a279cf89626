//! The report: one page that needs nothing else, in English and Chinese, by day and by night.

mod chart;
mod page;
mod scale;
mod words;

use crate::record::Record;

/// The whole page.
pub fn page(record: &Record, old: Option<&Record>) -> String {
    page::page(record, old)
}

/// What people have named may hold anything.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
