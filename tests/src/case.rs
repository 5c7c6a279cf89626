//! One behaviour that a server shows or does not.

use std::fmt;

use crate::Trial;
use crate::language::Language;
use crate::stages::Symptom;
use crate::topics;

/// One behaviour: what it is called, why it matters, and how to see it.
#[derive(Clone, Copy)]
pub struct Case {
    /// Says the behaviour, in words joined by hyphens: `a-bare-lf-is-no-line-end`.
    pub name: &'static str,
    /// The shelf that it stands on.
    pub group: Group,
    /// `RFC 9112, section 2.2`; empty where no RFC says it.
    pub section: &'static str,
    /// Why a server should behave so, and what goes wrong in one that does not.
    pub why: &'static str,
    /// What the name says, in Chinese.
    pub title_zh: &'static str,
    /// The same as `why`, in Chinese.
    pub why_zh: &'static str,
    /// Where the course teaches it: `lesson 02: where a line ends`.
    pub lesson: &'static str,
    /// Whether it asks for more than a MUST of an RFC does, and more than most servers do. It counts apart.
    pub strict: bool,
    /// How to see it.
    pub probe: Probe,
}

/// How a case looks at a server.
#[derive(Clone, Copy)]
pub enum Probe {
    /// Sends each of these requests on a connection of its own, and looks at the status of the one answer.
    Requests {
        /// What is sent, each whole and in one piece.
        sent: &'static [&'static [u8]],
        /// The part of it that matters: a caret points there.
        mark: &'static [u8],
        /// Any of these is right, the first is what our own servers say and have to say. Empty: any at all.
        statuses: &'static [u16],
        /// What must follow.
        then: Then,
    },
    /// Anything else.
    Function(fn(&mut Trial) -> Outcome),
}

/// What follows an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The connection may stay open or not.
    Anything,
    /// The server closes, and sends nothing more before.
    Close,
    /// As `Close`, and closing at once, without any answer, is right too (for others; a lesson has to answer).
    CloseEvenUnanswered,
    /// The request may be taken, and then anything may follow. If it is refused, then as `CloseEvenUnanswered`.
    CloseIfRefused,
}

/// What a case found.
pub type Outcome = Result<(), Stop>;

/// Why a case ended before its end.
#[derive(Clone, Debug)]
pub enum Stop {
    /// The server does not behave so.
    Failed {
        /// In one word.
        symptom: Symptom,
        /// What should have happened, and what did.
        text: String,
        /// A reason that many cases may share.
        cause: Option<Cause>,
        /// What was expected and what came, where that can be said in a few words.
        facts: Option<Box<Facts>>,
    },
    /// It cannot be seen from here, and why. No verdict on the server.
    NotLookedAt(String),
}

/// What was expected, and what came instead.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Facts {
    pub expected: String,
    pub got: String,
}

/// A reason for which many cases fail at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Cause {
    Died,
    LineEnds,
    NoHttp,
    NoAnswer,
    NoLength,
    NoClose,
    NoDeadline,
    NoEnd,
    TakesTooLong,
    Served,
}

impl Cause {
    /// As reports for programs have it.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Died => "died",
            Cause::LineEnds => "line-ends",
            Cause::NoHttp => "no-http",
            Cause::NoAnswer => "no-answer",
            Cause::NoLength => "no-length",
            Cause::NoClose => "no-close",
            Cause::NoDeadline => "no-deadline",
            Cause::NoEnd => "no-end",
            Cause::TakesTooLong => "takes-too-long",
            Cause::Served => "served",
        }
    }

    /// In a few words.
    pub fn text(self) -> &'static str {
        match self {
            Cause::Died => "the server dies",
            Cause::LineEnds => "the lines of an answer end in LF alone",
            Cause::NoHttp => "what comes is no HTTP answer",
            Cause::NoAnswer => "no answer comes",
            Cause::NoLength => "neither a length nor a close ends the answer",
            Cause::NoClose => "the answer comes whole, the close does not",
            Cause::NoDeadline => "a silent client is never dropped",
            Cause::NoEnd => "the answer has no end",
            Cause::TakesTooLong => "the case takes too long",
            Cause::Served => "what must be refused is served",
        }
    }
}

impl Stop {
    /// Not what was expected, in a way that has no name of its own.
    pub fn other(text: impl Into<String>) -> Stop {
        Stop::with(Symptom::Other, text)
    }

    /// Not what was expected, with the symptom that the table of stages may name.
    pub fn with(symptom: Symptom, text: impl Into<String>) -> Stop {
        Stop::Failed { symptom, text: text.into(), cause: None, facts: None }
    }

    /// What happened, for a person to read.
    pub fn text(&self) -> &str {
        match self {
            Stop::Failed { text, .. } | Stop::NotLookedAt(text) => text,
        }
    }

    /// The same, known by another symptom.
    pub fn seen_as(self, symptom: Symptom) -> Stop {
        match self {
            Stop::Failed { text, cause, facts, .. } => Stop::Failed { symptom, text, cause, facts },
            stop => stop,
        }
    }

    /// The same, for a reason that many cases may share.
    pub fn because(self, cause: Cause) -> Stop {
        match self {
            Stop::Failed { symptom, text, facts, .. } => Stop::Failed { symptom, text, cause: Some(cause), facts },
            stop => stop,
        }
    }

    /// The same, with what was expected and what came.
    pub fn facts(self, expected: impl Into<String>, got: impl Into<String>) -> Stop {
        match self {
            Stop::Failed { symptom, text, cause, .. } => {
                let facts = Some(Box::new(Facts { expected: expected.into(), got: got.into() }));
                Stop::Failed { symptom, text, cause, facts }
            }
            stop => stop,
        }
    }

