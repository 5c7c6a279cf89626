//! Directives, replaced by what they stand for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use regex::{Captures, Regex};

use crate::chapter::{self, Chapter, Section};
use crate::claims::{self, Claims};
use crate::comments::Comments;
use crate::directive::{Directive, Table};
use crate::glosses::Glosses;
use crate::html::{escape, preformatted};
use crate::language::Language;
use crate::outputs::Outputs;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::steps::Steps;
use crate::typed::NOT_RUN;
use crate::{code, figure, glossary, measurements, sessions, step, tables};

/// What chapters are expanded with.
pub struct Expander<'a> {
    repository: &'a Repository,
    outputs: Result<Outputs, String>,
    claims: Claims,
    comments: Comments,
    glosses: Glosses,
    /// Of each lesson, once it was asked for: to apply all patches takes a moment.
    steps: RefCell<BTreeMap<String, Result<Rc<Steps>, String>>>,
}

impl<'a> Expander<'a> {
    /// For the chapters of a repository.
    pub fn new(repository: &'a Repository) -> Expander<'a> {
        Expander {
            repository,
            outputs: Outputs::read(repository),
            claims: Claims::read(repository),
            comments: Comments::read(repository).unwrap_or_default(),
            glosses: Glosses::read(repository).unwrap_or_default(),
            steps: RefCell::default(),
        }
    }

    /// A chapter as mdBook is to have it. What cannot be shown is a problem, and is seen in its place.
    pub fn expand(&self, chapter: &Chapter) -> (String, Vec<Problem>) {
        let mut problems = Vec::new();
        let text = chapter.with_directives(|section, line, directive| {
            let html = directive
                .as_ref()
                .map_err(|error| wrong(error))
                .and_then(|directive| self.html(directive, chapter.language));
            let html = html.unwrap_or_else(|(what, remedy)| {
                let shown = format!("<p class=\"problem\">{}</p>", escape(&what));
                problems.push(self.problem(chapter, section, format!("line {line}: {what}"), remedy));
                shown
            });
            format!("\n{html}\n\n")
        });
        problems.extend(claims::of_chapter(&self.claims, chapter));
        let (text, _) = self.claims.expand(&text, chapter.language);
        let text = self.with_step_titles(&text, chapter);
        // mdBook makes `index.html` of a README, and leaves the links to it.
        let text = with_minutes(&text.replace("](README.md", "](index.md"));
        let text = NOT_RUN.iter().fold(text, |text, (kind, _)| text.replace(&format!("```{kind}\n"), "```sh\n"));
        match chapter.language {
            Language::English => (text, problems),
            Language::Chinese => (without_soft_breaks(&text), problems),
        }
    }

    fn problem(&self, chapter: &Chapter, section: &Section, what: String, remedy: String) -> Problem {
        Problem::new(chapter.path(), section.name(), what, remedy)
    }

    /// The steps of a lesson, with all patches applied.
    fn steps(&self, lesson: &str) -> Result<Rc<Steps>, String> {
        let mut all = self.steps.borrow_mut();
        let steps = all.entry(lesson.to_owned());
        steps.or_insert_with(|| Steps::load(self.repository, lesson).map(Rc::new)).clone()
    }

    /// `### {#step-2}` with the name of the step that stands below it.
    fn with_step_titles(&self, text: &str, chapter: &Chapter) -> String {
        let headings = Regex::new(r"(?m)^(#+) (\{#(step-[0-9]+)\})$").expect("a constant");
        let title = |id: &str| {
            let mut directives = chapter.section(id)?.directives();
            let (lesson, number) = directives.find_map(|directive| match directive {
                Directive::Step { lesson, number } => Some((lesson, number)),
                _ => None,
            })?;
            step::title(self.steps(lesson).ok()?.as_ref(), number, chapter.language).ok()
        };
        let with_title = |heading: &Captures<'_>| match title(&heading[3]) {
            Some(title) => format!("{} {title} {}", &heading[1], &heading[2]),
            None => heading[0].to_owned(),
        };
        headings.replace_all(text, with_title).into_owned()
    }

