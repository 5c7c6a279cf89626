//! A small book that is right, and what the checks say when one thing in it is changed.

use std::fs;
use std::path::Path;

use book::agreed;
use book::language::Language;
use book::outputs::{self, Outputs};
use book::problem::{Problem, list};
use book::repository::Repository;
use book::{expand, fences, glossary, links, site, syllabus, twins};
use tempfile::TempDir;

const FILES: &[(&str, &str)] = &[
    ("docs/en/SUMMARY.md", "# Summary\n\n- [Start](README.md)\n- [TCP](tcp.md)\n"),
    ("docs/zh/SUMMARY.md", "# 目录\n\n- [开始](README.md)\n- [TCP](tcp.md)\n"),
    (
        "docs/en/README.md",
        "# Start\n\nRead [about the backlog](tcp.md#backlog).\n\n## Code {#code}\n\nThe queue is this long.\n\n\
         {{#code crates/lesson-01-one/src/main.rs const BACKLOG}}\n\n{{#diff 02}}\n\n{{#output hello}}\n\n{{#figure fork Who has what}}\n\n\
         - In a list:\n\n  {{#code crates/lesson-01-one/src/main.rs fn main}}\n\n  and on.\n",
    ),
    (
        "docs/zh/README.md",
        "# 开始\n\n先读[积压队列](tcp.md#backlog)。\n\n## 代码 {#code}\n\n队列有这么长。\n\n\
         {{#code crates/lesson-01-one/src/main.rs const BACKLOG}}\n\n{{#diff 02}}\n\n{{#output hello}}\n\n{{#figure fork 谁有什么}}\n\n\
         - 列表里：\n\n  {{#code crates/lesson-01-one/src/main.rs fn main}}\n\n  接着说。\n",
    ),
    (
        "docs/en/tcp.md",
        "# TCP\n\n## Backlog {#backlog}\n\nWaiting to be accepted, each a file descriptor. Back to [the start](README.md).\n\n\
         <details><summary>Hint</summary>\n\nThink.\n\n</details>\n\n## Tables {#tables}\n\n{{#table summary}}\n\n{{#table stages}}\n\n\
         {{#table limits 02}}\n\n{{#table gains 03}}\n\n{{#table sheet}}\n\n{{#table designs}}\n\n{{#glossary}}\n",
    ),
    (
        "docs/zh/tcp.md",
        "# TCP\n\n## 积压队列 {#backlog}\n\n等着被接受的连接，各有一个文件描述符。回到[开头](README.md)。\n\n\
         <details><summary>提示</summary>\n\n想一想。\n\n</details>\n\n## 表格 {#tables}\n\n{{#table summary}}\n\n{{#table stages}}\n\n\
         {{#table limits 02}}\n\n{{#table gains 03}}\n\n{{#table sheet}}\n\n{{#table designs}}\n\n{{#glossary}}\n",
    ),
    (
        "docs/figures/fork.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\">\n\n<g lang=\"en\"><text>parent</text></g>\n<g lang=\"zh\"><text>父进程</text></g>\n</svg>\n",
    ),
    (
        "docs/glossary.toml",
        "[[term]]\nen = \"file descriptor\"\nzh = \"文件描述符\"\nnot_en = [\"file handle\"]\nnot_zh = [\"文件句柄\"]\n\
         means_en = \"A small number.\"\nmeans_zh = \"一个小整数。\"\n",
    ),
    (
        "docs/outputs.toml",
        "[[output]]\nname = \"hello\"\nrun = \"\"\"\nsleep 300 &\necho hello on 7890 in $PWD at http://127.0.0.1:7890\n\"\"\"\nnormalise = [[\"hello on\", \"hello by\"]]\n",
    ),
    ("docs/outputs/hello.txt", "hello by 7890 in . at http://127.0.0.1:7890\n"),
    (
        "docs/syllabus.md",
        "# Syllabus\n\n## TCP\n\n| topic | where |\n|---|---|\n| what the backlog is | `tcp.md#backlog`, `README.md#code` |\n",
    ),
    (
        "docs/measurements.json",
        "{\"begun\": \"today\", \"machine\": {}, \"servers\": [{\"name\": \"lesson-01\"}], \"sheet\": [{\"lesson\": \"01\"}]}",
    ),
    ("crates/lesson-01-one/Cargo.toml", "\n"),
    (
        "crates/lesson-01-one/src/main.rs",
        "//! One.\n\n/// How many.\nconst BACKLOG: i32 = 128;\n\nfn main() {\n    println!(\"{BACKLOG}\");\n\n    loop {}\n}\n",
    ),
    ("crates/lesson-02-two/Cargo.toml", "\n"),
    ("crates/lesson-02-two/src/main.rs", "//! Two.\n\n/// How many.\nconst BACKLOG: i32 = 1024;\n\nfn main() {}\n"),
    ("html/index.html", "hello\n"),
];

