//! A folder of submissions, graded several at a time. What is finished is kept beside the CSV, so that a run that was
//! broken off goes on where it was.

mod place;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use http_suite::keep::House;
use http_suite::{Case, Group, Language, Stage};
use indicatif::{ProgressBar, ProgressStyle};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::confine::{Isolation, Users};
use crate::formats::{self, Format};
use crate::grade::{Grade, State, say};
use crate::likeness::Likeness;
use crate::pages;
use crate::points::Points;
use crate::report::Report;
use crate::runner::{Bound, STOPPING};
use crate::submission;

use place::Place;

/// How many bytes a MiB has.
const MIB: u64 = 1024 * 1024;
/// How large a submission may be, in bytes.
const LARGEST: u64 = 256 * MIB;
/// How many times the memory that may be in use may be reserved (`RLIMIT_DATA`): the stacks of threads are, 8 MiB each.
const RESERVED: u64 = 16;
/// The form of [`Record`]. Another one is graded anew.
const FORM: u32 = 3;
/// The report while it is written, and that of a second look.
const PART: &str = "report.jsonl.part";
const AGAIN: &str = "report.jsonl.again";
/// How a submission's name has to be cut, in bytes, so that its folder can have it.
const LONGEST_NAME: usize = 200;

/// What is graded, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder with a folder for each submission.
    pub submissions: PathBuf,
    /// The table to be written. The folder of the same name without its ending has everything else.
    pub csv: PathBuf,
    /// The lesson that the servers are to be like.
    pub stage: Stage,
    /// Only cases with one of these in their name.
    pub only: Vec<String>,
    /// Only cases of these groups.
    pub groups: Vec<Group>,
    /// How many submissions run at a time.
    pub at_a_time: usize,
    /// How many cases run at a time on one of them.
    pub jobs: usize,
    /// How long the suite may take for one, in seconds.
    pub time: u64,
    /// How much memory one may use, in MiB.
    pub memory: u64,
    /// How many processes and threads one may have.
    pub processes: u64,
    /// How much one may write, in MiB; half of that into one file.
    pub disk: u64,
    /// Whether failures are looked at once more when all else is done.
    pub second_look: bool,
    /// Whether a submission has the network of this machine while it is built.
    pub network_for_builds: bool,
    /// Whether it has that all the time.
    pub network: bool,
    /// Whether it runs as the user of this program even where that is the superuser.
    pub as_this_user: bool,
    /// These are graded anew.
    pub again: Vec<String>,
    /// All are graded anew.
    pub fresh: bool,
    /// Written for each, besides.
    pub formats: Vec<Format>,
    /// What a case is worth.
    pub points: Points,
    /// What is said.
    pub language: Language,
    /// The suite's program.
    pub check: PathBuf,
    /// The course, if its sources are here: handed in, they are known again.
    pub course: Option<PathBuf>,
}

/// What is kept of a submission, besides the report.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    form: u32,
    /// Of the submission's files.
    digest: u64,
    stage: String,
    only: Vec<String>,
    groups: Vec<String>,
    state: State,
    reason: [String; 2],
    details: [String; 2],
    met: BTreeSet<Bound>,
    looks_like: Vec<Likeness>,
    /// Whether it is to be graded once more when all else is done.
    #[serde(default)]
    again: bool,
}

/// All that the threads share.
struct Class<'a> {
    options: &'a Options,
    isolation: &'a Isolation,
    users: Users,
    /// The folder for what is temporary.
    scratch: &'a Path,
    /// What is kept.
    results: PathBuf,
    /// The programs that run among the student's, where every user can execute them.
    check: PathBuf,
    grade: PathBuf,
}