    fn html(&self, directive: &Directive, language: Language) -> Result<String, (String, String)> {
        let made = match directive {
            Directive::Code { path, item } => return self.code(path, item.as_deref(), language),
            Directive::Step { lesson, number } => {
                self.steps(lesson).and_then(|steps| step::html(&steps, number, language, &self.comments))
            }
            Directive::Output(name) => self
                .outputs
                .as_ref()
                .map_err(String::clone)
                .and_then(|outputs| outputs.html(self.repository, name, language, &self.glosses)),
            Directive::Table(Table::Stages) => Ok(tables::stages(language)),
            Directive::Table(Table::Summary) => Ok(tables::summary(language)),
            Directive::Table(Table::Limits(lesson)) => tables::limits(lesson, language),
            Directive::Table(Table::Gains(lesson)) => tables::gains(lesson, language),
            Directive::Table(Table::Steps(lesson)) => self.steps(lesson).map(|steps| steps.table(language)),
            Directive::Table(Table::Sessions(minutes)) => sessions::table(self.repository, *minutes, language),
            Directive::Table(Table::Measured(name)) => measurements::html(self.repository, name, language),
            Directive::Figure { name, caption } => figure::html(self.repository, name, caption, language),
            Directive::Glossary => glossary::Glossary::read(self.repository).map(|glossary| glossary.html(language)),
        };
        made.map_err(|what| (format!("{directive}: {what}"), remedy(directive)))
    }

    fn code(&self, path: &str, item: Option<&str>, chapter: Language) -> Result<String, (String, String)> {
        let text = piece(self.repository, path, item).map_err(|what| {
            let directive = Directive::Code { path: path.to_owned(), item: item.map(str::to_owned) };
            (format!("{directive}: {what}"), remedy(&directive))
        })?;
        let language = language_of(path);
        let text =
            if chapter == Language::Chinese && language == "rust" { self.comments.in_chinese(&text) } else { text };
        let item = item.map(|item| format!(" <span class=\"item\">{}</span>", escape(item))).unwrap_or_default();
        Ok(format!(
            "<figure class=\"code\"><figcaption><code>{}</code>{item}</figcaption>\
             <pre><code class=\"language-{language}\">{}</code></pre></figure>",
            escape(path),
            preformatted(&text)
        ))
    }
}

/// With lines such as `*5 min*` as what they are: how long a section takes, and no emphasis.
fn with_minutes(text: &str) -> String {
    let minutes = Regex::new(r"(?m)^\*([0-9]+ (?:min|分钟))\*$").expect("a constant");
    minutes.replace_all(text, "<p class=\"minutes\">$1</p>").into_owned()
}

/// A line that ends within a Chinese sentence: HTML would make a space of it, and Chinese has none.
fn without_soft_breaks(text: &str) -> String {
    let is_wide = |character: Option<char>| {
        character.is_some_and(|c| {
            ('\u{2e80}'..'\u{a000}').contains(&c) || ('\u{ff00}'..'\u{ffef}').contains(&c) || "“”‘’—…".contains(c)
        })
    };
    let mut joined = String::new();
    let mut done = 0;
    for place in chapter::soft_breaks(text) {
        let (before, after) = (text[..place].trim_end(), text[place..].trim_start());
        if is_wide(before.chars().last()) && is_wide(after.chars().next()) {
            joined.push_str(&text[done..before.len()]);
            done = text.len() - after.len();
        }
    }
    joined.push_str(&text[done..]);
    joined
}

/// The text that `{{#code PATH ITEM}}` stands for.
pub fn piece(repository: &Repository, path: &str, item: Option<&str>) -> Result<String, String> {
    let text = repository.read(path)?;
    let is_rust = Path::new(path).extension().is_some_and(|extension| extension == "rs");
    if is_rust && !is_compiled(repository, path) {
        return Err(format!("{path} belongs to no crate, so nobody compiles it"));
    }
    match item {
        None => Ok(text.trim_end().to_owned()),
        Some(item) if is_rust => code::item(&text, item),
        Some(item) => Err(format!("{path} is not Rust, so there is no {item} in it")),
    }
}

/// Whether some target of a crate has this file: it is the root of one, or another file of the crate names it as a
/// module.
fn is_compiled(repository: &Repository, path: &str) -> bool {
    let path = Path::new(path);
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let Some(folder) = path.parent() else { return false };
    let Some(package) = folder.ancestors().find(|folder| repository.path(folder).join("Cargo.toml").is_file()) else {
        return false;
    };
    let inside = folder.strip_prefix(package).unwrap_or(folder);
    let is_root = match inside.to_str() {
        Some("src") => stem == "main" || stem == "lib",
        Some("tests" | "examples" | "benches" | "src/bin") => true,
        _ => stem == "main" && inside.starts_with("src/bin"),
    };
    let name = if stem == "mod" { folder.file_name().and_then(|name| name.to_str()).unwrap_or_default() } else { stem };
    let declares = |folder: &Path| {
        repository.files(folder, "rs").iter().any(|file| {
            let text = repository.read(folder.join(file)).unwrap_or_default();
            text.lines().any(|line| {
                line.trim()
                    .strip_suffix(&format!("mod {name};"))
                    .is_some_and(|before| before.is_empty() || before.starts_with("pub"))
            })
        })
    };
    is_root || declares(folder) || folder.parent().is_some_and(declares)
}

