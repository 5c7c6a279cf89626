//! What a submission looks like besides a server of its own: a lesson of this course, or something that forwards to
//! another server. Each is a reason to look, with the place, and never a verdict: no points hang on it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use http_suite::Language;
use serde::{Deserialize, Serialize};

use crate::report::Report;

/// What a submission looks like, and by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Likeness {
    /// Which of them.
    pub kind: Kind,
    /// Where that was seen: file and line, or field.
    pub evidence: String,
}

/// What it may look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "name", content = "of")]
pub enum Kind {
    /// This lesson of the course: `04`.
    Lesson(String),
    /// A program that hands requests on.
    Forwarder,
}

impl Likeness {
    /// What it looks like, for people.
    pub fn what(&self, language: Language) -> &'static str {
        match &self.kind {
            Kind::Lesson(_) => language.say("looks like a lesson of this course", "疑似直接提交了本课程的代码"),
            Kind::Forwarder => language.say("looks like a forwarder", "疑似把请求转发给别的服务器"),
        }
    }
}

/// How much of a file is looked at, in bytes.
const MOST: u64 = 4 * 1024 * 1024;
/// How many files of a submission are looked at.
const FILES: usize = 2000;
/// Fewer lines than that are alike by chance.
const FEWEST_LINES: usize = 40;
/// So many of a hundred lines of a submission that stand in a lesson too are more than what both have from a tutorial.
const ALIKE: usize = 80;

/// Looks at the files of a submission. `course`: the repository with the lessons, if it is there.
pub fn of_files(folder: &Path, course: Option<&Path>) -> Vec<Likeness> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    let texts: Vec<(String, Vec<u8>)> = files.iter().filter_map(|path| read(folder, path)).collect();
    let lesson = lesson_by_name(&texts).or_else(|| lesson_by_lines(&texts, course?));
    lesson.into_iter().chain(opens_connections(&texts)).collect()
}

/// Looks at what the suite has seen of its answers: lessons say in the field `Server` which they are.
pub fn of_report(report: &Report) -> Option<Likeness> {
    report.cases.iter().find_map(|finding| {
        let (_, behind) = finding.came().split_once("Server: lesson-")?;
        let number = behind.get(..2).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        let evidence = format!("an answer has the field Server: lesson-{number} (case {})", finding.name);
        Some(Likeness { kind: Kind::Lesson(number.to_owned()), evidence })
    })
}

/// Connections that its processes have made as clients, as [`crate::runner`] has seen them: the address that they went
/// to.
pub fn of_connections(connections: &[String]) -> Option<Likeness> {
    let first = connections.first()?;
    let evidence = format!("while it was tested, it was connected as a client to {first}");
    Some(Likeness { kind: Kind::Forwarder, evidence })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        let Ok(data) = path.symlink_metadata() else { continue };
        if files.len() >= FILES {
            return;
        }
        if data.is_dir() && !path.ends_with("node_modules") {
            collect(&path, files);
        } else if data.is_file() && data.len() <= MOST {
            files.push(path);
        }
    }
}

fn read(folder: &Path, path: &Path) -> Option<(String, Vec<u8>)> {
    let name = path.strip_prefix(folder).ok()?.to_string_lossy().into_owned();
    Some((name, fs::read(path).ok()?))
}

/// A package or a program that has the name of a lesson: in `Cargo.toml`, or as the path of its sources in what was
/// built from them.
fn lesson_by_name(files: &[(String, Vec<u8>)]) -> Option<Likeness> {
    files.iter().find_map(|(name, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        let is_program = bytes.starts_with(b"\x7fELF");
        let (before, is_there) = match () {
            () if name.ends_with("Cargo.toml") => ("name = \"lesson-", true),
            () => ("crates/lesson-", is_program),
        };
        let (_, behind) = text.split_once(before).filter(|_| is_there)?;
        let number = behind.get(..2).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        let evidence = format!("{name} says {before}{number}");
        Some(Likeness { kind: Kind::Lesson(number.to_owned()), evidence })
    })
}

/// The lines that tell one program from another: not short ones, which all have, and no comments.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| line.len() >= 12 && !line.starts_with("//") && !line.starts_with("use "))
}

fn lesson_by_lines(files: &[(String, Vec<u8>)], course: &Path) -> Option<Likeness> {
    let rust = files.iter().filter(|(name, _)| name.ends_with(".rs"));
    let own: Vec<String> =
        rust.flat_map(|(_, bytes)| lines(&String::from_utf8_lossy(bytes)).collect::<Vec<_>>()).collect();
    if own.len() < FEWEST_LINES {
        return None;
    }
    let crates = course.join("crates");
    let shared = ["protocol", "support"].map(|name| lines_in(&crates.join(name).join("src")));
    let folders = fs::read_dir(&crates).ok()?.flatten();
    let lessons = folders.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let number = name.strip_prefix("lesson-")?.get(..2)?.to_owned();
        let lesson = lines_in(&entry.path().join("src"));
        let is_theirs = |line: &&String| lesson.contains(*line) || shared.iter().any(|lines| lines.contains(*line));
        Some((own.iter().filter(is_theirs).count(), name, number))
    });
    let (alike, name, number) = lessons.max()?;
    let evidence = format!("{alike} of its {} lines of Rust stand in crates/{name}, protocol or support", own.len());
    (alike * 100 >= own.len() * ALIKE).then_some(Likeness { kind: Kind::Lesson(number), evidence })
}

