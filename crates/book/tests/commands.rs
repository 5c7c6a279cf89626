//! What the books and the README files tell a reader to type can be typed: it is a command, it stands on its own, and
//! it leaves nothing behind.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use book::chapter::{Piece, inline_code};
use book::directive::Directive;
use book::language::Language;
use book::outputs::{self, DEMONSTRATIONS, Outputs};
use book::repository::Repository;
use book::step;
use book::typed::NOT_RUN;
use http_suite::stages::Stage;
use regex::Regex;
use tutor::course::Course;
use tutor::exercise;

/// Commands that a reader has beside the lessons: those of bash, and of the packages that the first page names.
const KNOWN: &str = "[[ awk break cat cd curl echo exec exit grep head just kill ln ls mkdir mkfifo \
                     nc od paste printf ps pgrep python3 readlink rm sed seq sleep sort ss strace uniq ulimit wait wc yes";

/// Words of bash before which, or behind which, a command stands.
const GRAMMAR: &str = "if then else elif fi do done while until { } ! time";

/// Where a command block stands, and what is in it.
struct Block {
    place: String,
    text: String,
}

/// Every block of commands: in fences, in steps, in outputs, and behind the `$ ` of the README files.
fn blocks() -> Vec<Block> {
    let repository = Repository::here();
    let mut blocks = Vec::new();
    for language in Language::ALL {
        for chapter in repository.chapters(language).0 {
            for section in &chapter.sections {
                let place = format!("{}#{}", chapter.path(), section.name());
                blocks.extend(section.pieces.iter().filter_map(|piece| match piece {
                    Piece::Fence(info, text) if info == "sh" || info.starts_with("sh,") => {
                        Some(Block { place: place.clone(), text: text.clone() })
                    }
                    Piece::Directive(Ok(Directive::Step { lesson, number })) => {
                        let text = step::commands(lesson, number, language);
                        Some(Block { place: place.clone(), text })
                    }
                    _ => None,
                }));
            }
        }
    }
    for output in Outputs::read(&repository).unwrap().all() {
        blocks.push(Block { place: format!("outputs.toml, {}", output.name), text: output.shown().to_owned() });
    }
    for file in ["README.md", "README.zh.md"] {
        let text = repository.read(file).unwrap();
        for fence in text.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or("")) {
            let text = fence.lines().filter_map(|line| line.strip_prefix("$ ")).collect::<Vec<_>>().join("\n");
            blocks.push(Block { place: file.to_owned(), text });
        }
    }
    blocks
}

/// What is wrong with a block, if anything is.
fn fault(block: &str) -> Option<String> {
    let text = &REMARK.replace_all(block, "");
    if let Err(error) = parsed(text) {
        return Some(format!("bash cannot read it: {error}"));
    }
    let unknown: Vec<String> = commands(text).into_iter().filter(|word| !is_known(text, word)).collect();
    if !unknown.is_empty() {
        return Some(format!("a reader does not have {}", unknown.join(", ")));
    }
    let foreign = variables(text);
    if !foreign.is_empty() {
        return Some(format!("it takes {} from another block", foreign.join(", ")));
    }
    let ends = text.contains("kill $server") || text.contains("wait\n");
    if BACKGROUND.is_match(&SINGLE_QUOTED.replace_all(text, "Q")) && !ends {
        return Some("it leaves something running".to_owned());
    }
    if JUST_IN_THE_BACKGROUND.is_match(text) {
        return Some("`$!` is `just`, and not the server: say lesson-NN".to_owned());
    }
    if text.contains("127.0.0.1:7878") || text.contains("127.0.0.1 7878") {
        return Some("no server of ours has port 7878".to_owned());
    }
    let asks = text.contains("127.0.0.1") && !text.contains("check 127.0.0.1");
    if asks && !STARTED.is_match(text) {
        return Some("it asks a server that it has not started".to_owned());
    }
    None
}

