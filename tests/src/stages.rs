//! Which lesson can do what, and what it cannot yet: the table, declared once.
//!
//! A letter is a limit that is *proved*: the case must fail with just that symptom. A lesson that passes where a letter
//! stands fails the run, as one does that fails where a plus stands.

use std::fmt;

use crate::Group;
use crate::both;
use crate::language::Both;

/// What a case is to do at a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `+`: it passes.
    Passes,
    /// A letter: it fails, and this must be seen.
    Fails(Symptom),
    /// `.`: the question does not arise.
    DoesNotApply,
}

/// What is seen when a case fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symptom {
    /// `w`: nothing comes; the client waits, for others or for ever.
    Waits,
    /// `c`: the connection is closed where it should stay.
    Closes,
    /// `o`: the connection stays open where it should be closed.
    StaysOpen,
    /// `r`: the connection is reset.
    Reset,
    /// `p`: one more process with each client.
    Processes,
    /// `t`: one more thread with each client.
    Threads,
    /// `b`: processor time is burnt for clients that do nothing.
    Burns,
    /// `s`: a system call or more for each request.
    Calls,
    /// `x`: anything else. Not for the table: no lesson is allowed to fail in just any way.
    Other,
}

/// How many lessons there are.
pub const COUNT: usize = 11;

/// The lessons: their numbers and titles.
pub const LESSONS: [(&str, &str); COUNT] = [
    ("01", "fixed page"),
    ("02", "file by path"),
    ("03", "multi-process"),
    ("04", "multi-thread"),
    ("05", "non-blocking list"),
    ("06", "long connection"),
    ("07", "epoll"),
    ("08", "coroutines"),
    ("09", "every core"),
    ("10", "async"),
    ("11", "completions"),
];

/// The titles in Chinese, in the same order.
const TITLES_ZH: [&str; COUNT] = [
    "固定页面",
    "按路径取文件",
    "多进程",
    "多线程",
    "非阻塞列表",
    "长连接",
    "epoll",
    "协程",
    "每个核",
    "异步",
    "完成通知",
];

/// Every lesson behind the one that it comes from: `(child, parent)`, in an order in which parents come first.
pub const PARENTS: [(&str, &str); COUNT - 1] = [
    ("02", "01"),
    ("03", "02"),
    ("04", "03"),
    ("05", "04"),
    ("06", "05"),
    ("07", "06"),
    ("08", "04"),
    ("09", "07"),
    ("10", "08"),
    ("11", "09"),
];

/// One of the lessons, as a column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage(usize);

impl Stage {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Stage> {
        (0..LESSONS.len()).map(Stage)
    }

    /// Its number, as a number: 2 for lesson 02.
    pub fn number(self) -> usize {
        self.name().parse().unwrap_or_default()
    }

