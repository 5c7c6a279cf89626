//! What a submission has earned.

use http_suite::Language;
use serde::{Deserialize, Serialize};

use crate::likeness::Likeness;
use crate::points::{Parts, Points, Visibility};
use crate::report::{Finding, Report};

/// The parts of the score, in their order.
pub const PARTS: [&str; 3] = ["gained", "kept", "strictness"];

/// How far the grading of a submission has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The suite has come to its end.
    Graded,
    /// It was ended for its time before that; what is left counts as failed.
    CutShort,
    /// It cannot be built.
    NotBuilt,
    /// It never listens, or does not answer `GET /`.
    NoServer,
    /// The grader itself failed.
    NotGraded,
}

/// What one case has earned.
#[derive(Clone, Debug)]
pub struct Earned {
    /// What the case found.
    pub finding: Finding,
    /// What it has earned, of `most`.
    pub points: f64,
    /// What it can earn.
    pub most: f64,
    /// Who sees it.
    pub visibility: Visibility,
}

/// What a part of the score has earned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// How many cases have passed.
    pub passed: usize,
    /// Of how many.
    pub of: usize,
    /// What they have earned.
    pub points: f64,
    /// What they can earn.
    pub most: f64,
}

/// The grade of one submission.
#[derive(Clone, Debug)]
pub struct Grade {
    /// Its folder.
    pub name: String,
    /// The lesson that it is to be like.
    pub stage: String,
    /// How far it has come.
    pub state: State,
    /// Why it has come no further: English and Chinese, without anything that changes from one run to the next.
    pub reason: [String; 2],
    /// Which limits it met. On a busy machine it may be ended before it meets one.
    pub bounds: [String; 2],
    /// What was said about that, which may be long and different each time: of a compiler, of `check`.
    pub details: [String; 2],
    /// By [`PARTS`].
    pub parts: [Part; 3],
    /// The cases, by name.
    pub cases: Vec<Earned>,
    /// Those that differed when they were looked at twice.
    pub unstable: Vec<String>,
    /// What is best mended first.
    pub mend: Option<String>,
    /// What it looks like besides a server of its own.
    pub looks_like: Vec<Likeness>,
    /// How long the suite took, in seconds.
    pub seconds: f64,
}

impl State {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            State::Graded => "graded",
            State::CutShort => "cut-short",
            State::NotBuilt => "not-built",
            State::NoServer => "no-server",
            State::NotGraded => "not-graded",
        }
    }

    /// For people.
    pub fn say(self, language: Language) -> &'static str {
        match self {
            State::Graded => language.say("graded", "已评分"),
            State::CutShort => language.say("ended before its end", "中途终止"),
            State::NotBuilt => language.say("cannot be built", "构建失败"),
            State::NoServer => language.say("no server", "没有可用的服务器"),
            State::NotGraded => language.say("not graded", "未能评分"),
        }
    }
}

impl Grade {
    /// The grade of this report, if nothing else is known of the submission.
    pub fn of(name: &str, report: &Report, points: &Points) -> Grade {
        let (state, reason) = match report.verdict() {
            "no-server" => {
                (State::NoServer, say("the server does not listen or answer GET /", "服务器没有监听，或不响应 GET /"))
            }
            "nothing-seen" => (State::Graded, say("no case could be looked at", "没有一个用例能够检查")),
            _ if !report.is_whole => (State::CutShort, say("the report has no end", "报告不完整")),
            _ => (State::Graded, say("", "")),
        };
        let cases = earn(report, points);
        Grade {
            name: name.to_owned(),
            stage: report.stage().to_owned(),
            state,
            reason,
            bounds: say("", ""),
            details: say(report.why(Language::English), report.why(Language::Chinese)),
            parts: PARTS.map(|part| sum(&cases, part)),
            unstable: unstable(&cases),
            mend: report.to_mend().first().map(|&case| case.to_owned()),
            cases,
            looks_like: Vec::new(),
            seconds: report.seconds(),
        }
    }

    /// The grade of a submission of which no case was looked at.
    pub fn none(name: &str, stage: &str, state: State, reason: [String; 2], details: [String; 2]) -> Grade {
        Grade {
            name: name.to_owned(),
            stage: stage.to_owned(),
            state,
            reason,
            bounds: say("", ""),
            details,
            parts: [Part::default(); 3],
            cases: Vec::new(),
            unstable: Vec::new(),
            mend: None,
            looks_like: Vec::new(),
            seconds: 0.0,
        }
    }

    /// All points, the bonus among them, to a hundredth.
    pub fn points(&self) -> f64 {
        hundredth(self.parts.iter().map(|part| part.points).sum())
    }

    /// The full number, to which strictness does not belong.
    pub fn most(&self, points: &Points) -> f64 {
        hundredth(points.parts.gained + points.parts.kept)
    }

    /// The reason in this language, and the limits that it met; empty if there is neither.
    pub fn reason(&self, language: Language) -> String {
        let parts = [of(&self.reason, language), of(&self.bounds, language)];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(language.say("; ", "；"))
    }

    /// The details in this language; empty if there are none.
    pub fn details(&self, language: Language) -> &str {
        of(&self.details, language)
    }
}

