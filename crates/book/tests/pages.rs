//! The pages about languages are held to real code: "The Rust you will meet" to the lessons, "Rust for Python
//! programmers" to programs that are run.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use book::constructs::{self, Found};
use book::language::Language;
use book::repository::Repository;
use http_suite::stages::Stage;
use regex::Regex;

/// A row of the page "The Rust you will meet".
struct Row {
    /// The construct, as `constructs` calls it.
    id: String,
    /// A piece of a line of a lesson.
    code: String,
    /// The lesson that has it first: `03`.
    lesson: String,
}

/// The files of a lesson with their constructs.
type Files = Vec<(String, Found)>;

/// ``| <a id="let-else"></a>`let Some(x) = …` | … | [01](lesson-01.md) |``
fn rows(page: &str) -> Vec<Row> {
    let row = Regex::new(
        r#"(?m)^\| <a id="(?<id>[a-z0-9-]+)"></a>(?:``? ?(?<code>.+?) ?``?) \| .+ \| \[(?<lesson>\d\d)\]\(lesson-(?<link>\d\d)\.md\) \|$"#,
    );
    let row = row.expect("a constant");
    row.captures_iter(page)
        .map(|found| {
            assert_eq!(found["lesson"], found["link"], "a link of {} leads elsewhere", &found["id"]);
            let code = found["code"].replace("\\|", "|");
            Row { id: found["id"].to_owned(), code, lesson: found["lesson"].to_owned() }
        })
        .collect()
}

fn lessons(repository: &Repository) -> BTreeMap<String, Files> {
    let numbers = Stage::all().filter_map(|stage| stage.lesson().strip_prefix("lesson-").map(str::to_owned));
    numbers
        .map(|number| {
            let folder = format!("{}/src", repository.lesson(&number).unwrap());
            let files = repository.files(&folder, "rs").into_iter().map(|file| {
                let text = repository.read(format!("{folder}/{file}")).unwrap();
                let found = constructs::of(&text).unwrap_or_else(|error| panic!("{folder}/{file}: {error}"));
                (text, found)
            });
            (number, files.collect())
        })
        .collect()
}

/// From each construct to the first lesson that uses it.
fn first_uses(lessons: &BTreeMap<String, Files>) -> BTreeMap<String, String> {
    let mut first = BTreeMap::new();
    for (number, files) in lessons {
        for name in files.iter().flat_map(|(_, found)| found.keys()) {
            first.entry(name.clone()).or_insert_with(|| number.clone());
        }
    }
    first
}

/// What is wrong with the page.
fn faults(page: &str, lessons: &BTreeMap<String, Files>) -> Vec<String> {
    let first = first_uses(lessons);
    let rows = rows(page);
    let mut faults = Vec::new();
    for (name, lesson) in &first {
        match rows.iter().filter(|row| row.id == *name).count() {
            1 => {}
            count => faults.push(format!("{name}, first used by lesson {lesson}, has {count} rows")),
        }
    }
    for row in &rows {
        let Some(lesson) = first.get(&row.id) else {
            faults.push(format!("no lesson uses {}: leave its row out", row.id));
            continue;
        };
        if *lesson != row.lesson {
            faults.push(format!("{} comes first in lesson {lesson}, not {}", row.id, row.lesson));
        }
        let is_there = lessons[lesson].iter().any(|(text, found)| {
            let places = found.get(&row.id).map_or(&[][..], Vec::as_slice);
            text.lines().zip(1..).any(|(line, number)| {
                line.contains(&row.code) && places.iter().any(|(a, b)| (*a..=*b).contains(&number))
            })
        });
        if !is_there {
            faults.push(format!("lesson {lesson} has no {} that says: {}", row.id, row.code));
        }
    }
    faults
}

#[test]
fn every_construct_of_the_lessons_has_its_row() {
    let repository = Repository::here();
    let lessons = lessons(&repository);
    for language in Language::ALL {
        let page = repository.read(format!("docs/{language}/rust.md")).unwrap();
        let faults = faults(&page, &lessons);
        assert!(faults.is_empty(), "docs/{language}/rust.md:\n{}", faults.join("\n"));
    }
}