fn lines_in(folder: &Path) -> HashSet<String> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|text| lines(&text).collect::<Vec<_>>())
        .collect()
}

/// How a program opens a connection, by the ending of its source. A server of files has no use for that.
const CONNECTS: &[(&str, &[&str])] = &[
    (".py", &["create_connection(", ".connect((", "urlopen(", "HTTPConnection(", "requests.get(", "open_connection("]),
    (".js", &["http.request(", "http.get(", "https.request(", "https.get(", "net.connect(", "net.createConnection("]),
    (".mjs", &["http.request(", "http.get(", "https.request(", "https.get(", "net.connect(", "net.createConnection("]),
    (".c", &["connect(", "curl_easy_perform("]),
    (".cc", &["connect(", "curl_easy_perform("]),
    (".cpp", &["connect(", "curl_easy_perform("]),
    (".rs", &["TcpStream::connect", "reqwest::"]),
    (".go", &["net.Dial(", "http.Get(", "NewSingleHostReverseProxy("]),
];

fn opens_connections(files: &[(String, Vec<u8>)]) -> Option<Likeness> {
    files.iter().filter(|(name, _)| !name.to_lowercase().contains("test")).find_map(|(name, bytes)| {
        let (_, words) = CONNECTS.iter().find(|(ending, _)| name.ends_with(ending))?;
        let text = String::from_utf8_lossy(bytes);
        // Tests are clients.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let is_comment = |line: &str| ["//", "#", "*", "/*"].iter().any(|mark| line.trim_start().starts_with(mark));
        let (number, line) = (1..).zip(text.lines()).find(|(_, line)| {
            // `disconnect(` and `on_connect(` are other words.
            let is_word = |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let has = |word: &&str| line.match_indices(*word).any(|(at, _)| word.starts_with('.') || is_word(at));
            !is_comment(line) && words.iter().any(has)
        })?;
        let line: String = line.trim().chars().take(100).collect();
        let evidence = format!("{name}:{number} opens a connection of its own: {line}");
        Some(Likeness { kind: Kind::Forwarder, evidence })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn of(files: &[(&str, &[u8])]) -> Vec<Likeness> {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        of_files(folder.path(), Some(&course()))
    }

    #[test]
    fn a_lesson_is_known_whatever_its_package_is_called() {
        let folder = course().join("crates/lesson-04-multi-thread/src");
        let files: Vec<(String, Vec<u8>)> = ["main.rs", "listener.rs", "connection.rs"]
            .iter()
            .map(|name| ((*name).to_owned(), fs::read(folder.join(name)).unwrap()))
            .collect();
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let found = of(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].kind, Kind::Lesson("04".into()), "{found:?}");
        assert!(found[0].evidence.contains("lines of Rust"), "{found:?}");
    }

    #[test]
    fn a_lesson_is_known_by_its_name() {
        let found = of(&[("Cargo.toml", b"[package]\nname = \"lesson-07-epoll\"\n")]);
        assert_eq!(found[0].kind, Kind::Lesson("07".into()));
        let found = of(&[("server", b"\x7fELF..crates/lesson-03-multi-process/src/main.rs")]);
        assert_eq!(found[0].kind, Kind::Lesson("03".into()));
    }

    #[test]
    fn a_lesson_is_known_by_what_it_says_of_itself() {
        let report = |came: &str| {
            let case = serde_json::json!({ "name": "a", "group": "b", "part": null, "verdict": "fails", "came": came });
            Report::read(&serde_json::json!({ "schema": 2, "cases": [case] }).to_string()).unwrap()
        };
        let found = of_report(&report("HTTP/1.1 404 Not Found\\r\\nServer: lesson-05\\r\\n")).unwrap();
        assert_eq!(found.kind, Kind::Lesson("05".into()));
        assert_eq!(of_report(&report("Server: lessons of mine\\r\\nServer: lesson-é")), None);
    }

    #[test]
    fn a_forwarder_is_known_by_the_line_that_connects() {
        let found = of(&[("server.py", b"import socket\nup = socket.create_connection((host, 80))\n")]);
        assert_eq!(found[0].kind, Kind::Forwarder);
        assert!(found[0].evidence.starts_with("server.py:2 "), "{found:?}");
    }

    #[test]
    fn an_honest_server_looks_like_nothing() {
        let python = b"# s.connect((host, 80)) is for clients\ns = socket.socket()\ndef on_connect(x): pass\n";
        assert_eq!(of(&[("server.py", python), ("test_server.py", b"s.connect((h, 1))\n")]), []);
        let rust = b"fn main() {}\n#[cfg(test)]\nmod tests {\n    fn f() { TcpStream::connect(a); }\n}\n";
        assert_eq!(of(&[("main.rs", rust)]), []);
        assert_eq!(of(&[("server.c", b"int main() { disconnect(fd); accept(fd, 0, 0); }\n")]), []);
        // A text that only mentions a lesson.
        assert_eq!(of(&[("README.md", b"I read crates/lesson-04-multi-thread/src/main.rs\n")]), []);
        let own: String = (0..60).map(|number| format!("let value_{number} = compute({number});\n")).collect();
        assert_eq!(of(&[("main.rs", own.as_bytes())]), []);
    }
}
