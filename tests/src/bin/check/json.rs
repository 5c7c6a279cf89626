//! The report for programs.

use std::time::Duration;

use http_suite::{Both, Case, Language, Stage, Verdict, visible};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::score::{Part, Totals, score, to_mend};
use crate::suite::Finding;

/// Of what the objects look like. It grows when a member changes its meaning or goes, not when one is added.
const SCHEMA: u32 = 2;

/// The cases, with what each lesson makes of them.
pub fn list(cases: &[&Case]) -> String {
    let cases: Vec<Value> = cases
        .iter()
        .map(|case| {
            json!({
                "name": case.name,
                "group": case.group.name(),
                "section": case.section,
                "title_zh": case.title(Language::Chinese),
                "why": case.why,
                "why_zh": case.reason(Language::Chinese),
                "lesson": case.lesson,
                "lesson_zh": case.read_on(Language::Chinese),
                "strict": case.strict,
                "marks": marks(case),
            })
        })
        .collect();
    lines(&json!({ "cases": cases }))
}

fn marks(case: &Case) -> String {
    Stage::all().map(|stage| stage.mark(case.name).to_string()).collect()
}

/// What is known before any case: of which server and which run this is the report.
pub fn start(arguments: &Arguments) -> Value {
    json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "server": arguments.server(),
        "stage": arguments.stage.to_string(),
        "parent": arguments.stage.parent().map(|parent| parent.to_string()),
        "strict": arguments.strict,
        "server-timeout": arguments.server_timeout().as_secs(),
        "jobs": arguments.jobs(),
    })
}

/// One case.
pub fn case(finding: &Finding, stage: Stage) -> Value {
    let (verdict, text) = verdict(&finding.verdict);
    let account = finding.account.as_ref();
    let symptom = match finding.verdict {
        Verdict::ProvedLimit(symptom) => Some(symptom.text()),
        _ => None,
    };
    let by_hand = |of: fn(&Both) -> &str| account.map(|account| account.by_hand.iter().map(of).collect::<Vec<_>>());
    json!({
        "name": finding.case.name,
        "group": finding.case.group.name(),
        "section": finding.case.section,
        "mark": stage.mark(finding.case.name).to_string(),
        "marks": marks(finding.case),
        "part": Part::of(finding.case, stage).map(Part::name),
        "verdict": verdict,
        "symptom": symptom.as_ref().map(|text| &text.en),
        "symptom_zh": symptom.as_ref().map(|text| &text.zh),
        "attempts": finding.attempts,
        "seconds": seconds(finding.took),
        "what": account.map(|account| &account.what.en),
        "what_zh": account.map(|account| &account.what.zh),
        "cause": account.and_then(|account| account.cause).map(|cause| cause.name()),
        "follows": finding.follows,
        "expected": account.map(|account| &account.expected.en),
        "expected_zh": account.map(|account| &account.expected.zh),
        "got": account.map(|account| &account.got.en),
        "got_zh": account.map(|account| &account.got.zh),
        "sent": account.map(|account| visible(&account.sent)),
        "came": account.map(|account| visible(&account.came)),
        "server-said": account.map(|account| &account.said),
        "by-hand": by_hand(|line| &line.en),
        "by-hand_zh": by_hand(|line| &line.zh),
        "title_zh": finding.case.title(Language::Chinese),
        "hint": finding.case.why,
        "hint_zh": finding.case.reason(Language::Chinese),
        "read-on": finding.case.lesson,
        "read-on_zh": finding.case.read_on(Language::Chinese),
        "text": text.en,
        "text_zh": text.zh,
    })
}

/// What the cases come to.
pub fn end(arguments: &Arguments, findings: &[Finding], took: Duration) -> Value {
    let totals = Totals::of(findings, arguments.strict);
    let part = |part| {
        let count = score(findings, arguments.stage, part);
        json!({ "passed": count.passed, "of": count.of })
    };
    let mendings = to_mend(findings, arguments.strict);
    let mend: Vec<Value> = mendings
        .iter()
        .map(|mending| {
            let others: Vec<&str> = mending.others.iter().map(|finding| finding.case.name).collect();
            json!({ "case": mending.root.case.name, "same-reason": others })
        })
        .collect();
    json!({
        "verdict": if totals.required > 0 { "failed" } else if totals.passed + totals.failed > 0 { "passed" } else { "nothing-seen" },
        "why": Value::Null,
        "why_zh": Value::Null,
        "seconds": seconds(took),
        "score": {
            "gained": part(Part::Gained),
            "kept": part(Part::Kept),
            "strictness": part(Part::Strictness),
        },
        "totals": {
            "passed": totals.passed,
            "passes": totals.passes,
            "unstable": totals.unstable,
            "limits": totals.limits,
            "beyond": totals.beyond,
            "failed": totals.failed,
            "skipped": totals.skipped,
            "not-looked-at": totals.not_looked_at,
            "does-not-apply": totals.does_not_apply,
        },
        "mend": mend,
    })
}

/// As [`end`], for a server that is none, with the reason.
pub fn no_server(arguments: &Arguments, why: &Both, took: Duration) -> Value {
    let mut value = end(arguments, &[], took);
    value["verdict"] = "no-server".into();
    value["why"] = why.en.trim_end().into();
    value["why_zh"] = why.zh.trim_end().into();
    value
}

/// All in one object.
pub fn report(start: Value, end: Value, cases: Vec<Value>) -> String {
    let mut report = start;
    for part in [end, json!({ "cases": cases })] {
        if let (Value::Object(report), Value::Object(part)) = (&mut report, part) {
            report.extend(part);
        }
    }
    lines(&report)
}

/// One line, which says what it is.
pub fn line(kind: &str, mut value: Value) -> String {
    value["type"] = kind.into();
    format!("{value}\n")
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

fn verdict(verdict: &Verdict) -> (&'static str, Both) {
    match verdict {
        Verdict::Passes => ("passes", Both::default()),
        Verdict::ProvedLimit(symptom) => ("limit", symptom.text()),
        Verdict::Beyond(text) => ("beyond", text.clone()),
        Verdict::Fails(text) => ("fails", text.clone()),
        Verdict::Unstable(text) => ("unstable", text.clone()),
        Verdict::NotLookedAt(why) => ("not-looked-at", why.clone()),
        Verdict::DoesNotApply => ("does-not-apply", Both::default()),
    }
}

fn lines(value: &Value) -> String {
    format!("{value:#}\n")
}