static BACKGROUND: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)[^&>]&(?: |$)").unwrap());
static JUST_IN_THE_BACKGROUND: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^\(?just lesson.*&").unwrap());
static STARTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:lesson-\d\d|watch-the-\w+|watch-epoll|\$lesson|docs/python/|nc -N -l|HTTPServer|http\.server)[^\n]*&|create_server").unwrap()
});
static FUNCTION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)^(\w+)\(\)").unwrap());
/// A remark, up to the end of its line.
static REMARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?m)(^|\s)#[^\n]*").unwrap());
static SINGLE_QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"'[^']*'").unwrap());
static DOUBLE_QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?s)"(?:[^"\\]|\\.)*""#).unwrap());
/// `$((…))` and `((…))`, in which nothing is a command.
static ARITHMETIC: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$?\(\([^\n]*?\)\)").unwrap());
/// `$(…)`, the innermost: a command inside of a word.
static INSIDE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$\(([^()]*)\)").unwrap());
/// Where one command ends and the next may begin.
static BETWEEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\|\||&&|[;|()\n]|[^>&]&(?:\s|$)").unwrap());

fn parsed(text: &str) -> Result<(), String> {
    let bash = Command::new("bash").args(["-n", "-c", text]).stdin(Stdio::null()).output().unwrap();
    if bash.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&bash.stderr).trim().to_owned()) }
}

/// The words that stand where a command stands.
fn commands(text: &str) -> BTreeSet<String> {
    let text = REMARK.replace_all(text, "").replace("\\\n", " ");
    let mut text = SINGLE_QUOTED.replace_all(&text, "Q").into_owned();
    let mut parts = Vec::new();
    while let Some(found) = INSIDE.captures(&text) {
        parts.push(found[1].to_owned());
        text = INSIDE.replace(&text, "Q").into_owned();
    }
    let text = ARITHMETIC.replace_all(&text, "Q");
    let text = DOUBLE_QUOTED.replace_all(&text, "Q");
    parts.push(FUNCTION.replace_all(&text, "").into_owned());
    parts.iter().flat_map(|part| BETWEEN.split(part)).filter_map(command).collect()
}

/// The command of a part of a line. Nothing, where a list of words, a value or a variable stands.
fn command(part: &str) -> Option<String> {
    let mut words = part.split_whitespace().skip_while(|word| {
        let is_value = word.contains('=') && !word.starts_with('-');
        is_value || GRAMMAR.split(' ').any(|known| known == *word)
    });
    let word = words.next()?;
    let is_none = matches!(word, "for" | "in" | "Q") || word.starts_with(['$', '>', '<', '-']);
    (!is_none).then(|| word.to_owned())
}

fn is_known(text: &str, word: &str) -> bool {
    Stage::all().any(|stage| stage.lesson() == word)
        || DEMONSTRATIONS.contains(&word)
        || KNOWN.split_whitespace().any(|known| known == word)
        || FUNCTION.captures_iter(text).any(|found| &found[1] == word)
}

/// The variables that a block reads and does not set: `just shell` sets no more than these.
fn variables(text: &str) -> Vec<String> {
    let text = &SINGLE_QUOTED.replace_all(text, "Q");
    let is_set = |name: &str| {
        ["COURSE", "HOME", "PATH", "PWD"].contains(&name)
            || SET.captures_iter(text).any(|found| found.iter().skip(1).flatten().any(|set| set.as_str() == name))
    };
    READ.captures_iter(text).map(|found| found[1].to_owned()).filter(|name| !is_set(name)).collect()
}

