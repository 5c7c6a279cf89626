//! `docs/syllabus.md`: every row of the syllabus, with the sections of the books that explain it.

use regex::Regex;

use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;

const FILE: &str = "docs/syllabus.md";

/// Rows without a place in the books, and places that are not there.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let text = match repository.read(FILE) {
        Ok(text) => text,
        Err(error) => {
            return vec![Problem::new(
                FILE,
                "",
                error,
                "write a table: a row for each topic, with `chapter.md#section` in its last cell",
            )];
        }
    };
    let place = Regex::new(r"([a-z0-9-]+|README)\.md(?:#([a-z0-9-]+))?").expect("a constant");
    let books = Language::ALL.map(|language| (language, repository.chapters(language).0));
    let mut problems = Vec::new();
    let mut heading = String::new();
    for line in text.lines() {
        heading = line.strip_prefix("## ").map_or(heading, |title| title.trim().to_owned());
        if !is_row(line) {
            continue;
        }
        let (cells, last) = line.trim().trim_matches('|').rsplit_once('|').unwrap_or((line, ""));
        let first = cells.trim();
        let mut problem = |what: String| {
            problems.push(Problem::new(
                FILE,
                heading.clone(),
                what,
                "name where both books explain it: `tcp.md#backlog`",
            ))
        };
        if !place.is_match(last) {
            problem(format!("\"{first}\" has no place in the books"));
        }
        for found in place.captures_iter(last) {
            for (language, chapters) in &books {
                let Some(chapter) = chapters.iter().find(|chapter| chapter.file == format!("{}.md", &found[1])) else {
                    problem(format!("\"{first}\": there is no docs/{language}/{}.md", &found[1]));
                    continue;
                };
                if let Some(id) = found.get(2).filter(|id| chapter.section(id.as_str()).is_none()) {
                    problem(format!("\"{first}\": {} has no section #{}", chapter.path(), id.as_str()));
                }
            }
        }
    }
    problems
}

/// A row of a table that is neither its head nor the line below that. The head says `where` in its last cell.
fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('|') && !line.starts_with("|---") && !line.trim_end_matches('|').trim_end().ends_with("where")
}
