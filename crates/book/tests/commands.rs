//! What the books and the README files tell a reader to type can be typed: it is a command, it stands on its own, and
//! it leaves nothing behind.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use book::chapter::Piece;
use book::directive::Directive;
use book::language::Language;
use book::outputs::{DEMONSTRATIONS, Outputs};
use book::repository::Repository;
use book::step;
use http_suite::stages::Stage;
use regex::Regex;

/// Commands that a reader has beside the lessons: those of bash, and of the packages that the first page names.
const KNOWN: &str = "[[ awk break cat cd curl echo exec exit grep head just kill ln ls mkdir mkfifo \
                     nc od paste printf ps pgrep python3 readlink sed seq sleep sort ss strace uniq ulimit wait wc yes";

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
                    Piece::Fence(info, text) if info == "sh" => {
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
