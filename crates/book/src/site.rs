//! Both books in one folder: `en/`, `zh/`, and a page that chooses.

use std::fs;
use std::path::Path;

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use serde_json::json;

use crate::chapter::Chapter;
use crate::expand::Expander;
use crate::language::Language;
use crate::page::{self, WHOLE};
use crate::problem::Problem;
use crate::repository::Repository;
use crate::search;

const HOME: &str = include_str!("../assets/home.html");
const STYLE: &str = include_str!("../assets/reader.css");
const SCRIPT: &str = include_str!("../assets/reader.js");

/// Builds both books. What could not be shown is returned, and is marked on its page.
pub fn build(repository: &Repository, out: &Path) -> Result<Vec<Problem>, String> {
    let mut problems = Vec::new();
    for language in Language::ALL {
        problems.extend(build_language(repository, language, &out.join(language.folder()))?);
    }
    write(&out.join("index.html"), HOME)?;
    Ok(problems)
}

fn build_language(repository: &Repository, language: Language, out: &Path) -> Result<Vec<Problem>, String> {
    let source = tempfile::tempdir().map_err(|error| format!("cannot make a folder: {error}"))?;
    let (summary, problems) = prepare(repository, language, source.path())?;
    let book = MDBook::load_with_config(source.path(), config(language, out)?);
    book.and_then(|book| book.build()).map_err(|error| format!("cannot build the {language} book: {error:#}"))?;
    finish(language, &summary, out)?;
    Ok(problems)
}

/// A folder as mdBook wants it: chapters without directives, a summary of those that are there, a style and a script.
/// Gives the summary.
fn prepare(repository: &Repository, language: Language, folder: &Path) -> Result<(String, Vec<Problem>), String> {
    let (chapters, mut problems) = repository.chapters(language);
    let expander = Expander::new(repository);
    for inside in ["src", "theme/fonts"] {
        fs::create_dir_all(folder.join(inside)).map_err(|error| format!("cannot make a folder: {error}"))?;
    }
    for chapter in &chapters {
        let (text, wrong) = expander.expand(chapter);
        problems.extend(wrong);
        write(&folder.join("src").join(file_of(chapter)), &text)?;
    }
    let summary = summary(&repository.read(format!("docs/{language}/SUMMARY.md")).unwrap_or_default(), &chapters);
    write(&folder.join("src/SUMMARY.md"), &summary)?;
    // mdBook would add its own letters; those of the home page are on the reader's machine.
    write(&folder.join("theme/fonts/fonts.css"), "/* none */\n")?;
    write(&folder.join("reader.css"), STYLE)?;
    write(&folder.join("reader.js"), SCRIPT)?;
    Ok((summary, problems))
}

/// The parts of the book, and in each the chapters that are there, by their titles.
fn summary(text: &str, chapters: &[Chapter]) -> String {
    // The first heading is that of the summary.
    let heading = text.lines().find(|line| line.starts_with("# "));
    let mut summary = String::new();
    for line in text.lines().filter(|line| Some(*line) != heading) {
        let file = line.split_once("](").and_then(|(_, rest)| rest.split_once(')')).map(|(file, _)| file);
        let chapter = chapters.iter().find(|chapter| Some(chapter.file.as_str()) == file);
        if let Some(chapter) = chapter {
            let title = chapter.sections[0].title.replace(['[', ']'], "");
            summary.push_str(&format!("- [{title}]({})\n", file_of(chapter)));
        } else if line.starts_with("# ") {
            summary.push_str(&format!("\n{line}\n\n"));
        }
    }
    summary
}

/// mdBook serves a README as such, and a folder has an index.
fn file_of(chapter: &Chapter) -> &str {
    if chapter.file == "README.md" { "index.md" } else { &chapter.file }
}