    /// The reason, if it is one that many cases may share.
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Stop::Failed { cause, .. } => *cause,
            Stop::NotLookedAt(_) => None,
        }
    }
}

/// A shelf of cases: a file in `src/cases`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Group {
    Pieces,
    RequestLine,
    HeaderFields,
    Host,
    Methods,
    Bodies,
    Targets,
    Conditional,
    KeptFiles,
    Limits,
    KeepAlive,
    Concurrency,
    Deadlines,
    Fairness,
    Endings,
    Model,
    Restart,
}

impl Group {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Group; 17] = [
        Group::Pieces,
        Group::RequestLine,
        Group::HeaderFields,
        Group::Host,
        Group::Methods,
        Group::Bodies,
        Group::Targets,
        Group::Conditional,
        Group::KeptFiles,
        Group::Limits,
        Group::KeepAlive,
        Group::Concurrency,
        Group::Deadlines,
        Group::Fairness,
        Group::Endings,
        Group::Model,
        Group::Restart,
    ];

    /// As filters and tables have it: `request-line`.
    pub fn name(self) -> &'static str {
        match self {
            Group::Pieces => "pieces",
            Group::RequestLine => "request-line",
            Group::HeaderFields => "header-fields",
            Group::Host => "host",
            Group::Methods => "methods",
            Group::Bodies => "bodies",
            Group::Targets => "targets",
            Group::Conditional => "conditional",
            Group::KeptFiles => "kept-files",
            Group::Limits => "limits",
            Group::KeepAlive => "keep-alive",
            Group::Concurrency => "concurrency",
            Group::Deadlines => "deadlines",
            Group::Fairness => "fairness",
            Group::Endings => "endings",
            Group::Model => "model",
            Group::Restart => "restart",
        }
    }

    /// What the cases in it are about.
    pub fn about(self) -> &'static str {
        match self {
            Group::Pieces => "a request that comes in pieces",
            Group::RequestLine => "the request line",
            Group::HeaderFields => "header fields",
            Group::Host => "the Host field",
            Group::Methods => "methods",
            Group::Bodies => "bodies that must not be taken for requests",
            Group::Targets => "from target to file",
            Group::Conditional => "HEAD, conditional requests, dates, what an answer says",
            Group::KeptFiles => "files that are kept in memory",
            Group::Limits => "limits",
            Group::KeepAlive => "several requests on one connection",
            Group::Concurrency => "several clients at a time",
            Group::Deadlines => "how long a client may stay that makes no progress",
            Group::Fairness => "what one client may cost the others",
            Group::Endings => "connections that end badly",
            Group::Model => "the model is what it says it is",
            Group::Restart => "starting and stopping",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Case {
    /// A case that runs a function.
    pub const fn new(group: Group, name: &'static str, run: fn(&mut Trial) -> Outcome) -> Case {
        Case::of(group, name, Probe::Function(run))
    }

    /// A case that sends each of these requests on a connection of its own. Any status passes until
    /// [`answered`](Case::answered) says which.
    pub const fn sends(group: Group, name: &'static str, sent: &'static [&'static [u8]]) -> Case {
        Case::of(group, name, Probe::Requests { sent, mark: b"", statuses: &[], then: Then::Anything })
    }

    const fn of(group: Group, name: &'static str, probe: Probe) -> Case {
        Case { name, group, section: "", why: "", title_zh: "", why_zh: "", lesson: "", strict: false, probe }
    }

    /// These statuses are right; the first is what our servers say.
    pub const fn answered(self, right: &'static [u16]) -> Case {
        match self.probe {
            Probe::Requests { sent, mark, then, .. } => {
                Case { probe: Probe::Requests { sent, mark, statuses: right, then }, ..self }
            }
            Probe::Function(_) => panic!("only a case that sends requests is answered"),
        }
    }

    /// What must follow the answer.
    pub const fn then(self, then: Then) -> Case {
        match self.probe {
            Probe::Requests { sent, mark, statuses, .. } => {
                Case { probe: Probe::Requests { sent, mark, statuses, then }, ..self }
            }
            Probe::Function(_) => panic!("only a case that sends requests is answered"),
        }
    }

    /// A caret points at this part of the request.
    pub const fn mark(self, mark: &'static [u8]) -> Case {
        match self.probe {
            Probe::Requests { sent, statuses, then, .. } => {
                Case { probe: Probe::Requests { sent, mark, statuses, then }, ..self }
            }
            Probe::Function(_) => panic!("only a case that sends requests has something to point at"),
        }
    }

    /// Where it is written.
    pub const fn section(self, section: &'static str) -> Case {
        Case { section, ..self }
    }

    /// Why it matters.
    pub const fn why(self, why: &'static str) -> Case {
        Case { why, ..self }
    }

    /// What the name says, and why it matters, in Chinese.
    pub const fn zh(self, title: &'static str, why: &'static str) -> Case {
        Case { title_zh: title, why_zh: why, ..self }
    }

    /// No MUST of an RFC asks for it, and most servers do otherwise.
    pub const fn strict(self) -> Case {
        Case { strict: true, ..self }
    }

    /// Where the course teaches it.
    pub const fn lesson(self, lesson: &'static str) -> Case {
        Case { lesson, ..self }
    }
    /// What it is called: its name, or a line in Chinese.
    pub fn title(&self, language: Language) -> &'static str {
        language.say(self.name, self.title_zh)
    }

    /// Why it matters, for a reader of this language.
    pub fn reason(&self, language: Language) -> &'static str {
        language.say(self.why, self.why_zh)
    }

    /// Where the course teaches it, for a reader of this language: `第 02 课：行在哪里结束`.
    pub fn read_on(&self, language: Language) -> String {
        match language {
            Language::English => self.lesson.to_owned(),
            Language::Chinese => topics::in_chinese(self.lesson),
        }
    }
}
