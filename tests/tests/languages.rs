//! What the suite says is said in Chinese, too: in the source, where each text stands beside its English, and on the
//! terminal, where nothing in English is left.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use http_suite::{Case, Language, cases};
use serde_json::Value;

/// A text in English, and the same in Chinese, as they stand in a source.
struct Pair {
    place: String,
    en: String,
    zh: String,
}

/// Every source of the suite.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let inner = folders.iter().flat_map(|folder| sources(folder));
    files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")).chain(inner).collect()
}

/// Speaks of the languages, to whoever maintains the cases.
const OF_LANGUAGES: &str = "agreed.rs";

/// What stands in `both!("…", "…")` and in `language.say("…", "…")`.
fn pairs() -> Vec<Pair> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pairs = Vec::new();
    for path in sources(&root).into_iter().filter(|path| !path.ends_with(OF_LANGUAGES)) {
        let source = fs::read_to_string(&path).unwrap();
        // What tests say is for nobody else.
        let source = source.split("#[cfg(test)]").next().unwrap();
        for opening in ["both!(", ".say("] {
            for (at, _) in source.match_indices(opening) {
                let rest = &source[at + opening.len()..];
                let Some((en, rest)) = literal(rest) else { continue };
                let Some((zh, _)) = rest.trim_start().strip_prefix(',').and_then(literal) else { continue };
                let line = source[..at].lines().count();
                pairs.push(Pair { place: format!("{}:{line}", path.display()), en, zh });
            }
        }
    }
    pairs
}

/// The string literal at the beginning, and what follows it.
fn literal(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    let (end, _) = text.char_indices().find(|(_, letter)| {
        let ends = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    })?;
    // A backslash at the end of a line goes on in the next, behind its blanks.
    let mut parts = text[..end].split("\\\n");
    let first = parts.next()?.to_owned();
    let value = parts.fold(first, |value, part| value + part.trim_start());
    Some((value.replace("\\n", "\n"), &text[end + 1..]))
}

fn is_chinese(letter: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&letter)
}

/// What is filled in, each with how often. The first that has no name is `0`.
fn placeholders(text: &str) -> BTreeMap<String, usize> {
    let (mut found, mut number) = (BTreeMap::new(), 0);
    let text = text.replace("{{", "").replace("}}", "");
    for part in text.split('{').skip(1) {
        let inside = part.split('}').next().unwrap_or_default();
        let (name, form) = inside.split_once(':').unwrap_or((inside, ""));
        let name = if name.is_empty() { number.to_string() } else { name.to_owned() };
        number += usize::from(inside.is_empty() || inside.starts_with(':'));
        *found.entry(format!("{name}:{form}")).or_default() += 1;
    }
    found
}

#[test]
fn every_text_has_its_chinese() {
    let pairs = pairs();
    assert!(pairs.len() > 250, "only {} texts are found", pairs.len());
    /// A count of how many: a stroke will do.
    const COUNTS: &[&str] = &["of", "{title} {0} of {1}"];
    for Pair { place, en, zh } in pairs {
        let words = en.split('{').map(|part| part.rsplit('}').next().unwrap_or_default()).collect::<String>();
        let says = words.chars().any(|letter| letter.is_ascii_alphabetic());
        let says = says && !COUNTS.contains(&en.as_str());
        assert!(!says || zh.chars().any(is_chinese), "{place}: \"{zh}\" is not Chinese, for \"{en}\"");
        assert_eq!(placeholders(&en), placeholders(&zh), "{place}: \"{en}\" and \"{zh}\" hold other things");
    }
}

