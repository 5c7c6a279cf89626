//! What the design promises and no compiler checks. `ARCHITECTURE.md` says why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use http_suite::stages::{LESSONS, PARENTS};

/// How long `main.rs` may be, in lines, `connection.rs`, and every other file of a lesson: what can be read without
/// losing the thread.
const MAIN_MAX: usize = 60;
const CONNECTION_MAX: usize = 130;
const FILE_MAX: usize = 150;
/// How long the text may be with which a lesson begins.
const INTRODUCTION_MAX: usize = 5;
/// The width of a comment in a Rust file, in characters.
const WIDTH: usize = 120;

/// The functions that must be the same, to the letter, in all of these lessons.
const SAME: [(&str, &[&str]); 7] = [
    ("listen", &["01", "02", "03", "04", "08", "11"]),
    ("listen", &["05", "06", "07", "09", "10"]),
    ("next_client", &["01", "02", "04", "08"]),
    ("next_client", &["05", "06", "07", "09"]),
    ("lingering_close", &["01", "02", "03", "04"]),
    ("receive", &["01", "02", "03", "04"]),
    ("send", &["01", "02", "03", "04"]),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the suite stands in the workspace").to_owned()
}

/// A text file, by its path in the workspace.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// `None`: not text.
    fn read(path: &str) -> Option<Source> {
        let text = fs::read_to_string(workspace().join(path)).ok()?;
        Some(Source { path: path.to_owned(), text })
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The lines of the program itself, numbered from 1: no comments, and nothing from its tests.
    fn program(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = (1..).zip(self.text.lines());
        lines.take_while(|(_, line)| *line != "#[cfg(test)]").filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The functions, with their names, as rustfmt lays them out.
    fn functions(&self) -> Vec<(&str, String)> {
        let lines: Vec<&str> = self.program().map(|(_, line)| line).collect();
        let starts = (0..lines.len()).filter(|at| {
            let line = lines[*at].trim_start();
            line.starts_with("fn ") || line.starts_with("pub fn ") || line.starts_with("pub(crate) fn ")
        });
        starts
            .filter_map(|start| {
                let (before, behind) = lines[start].split_once("fn ")?;
                let name = behind.split(['(', '<']).next()?;
                let indent = before.len() - before.trim_start().len();
                let end = format!("{}}}", &before[..indent]);
                let length = lines[start..].iter().position(|line| *line == end)?;
                Some((name, lines[start..=start + length].join("\n")))
            })
            .collect()
    }
}

/// The text files that git knows. None where there is no git, or no repository: then there is nobody who changes
/// anything.
fn sources() -> Vec<Source> {
    let list = Command::new("git").arg("-C").arg(workspace()).args(["ls-files", "-z"]).output();
    let names = list.map(|list| String::from_utf8_lossy(&list.stdout).into_owned()).unwrap_or_default();
    if names.is_empty() {
        eprintln!("not looked at: git does not say which files there are");
    }
    // Bytes as clients send them are no text, even where they look so.
    names.split('\0').filter(|name| !name.contains("/fuzz/seeds/")).filter_map(Source::read).collect()
}

/// The folder of a lesson. `None` while it has not been written.
fn lesson(number: &str) -> Option<String> {
    let beginning = format!("lesson-{number}-");
    let entries = fs::read_dir(workspace().join("crates")).expect("the crates can be listed").flatten();
    let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.find(|name| name.starts_with(&beginning)).map(|name| format!("crates/{name}"))
}

fn lessons() -> impl Iterator<Item = (&'static str, String)> {
    LESSONS.iter().filter_map(|(number, _)| Some((*number, lesson(number)?)))
}

/// The Rust files of a crate, without its tests.
fn sources_in(folder: &str) -> Vec<Source> {
    let src = format!("{folder}/src");
    let entries = fs::read_dir(workspace().join(&src)).expect("a crate has a src").flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.ends_with(".rs")).filter_map(|name| Source::read(&format!("{src}/{name}"))).collect()
}

