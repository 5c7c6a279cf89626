//! What the learner and the instructor read.

use std::path::Path;

use http_suite::cases;
use unicode_width::UnicodeWidthStr;

use crate::both;
use crate::language::{Both, Language};
use crate::sick::{Choice, Patient, Running, Solved};
use crate::wrap::{COLUMNS, wrapped};

/// Of a server that the suite starts.
const OPTIONS: &str = "--port {port} --root {root} --timeout {timeout}";

/// What an operator is told of the patient that runs, and the diagnoses to choose from.
pub fn report(patient: &Patient, running: &Running, all: &[Patient], folder: &Path, language: Language) -> String {
    let (number, pid, port) = (running.number, running.pid, running.port);
    let head = both!(
        "Patient {number}: process {pid}, http://127.0.0.1:{port}",
        "病人 {number}：进程 {pid}，http://127.0.0.1:{port}"
    );
    let report = running.filled(&patient.report, folder);
    let mut text = format!("{}\n\n", head.say(language));
    text.push_str(&wrapped(report.say(language), COLUMNS, "  "));
    text.push_str(&format!("\n{}\n\n", language.say("What has it?", "它得了什么病？")));
    for choice in patient.choices(all) {
        text.push_str(&labelled(choice.letter, choice.diagnosis.say(language)));
    }
    text
}

/// `  a  …`, with all further lines below the first word.
fn labelled(letter: char, text: &str) -> String {
    let lines = wrapped(text, COLUMNS, "     ");
    format!("  {letter}  {}", lines.trim_start())
}

/// What comes of an answer: why it is not that; or, of the right one, all that there is to know.
pub fn outcome(
    patient: &Patient,
    chosen: &Choice,
    all: &[Patient],
    root: &Path,
    filled: impl Fn(&Both) -> Both,
    language: Language,
) -> String {
    let letter = chosen.letter;
    if let Some(why_not) = &chosen.why_not {
        let said = both!("{letter}: it is not that.", "{letter}：不是这个。");
        return format!("{}\n{}", said.say(language), wrapped(filled(why_not).say(language), COLUMNS, "  "));
    }
    let mut text = format!("{}\n", both!("{letter}: right.", "{letter}：对。").say(language));
    let mut part = |title: &str, body: &str| {
        text.push_str(&format!("\n{title}\n{}", wrapped(body, COLUMNS, "  ")));
    };
    part(language.say("The defect", "缺陷"), patient.what.say(language));
    let (file, line) = (&patient.code.file, &patient.code.line);
    let at = place(root, file, line).map_or(String::new(), |number| format!(":{number}"));
    part(language.say("The code", "代码"), &format!("tests/src/bin/mutant/{file}{at}\n    {line}"));
    part(language.say("Who had it", "谁有过它"), patient.seen.say(language));
    let (case, stage) = (&patient.case, &patient.stage);
    let found = cases::all().find(|one| one.name == *case);
    let title = found.map_or("", |one| language.say("", one.title_zh));
    let how = format!(
        "{case}\n{title}\n  just check --stage {stage} --only {case} \\\n    -- target/debug/mutant {} {OPTIONS}",
        patient.defect
    );
    part(language.say("The case of the suite that finds it", "找到它的测试用例"), &how.replace("\n\n", "\n"));
    let (chapter, anchor) = patient.read.split_once('#').unwrap_or((&patient.read, ""));
    let taught = found.map_or("", |one| one.lesson);
    let read = both!("docs/en/{chapter}.md#{anchor} ({taught})", "docs/zh/{chapter}.md#{anchor}");
    part(language.say("Where the book teaches it", "书中讲它的地方"), read.say(language));
    let others = patient.choices(all).into_iter().filter_map(|choice| {
        let why_not = filled(&choice.why_not?);
        let (letter, en, zh) = (choice.letter, &why_not.en, &why_not.zh);
        Some(both!("{letter}: {en}", "{letter}：{zh}").say(language).to_owned())
    });
    part(language.say("Why not the others", "为什么不是其他几项"), &others.collect::<Vec<_>>().join("\n"));
    text
}

/// The number of the line in the file, from 1.
fn place(root: &Path, file: &str, line: &str) -> Option<usize> {
    let text = std::fs::read_to_string(root.join("tests/src/bin/mutant").join(file)).ok()?;
    text.lines().position(|other| other.trim() == line).map(|at| at + 1)
}

/// Which patients there are, and what has become of them.
pub fn list(all: &[Patient], solved: &Solved, language: Language) -> String {
    let mut numbers: Vec<&Patient> = all.iter().collect();
    numbers.sort_by_key(|patient| patient.number);
    let mut text = String::new();
    for patient in numbers {
        let number = patient.number;
        let state = match solved.of(number) {
            None => both!("open", "未解决"),
            Some(how) => {
                let (hints, wrong, defect) = (how.hints, how.wrong, &patient.defect);
                both!(
                    "solved: {defect} (hints: {hints}, wrong answers: {wrong})",
                    "已解决：{defect}（提示 {hints} 次，答错 {wrong} 次）"
                )
            }
        };
        text.push_str(&format!("{number}  {}\n", state.say(language)));
    }
    let (count, of) = (solved.solved.len(), all.len());
    text.push_str(both!("{count} of {of} solved\n", "{of} 个中已解决 {count} 个\n").say(language));
    text
}

/// What the instructor has: every number with its defect and its case.
pub fn key(all: &[Patient], language: Language) -> String {
    let warning: Both =
        both!("For instructors: this spoils every patient.", "教师专用：看了之后所有病人都没有悬念了。");
    let mut rows: Vec<&Patient> = all.iter().collect();
    rows.sort_by_key(|patient| patient.number);
    let wide = rows.iter().map(|patient| patient.defect.width()).max().unwrap_or(0);
    let row = |patient: &&Patient| format!("{}  {:<wide$}  {}\n", patient.number, patient.defect, patient.case);
    format!("{}\n\n{}", warning.say(language), rows.iter().map(row).collect::<String>())
}
