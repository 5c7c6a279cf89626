//! The report as a part of a document: the score, and the failures as a table.

use std::fmt::Write as _;

use crate::arguments::Arguments;
use crate::score::{Part, Totals, score};
use crate::suite::Finding;

/// The score in one line, then a row for each failure: the case, what the server does, where it is written.
pub fn table(arguments: &Arguments, findings: &[Finding]) -> String {
    let stage = arguments.stage;
    let parts = Part::ALL.map(|part| {
        let count = score(findings, stage, part);
        format!("{} {} of {}", part.name(), count.passed, count.of)
    });
    let totals = Totals::of(findings, arguments.strict);
    let mut text = format!("As lesson {stage}: {}; {} not looked at.\n", parts.join(", "), totals.not_looked_at);
    let failures: Vec<&Finding> = findings.iter().filter(|finding| finding.is_failure(arguments.strict)).collect();
    if failures.is_empty() {
        return text;
    }
    text.push_str("\n| case | what happened | written in | |\n|---|---|---|---|\n");
    for finding in failures {
        let what = match &finding.account {
            Some(account) => account.what.clone(),
            None => format!("not run: `{}` fails", finding.follows.unwrap_or_default()),
        };
        let strict = if finding.case.strict { "strictness" } else { "" };
        let section = if finding.case.section.is_empty() { "–" } else { finding.case.section };
        let _ = writeln!(text, "| `{}` | {} | {section} | {strict} |", finding.case.name, cell(&what));
    }
    text
}

/// Text that may stand in a cell: one line, no column, no mark-up.
fn cell(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_")
}
