//! A row for each submission (RFC 4180).

use http_suite::Language;

use crate::formats::number;
use crate::grade::{Grade, State};
use crate::points::Points;

/// The columns. Nothing in them changes from one run to the next: no times, ports or paths, not which cases were
/// unstable, and not which limits one has met. The pages have that.
const COLUMNS: [&str; 14] = [
    "name",
    "stage",
    "state",
    "points",
    "of",
    "gained",
    "gained-of",
    "kept",
    "kept-of",
    "strictness",
    "strictness-of",
    "mend-first",
    "looks-like",
    "reason",
];

/// The grades as a table with a heading.
///
/// # Errors
///
/// If the writer refuses.
pub fn table(grades: &[Grade], points: &Points) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|error| error.to_string())?;
    for grade in grades {
        writer.write_record(row(grade, points)).map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn row(grade: &Grade, points: &Points) -> Vec<String> {
    let mut row = vec![harmless(&grade.name), grade.stage.clone(), grade.state.name().to_owned()];
    row.extend([number(grade.points()), number(grade.most(points))]);
    row.extend(grade.parts.iter().flat_map(|part| [part.passed.to_string(), part.of.to_string()]));
    row.push(grade.mend.clone().unwrap_or_default());
    let looks: Vec<&str> = grade.looks_like.iter().map(|likeness| likeness.what(Language::English)).collect();
    let reason = if grade.state == State::Graded { "" } else { &grade.reason[0] };
    row.extend([harmless(&looks.join("; ")), harmless(reason)]);
    row
}

/// A text that no spreadsheet takes for a formula: the name of a folder is the student's.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}
