//! What a failure says to the person who has to understand it.

use std::path::Path;

use crate::case::{Case, Probe};
use crate::transcript::by_hand;
use crate::{PATIENT, Stage, Subject, Trial};

/// What was sent, what came, what was expected and why, how to see it again by hand, and where to read on.
pub fn explain(case: &Case, trial: &mut Trial, what: &str) -> String {
    let mark = match case.probe {
        Probe::Requests { mark, .. } => mark,
        Probe::Function(_) => b"",
    };
    let transcript = trial.transcript.borrow();
    let shown = transcript.show(mark);
    let sent = transcript.last_sent();
    drop(transcript);

    let section = if case.section.is_empty() { String::new() } else { format!("; {}", case.section) };
    let mut text = format!("{} ({}{section})\n  what happened\n    {what}\n", case.name, case.group.about());
    if !shown.is_empty() {
        text.push_str("  on the wire\n");
        text.push_str(&shown);
    }
    if let Ok(server) = trial.server() {
        let said = server.said();
        if !said.trim().is_empty() {
            text.push_str("  the server said last\n");
            let lines: Vec<&str> = said.trim_end().lines().collect();
            for line in &lines[lines.len().saturating_sub(6)..] {
                text.push_str(&format!("    {line}\n"));
            }
        }
    }
    text.push_str(&format!("  why it matters\n    {}\n", case.why));
    if !sent.is_empty() {
        text.push_str("  by hand\n");
        for step in steps(trial.subject(), trial.stage(), &sent) {
            text.push_str(&format!("    {step}\n"));
        }
    }
    text.push_str(&format!("  read on\n    {}\n", case.lesson));
    text
}

/// How to see it again by hand, a command a line.
fn steps(subject: &Subject, stage: Stage, sent: &[u8]) -> Vec<String> {
    let (words, address) = match subject {
        Subject::Running { address, .. } => {
            return vec![by_hand(sent, &format!("{} {}", address.ip(), address.port()))];
        }
        Subject::Command { words, .. } | Subject::Lesson { words } => (words, "127.0.0.1 7890"),
    };
    let is_lesson = Path::new(&words[0]).file_name().is_some_and(|name| name == stage.lesson().as_str());
    let server = match stage.number() {
        1 if is_lesson => format!("just {}", stage.lesson()),
        _ if is_lesson => format!("just {} --root /tmp/suite/root", stage.lesson()),
        _ => {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            let words = words
                .join(" ")
                .replace("{port-or-0}", "7890")
                .replace("{port}", "7890")
                .replace("{root}", "/tmp/suite/root");
            words.replace("{timeout}", &PATIENT.as_secs().to_string())
        }
    };
    let mut steps = vec![server, by_hand(sent, address)];
    if steps[0].contains("/tmp/suite") {
        steps.insert(0, "just site /tmp/suite        (once: the files that the suite asks for)".into());
    }
    steps
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,+@%{}".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
