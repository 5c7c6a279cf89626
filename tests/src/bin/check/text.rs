//! The report for people: a line a case, group by group; then what failed, in full, and the totals.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use http_suite::{Case, Verdict};

use crate::suite::{Finding, Totals};

/// The cases, with where they are written and taught.
pub fn list(cases: &[&Case]) -> String {
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    let section = cases.iter().map(|case| case.section.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, case) in cases.iter().enumerate() {
        if index == 0 || cases[index - 1].group != case.group {
            let blank = if index == 0 { "" } else { "\n" };
            let _ = writeln!(text, "{blank}{}: {}", case.group, case.group.about());
        }
        let _ = writeln!(text, "  {:<width$}  {:<section$}  {}", case.name, case.section, case.lesson);
    }
    let _ = writeln!(text, "\n{} cases", cases.len());
    text
}

/// One line, under the name of its group if that is a new one.
pub fn show(before: Option<&Finding>, finding: &Finding, strict: bool) {
    let mut out = anstream::stdout();
    let group = finding.case.group;
    if before.is_none_or(|before| before.case.group != group) {
        let blank = if before.is_none() { "" } else { "\n" };
        let _ = writeln!(out, "{blank}{group}: {}", group.about());
    }
    let (mark, style, remark) = mark(finding, strict);
    let _ = writeln!(out, "  {style}{mark}{style:#} {}{remark}", finding.case.name);
}

/// As in the table of stages, and three more.
fn mark(finding: &Finding, strict: bool) -> (char, Style, String) {
    let colour = |colour: AnsiColor| colour.on_default();
    match &finding.verdict {
        Verdict::Passes => ('+', colour(AnsiColor::Green), String::new()),
        Verdict::ProvedLimit(symptom) => {
            (symptom.letter(), Style::new().dimmed(), format!(" (a limit of this stage: {})", symptom.text()))
        }
        Verdict::Beyond(_) if strict => ('!', colour(AnsiColor::Red).bold(), " passes, beyond its stage".into()),
        Verdict::Beyond(_) => ('^', colour(AnsiColor::Cyan), " (beyond this stage)".into()),
        Verdict::Fails(_) => ('!', colour(AnsiColor::Red).bold(), " FAILED".into()),
        Verdict::NotLookedAt(_) => ('?', colour(AnsiColor::Yellow), " (not looked at)".into()),
        Verdict::DoesNotApply => ('.', Style::new().dimmed(), " (does not apply)".into()),
    }
}

/// What failed, in full; what was not looked at, by reason; the totals.
pub fn conclude(findings: &[Finding], totals: &Totals, strict: bool) {
    let mut text = String::new();
    for finding in findings.iter().filter(|finding| finding.is_failure(strict)) {
        if let Verdict::Fails(explained) | Verdict::Beyond(explained) = &finding.verdict {
            let _ = write!(text, "\n--- {explained}");
        }
    }
    for (reason, names) in not_looked_at(findings) {
        let _ = writeln!(text, "\nnot looked at: {reason}\n  {}", names.join(", "));
    }
    let _ = writeln!(
        text,
        "\n{} pass, {} are proved limits of this stage, {} go beyond it, {} fail, {} were not looked at, {} do not apply",
        totals.passes, totals.limits, totals.beyond, totals.failed, totals.not_looked_at, totals.does_not_apply
    );
    let _ = writeln!(text, "{} passed, {} failed, {} skipped", totals.passed, totals.failed, totals.skipped);
    let _ = anstream::stdout().write_all(text.as_bytes());
}

fn not_looked_at(findings: &[Finding]) -> Vec<(&str, Vec<&str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for finding in findings {
        let Verdict::NotLookedAt(why) = &finding.verdict else { continue };
        match reasons.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, names)) => names.push(finding.case.name),
            None => reasons.push((why, vec![finding.case.name])),
        }
    }
    reasons
}