/// Grades all that is not graded yet, and writes the table and the pages of all.
///
/// # Errors
///
/// If the folders cannot be read or written. What is wrong with a submission is in its grade instead.
pub fn run(options: &Options) -> Result<Vec<Grade>, String> {
    let results = options.csv.with_extension("");
    if results == options.csv {
        return Err("the table has to be a file that ends in .csv; the rest goes into the folder of that name".into());
    }
    let names = names(&options.submissions, &results)?;
    fs::create_dir_all(&results).map_err(|error| format!("cannot make {}: {error}", results.display()))?;
    if let Some(name) = options.again.iter().find(|name| !names.contains(name)) {
        return Err(format!("--again: there is no submission {name}"));
    }
    let scratch = tempfile::Builder::new().prefix("grade-").tempdir().map_err(|error| format!("no folder: {error}"))?;
    let program = http_suite::keep::this_program().map_err(|error| format!("where is this program? {error}"))?;
    let house = House::of(&program, scratch.path()).map_err(|error| format!("cannot start a keeper: {error}"))?;
    let house = Arc::new(Mutex::new(house));
    let (check, grade) = make_scratch(scratch.path(), &options.check, &program)
        .map_err(|error| format!("cannot make {}: {error}", scratch.path().display()))?;
    let isolation = Isolation::probe(&grade, !options.network, !options.as_this_user);
    tell_of(&isolation, options.language);
    let users = Users::take().map_err(|error| format!("no users for submissions: {error}"))?;
    let class = Class { options, isolation: &isolation, users, scratch: scratch.path(), check, grade, results };
    let handle = leave_on_signals(Arc::clone(&house), options.language)?;
    let todo: Vec<&String> = names.iter().filter(|name| class.is_to_do(name)).collect();
    class.grade_all(&todo, names.len(), options.at_a_time);
    // A machine may have been too busy for a server to start: then once more, with nothing beside it.
    let again = |name: &&String| class.record(name).is_some_and(|record| record.again);
    let again: Vec<&String> = todo.into_iter().filter(again).collect();
    if !STOPPING.load(Ordering::Relaxed) && !again.is_empty() {
        class.grade_all(&again, names.len(), 1);
    }
    handle.close();
    if STOPPING.load(Ordering::Relaxed) {
        // Whoever has ended it sees to the end.
        loop {
            thread::park();
        }
    }
    house.lock().unwrap_or_else(PoisonError::into_inner).leave();
    let grades: Vec<(Grade, Option<Report>)> = names.iter().map(|name| class.kept(name)).collect();
    class.write(&grades)?;
    Ok(grades.into_iter().map(|(grade, _)| grade).collect())
}

/// Fills the folder for what is temporary: where `check` and this program are in it.
fn make_scratch(scratch: &Path, check: &Path, program: &Path) -> io::Result<(PathBuf, PathBuf)> {
    // Others may pass through, and see nothing: the folders of the submissions have names that nobody can guess.
    fs::set_permissions(scratch, fs::Permissions::from_mode(0o711))?;
    fs::create_dir(scratch.join("bin"))?;
    let copies = (scratch.join("bin/check"), scratch.join("bin/grade"));
    for (from, to) in [(check, &copies.0), (program, &copies.1)] {
        fs::copy(from, to)?;
        fs::set_permissions(to, fs::Permissions::from_mode(0o755))?;
    }
    fs::set_permissions(scratch.join("bin"), fs::Permissions::from_mode(0o755))?;
    Ok(copies)
}

/// The folders of the submissions, by name.
fn names(submissions: &Path, results: &Path) -> Result<Vec<String>, String> {
    let cannot = |error: io::Error| format!("cannot read {}: {error}", submissions.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(submissions).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let is_folder = entry.file_type().map_err(cannot)?.is_dir();
        let is_results = entry.path().canonicalize().ok() == results.canonicalize().ok();
        match entry.file_name().into_string() {
            Ok(name) if is_folder && !is_results && !name.starts_with('.') => names.push(name),
            Err(name) if is_folder => return Err(format!("the name of {} is no UTF-8", name.display())),
            _ => {}
        }
    }
    // That is the page of all.
    if names.iter().any(|name| name == "index.html") {
        return Err("no submission can be called index.html".into());
    }
    if let Some(long) = names.iter().find(|name| name.len() > LONGEST_NAME) {
        return Err(format!("the name {long} is too long"));
    }
    names.sort();
    if names.is_empty() {
        return Err(format!("{} has no folders, and each submission is one", submissions.display()));
    }
    Ok(names)
}

fn tell_of(isolation: &Isolation, language: Language) {
    if let Err(why) = &isolation.network {
        let says = language.say("submissions have the network of this machine", "提交的程序可以使用本机网络");
        eprintln!("grade: {says}: {why}");
    }
    if let Err(why) = &isolation.user {
        let says = language.say("submissions run as the user of this program", "提交的程序以当前用户身份运行");
        eprintln!("grade: {says}: {why}");
    }
}

