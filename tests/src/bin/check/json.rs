//! The report for programs.

use http_suite::{Case, Stage, Verdict};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::suite::{Finding, Totals};

/// The cases, with what each lesson makes of them.
pub fn list(cases: &[&Case]) -> String {
    let cases: Vec<Value> = cases
        .iter()
        .map(|case| {
            let marks: String = Stage::all().map(|stage| stage.mark(case.name).to_string()).collect();
            json!({
                "name": case.name,
                "group": case.group.name(),
                "section": case.section,
                "why": case.why,
                "lesson": case.lesson,
                "marks": marks,
            })
        })
        .collect();
    lines(&json!({ "cases": cases }))
}

/// One object: the server, the stage, the totals, and every case.
pub fn report(arguments: &Arguments, findings: &[Finding], totals: &Totals) -> String {
    let cases: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let (verdict, text) = verdict(&finding.verdict);
            json!({
                "name": finding.case.name,
                "group": finding.case.group.name(),
                "section": finding.case.section,
                "verdict": verdict,
                "text": text,
            })
        })
        .collect();
    lines(&json!({
        "server": arguments.address.clone().unwrap_or_else(|| arguments.command.join(" ")),
        "stage": arguments.stage.to_string(),
        "strict": arguments.strict,
        "totals": {
            "passed": totals.passed,
            "failed": totals.failed,
            "skipped": totals.skipped,
            "limits": totals.limits,
            "beyond": totals.beyond,
            "not-looked-at": totals.not_looked_at,
            "does-not-apply": totals.does_not_apply,
        },
        "cases": cases,
    }))
}

fn verdict(verdict: &Verdict) -> (&'static str, &str) {
    match verdict {
        Verdict::Passes => ("passes", ""),
        Verdict::ProvedLimit(symptom) => ("limit", symptom.text()),
        Verdict::Beyond(text) => ("beyond", text),
        Verdict::Fails(text) => ("fails", text),
        Verdict::NotLookedAt(why) => ("not-looked-at", why),
        Verdict::DoesNotApply => ("does-not-apply", ""),
    }
}

fn lines(value: &Value) -> String {
    format!("{value:#}\n")
}