#[test]
fn a_row_that_is_wrong_is_found() {
    let text = "fn f() {\n    let a = g()?;\n    loop {\n    }\n}\n";
    let other = "fn f() { g().await }";
    let lessons = BTreeMap::from([
        ("01".to_owned(), vec![(text.to_owned(), constructs::of(text).unwrap())]),
        ("02".to_owned(), vec![(other.to_owned(), constructs::of(other).unwrap())]),
    ]);
    let row = |id: &str, code: &str, lesson: &str| {
        format!("| <a id=\"{id}\"></a>`{code}` | x | [{lesson}](lesson-{lesson}.md) |\n")
    };
    let right = [row("question-mark", "let a = g()?;", "01"), row("loop", "loop {", "01"), row("await", other, "02")];
    assert_eq!(faults(&right.concat(), &lessons), Vec::<String>::new());
    for (page, fault) in [
        (right[..2].concat(), "await, first used by lesson 02, has 0 rows"),
        (right.concat() + &right[1], "loop, first used by lesson 01, has 2 rows"),
        (right.concat() + &row("unsafe", "x", "02"), "no lesson uses unsafe"),
        (right[..2].concat() + &row("await", other, "01"), "await comes first in lesson 02, not 01"),
        (right[1..].concat() + &row("question-mark", "let b = g()?;", "01"), "no question-mark that says: let b"),
        // The line is there, and the construct is not on it.
        (right[1..].concat() + &row("question-mark", "loop {", "01"), "no question-mark that says: loop"),
    ] {
        let found = faults(&page, &lessons);
        assert!(found.iter().any(|found| found.contains(fault)), "{fault}: {found:?}");
    }
}

/// The cells of code of the page for Python programmers: Python, then Rust.
fn idioms(page: &str) -> Vec<(String, String)> {
    let row = Regex::new(r"(?m)^\| \d+ \| `(?<python>[^`]+)` \| `(?<rust>[^`]+)` \| .+ \|$").expect("a constant");
    let code = |cell: &str| cell.replace("\\|", "|");
    row.captures_iter(page).map(|found| (code(&found["python"]), code(&found["rust"]))).collect()
}

#[test]
fn the_idioms_are_programs_that_run() {
    let repository = Repository::here();
    let (python, rust) = ("docs/python/idioms.py", "crates/book/tests/idioms.rs");
    let sources = [python, rust].map(|file| repository.read(file).unwrap());
    let has = |source: &str, code: &str| source.lines().any(|line| line.contains(code));
    for language in Language::ALL {
        let idioms = idioms(&repository.read(format!("docs/{language}/python.md")).unwrap());
        assert!(idioms.len() >= 20, "docs/{language}/python.md shows only {} idioms", idioms.len());
        for (in_python, in_rust) in idioms {
            assert!(has(&sources[0], &in_python), "docs/{language}/python.md: {python} does not say: {in_python}");
            assert!(has(&sources[1], &in_rust), "docs/{language}/python.md: {rust} does not say: {in_rust}");
        }
    }
    let ran = Command::new("python3").arg("-B").arg(repository.path(python)).output().expect("python3 can be run");
    assert!(ran.status.success(), "{python}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// A server of `docs/python`, ended with the value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn connect(port: u16) -> TcpStream {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => return stream,
            Err(error) => assert!(Instant::now() < end, "nobody listens on {port}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A request in two pieces, beside a client that says nothing.
fn answer(port: u16) -> String {
    let _silent = connect(port);
    let mut client = connect(port);
    client.set_nodelay(true).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut text = String::new();
    client.write_all(b"GET / HT").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    client.write_all(b"TP/1.1\r\nHost: a\r\n\r\n").unwrap();
    client.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_python_servers_serve() {
    let repository = Repository::here();
    let has_gevent = Command::new("python3")
        .args(["-c", "import gevent"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    for name in ["processes", "nonblocking", "epoll", "greenlets"] {
        let file = repository.path(format!("docs/python/{name}.py"));
        if name == "greenlets" && !has_gevent {
            eprintln!("not run: {name}.py, since gevent is not installed here; only read");
            let read = "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())";
            assert!(Command::new("python3").args(["-c", read]).arg(&file).status().unwrap().success());
            continue;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let _server = Server(Command::new("python3").arg("-B").arg(&file).arg(port.to_string()).spawn().unwrap());
        let text = answer(port);
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("世界，你好</h1>"), "{name}: {text}");
    }
}

#[test]
fn no_mark_of_emphasis_is_left_in_the_text() {
    // Behind a Chinese full stop, `**` ends nothing where no space follows: write the stop behind the mark.
    for language in Language::ALL {
        for chapter in Repository::here().chapters(language).0 {
            for section in &chapter.sections {
                let place = format!("{}#{}", chapter.path(), section.name());
                assert!(!section.prose.contains("**"), "{place}: `**` is seen by the reader");
            }
        }
    }
}
