//! The patients of `just sick`: each has a real defect that its case finds, and nothing tells which.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use http_suite::process::Process;
use http_suite::{Client, cases};
use tutor::language::Both;
use tutor::sick::{Patient, Running, Solved, patients};
use tutor::workspace;

fn all() -> Vec<Patient> {
    patients().unwrap_or_else(|failure| panic!("{}", failure.said.en))
}

/// The folder of the program with the defects, built once.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = workspace::built(&workspace::checkout(), &["mutant"]);
        built.unwrap_or_else(|failure| panic!("{}", failure.said.en))
    })
}

fn chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// Both languages, and each of them is what it says.
fn is_in_both(what: &str, text: &Both) {
    assert!(!text.en.trim().is_empty(), "{what}");
    assert!(chinese(&text.zh), "{what}: {}", text.zh);
    let prose: String = text.en.lines().filter(|line| !line.starts_with("  ")).collect();
    assert!(!chinese(&prose), "{what}: {prose}");
}

#[test]
fn there_are_enough_and_no_two_are_the_same() {
    let all = all();
    assert!(all.len() >= 20, "{}", all.len());
    for (what, values) in [
        ("number", all.iter().map(|one| one.number.to_string()).collect::<Vec<_>>()),
        ("defect", all.iter().map(|one| one.defect.clone()).collect()),
        ("diagnosis", all.iter().map(|one| one.right.en.clone()).collect()),
        ("report", all.iter().map(|one| one.report.en.clone()).collect()),
    ] {
        let different: HashSet<&String> = values.iter().collect();
        assert_eq!(different.len(), values.len(), "{what}: two patients have the same");
    }
    let mut by_number: Vec<&Patient> = all.iter().collect();
    by_number.sort_by_key(|one| one.number);
    let in_order = by_number.iter().zip(&all).filter(|(one, other)| one.number == other.number).count();
    assert!(in_order < all.len() / 2, "the numbers go by the order of the defects");
}

#[test]
fn every_text_is_in_both_languages() {
    for patient in all() {
        let number = patient.number;
        let choices = patient.choices(&all());
        let mut texts = vec![&patient.report, &patient.right, &patient.what, &patient.seen];
        texts.extend(&patient.hint);
        for text in texts {
            is_in_both(&number.to_string(), text);
        }
        for choice in &choices {
            is_in_both(&number.to_string(), &choice.diagnosis);
            choice.why_not.iter().for_each(|text| is_in_both(&number.to_string(), text));
        }
        assert_eq!(choices.len(), 4, "{number}");
        assert_eq!(choices.iter().filter(|choice| choice.why_not.is_none()).count(), 1, "{number}");
        let different: HashSet<&str> = choices.iter().map(|choice| choice.diagnosis.en.as_str()).collect();
        assert_eq!(different.len(), 4, "{number}: two choices are the same, or one is of no patient");
    }
}

#[test]
fn the_right_answer_stands_anywhere() {
    let all = all();
    for letter in 'a'..='d' {
        let is_right = |patient: &&Patient| {
            patient.choices(&all).iter().any(|choice| choice.letter == letter && choice.why_not.is_none())
        };
        let count = all.iter().filter(is_right).count();
        assert!((all.len() / 10..=all.len() / 2).contains(&count), "{letter} is right {count} times");
    }
}

#[test]
fn no_report_tells() {
    for patient in all() {
        let number = patient.number;
        let report = format!("{}\n{}", patient.report.en, patient.report.zh);
        let before_the_answer = patient.hint.iter().map(|hint| format!("{}\n{}", hint.en, hint.zh));
        for text in before_the_answer.chain([report.clone()]) {
            for name in [&patient.defect, &patient.case] {
                let words = name.replace('-', " ");
                assert!(!text.contains(name.as_str()) && !text.to_lowercase().contains(&words), "{number}: {name}");
            }
        }
        for diagnosis in [&patient.right.en, &patient.right.zh] {
            let diagnosis = diagnosis.trim_end_matches(['.', '。']);
            assert!(!report.contains(diagnosis), "{number}: the report has the diagnosis");
        }
    }
}

#[test]
fn code_book_and_case_are_there() {
    let root = workspace::checkout();
    for patient in all() {
        let Patient { number, code, read, case, .. } = &patient;
        let text = fs::read_to_string(root.join("tests/src/bin/mutant").join(&code.file)).unwrap_or_default();
        let count = text.lines().filter(|line| line.trim() == code.line).count();
        assert_eq!(count, 1, "{number}: {}: {}", code.file, code.line);
        let (chapter, anchor) = read.split_once('#').unwrap_or_else(|| panic!("{number}: {read} has no anchor"));
        for language in ["en", "zh"] {
            let page = fs::read_to_string(root.join(format!("docs/{language}/{chapter}.md"))).unwrap_or_default();
            assert!(
                page.contains(&format!("{{#{anchor}}}")),
                "{number}: docs/{language}/{chapter}.md has no #{anchor}"
            );
        }
        assert!(cases::all().any(|one| one.name == case), "{number}: there is no case {case}");
    }
}

/// That a case fails on a server with a defect, and passes a sound one, is what the rows of `mutants` are tested for.
#[test]
fn the_suite_proves_that_its_case_finds_it() {
    let table = fs::read_to_string(workspace::checkout().join("tests/tests/mutants.rs")).expect("the table of mutants");
    let row = |line: &str| line.replace(' ', "");
    let rows: HashSet<String> = table.lines().map(row).collect();
    for patient in all() {
        let Patient { number, defect, stage, case, .. } = &patient;
        let wanted = format!("(\"{defect}\",\"{stage}\",\"{case}\"),");
        assert!(rows.contains(&wanted), "{number}: tests/tests/mutants.rs has no row {wanted}");
    }
}

