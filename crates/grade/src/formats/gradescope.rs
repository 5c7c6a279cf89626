//! Gradescope's `results.json`
//! (<https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format>).

use http_suite::Language;
use serde_json::{Value, json};

use crate::formats::text;
use crate::grade::{Earned, Grade, hundredth};
use crate::points::Points;

pub fn write(grade: &Grade, points: &Points, language: Language) -> String {
    // What nobody asked for is no test of the student's.
    let asked = grade.cases.iter().filter(|earned| earned.finding.part.is_some());
    let tests: Vec<Value> = asked.map(|earned| test(earned, language)).collect();
    let results = json!({
        // Said, and not left to be summed up: the points of the cases are rounded.
        "score": grade.points(),
        "execution_time": grade.seconds.round(),
        "output": output(grade, points, language),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "state": grade.state.name(),
            "stage": grade.stage,
            "unstable": grade.unstable,
            // For the instructor: students see no extra data.
            "looks_like": grade.looks_like.iter().map(|likeness| json!({
                "what": likeness.what(Language::English),
                "evidence": likeness.evidence,
            })).collect::<Vec<_>>(),
        },
        "tests": tests,
    });
    format!("{results:#}\n")
}

/// What the student is told of the whole: not what it looks like, and not which cases are hidden.
fn output(grade: &Grade, points: &Points, language: Language) -> String {
    let told = Grade { looks_like: Vec::new(), cases: Vec::new(), unstable: Vec::new(), ..grade.clone() };
    let mut output = text::write(&told, points, language);
    if !grade.details(language).is_empty() {
        output.push('\n');
        output.push_str(grade.details(language));
    }
    output
}

fn test(earned: &Earned, language: Language) -> Value {
    let finding = &earned.finding;
    let output = match finding.verdict.as_str() {
        "fails" => finding.text(language),
        "unstable" => language.say(
            "unstable: it failed once and passed once, and counts as passed",
            "不稳定：一次失败、一次通过，按通过计分",
        ),
        "not-looked-at" => language.say("could not be looked at here, and does not count", "此处无法检查，不计分"),
        _ => "",
    };
    let mut test = json!({
        "name": finding.title(language),
        "score": hundredth(earned.points),
        "max_score": hundredth(earned.most),
        "output": output,
        "tags": [finding.group, finding.part],
        "visibility": earned.visibility,
        "extra_data": { "case": finding.name, "verdict": finding.verdict },
    });
    // Only these two are known; of what was not seen there is none to say.
    if finding.was_seen() {
        test["status"] = if finding.has_passed() { "passed" } else { "failed" }.into();
    }
    test
}
