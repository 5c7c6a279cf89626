//! What a failure says to the person who has to understand it.

use std::path::Path;

use crate::answer::one_of;
use crate::both;
use crate::case::{Case, Cause, Probe, Stop};
use crate::language::{Both, Language};
use crate::stages::Symptom;
use crate::transcript::{Event, by_hand};
use crate::{PATIENT, Stage, Subject, Trial};

/// Headings that other reports have, too.
pub(crate) const WIRE_ZH: &str = "收发的数据";
pub(crate) const SAID_ZH: &str = "服务器最后的输出";

/// How a case failed: what a person needs to understand it, part by part.
#[derive(Clone, Debug)]
pub struct Account {
    /// The case.
    pub case: &'static str,
    /// What its name says.
    pub title: Both,
    /// What it is about, and where it is written.
    pub about: Both,
    /// What happened, against what was expected.
    pub what: Both,
    /// A reason that other cases may share.
    pub cause: Option<Cause>,
    /// It waited in vain for something to come or to end, and not for anything wrong that came.
    pub in_vain: bool,
    /// What was expected, in a few words.
    pub expected: Both,
    /// What came instead, in a few words.
    pub got: Both,
    /// What went over the wire, for people: lines with an indent of four.
    pub wire: Both,
    /// How the exchange ended, if the last that happened was no bytes.
    pub ended: Option<Both>,
    /// What the client that matters sent.
    pub sent: Vec<u8>,
    /// It then said that it would send no more.
    pub finished: bool,
    /// What came to it.
    pub came: Vec<u8>,
    /// The last lines that the server said.
    pub said: Vec<String>,
    /// Why it matters.
    pub why: Both,
    /// How to see it by hand: commands, a line each.
    pub by_hand: Vec<Both>,
    /// Where the course teaches it.
    pub lesson: Both,
}

impl Account {
    /// How this case failed in this trial.
    pub(crate) fn of(case: &Case, trial: &mut Trial, stop: &Stop) -> Account {
        const LAST_LINES: usize = 6;
        let (mark, due) = match case.probe {
            Probe::Requests { mark, statuses, .. } => (mark, statuses),
            Probe::Function(_) => (b"".as_slice(), [].as_slice()),
        };
        let said = trial.server().map(|server| server.last_words()).unwrap_or_default();
        let said: Vec<String> = said.trim().lines().map(str::to_owned).collect();
        let in_vain = matches!(stop, Stop::Failed { symptom: Symptom::Waits | Symptom::StaysOpen, .. });
        // A server that is none has lost its symptom.
        let waited = in_vain || stop.cause() == Some(Cause::NoAnswer);
        let never_rests = waited && trial.server().is_ok_and(|server| server.never_rests());
        let what = if never_rests { and_never_rests(stop.text()) } else { stop.text().clone() };
        let (expected, got) = match stop {
            Stop::Failed { facts: Some(facts), .. } => (facts.expected.clone(), facts.got.clone()),
            _ => (expected(case, trial.right(due)), what.clone()),
        };
        let transcript = trial.transcript.borrow();
        let (sent, came) = transcript.exchange();
        Account {
            case: case.name,
            title: title(case),
            about: about(case),
            what,
            cause: stop.cause(),
            in_vain,
            expected,
            got,
            wire: Both::of(|language| transcript.show(mark, language)),
            ended: transcript.ended(),
            // Who only connects shows nothing, unless it waits for what does not come.
            by_hand: if sent.is_empty() && transcript.clients().len() < if waited { 1 } else { 2 } {
                Vec::new()
            } else {
                steps(trial.subject(), trial.stage(), &transcript.clients())
            },
            finished: transcript.has_finished(),
            sent,
            came,
            said: said[said.len().saturating_sub(LAST_LINES)..].to_vec(),
            why: Both::of(|language| case.reason(language).to_owned()),
            lesson: Both::of(|language| case.read_on(language)),
        }
    }
}

/// What happened, to a server that does not wait for anything meanwhile.
pub(crate) fn and_never_rests(what: &Both) -> Both {
    both!(
        "{what}; and the server never rests meanwhile: it may be in an endless loop",
        "{what}；而服务器这期间一刻不停地占用处理器：可能陷入了死循环" in what
    )
}

/// What the name of a case says.
fn title(case: &Case) -> Both {
    Both { en: case.name.replace('-', " "), zh: case.title(Language::Chinese).to_owned() }
}

/// What a case is about, and where it is written.
fn about(case: &Case) -> Both {
    let (group, section) = (case.group.about(), case.written_in());
    if case.section.is_empty() { group } else { both!("{group}; {section}", "{group}；{section}" in group, section) }
}

/// What a case expects, where the failure does not say it: a status, or what its name says.
fn expected(case: &Case, statuses: &[u16]) -> Both {
    if statuses.is_empty() { title(case) } else { one_of(statuses) }
}

impl Account {
    /// All of it: what was sent, what came, what was expected and why, how to see it again by hand, and where to read
    /// on.
    pub fn text(&self) -> Both {
        Both::of(|language| self.told(language))
    }

    fn told(&self, language: Language) -> String {
        let (case, about, what) = (self.case, self.about.say(language), self.what.say(language));
        let mut text = match language {
            Language::English => format!("{case} ({about})\n  what happened\n    {what}\n"),
            Language::Chinese => format!("{case}：{}（{about}）\n  发生了什么\n    {what}\n", self.title.zh),
        };
        let wire = self.wire.say(language);
        if !wire.is_empty() {
            text.push_str(&format!("  {}\n{wire}", language.say("on the wire", WIRE_ZH)));
        }
        let mut part = |title: &str, lines: &[&str]| {
            if !lines.is_empty() {
                text.push_str(&format!("  {title}\n    {}\n", lines.join("\n    ")));
            }
        };
        let said: Vec<&str> = self.said.iter().map(String::as_str).collect();
        let by_hand: Vec<&str> = self.by_hand.iter().map(|line| line.say(language)).collect();
        part(language.say("the server said last", SAID_ZH), &said);
        part(language.say("why it matters", "为什么重要"), &[self.why.say(language)]);
        part(language.say("by hand", "手工重现"), &by_hand);
        part(language.say("read on", "接着读"), &[self.lesson.say(language)]);
        text
    }
}

/// How to see it again by hand, a command a line.
fn steps(subject: &Subject, stage: Stage, clients: &[Vec<&Event>]) -> Vec<Both> {
    let (words, address) = match subject {
        Subject::Running { address, .. } => {
            let commands = by_hand(clients, &format!("{} {}", address.ip(), address.port()));
            return commands.into_iter().map(Both::same).collect();
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
    let needs_files = server.contains("/tmp/suite");
    let files = needs_files.then(|| {
        both!(
            "just site /tmp/suite  # once: the files that the suite asks for",
            "just site /tmp/suite  # 只需一次：测试套件要请求的文件"
        )
    });
    let commands = std::iter::once(server).chain(by_hand(clients, address)).map(Both::same);
    files.into_iter().chain(commands).collect()
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,+@%{}".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