#[test]
fn a_patient_answers_and_proc_does_not_tell() {
    let folder = tempfile::tempdir().expect("a folder");
    for patient in all() {
        let (number, defect) = (patient.number, &patient.defect);
        let running = Running::start(&patient, built(), folder.path());
        let running = running.unwrap_or_else(|failure| panic!("{}", failure.said.en));
        let end = Stopped(&running, folder.path());
        let process = Path::new("/proc").join(running.pid.to_string());
        let mut shown = String::new();
        for file in ["cmdline", "environ", "comm", "status"] {
            let content = fs::read(process.join(file)).unwrap_or_default();
            shown.push_str(&String::from_utf8_lossy(&content));
        }
        assert!(shown.contains("server"), "{number}: {shown}");
        assert!(!shown.contains(defect.as_str()), "{number}: /proc tells {defect}");
        let mut client = Client::open(([127, 0, 0, 1], running.port).into(), None, None).expect("it listens");
        client.send("GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it reads");
        let status = client.answer().map(|answer| answer.status);
        assert!(matches!(status, Ok(200)), "{number}: {status:?}");
        drop(end);
        assert!(Process(running.pid).has_ended(), "{number} lives on");
        assert!(Running::load(folder.path()).is_err());
    }
}

/// A test that fails leaves no server behind.
struct Stopped<'a>(&'a Running, &'a Path);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        let _ = self.0.stop(self.1);
    }
}

#[test]
fn commands_lead_from_the_start_to_the_answer() {
    built();
    let folder = tempfile::tempdir().expect("a folder");
    let sick = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sick"));
        let output = command.args(words).env("SICK_FOLDER", folder.path()).output().expect("sick can be started");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said)
    };
    let (status, said) = sick(&["hint"]);
    assert!(status == Some(2) && said.contains("no patient is here"), "{said}");
    let (status, said) = sick(&["start", "4711"]);
    let running = Running::load(folder.path()).unwrap_or_else(|_| panic!("{said}"));
    let end = Stopped(&running, folder.path());
    assert!(status == Some(0) && said.contains("Patient 4711") && said.contains("  d  "), "{said}");
    let all = all();
    let patient = all.iter().find(|one| one.number == 4711).expect("the patient");
    for number in 1..=4 {
        let (_, said) = sick(&["--lang", "zh", "hint"]);
        assert!(said.contains(&format!("提示 {}/3", number.min(3))), "{said}");
    }
    let choices = patient.choices(&all);
    let letter = |right: bool| {
        let choice = choices.iter().find(|choice| choice.why_not.is_none() == right).expect("a choice");
        choice.letter.to_string()
    };
    let (status, said) = sick(&["answer", &letter(false)]);
    assert!(status == Some(1) && said.contains("it is not that") && !said.contains("{pid}"), "{said}");
    let (status, said) = sick(&["answer", &letter(true)]);
    assert!(status == Some(0) && said.contains(&patient.case) && said.contains("models.rs:"), "{said}");
    let solved = Solved::load(folder.path()).expect("what is solved");
    let how = solved.of(4711).expect("it is");
    assert_eq!((how.hints, how.wrong), (3, 1));
    let (_, said) = sick(&["--list"]);
    assert!(said.contains("4711  solved") && said.contains(&format!("1 of {}", all.len())), "{said}");
    let (status, said) = sick(&["stop"]);
    assert!(status == Some(0) && Process(running.pid).has_ended(), "{said}");
    drop(end);
    let (status, said) = sick(&["start", "1"]);
    assert!(status == Some(2) && said.contains("there is no patient 1"), "{said}");
    let (_, said) = sick(&["key"]);
    assert!(said.lines().count() >= all.len() + 2 && said.contains("For instructors"), "{said}");
    assert!(all.iter().all(|one| said.contains(&one.case) && said.contains(&one.defect)), "{said}");
}

/// In a terminal that `script` makes. Where there is no such program, there is nothing to see.
#[test]
fn quitting_and_ctrl_c_stop_the_server() {
    built();
    for (key, expected) in [("q\n", 0), ("\u{3}", 130)] {
        let folder = tempfile::tempdir().expect("a folder");
        let command = format!("{} 4711", env!("CARGO_BIN_EXE_sick"));
        let mut script = Command::new("script");
        script.args(["--quiet", "--flush", "--return", "--command", &command, "/dev/null"]);
        script.env("SICK_FOLDER", folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut script) = script.spawn() else {
            eprintln!("not looked at: there is no program script");
            return;
        };
        let (mut keys, mut screen) = (script.stdin.take().expect("keys"), script.stdout.take().expect("a screen"));
        let mut shown = String::new();
        let mut piece = [0; 4096];
        while !shown.contains("4711> ") {
            let length = screen.read(&mut piece).expect("a screen");
            assert!(length > 0, "{shown}");
            shown.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
        let running = Running::load(folder.path()).expect("it runs");
        let _end = Stopped(&running, folder.path());
        assert!(running.is_alive(), "{shown}");
        keys.write_all(key.as_bytes()).expect("it takes keys");
        // A terminal whose other side is read by nobody is full at some time.
        screen.read_to_string(&mut shown).expect("a screen");
        let status = script.wait().expect("its status");
        assert_eq!(status.code(), Some(expected), "{shown}");
        assert!(Process(running.pid).has_ended(), "{key:?}: the server lives on\n{shown}");
    }
}
