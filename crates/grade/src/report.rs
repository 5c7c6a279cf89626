//! What `check` has written: one JSON object, or JSON lines. `report.schema.json` says what they look like.

use std::fmt;

use http_suite::Language;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The version of the report that this program reads (its member `schema`). It grows when a member changes its meaning
/// or goes.
pub const SCHEMA: u64 = 2;

/// A report of `check`, whole or as far as it came.
#[derive(Clone, Debug)]
pub struct Report {
    /// What holds for all of it: the members before and behind the cases.
    pub members: Map<String, Value>,
    /// The cases as they stand there.
    pub raw_cases: Vec<Value>,
    /// The cases as they are graded.
    pub cases: Vec<Finding>,
    /// Whether `check` has come to its end.
    pub is_whole: bool,
}

/// What one case found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// Its name in the suite.
    pub name: String,
    /// The group of the suite.
    pub group: String,
    /// `gained`, `kept`, `strictness`; `None` if the stage is not asked for it.
    pub part: Option<String>,
    /// `passes`, `fails`, `unstable`, `limit`, `beyond`, `not-looked-at`, `does-not-apply`.
    pub verdict: String,
    /// Of the eleven lessons, which pass it (`+`).
    #[serde(default)]
    pub marks: String,
    /// How long it took, in seconds.
    #[serde(default)]
    pub seconds: f64,
    what: Option<String>,
    #[serde(rename = "what_zh")]
    what_zh: Option<String>,
    expected: Option<String>,
    #[serde(rename = "expected_zh")]
    expected_zh: Option<String>,
    got: Option<String>,
    #[serde(rename = "got_zh")]
    got_zh: Option<String>,
    came: Option<String>,
    hint: Option<String>,
    text: Option<String>,
    #[serde(rename = "text_zh")]
    text_zh: Option<String>,
}

/// Adds to a number of the report, if it is there.
fn add(members: &mut Map<String, Value>, path: &[&str], by: i64) {
    let Some((first, rest)) = path.split_first() else { return };
    let number = rest.iter().try_fold(members.get_mut(*first), |value, name| Some(value?.get_mut(*name)));
    if let Some(number) = number.flatten() {
        *number = (number.as_i64().unwrap_or_default() + by).into();
    }
}

/// What is to be mended without these cases; where the first of it is one of them, the next takes its place.
fn without(mending: &Value, is_one: impl Fn(&str) -> bool) -> Option<Value> {
    let others = mending["same-reason"].as_array().into_iter().flatten();
    let all = std::iter::once(&mending["case"]).chain(others);
    let mut left = all.filter(|name| !name.as_str().is_some_and(&is_one));
    Some(serde_json::json!({ "case": left.next()?, "same-reason": left.collect::<Vec<_>>() }))
}

/// The part of the score to which a case belongs, as `check` has it. `None`: the stage is not asked for it.
fn part(case: &http_suite::Case, stage: http_suite::Stage) -> Option<&'static str> {
    let passes = |stage: http_suite::Stage| stage.mark(case.name) == http_suite::Mark::Passes;
    match (passes(stage), case.strict, stage.parent().is_some_and(passes)) {
        (false, ..) => None,
        (true, true, _) => Some("strictness"),
        (true, false, true) => Some("kept"),
        (true, false, false) => Some("gained"),
    }
}

/// The text in this language, or else in English: not every version of `check` says all of it in Chinese.
fn say<'a>(language: Language, en: &'a Option<String>, zh: &'a Option<String>) -> &'a str {
    let zh = zh.as_deref().filter(|_| language == Language::Chinese);
    zh.or(en.as_deref()).unwrap_or_default()
}

/// Why a text is no report of `check`.
#[derive(Debug)]
pub enum NoReport {
    /// It is no JSON, or not of that form.
    Json(serde_json::Error),
    /// It lacks the member.
    Lacks(&'static str),
    /// It is of another version.
    Schema(u64),
}

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoReport::Json(error) => write!(f, "this is no report of check: {error}"),
            NoReport::Lacks(member) => write!(f, "this is no report of check: it has no {member}"),
            NoReport::Schema(found) => write!(f, "this report has schema {found}, and {SCHEMA} is what can be read"),
        }
    }
}

impl std::error::Error for NoReport {}