/// Fails where a program has one of these words, but for the files that may have it.
fn no_words(rule: &str, sources: &[Source], words: &[(&str, &[&str])]) {
    for source in sources {
        for (number, line) in source.program() {
            for (word, may) in words {
                let permitted = may.iter().any(|file| source.path.ends_with(file));
                assert!(permitted || !line.contains(word), "{rule}. {}:{number}:\n{line}", source.path);
            }
        }
    }
}

#[test]
fn protocol_has_no_socket_no_thread_and_no_clock() {
    no_words(
        "What a lesson changes lives in the lessons, not in protocol",
        &sources_in("crates/protocol"),
        &[
            ("TcpStream", &[]),
            ("TcpListener", &[]),
            ("UdpSocket", &[]),
            ("UnixStream", &[]),
            ("socket2", &[]),
            // How old a kept file is, and when the root was last looked at.
            ("Instant", &["/kept_files.rs", "/root.rs", "/site.rs"]),
            ("sleep", &[]),
            ("spawn", &[]),
            ("thread", &[]),
            // An answer is dated, and so is a file that may still change.
            ("SystemTime::now", &["/response.rs", "/site.rs"]),
        ],
    );
}

/// Who knows the reader of a file in a circle has to know all of the circle.
#[test]
fn no_file_needs_one_that_needs_it() {
    for folder in ["crates/protocol", "crates/support"] {
        let files = sources_in(folder);
        let name = |source: &Source| source.path.rsplit('/').next().unwrap_or("").trim_end_matches(".rs").to_owned();
        let names: Vec<String> = files.iter().map(name).filter(|name| name != "lib").collect();
        let library = files.iter().find(|source| name(source) == "lib").expect("a library has a lib.rs");
        let needs: Vec<(String, Vec<String>)> =
            files.iter().map(|source| (name(source), needed_by(source, &names, &library.text))).collect();
        for file in &names {
            assert!(
                !leads_to(file, file, &needs, &mut Vec::new()),
                "{folder}/src/{file}.rs needs itself, by {needs:?}"
            );
        }
    }
}

/// The files of its crate that this one uses: by their own names, or by what `lib.rs` has from them.
fn needed_by(source: &Source, names: &[String], library: &str) -> Vec<String> {
    let program: String = source.program().map(|(_, line)| format!("{line}\n")).collect();
    let uses = program.split("use crate::").skip(1).filter_map(|rest| rest.split(';').next());
    let words = uses.flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
    let home = |word: &str| {
        let exported = |line: &&str| {
            line.starts_with("pub use")
                && line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|other| other == word)
        };
        let of_library =
            || library.lines().find(exported)?.strip_prefix("pub use ")?.split("::").next().map(str::to_owned);
        if names.iter().any(|name| name == word) { Some(word.to_owned()) } else { of_library() }
    };
    words.filter(|word| !word.is_empty()).filter_map(home).filter(|_| !source.path.ends_with("/lib.rs")).collect()
}

fn leads_to(from: &str, to: &str, needs: &[(String, Vec<String>)], seen: &mut Vec<String>) -> bool {
    let Some((_, needed)) = needs.iter().find(|(file, _)| file == from) else { return false };
    needed.iter().any(|next| {
        let new = !seen.contains(next);
        seen.push(next.clone());
        next == to || (new && leads_to(next, to, needs, seen))
    })
}

#[test]
fn lessons_do_not_read_http_themselves() {
    let words: [(&str, &[&str]); 4] = [("httparse", &[]), ("httpdate", &[]), ("regex", &[]), ("HTTP/1.", &[])];
    for (_, folder) in lessons() {
        let mut sources = sources_in(&folder);
        sources.extend(Source::read(&format!("{folder}/Cargo.toml")));
        no_words("What no lesson changes lives in protocol, not in the lessons", &sources, &words);
    }
}

