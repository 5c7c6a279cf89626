//! Files that a server keeps in memory (`--keep-files`): seen as they are, if a little later.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::process::until;
use crate::server::Setup;
use crate::site::{INDEX, OLD, not_made};
use crate::trial::get;
use crate::{Case, Group, Outcome, PATIENT, Stop, Trial, both};

pub(super) const CASES: &[Case] = &[
    Case::new(Group::KeptFiles, "a-kept-file-is-not-looked-at-again", a_kept_file_is_not_looked_at_again)
        .why(
            "To open, read and close a file costs more than to send it. Whoever has it in memory spares all that, and \
             shows what was there when it was last looked at.",
        )
        .zh(
            "保留的文件不再重新查看",
            "打开、读、关闭一个文件，比发送它花得还多。留在内存里，这些就都省了，送出的是上次查看时的内容。",
        )
        .lesson("lesson 02: what a file costs"),
    Case::new(Group::KeptFiles, "what-has-changed-is-seen-in-time", what_has_changed_is_seen_in_time)
        .why(
            "A file that is changed, replaced, removed or new is to be seen when the stated time is over. A cache that \
             forgets to look again shows last week's page.",
        )
        .zh(
            "改动到时就看得到",
            "文件改了、换了、删了，或者是新的，过了设定的时间就必须看得到。忘了重新查看的缓存，送出的是上周的网页。",
        )
        .lesson("lesson 02: what a file costs"),
    Case::new(Group::KeptFiles, "a-kept-answer-is-of-one-version", a_kept_answer_is_of_one_version)
        .why(
            "Length, date and text belong together. A cache that renews one of them before the other sends a page that \
             never was.",
        )
        .zh(
            "保留的响应出自同一个版本",
            "长度、日期和内容是一体的。缓存要是先更新其中一样，再更新另一样，就会送出一个从未有过的网页。",
        )
        .lesson("lesson 02: what a file costs"),
    Case::new(Group::KeptFiles, "a-kept-file-is-served-like-any-other", a_kept_file_is_served_like_any_other)
        .section("RFC 9110, sections 9.3.2 and 13.2.2")
        .why("The second answer comes from another place than the first, where HEAD and conditions may be forgotten.")
        .zh("保留的文件和别的文件一样提供", "第二个响应和第一个来自不同的地方，HEAD 和条件请求可能就在那里被忘掉。")
        .lesson("lesson 02: what a file costs"),
    Case::new(Group::KeptFiles, "kept-files-take-bounded-memory", kept_files_take_bounded_memory)
        .why("Whoever asks for all files of a site, or for one by many names, must not fill the memory with them.")
        .zh("保留的文件占用的内存有上限", "有人请求网站的所有文件，或者用许多名字请求同一个文件，都不能把内存填满。")
        .lesson("lesson 02: what a file costs"),
];

/// A document root of a case's own, which it may change.
struct Root(TempDir);

impl Root {
    /// With the index that every server is asked for first.
    fn new(trial: &Trial) -> Result<Root, Stop> {
        if !trial.is_lesson() {
            return Err(Stop::NotLookedAt(both!(
                "only a lesson is known to take --keep-files",
                "只知道课程的服务器接受 --keep-files"
            )));
        }
        let folder = trial.site().folder_for_a_case().map_err(cannot)?;
        let root = Root(folder);
        root.write("index.html", &INDEX)?;
        Ok(root)
    }

    /// A file that is as it is since long ago. It is there at once, in place of any other of its name.
    fn write(&self, name: &str, text: &str) -> Outcome {
        write(self.path(), name, text).map_err(cannot)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The server started anew, to serve this and to keep files so long.
    fn served(&self, trial: &mut Trial, seconds: u16) -> Outcome {
        let root = self.path().to_string_lossy().into_owned();
        let arguments = ["--root".to_owned(), root, "--keep-files".to_owned(), seconds.to_string()].to_vec();
        trial.restart(&Setup { arguments, ..Setup::default() })
    }
}

fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let draft = folder.join(format!("{name}.draft"));
    fs::write(&draft, text)?;
    File::options().write(true).open(&draft)?.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(OLD))?;
    fs::rename(&draft, folder.join(name))
}

fn cannot(error: io::Error) -> Stop {
    Stop::NotLookedAt(not_made(&error))
}

fn a_kept_file_is_not_looked_at_again(trial: &mut Trial) -> Outcome {
    let root = Root::new(trial)?;
    root.write("page.txt", "first")?;
    root.served(trial, 3600)?;
    trial.get("/page.txt")?.expect_body(b"first")?;
    fs::remove_file(root.path().join("page.txt")).map_err(cannot)?;
    // A child that was made for one client takes along what it has kept.
    let kept = if trial.stage().number() == 3 { 404 } else { 200 };
    trial.get("/page.txt")?.expect(&[kept])?;
    trial.get("/p%61ge.txt?query")?.expect(&[kept])?;
    // That it is not there is not kept.
    trial.get("/new.txt")?.expect(&[404])?;
    root.write("new.txt", "new")?;
    trial.get("/new.txt")?.expect_body(b"new")?;
    Ok(())
}