/// The book, with both languages agreed.
fn sample() -> (TempDir, Repository) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let repository = Repository::at(folder.path());
    for chapter in ["README", "tcp"] {
        agreed::agree(&repository, chapter, &[]).unwrap();
    }
    (folder, repository)
}

fn change(repository: &Repository, file: &str, from: &str, to: &str) {
    let text = repository.read(file).unwrap();
    assert!(text.contains(from), "no {from} in {file}");
    fs::write(repository.path(file), text.replace(from, to)).unwrap();
}

fn link_problems(repository: &Repository) -> Vec<Problem> {
    let built = tempfile::tempdir().unwrap();
    site::build(repository, built.path()).unwrap();
    links::problems(built.path()).unwrap()
}

type Check = fn(&Repository) -> Vec<Problem>;

const CHECKS: [(&str, Check); 8] = [
    ("expand", expand::problems),
    ("fences", fences::problems),
    ("loose", outputs::loose),
    ("twins", twins::problems),
    ("agreed", agreed::problems),
    ("glossary", glossary::problems),
    ("syllabus", syllabus::problems),
    ("links", link_problems),
];

#[test]
fn nothing_is_wrong_with_a_book_that_is_right() {
    let (_folder, repository) = sample();
    for (name, check) in CHECKS {
        assert_eq!(list(&check(&repository)), "", "{name}");
    }
    assert_eq!(list(&outputs::stale(&repository, Path::new("/"))), "");
}