fn config(language: Language, out: &Path) -> Result<Config, String> {
    let mut config = Config::default();
    config.book.title = Some(page::title(language).to_owned());
    config.book.language = Some(language.tag().to_owned());
    config.build.build_dir =
        std::path::absolute(out).map_err(|error| format!("cannot tell where {} is: {error}", out.display()))?;
    config.build.create_missing = false;
    config.build.use_default_preprocessors = false;
    let html = json!({
        "default-theme": "light",
        "preferred-dark-theme": "navy",
        // Straight quotation marks become curly ones, which is right in English only.
        "smart-punctuation": language == Language::English,
        "no-section-label": true,
        "additional-css": ["reader.css"],
        "additional-js": ["reader.js"],
        "input-404": "",
        "playground": { "runnable": false, "copy-js": false },
    });
    config.set("output.html", html).map_err(|error| format!("mdBook does not take its settings: {error}"))?;
    Ok(config)
}

/// What mdBook does not do: the other language, a search that knows Chinese, its own words in Chinese.
fn finish(language: Language, summary: &str, out: &Path) -> Result<(), String> {
    let mut entries = Vec::new();
    let files = fs::read_dir(out).map_err(|error| format!("cannot read {}: {error}", out.display()))?;
    let mut names: Vec<String> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let path = out.join(&name);
        let is_page = name.ends_with(".html") && name != "toc.html";
        if is_page || name.starts_with("book-") && name.ends_with(".js") {
            let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            if is_page && name != WHOLE {
                entries.extend(search::entries(&name, &text));
            }
            let text = if name == WHOLE { page::with_contents(&text, summary, language)? } else { text };
            let text = if is_page { page::with_own_parts(&text, &name, language)? } else { text };
            write(&path, &in_language(text, language))?;
        }
    }
    write(&out.join("search-entries.js"), &search::file(&entries)?)
}

/// What mdBook and we say on every page, in Chinese.
const WORDS: [(&str, &str); 20] = [
    ("\"Toggle Table of Contents\"", "\"显示或隐藏目录\""),
    ("\"Change theme\"", "\"更换主题\""),
    ("aria-label=\"Themes\"", "aria-label=\"主题\""),
    (">Auto<", ">自动<"),
    (">Light<", ">浅色<"),
    (">Dark<", ">深色<"),
    ("\"The whole book on one page\"", "\"单页版全书\""),
    ("\"Previous chapter\"", "\"上一章\""),
    ("\"Next chapter\"", "\"下一章\""),
    ("\"Page navigation\"", "\"翻页\""),
    ("\"Table of contents\"", "\"目录\""),
    (">Keyboard shortcuts<", ">键盘快捷键<"),
    (
        "Press <kbd>←</kbd> or <kbd>→</kbd> to navigate between chapters",
        "按 <kbd>←</kbd> 或 <kbd>→</kbd> 翻到上一章或下一章",
    ),
    ("Press <kbd>?</kbd> to show this help", "按 <kbd>?</kbd> 显示这份帮助"),
    ("Press <kbd>Esc</kbd> to hide this help", "按 <kbd>Esc</kbd> 收起这份帮助"),
    ("\"Search (`/`)\" aria-label=\"Search\"", "\"搜索 (`/`)\" aria-label=\"搜索\""),
    (
        "placeholder=\"Search this book\" aria-label=\"Search this book\"",
        "placeholder=\"搜索本书\" aria-label=\"搜索本书\"",
    ),
    ("data-none=\"Nothing found.\" data-some=\"sections found\"", "data-none=\"没有找到。\" data-some=\"节\""),
    ("Copy to clipboard", "复制到剪贴板"),
    ("Copied!", "已复制"),
];

fn in_language(text: String, language: Language) -> String {
    match language {
        Language::English => text,
        Language::Chinese => WORDS.iter().fold(text, |text, (english, chinese)| text.replace(english, chinese)),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// The words of mdBook that are not there any more, and would stay English in the Chinese book.
pub fn lost_words(english_book: &Path) -> Result<Vec<&'static str>, String> {
    let files =
        fs::read_dir(english_book).map_err(|error| format!("cannot read {}: {error}", english_book.display()))?;
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let text: String = paths.filter_map(|path| fs::read_to_string(path).ok()).collect();
    Ok(WORDS.iter().map(|(english, _)| *english).filter(|english| !text.contains(english)).collect())
}
