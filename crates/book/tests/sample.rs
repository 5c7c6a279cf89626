//! A small book that is right, and what the checks say when one thing in it is changed.

use std::fs;
use std::path::Path;

use book::agreed;
use book::language::Language;
use book::outputs::{self, Outputs};
use book::problem::{Problem, list};
use book::repository::Repository;
use book::{comparisons, expand, fences, glossary, links, parts, recorded, site, steps, syllabus, twins, typed};
use tempfile::TempDir;

const FILES: &[(&str, &str)] = &[
    (
        "docs/en/SUMMARY.md",
        "# Summary\n\n- [Start](README.md)\n\n# Part one\n\n- [Two](lesson-02.md)\n- [TCP](tcp.md)\n",
    ),
    ("docs/zh/SUMMARY.md", "# 目录\n\n- [开始](README.md)\n\n# 第一部分\n\n- [二](lesson-02.md)\n- [TCP](tcp.md)\n"),
    (
        "docs/en/README.md",
        "# Start\n\nRead [about the backlog](tcp.md#backlog).\n\n## Code {#code}\n\nThe queue is this long.\n\n\
         {{#code crates/lesson-01-one/src/main.rs const BACKLOG}}\n\n{{#output hello}}\n\n{{#figure fork Who has what}}\n\n\
         - In a list:\n\n  {{#code crates/lesson-01-one/src/main.rs fn main}}\n\n  and on.\n",
    ),
    (
        "docs/zh/README.md",
        "# 开始\n\n先读[积压队列](tcp.md#backlog)。\n\n## 代码 {#code}\n\n队列有这么长。\n\n\
         {{#code crates/lesson-01-one/src/main.rs const BACKLOG}}\n\n{{#output hello}}\n\n{{#figure fork 谁有什么}}\n\n\
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
        "docs/en/lesson-02.md",
        "# Two\n\n## Goals {#goals}\n\n## Trouble {#trouble}\n\n## Predict {#predict}\n\n## Idea {#idea}\n\n## The steps {#steps}\n\n{{#table steps 02}}\n\n### {#step-1}\n\nIt is too short.\n\n{{#step 02 1}}\n\n\
         ### {#step-2}\n\nIt never ends.\n\n{{#step 02 2}}\n\nNow it does.\n\n## Run it {#watch}\n\n\
         A thread is cheaper than a process {{? code:01 < code:02}}.\n\n```sh\necho typed # a remark\n```\n\n\
         ## Suite {#suite}\n\n## Exercises {#exercises}\n\n**1. Shorten it.** How?\n\nCheck it: `just test 02`.\n\n\
         ## Questions {#questions}\n\n## Checkpoint {#checkpoint}\n\n- It is long: `just test 02`.\n\n\
         ## Way on {#way-on}\n\nThat is all [of it](tcp.md).\n",
    ),
    (
        "docs/zh/lesson-02.md",
        "# 二\n\n## 目标 {#goals}\n\n## 麻烦 {#trouble}\n\n## 猜 {#predict}\n\n## 想法 {#idea}\n\n## 分步实现 {#steps}\n\n{{#table steps 02}}\n\n### {#step-1}\n\n太短了。\n\n{{#step 02 1}}\n\n\
         ### {#step-2}\n\n它不会结束。\n\n{{#step 02 2}}\n\n现在会了。\n\n## 运行 {#watch}\n\n\
         线程比进程便宜{{? code:01 < code:02}}。\n\n```sh\necho typed # 注释\n```\n\n\
         ## 套件 {#suite}\n\n## 练习 {#exercises}\n\n**1. 改短。** 怎么改？\n\n检查：`just test 02`。\n\n\
         ## 问题 {#questions}\n\n## 检查点 {#checkpoint}\n\n- 够长了：`just test 02`。\n\n\
         ## 接下来 {#way-on}\n\n[就这些](tcp.md)。\n",
    ),
    (
        "docs/figures/fork.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\">\n\n<g lang=\"en\"><title>Two tables</title><text>parent</text></g>\n<g lang=\"zh\"><title>两张表</title><text>父进程</text></g>\n</svg>\n",
    ),
    (
        "docs/glossary.toml",
        "[[term]]\nen = \"file descriptor\"\nzh = \"文件描述符\"\nnot_en = [\"file handle\"]\nnot_zh = [\"文件句柄\"]\n\
         means_en = \"A small number.\"\nmeans_zh = \"一个小整数。\"\n\n\
         [[avoid]]\nen = [\"for itself\"]\nsay = \"by itself\"\n\n[[avoid]]\nzh = [\"文件夹\"]\nsay = \"目录\"\n",
    ),
    (
        "docs/outputs.toml",
        "[[output]]\nname = \"hello\"\nrun = \"\"\"\necho hello on 7890 in $PWD at http://127.0.0.1:7890, $RANDOM\n\"\"\"\nnormalise = [[\", [0-9]+\", \", …\"]]\n",
    ),
    ("docs/outputs/hello.txt", "hello on 7890 in . at http://127.0.0.1:7890, …\n"),
    (
        "docs/syllabus.md",
        "# Syllabus\n\n## TCP\n\n| topic | where |\n|---|---|\n| what the backlog is | `tcp.md#backlog`, `README.md#code` |\n",
    ),
    (
        "docs/measurements.json",
        "{\"begun\": \"today\", \"machine\": {}, \"servers\": [{\"name\": \"lesson-01\"}], \"sheet\": [{\"lesson\": \"01\", \"code\": 10}, {\"lesson\": \"02\", \"code\": 20}]}",
    ),
    ("crates/lesson-01-one/Cargo.toml", "\n"),
    (
        "crates/lesson-01-one/src/main.rs",
        "//! One.\n\n/// How many.\nconst BACKLOG: i32 = 128;\n\nfn main() {\n    println!(\"{BACKLOG}\");\n\n    loop {}\n}\n",
    ),
    ("crates/lesson-02-two/Cargo.toml", "\n"),
    ("crates/lesson-02-two/src/main.rs", "//! Two.\n\n/// How many.\nconst BACKLOG: i32 = 1024;\n\nfn main() {}\n"),
    (
        "crates/lesson-02-two/steps/steps.toml",
        "[[step]]\nid = \"longer\"\nname = { en = \"A longer queue\", zh = \"更长的队列\" }\nminutes = 5\nstage = \"02\"\n\
         green = [\"a-folder-shows-its-index\"]\nred = [\"not-modified-has-no-body\", \"an-empty-file-has-length-zero\"]\n\n\
         [[step]]\nid = \"end\"\nname = { en = \"An `end` for *all*\", zh = \"结束\" }\nminutes = 10\nstage = \"02\"\n",
    ),
    (
        "crates/lesson-02-two/steps/1-longer.patch",
        "diff --git a/src/main.rs b/src/main.rs\n--- a/src/main.rs\n+++ b/src/main.rs\n@@ -1,7 +1,7 @@\n-//! One.\n+//! Two.\n \n \
         /// How many.\n-const BACKLOG: i32 = 128;\n+const BACKLOG: i32 = 1024;\n \n fn main() {\n \
         \x20   println!(\"{BACKLOG}\");\n",
    ),
    (
        "crates/lesson-02-two/steps/2-end.patch",
        "diff --git a/src/main.rs b/src/main.rs\n--- a/src/main.rs\n+++ b/src/main.rs\n@@ -3,8 +3,4 @@\n /// How many.\n const BACKLOG: i32 = 1024;\n \n\
         -fn main() {\n-    println!(\"{BACKLOG}\");\n-\n-    loop {}\n-}\n+fn main() {}\n",
    ),
    ("html/index.html", "hello\n"),
    ("docs/shell", include_str!("../../../docs/shell")),
    ("docs/shell.rc", include_str!("../../../docs/shell.rc")),
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
    for chapter in ["README", "lesson-02", "tcp"] {
        agreed::agree(&repository, chapter, &[]).unwrap();
    }
    for kind in ["output", "figure", "term"] {
        recorded::record(&repository, kind, &[]).unwrap();
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

const CHECKS: [(&str, Check); 12] = [
    ("expand", expand::problems),
    ("fences", fences::problems),
    ("loose", outputs::loose),
    ("twins", twins::problems),
    ("agreed", agreed::problems),
    ("comparisons", comparisons::problems),
    ("recorded", recorded::problems),
    ("glossary", glossary::problems),
    ("steps", steps::problems),
    ("parts", parts::problems),
    ("syllabus", syllabus::problems),
    ("links", link_problems),
];

#[test]
fn nothing_is_wrong_with_a_book_that_is_right() {
    let (_folder, repository) = sample();
    for (name, check) in CHECKS {
        assert_eq!(list(&check(&repository)), "", "{name}");
    }
    assert_eq!(list(&typed::stale(&repository, Path::new("/"))), "");
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
    ("docs/en/tcp.md", "gains 03", "gains 01", "expand", &["there is no lesson 01 that comes from another"]),
    (
        "docs/zh/README.md",
        "{{#output hello}}",
        "{{#output bye}}",
        "expand",
        &["docs/zh/README.md#code: ", "there is no output bye", "just outputs bye"],
    ),
    (
        "docs/en/lesson-02.md",
        "{{#step 02 2}}",
        "{{#step 02 3}}",
        "expand",
        &["docs/en/lesson-02.md#step-2: line 25: ", "{{#step 02 3}}: lesson 02 has no step '3'; they are 1 to 2"],
    ),
    ("docs/zh/lesson-02.md", "#step 02 2", "#step 02 two", "expand", &["line 25: ", "lesson 02 has no step 'two'"]),
    ("docs/zh/lesson-02.md", "#step 02 1", "#step 01 1", "expand", &["line 19: ", "lesson 01 comes from no other"]),
    ("docs/en/lesson-02.md", "#step 02 1", "#step 22 1", "expand", &["line 19: ", "there is no lesson '22'"]),
    ("docs/en/lesson-02.md", "#step 02 1", "#step 2 1", "expand", &["line 19: ", "lesson '2' is written 02"]),
    ("docs/en/lesson-02.md", "#step 02 1", "#step 02", "expand", &["line 19: {{#step 02}} is no directive"]),
    ("docs/en/lesson-02.md", "steps 02", "steps 03", "expand", &["docs/en/lesson-02.md#steps: ", "lesson-03-"]),
    (
        "crates/lesson-02-two/steps/2-end.patch",
        "-    loop {}",
        "-    loop { }",
        "expand",
        &["docs/en/lesson-02.md#step-2: line 25: ", "02 2-end.patch does not fit"],
    ),
    ("crates/lesson-02-two/src/main.rs", "fn main() {}", "fn main() { }", "expand", &["do not add up to its src"]),
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
    ("docs/zh/README.md", "{{#output hello}}\n\n", "", "twins", &["docs/zh/README.md#code: ", "-{{#output hello}}"]),
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
    ("docs/zh/lesson-02.md", "echo typed", "echo tipped", "twins", &["-echo typed\n+echo tipped"]),
    (
        "docs/zh/lesson-02.md",
        "code:01 < code:02",
        "code:02 > code:01",
        "twins",
        &["-{{? code:01 < code:02}}\n+{{? code:02 > code:01}}"],
    ),
    (
        "docs/en/lesson-02.md",
        " {{? code:01 < code:02}}",
        "",
        "comparisons",
        &["docs/en/lesson-02.md#watch: it compares: A thread is cheaper than a process."],
    ),
    (
        "docs/zh/lesson-02.md",
        "{{? code:01 < code:02}}",
        "",
        "comparisons",
        &["docs/zh/lesson-02.md#watch: it compares: 线程比进程便宜。"],
    ),
    (
        "docs/measurements.json",
        "\"code\": 20",
        "\"code\": 10",
        "expand",
        &["docs/en/lesson-02.md#watch: ", "do not carry code:01 < code:02: lines of code: 01 10, 02 10"],
    ),
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
        "crates/lesson-02-two/steps/1-longer.patch",
        "+const BACKLOG: i32 = 1024;",
        "+const BACKLOG: i32 = 512;",
        "agreed",
        &[
            "docs/en/lesson-02.md#step-1: the code has changed",
            "-+const BACKLOG: i32 = 1024;\n++const BACKLOG: i32 = 512;",
            "`just agree lesson-02 --looked-at en --looked-at zh`",
        ],
    ),
    (
        "crates/lesson-02-two/steps/steps.toml",
        "not-modified-has-no-body",
        "the-date-that-was-given-is-not-modified",
        "agreed",
        &["docs/en/lesson-02.md#step-1: the code has changed", "-red: not-modified-has-no-body"],
    ),
    (
        "docs/en/lesson-02.md",
        "{{#step 02 2}}\n\n",
        "",
        "steps",
        &["docs/en/lesson-02.md#steps: step 2 of lesson 02 is not shown, and there are 2", "{{#step 02 2}}"],
    ),
    (
        "docs/zh/lesson-02.md",
        "{{#step 02 1}}",
        "{{#step 02 2}}",
        "steps",
        &["docs/zh/lesson-02.md#step-1: {{#step 02 2}} stands where {{#step 02 1}} has to stand"],
    ),
    (
        "docs/en/lesson-02.md",
        "Now it does.",
        "Now it does.\n\n{{#step 02 2}}",
        "steps",
        &["docs/en/lesson-02.md#step-2: {{#step 02 2}} is one too many", "all 2 steps of lesson 02"],
    ),
    (
        "docs/en/lesson-02.md",
        "### {#step-2}",
        "### {#the-end}",
        "steps",
        &["docs/en/lesson-02.md#the-end: {{#step 02 2}} does not stand below its heading", "### {#step-2}"],
    ),
    (
        "docs/zh/SUMMARY.md",
        "- [二](lesson-02.md)\n",
        "",
        "steps",
        &["docs/zh/SUMMARY.md: there is no chapter lesson-02.md"],
    ),
    ("docs/en/lesson-02.md", " {#watch}", " {#look}", "parts", &["docs/en/lesson-02.md#watch: there is no section"]),
    (
        "docs/zh/lesson-02.md",
        "{#checkpoint}",
        "{#end}",
        "parts",
        &["docs/zh/lesson-02.md#checkpoint: there is no section {#checkpoint}", "questions, checkpoint, way-on"],
    ),
    (
        "docs/en/lesson-02.md",
        "- It is long: `just test 02`.",
        "- It is long.",
        "parts",
        &["docs/en/lesson-02.md#checkpoint: nobody can verify this: It is long."],
    ),
    (
        "docs/zh/lesson-02.md",
        "- 够长了：`just test 02`。",
        "- `1`\n- `2`\n- `3`\n- `4`\n- `5`\n- `6`",
        "parts",
        &["docs/zh/lesson-02.md#checkpoint: the checkpoint has 6 lines"],
    ),
    (
        "docs/en/lesson-02.md",
        "(tcp.md)",
        "(#idea)",
        "parts",
        &["docs/en/lesson-02.md#way-on: the way on leads to no chapter"],
    ),
    (
        "docs/zh/lesson-02.md",
        "[就这些](tcp.md)。",
        "[就这些](tcp.md)。\n\n还有。",
        "parts",
        &["docs/zh/lesson-02.md#way-on: the way on has 2 paragraphs"],
    ),
    (
        "docs/zh/lesson-02.md",
        "检查：",
        "看看：",
        "parts",
        &["docs/zh/lesson-02.md#exercises: exercise 1. 改短。 does not say what to run", "begins with \"检查：\""],
    ),
    (
        "docs/en/lesson-02.md",
        "It never ends.",
        "It never ends.\n\n{{#code crates/lesson-02-two/src/main.rs fn main}}\n\n{{#code crates/lesson-02-two/src/main.rs fn main}}",
        "parts",
        &["docs/en/lesson-02.md#step-2: {{#code crates/lesson-02-two/src/main.rs fn main}} has been shown already"],
    ),
    (
        "docs/en/tcp.md",
        "file descriptor",
        "file handle",
        "glossary",
        &["docs/en/tcp.md#backlog: line 5: it says \"file handle\"", "agreed on \"file descriptor\""],
    ),
    ("docs/zh/tcp.md", "文件描述符", "文件句柄", "glossary", &["docs/zh/tcp.md#backlog: line 5: it says \"文件句柄\""]),
    (
        "docs/zh/README.md",
        "接着说",
        "看看文件夹",
        "glossary",
        &["docs/zh/README.md#code: line 19: it says \"文件夹\"", "agreed on \"目录\""],
    ),
    (
        "docs/en/README.md",
        "The queue is this long.",
        "It closes for itself.",
        "glossary",
        &["docs/en/README.md#code: line 7: it says \"for itself\"", "agreed on \"by itself\""],
    ),
    (
        "html/index.html",
        "hello",
        "\n<p>文件夹",
        "glossary",
        &["html/index.html: line 2: it says \"文件夹\"", "agreed on \"目录\""],
    ),
    ("docs/figures/fork.svg", "父进程", "文件夹", "glossary", &["docs/figures/fork.svg: line 4: it says \"文件夹\""]),
    (
        "crates/lesson-02-two/steps/steps.toml",
        "更长的队列",
        "更长的文件夹",
        "glossary",
        &["crates/lesson-02-two/steps/steps.toml: line 3: it says \"文件夹\""],
    ),
    (
        "crates/lesson-02-two/src/main.rs",
        "/// How many.",
        "/// 文件夹",
        "glossary",
        &["crates/lesson-02-two/src/main.rs: line 3: it says \"文件夹\""],
    ),
    (
        "docs/glossary.toml",
        "一个小整数。",
        "文件夹里的小整数。",
        "glossary",
        &["docs/glossary.toml: line 7: it says \"文件夹\""],
    ),
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
fn what_goes_wrong_when_a_chapter_is_typed_is_seen() {
    for (blocks, what) in [
        (&["false"] as &[&str], "its exit status is 1"),
        (&["sleep 300 &"], "it leaves process sleep"),
        (&["nc -l 127.0.0.1 7890 </dev/null >got &"], "port 7890, at which somebody listens"),
        (&["grep one two three; true"], "it says grep: two: No such file or directory"),
        (&["exit 3"], "it has ended the shell"),
        // As a terminal has it: in a script this would be no mistake.
        (&["echo \"what!now\"; true"], "bash does not take it as it is pasted"),
        (&["mkfifo pipe", "mkfifo pipe"], "its exit status is 1"),
    ] {
        let (_folder, repository) = sample();
        let fences: Vec<String> = blocks.iter().map(|block| format!("```sh\n{block}\n```\n")).collect();
        change(&repository, "docs/en/lesson-02.md", "```sh\necho typed # a remark\n```\n", &fences.join("\n"));
        let problems = list(&typed::stale(&repository, Path::new("/")));
        for part in ["docs/en/lesson-02.md#watch: ", what] {
            assert!(problems.contains(part), "{blocks:?}: no {part} in {problems}");
        }
    }
}

#[test]
fn the_blocks_of_a_chapter_are_typed_in_one_shell() {
    let (_folder, repository) = sample();
    let fences = "```sh\nkept=1; touch here\n```\n\n```sh\ntest $kept -eq 1 -a -e here\n```\n";
    change(&repository, "docs/en/lesson-02.md", "```sh\necho typed # a remark\n```\n", fences);
    assert_eq!(list(&typed::stale(&repository, Path::new("/"))), "");
}

#[test]
fn a_command_that_prints_something_else_is_seen() {
    let (_folder, repository) = sample();
    change(&repository, "docs/outputs/hello.txt", "hello", "good day");
    let problems = list(&typed::stale(&repository, Path::new("/")));
    for part in ["docs/outputs/hello.txt: ", "-good day on 7890", "+hello on 7890", "just outputs hello"] {
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
        "hello on 7890 in . at http://127.0.0.1:7890",
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
    let steps = page("en/lesson-02.html").replace("&quot;", "\"");
    for part in [
        "Step 1: A longer queue</a></h3>",
        "Step 2: An <code>end</code> for *all*</a></h3>",
        "<b>Step 1 of 2: A longer queue</b> <span>5 min to build</span> <span>+2 −2</span> <code>just diff 02 1</code>",
        "<del class=\"comment\" style=\"--indent:0\"><span class=\"sign\">−</span><span class=\"blanks\"></span>//! One.</del>",
        "<ins style=\"--indent:0\"><span class=\"sign\">+</span><span class=\"blanks\"></span>const BACKLOG: i32 = <b>1024;</b></ins>",
        "<del style=\"--indent:4\"><span class=\"sign\">−</span><span class=\"blanks\">    </span>loop {}</del>",
        "just steps run 02 2    # port 7890, until Ctrl-C\njust steps test 02 2",
        "1 case turns green, 2 cases still red</p>",
        "<li><code>a-folder-shows-its-index</code></li>",
        "<summary>still red: 2</summary>",
        "<li><code>not-modified-has-no-body</code></li>",
        "as before, all green",
        "<a href=\"#step-2\">2. An <code>end</code> for *all*</a></th><td>10</td><td>1</td><td>0</td>",
        "<th scope=\"row\">all</th><td>15</td><td>3</td><td>1</td>",
    ] {
        assert!(steps.contains(part), "no {part} in {steps}");
    }
    let steps = page("zh/lesson-02.html");
    for part in
        ["第 1 步：更长的队列</a></h3>", "实现约 5 分钟", "1 个用例变绿，2 个仍为红色", "端口 7890，按 Ctrl-C 结束"]
    {
        assert!(steps.contains(part), "no {part} in {steps}");
    }
    let contents = page("zh/toc.html");
    for part in ["第一部分</li>", "<a href=\"lesson-02.html\""] {
        assert!(contents.contains(part), "no {part} in {contents}");
    }
    let whole = page("en/print.html");
    for part in ["<p class=\"part\">Part one</p><ol><li><a href=\"#", "id=\"main\"", "id=\"language-switch\""] {
        assert!(whole.contains(part), "no {part} in {whole}");
    }
    assert!(page("zh/search-entries.js").contains("各有一个文件描述符"));
    assert!(page("index.html").contains("href=\"zh/index.html\""));
}