/// One change, the check that must see it, and what it must say.
const CHANGES: &[(&str, &str, &str, &str, &[&str])] = &[
    (
        "docs/en/README.md",
        "const BACKLOG}}",
        "const LIMIT}}",
        "expand",
        &["docs/en/README.md#code: ", "there is no `const LIMIT` in it"],
    ),
    (
        "crates/lesson-01-one/src/main.rs",
        "const BACKLOG",
        "const QUEUE",
        "expand",
        &["docs/zh/README.md#code: ", "name a file from the root"],
    ),
    (
        "docs/en/README.md",
        "src/main.rs fn",
        "src/other.rs fn",
        "expand",
        &["cannot read crates/lesson-01-one/src/other.rs"],
    ),
    ("docs/en/README.md", "{{#diff 02}}", "{{#diff 01}}", "expand", &["there is no lesson 01 that comes from another"]),
    (
        "docs/zh/README.md",
        "{{#output hello}}",
        "{{#output bye}}",
        "expand",
        &["docs/zh/README.md#code: ", "there is no output bye", "just outputs bye"],
    ),
    ("docs/en/README.md", "figure fork", "figure spoon", "expand", &["docs/figures/spoon.svg"]),
    ("docs/figures/fork.svg", "lang=\"zh\"", "lang=\"fr\"", "expand", &["there is no <g lang=\"zh\">"]),
    (
        "docs/en/tcp.md",
        "{{#table summary}}",
        "{{#table sums}}",
        "expand",
        &["docs/en/tcp.md#tables: ", "{{#table sums}} is no directive"],
    ),
    ("docs/en/tcp.md", "limits 02", "limits 12", "expand", &["there is no lesson 12"]),
    ("docs/measurements.json", "\"sheet\"", "\"none\"", "expand", &["docs/measurements.json has no sheet"]),
    (
        "docs/en/tcp.md",
        "\n\nThink.",
        "\n\n```rust\nfn main() {}\n```\n\nThink.",
        "fences",
        &["docs/en/tcp.md#backlog: Rust is pasted by hand: fn main() {}"],
    ),
    ("docs/en/tcp.md", "\n\nThink.", "\n\n```console\n$ ls\n```\n\nThink.", "fences", &["a fence says console: $ ls"]),
    ("docs/en/tcp.md", "</details>", "", "fences", &["1 of <details>, and 0 of </details>"]),
    (
        "docs/outputs.toml",
        "name = \"hello\"",
        "name = \"hey\"",
        "loose",
        &["no command makes it", "no chapter shows hey"],
    ),
    ("docs/zh/README.md", "{{#diff 02}}\n\n", "", "twins", &["docs/zh/README.md#code: ", "-{{#diff 02}}"]),
    (
        "docs/zh/tcp.md",
        "{#tables}",
        "{#table}",
        "twins",
        &["docs/zh/tcp.md: not the same sections", "-## tables\n+## table"],
    ),
    ("docs/zh/tcp.md", " {#tables}", "", "twins", &["docs/zh/tcp.md#top: the heading \"表格\" has no id"]),
    ("docs/zh/tcp.md", "(README.md)", "(README.md#code)", "twins", &["-link to README.md\n+link to README.md#code"]),
    (
        "docs/zh/SUMMARY.md",
        "- [TCP](tcp.md)\n",
        "",
        "twins",
        &["-tcp.md", "docs/zh/tcp.md is a chapter that nobody can turn to"],
    ),
    ("docs/zh/SUMMARY.md", "tcp.md", "udp.md", "twins", &["cannot read docs/zh/udp.md"]),
    (
        "docs/en/README.md",
        "this long",
        "that long",
        "agreed",
        &[
            "docs/en/README.md#code: only the English text has changed",
            "-The queue is this long.\n+The queue is that long.",
            "`just agree README --looked-at zh`",
        ],
    ),
    (
        "docs/zh/tcp.md",
        "想一想",
        "猜一猜",
        "agreed",
        &["docs/zh/tcp.md#backlog: only the Chinese text", "+猜一猜", "--looked-at en"],
    ),
    (
        "crates/lesson-01-one/src/main.rs",
        "loop {}",
        "loop { }",
        "agreed",
        &["docs/en/README.md#code: the code has changed", "+    loop { }", "--looked-at en --looked-at zh"],
    ),
    (
        "docs/en/tcp.md",
        "file descriptor",
        "file handle",
        "glossary",
        &["docs/en/tcp.md#backlog: it says \"file handle\"", "agreed on \"file descriptor\""],
    ),
    ("docs/zh/tcp.md", "文件描述符", "文件句柄", "glossary", &["docs/zh/tcp.md#backlog: it says \"文件句柄\""]),
    (
        "docs/syllabus.md",
        "tcp.md#backlog",
        "tcp.md#queue",
        "syllabus",
        &["docs/syllabus.md#TCP: ", "docs/zh/tcp.md has no section #queue"],
    ),
    (
        "docs/syllabus.md",
        "`tcp.md#backlog`, `README.md#code`",
        "",
        "syllabus",
        &["\"what the backlog is\" has no place in the books"],
    ),
    (
        "docs/en/README.md",
        "tcp.md#backlog",
        "tcp.md#queue",
        "links",
        &["docs/en/README.md#start: tcp.html#queue leads to a page that has no #queue"],
    ),
    ("docs/zh/tcp.md", "(README.md)", "(INTRO.md)", "links", &["docs/zh/tcp.md#backlog: INTRO.html leads nowhere"]),
];

#[test]
fn one_change_is_seen_by_the_check_that_must_see_it() {
    for (file, from, to, name, parts) in CHANGES {
        let (_folder, repository) = sample();
        change(&repository, file, from, to);
        let (_, check) = CHECKS.iter().find(|(check, _)| check == name).unwrap();
        let problems = list(&check(&repository));
        for part in *parts {
            assert!(problems.contains(part), "{file}, {from} -> {to}: {name} does not say\n{part}\nbut\n{problems}");
        }
    }
}

#[test]
fn a_command_that_prints_something_else_is_seen() {
    let (_folder, repository) = sample();
    change(&repository, "docs/outputs/hello.txt", "hello", "good day");
    let problems = list(&outputs::stale(&repository, Path::new("/")));
    for part in ["docs/outputs/hello.txt: ", "-good day by 7890", "+hello by 7890", "just outputs hello"] {
        assert!(problems.contains(part), "no {part} in {problems}");
    }
}

#[test]
fn nothing_that_a_command_starts_is_left_running() {
    let (folder, repository) = sample();
    let pid = folder.path().join("pid");
    let run = format!("run = \"sleep 300 & echo $! >{}; (sleep 300 & echo $! >>{})\"\n", pid.display(), pid.display());
    let toml = format!("[[output]]\nname = \"hello\"\n{run}");
    fs::write(repository.path("docs/outputs.toml"), toml).unwrap();
    let outputs = Outputs::read(&repository).unwrap();
    outputs.get("hello").unwrap().run(&repository, Path::new("/"));
    let left = fs::read_to_string(pid).unwrap();
    assert_eq!(left.lines().count(), 2);
    for pid in left.lines() {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "process {pid} is left");
    }
}

