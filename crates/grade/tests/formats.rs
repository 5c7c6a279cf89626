//! Each format against its own specification, read by a program that no one here wrote.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use grade::formats::Format;
use grade::grade::{Grade, State, say};
use grade::points::Points;
use grade::report::Report;
use http_suite::Language;
use roxmltree::{Document, Node};
use serde_json::Value;

const LINES: &str = include_str!("report.jsonl");

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn report() -> Report {
    Report::read(LINES).unwrap()
}

/// Two grades: of the report, and of a submission that has none.
fn grades() -> [(Grade, Option<Report>); 2] {
    let reason = say("the build failed: \"make\" & co", "构建失败");
    let none =
        Grade::none("o'neil <b>", "02", State::NotBuilt, reason, ["error: 100%\n\x1b[1m]]>\0", ""].map(str::to_owned));
    [(Grade::of("anna", &report(), &Points::default()), Some(report())), (none, None)]
}

fn written(format: Format) -> Vec<(Grade, String)> {
    let points = Points::default();
    let languages = [Language::English, Language::Chinese];
    let of = |(grade, report): &(Grade, Option<Report>), language| {
        (grade.clone(), format.write(grade, report.as_ref(), &points, language).unwrap())
    };
    grades().iter().flat_map(|grade| languages.map(|language| of(grade, language))).collect()
}

/// What Python's `jsonschema` says against these documents, one a line. `None`: it is not here.
fn against(schema: &str, documents: &str) -> Option<Result<(), String>> {
    let mut command = Command::new("python3");
    command.arg(here("tests/validate.py")).arg(here(schema));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("not looked at: there is no python3 here");
        return None;
    };
    // It may have ended before it has read all.
    let _ = child.stdin.take().unwrap().write_all(documents.as_bytes());
    let output = child.wait_with_output().unwrap();
    match output.status.code() {
        Some(0) => Some(Ok(())),
        Some(77) => {
            eprintln!("not looked at: Python has no jsonschema here");
            None
        }
        _ => Some(Err(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

fn one_line(json: &str) -> String {
    format!("{}\n", serde_json::from_str::<Value>(json).unwrap())
}

#[test]
fn reports_are_as_the_published_schema_says() {
    let object = one_line(&report().json());
    let no_server = r#"{"schema":2,"version":"0.1.0","server":"x","stage":"01","parent":null,"strict":false,
        "server-timeout":10,"jobs":4,"verdict":"no-server","why":"it does not listen","seconds":0.1,"mend":[],
        "score":{"gained":{"passed":0,"of":0},"kept":{"passed":0,"of":0},"strictness":{"passed":0,"of":0}},
        "totals":{"passed":0,"passes":0,"unstable":0,"limits":0,"beyond":0,"failed":0,"skipped":0,"not-looked-at":0,
        "does-not-apply":0},"cases":[]}"#;
    let documents = format!("{LINES}{object}{}{}", one_line(no_server), report().lines());
    if let Some(said) = against("report.schema.json", &documents) {
        said.unwrap();
    }
}

#[test]
fn what_is_no_report_is_not_as_the_schema_says() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut object: Value = serde_json::from_str(&report().json()).unwrap();
        change(&mut object);
        format!("{object}\n")
    };
    let wrong: [String; 7] = [
        changed(&|object| object["schema"] = 1.into()),
        changed(&|object| object["stage"] = "12".into()),
        changed(&|object| object["why"] = "it passes, and yet".into()),
        changed(&|object| object["cases"][0]["verdict"] = "perhaps".into()),
        changed(&|object| object["cases"][0]["part"] = "bonus".into()),
        changed(&|object| {
            object.as_object_mut().unwrap().remove("mend");
        }),
        changed(&|object| {
            object["cases"][0].as_object_mut().unwrap().remove("name");
        }),
    ];
    for document in wrong {
        let said = against("report.schema.json", &document);
        assert!(!matches!(said, Some(Ok(()))), "this passes: {document}");
    }
}

#[test]
fn gradescope_gets_what_its_documentation_says() {
    for (grade, text) in written(Format::Gradescope) {
        if let Some(said) = against("tests/gradescope.schema.json", &one_line(&text)) {
            said.unwrap();
        }
        let results: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(results["score"].as_f64(), Some(grade.points()));
        let tests = results["tests"].as_array().unwrap();
        let asked = grade.cases.iter().filter(|earned| earned.finding.part.is_some()).count();
        assert_eq!(tests.len(), asked);
        let sum = |member: &str| tests.iter().map(|test| test[member].as_f64().unwrap()).sum::<f64>();
        assert!((sum("score") - grade.points()).abs() < 0.05 * (asked + 1) as f64);
    }
}

#[test]
fn a_hidden_case_is_hidden_in_gradescope() {
    let points = Points::parse("[visibility.cases]\ngarbage-is-refused = \"after_published\"\n").unwrap();
    let grade = Grade::of("anna", &report(), &points);
    let text = Format::Gradescope.write(&grade, None, &points, Language::English).unwrap();
    let results: Value = serde_json::from_str(&text).unwrap();
    let of = |name: &str| {
        let mut tests = results["tests"].as_array().unwrap().iter();
        tests.find(|test| test["extra_data"]["case"] == name).unwrap()["visibility"].clone()
    };
    assert_eq!(of("garbage-is-refused"), "after_published");
    assert_eq!(of("a-folder-shows-its-index"), "visible");
    assert!(!results["output"].as_str().unwrap().contains("garbage"));
}