#[test]
fn servers_do_not_panic() {
    let panics = ["unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!(", "dbg!("];
    let folders = lessons().map(|(_, folder)| folder).chain(["crates/protocol", "crates/support"].map(str::to_owned));
    for source in folders.flat_map(|folder| sources_in(&folder)) {
        for (number, line) in source.program() {
            let constant = line.contains(".expect(\"the pattern is a constant");
            assert!(
                constant || !panics.iter().any(|word| line.contains(word)),
                "{}:{number}: say it in the log, or return it; do not panic:\n{line}",
                source.path
            );
        }
    }
}

#[test]
fn what_is_unsafe_says_why_it_is_safe() {
    // In two parts, so that this line is none of those that are looked for.
    let word = concat!("un", "safe ");
    for source in sources().iter().filter(|source| source.is_rust()) {
        let lines: Vec<&str> = source.text.lines().collect();
        for (number, line) in source.program().filter(|(_, line)| line.contains(word)) {
            let above = &lines[number.saturating_sub(5)..number - 1];
            let says = above.iter().any(|line| line.trim_start().starts_with("// SAFETY: "));
            assert!(says, "{}:{number}: say above it, after // SAFETY:, why this is safe:\n{line}", source.path);
        }
    }
}

#[test]
fn a_lesson_begins_with_a_few_lines_on_what_it_is() {
    for (number, folder) in lessons() {
        let main = Source::read(&format!("{folder}/src/main.rs")).expect("a lesson has a main.rs");
        let introduction = main.text.lines().take_while(|line| line.starts_with("//!")).count();
        assert!(
            main.text.starts_with(&format!("//! Lesson {number}, ")) && introduction <= INTRODUCTION_MAX,
            "{}: begin with //! Lesson {number}, its name, what it can and what it cannot, in at most \
             {INTRODUCTION_MAX} lines; here are {introduction}",
            main.path
        );
    }
}

#[test]
fn a_lesson_is_short() {
    for source in lessons().flat_map(|(_, folder)| sources_in(&folder)) {
        let most = match source.path.rsplit('/').next() {
            Some("main.rs") => MAIN_MAX,
            Some("connection.rs") => CONNECTION_MAX,
            _ => FILE_MAX,
        };
        let length = source.text.lines().count();
        assert!(
            length <= most,
            "{}: {length} lines, and {most} are the most: move what no lesson changes to protocol, or a noun to a file \
             of its own",
            source.path
        );
    }
}

#[test]
fn what_is_the_same_in_two_lessons_is_the_same_to_the_letter() {
    for (name, numbers) in SAME {
        let mut first = None;
        for number in numbers {
            let Some(folder) = lesson(number) else { continue };
            let sources = sources_in(&folder);
            let mut functions = sources.iter().flat_map(Source::functions);
            let Some((_, text)) = functions.find(|(function, _)| *function == name) else {
                panic!("lesson {number} has no function {name}: put it back, or change SAME")
            };
            let (other, expected) = first.get_or_insert_with(|| (number, text.clone()));
            assert_eq!(
                text, *expected,
                "{name} differs in lessons {other} and {number}, and nothing is taught by that"
            );
        }
    }
}

/// Not wrong, but worth a look: `cargo test -p http-suite --test tidy differ -- --nocapture`.
#[test]
fn functions_that_differ_from_the_parents_can_be_listed() {
    for (child, parent) in PARENTS {
        let (Some(before), Some(after)) = (lesson(parent), lesson(child)) else { continue };
        let (before, after) = (sources_in(&before), sources_in(&after));
        for (name, text) in after.iter().flat_map(Source::functions) {
            let mut namesakes =
                before.iter().flat_map(Source::functions).filter(|(other, _)| *other == name).peekable();
            if namesakes.peek().is_some() && !namesakes.any(|(_, other)| other == text) {
                println!("{parent} -> {child}: {name} differs");
            }
        }
    }
}