static READ: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$\{?([A-Za-z_]\w*)").unwrap());
static SET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:^|[\s;({])(\w+)=|for (\w+) in|\{(\w+)\}[<>]").unwrap());

#[test]
fn every_block_of_commands_can_be_typed() {
    let blocks = blocks();
    assert!(blocks.len() > 80, "only {} blocks are found", blocks.len());
    let faults: Vec<String> = blocks
        .iter()
        .filter_map(|block| fault(&block.text).map(|fault| format!("{}: {fault}\n{}", block.place, block.text)))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n\n"));
}

#[test]
fn what_cannot_be_typed_is_seen() {
    for (text, fault_in_it) in [
        ("curl http://127.0.0.1:7890/ | grep --text '^HTTP", "bash cannot read it"),
        ("serve lesson-02\ncurl --silent http://127.0.0.1:7890/", "does not have serve"),
        ("cargo run --example watch-epoll", "does not have cargo"),
        ("lesson-12 --quiet", "does not have lesson-12"),
        ("echo \"$(lesson_count)\"", "does not have lesson_count"),
        ("for i in 1 2; do frob $i; done", "does not have frob"),
        ("lesson-05 --quiet & server=$!; sleep 1\ncurl --silent http://127.0.0.1:7890/", "leaves something running"),
        ("just lesson-05 & server=$!\nkill $server", "is `just`"),
        ("curl --silent http://127.0.0.1:7890/", "has not started"),
        ("echo $before; kill $server", "takes before, server from another block"),
        ("lesson-08 & server=$!\ncurl http://127.0.0.1:7878/\nkill $server", "port 7878"),
    ] {
        let found = fault(text).unwrap_or_else(|| panic!("nothing is found in: {text}"));
        assert!(found.contains(fault_in_it), "{text}: {found}");
    }
    assert_eq!(fault("python3 -c 'print(events & 1)'"), None);
    assert_eq!(
        fault("lesson-05 2>log & server=$!; sleep 1\ncurl http://127.0.0.1:7890/ | head -n 1\nkill $server; wait\n"),
        None
    );
}

/// Each chapter has the suite on its lesson typed. `cargo test` runs it, for all lessons at once.
#[test]
fn the_suite_is_typed_for_every_lesson() {
    let typed: Vec<String> =
        blocks().into_iter().filter(|block| block.place.starts_with("docs/en")).map(|block| block.text).collect();
    for stage in Stage::all() {
        let command = format!("just test {}", stage.name());
        assert!(typed.iter().any(|text| text.lines().any(|line| line == command)), "no chapter has `{command}` typed");
    }
}

/// What is not run is what takes minutes, what opens the shell, and what a person ends: nothing that asks a server, or
/// could be run.
#[test]
fn what_is_not_run_is_little() {
    let of_the_lab = Regex::new(r"^just (?:lab|bench|sheet|trace|dist|grade)\b").unwrap();
    let mut counted = 0;
    for chapter in Repository::here().chapters(Language::English).0 {
        for piece in chapter.sections.iter().flat_map(|section| &section.pieces) {
            let Piece::Fence(info, text) = piece else { continue };
            let is_right = match info.as_str() {
                "sh,shell" => text == "just shell\n",
                "sh,terminal" => text.starts_with("just learn ") && text.lines().count() == 1,
                "sh,minutes" => text.lines().all(|line| of_the_lab.is_match(line)),
                other => !NOT_RUN.iter().any(|(kind, _)| *kind == other) && !other.starts_with("sh,"),
            };
            assert!(is_right, "{}: a fence says {info}, and has\n{text}", chapter.path());
            counted += usize::from(info.starts_with("sh,"));
        }
    }
    assert!((1..=12).contains(&counted), "{counted} blocks are not run: run them, or say here why there are more");
}

/// A command in running text, and where it stands.
struct Said {
    place: String,
    words: Vec<String>,
}

/// Files, beside the chapters, that tell a reader to type something.
const FILES: [&str; 6] =
    ["README.md", "README.zh.md", "AGENTS.md", "AGENTS.zh.md", "CONTRIBUTING.md", "crates/tutor/CASES.md"];

/// Every `just …` and `lesson-NN …` in running text, and each line of a block that begins so. What stands for something
/// else (`FILE`, `…`) ends it.
fn said() -> Vec<Said> {
    let repository = Repository::here();
    let mut texts: Vec<(String, String)> =
        FILES.iter().map(|file| ((*file).to_owned(), repository.read(file).unwrap())).collect();
    for language in Language::ALL {
        texts.extend(repository.chapters(language).0.into_iter().map(|chapter| (chapter.path(), chapter.text)));
    }
    let mut said = Vec::new();
    for (place, text) in &texts {
        let fences = text.split("\n```").skip(1).step_by(2);
        let lines = fences.flat_map(str::lines).map(|line| line.strip_prefix("$ ").unwrap_or(line));
        let lines = lines.map(|line| REMARK.replace(line, "").into_owned());
        for command in inline_code(text).into_iter().chain(lines) {
            let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
            let first = words.first().map_or("", String::as_str);
            let is_lesson = Stage::all().any(|stage| stage.lesson() == first) || DEMONSTRATIONS.contains(&first);
            if first == "just" || is_lesson && words.len() > 1 {
                let is_value = |at: usize| at > 0 && words[at - 1].starts_with("--") && words[at - 1].len() > 2;
                let end = (0..words.len()).find(|at| !is_meant(&words[*at], is_value(*at))).unwrap_or(words.len());
                said.push(Said { place: place.clone(), words: words[..end].to_vec() });
            }
        }
    }
    said
}

/// Whether a word is to be typed as it is. Any name of a file may stand behind an option.
fn is_meant(word: &str, is_value: bool) -> bool {
    let is_placeholder = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let ends = word.contains(['…', '&', '>', '<', '|', '\'', '$', '*']);
    (is_value || !is_placeholder) && !ends
}

/// What is wrong with a command of `just`, as far as it can be seen without running it.
fn fault_of_just(words: &[String], justfile: &str, course: &Course) -> Option<String> {
    let recipe = words.get(1)?.as_str();
    let is_there = |line: &str| line.strip_prefix(recipe).is_some_and(|rest| rest.starts_with([' ', ':']));
    if !recipe.starts_with('-') && !justfile.lines().any(is_there) {
        return Some(format!("there is no recipe {recipe}"));
    }
    let rest: Vec<&str> = words[2..].iter().map(String::as_str).collect();
    match (recipe, rest.as_slice()) {
        ("learn", ["exercise", number, ..]) if *number != "list" => {
            exercise::find(course, number).err().map(|_| format!("there is no exercise {number}"))
        }
        ("test", [lesson, cases @ ..]) => {
            let Some(_) = Stage::from_name(lesson) else { return Some(format!("there is no lesson {lesson}")) };
            let is_case = |word: &str| {
                http_suite::cases::all().any(|case| case.name.contains(word) || case.group.name().contains(word))
            };
            let none = cases.iter().find(|word| !word.starts_with('-') && !is_case(word));
            none.map(|word| format!("no case has {word} in its name"))
        }
        _ => {
            let is_number = |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_digit());
            let none = rest
                .iter()
                .take_while(|word| **word != "--")
                .find(|word| is_number(word) && Stage::from_name(word).is_none());
            none.map(|word| format!("there is no lesson {word}"))
        }
    }
}

#[test]
fn what_the_running_text_says_can_be_typed() {
    let repository = Repository::here();
    let (justfile, course) = (repository.read("justfile").unwrap(), Course::at(&repository.path("")).unwrap());
    let said = said();
    assert!(said.len() > 300, "only {} commands are found", said.len());
    let faults: Vec<String> = said
        .iter()
        .filter(|said| said.words[0] == "just")
        .filter_map(|said| {
            let fault = fault_of_just(&said.words, &justfile, &course)?;
            Some(format!("{}: `{}`: {fault}", said.place, said.words.join(" ")))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    for (text, fault) in [
        ("just tests 03", "there is no recipe tests"),
        ("just learn exercise 03.9 check", "there is no exercise 03.9"),
        ("just test 03 no-such-case", "no case has no-such-case"),
        ("just test 12", "there is no lesson 12"),
        ("just trace 17", "there is no lesson 17"),
    ] {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        assert!(fault_of_just(&words, &justfile, &course).is_some_and(|found| found.contains(fault)), "{text}");
    }
}

/// What a recipe hands its words to: the program, and what it is told before them.
fn behind(recipe: &str, justfile: &str) -> Option<(String, Vec<String>)> {
    let from = justfile.find(&format!("\n{recipe} *OPTIONS"))?;
    let body = justfile[from..].split("\n\n").next()?;
    let run = Regex::new(
        r#"cargo run [^\n]*--package (\S+)(?: --(?:bin|example) (\S+))?(?: --features \S+)? -- ([^\n]*)"\$@""#,
    )
    .unwrap();
    let found = run.captures(body)?;
    let program = found.get(2).unwrap_or(found.get(1)?).as_str();
    Some((program.to_owned(), found[3].split_whitespace().map(str::to_owned).collect()))
}

/// A program that is told these words, and to explain itself: it reads them up to there.
fn refusal(folder: &Path, program: &str, words: &[String]) -> Option<String> {
    let place = if DEMONSTRATIONS.contains(&program) { folder.join("examples") } else { folder.to_owned() };
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let mut command = Command::new(place.join(program));
    command.args(&words[..end]).arg("--help").args(&words[end..]).stdin(Stdio::null());
    let said = command.output().unwrap_or_else(|error| panic!("cannot run {program}: {error}"));
    (!said.status.success()).then(|| String::from_utf8_lossy(&said.stderr).lines().next().unwrap_or("").to_owned())
}

#[test]
#[ignore = "it builds the programs of all recipes; a step of .ci/run"]
fn programs_take_what_the_running_text_tells_them() {
    let repository = Repository::here();
    let justfile = repository.read("justfile").unwrap();
    let folder = outputs::programs(&repository).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository.path("")).args(["build", "--quiet", "--bins"]);
    cargo.args(["tutor", "http-suite", "lab", "grade"].iter().flat_map(|package| ["--package", package]));
    assert!(cargo.status().unwrap().success());
    let mut asked = BTreeSet::new();
    let mut faults = Vec::new();
    for Said { place, words } in said() {
        let call = match words[0].as_str() {
            "just" if words.len() > 2 => behind(&words[1], &justfile).map(|(program, mut before)| {
                before.extend_from_slice(&words[2..]);
                (program, before)
            }),
            "just" => None,
            lesson => Some((lesson.to_owned(), words[1..].to_vec())),
        };
        if let Some((program, words)) = call
            && asked.insert((program.clone(), words.clone()))
            && let Some(error) = refusal(&folder, &program, &words)
        {
            faults.push(format!("{place}: {program} {}: {error}", words.join(" ")));
        }
    }
    assert!(asked.len() > 100, "only {} are asked", asked.len());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(refusal(&folder, "lab", &words("lab --quickly")).is_some());
    assert!(refusal(&folder, "lesson-02", &words("--rot html")).is_some());
}

/// The recipes of a justfile as `just` lists them: their groups, and for each how it is called, and what it does.
fn listed(justfile: &str) -> Vec<(String, String)> {
    let head = Regex::new(r"^([a-z][a-z0-9-]*(?: [*A-Z][^:]*)?):(?: |$)").unwrap();
    let group_of = Regex::new(r"^\[group\('(.*)'\)\]$").unwrap();
    let (mut rows, mut group, mut last, mut remark) = (Vec::new(), None, None, String::new());
    for line in justfile.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            remark = text.to_owned();
        } else if let Some(found) = group_of.captures(line) {
            group = Some(found[1].to_owned());
        } else if let Some(found) = head.captures(line) {
            if let Some(group) = group.take() {
                if last.as_ref() != Some(&group) {
                    rows.push((group.clone(), String::new()));
                    last = Some(group);
                }
                rows.push((found[1].to_owned(), std::mem::take(&mut remark)));
            }
        } else if line.is_empty() {
            remark.clear();
        }
    }
    rows
}

#[test]
fn the_chinese_list_of_commands_has_them_all() {
    let repository = Repository::here();
    let english = listed(&repository.read("justfile").unwrap());
    assert!(english.len() > 50, "{english:?}");
    let text = repository.read("docs/just.zh.tsv").unwrap();
    let mut chinese = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (row, words) = match fields.as_slice() {
            [group, words] => (((*group).to_owned(), String::new()), *words),
            [usage, english, words] => (((*usage).to_owned(), (*english).to_owned()), *words),
            _ => panic!("docs/just.zh.tsv: a line has two fields, or three: {line}"),
        };
        assert!(words.chars().any(|letter| ('\u{4e00}'..'\u{a000}').contains(&letter)), "no Chinese: {line}");
        chinese.push(row);
    }
    for (english, chinese) in english.iter().zip(&chinese) {
        assert_eq!(english, chinese, "the justfile has the one, and docs/just.zh.tsv the other");
    }
    assert_eq!(english.len(), chinese.len(), "docs/just.zh.tsv has to have a line for each recipe");
}