    /// Its number, as it is written: `02`.
    pub fn name(self) -> &'static str {
        LESSONS[self.0].0
    }

    /// Whether it has `--workers`. Where it is asked what one client costs the others there has to be one: with more,
    /// another worker serves those who are held up.
    pub fn has_workers(self) -> bool {
        matches!(self.number(), 8 | 9 | 11)
    }

    /// `02`, also written `2`, `lesson-02`.
    pub fn from_name(name: &str) -> Option<Stage> {
        let digits = name.trim_start_matches("lesson-").trim_start_matches('0');
        Stage::all().find(|stage| stage.number().to_string() == digits)
    }

    /// `lesson-02`.
    pub fn lesson(self) -> String {
        format!("lesson-{}", self.name())
    }

    /// `file by path`.
    pub fn title(self) -> Both {
        Both { en: LESSONS[self.0].1.to_owned(), zh: TITLES_ZH[self.0].to_owned() }
    }

    /// The lesson that it comes from.
    pub fn parent(self) -> Option<Stage> {
        let (_, parent) = PARENTS.iter().find(|(child, _)| *child == self.name())?;
        Stage::from_name(parent)
    }

    /// What a case is to do at this stage.
    pub fn mark(self, case: &str) -> Mark {
        row(case).map_or(Mark::DoesNotApply, |marks| marks[self.0])
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Symptom {
    const ALL: [Symptom; 9] = [
        Symptom::Waits,
        Symptom::Closes,
        Symptom::StaysOpen,
        Symptom::Reset,
        Symptom::Processes,
        Symptom::Threads,
        Symptom::Burns,
        Symptom::Calls,
        Symptom::Other,
    ];

    /// How the table writes it.
    pub fn letter(self) -> char {
        match self {
            Symptom::Waits => 'w',
            Symptom::Closes => 'c',
            Symptom::StaysOpen => 'o',
            Symptom::Reset => 'r',
            Symptom::Processes => 'p',
            Symptom::Threads => 't',
            Symptom::Burns => 'b',
            Symptom::Calls => 's',
            Symptom::Other => 'x',
        }
    }

    /// In a few words.
    pub fn text(self) -> Both {
        match self {
            Symptom::Waits => both!("nothing comes", "什么也等不到"),
            Symptom::Closes => both!("the connection is closed too early", "连接关得太早"),
            Symptom::StaysOpen => both!("the connection stays open", "连接一直开着"),
            Symptom::Reset => both!("the connection is reset", "连接被重置"),
            Symptom::Processes => both!("a process more for each client", "每多一个客户端就多一个进程"),
            Symptom::Threads => both!("a thread more for each client", "每多一个客户端就多一个线程"),
            Symptom::Burns => {
                both!("processor time for clients that do nothing", "客户端什么也不做，处理器时间照样耗掉")
            }
            Symptom::Calls => both!("a system call or more for each request", "每个请求至少要一次系统调用"),
            Symptom::Other => both!("something else than expected", "与预期不同"),
        }
    }
}

/// `+`, `.` or the letter of a symptom, as the table has it.
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mark::Passes => write!(f, "+"),
            Mark::DoesNotApply => write!(f, "."),
            Mark::Fails(symptom) => write!(f, "{}", symptom.letter()),
        }
    }
}

/// The marks of a case, a column for each lesson.
pub fn row(case: &str) -> Option<[Mark; COUNT]> {
    let (_, marks) = TABLE.iter().flat_map(|(_, rows)| rows.iter()).find(|(name, _)| *name == case)?;
    parse(marks)
}

fn parse(marks: &str) -> Option<[Mark; COUNT]> {
    let marks: Option<Vec<Mark>> = marks
        .chars()
        .filter(|mark| !mark.is_whitespace())
        .map(|mark| match mark {
            '+' => Some(Mark::Passes),
            '.' => Some(Mark::DoesNotApply),
            letter => Symptom::ALL.into_iter().find(|symptom| symptom.letter() == letter).map(Mark::Fails),
        })
        .collect();
    marks?.try_into().ok()
}

type Rows = &'static [(&'static str, &'static str)];

