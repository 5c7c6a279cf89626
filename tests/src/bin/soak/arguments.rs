//! The command line.

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use http_suite::{Both, Language, Mark, PATIENT, Stage, Subject, both};

/// Sends very many requests to a server, among clients that fail in every way, and sees that each is answered right, to
/// the byte, and that the server has taken nothing for good: no memory, no descriptors, no threads, no processes.
///
/// Exit status: 0 if so, 1 if not, 2 if there was nothing to test.
#[derive(Debug, Parser)]
#[command(bin_name = "just soak", override_usage = USAGE, after_help = EXAMPLES)]
pub struct Arguments {
    /// A lesson that serves files, from 02 on
    #[arg(value_name = "NN", value_parser = stage)]
    lesson: Option<Stage>,

    /// A command that starts a server. In it, {port} and {root} are filled in
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "lesson")]
    command: Vec<String>,

    /// With a command: the lesson that the server is to be like; it says whether connections are long [default: 08]
    #[arg(long, value_name = "NN", value_parser = stage, conflicts_with = "lesson")]
    stage: Option<Stage>,

    /// How many answers are to be looked at. Clients that fail come on top
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub requests: usize,

    /// How many clients there are at a time
    #[arg(long, value_name = "N", default_value = "16", value_parser = RangedU64ValueParser::<usize>::new().range(1..=256))]
    pub clients: usize,

    /// What chance begins with: the same number has each client do the same again [default: another each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// How long the server may take for an answer, and to get rid of what clients have left behind
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    timeout: NonZeroU16,

    /// No answer may take longer than this, in milliseconds, from when it is waited for to its last byte. The default
    /// is twice what was seen of a right server with nine others for each core, and half of a lesson's time-out, behind
    /// which a server can hide that it has forgotten a client
    #[arg(long, value_name = "MS", default_value = "5000", value_parser = RangedU64ValueParser::<u64>::new().range(1..))]
    slowest: u64,

    /// Where the programs of the lessons are [default: release, beside the folder of this program]
    #[arg(long, value_name = "FOLDER")]
    programs: Option<PathBuf>,

    /// The language of what is said: en or zh [default: that of the environment]
    #[arg(long, value_name = "en|zh", value_parser = language)]
    lang: Option<Language>,
}

const USAGE: &str = "\
just soak [OPTIONS] NN
       just soak [OPTIONS] -- COMMAND...";

const EXAMPLES: &str = "\
Examples:
  just soak 07
  just soak 08 --requests 100000 --seed 7
  just soak --stage 04 -- python3 server.py {port} {root}";

impl Arguments {
    /// What is tested.
    pub fn subject(&self) -> Result<Subject, Both> {
        let Some(lesson) = self.lesson else {
            if self.command.is_empty() {
                return Err(both!(
                    "say which lesson, or -- and a command; `just soak --help` shows how",
                    "请指明是哪一课，或者在 -- 之后给出命令；用法见 `just soak --help`"
                ));
            }
            return Ok(Subject::Command { words: self.command.clone(), timeout: PATIENT });
        };
        if lesson.number() == 1 {
            return Err(both!(
                "lesson 01 has one page, and this asks for files; the lessons from 02 on have some",
                "第 01 课只有一个页面，而这里要请求文件；第 02 课以后才有"
            ));
        }
        let built = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("release"));
        let folder = self.programs.clone().or_else(built).unwrap_or_else(|| "target/release".into());
        let program = folder.join(lesson.lesson());
        if !program.is_file() {
            return Err(both!(
                "{0} is not there; `just soak {lesson}` builds it before it begins",
                "没有 {0}；`just soak {lesson}` 会先构建它"; program.display()
            ));
        }
        let program = program.to_string_lossy().into_owned();
        // A line for each request would leave no room for what a server says last.
        let words = [&program, "--quiet", "--port", "{port-or-0}", "--root", "{root}"];
        Ok(Subject::Lesson { words: words.map(str::to_owned).to_vec() })
    }

    /// As `--lang` says, or else the environment.
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_else(Language::of_environment)
    }

    /// The lesson that it is, or is to be like.
    pub fn stage(&self) -> Stage {
        let last = || Stage::all().last();
        self.lesson.or(self.stage).or_else(last).expect("there are lessons")
    }

    /// Whether a connection may serve many requests.
    pub fn keeps_alive(&self) -> bool {
        self.stage().mark("one-request-after-another") == Mark::Passes
    }

    /// As it was said, or another each time.
    pub fn seed(&self) -> u64 {
        let since = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.seed.unwrap_or_else(|| u64::from(since().subsec_nanos()))
    }

    /// How long an answer may take.
    pub fn slowest(&self) -> Duration {
        Duration::from_millis(self.slowest)
    }

    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.get().into())
    }
}

fn stage(text: &str) -> Result<Stage, String> {
    let last = || Stage::all().last().map_or(String::new(), |stage| stage.to_string());
    Stage::from_name(text).ok_or_else(|| format!("the lessons are 01 to {}", last()))
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_name(text).ok_or_else(|| "the languages are en and zh".to_owned())
}
