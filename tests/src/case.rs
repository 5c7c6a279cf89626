//! One behaviour that a server shows or does not.

use std::{fmt, io};

use crate::Trial;
use crate::both;
use crate::language::{Both, Language, reason};
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
        text: Both,
        /// A reason that many cases may share.
        cause: Option<Cause>,
        /// What was expected and what came, where that can be said in a few words.
        facts: Option<Box<Facts>>,
        /// Not even a connection came about, and why.
        unconnected: Option<io::ErrorKind>,
    },
    /// It cannot be seen from here, and why. No verdict on the server.
    NotLookedAt(Both),
}

/// What was expected, and what came instead.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Facts {
    pub expected: Both,
    pub got: Both,
}

/// A reason for which many cases fail at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Cause {
    NotStarted,
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
            Cause::NotStarted => "not-started",
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
    pub fn text(self) -> Both {
        match self {
            Cause::NotStarted => both!("the server does not start for every case", "服务器并非每个用例都能启动"),
            Cause::Died => both!("the server dies", "服务器中途退出了"),
            Cause::LineEnds => both!("the lines of an answer end in LF alone", "响应的行只以 LF 结尾"),
            Cause::NoHttp => both!("what comes is no HTTP answer", "收到的不是 HTTP 响应"),
            Cause::NoAnswer => both!("no answer comes", "没有响应"),
            Cause::NoLength => {
                both!("neither a length nor a close ends the answer", "响应既没有长度，也不靠关闭连接来结束")
            }
            Cause::NoClose => both!("the answer comes whole, the close does not", "响应完整，但连接没有关闭"),
            Cause::NoDeadline => both!("a silent client is never dropped", "从不断开沉默的客户端"),
            Cause::NoEnd => both!("the answer has no end", "响应没有尽头"),
            Cause::TakesTooLong => both!("the case takes too long", "用例耗时太长"),
            Cause::Served => both!("what must be refused is served", "应当拒绝的请求被接受了"),
        }
    }
}

impl Stop {
    /// Not what was expected, in a way that has no name of its own.
    pub fn other(text: Both) -> Stop {
        Stop::with(Symptom::Other, text)
    }

    /// Not what was expected, with the symptom that the table of stages may name.
    pub fn with(symptom: Symptom, text: Both) -> Stop {
        Stop::Failed { symptom, text, cause: None, facts: None, unconnected: None }
    }

    /// There is no connection, for this reason.
    pub(crate) fn unconnected(error: &io::Error) -> Stop {
        let why = reason(error);
        let text = both!("cannot connect: {why}", "无法连接：{why}" in why);
        let unconnected = Some(error.kind());
        Stop::Failed { symptom: Symptom::Other, text, cause: None, facts: None, unconnected }
    }

    /// Why not even a connection came about, if that is what happened.
    pub(crate) fn why_unconnected(&self) -> Option<io::ErrorKind> {
        match self {
            Stop::Failed { unconnected, .. } => *unconnected,
            Stop::NotLookedAt(_) => None,
        }
    }

    /// What happened, for a person to read.
    pub fn text(&self) -> &Both {
        match self {
            Stop::Failed { text, .. } | Stop::NotLookedAt(text) => text,
        }
    }

    /// The same, known by another symptom.
    pub fn seen_as(mut self, other: Symptom) -> Stop {
        if let Stop::Failed { symptom, .. } = &mut self {
            *symptom = other;
        }
        self
    }

    /// The same, for a reason that many cases may share.
    pub fn because(mut self, reason: Cause) -> Stop {
        if let Stop::Failed { cause, .. } = &mut self {
            *cause = Some(reason);
        }
        self
    }

    /// The same, with what was expected and what came.
    pub fn facts(mut self, expected: Both, got: Both) -> Stop {
        if let Stop::Failed { facts, .. } = &mut self {
            *facts = Some(Box::new(Facts { expected, got }));
        }
        self
    }

    /// The same failure, told otherwise.
    pub fn told(mut self, tell: impl FnOnce(&Both) -> Both) -> Stop {
        if let Stop::Failed { text, .. } = &mut self {
            *text = tell(text);
        }
        self
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
    pub fn about(self) -> Both {
        match self {
            Group::Pieces => both!("a request that comes in pieces", "分几次到达的请求"),
            Group::RequestLine => both!("the request line", "请求行"),
            Group::HeaderFields => both!("header fields", "头部字段"),
            Group::Host => both!("the Host field", "Host 字段"),
            Group::Methods => both!("methods", "方法"),
            Group::Bodies => both!("bodies that must not be taken for requests", "不能被当成请求的正文"),
            Group::Targets => both!("from target to file", "从请求目标到文件"),
            Group::Conditional => {
                both!("HEAD, conditional requests, dates, what an answer says", "HEAD、条件请求、日期、响应里写了什么")
            }
            Group::KeptFiles => both!("files that are kept in memory", "留在内存里的文件"),
            Group::Limits => both!("limits", "上限"),
            Group::KeepAlive => both!("several requests on one connection", "一条连接上的多个请求"),
            Group::Concurrency => both!("several clients at a time", "同时来的多个客户端"),
            Group::Deadlines => both!("how long a client may stay that makes no progress", "没有进展的客户端能留多久"),
            Group::Fairness => both!("what one client may cost the others", "一个客户端会给别的客户端添多少麻烦"),
            Group::Endings => both!("connections that end badly", "不正常结束的连接"),
            Group::Model => both!("the model is what it says it is", "模型名副其实"),
            Group::Restart => both!("starting and stopping", "启动与停止"),
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

    /// Where it is written: `RFC 9112, section 2.2`, `RFC 9112 第 2.2 节`.
    pub fn written_in(&self) -> Both {
        let chinese = |place: &str| {
            let Some((document, part)) = place.split_once(", ") else { return place.to_owned() };
            let (kind, number) = part.split_once(' ').unwrap_or((part, ""));
            match kind {
                "appendix" => format!("{document} 附录 {number}"),
                _ => format!("{document} 第 {} 节", number.replace(" and ", "、")),
            }
        };
        let zh: Vec<String> = self.section.split("; ").map(chinese).collect();
        Both { en: self.section.to_owned(), zh: zh.join("；") }
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
