//! Where one submission is built and tested.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{AGAIN, Class, LARGEST, MIB, Options, PART, RESERVED, Record, remove};
use crate::confine::{Confine, tasks_of_this_user};
use crate::grade::{Grade, State, say};
use crate::likeness;
use crate::report::Report;
use crate::runner::{Bound, Ended, Job, run as run_job};
use crate::submission::{self, Submission};

/// Why there is no grade by cases: how far it came, the reason, and what was said.
pub(super) type Stop = (State, [String; 2], String);

/// Where one submission is built and run. It goes when this is dropped.
pub(super) struct Place {
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
    pub(super) fn make(class: &Class<'_>, name: &str, place: usize) -> io::Result<(Place, u64)> {
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
    pub(super) fn test(&self, class: &Class<'_>, name: &str, record: &mut Record) -> Result<(), Stop> {
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
