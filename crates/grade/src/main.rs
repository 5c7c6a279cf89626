//! `grade`: a class of submissions, or one report of `check`, graded.

use std::fs;
use std::io::{self, Read, Write};
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use clap::{Args, Parser, Subcommand};
use grade::classroom::{self, Options};
use grade::confine::confined;
use grade::formats::Format;
use grade::grade::{Grade, State};
use grade::points::Points;
use grade::report::Report;
use http_suite::called::{self, as_called};
use http_suite::{Group, Language, Stage, keep};

/// Grades a class: builds each submission, runs the suite on it within limits, and writes a table and pages.
///
/// 每份提交都在限制之下构建、运行并测试，最后写出成绩表和网页。
#[derive(Debug, Parser)]
#[command(version, bin_name = "just grade", args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Sub>,

    #[command(flatten)]
    class: Option<Class>,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Converts a saved report of check (--format json or jsonl) into another format
    Report(One),
}

#[derive(Debug, Args)]
struct One {
    /// The report; `-` is standard input
    report: PathBuf,

    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The name of the submission [default: that of the file]
    #[arg(long)]
    name: Option<String>,

    /// What a case is worth [default: as crates/grade/points.toml]
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,

    /// The language [default: that of the environment]
    #[arg(long, value_name = "en|zh", value_parser = language)]
    lang: Option<Language>,
}

#[derive(Debug, Args)]
struct Class {
    /// The folder that has a folder for each submission
    submissions: PathBuf,

    /// The lesson that the servers are to be like
    #[arg(long, value_name = "NN", value_parser = stage)]
    stage: Stage,

    /// The table to write; the folder of the same name gets the pages and the reports
    #[arg(long, value_name = "FILE", default_value = "grades.csv")]
    csv: PathBuf,

    /// What a case is worth [default: as crates/grade/points.toml]
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,

    /// Write this for each submission too; more than once: all of them
    #[arg(long, value_enum)]
    format: Vec<Format>,

    /// Only cases with this in their name; more than once: with any of them
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,

    /// Only cases of this group; more than once: of any of them
    #[arg(long, value_name = "NAME", value_parser = group)]
    group: Vec<Group>,

    /// Grade this submission anew; more than once: all of them
    #[arg(long, value_name = "NAME")]
    again: Vec<String>,

    /// Grade all anew
    #[arg(long)]
    fresh: bool,

    /// How many submissions run at a time [default: one for each processor]
    #[arg(long, value_name = "N")]
    at_a_time: Option<NonZeroUsize>,

    /// How many cases run at a time on one submission
    #[arg(long, value_name = "N", default_value = "2")]
    jobs: NonZeroUsize,

    /// Do not look once more at what has failed, when all else is done
    #[arg(long)]
    no_second_look: bool,

    /// How long the suite may take for one submission; a second look may take as long again
    #[arg(long, value_name = "SECONDS", default_value = "1800")]
    time: NonZeroU64,

    /// How much memory a process of a submission may use; all together four times as much
    #[arg(long, value_name = "MIB", default_value = "1024")]
    memory: NonZeroU64,

    /// How many processes and threads a submission may have
    #[arg(long, value_name = "N", default_value = "4096")]
    processes: NonZeroU64,

    /// How much a submission may write; half of that into one file
    #[arg(long, value_name = "MIB", default_value = "2048")]
    disk: NonZeroU64,

    /// Let submissions have the network while they are built
    #[arg(long)]
    network_for_builds: bool,

    /// Let submissions have the network all the time
    #[arg(long)]
    network: bool,

    /// Run submissions as yourself even if you are the superuser
    #[arg(long)]
    as_this_user: bool,

    /// The suite's program [default: beside this one]
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,

    /// The language [default: that of the environment]
    #[arg(long, value_name = "en|zh", value_parser = language)]
    lang: Option<Language>,
}