impl From<serde_json::Error> for NoReport {
    fn from(error: serde_json::Error) -> NoReport {
        NoReport::Json(error)
    }
}

impl Report {
    /// Reads one object, or lines. The last line may be cut off, as whoever ended `check` has left it.
    ///
    /// # Errors
    ///
    /// If it is no report, or one of another version.
    pub fn read(text: &str) -> Result<Report, NoReport> {
        match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(object) if !object.contains_key("type") => Report::of_object(object),
            _ => Report::of_lines(text),
        }
    }

    fn of_object(mut object: Map<String, Value>) -> Result<Report, NoReport> {
        let Some(Value::Array(cases)) = object.remove("cases") else { return Err(NoReport::Lacks("cases")) };
        Report::new(object, cases, true)
    }

    fn of_lines(text: &str) -> Result<Report, NoReport> {
        let (mut members, mut cases, mut is_whole) = (Map::new(), Vec::new(), false);
        let ended = text.ends_with('\n');
        let count = text.lines().count();
        for (number, line) in (1..).zip(text.lines()) {
            let mut object: Map<String, Value> = match serde_json::from_str(line) {
                Ok(object) => object,
                Err(_) if number == count && !ended && number > 1 => break,
                Err(error) => return Err(error.into()),
            };
            match object.remove("type").as_ref().and_then(Value::as_str) {
                Some("case") => cases.push(Value::Object(object)),
                Some(kind @ ("start" | "end")) => {
                    is_whole |= kind == "end";
                    members.extend(object);
                }
                _ => return Err(NoReport::Lacks("type")),
            }
        }
        Report::new(members, cases, is_whole)
    }

    fn new(members: Map<String, Value>, raw_cases: Vec<Value>, is_whole: bool) -> Result<Report, NoReport> {
        match members.get("schema").and_then(Value::as_u64) {
            Some(SCHEMA) => {}
            Some(other) => return Err(NoReport::Schema(other)),
            None => return Err(NoReport::Lacks("schema")),
        }
        let cases: Result<Vec<Finding>, _> =
            raw_cases.iter().map(|case| serde_json::from_value(case.clone())).collect();
        let mut cases = cases?;
        // Of the reasons why a case is not looked at, the only one that a server can bring about itself: it would say
        // which of its cases count.
        let is_said = |finding: &Finding| finding.text(Language::English).contains("cannot use io_uring");
        for finding in cases.iter_mut().filter(|finding| finding.verdict == "not-looked-at" && is_said(finding)) {
            finding.verdict = "fails".to_owned();
        }
        // As they are known they are written, and that is never twice the same order.
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Report { members, raw_cases, cases, is_whole })
    }

    /// Counts these cases as failed, if they are not there: `check` was ended before it came to them.
    pub fn fail_the_rest(&mut self, asked: &[&'static http_suite::Case], stage: http_suite::Stage) {
        let is_there = |cases: &[Finding], name: &str| cases.iter().any(|finding| finding.name == name);
        let missing: Vec<_> = asked.iter().filter(|case| !is_there(&self.cases, case.name)).collect();
        let findings = missing.into_iter().filter_map(|case| {
            Some(Finding {
                name: case.name.to_owned(),
                group: case.group.name().to_owned(),
                part: Some(part(case, stage)?.to_owned()),
                verdict: "fails".to_owned(),
                what: Some("not reached: the suite was ended before".to_owned()),
                what_zh: Some("尚未执行：测试在此之前就被终止了".to_owned()),
                ..Finding::default()
            })
        });
        self.cases.extend(findings);
        self.cases.sort_by(|one, other| one.name.cmp(&other.name));
    }

    /// The cases that the stage has to pass and that fail.
    pub fn failed(&self) -> Vec<String> {
        let failed = self.cases.iter().filter(|finding| finding.verdict == "fails" && finding.part.is_some());
        failed.map(|finding| finding.name.clone()).collect()
    }

    /// Takes down that these have failed here, and passed in another look: they are unstable. What the report says at
    /// its end is changed with them.
    pub fn unsettle(&mut self, passed: &[String]) {
        let is_one = |name: &str| passed.iter().any(|other| other == name);
        let mut strict_only = true;
        for finding in &mut self.cases {
            if finding.verdict == "fails" && is_one(&finding.name) {
                finding.verdict = "unstable".to_owned();
                add(&mut self.members, &["score", finding.part.as_deref().unwrap_or_default(), "passed"], 1);
                [("passed", 1), ("unstable", 1), ("failed", -1)]
                    .into_iter()
                    .for_each(|(count, by)| add(&mut self.members, &["totals", count], by));
            }
            strict_only &= finding.verdict != "fails" || finding.part.as_deref() == Some("strictness");
        }
        for case in &mut self.raw_cases {
            if case["verdict"] == "fails" && case["name"].as_str().is_some_and(is_one) {
                case["verdict"] = "unstable".into();
            }
        }
        if let Some(Value::Array(mendings)) = self.members.get_mut("mend") {
            *mendings = mendings.iter().filter_map(|mending| without(mending, is_one)).collect();
        }
        if strict_only && self.verdict() == "failed" {
            self.members.insert("verdict".into(), "passed".into());
        }
    }

    fn member(&self, name: &str) -> &str {
        self.members.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The lesson that the server is to be like: `04`.
    pub fn stage(&self) -> &str {
        self.member("stage")
    }

    /// `passed`, `failed`, `nothing-seen` or `no-server`; empty if `check` has not come to its end.
    pub fn verdict(&self) -> &str {
        self.member("verdict")
    }

    /// Why there is no server to be looked at, for people; in English, if it is not there in Chinese. Empty if there is
    /// one.
    pub fn why(&self, language: Language) -> &str {
        let why = |name: &str| self.members.get(name).and_then(Value::as_str);
        let chinese = why("why_zh").filter(|_| language == Language::Chinese);
        chinese.or(why("why")).unwrap_or_default()
    }

    /// How long it took, in seconds.
    pub fn seconds(&self) -> f64 {
        self.members.get("seconds").and_then(Value::as_f64).unwrap_or_default()
    }

    /// The failures in the order in which they are best mended: of those that have the same reason only the first.
    pub fn to_mend(&self) -> Vec<&str> {
        let mendings = self.members.get("mend").and_then(Value::as_array);
        mendings.into_iter().flatten().filter_map(|mending| mending.get("case")?.as_str()).collect()
    }

    /// As one object, like `check --format json`.
    pub fn json(&self) -> String {
        let mut object = self.members.clone();
        object.insert("cases".into(), Value::Array(self.raw_cases.clone()));
        format!("{:#}\n", Value::Object(object))
    }

    /// As lines, like `check --format jsonl`.
    pub fn lines(&self) -> String {
        const AT_THE_END: [&str; 7] = ["verdict", "why", "why_zh", "seconds", "score", "totals", "mend"];
        let (end, start): (Map<_, _>, Map<_, _>) =
            self.members.clone().into_iter().partition(|(name, _)| AT_THE_END.contains(&name.as_str()));
        let line = |kind: &str, mut value: Value| {
            value["type"] = kind.into();
            format!("{value}\n")
        };
        let cases = self.raw_cases.iter().map(|case| line("case", case.clone()));
        let first = std::iter::once(line("start", Value::Object(start)));
        first.chain(cases).chain(self.is_whole.then(|| line("end", Value::Object(end)))).collect()
    }
}

impl Finding {
    /// What the server did wrong.
    pub fn what(&self, language: Language) -> &str {
        say(language, &self.what, &self.what_zh)
    }

    /// What was expected, and what came instead.
    pub fn difference(&self, language: Language) -> (&str, &str) {
        (say(language, &self.expected, &self.expected_zh), say(language, &self.got, &self.got_zh))
    }

    /// The bytes that came, made visible.
    pub fn came(&self) -> &str {
        self.came.as_deref().unwrap_or_default()
    }

    /// Why the case matters.
    pub fn hint(&self, language: Language) -> &str {
        let hint = || self.hint.as_deref().unwrap_or_default();
        self.case().map_or_else(hint, |case| case.reason(language))
    }

    /// The name, as a person reads it.
    pub fn title(&self, language: Language) -> &str {
        self.case().map_or(&self.name, |case| case.title(language))
    }

    /// All of a failure.
    pub fn text(&self, language: Language) -> &str {
        say(language, &self.text, &self.text_zh)
    }

    /// The case in this version of the suite, which need not be that of the report.
    fn case(&self) -> Option<&'static http_suite::Case> {
        http_suite::cases::all().find(|case| case.name == self.name)
    }

    /// Whether it has passed once at least: what differed when it was looked at twice is not held against a server.
    pub fn has_passed(&self) -> bool {
        matches!(self.verdict.as_str(), "passes" | "unstable")
    }

    /// Whether anything was seen that could be graded.
    pub fn was_seen(&self) -> bool {
        !matches!(self.verdict.as_str(), "not-looked-at" | "does-not-apply")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = include_str!("../tests/report.jsonl");

    #[test]
    fn lines_and_one_object_say_the_same() {
        let report = Report::read(LINES).unwrap();
        assert!(report.is_whole && report.cases.len() > 3);
        let object = Report::read(&report.json()).unwrap();
        assert_eq!(object.members, report.members);
        assert_eq!(object.raw_cases, report.raw_cases);
        let again = Report::read(&object.lines()).unwrap();
        assert_eq!((again.members, again.raw_cases), (report.members, report.raw_cases));
    }

    #[test]
    fn a_report_that_was_cut_off_is_read_as_far_as_it_goes() {
        let start = LINES.lines().take(2).collect::<Vec<_>>().join("\n");
        let report = Report::read(&format!("{start}\n{{\"type\":\"case\",\"na")).unwrap();
        assert!(!report.is_whole);
        assert_eq!(report.cases.len(), 1);
        assert!(!report.lines().contains("\"type\":\"end\""));
    }

    #[test]
    fn no_server_can_have_a_case_left_out() {
        let verdict = |text: &str| {
            let case = serde_json::json!({
                "name": "a", "group": "b", "part": "kept", "verdict": "not-looked-at", "text": text,
            });
            let report = serde_json::json!({ "schema": 2, "cases": [case] });
            Report::read(&report.to_string()).unwrap().cases[0].verdict.clone()
        };
        assert_eq!(verdict("ptrace(2) is not permitted here"), "not-looked-at");
        assert_eq!(verdict("the server ended at once: Error: cannot use io_uring: I say so"), "fails");
    }

    #[test]
    fn what_passes_in_another_look_is_unstable() {
        let mut report = Report::read(LINES).unwrap();
        let failed = report.failed();
        assert!(failed.len() > 2, "{failed:?}");
        let root = report.to_mend()[0].to_owned();
        let before = report.members.clone();
        report.unsettle(std::slice::from_ref(&root));
        assert_eq!(report.failed().len(), failed.len() - 1);
        assert_ne!(report.to_mend()[0], root);
        let count = |members: &Map<String, Value>, name: &str| members["totals"][name].as_i64().unwrap();
        assert_eq!(count(&report.members, "unstable"), count(&before, "unstable") + 1);
        assert_eq!(count(&report.members, "failed"), count(&before, "failed") - 1);
        // What is written says the same.
        let again = Report::read(&report.lines()).unwrap();
        assert_eq!(again.failed(), report.failed());
        assert_eq!(report.verdict(), "failed");
        report.unsettle(&failed);
        assert_eq!((report.verdict(), report.failed(), report.to_mend()), ("passed", vec![], vec![]));
        assert_eq!(count(&report.members, "failed"), 0);
    }

    #[test]
    fn what_is_no_report_says_why() {
        let why = |text: &str| Report::read(text).unwrap_err().to_string();
        assert!(why("").contains("no schema"), "{}", why(""));
        assert!(why("{}").contains("no cases"), "{}", why("{}"));
        assert!(why("[").contains("no report"));
        assert!(why("{\"schema\":1,\"cases\":[]}").contains("schema 1"));
        assert!(why("{\"schema\":2,\"cases\":[{}]}").contains("name"));
    }

    #[test]
    fn a_text_may_stand_there_in_both_languages() {
        let both = r#"{"name":"a","group":"b","part":null,"verdict":"fails","what":"x","what_zh":"甲","got":"y"}"#;
        let finding: Finding = serde_json::from_str(both).unwrap();
        assert_eq!((finding.what(Language::English), finding.what(Language::Chinese)), ("x", "甲"));
        assert_eq!(finding.difference(Language::Chinese), ("", "y"));
    }
}