#[test]
fn a_program_that_this_machine_lacks_is_no_output() {
    let (_folder, repository) = sample();
    fs::write(repository.path("docs/outputs.toml"), "[[output]]\nname = \"hello\"\nrun = \"no-such-program\"\n")
        .unwrap();
    let outputs = Outputs::read(&repository).unwrap();
    let result = outputs.get("hello").unwrap().run(&repository, Path::new("/"));
    assert!(matches!(result, outputs::Run::Lacks(text) if text.contains("no-such-program")));
}

#[test]
fn one_side_alone_is_not_agreed_unless_the_other_was_looked_at() {
    let (_folder, repository) = sample();
    change(&repository, "docs/en/README.md", "this long", "that long");
    let refused = agreed::agree(&repository, "README", &[]).unwrap_err();
    for part in [
        "+The queue is that long.",
        "docs/zh/README.md#code did not change",
        "队列有这么长。",
        "just agree README --looked-at zh",
    ] {
        assert!(refused.contains(part), "no {part} in {refused}");
    }
    assert!(agreed::agree(&repository, "README", &[Language::English]).is_err());
    assert_ne!(list(&agreed::problems(&repository)), "");
    let shown = agreed::agree(&repository, "README", &[Language::Chinese]).unwrap();
    assert!(shown.contains("+The queue is that long."), "{shown}");
    assert_eq!(list(&agreed::problems(&repository)), "");
}

#[test]
fn both_sides_together_are_agreed_and_shown() {
    let (_folder, repository) = sample();
    change(&repository, "docs/en/tcp.md", "Think.", "Think again.");
    change(&repository, "docs/zh/tcp.md", "想一想。", "再想想。");
    let shown = agreed::agree(&repository, "tcp.md", &[]).unwrap();
    assert!(shown.contains("+Think again.") && shown.contains("+再想想。"), "{shown}");
    assert_eq!(list(&agreed::problems(&repository)), "");
    assert_eq!(agreed::agree(&repository, "tcp", &[]).unwrap(), "tcp is as it was agreed\n");
}

#[test]
fn a_section_of_one_language_is_not_agreed() {
    let (_folder, repository) = sample();
    change(&repository, "docs/en/tcp.md", "## Tables", "## New {#new}\n\nNew.\n\n## Tables");
    let refused = agreed::agree(&repository, "tcp", &[Language::Chinese]).unwrap_err();
    assert!(refused.contains("docs/zh/tcp.md has no section #new"), "{refused}");
}

#[test]
fn a_page_has_all_that_its_directives_stand_for() {
    let (_folder, repository) = sample();
    let built = tempfile::tempdir().unwrap();
    assert_eq!(list(&site::build(&repository, built.path()).unwrap()), "");
    let page = |path: &str| fs::read_to_string(built.path().join(path)).unwrap();
    let english = page("en/index.html");
    for part in [
        "<code class=\"language-rust\">/// How many.\nconst BACKLOG: i32 = 128;</code>",
        "<del><span class=\"sign\">−</span>const BACKLOG: i32 = <b>128;</b></del>",
        "hello by 7890 in . at http://127.0.0.1:7890",
        "<text>parent</text>",
        "<figcaption>Who has what</figcaption>",
        "println!(\"{BACKLOG}\");\n\n    loop {}\n}</code>",
        "<p>and on.</p>",
        "href=\"../zh/index.html\"",
        "href=\"tcp.html#backlog\"",
    ] {
        assert!(english.replace("&quot;", "\"").contains(part), "no {part} in {english}");
    }
    assert!(!english.contains("父进程"), "{english}");
    let chinese = page("zh/tcp.html");
    for part in [
        "<html lang=\"zh-Hans\"",
        "href=\"../en/tcp.html\"",
        "href=\"index.html\"",
        "placeholder=\"搜索本书\"",
        "什么也等不到",
        "文件描述符",
    ] {
        assert!(chinese.contains(part), "no {part} in {chinese}");
    }
    assert!(page("zh/search-entries.js").contains("各有一个文件描述符"));
    assert!(page("index.html").contains("href=\"zh/index.html\""));
}