fn main() -> ExitCode {
    if let Some(status) = keep::kept(std::env::args_os()).or_else(|| confined(std::env::args_os())) {
        return status;
    }
    let arguments = Arguments::try_parse().unwrap_or_else(|error| called::exit(&error));
    let result = match (arguments.command, arguments.class) {
        (Some(Sub::Report(one)), _) => report(&one),
        (None, Some(class)) => grade_class(class),
        (None, None) => Err("say which folder has the submissions; `just grade --help` shows how".into()),
    };
    match result {
        Ok(status) => status,
        Err(text) => {
            eprintln!("grade: {}", as_called(text.trim_end()));
            ExitCode::from(2)
        }
    }
}

fn report(one: &One) -> Result<ExitCode, String> {
    let cannot = |error: io::Error| format!("cannot read {}: {error}", one.report.display());
    let text = if one.report.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(cannot)?;
        text
    } else {
        fs::read_to_string(&one.report).map_err(cannot)?
    };
    let report = Report::read(&text).map_err(|error| format!("{}: {error}", one.report.display()))?;
    let points = Points::read(one.points.as_deref())?;
    let stem = || one.report.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = one.name.clone().or_else(stem).unwrap_or_default();
    let grade = Grade::of(&name, &report, &points);
    let language = one.lang.unwrap_or_else(Language::of_environment);
    say(&one.format.write(&grade, Some(&report), &points, language)?);
    Ok(ExitCode::SUCCESS)
}

fn grade_class(class: Class) -> Result<ExitCode, String> {
    let language = class.lang.unwrap_or_else(Language::of_environment);
    let points = Points::read(class.points.as_deref())?;
    let beside = || Ok::<_, io::Error>(std::env::current_exe()?.with_file_name("check"));
    let check = class.check.map_or_else(beside, Ok).map_err(|error| format!("where is this program? {error}"))?;
    if !check.is_file() {
        return Err(format!("{} is not there; `just grade` builds it, --check says where it is", check.display()));
    }
    let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let options = Options {
        submissions: class.submissions,
        csv: class.csv,
        stage: class.stage,
        only: class.only,
        groups: class.group,
        at_a_time: class.at_a_time.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get),
        jobs: class.jobs.get(),
        time: class.time.get(),
        memory: class.memory.get(),
        processes: class.processes.get(),
        disk: class.disk.get(),
        second_look: !class.no_second_look,
        network_for_builds: class.network_for_builds,
        network: class.network,
        as_this_user: class.as_this_user,
        again: class.again,
        fresh: class.fresh,
        formats: class.format,
        points,
        language,
        check,
        course: course.join("crates").is_dir().then_some(course),
    };
    let grades = classroom::run(&options)?;
    for grade in &grades {
        let (points, most) = (grade.points(), grade.most(&options.points));
        let mut line = format!("{:24} {points:6.2} / {most}  {}", grade.name, grade.state.say(language));
        if !grade.reason(language).is_empty() {
            line.push_str(language.say(": ", "："));
            line.push_str(&grade.reason(language));
        }
        for likeness in &grade.looks_like {
            line.push_str(language.say("; ", "；"));
            line.push_str(likeness.what(language));
        }
        say(&format!("{line}\n"));
    }
    let page = options.csv.with_extension("").join("index.html");
    say(&format!("{}, {}\n", options.csv.display(), page.display()));
    let is_whole = grades.iter().all(|grade| grade.state != State::NotGraded);
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn stage(text: &str) -> Result<Stage, String> {
    Stage::from_name(text).ok_or_else(|| "the lessons are 01 to 11".into())
}

fn group(text: &str) -> Result<Group, String> {
    let names = || Group::ALL.map(Group::name).join(", ");
    Group::ALL.into_iter().find(|group| group.name() == text).ok_or_else(|| format!("the groups are {}", names()))
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_name(text).ok_or_else(|| "the languages are en and zh".into())
}

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
