//! The command line.

use std::num::{NonZeroU16, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;
use std::{env, error, fmt, thread};

use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};
use http_suite::{Both, Case, Group, Language, Stage, Terms, both, called, cases};

use crate::chinese;

/// How many cases run at a time on servers of their own, for each processor: they wait more than they work.
const AT_A_TIME: usize = 2;
/// How long a case may take, in seconds, besides the times for which it waits for a server to have enough of a client.
const CASE: u64 = 30;
/// How often a case may wait so long.
const WAITS: u64 = 4;

/// Tests a web server of static files, in any language, by the cases of this course.
///
/// A server that starts, listens and answers GET / gets a score. Exit status: 0 if all passes that this stage has to
/// do, 1 if something of that failed, 2 if there was nothing to test. What counts as strictness is not required, unless
/// --strict is said.
#[derive(Debug, Parser)]
#[command(version, bin_name = "just check", override_usage = USAGE, after_help = EXAMPLES)]
pub struct Arguments {
    /// A server that runs already: 127.0.0.1:8080. It serves what `--make-site` made
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,

    /// A command that starts a server, for each case anew. In it, {port}, {root} and {timeout} are filled in
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "address")]
    pub command: Vec<String>,

    /// The lesson that the server is to be like, from 01 to 11: its column of the table says what is asked of it
    #[arg(long, value_name = "NN", default_value = "08", value_parser = stage)]
    pub stage: Stage,

    /// Only cases with this in their name; more than once: with any of them
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,

    /// Only cases of this group; more than once: of any of them
    #[arg(long, value_name = "NAME", value_parser = group)]
    group: Vec<Group>,

    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,

    /// The score, and what to mend first: at most a screen. This is the default
    #[arg(long, conflicts_with = "full")]
    brief: bool,

    /// Every case, and everything about each failure
    #[arg(long)]
    pub full: bool,

    /// How many cases run at a time [default: 2 for each processor with a command, 1 with an address]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// How long one case may take [default: 30 and four times --server-timeout]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<NonZeroU16>,

    /// How long the server may take until it listens
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    start_timeout: NonZeroU16,

    /// As the lessons are judged: strictness is required, and a case that passes though the table says that this stage
    /// cannot pass it is a failure
    #[arg(long)]
    pub strict: bool,

    /// How long a client of this server may be silent
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    server_timeout: NonZeroU16,

    /// With an address: the folder that the server serves, if it cannot be asked for it
    #[arg(long, value_name = "FOLDER", requires = "address")]
    pub root: Option<PathBuf>,

    /// With an address that is not of this machine: some cases are attacks, and this is your own server to attack
    #[arg(long)]
    pub i_own_this_host: bool,

    /// Only say which cases there are
    #[arg(long, conflicts_with_all = ["address", "command"])]
    pub list: bool,

    /// Only print which lesson passes which case
    #[arg(long, conflicts_with_all = ["address", "command"])]
    pub table: bool,

    /// The table in short: counts by group, and every proved limit
    #[arg(long, conflicts_with_all = ["address", "command", "table"])]
    pub summary: bool,

    /// The table in Markdown
    #[arg(long)]
    pub markdown: bool,

    /// Only make the files that the cases ask for: FOLDER/root is to be served
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["address", "command"])]
    pub make_site: Option<PathBuf>,

    /// The language of the report [default: that of the environment]
    #[arg(long, value_name = "en|zh", value_parser = language)]
    lang: Option<Language>,

    /// As `lang` says, or else the environment.
    #[arg(skip)]
    pub language: Language,
}

const USAGE: &str = "\
just check [OPTIONS] ADDRESS
       just check [OPTIONS] -- COMMAND...
       just check --list | --table | --summary | --make-site FOLDER";

const EXAMPLES: &str = "\
Examples:
  just check --stage 04 -- python3 server.py {port} {root}
  just check --stage 02 --group targets -- ./my-server --port {port} --root {root}
  just check --make-site /tmp/suite        then serve /tmp/suite/root, and:
  just check 127.0.0.1:8080 --only dot
  just check --list --group limits";

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one object.
    Json,
    /// For programs, while it runs: an object a line for each case, and one before and behind them.
    Jsonl,
    /// The failures as a table for a document.
    Markdown,
}

/// Why a word of the command line cannot be meant.
#[derive(Debug)]
pub struct Wrong(pub Both);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl error::Error for Wrong {}

impl Arguments {
    /// From the command line. Its help and its complaints are in the language that it names, or else in that of the
    /// environment.
    pub fn read() -> Arguments {
        let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let language = Language::of_words(&words).unwrap_or_else(Language::of_environment);
        let command = match language {
            Language::English => Arguments::command(),
            Language::Chinese => chinese::translated(Arguments::command()),
        };
        let read = command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
        match read {
            Ok(arguments) => Arguments { language, ..arguments },
            Err(error) if language == Language::Chinese => chinese::exit(&error),
            Err(error) => called::exit(&error),
        }
    }

    /// The cases that are asked for.
    pub fn cases(&self) -> Result<Vec<&'static Case>, Both> {
        let named = |case: &Case| self.only.is_empty() || self.only.iter().any(|text| case.name.contains(text));
        let grouped = |case: &Case| self.group.is_empty() || self.group.contains(&case.group);
        let cases: Vec<_> = cases::all().filter(|case| named(case) && grouped(case)).collect();
        if cases.is_empty() {
            Err(both!(
                "there is no such case; `just check --list` says which there are",
                "没有这样的用例；`just check --list` 列出所有用例"
            ))
        } else {
            Ok(cases)
        }
    }

    pub fn jobs(&self) -> usize {
        let processors = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let usual = || if self.command.is_empty() { 1 } else { AT_A_TIME * processors() };
        self.jobs.map_or_else(usual, NonZeroUsize::get)
    }

    /// On which terms the server is started, and the cases run. `keeper` is this program.
    pub fn terms(&self, keeper: PathBuf) -> Terms {
        let seconds = |number: NonZeroU16| Duration::from_secs(number.get().into());
        let usual = || Duration::from_secs(CASE + WAITS * u64::from(self.server_timeout.get()));
        Terms {
            keeper: Some(keeper),
            start_timeout: seconds(self.start_timeout),
            case_timeout: Some(self.timeout.map_or_else(usual, seconds)),
            ..Terms::default()
        }
    }

    /// The server, as the command line has it.
    pub fn server(&self) -> String {
        self.address.clone().unwrap_or_else(|| self.command.join(" "))
    }

    pub fn server_timeout(&self) -> Duration {
        Duration::from_secs(self.server_timeout.get().into())
    }
}

fn stage(text: &str) -> Result<Stage, Wrong> {
    Stage::from_name(text).ok_or_else(|| Wrong(both!("the lessons are 01 to 11", "课的编号是 01 到 11")))
}

fn group(text: &str) -> Result<Group, Wrong> {
    let names = || Both::of(|language| Group::ALL.map(Group::name).join(language.say(", ", "、")));
    let none = || {
        let names = names();
        Wrong(both!("the groups are {names}", "各组的名字是 {names}" in names))
    };
    Group::ALL.into_iter().find(|group| group.name() == text).ok_or_else(none)
}

fn language(text: &str) -> Result<Language, Wrong> {
    Language::from_name(text).ok_or_else(|| Wrong(both!("the languages are en and zh", "可用的语言是 en 和 zh")))
}