/// Commas and full stops among Chinese are those of Chinese, and terms are those of the glossary.
#[test]
fn chinese_is_written_as_chinese() {
    #[derive(serde::Deserialize)]
    struct Glossary {
        term: Vec<Term>,
    }
    #[derive(serde::Deserialize)]
    struct Term {
        zh: String,
        #[serde(default)]
        not_zh: Vec<String>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/glossary.toml");
    let glossary: Glossary = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for Pair { place, zh, .. } in pairs() {
        for Term { zh: term, not_zh } in &glossary.term {
            let wrong = not_zh.iter().find(|wrong| zh.contains(wrong.as_str()));
            assert!(wrong.is_none(), "{place}: \"{zh}\" has {wrong:?} for {term}");
        }
        let letters: Vec<char> = zh.chars().collect();
        let wrong = letters
            .windows(2)
            .find(|pair| is_chinese(pair[0]) && [',', ';', ':', '.', '?', '!', '('].contains(&pair[1]));
        assert!(wrong.is_none(), "{place}: \"{zh}\" has {wrong:?}");
    }
}

/// English that is left in what is said in Chinese: words in a row that are no name of a case, no command, no bytes.
fn english(text: &str) -> Option<String> {
    let mut block = "";
    for line in text.lines() {
        if line.starts_with("  ") && !line.starts_with("   ") {
            block = line.trim();
        }
        // What was sent and came, what the server said, what is to be typed.
        let is_quoted = line.starts_with("    ") && ["收发的数据", "服务器最后的输出", "手工重现"].contains(&block);
        let is_bytes = ["发送", "收到", "未发送"].iter().any(|label| line.trim_start().starts_with(label));
        if is_bytes || (is_quoted && !line.chars().any(is_chinese)) {
            continue;
        }
        // A command, and what it is for.
        let line = if is_quoted { line.split("  # ").last().unwrap_or_default() } else { line };
        // Within a sentence: `just site`.
        let line: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        // Bytes that stand in a sentence, and the command line that was given.
        let line =
            line.split(['：', '"']).filter(|part| !part.contains('\\') && !part.contains("{port}")).collect::<Vec<_>>();
        // Each run of words: what has other signs in it is a name, a number, an option, a path.
        let line: String = line.join("：").chars().map(|letter| if letter.is_ascii() { letter } else { '§' }).collect();
        let line = line.replace('§', " § ");
        let words: Vec<&str> =
            line.split_whitespace().map(|word| word.trim_end_matches([',', '.', ';', ':'])).collect();
        let is_word =
            |word: &str| word.len() > 1 && word.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '\'');
        for run in words.split(|word| !is_word(word)) {
            let plain = run.iter().filter(|word| word.chars().all(|letter| letter.is_ascii_lowercase())).count();
            if run.len() > 2 || plain > 1 {
                return Some(format!("{run:?} in {line}"));
            }
        }
    }
    None
}

fn check(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_check"));
    command.env("COLUMNS", "80").args(["--lang", "zh"]).args(words).output().unwrap()
}

