//! What may be written by hand: no code of the repository, and nothing that a command printed.

use crate::chapter::{Chapter, Piece};
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::typed::NOT_RUN;

/// What a fence may say that it holds.
const KINDS: [&str; 12] =
    ["sh", "http", "text", "toml", "json", "html", "css", "python", "c", "regex", "rust,question", "rust,wrong"];

/// All fences that are not as agreed.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let chapters = Language::ALL.into_iter().flat_map(|language| repository.chapters(language).0);
    chapters.flat_map(|chapter| of_chapter(&chapter)).collect()
}

fn of_chapter(chapter: &Chapter) -> Vec<Problem> {
    let mut problems = Vec::new();
    for section in &chapter.sections {
        for piece in &section.pieces {
            let found = match piece {
                Piece::Fence(info, text) => of_fence(info, text),
                Piece::Indented(text) => Some((
                    format!("a block of code is made by indenting: {}", first_line(text)),
                    "put it in a fence that says what it is".to_owned(),
                )),
                _ => None,
            };
            problems.extend(found.map(|(what, remedy)| Problem::new(chapter.path(), section.name(), what, remedy)));
        }
        let count = |wanted: Piece| section.pieces.iter().filter(|piece| **piece == wanted).count();
        let (begun, ended) = (count(Piece::Details), count(Piece::EndOfDetails));
        if begun != ended {
            let what = format!("it has {begun} of <details>, and {ended} of </details>");
            let remedy = "leave an empty line before and after what unfolds, and end it in its section";
            problems.push(Problem::new(chapter.path(), section.name(), what, remedy));
        }
    }
    problems
}

fn of_fence(info: &str, text: &str) -> Option<(String, String)> {
    let first = first_line(text);
    let remedy = |text: &str| text.to_owned();
    if matches!(info, "rust,question" | "rust,wrong") {
        return None;
    }
    if info.starts_with("rust") || looks_like_rust(text) {
        return Some((
            format!("Rust is pasted by hand: {first}"),
            remedy(
                "include it with {{#code PATH ITEM}}; \
                 mark it ```rust,question or ```rust,wrong if it is a question or a counter-example",
            ),
        ));
    }
    if !KINDS.contains(&info) && NOT_RUN.iter().all(|(kind, _)| *kind != info) {
        let what = if info.is_empty() {
            format!("a fence does not say what it is: {first}")
        } else {
            format!("a fence says {info}: {first}")
        };
        return Some((
            what,
            format!("it may say {}; what a command prints is shown with {{{{#output NAME}}}}", KINDS.join(", ")),
        ));
    }
    let is_prompt = |line: &str| line.starts_with("$ ") || line.starts_with("# ~");
    if (info == "text" || info.starts_with("sh")) && text.lines().any(is_prompt) {
        return Some((
            format!("a session at a terminal is written by hand: {first}"),
            remedy("show it with {{#output NAME}}; a command to be typed has no `$ ` before it"),
        ));
    }
    None
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

/// Lines that are hardly anything else.
fn looks_like_rust(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| {
        let starts = ["fn ", "pub fn ", "pub struct ", "impl ", "let mut ", "use std::", "#[derive("]
            .iter()
            .any(|start| line.starts_with(start));
        starts && line.ends_with(['{', ';', '}', ']'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_written_by_hand_passes() {
        for (info, text) in [
            ("sh", "curl http://127.0.0.1:7890\n"),
            ("http", "GET / HTTP/1.1\r\n"),
            ("rust,question", "fn a() {}\n"),
            ("rust,wrong", "let mut a = 1;\n"),
            ("python", "import socket\n"),
        ] {
            assert_eq!(of_fence(info, text), None, "{info}");
        }
    }

    #[test]
    fn pasted_code_and_pasted_output_do_not() {
        for (info, text, what) in [
            ("rust", "a\n", "Rust is pasted"),
            ("rust,ignore", "a\n", "Rust is pasted"),
            ("text", "fn listen() -> io::Result<TcpListener> {\n", "Rust is pasted"),
            ("", "a\n", "does not say what it is"),
            ("console", "$ ls\n", "a fence says console"),
            ("sh", "$ ls\nfile\n", "a session at a terminal"),
        ] {
            let (found, _) = of_fence(info, text).unwrap_or_else(|| panic!("{info}: {text}"));
            assert!(found.contains(what), "{found}");
        }
    }

    #[test]
    fn what_unfolds_ends_in_its_section() {
        let text = "# A\n\n<details><summary>B</summary>\n\nC\n\n## D {#d}\n\n</details>\n";
        let problems = of_chapter(&Chapter::parse(Language::English, "a.md", text));
        let sections: Vec<_> = problems.iter().map(|problem| problem.section.as_str()).collect();
        assert_eq!(sections, ["top", "d"], "{problems:?}");
    }

    #[test]
    fn a_problem_says_where() {
        let chapter = Chapter::parse(Language::English, "a.md", "# A\n\n## B {#b}\n\n    indented\n");
        let problems = of_chapter(&chapter);
        assert_eq!(problems[0].file, "docs/en/a.md");
        assert_eq!(problems[0].section, "b");
        assert!(problems[0].what.contains("by indenting"), "{problems:?}");
    }
}
