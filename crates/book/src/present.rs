//! The steps of a lesson for a projector: one page without any other file, a step a screen, with what the chapter says
//! of it, its figure, and what turns green. The notes of whoever speaks are in the same page, and seen in a window of
//! their own.

use std::fmt::Write;

use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};

use tutor::change::Kind;

use crate::chapter::{self, Chapter, Section};
use crate::claims::Claims;
use crate::comments::Comments;
use crate::directive::Directive;
use crate::figure;
use crate::html::{escape, with_code};
use crate::language::Language;
use crate::repository::Repository;
use crate::step::{self, Look};
use crate::steps::{Steps, name};
use crate::twins;

const STYLE: &str = include_str!("../assets/present.css");
const SCRIPT: &str = include_str!("../assets/present.js");

/// The page of a lesson, by its two digits. An error says what is not there.
pub fn page(repository: &Repository, lesson: &str, language: Language) -> Result<String, String> {
    let steps = Steps::load(repository, lesson)?;
    let (chapters, _) = repository.chapters(language);
    let file = format!("lesson-{lesson}.md");
    let chapter = chapters.into_iter().find(|chapter| chapter.file == file);
    let chapter = chapter.ok_or_else(|| format!("there is no docs/{language}/{file}"))?;
    // With the figures that are measured in their places.
    let (text, _) = Claims::read(repository).expand(&chapter.text, language);
    let chapter = Chapter::parse(language, &file, &text);
    let comments = Comments::read(repository)?;
    let title = &chapter.sections[0].title;
    let mut screens = opening(repository, &steps, &chapter)?;
    for number in 1..=steps.count() {
        screens.push_str(&screen(repository, &comments, &steps, &chapter, number)?);
    }
    let help = language.say(
        "← → steps · ↑ ↓ scroll · n notes here · s notes in a window · f full screen",
        "← → 换步 · ↑ ↓ 滚动 · n 在此显示讲稿 · s 另开窗口显示讲稿 · f 全屏",
    );
    let next = language.say("next: ", "下一步：");
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n<body data-next=\"{next}\">\n{screens}\
         <footer><span id=\"place\"></span><span class=\"help\">{help}</span></footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        language.tag(),
        title = escape(title),
    ))
}

/// The first screen: the lesson, its figure, and the steps.
fn opening(repository: &Repository, steps: &Steps, chapter: &Chapter) -> Result<String, String> {
    let language = chapter.language;
    let idea = chapter.section("idea");
    let figures = idea.map_or(Ok(String::new()), |section| figures(repository, section, language))?;
    let list = (1..=steps.count()).map(|number| {
        let (_, step) = steps.step(&number.to_string())?;
        let minutes = step.minutes;
        let takes = language.say(format!("{minutes} min"), format!("{minutes} 分钟"));
        let name = with_code(name(step, language));
        Ok(format!("<li><a href=\"#{number}\">{name}</a> <span>{takes}</span></li>"))
    });
    let list: String = list.collect::<Result<String, String>>()?;
    let notes = ["goals", "trouble", "idea"].into_iter().filter_map(|id| chapter.section(id));
    let notes: String = notes.map(|section| prose(chapter.text_of(section), language)).collect();
    Ok(format!(
        "<section id=\"0\"><header><h1>{}</h1></header><main><div class=\"opening\"><ol>{list}</ol></div>\
         <aside>{figures}</aside></main><div class=\"notes\">{notes}</div></section>\n",
        escape(&chapter.sections[0].title)
    ))
}

/// One step.
fn screen(
    repository: &Repository,
    comments: &Comments,
    steps: &Steps,
    chapter: &Chapter,
    number: usize,
) -> Result<String, String> {
    let language = chapter.language;
    let (_, step) = steps.step(&number.to_string())?;
    let counts = step::counted(&steps.change(number).counts(&step.whole), language);
    let change = step::shown_change(steps, number, language, comments);
    let (lesson, count, minutes) = (steps.lesson(), steps.count(), step.minutes);
    let which = language.say(
        format!("Lesson {lesson} · step {number} of {count}"),
        format!("第 {lesson} 课 · 第 {number} 步，共 {count} 步"),
    );
    let takes = language.say(format!("{minutes} min"), format!("{minutes} 分钟"));
    // What only comments change in comes last.
    let mut files: Vec<_> = change.files.iter().collect();
    files.sort_by_key(|file| file.lines.iter().all(|line| line.kind == Kind::Same || line.is_comment()));
    let files = files.into_iter();
    let mut code: String =
        files.map(|file| step::of_file(file, step.whole.contains(&file.path), language, Look::Coloured)).collect();
    code.push_str(&step::legend(&change, language));
    let section = chapter.section(&format!("step-{number}"));
    let text = section.map_or("", |section| chapter.text_of(section));
    let (before, after) = text.split_once("{{#step").unwrap_or((text, ""));
    let after = after.split_once('\n').map_or("", |(_, rest)| rest);
    let figures = section.map_or(Ok(String::new()), |section| figures(repository, section, language))?;
    let mut notes = prose(after, language);
    if !step.hints.is_empty() {
        let title = language.say("Hints, one after another", "提示，逐条给出");
        let hints = step.hints.iter().map(|hint| format!("<li>{}</li>", with_code(language.say(&hint.en, &hint.zh))));
        let _ = write!(notes, "<p><b>{title}</b></p><ol>{}</ol>", hints.collect::<String>());
    }
    let commands = step::commands(lesson, &number.to_string(), language);
    let _ = write!(notes, "<pre>{}</pre>", escape(commands.trim_end()));
    Ok(format!(
        "<section id=\"{number}\"><header><h1>{}</h1><p><b>{which}</b> <span>{takes}</span> <span>{counts}</span></p></header>\
         <main><figure class=\"step\" tabindex=\"0\">{code}</figure>\
         <aside><div class=\"idea\">{}</div>{figures}{}</aside></main><div class=\"notes\">{notes}</div></section>\n",
        with_code(name(step, language)),
        prose(before, language),
        step::verdict(step, language)
    ))
}