/// As Jenkins' `junit-10.xsd` has it: which elements may stand in which, what each must have, and numbers that agree.
#[test]
fn junit_xml_is_as_jenkins_reads_it() {
    for (grade, text) in written(Format::Junit) {
        let document = Document::parse(&text).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "testsuites");
        let suites: Vec<Node> = root.children().filter(Node::is_element).collect();
        let cases: Vec<Node> = suites.iter().flat_map(|suite| children(*suite, "testcase")).collect();
        assert_eq!(cases.len(), grade.cases.len().max(1));
        assert_eq!(root.attribute("tests"), Some(cases.len().to_string().as_str()));
        for suite in suites {
            assert_eq!(suite.tag_name().name(), "testsuite");
            for needed in ["name", "tests", "failures", "errors"] {
                assert!(suite.has_attribute(needed), "no {needed}");
            }
            for (counted, element) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
                let found = children(suite, "testcase").filter(|case| children(*case, element).count() == 1).count();
                assert_eq!(suite.attribute(counted), Some(found.to_string().as_str()), "{counted}");
            }
            let may = ["testcase", "properties", "system-out", "system-err"];
            assert!(suite.children().filter(Node::is_element).all(|child| may.contains(&child.tag_name().name())));
        }
        for case in cases {
            assert!(case.attribute("name").is_some_and(|name| !name.is_empty()));
            let may = ["skipped", "error", "failure", "system-out", "system-err"];
            assert!(case.children().filter(Node::is_element).all(|child| may.contains(&child.tag_name().name())));
        }
        let failed = grade.cases.iter().filter(|e| e.finding.verdict == "fails" && e.finding.part.is_some()).count();
        assert_eq!(root.attribute("failures"), Some(failed.to_string().as_str()));
    }
}

/// The same, read by a library that others read such files with.
#[test]
fn junit_xml_is_read_by_another_reader() {
    let program = "\
import sys
try:
    from junitparser import JUnitXml
except ImportError:
    sys.exit(77)
cases = [case for suite in JUnitXml.fromstring(sys.stdin.buffer.read()) for case in suite]
results = [type(result).__name__ for case in cases for result in case.result]
print(len(cases), *[results.count(name) for name in ('Failure', 'Error', 'Skipped')])";
    for (grade, text) in written(Format::Junit) {
        let mut command = Command::new("python3");
        let Ok(mut child) = command.args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
            eprintln!("not looked at: there is no python3 here");
            return;
        };
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        let output = child.wait_with_output().unwrap();
        if output.status.code() == Some(77) {
            eprintln!("not looked at: Python has no junitparser here");
            return;
        }
        let root = Document::parse(&text).unwrap();
        let count = |name: &str| root.descendants().filter(|node| node.has_tag_name(name)).count();
        let expected = format!("{} {} {} {}", count("testcase"), count("failure"), count("error"), count("skipped"));
        assert!(grade.cases.is_empty() || count("failure") > 0, "{text}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{text}");
    }
}

fn children<'a>(node: Node<'a, 'a>, name: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

#[test]
fn csv_is_read_by_another_reader() {
    let grades: Vec<Grade> = grades().into_iter().map(|(grade, _)| grade).collect();
    let evil = Grade { name: "=HYPERLINK(\"x\"), and\nmore".into(), ..grades[1].clone() };
    let grades = [grades[0].clone(), grades[1].clone(), evil];
    let text = grade::formats::table(&grades, &Points::default()).unwrap();
    let program = "import csv, json, sys; print(json.dumps(list(csv.DictReader(sys.stdin, strict=True))))";
    let mut command = Command::new("python3");
    command.args(["-c", program]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("not looked at: there is no python3 here");
        return;
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 3);
    assert_eq!(rows[0]["name"], "anna");
    assert_eq!(rows[0]["points"], format!("{}", grades[0].points()));
    assert_eq!(rows[1]["reason"], "the build failed: \"make\" & co");
    // A spreadsheet takes it for text.
    assert_eq!(rows[2]["name"], "'=HYPERLINK(\"x\"), and\nmore");
}

/// <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>: a command is a line.
#[test]
fn each_annotation_is_one_command_on_one_line() {
    for (grade, text) in written(Format::Github) {
        let failures = grade.cases.iter().filter(|earned| earned.finding.verdict == "fails").count();
        assert_eq!(text.lines().count(), failures.max(usize::from(grade.state != State::Graded)));
        for line in text.lines() {
            let (kind, rest) = line.strip_prefix("::").unwrap().split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&kind), "{line}");
            let (properties, _) = rest.split_once("::").unwrap();
            let title = properties.strip_prefix("title=").unwrap();
            assert!(!title.is_empty() && !title.contains([',', ':']), "{line}");
        }
    }
}

#[test]
fn a_summary_has_a_row_for_each_failure() {
    for (grade, text) in written(Format::Summary) {
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |"));
        // Three parts and their heading, and the heading of the failures.
        let failures = grade.cases.iter().filter(|earned| earned.finding.verdict == "fails").count();
        assert_eq!(rows.count(), 4 + failures + usize::from(failures > 0), "{text}");
        assert!(!text.contains("<b>"), "{text}");
    }
}

#[test]
fn text_says_the_points_in_both_languages() {
    let texts = written(Format::Text);
    assert!(texts[0].1.starts_with(&format!("anna: {} / 100, lesson 02, graded\n", texts[0].0.points())));
    assert!(texts[1].1.contains("新增能力") && !texts[1].1.contains("gained"));
}
