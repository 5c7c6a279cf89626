//! Sentences that compare what was measured, and whether each says on what it stands: see [`crate::claims`].

use std::sync::LazyLock;

use regex::Regex;

use crate::claims;
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;

/// The chapters about measurements, in which every section counts; of a lesson it is what is run.
const CHAPTERS: [&str; 2] = ["designs.md", "c10k.md"];
const RUN: &str = "watch";
const READMES: [(&str, Language); 2] = [("README.md", Language::English), ("README.zh.md", Language::Chinese)];

/// What compares.
static COMPARES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        concat!(
            r"(?i)\b(?:cheap(?:er|est)|dear(?:er|est)|fast(?:er|est)|slow(?:er|est)|better|best|worse|worst|high(?:er|est)",
            r"|low(?:er|est)|larg(?:er|est)|small(?:er|est)|twice|half|double|level with|ahead of|about as|fewer than",
            r"|(?:more|less) than|even less|could do that|may not do|(?:\d+|two|three|four|five|ten|hundred|thousand) times",
            r"|as (?:much|many|fast|little) as|less[.,;:)]|cost neither|below zero",
            r"|(?:costs?|takes?|burns?|needs?) (?:\w+ ){0,2}(?:more|most|less|least|fewer)",
            r"|(?:more|most|less|least|fewer) (?:memory|processor|requests|system calls|CPU|KiB|MiB))"
        ),
        concat!(
            r"更(?:便宜|贵|快|慢|多|少|高|低|大|小|省|差|好)|便宜|[快慢高低多少大小贵]于|倍|一半",
            r"|最(?:便宜|贵|快|慢|多|少|高|低|大|小|好|差)|[^等]不到|超过|比.{1,12}[快慢高低多少大小贵省]",
            r"|差不多|不多花|不相上下|相当|领先|少一些|应付得|小于零"
        ),
    ]
    .map(pattern)
});

/// What is measured.
static MEASURED: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        r"(?i)\b(?:processor time|memory|requests? a second|latency|p99|99th|microseconds?|µs|KiB|MiB|CPU|cores?|throughput|system calls?|costs?|cheaper|cheapest|dearer|faster|slower)\b",
        r"处理器|内存|每秒|延迟|µs|KiB|MiB|系统调用|开销|代价|花费|成本|便宜|吞吐|更快|更慢",
    ]
    .map(pattern)
});

/// Who is compared.
static COMPARED: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        r"(?i)\b(?:lessons?|0[1-9]|1[01]|process(?:es)?|threads?|coroutines?|epoll|io_uring|lists?|loop|sequential|baseline|nginx|lighttpd|server|stack|struct|future)\b",
        r"第 ?(?:0[1-9]|1[01])|0[1-9]|1[01]|进程|线程|协程|epoll|io_uring|列表|循环|顺序|基准|nginx|lighttpd|服务器|栈|结构体|future",
    ]
    .map(pattern)
});

fn pattern(text: &str) -> Regex {
    #[expect(clippy::unwrap_used, reason = "each is a constant, which the tests of this file build")]
    Regex::new(text).unwrap()
}

/// Whether a sentence compares something that was measured.
fn compares(sentence: &str, language: Language) -> bool {
    let place = language.say(0, 1);
    let words = claims::without(sentence);
    [&COMPARES[place], &MEASURED[place], &COMPARED[place]].iter().all(|pattern| pattern.is_match(&words))
}

/// The sentences of a text: of paragraphs, and of rows of tables. No code, no headings, no directives.
fn sentences(text: &str) -> Vec<String> {
    static END: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:[.!?][)*”\x22]*[ \n])|[。！？；]"));
    static LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\]\([^)]*\)"));
    let mut blocks = vec![String::new()];
    let mut in_fence = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") {
            in_fence = !in_fence;
        }
        // Written by the suite.
        if line.starts_with("<!-- table") || line.starts_with("<!-- /table") {
            in_fence = !in_fence;
        }
        let begins = line.is_empty() || line.starts_with(['#', '|', '-', '<']) || line.starts_with("{{#");
        if begins {
            blocks.push(String::new());
        }
        if !in_fence && !line.starts_with("```") && !line.starts_with('#') && !line.starts_with("{{#") {
            let block = blocks.last_mut().expect("there is one from the start");
            block.push_str(line);
            block.push(' ');
        }
    }
    let mut sentences = Vec::new();
    for block in blocks {
        // A mark is no end.
        let block = block.replace("{{? ", "{{?\u{a0}").replace("{{! ", "{{!\u{a0}");
        let block = LINK.replace_all(&block, "]");
        let mut from = 0;
        for end in END.find_iter(&block) {
            sentences.push(block[from..end.end()].trim().replace('\u{a0}', " "));
            from = end.end();
        }
        sentences.push(block[from..].trim().replace('\u{a0}', " "));
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Sentences that compare, without anything that they stand on.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut look = |file: &str, section: &str, text: &str, language: Language| {
        for sentence in sentences(text) {
            if compares(&sentence, language) && claims::marks(&sentence).is_empty() {
                let remedy = "let it stand on figures: {{? cost:07 < cost:04}}; or say on what else: {{! arithmetic}}, \
                              {{! output NAME}}, {{! suite CASE}}; see crates/book/src/claims.rs";
                problems.push(Problem::new(file, section, format!("it compares: {sentence}"), remedy));
            }
        }
    };
    for language in Language::ALL {
        for chapter in repository.chapters(language).0 {
            let is_about_it = CHAPTERS.contains(&chapter.file.as_str());
            for section in &chapter.sections {
                if is_about_it || section.name() == RUN {
                    look(&chapter.path(), section.name(), chapter.text_of(section), language);
                }
            }
        }
    }
    for (file, language) in READMES {
        look(file, "", &repository.read(file).unwrap_or_default(), language);
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_of_what_is_measured_is_seen() {
        for (sentence, language) in [
            ("A thread is cheaper than a process.", Language::English),
            ("Lesson 07 takes twice the memory of nginx.", Language::English),
            ("The list costs ten times as much as epoll.", Language::English),
            ("A process takes more memory.", Language::English),
            ("线程比进程便宜。", Language::Chinese),
            ("第 07 课占用的内存是 nginx 的两倍。", Language::Chinese),
            ("协程的开销与基准差不多。", Language::Chinese),
        ] {
            assert!(compares(sentence, language), "{sentence}");
        }
        for (sentence, language) in [
            ("The server reads more.", Language::English),
            ("A thread waits.", Language::English),
            ("Memory is measured in lesson 07.", Language::English),
            ("线程在等待。", Language::Chinese),
        ] {
            assert!(!compares(sentence, language), "{sentence}");
        }
    }

    #[test]
    fn a_text_falls_into_sentences() {
        let text = "## A {#a}\n\nOne is\nshort. Two {{? cost:07 < 1.5}} is.\n\n- three\n- 四。五！\n\n| a. | b |\n\n```sh\nno\n```\n\n{{#table x}}\n";
        assert_eq!(
            sentences(text),
            ["One is short.", "Two {{? cost:07 < 1.5}} is.", "- three", "- 四。", "五！", "| a.", "| b |"]
        );
    }
}