/// The figures of a section.
fn figures(repository: &Repository, section: &Section, language: Language) -> Result<String, String> {
    let mut shown = String::new();
    for directive in section.directives() {
        if let Directive::Figure { name, caption } = directive {
            shown.push_str(&figure::html(repository, name, caption, language)?);
        }
    }
    Ok(shown)
}

/// Paragraphs and lists, without headings, minutes, directives, and where links lead: there is no book beside this
/// page.
fn prose(markdown: &str, language: Language) -> String {
    let is_text = |line: &&str| !line.starts_with("{{#") && !line.starts_with('#') && !is_minutes(line);
    let markdown = markdown.lines().filter(is_text).collect::<Vec<_>>().join("\n");
    let mut html = String::new();
    let mut in_html = 0;
    for (event, _) in chapter::events(&markdown) {
        match event {
            // What unfolds: answers, which are for later.
            Event::Html(tag) | Event::InlineHtml(tag) => {
                in_html += tag.matches("<details").count();
                in_html = in_html.saturating_sub(tag.matches("</details").count());
            }
            _ if in_html > 0 => {}
            Event::Text(text) => html.push_str(&escape(&text)),
            Event::Code(code) => {
                let _ = write!(html, "<code>{}</code>", escape(&code));
            }
            Event::SoftBreak if language == Language::Chinese => {}
            Event::SoftBreak | Event::HardBreak => html.push(' '),
            Event::Start(tag) => html.push_str(opened(&tag)),
            Event::End(tag) => html.push_str(closed(tag)),
            _ => {}
        }
    }
    html
}

fn is_minutes(line: &str) -> bool {
    let inner = line.trim().strip_prefix('*').and_then(|rest| rest.strip_suffix('*'));
    inner.and_then(twins::minutes_in).is_some()
}

fn opened(tag: &Tag) -> &'static str {
    match tag {
        Tag::Paragraph => "<p>",
        Tag::List(Some(_)) => "<ol>",
        Tag::List(None) => "<ul>",
        Tag::Item => "<li>",
        Tag::Emphasis => "<em>",
        Tag::Strong => "<strong>",
        Tag::CodeBlock(_) => "<pre>",
        _ => "",
    }
}

fn closed(tag: TagEnd) -> &'static str {
    match tag {
        TagEnd::Paragraph => "</p>",
        TagEnd::List(true) => "</ol>",
        TagEnd::List(false) => "</ul>",
        TagEnd::Item => "</li>",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        TagEnd::CodeBlock => "</pre>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_what_a_speaker_says() {
        let text = "### {#step-2}\n\n*5 min*\n\nSee [there](a.md), *not* `x<y>`\nnow.\n\n{{#figure a b}}\n\n- one\n\n\
                    <details><summary>Hint</summary>\n\nhidden\n\n</details>\n\nlast\n";
        let expected = "<p>See there, <em>not</em> <code>x&lt;y&gt;</code> now.</p><ul><li>one</li></ul><p>last</p>";
        assert_eq!(prose(text, Language::English), expected);
        assert_eq!(prose("一\n二", Language::Chinese), "<p>一二</p>");
    }

    #[test]
    fn each_lesson_with_steps_has_a_screen_for_each() {
        let repository = Repository::here();
        for language in Language::ALL {
            let page = page(&repository, "07", language).unwrap();
            let count = Steps::load(&repository, "07").unwrap().count();
            assert_eq!(page.matches("<section id=").count(), count + 1);
            // Nothing of it is elsewhere.
            assert!(!page.contains("src=\"") && !page.contains("href=\"http") && !page.contains("url(http"));
            assert!(!page.contains("{{"), "what stands for something else is left");
            for part in ["<ins", "<i class=\"k\">", "class=\"verdict\"", "<svg", "class=\"notes\""] {
                assert!(page.contains(part), "no {part}");
            }
            let without_idea = page.matches("<div class=\"idea\"></div>").count();
            assert_eq!(without_idea, 0, "a step of which the chapter says nothing before it is shown");
        }
    }

    #[test]
    fn a_lesson_without_steps_is_named() {
        let repository = Repository::here();
        assert!(page(&repository, "01", Language::English).unwrap_err().contains("01"));
        assert!(page(&repository, "12", Language::English).unwrap_err().contains("12"));
    }
}