/// From now on a signal that would end this program ends all that it has started first.
fn leave_on_signals(house: Arc<Mutex<House>>, language: Language) -> Result<signal_hook::iterator::Handle, String> {
    let own = http_suite::process::Process(std::process::id());
    // What whoever started this program has set to be ignored (nohup) stays so.
    let signals = [(SIGHUP, Signal::HUP), (SIGINT, Signal::INT), (SIGTERM, Signal::TERM)];
    let signals = signals.into_iter().filter(|(_, signal)| !own.ignores(*signal)).map(|(number, _)| number);
    let mut signals = Signals::new(signals).map_err(|error| format!("cannot wait for signals: {error}"))?;
    let handle = signals.handle();
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            STOPPING.store(true, Ordering::Relaxed);
            eprintln!(
                "\ngrade: {}",
                language.say(
                    "broken off; the same command goes on with those that are not finished",
                    "已中断；再次运行同一命令会接着评未完成的提交"
                )
            );
            house.lock().unwrap_or_else(PoisonError::into_inner).leave();
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(handle)
}

impl Class<'_> {
    fn folder(&self, name: &str) -> PathBuf {
        self.results.join(name)
    }

    fn is_to_do(&self, name: &str) -> bool {
        let options = self.options;
        let anew = options.fresh || options.again.iter().any(|other| other == name);
        let record = || self.record(name).filter(|record| record.state != State::NotGraded);
        let is_same = |record: &Record| {
            let digest = submission::digest(&options.submissions.join(name), LARGEST).unwrap_or_default();
            record.form == FORM
                && record.digest == digest
                && record.stage == options.stage.name()
                && record.only == options.only
                && record.groups == self.groups()
                && !record.again
        };
        anew || !record().as_ref().is_some_and(is_same)
    }

    fn groups(&self) -> Vec<String> {
        self.options.groups.iter().map(|group| group.name().to_owned()).collect()
    }

    /// Which cases are asked for, as options of `check`.
    fn asked(&self) -> Vec<String> {
        let only = self.options.only.iter().flat_map(|text| ["--only".to_owned(), text.clone()]);
        only.chain(self.groups().into_iter().flat_map(|name| ["--group".to_owned(), name])).collect()
    }

    fn record(&self, name: &str) -> Option<Record> {
        serde_json::from_str(&fs::read_to_string(self.folder(name).join("record.json")).ok()?).ok()
    }

    fn grade_all(&self, todo: &[&String], of: usize, at_a_time: usize) {
        let bar = ProgressBar::new(of as u64);
        bar.set_position((of - todo.len()) as u64);
        // The template is right, so this cannot fail; and without it there is still a bar.
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {elapsed}  {wide_msg}") {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        let next = AtomicUsize::new(0);
        let running = Arc::new(Mutex::new(BTreeSet::new()));
        let show = |name: &str, is_there: bool| {
            let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
            if is_there {
                running.insert(name.to_owned())
            } else {
                running.remove(name)
            };
            bar.set_message(running.iter().map(String::as_str).collect::<Vec<_>>().join(", "));
        };
        thread::scope(|scope| {
            for place in 0..at_a_time.min(todo.len()) {
                let (bar, next, show) = (&bar, &next, &show);
                scope.spawn(move || {
                    while let Some(name) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if STOPPING.load(Ordering::Relaxed) {
                            return;
                        }
                        show(name, true);
                        let was_again = self.record(name).is_some_and(|record| record.again);
                        let mut outcome = self.grade(name, place);
                        outcome.again &= !was_again;
                        show(name, false);
                        if STOPPING.load(Ordering::Relaxed) {
                            return;
                        }
                        if let Err(error) = self.keep(name, &outcome) {
                            bar.suspend(|| eprintln!("grade: {name}: cannot keep what came of it: {error}"));
                        }
                        bar.inc(1);
                    }
                });
            }
        });
        bar.finish_and_clear();
    }

    /// Builds and tests one submission, and removes what is left of it.
    fn grade(&self, name: &str, place: usize) -> Record {
        let options = self.options;
        let mut record = Record {
            form: FORM,
            digest: 0,
            stage: options.stage.name().to_owned(),
            only: options.only.clone(),
            groups: self.groups(),
            state: State::Graded,
            reason: say("", ""),
            details: say("", ""),
            met: BTreeSet::new(),
            looks_like: Vec::new(),
            again: false,
        };
        let place = match Place::make(self, name, place) {
            Ok((place, digest)) => {
                record.digest = digest;
                place
            }
            Err(error) => {
                record.state = State::NotBuilt;
                record.reason = say("cannot be copied", "无法复制");
                record.details = [error.to_string(), error.to_string()];
                return record;
            }
        };
        if let Err((state, reason, details)) = place.test(self, name, &mut record) {
            record.state = state;
            record.reason = reason;
            record.details = say(details.clone(), details);
        }
        // What has met a bound does so again.
        record.again = options.second_look && record.state == State::NoServer && record.met.is_empty();
        record
    }

    /// All at once, or nothing: a record is there only when everything else is.
    fn keep(&self, name: &str, record: &Record) -> io::Result<()> {
        let folder = self.folder(name);
        fs::create_dir_all(&folder)?;
        let (part, whole) = (folder.join(PART), folder.join("report.jsonl"));
        if part.exists() { fs::rename(part, whole) } else { remove(&whole) }?;
        let new = folder.join("record.json.part");
        fs::write(&new, serde_json::to_string_pretty(record)? + "\n")?;
        fs::rename(new, folder.join("record.json"))
    }

    /// What is kept of a submission, as a grade.
    fn kept(&self, name: &str) -> (Grade, Option<Report>) {
        let options = self.options;
        let stage = options.stage.name();
        let Some(record) = self.record(name) else {
            let reason = say("nothing was kept of it", "没有保存任何结果");
            return (Grade::none(name, stage, State::NotGraded, reason, say("", "")), None);
        };
        let text = fs::read_to_string(self.folder(name).join("report.jsonl")).ok();
        let report = text.and_then(|text| Report::read(&text).ok());
        let mut grade = match report.clone() {
            Some(mut report) if matches!(record.state, State::Graded | State::CutShort | State::NoServer) => {
                // Points are shared by all cases that were asked for, also if none of them was reached.
                if record.state != State::Graded {
                    report.fail_the_rest(&self.cases(), options.stage);
                }
                Grade::of(name, &report, &options.points)
            }
            _ => Grade::none(name, stage, record.state, say("", ""), say("", "")),
        };
        grade.state = record.state;
        grade.reason = record.reason;
        grade.bounds = [Language::English, Language::Chinese].map(|language| say_bound(&record.met, options, language));
        grade.details = record.details;
        grade.looks_like = record.looks_like;
        (grade, report)
    }

    fn cases(&self) -> Vec<&'static Case> {
        let options = self.options;
        let named = |case: &Case| options.only.is_empty() || options.only.iter().any(|text| case.name.contains(text));
        let grouped = |case: &Case| options.groups.is_empty() || options.groups.contains(&case.group);
        http_suite::cases::all().filter(|case| named(case) && grouped(case)).collect()
    }

    fn write(&self, grades: &[(Grade, Option<Report>)]) -> Result<(), String> {
        let options = self.options;
        let write = |path: &Path, text: &str| {
            fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
        };
        for (grade, report) in grades {
            let folder = self.folder(&grade.name);
            fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
            write(
                &folder.join("index.html"),
                &pages::student(grade, report.as_ref(), &options.points, options.language),
            )?;
            // The report itself is there already.
            for format in options.formats.iter().filter(|format| **format != Format::Jsonl) {
                let text = format.write(grade, report.as_ref(), &options.points, options.language)?;
                write(&folder.join(format.file()), &text)?;
            }
        }
        write(&self.results.join("index.html"), &pages::overview(grades, &options.points, self.isolation, options))?;
        let grades: Vec<Grade> = grades.iter().map(|(grade, _)| grade.clone()).collect();
        write(&options.csv, &formats::table(&grades, &options.points)?)
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn say_bound(met: &BTreeSet<Bound>, options: &Options, language: Language) -> String {
    let (time, memory, processes, disk) = (options.time, options.memory, options.processes, options.disk);
    let say = |bound: &Bound| match (bound, language) {
        (Bound::Time, Language::English) => format!("took more than its time ({time} s for the suite)"),
        (Bound::Time, Language::Chinese) => format!("超出时间限制（测试总共 {time} 秒）"),
        (Bound::Memory, Language::English) => format!("used more than {memory} MiB of memory"),
        (Bound::Memory, Language::Chinese) => format!("内存超过 {memory} MiB"),
        (Bound::Processes, Language::English) => format!("had {processes} processes, and may have no more"),
        (Bound::Processes, Language::Chinese) => format!("进程数达到上限 {processes}"),
        (Bound::Disk, Language::English) => format!("wrote more than {disk} MiB"),
        (Bound::Disk, Language::Chinese) => format!("写入磁盘超过 {disk} MiB"),
    };
    met.iter().map(say).collect::<Vec<_>>().join(language.say("; ", "；"))
}
