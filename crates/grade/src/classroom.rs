//! A folder of submissions, graded several at a time. What is finished is kept beside the CSV, so that a run that was
//! broken off goes on where it was.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
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

use crate::confine::{Confine, Isolation, Users, tasks_of_this_user};
use crate::formats::{self, Format};
use crate::grade::{Grade, State, say};
use crate::likeness::{self, Likeness};
use crate::pages;
use crate::points::Points;
use crate::report::Report;
use crate::runner::{Bound, Ended, Job, STOPPING, run as run_job};
use crate::submission::{self, Submission};

/// How many bytes a MiB has.
const MIB: u64 = 1024 * 1024;
/// How large a submission may be, in bytes.
const LARGEST: u64 = 256 * MIB;
/// How many times the memory that may be in use may be reserved (`RLIMIT_DATA`): the stacks of threads are, 8 MiB each.
const RESERVED: u64 = 16;
/// The form of [`Record`]. Another one is graded anew.
const FORM: u32 = 2;
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
    class.grade_all(&todo, names.len());
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

    fn grade_all(&self, todo: &[&String], of: usize) {
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
            for place in 0..self.options.at_a_time.min(todo.len()) {
                let (bar, next, show) = (&bar, &next, &show);
                scope.spawn(move || {
                    while let Some(name) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if STOPPING.load(Ordering::Relaxed) {
                            return;
                        }
                        show(name, true);
                        let outcome = self.grade(name, place);
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
        let bounds =
            [say_bound(&record.met, options, Language::English), say_bound(&record.met, options, Language::Chinese)];
        for ((reason, bounds), between) in record.reason.iter_mut().zip(bounds).zip(["; ", "；"]) {
            let parts = [std::mem::take(reason), bounds];
            *reason = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between);
        }
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

/// Why there is no grade by cases: how far it came, the reason, and what was said.
type Stop = (State, [String; 2], String);

/// Where one submission is built and run. It goes when this is dropped.
struct Place {
    folder: tempfile::TempDir,
    /// Its copy.
    work: PathBuf,
    /// The user as whom it runs, if that is another.
    user: Option<u32>,
    /// How many processes and threads this user has otherwise.
    others: u64,
    environment: Vec<(String, String)>,
}

impl Place {
    /// With a copy of the submission, and the number of what is in it.
    fn make(class: &Class<'_>, name: &str, place: usize) -> io::Result<(Place, u64)> {
        let options = class.options;
        let user = class.isolation.user.is_ok().then(|| class.users.of(place));
        let folder = tempfile::Builder::new().rand_bytes(16).tempdir_in(class.scratch)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let work = folder.path().join("work");
        let digest = submission::copy(&options.submissions.join(name), &work, user, LARGEST)?;
        // For what it writes, and for what the suite does.
        for (name, user) in [("home", user), ("temporary", user), ("suite", None)] {
            let path = folder.path().join(name);
            fs::create_dir(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
            user.map_or(Ok(()), |user| chown(&path, Some(user), Some(user)))?;
        }
        let environment = environment(folder.path());
        Ok((Place { folder, work, user, others: tasks_of_this_user(), environment }, digest))
    }

    /// Builds it, and runs the suite on it.
    fn test(&self, class: &Class<'_>, name: &str, record: &mut Record) -> Result<(), Stop> {
        record.looks_like = likeness::of_files(&self.work, class.options.course.as_deref());
        let submission = Submission::read(&self.work).map_err(|why| (State::NotBuilt, why, String::new()))?;
        if !submission.build.is_empty() {
            self.build(class, &submission, record)?;
        }
        let command = submission.command(&self.work).map_err(|why| (State::NotBuilt, why, String::new()))?;
        let ended = self.check(class, name, PART, &submission, &command, &class.asked())?;
        record.met.extend(&ended.met);
        if record.looks_like.iter().all(|likeness| likeness.kind != likeness::Kind::Forwarder) {
            record.looks_like.extend(likeness::of_connections(&ended.connections));
        }
        let text = self.without_our_words(class, name).map_err(not_run)?;
        let mut report = Report::read(&text).map_err(|why| {
            let reason = say("check has given no report", "check 没有给出报告");
            (State::NotGraded, reason, format!("{why}\n{}", ended.said))
        })?;
        if record.looks_like.iter().all(|likeness| likeness.kind == likeness::Kind::Forwarder) {
            record.looks_like.extend(likeness::of_report(&report));
        }
        if report.is_whole && !report.failed().is_empty() && class.options.second_look {
            let passed = self.look_again(class, name, &submission, &command, &report)?;
            report.unsettle(&passed);
            fs::write(class.folder(name).join(PART), report.lines()).map_err(not_run)?;
        }
        let of_report = Grade::of(name, &report, &class.options.points);
        record.state = of_report.state;
        record.details = of_report.details;
        if record.state == State::NoServer {
            record.reason = of_report.reason;
        }
        Ok(())
    }

    /// The report with the command that the student knows: ours stands before it, with limits and paths of this run.
    fn without_our_words(&self, class: &Class<'_>, name: &str) -> io::Result<String> {
        let path = class.folder(name).join(PART);
        let words = self.words(class, self.confine(class.options), &[]).join(" ") + " ";
        let text = String::from_utf8_lossy(&fs::read(&path)?).replace(&words, "");
        fs::write(&path, &text)?;
        Ok(text)
    }

    fn build(&self, class: &Class<'_>, submission: &Submission, record: &mut Record) -> Result<(), Stop> {
        let options = class.options;
        let confine = Confine {
            without_network: class.isolation.network.is_ok() && !options.network_for_builds,
            ..self.confine(options)
        };
        let words = self.words(class, confine, &submission.build);
        let ended = self.run(class, words, None, submission.build_timeout, None).map_err(not_run)?;
        record.met.extend(ended.met.iter().filter(|bound| **bound != Bound::Time));
        let build = submission.build.join(" ");
        let is_out_of_reach =
            ended.status.code() == Some(126) && self.user.is_some() && ended.said.contains("Permission denied");
        let reason = match ended.status.code() {
            Some(0) if !ended.met.contains(&Bound::Time) && !ended.met.contains(&Bound::Disk) => return Ok(()),
            _ if ended.met.contains(&Bound::Time) => {
                let seconds = submission.build_timeout;
                say(
                    format!("the build did not end within {seconds} s: {build}"),
                    format!("构建在 {seconds} 秒内没有结束：{build}"),
                )
            }
            _ if is_out_of_reach => say(
                format!("the build cannot be started: the user of submissions cannot reach {}", submission.build[0]),
                format!("构建无法启动：运行提交的用户无法访问 {}", submission.build[0]),
            ),
            Some(status) => say(
                format!("the build failed, with status {status}: {build}"),
                format!("构建失败，退出状态 {status}：{build}"),
            ),
            None => say(format!("the build was killed: {build}"), format!("构建被杀死：{build}")),
        };
        let mut said = ended.said;
        if is_out_of_reach {
            said.push_str(
                "Install the toolchain where every user can reach it (below /usr/local, or with a home that others may \
                 pass through), or say --as-this-user.\n",
            );
        }
        Err((State::NotBuilt, reason, said))
    }

    /// The failures that pass when all else is done: the machine was busy, or the server is not always the same.
    fn look_again(
        &self,
        class: &Class<'_>,
        name: &str,
        submission: &Submission,
        command: &[String],
        report: &Report,
    ) -> Result<Vec<String>, Stop> {
        let mut failed = report.failed();
        let only: Vec<String> = failed.iter().flat_map(|case| ["--only".to_owned(), case.clone()]).collect();
        self.check(class, name, AGAIN, submission, command, &only)?;
        let path = class.folder(name).join(AGAIN);
        let text = fs::read_to_string(&path).and_then(|text| remove(&path).map(|()| text)).map_err(not_run)?;
        // Without a server this time, nothing has passed.
        let cases = Report::read(&text).map(|report| report.cases).unwrap_or_default();
        failed.retain(|name| cases.iter().any(|finding| finding.name == *name && finding.has_passed()));
        Ok(failed)
    }

    /// Runs the suite on these cases, with the report in this file.
    fn check(
        &self,
        class: &Class<'_>,
        name: &str,
        file: &str,
        submission: &Submission,
        command: &[String],
        asked: &[String],
    ) -> Result<Ended, Stop> {
        let options = class.options;
        let folder = class.folder(name);
        let output = fs::create_dir_all(&folder).and_then(|()| File::create(folder.join(file)));
        let output = output.map_err(not_run)?;
        let number = |number: u64| number.to_string();
        let mut check = vec![class.check.display().to_string(), "--format".into(), "jsonl".into()];
        check.extend(["--stage".into(), options.stage.name().into(), "--jobs".into(), options.jobs.to_string()]);
        check.extend(["--start-timeout".into(), number(submission.start_timeout)]);
        check.extend(["--server-timeout".into(), number(submission.server_timeout)]);
        check.extend_from_slice(asked);
        check.push("--".into());
        check.extend(self.words(class, self.confine(options), command));
        // The suite goes with the server into the network that has nothing else, and stays who it is: so no server can
        // end it, or write its report.
        let confine = Confine { without_network: class.isolation.network.is_ok(), ..Confine::default() };
        let mut words = vec![class.grade.display().to_string()];
        words.extend(confine.words());
        words.extend(check);
        self.run(class, words, Some(output), options.time, self.user).map_err(not_run)
    }

    fn confine(&self, options: &Options) -> Confine {
        Confine {
            without_network: false,
            user: self.user,
            data: Some(options.memory * MIB * RESERVED),
            // Without a user of its own, all that this user runs counts.
            processes: Some(options.processes + if self.user.is_some() { 0 } else { self.others }),
            file: Some(options.disk * MIB / 2),
        }
    }

    fn words(&self, class: &Class<'_>, confine: Confine, command: &[String]) -> Vec<String> {
        let mut words = vec![class.grade.display().to_string()];
        words.extend(confine.words());
        words.extend(command.iter().cloned());
        words
    }

    fn run(
        &self,
        class: &Class<'_>,
        words: Vec<String>,
        output: Option<File>,
        seconds: u64,
        user: Option<u32>,
    ) -> io::Result<Ended> {
        let mut environment = self.environment.clone();
        // What the suite makes, no submission may change.
        let temporary = if output.is_some() { "suite" } else { "temporary" };
        environment.push(("TMPDIR".into(), self.folder.path().join(temporary).display().to_string()));
        run_job(Job {
            words,
            folder: &self.work,
            environment: &environment,
            output,
            time: Duration::from_secs(seconds),
            memory: class.options.memory * MIB,
            processes: class.options.processes,
            disk: (self.folder.path(), class.options.disk * MIB),
            ours: &[class.check.clone(), class.grade.clone()],
            user,
        })
    }
}

fn not_run(error: io::Error) -> Stop {
    (State::NotGraded, say("it could not be run", "无法运行"), error.to_string())
}

/// What a submission sees of the environment: nothing that is the instructor's but where programs are.
fn environment(folder: &Path) -> Vec<(String, String)> {
    let home = folder.join("home").display().to_string();
    let mut environment = vec![("LC_ALL".into(), "C.UTF-8".into()), ("CARGO_HOME".into(), format!("{home}/.cargo"))];
    let rustup = || Some(format!("{}/.rustup", std::env::var("HOME").ok()?));
    let rustup = std::env::var("RUSTUP_HOME").ok().or_else(rustup);
    environment.extend(rustup.map(|path| ("RUSTUP_HOME".to_owned(), path)));
    environment.extend(std::env::var("PATH").ok().map(|path| ("PATH".to_owned(), path)));
    environment.push(("HOME".into(), home));
    environment
}