fn of(texts: &[String; 2], language: Language) -> &str {
    match language {
        Language::English => &texts[0],
        Language::Chinese => &texts[1],
    }
}

/// A text in English and in Chinese.
pub fn say(en: impl Into<String>, zh: impl Into<String>) -> [String; 2] {
    [en.into(), zh.into()]
}

/// Rounded, as it is shown: so that what is shown adds up, and sums of thirds do not differ in their last digit.
pub fn hundredth(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// Shares the points of each part among its cases.
fn earn(report: &Report, points: &Points) -> Vec<Earned> {
    let counts = |finding: &Finding, part: &str| finding.part.as_deref() == Some(part) && finding.was_seen();
    let weight = |finding: &Finding| points.weight(&finding.name, &finding.group);
    let weights = PARTS.map(|part| {
        let of_part = report.cases.iter().filter(|finding| counts(finding, part));
        of_part.map(weight).sum::<f64>()
    });
    let of_parts = shares(&points.parts, weights);
    let earned = |finding: &Finding| {
        let part = PARTS.iter().position(|part| counts(finding, part));
        let most = part.filter(|part| weights[*part] > 0.0);
        let most = most.map_or(0.0, |part| of_parts[part] * weight(finding) / weights[part]);
        Earned {
            finding: finding.clone(),
            points: if finding.has_passed() { most } else { 0.0 },
            most,
            visibility: points.visibility(&finding.name, &finding.group),
        }
    };
    report.cases.iter().map(earned).collect()
}

/// The points of each part. One that has nothing to show hands its points to the other of the two that make the full
/// number.
fn shares(parts: &Parts, weights: [f64; 3]) -> [f64; 3] {
    let all = parts.gained + parts.kept;
    let (gained, kept) = match (weights[0] > 0.0, weights[1] > 0.0) {
        (true, false) => (all, 0.0),
        (false, true) => (0.0, all),
        _ => (parts.gained, parts.kept),
    };
    [gained, kept, parts.strictness]
}

fn sum(cases: &[Earned], part: &str) -> Part {
    let mut sum = Part::default();
    let of_part = |earned: &&Earned| earned.finding.part.as_deref() == Some(part) && earned.finding.was_seen();
    for earned in cases.iter().filter(of_part) {
        sum.of += 1;
        sum.passed += usize::from(earned.finding.has_passed());
        sum.points += earned.points;
        sum.most += earned.most;
    }
    Part { points: hundredth(sum.points), most: hundredth(sum.most), ..sum }
}

fn unstable(cases: &[Earned]) -> Vec<String> {
    let unstable = cases.iter().filter(|earned| earned.finding.verdict == "unstable");
    unstable.map(|earned| earned.finding.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(cases: &[(&str, &str, &str)]) -> Report {
        let cases: Vec<_> = cases
            .iter()
            .map(|(name, part, verdict)| {
                serde_json::json!({ "name": name, "group": "g", "part": part, "verdict": verdict })
            })
            .collect();
        let report = serde_json::json!({ "schema": 2, "stage": "04", "verdict": "failed", "cases": cases });
        Report::read(&report.to_string()).unwrap()
    }

    fn points(cases: &[(&str, &str, &str)]) -> f64 {
        Grade::of("anna", &report(cases), &Points::default()).points()
    }

    #[test]
    fn the_lesson_before_has_what_it_kept() {
        let unchanged = [("a", "gained", "fails"), ("b", "kept", "passes"), ("c", "kept", "passes")];
        assert_eq!(points(&unchanged), 40.0);
        let all = [("a", "gained", "passes"), ("b", "kept", "passes"), ("c", "strictness", "passes")];
        assert_eq!(points(&all), 105.0);
        let third = [("a", "gained", "passes"), ("b", "gained", "fails"), ("c", "gained", "fails")];
        assert_eq!(points(&third), 33.33);
    }

    #[test]
    fn a_case_that_differed_is_marked_and_not_held_against_the_student() {
        let cases = [("a", "gained", "unstable"), ("b", "kept", "passes")];
        let grade = Grade::of("anna", &report(&cases), &Points::default());
        assert_eq!(grade.points(), 100.0);
        assert_eq!(grade.unstable, ["a"]);
    }

    #[test]
    fn what_could_not_be_seen_takes_no_points_away() {
        assert_eq!(
            points(&[("a", "gained", "passes"), ("b", "gained", "not-looked-at"), ("c", "kept", "fails")]),
            60.0
        );
        assert_eq!(points(&[("a", "gained", "passes"), ("b", "kept", "does-not-apply")]), 100.0);
        assert_eq!(points(&[("a", "gained", "not-looked-at")]), 0.0);
    }

    #[test]
    fn the_order_of_the_cases_changes_nothing() {
        let cases = [("a", "gained", "passes"), ("b", "gained", "fails"), ("c", "kept", "passes")];
        let reversed: Vec<_> = cases.iter().rev().copied().collect();
        let names = |cases: &[(&str, &str, &str)]| {
            let grade = Grade::of("anna", &report(cases), &Points::default());
            grade.cases.iter().map(|earned| earned.finding.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&cases), names(&reversed));
        assert_eq!(points(&cases), points(&reversed));
    }
}