/// On a mutant, as somebody else's server.
fn check_mutant(defect: &str, words: &[&str]) -> Output {
    let server = ["--", env!("CARGO_BIN_EXE_mutant"), defect, "--port", "{port}", "--root", "{root}"];
    let time = ["--timeout", "{timeout}"];
    check(&[words, &server, &time].concat())
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// Servers that fail nearly everything, or in ways that others do not, with the words that choose the cases.
const SERVERS: &[(&str, &str)] = &[
    (
        "always-200",
        "--stage 04 --full --group request-line --group targets --group conditional --group bodies --group methods",
    ),
    ("always-200", "--stage 06 --full --group keep-alive --server-timeout 4"),
    ("always-200", "--stage 02 --group host --format markdown"),
    ("always-200", "--stage 02 --group host --group methods"),
    (
        "sequential",
        "--stage 05 --full --server-timeout 4 --only silent-client-holds --only silent-clients-hold --only one-thread",
    ),
    ("sequential", "--stage 04 --server-timeout 4 --only silent-clients-hold"),
    ("descriptor-leak", "--stage 04 --full --only descriptors-behind --only memory-behind"),
    ("closes-with-unread-bytes", "--stage 04 --full --group limits --group host"),
    ("none", "--stage 06 --full --group restart --only port --only ignored"),
];

#[test]
fn no_english_is_left_in_a_report() {
    let look = |defect: &str, words: &str| {
        let output = check_mutant(defect, &words.split(' ').collect::<Vec<_>>());
        let text = said(&output);
        assert!(output.status.code().is_some_and(|code| code < 2), "{defect}: {text}");
        assert!(text.chars().any(is_chinese), "{defect}: {text}");
        let english = english(&text);
        assert!(english.is_none(), "{defect} {words}: {}", english.unwrap_or_default());
    };
    // They mostly wait.
    thread::scope(|scope| {
        for (defect, words) in SERVERS {
            scope.spawn(|| look(defect, words));
        }
    });
}

#[test]
fn programs_get_both_languages() {
    let output = check_mutant("always-200", &["--only", "garbage-is-refused", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let case = &report["cases"][0];
    assert_eq!(case["expected"], "status 400");
    assert_eq!(case["expected_zh"], "状态码 400");
    assert_eq!(case["what_zh"], "应为状态码 400，实为 200");
    for member in ["title_zh", "hint_zh", "read-on_zh", "text_zh"] {
        let text = case[member].as_str().unwrap();
        assert!(text.chars().any(is_chinese) && english(text).is_none(), "{member}: {text}");
    }
    let report: Value = serde_json::from_slice(&check(&["--format", "json", "--", "no-such-program"]).stdout).unwrap();
    assert!(report["why_zh"].as_str().unwrap().contains("无法启动 no-such-program：没有该文件或目录"), "{report:#}");
}

#[test]
fn no_english_is_left_where_there_is_no_report() {
    let cannot: &[&[&str]] = &[
        &[],
        &["--help"],
        &["--list"],
        &["--table"],
        &["--stage", "99"],
        &["--group", "no-such"],
        &["--only", "no such"],
        &["--format", "pdf"],
        &["--no-such-option"],
        &["192.0.2.1:80"],
        &["no-address"],
        &["127.0.0.1:1"],
        &["--make-site", "/proc"],
        &["--", "sh", "-c", "exit 3"],
        &["--", "/dev/null"],
        &["--start-timeout", "1", "--", "sleep", "60"],
        &["--start-timeout", "1", "--", "cat", "{port}"],
    ];
    for words in cannot {
        let text = said(&check(words));
        // How it is called stands in the help.
        let usage = |line: &&str| !line.trim_start().trim_start_matches("用法：").starts_with("just check");
        let usage = |line: &&str| usage(line) && !line.contains("cat: ") && !line.contains("  --");
        let text: String = text.lines().filter(usage).map(|line| format!("{line}\n")).collect();
        assert!(text.chars().any(is_chinese), "{words:?}: {text}");
        let english = english(&text);
        assert!(english.is_none(), "{words:?}: {}", english.unwrap_or_default());
    }
    for defect in ["closes-at-once", "always-400"] {
        let text = said(&check_mutant(defect, &[]));
        let english = english(&text);
        assert!(text.contains("这不是一个正常工作的服务器") && english.is_none(), "{defect}: {english:?} {text}");
    }
}

#[test]
fn the_language_is_that_of_the_environment_unless_it_is_named() {
    let list = |locale: [(&str, &str); 3], words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_check"));
        command.args(["--list", "--only", "garbage"]).args(words).envs(locale);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let chinese = [("LC_ALL", ""), ("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "en_US.UTF-8")];
    let english = [("LC_ALL", "C"), ("LC_MESSAGES", "zh_CN.UTF-8"), ("LANG", "zh_CN.UTF-8")];
    assert!(list(chinese, &[]).contains("请求行"));
    assert!(list(english, &[]).contains("the request line"));
    assert!(list(chinese, &["--lang", "en"]).contains("the request line"));
    assert!(list(english, &["--lang=zh"]).contains("请求行"));
}

#[test]
fn english_is_found() {
    assert!(english("  发生了什么\n    the server closed\n").is_some());
    assert!(english("等了 5 秒 and nothing came").is_some());
    assert!(english("  收发的数据\n    发送   GET / or so\n    Date: some day or other\n").is_none());
    assert!(english("先改正：a-silent-client-holds-up-no-one（RFC 9112 第 2.2 节）").is_none());
    let case: &Case = cases::all().next().unwrap();
    assert!(english(case.why).is_some() && english(case.reason(Language::Chinese)).is_none());
}
