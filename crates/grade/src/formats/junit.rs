//! JUnit XML, in the form that Jenkins reads.

use std::time::Duration;

use http_suite::Language;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::formats::number;
use crate::grade::{Earned, Grade, State};

/// # Errors
///
/// If the writer refuses.
pub fn write(grade: &Grade, language: Language) -> Result<String, String> {
    let mut report = Report::new(grade.name.clone());
    report.set_time(Duration::try_from_secs_f64(grade.seconds).unwrap_or_default());
    let mut groups: Vec<&str> = grade.cases.iter().map(|earned| earned.finding.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    if grade.cases.is_empty() || !matches!(grade.state, State::Graded) {
        report.add_test_suite(submission(grade, language));
    }
    for group in groups {
        let mut suite = TestSuite::new(group);
        suite.add_property(("stage", grade.stage.as_str()));
        let of_group = grade.cases.iter().filter(|earned| earned.finding.group == group);
        suite.add_test_cases(of_group.map(|earned| case(earned, language)));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| error.to_string())
}

/// What was wrong before any case: a reader of JUnit XML knows only test cases.
fn submission(grade: &Grade, language: Language) -> TestSuite {
    let mut status = match grade.state {
        State::Graded => TestCaseStatus::skipped(),
        _ => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    status.set_message(grade.reason(language)).set_description(grade.details(language));
    let mut suite = TestSuite::new("submission");
    suite.add_test_case(TestCase::new(grade.state.name(), status));
    suite
}

fn case(earned: &Earned, language: Language) -> TestCase {
    let finding = &earned.finding;
    let failed = finding.verdict == "fails" && finding.part.is_some();
    let mut status = match finding.verdict.as_str() {
        _ if failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        "passes" | "unstable" | "beyond" => TestCaseStatus::success(),
        _ => TestCaseStatus::skipped(),
    };
    if failed {
        status.set_type(finding.part.clone().unwrap_or_default());
        status.set_message(finding.what(language)).set_description(finding.text(language));
    } else if !matches!(status, TestCaseStatus::Success { .. }) {
        status.set_message(finding.verdict.as_str());
    }
    let mut case = TestCase::new(finding.name.clone(), status);
    case.set_classname(format!("http-suite.{}", finding.group));
    case.set_time(Duration::try_from_secs_f64(finding.seconds).unwrap_or_default());
    // Not as properties: a test case has none in the schema of Jenkins.
    let mut said = Vec::new();
    if earned.most > 0.0 {
        let (points, most) = (number(earned.points), number(earned.most));
        said.push(format!("{}: {points} / {most}", language.say("points", "得分")));
    }
    if finding.verdict == "unstable" {
        said.push(
            language
                .say(
                    "unstable: it failed once and passed once, and counts as passed",
                    "不稳定：一次失败、一次通过，按通过计分",
                )
                .to_owned(),
        );
    }
    if !said.is_empty() {
        case.set_system_out(said.join("\n"));
    }
    case
}