/// Every case, with a mark for each lesson: `+` passes, `.` does not apply, a letter is the [`Symptom`] with which it
/// fails.
#[rustfmt::skip]
pub const TABLE: &[(Group, Rows)] = &[
    //                                                        01 02 03 04 05 06 07 08 09 10 11
    (Group::Pieces, &[
        ("no-answer-before-the-request-is-whole",             "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-request-may-come-in-two-pieces",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-request-may-come-byte-by-byte",                   "+  +  +  +  +  +  +  +  +  +  +"),
        ("what-follows-the-head-is-not-waited-for",           "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-head-of-any-length-is-read",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-client-that-has-said-all-is-still-answered",      "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-refused-body-does-not-cost-the-answer",           "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::RequestLine, &[
        ("a-bare-lf-ends-no-line",                            "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-bare-cr-ends-no-line",                            "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-empty-line-before-the-request-is-ignored",       "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-request-line-names-a-target",                     "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-target-has-no-space-in-it",                       "+  +  +  +  +  +  +  +  +  +  +"),
        ("one-space-parts-the-words",                         "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-method-is-a-token",                               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-version-is-written-in-one-way",                   "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-minor-version-has-one-digit",                     "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-higher-minor-version-is-served",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("another-major-version-is-refused",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-request-names-its-version",                       "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-control-byte-in-the-target-is-refused",           "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-target-is-ascii",                                 "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-backslash-in-a-target-is-no-slash",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-fragment-is-not-sent",                            "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-path-begins-with-a-slash",                        "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-asterisk-is-for-options-alone",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-absolute-target-is-served",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-absolute-target-may-lack-a-path",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("the-host-in-the-target-counts",                     "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-authority-is-checked-as-a-host-is",              "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-https-target-needs-tls",                         "+  +  +  +  +  +  +  +  +  +  +"),
        ("garbage-is-refused",                                "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-tls-hello-is-refused",                            "+  +  +  +  +  +  +  +  +  +  +"),
        ("the-preface-of-http-2-is-refused",                  "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::HeaderFields, &[
        ("a-space-before-the-colon-is-refused",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-line-that-begins-with-a-space-is-no-field",       "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-value-does-not-go-on-in-the-next-line",           "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-line-without-a-colon-is-no-field",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-field-has-a-name",                                "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-name-is-a-token",                                 "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-bare-cr-begins-no-field",                         "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-nul-ends-no-value",                               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-control-byte-in-a-value-is-refused",              "+  +  +  +  +  +  +  +  +  +  +"),
        ("blanks-around-a-value-do-not-count",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-value-may-be-empty",                              "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-value-may-hold-bytes-beyond-ascii",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("names-are-read-in-any-case",                        "+  +  +  +  +  +  +  +  +  +  +"),
        ("close-is-found-wherever-it-stands",                 "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-field-that-is-not-known-is-ignored",              "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Host, &[
        ("a-request-names-its-host",                          "+  +  +  +  +  +  +  +  +  +  +"),
        ("two-hosts-are-refused",                             "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-host-is-a-name-and-perhaps-a-port",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-host-has-the-form-of-one",                        "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-host-that-nobody-can-have-is-refused",            "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-host-may-be-a-literal-and-have-a-port",           "+  +  +  +  +  +  +  +  +  +  +"),
        ("http-1-0-needs-no-host",                            "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-empty-host-is-refused",                          "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Methods, &[
        ("a-refused-method-is-told-which-are-allowed",        "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-unknown-method-is-not-implemented",              "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-method-is-read-in-its-own-case",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("trace-is-refused",                                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("connect-is-refused",                                "+  +  +  +  +  +  +  +  +  +  +"),
        ("options-names-the-methods",                         "+  +  +  +  +  +  +  +  +  +  +"),
        ("no-content-has-no-length",                          "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Bodies, &[
        ("a-body-is-never-taken-for-a-request",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-request-behind-a-body-is-found",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-length-is-digits",                                "+  +  +  +  +  +  +  +  +  +  +"),
        ("two-lengths-are-refused",                           "+  +  +  +  +  +  +  +  +  +  +"),
        ("the-same-length-twice-is-one-length",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-length-has-no-zeros-before-it",                   "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-length-does-not-wrap-round",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-length-beside-chunked-is-refused",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("chunked-comes-last",                                "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-coding-is-written-in-one-way",                    "+  +  +  +  +  +  +  +  +  +  +"),
        ("two-transfer-encodings-are-refused",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-unknown-coding-is-not-implemented",              "+  +  +  +  +  +  +  +  +  +  +"),
        ("codings-are-read-in-any-case",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("http-1-0-has-no-codings",                           "+  +  +  +  +  +  +  +  +  +  +"),
        ("chunks-are-read-and-dropped",                       "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-body-may-come-in-pieces",                         "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-chunk-size-is-hexadecimal",                       "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-chunk-size-does-not-wrap-round",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-chunk-ends-where-it-said",                        "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-bare-lf-ends-no-chunk-size",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-trailer-is-read-as-strictly-as-a-head",           "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-bad-chunk-extension-is-refused",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-body-over-the-cap-is-refused-unread",             "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-expectation-is-answered-at-once",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-expectation-without-a-body-is-met",              "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-expectation-may-stand-in-a-list",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("http-1-0-is-not-told-to-continue",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-body-is-not-waited-for-for-ever",                 "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-body-cut-short-ends-the-connection",              "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Targets, &[
        ("a-path-names-a-file",                               ".  +  +  +  +  +  +  +  +  +  +"),
        ("dot-dot-never-leaves-the-root",                     ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-link-out-of-the-root-is-not-followed",            ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-link-inside-the-root-harms-nothing",              ".  +  +  +  +  +  +  +  +  +  +"),
        ("dots-mean-the-same-however-they-are-spelled",       ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-name-is-decoded-once",                            ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-broken-escape-is-refused",                        ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-nul-cuts-no-name",                                ".  +  +  +  +  +  +  +  +  +  +"),
        ("what-no-name-should-hold-is-not-found",             ".  +  +  +  +  +  +  +  +  +  +"),
        ("the-query-is-no-part-of-the-name",                  ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-folder-is-called-for-with-a-slash",               ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-redirect-holds-behind-a-prefix",                  ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-redirect-is-a-uri",                               ".  +  +  +  +  +  +  +  +  +  +"),
        ("no-field-can-be-injected",                          ".  +  +  +  +  +  +  +  +  +  +"),
        ("no-redirect-leads-to-another-host",                 ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-file-is-no-folder",                               ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-folder-shows-its-index",                          ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-fifo-or-socket-is-refused-at-once",               ".  +  +  +  +  +  +  +  +  +  +"),
        ("an-unreadable-file-is-forbidden",                   ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-name-too-long-for-the-disk-is-not-found",         ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-root-that-is-built-anew-is-found",                ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-root-that-is-a-link-is-followed",                 ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-file-that-does-not-know-its-size-is-served",      ".  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Conditional, &[
        ("head-is-get-without-the-body",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("head-of-what-is-not-there-has-no-body",             ".  +  +  +  +  +  +  +  +  +  +"),
        ("an-error-to-head-has-no-body",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-equal-or-later-date-is-not-modified",            ".  +  +  +  +  +  +  +  +  +  +"),
        ("the-date-that-was-given-is-not-modified",           ".  +  +  +  +  +  +  +  +  +  +"),
        ("an-earlier-date-gets-the-file",                     ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-date-that-is-none-is-ignored",                    ".  +  +  +  +  +  +  +  +  +  +"),
        ("an-entity-tag-outweighs-a-date",                    ".  +  +  +  +  +  +  +  +  +  +"),
        ("any-tag-is-the-tag-of-what-is-there",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-tag-that-must-match-does-not",                    "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-file-that-has-changed-fails-its-condition",       ".  +  +  +  +  +  +  +  +  +  +"),
        ("conditions-are-met-in-their-order",                 ".  +  +  +  +  +  +  +  +  +  +"),
        ("written-twice-in-a-second-is-seen-twice",           ".  +  +  +  +  +  +  +  +  +  +"),
        ("not-modified-has-no-body",                          ".  +  +  +  +  +  +  +  +  +  +"),
        ("every-answer-says-date-server-and-connection",      "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-date-never-lies",                                 ".  +  +  +  +  +  +  +  +  +  +"),
        ("the-type-is-told-by-the-name",                      ".  +  +  +  +  +  +  +  +  +  +"),
        ("files-of-many-kinds-have-their-type",               ".  +  +  +  +  +  +  +  +  +  +"),
        ("text-says-its-charset",                             ".  +  +  +  +  +  +  +  +  +  +"),
        ("the-type-is-not-to-be-guessed",                     "+  +  +  +  +  +  +  +  +  +  +"),
        ("the-length-counts-bytes-not-characters",            "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-empty-file-has-length-zero",                     ".  +  +  +  +  +  +  +  +  +  +"),
        ("an-error-page-is-as-long-as-it-says",               "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::KeptFiles, &[
        ("a-kept-file-is-not-looked-at-again",                ".  +  +  +  +  +  +  +  +  +  +"),
        ("what-has-changed-is-seen-in-time",                  ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-kept-answer-is-of-one-version",                   ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-kept-file-is-served-like-any-other",              ".  +  +  +  +  +  +  +  +  +  +"),
        ("kept-files-take-bounded-memory",                    ".  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Limits, &[
        ("a-target-of-8000-bytes-is-not-too-long",            "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-target-of-100-kb-is-refused",                     "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-ordinary-browser-is-not-too-much",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-field-of-100-kb-is-refused",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("many-long-fields-are-refused",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("ten-thousand-fields-are-refused",                   "+  +  +  +  +  +  +  +  +  +  +"),
        ("what-never-ends-is-refused",                        "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-thousand-ranges-are-as-good-as-none",             "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-large-file-arrives-byte-for-byte",                ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-large-file-is-not-held-in-memory",                ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-file-that-shrinks-ends-the-connection",           ".  +  +  +  +  +  +  +  +  +  +"),
        ("an-address-has-only-so-many-connections",           ".  .  .  .  .  +  +  +  +  +  +"),
    ]),
    (Group::KeepAlive, &[
        ("one-request-after-another",                         "c  c  c  c  c  +  +  +  +  +  +"),
        ("a-hundred-pipelined-are-answered-in-order",         "c  c  c  c  c  +  +  +  +  +  +"),
        ("two-requests-may-be-cut-anywhere",                  "c  c  c  c  c  +  +  +  +  +  +"),
        ("what-follows-a-large-answer-is-answered",           ".  c  c  c  c  +  +  +  +  +  +"),
        ("an-answer-to-head-stays-aligned",                   "c  c  c  c  c  +  +  +  +  +  +"),
        ("answers-without-a-body-stay-aligned",               "c  c  c  c  c  +  +  +  +  +  +"),
        ("a-refusal-keeps-the-connection",                    "c  c  c  c  c  +  +  +  +  +  +"),
        ("an-error-in-framing-closes",                        "c  c  c  c  c  +  +  +  +  +  +"),
        ("a-refused-body-is-not-the-next-request",            "+  +  +  +  +  +  +  +  +  +  +"),
        ("who-asks-for-a-close-gets-it",                      "+  +  +  +  +  +  +  +  +  +  +"),
        ("http-1-0-closes-by-default",                        "+  +  +  +  +  +  +  +  +  +  +"),
        ("http-1-0-is-kept-if-asked-and-told",                "c  c  c  c  c  +  +  +  +  +  +"),
        ("an-idle-connection-is-closed-in-time",              "c  c  c  c  c  +  +  +  +  +  +"),
    ]),
    (Group::Concurrency, &[
        ("a-silent-client-holds-up-no-one",                   "w  w  +  +  +  +  +  +  +  +  +"),
        ("a-hundred-silent-clients-hold-up-no-one",           "w  w  +  +  +  +  +  +  +  +  +"),
        ("the-last-to-come-may-be-the-first-to-go",           "w  w  +  +  +  +  +  +  +  +  +"),
        ("a-trickling-client-holds-up-no-one",                "w  w  +  +  +  +  +  +  +  +  +"),
        ("a-client-that-never-reads-holds-up-no-one",         ".  w  +  +  +  +  +  +  +  +  +"),
        ("a-slow-reader-gets-every-byte",                     ".  +  +  +  +  +  +  +  +  +  +"),
        ("a-silent-client-is-dropped-in-time",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-trickling-client-is-dropped-in-time",             "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-client-that-stops-reading-is-dropped",            ".  +  +  +  +  +  +  +  +  +  +"),
        ("who-reads-little-by-little-is-not-dropped",         ".  +  +  +  +  +  +  +  +  +  +"),
        ("large-downloads-hold-up-no-one",                    ".  .  +  +  +  +  +  +  +  +  +"),
        ("a-fast-download-gives-way",                         ".  .  .  .  .  .  +  +  +  +  +"),
        ("a-pipelining-client-starves-no-one",                ".  .  .  .  .  +  +  +  +  +  +"),
    ]),
    (Group::Deadlines, &[
        ("urgent-bytes-put-off-no-deadline",                   "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-body-that-trickles-puts-off-no-deadline",          "+  +  +  +  +  +  +  +  +  +  +"),
        ("chunks-that-trickle-put-off-no-deadline",            "+  +  +  +  +  +  +  +  +  +  +"),
        ("who-reads-nothing-cannot-stay-by-sending",           ".  +  +  +  +  +  +  +  +  +  +"),
        ("who-was-refused-cannot-stay-by-sending",             "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-upload-that-makes-progress-is-not-dropped",       "+  +  +  +  +  +  +  +  +  +  +"),
        ("who-comes-too-late-is-told-so",                      "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Fairness, &[
        ("long-bodies-hold-up-no-one",                         ".  .  .  .  +  +  +  +  +  +  +"),
        ("tiny-chunks-hold-up-no-one",                         ".  .  .  .  +  +  +  +  +  +  +"),
        ("chunk-extensions-hold-up-no-one",                    ".  .  .  .  +  +  +  +  +  +  +"),
        ("trailers-hold-up-no-one",                            ".  .  .  .  +  +  +  +  +  +  +"),
        ("long-heads-hold-up-no-one",                          ".  .  .  .  +  +  +  +  +  +  +"),
        ("endless-pipelines-hold-up-no-one",                   ".  .  .  .  +  +  +  +  +  +  +"),
    ]),
    (Group::Endings, &[
        ("resets-in-mid-answer-hurt-no-one",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("clients-that-leave-at-once-hurt-no-one",            "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-reset-in-mid-request-hurts-no-one",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("clients-that-leave-before-the-answer-hurt-no-one",  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-half-closed-client-is-answered",                  "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-download-that-is-broken-off-hurts-no-one",        ".  +  +  +  +  +  +  +  +  +  +"),
        ("an-error-answer-reaches-who-still-sends",           "+  +  +  +  +  +  +  +  +  +  +"),
    ]),
    (Group::Model, &[
        ("one-thread-does-all-the-work",                      "+  +  .  .  +  +  +  .  .  +  ."),
        ("each-client-has-a-process",                         ".  .  +  .  .  .  .  .  .  .  ."),
        ("each-client-has-a-thread",                          ".  .  .  +  .  .  .  .  .  .  ."),
        ("no-zombies-are-left",                               ".  .  +  .  .  .  .  .  .  .  ."),
        ("a-client-more-costs-no-process",                    ".  .  p  +  +  +  +  +  +  +  +"),
        ("a-client-more-costs-no-thread",                     ".  .  .  t  +  +  +  +  +  +  +"),
        ("no-call-waits-for-one-client",                      "w  w  w  w  +  +  +  +  +  +  +"),
        ("epoll-comes-with-lesson-07",                        ".  .  .  .  +  +  +  +  +  +  ."),
        ("idle-clients-burn-no-processor-time",               "+  +  +  +  b  b  +  +  +  +  +"),
        ("answered-clients-burn-no-processor-time",           ".  .  .  .  .  b  +  +  +  +  +"),
        ("one-busy-client-among-thousands-idle-costs-the-same",".  .  .  .  b  b  +  +  +  +  +"),
        ("idle-clients-wake-no-one",                           "+  +  +  +  b  b  +  +  +  +  +"),
        ("a-request-asks-no-idle-client",                     ".  .  .  .  b  b  +  +  +  +  +"),
        ("idle-clients-cost-no-system-calls",                 ".  .  .  .  b  b  +  +  +  +  +"),
        ("little-waits-in-the-socket",                        ".  +  +  +  .  .  .  .  .  .  ."),
        ("many-clients-leave-no-descriptors-behind",          "+  +  +  +  +  +  +  +  +  +  +"),
        ("many-clients-leave-no-memory-behind",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("descriptors-that-run-out-come-back",                ".  .  +  +  +  +  +  +  +  +  +"),
        ("a-busy-worker-holds-up-only-its-own-clients",       ".  .  .  .  .  w  w  +  +  w  +"),
        ("clients-are-shared-among-the-workers",              ".  .  .  .  .  .  .  +  +  .  ."),
        ("a-client-comes-among-many-requests",                ".  .  .  .  .  +  +  +  +  +  +"),
        ("pipelined-requests-are-not-waited-for",             ".  .  .  .  .  +  +  +  +  +  +"),
        ("a-system-call-serves-many-requests",                ".  .  .  .  .  s  s  s  s  s  +"),
        ("ten-thousand-idle-clients-take-little-memory",      ".  .  .  .  .  .  +  +  +  +  +"),
    ]),
    (Group::Restart, &[
        ("it-listens",                                        "+  +  +  +  +  +  +  +  +  +  +"),
        ("the-port-can-be-had-again-at-once",                 "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-interrupt-ends-it",                              "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-request-to-terminate-ends-it",                    "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-port-in-use-is-refused",                          "+  +  +  +  +  +  +  +  +  +  +"),
        ("a-log-that-nobody-reads-holds-up-no-one",           "+  +  +  +  +  +  +  +  +  +  +"),
        ("children-of-another-program-are-not-counted",       "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-ignored-sigchld-changes-nothing",                "+  +  +  +  +  +  +  +  +  +  +"),
        ("an-ignored-sigterm-ends-it-all-the-same",           "+  +  +  +  +  +  +  +  +  +  +"),
        ("as-process-1-it-ends-all-the-same",                 "+  +  +  +  +  +  +  +  +  +  +"),
        ("it-can-be-started-with-nothing-open",               "+  +  +  +  +  +  +  +  +  +  +"),
        ("where-no-one-more-can-be-started-a-client-is-told", ".  .  +  +  .  .  .  .  .  .  ."),
    ]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases;

    #[test]
    fn every_case_has_one_row_in_its_group_and_every_row_a_case() {
        for case in cases::all() {
            let places: Vec<_> =
                TABLE.iter().filter(|(_, rows)| rows.iter().any(|(name, _)| *name == case.name)).collect();
            assert_eq!(places.len(), 1, "{} stands in {} groups of the table", case.name, places.len());
            assert_eq!(places[0].0, case.group, "{} stands in the wrong group of the table", case.name);
        }
        for (_, rows) in TABLE {
            for (name, marks) in *rows {
                let cases = cases::all().filter(|case| case.name == *name).count();
                assert_eq!(cases, 1, "the row {name} has {cases} cases");
                let parsed = parse(marks).unwrap_or_else(|| panic!("the row {name} is not {COUNT} marks: {marks}"));
                assert!(!parsed.contains(&Mark::Fails(Symptom::Other)), "{name}: x is no symptom to declare");
            }
        }
    }

    #[test]
    fn every_lesson_but_the_first_comes_from_an_earlier_one() {
        for stage in Stage::all().skip(1) {
            assert!(stage.parent().is_some_and(|parent| parent < stage), "{stage} has no parent before it");
        }
        assert_eq!(Stage::from_name("01").and_then(Stage::parent), None);
        assert_eq!(PARENTS.len() + 1, LESSONS.len());
    }

    #[test]
    fn every_case_says_why_and_where_it_is_taught() {
        for case in cases::all() {
            assert!(!case.why.is_empty(), "{} does not say why it matters", case.name);
            assert!(case.lesson.starts_with("lesson "), "{} names no lesson", case.name);
        }
    }
}