#[test]
fn text_files_end_in_a_newline_and_lines_in_no_blank() {
    // What a program has written is kept as it is. In a patch, a blank is the beginning of a line that stays.
    let by_hand = |source: &Source| {
        let written = ["docs/agreed/", "docs/outputs/"].iter().any(|folder| source.path.starts_with(folder));
        !written && !source.path.ends_with(".patch")
    };
    for source in sources().into_iter().filter(by_hand) {
        let text = &source.text;
        let well_ended = text.is_empty() || (text.ends_with('\n') && !text.ends_with("\n\n"));
        assert!(well_ended, "{}: end the file with one newline", source.path);
        // In Markdown, two blanks are a line break.
        let blanks_mean_something = source.path.ends_with(".md");
        for (number, line) in (1..).zip(text.lines()) {
            let clean = blanks_mean_something || line.trim_end() == line;
            assert!(clean && !line.contains('\r'), "{}:{number}: blanks at the end of the line", source.path);
        }
    }
}

#[test]
fn rust_files_are_not_wide() {
    for source in sources().iter().filter(|source| source.is_rust()) {
        for (number, line) in (1..).zip(source.text.lines()) {
            let width = line.chars().count();
            // rustfmt sees to the code, and leaves strings alone, as it should.
            let fits = width <= WIDTH || !line.trim_start().starts_with("//");
            assert!(fits, "{}:{number}: {width} characters, and {WIDTH} are the most", source.path);
        }
    }
}

#[test]
fn the_site_shows_every_lesson() {
    for (page, part) in [("html/index.html", "<li id="), ("html/lessons/index.html", "<section class=\"lesson\" id=")] {
        let text = Source::read(page).expect("the site has the page").text;
        let parts: Vec<&str> = text.split(part).skip(1).collect();
        assert_eq!(parts.len(), LESSONS.len(), "{page}: parts that begin with {part}");
        for ((number, title), part) in LESSONS.iter().zip(parts) {
            assert!(part.starts_with(&format!("\"lesson-{number}\"")), "{page}: lesson {number} is not in its place");
            let heading = format!("<span class=\"en\">{title}</span>");
            assert!(part.to_lowercase().contains(&heading), "{page}: lesson {number} is not called {title}");
            let picture = part.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("none");
            assert!(picture.starts_with(&format!("/pictures/{number}-")), "{page}: lesson {number} shows {picture}");
            assert!(workspace().join("html").join(&picture[1..]).is_file(), "{page}: there is no {picture}");
        }
    }
}

#[test]
fn links_in_the_top_folder_lead_somewhere() {
    let at_the_top = |source: &Source| source.path.ends_with(".md") && !source.path.contains('/');
    for source in sources().into_iter().filter(at_the_top) {
        for link in links(&source.text) {
            let target = link.split(['#', '?']).next().unwrap_or(link);
            let elsewhere = link.contains("://") || link.starts_with("mailto:") || target.is_empty();
            assert!(elsewhere || workspace().join(target).exists(), "{}: {link} is not there", source.path);
        }
    }
}

/// What Markdown links to, outside of code: `](here)`, `src="here"`, `href="here"`, `]: here`.
fn links(text: &str) -> Vec<&str> {
    let mut in_code = false;
    let prose = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !fence && !in_code
    });
    let mut links = Vec::new();
    for line in prose {
        for (opening, closing) in [("](", &[')', ' '][..]), ("src=\"", &['"']), ("href=\"", &['"']), ("]: ", &[' '])] {
            let behind = line.split(opening).skip(1);
            links.extend(behind.filter_map(|behind| behind.split(closing).next()));
        }
    }
    links
}

#[test]
fn links_are_found() {
    let text = "a [b](c.md) ![d](e.png \"f\")\n<img src=\"g.svg\"> <a href=\"h\">\n```\n[i](j)\n```\n[k]: l\n";
    assert_eq!(links(text), ["c.md", "e.png", "g.svg", "h", "l"]);
}