fn language_of(path: &str) -> &'static str {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("rs") => "rust",
        Some("toml") => "toml",
        Some("js" | "mjs") => "javascript",
        Some("html" | "svg") => "xml",
        Some("css") => "css",
        Some("sh") => "bash",
        Some("json") => "json",
        Some("py") => "python",
        _ => "plaintext",
    }
}

fn wrong(error: &str) -> (String, String) {
    let remedy = "the directives are listed in ARCHITECTURE.md; each has a line of its own";
    (error.to_owned(), remedy.to_owned())
}

/// What to do when a directive shows nothing.
fn remedy(directive: &Directive) -> String {
    match directive {
        Directive::Code { .. } => {
            "name a file from the root of the repository, and an item in it such as `fn listen`, \
                                   `fn Connection::advance`, `impl Drop for Connection`, `test name` or `doc`"
                .to_owned()
        }
        Directive::Step { lesson, .. } | Directive::Table(Table::Steps(lesson)) => {
            format!("name a lesson and a step in it, as in {{{{#step 03 2}}}}; `just diff {lesson}` shows them")
        }
        Directive::Output(name) => {
            format!("name an [[output]] of docs/outputs.toml, and let `just outputs {name}` run it")
        }
        Directive::Table(Table::Sessions(_)) => {
            "the minutes stand below the headings of the lessons: *10 min*; none may be longer than a session"
                .to_owned()
        }
        Directive::Table(Table::Measured(_)) => "docs/measurements.json is the record of a run of the lab".to_owned(),
        Directive::Table(_) => "lessons are 01 to 11; gains are against a parent, so not of 01".to_owned(),
        Directive::Figure { .. } => "draw it with a <g lang=\"en\"> and a <g lang=\"zh\">".to_owned(),
        Directive::Glossary => "the terms stand in docs/glossary.toml".to_owned(),
    }
}

/// What is wrong with the directives of a chapter.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let expander = Expander::new(repository);
    let chapters = Language::ALL.into_iter().flat_map(|language| repository.chapters(language).0);
    chapters.flat_map(|chapter| expander.expand(&chapter).1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_end_within_a_chinese_sentence() {
        let text = "# 题\n\n花费，\n取决于\n  多少。\nRust 也\nis 这样\n\n- 一\n- 二\n\n```sh\n一\n二\n```\n";
        let joined = "# 题\n\n花费，取决于多少。\nRust 也\nis 这样\n\n- 一\n- 二\n\n```sh\n一\n二\n```\n";
        assert_eq!(without_soft_breaks(text), joined);
    }

    #[test]
    fn minutes_are_no_emphasis() {
        assert_eq!(
            with_minutes("## A\n\n*5 min*\n\n*10 分钟*\n\nB *5 min*\n"),
            "## A\n\n<p class=\"minutes\">5 min</p>\n\n<p class=\"minutes\">10 分钟</p>\n\nB *5 min*\n"
        );
    }

    #[test]
    fn a_rust_file_is_one_that_is_compiled() {
        let repository = Repository::here();
        for path in [
            "crates/lesson-05-nonblocking-list/src/main.rs",
            "crates/lesson-05-nonblocking-list/src/connection.rs",
            "tests/src/cases/host.rs",
            "tests/src/bin/check/main.rs",
        ] {
            assert!(is_compiled(&repository, path), "{path}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("src")).expect("a folder");
        for (path, text) in [
            ("Cargo.toml", ""),
            ("src/main.rs", "pub(crate) mod told;\n// mod untold;\n"),
            ("src/told.rs", ""),
            ("src/untold.rs", ""),
        ] {
            std::fs::write(folder.path().join(path), text).expect("a file");
        }
        let repository = Repository::at(folder.path());
        assert!(is_compiled(&repository, "src/told.rs"));
        assert!(!is_compiled(&repository, "src/untold.rs"));
        assert!(piece(&repository, "src/untold.rs", None).is_err());
    }
}