fn what_has_changed_is_seen_in_time(trial: &mut Trial) -> Outcome {
    let root = Root::new(trial)?;
    for name in ["changed.txt", "replaced.txt", "removed.txt", "linked.txt"] {
        root.write(name, "old")?;
    }
    root.served(trial, 1)?;
    for name in ["changed.txt", "replaced.txt", "removed.txt", "linked.txt"] {
        trial.get(&format!("/{name}"))?.expect_body(b"old")?;
    }
    fs::write(root.path().join("changed.txt"), "new").map_err(cannot)?;
    root.write("replaced.txt", "new")?;
    root.write("made.txt", "new")?;
    fs::remove_file(root.path().join("removed.txt")).map_err(cannot)?;
    fs::remove_file(root.path().join("linked.txt")).map_err(cannot)?;
    symlink("made.txt", root.path().join("linked.txt")).map_err(cannot)?;
    trial.get("/made.txt")?.expect_body(b"new")?;
    for name in ["changed.txt", "replaced.txt", "linked.txt"] {
        seen(trial, name, 200, "new")?;
    }
    seen(trial, "removed.txt", 404, "")
}

/// Waits until a file is answered so.
fn seen(trial: &mut Trial, name: &str, status: u16, text: &str) -> Outcome {
    let mut last = Ok(());
    until(PATIENT, || {
        last = trial.get(&format!("/{name}")).and_then(|answer| match status {
            200 => answer.expect_body(text.as_bytes()).map(drop),
            _ => answer.expect(&[status]).map(drop),
        });
        last.is_ok()
    });
    last
}

fn a_kept_answer_is_of_one_version(trial: &mut Trial) -> Outcome {
    // So many that the next one to be kept is hardly ever the last again.
    let versions: Vec<String> =
        ('a'..='z').zip(1..).map(|(letter, number)| letter.to_string().repeat(500 * number)).collect();
    let root = Root::new(trial)?;
    root.write("page.txt", &versions[0])?;
    root.served(trial, 1)?;
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        let (folder, enough) = (root.path(), &enough);
        let versions = versions.as_slice();
        let writer = scope.spawn(move || {
            for version in versions.iter().cycle() {
                if enough.load(Ordering::Relaxed) {
                    return Ok(());
                }
                write(folder, "page.txt", version)?;
                thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        });
        let outcome = watch(trial, versions);
        enough.store(true, Ordering::Relaxed);
        let written: io::Result<()> = writer.join().unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
        written.map_err(cannot)?;
        outcome
    })
}

/// Asks again and again, until some versions have been seen one after another.
fn watch(trial: &mut Trial, versions: &[String]) -> Outcome {
    let mut changes = 0;
    let mut last = Vec::new();
    let mut outcome = Ok(());
    let enough = until(PATIENT, || {
        outcome = trial.get("/page.txt").and_then(|answer| {
            answer.expect(&[200])?;
            if !versions.iter().any(|version| version.as_bytes() == answer.body) {
                return Err(Stop::other(both!(
                    "an answer is none of the versions that there were",
                    "响应的内容不是文件有过的任何一个版本"
                )));
            }
            changes += u32::from(answer.body != last);
            last = answer.body;
            Ok(())
        });
        outcome.is_err() || changes > 2
    });
    outcome?;
    let text = || both!("a file that changes all the time is never seen to change", "文件一直在变，却始终看不到变化");
    if enough { Ok(()) } else { Err(Stop::other(text())) }
}

fn a_kept_file_is_served_like_any_other(trial: &mut Trial) -> Outcome {
    let root = Root::new(trial)?;
    root.write("page.txt", "text")?;
    root.served(trial, 3600)?;
    let date = "Sun, 09 Sep 2001 01:46:40 GMT";
    for _ in 0..3 {
        let answer = trial.get("/page.txt")?;
        for (name, value) in [
            ("Content-Length", "4"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
            ("Last-Modified", date),
        ] {
            let said = answer.expect_body(b"text")?.must_have(name)?;
            if said != value {
                return Err(Stop::other(both!(
                    "expected {name}: {value}, got {said}",
                    "应为 {name}: {value}，实为 {said}"
                )));
            }
        }
        let mut client = trial.connect()?;
        client.send("HEAD /page.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let length = client.answer_to_head()?.expect(&[200])?.must_have("Content-Length")?.to_owned();
        client.closes()?;
        if length != "4" {
            return Err(Stop::other(both!(
                "HEAD says Content-Length: {length}",
                "HEAD 的响应里是 Content-Length: {length}"
            )));
        }
        for (field, status) in [("If-Modified-Since", 304), ("If-Unmodified-Since", 200)] {
            let request = format!("GET /page.txt HTTP/1.1\r\nHost: localhost\r\n{field}: {date}\r\n\r\n");
            trial.request(request)?.expect(&[status])?;
        }
    }
    Ok(())
}

fn kept_files_take_bounded_memory(trial: &mut Trial) -> Outcome {
    const NAMES: usize = 4500;
    const MOST: u64 = 56 * 1024 * 1024;
    let root = Root::new(trial)?;
    root.write("page.txt", &"x".repeat(16 * 1024))?;
    for number in 0..NAMES {
        symlink("page.txt", root.path().join(format!("{number}.txt"))).map_err(cannot)?;
    }
    root.served(trial, 3600)?;
    let process = trial.process()?;
    let hidden = || Stop::NotLookedAt(both!("this system does not tell", "本系统不提供进程占用的内存"));
    let memory = move || process.memory().ok_or_else(hidden);
    let before = memory()?;
    let mut client = trial.connect()?;
    for number in 0..NAMES {
        let answer = client.send(get(&format!("/{number}.txt")))?.answer()?;
        if answer.expect(&[200])?.is_last() {
            client = trial.connect()?;
        }
    }
    let more = memory()?.saturating_sub(before);
    // 72 MB have been sent.
    if more > MOST {
        return Err(Stop::other(both!(
            "{} MiB more after {NAMES} files of 16 KiB",
            "请求 {NAMES} 个 16 KiB 的文件之后，多占了 {} MiB 内存"; more >> 20
        )));
    }
    Ok(())
}
