//! What a failure says to the person who has to understand it.

use std::fmt;
use std::path::Path;

use crate::case::{Case, Cause, Probe, Stop};
use crate::stages::Symptom;
use crate::transcript::{Event, by_hand};
use crate::{PATIENT, Stage, Subject, Trial};

/// How a case failed: what a person needs to understand it, part by part.
#[derive(Clone, Debug)]
pub struct Account {
    /// The case.
    pub case: &'static str,
    /// What it is about, and where it is written.
    pub about: String,
    /// What happened, against what was expected.
    pub what: String,
    /// A reason that other cases may share.
    pub cause: Option<Cause>,
    /// It waited in vain for something to come or to end, and not for anything wrong that came.
    pub in_vain: bool,
    /// What was expected, in a few words.
    pub expected: String,
    /// What came instead, in a few words.
    pub got: String,
    /// What went over the wire, for people: lines with an indent of four.
    pub wire: String,
    /// What the client that matters sent.
    pub sent: Vec<u8>,
    /// What came to it.
    pub came: Vec<u8>,
    /// The last lines that the server said.
    pub said: Vec<String>,
    /// Why it matters.
    pub why: &'static str,
    /// How to see it by hand: commands, a line each.
    pub by_hand: Vec<String>,
    /// Where the course teaches it.
    pub lesson: &'static str,
}

impl Account {
    /// How this case failed in this trial.
    pub(crate) fn of(case: &Case, trial: &mut Trial, stop: &Stop) -> Account {
        const LAST_LINES: usize = 6;
        let (mark, due) = match case.probe {
            Probe::Requests { mark, statuses, .. } => (mark, statuses),
            Probe::Function(_) => (b"".as_slice(), [].as_slice()),
        };
        let (expected, got) = match stop {
            Stop::Failed { facts: Some(facts), .. } => (facts.expected.clone(), facts.got.clone()),
            _ => (expected(case, trial.right(due)), stop.text().to_owned()),
        };
        let said = trial.server().map(|server| server.last_words()).unwrap_or_default();
        let said: Vec<String> = said.trim().lines().map(str::to_owned).collect();
        let section = if case.section.is_empty() { String::new() } else { format!("; {}", case.section) };
        let transcript = trial.transcript.borrow();
        let (sent, came) = transcript.exchange();
        Account {
            case: case.name,
            about: format!("{}{section}", case.group.about()),
            what: stop.text().to_owned(),
            cause: stop.cause(),
            in_vain: matches!(stop, Stop::Failed { symptom: Symptom::Waits | Symptom::StaysOpen, .. }),
            expected,
            got,
            wire: transcript.show(mark),
            by_hand: if sent.is_empty() && transcript.clients().len() < 2 {
                Vec::new()
            } else {
                steps(trial.subject(), trial.stage(), &transcript.clients())
            },
            sent,
            came,
            said: said[said.len().saturating_sub(LAST_LINES)..].to_vec(),
            why: case.why,
            lesson: case.lesson,
        }
    }
}

/// What a case expects, where the failure does not say it: a status, or what its name says.
fn expected(case: &Case, statuses: &[u16]) -> String {
    if statuses.is_empty() {
        return case.name.replace('-', " ");
    }
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    format!("status {}", statuses.join(" or "))
}

/// All of it: what was sent, what came, what was expected and why, how to see it again by hand, and where to read on.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})\n  what happened\n    {}\n", self.case, self.about, self.what)?;
        if !self.wire.is_empty() {
            write!(f, "  on the wire\n{}", self.wire)?;
        }
        let mut part = |title: &str, lines: &[String]| {
            if lines.is_empty() { Ok(()) } else { writeln!(f, "  {title}\n    {}", lines.join("\n    ")) }
        };
        part("the server said last", &self.said)?;
        part("why it matters", &[self.why.to_owned()])?;
        part("by hand", &self.by_hand)?;
        part("read on", &[self.lesson.to_owned()])
    }
}

/// How to see it again by hand, a command a line.
fn steps(subject: &Subject, stage: Stage, clients: &[Vec<&Event>]) -> Vec<String> {
    let (words, address) = match subject {
        Subject::Running { address, .. } => {
            return by_hand(clients, &format!("{} {}", address.ip(), address.port()));
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
    let mut steps = vec![server];
    steps.extend(by_hand(clients, address));
    if steps[0].contains("/tmp/suite") {
        steps.insert(0, "just site /tmp/suite  # once: the files that the suite asks for".into());
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
