//! Directives, replaced by what they stand for.

use std::path::Path;

use crate::chapter::{Chapter, Section};
use crate::directive::{Directive, Table};
use crate::html::{escape, preformatted};
use crate::language::Language;
use crate::outputs::Outputs;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::{code, diff, figure, glossary, measurements, tables};

/// What chapters are expanded with.
pub struct Expander<'a> {
    repository: &'a Repository,
    outputs: Result<Outputs, String>,
}

impl<'a> Expander<'a> {
    /// For the chapters of a repository.
    pub fn new(repository: &'a Repository) -> Expander<'a> {
        Expander { repository, outputs: Outputs::read(repository) }
    }

    /// A chapter as mdBook is to have it. What cannot be shown is a problem, and is seen in its place.
    pub fn expand(&self, chapter: &Chapter) -> (String, Vec<Problem>) {
        let mut problems = Vec::new();
        let text = chapter.with_directives(|section, directive| {
            let html = directive.as_ref().map_err(wrong).and_then(|directive| self.html(directive, chapter.language));
            let html = html.unwrap_or_else(|(what, remedy)| {
                let shown = format!("<p class=\"problem\">{}</p>", escape(&what));
                problems.push(self.problem(chapter, section, what, remedy));
                shown
            });
            format!("\n{html}\n\n")
        });
        // mdBook makes `index.html` of a README, and leaves the links to it.
        (text.replace("](README.md", "](index.md"), problems)
    }

    fn problem(&self, chapter: &Chapter, section: &Section, what: String, remedy: String) -> Problem {
        Problem::new(chapter.path(), section.name(), what, remedy)
    }

    fn html(&self, directive: &Directive, language: Language) -> Result<String, (String, String)> {
        let made = match directive {
            Directive::Code { path, item } => return self.code(path, item.as_deref()),
            Directive::Diff(lesson) => diff::of_lesson(self.repository, lesson, language),
            Directive::Output(name) => {
                self.outputs.as_ref().map_err(String::clone).and_then(|outputs| outputs.html(self.repository, name))
            }
            Directive::Table(Table::Stages) => Ok(tables::stages(language)),
            Directive::Table(Table::Summary) => Ok(tables::summary(language)),
            Directive::Table(Table::Limits(lesson)) => tables::limits(lesson, language),
            Directive::Table(Table::Gains(lesson)) => tables::gains(lesson, language),
            Directive::Table(Table::Measured(name)) => measurements::html(self.repository, name, language),
            Directive::Figure { name, caption } => figure::html(self.repository, name, caption, language),
            Directive::Glossary => glossary::Glossary::read(self.repository).map(|glossary| glossary.html(language)),
        };
        made.map_err(|what| (format!("{directive}: {what}"), remedy(directive)))
    }

    fn code(&self, path: &str, item: Option<&str>) -> Result<String, (String, String)> {
        let text = piece(self.repository, path, item).map_err(|what| {
            let directive = Directive::Code { path: path.to_owned(), item: item.map(str::to_owned) };
            (format!("{directive}: {what}"), remedy(&directive))
        })?;
        let language = language_of(path);
        let item = item.map(|item| format!(" <span class=\"item\">{}</span>", escape(item))).unwrap_or_default();
        Ok(format!(
            "<figure class=\"code\"><figcaption><code>{}</code>{item}</figcaption><pre><code class=\"language-{language}\">{}</code></pre></figure>",
            escape(path),
            preformatted(&text)
        ))
    }
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

/// Whether some target of a crate has this file: it is the root of one, or another file of the crate names it as a module.
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

fn wrong(error: &String) -> (String, String) {
    let remedy = "the directives are listed in ARCHITECTURE.md; each has a line of its own";
    (error.clone(), remedy.to_owned())
}

/// What to do when a directive shows nothing.
fn remedy(directive: &Directive) -> String {
    match directive {
        Directive::Code { .. } => "name a file from the root of the repository, and an item in it such as `fn listen`, `fn Connection::advance`, `impl Drop for Connection`, `test name` or `doc`".to_owned(),
        Directive::Diff(_) => "lessons that come from another are 02 to 08".to_owned(),
        Directive::Output(name) => format!("name an [[output]] of docs/outputs.toml, and let `just outputs {name}` run it"),
        Directive::Table(Table::Measured(_)) => "`just measure` writes docs/measurements.json".to_owned(),
        Directive::Table(_) => "lessons are 01 to 08; gains are against a parent, so not of 01".to_owned(),
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
