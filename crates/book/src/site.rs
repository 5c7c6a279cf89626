//! Both books in one folder: `en/`, `zh/`, and a page that chooses.

use std::fs;
use std::path::Path;

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use serde_json::json;

use crate::expand::Expander;
use crate::html::escape;
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;
use crate::search;

const HOME: &str = include_str!("../assets/home.html");
const STYLE: &str = include_str!("../assets/reader.css");
const SCRIPT: &str = include_str!("../assets/reader.js");
/// What a page shows for the search, to be put where mdBook would put its own.
const SEARCH: &str = include_str!("../assets/search.html");
const BUTTON: &str = include_str!("../assets/search-button.html");

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
    let problems = prepare(repository, language, source.path())?;
    let book = MDBook::load_with_config(source.path(), config(language, out)?);
    book.and_then(|book| book.build()).map_err(|error| format!("cannot build the {language} book: {error:#}"))?;
    finish(language, out)?;
    Ok(problems)
}

/// A folder as mdBook wants it: chapters without directives, a summary of those that are there, a style and a script.
fn prepare(repository: &Repository, language: Language, folder: &Path) -> Result<Vec<Problem>, String> {
    let (chapters, mut problems) = repository.chapters(language);
    let expander = Expander::new(repository);
    let mut summary = String::new();
    fs::create_dir(folder.join("src")).map_err(|error| format!("cannot make a folder: {error}"))?;
    for chapter in &chapters {
        let (text, wrong) = expander.expand(chapter);
        problems.extend(wrong);
        // mdBook serves a README as such, and a folder has an index.
        let file = if chapter.file == "README.md" { "index.md" } else { &chapter.file };
        write(&folder.join("src").join(file), &text)?;
        let title = chapter.sections[0].title.replace(['[', ']'], "");
        summary.push_str(&format!("- [{title}]({file})\n"));
    }
    write(&folder.join("src/SUMMARY.md"), &summary)?;
    write(&folder.join("reader.css"), STYLE)?;
    write(&folder.join("reader.js"), SCRIPT)?;
    Ok(problems)
}

fn config(language: Language, out: &Path) -> Result<Config, String> {
    let mut config = Config::default();
    config.book.title = Some(language.say("One server, many clients", "一个服务器，许多客户端").to_owned());
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
fn finish(language: Language, out: &Path) -> Result<(), String> {
    let mut entries = Vec::new();
    let files = fs::read_dir(out).map_err(|error| format!("cannot read {}: {error}", out.display()))?;
    let mut names: Vec<String> = files.filter_map(|file| file.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    for name in names {
        let path = out.join(&name);
        let is_page = name.ends_with(".html") && name != "toc.html";
        if is_page || name.starts_with("book-") && name.ends_with(".js") {
            let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            if is_page && name != "print.html" {
                entries.extend(search::entries(&name, &text));
            }
            let text = if is_page { with_own_parts(&text, &name, language)? } else { text };
            write(&path, &in_language(text, language))?;
        }
    }
    write(&out.join("search-entries.js"), &search::file(&entries)?)
}

/// A page with the switch to the other language, and with the search.
fn with_own_parts(page: &str, name: &str, language: Language) -> Result<String, String> {
    let twin = language.twin();
    let (label, title) = language.say(("中文", "本页的中文版"), ("English", "This page in English"));
    let switch = format!(
        "<a class=\"language-switch\" id=\"language-switch\" href=\"../{twin}/{}\" \
         hreflang=\"{tag}\" lang=\"{tag}\" title=\"{title}\">{label}</a>",
        escape(name),
        tag = twin.tag()
    );
    let mut page = page.to_owned();
    for (place, text) in [
        ("<div class=\"right-buttons\">", format!("{}{switch}", BUTTON.trim_end())),
        ("<div id=\"mdbook-content\" class=\"content\">", String::new()),
    ] {
        let found =
            page.find(place).ok_or_else(|| format!("mdBook's pages have changed: there is no {place} in {name}"))?;
        let at = if text.is_empty() { found } else { found + place.len() };
        page.insert_str(at, if text.is_empty() { SEARCH } else { &text });
    }
    Ok(page)
}

/// What mdBook and we say on every page, in Chinese.
const WORDS: [(&str, &str); 23] = [
    ("\"Toggle Table of Contents\"", "\"显示或隐藏目录\""),
    ("\"Change theme\"", "\"更换主题\""),
    ("aria-label=\"Themes\"", "aria-label=\"主题\""),
    ("theme-default_theme\">Auto<", "theme-default_theme\">自动<"),
    ("theme-light\">Light<", "theme-light\">浅色<"),
    ("theme-rust\">Rust<", "theme-rust\">锈色<"),
    ("theme-coal\">Coal<", "theme-coal\">炭黑<"),
    ("theme-navy\">Navy<", "theme-navy\">藏青<"),
    ("theme-ayu\">Ayu<", "theme-ayu\">墨绿<"),
    ("\"Print this book\"", "\"打印本书\""),
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
