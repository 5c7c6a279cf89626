//! The tables of the suite, in either language, as one line of HTML.

use std::fmt::Write;

use http_suite::stages::{COUNT, LESSONS, Mark, PARENTS, Stage, Symptom, row};
use http_suite::{Both, Case, Group, cases};

use crate::html::{self, escape};
use crate::language::Language;

/// All cases, group by group, with their marks and what the marks mean.
pub fn stages(language: Language) -> String {
    let mut body = String::new();
    for group in Group::ALL {
        let rows: Vec<_> = of(group).collect();
        if !rows.is_empty() {
            let about = about(group, language);
            let columns = 1 + COUNT;
            let _ = write!(body, "<tr><th colspan=\"{columns}\" scope=\"rowgroup\">{}</th></tr>", escape(&about));
            body.extend(rows.into_iter().map(|(case, marks)| marked(case.name, marks)));
        }
    }
    format!("{}{}", table(&body, language), legend(language))
}

/// For each group how many of its cases each lesson passes; then each case that is a proved limit of some lesson.
pub fn summary(language: Language) -> String {
    let mut body = String::new();
    for group in Group::ALL.into_iter().filter(|group| of(*group).next().is_some()) {
        let cells: String = (0..LESSONS.len()).map(|lesson| format!("<td>{}</td>", passed(group, lesson))).collect();
        let _ = write!(body, "<tr><th scope=\"row\">{}</th>{cells}</tr>", escape(&about(group, language)));
    }
    let limits = cases::all().filter_map(|case| Some((case, row(case.name)?)));
    let limits = limits.filter(|(_, marks)| marks.iter().any(|mark| matches!(mark, Mark::Fails(_))));
    body.extend(limits.map(|(case, marks)| marked(case.name, marks)));
    format!("{}{}", table(&body, language), legend(language))
}

/// What the suite proves that a lesson cannot do yet.
pub fn limits(lesson: &str, language: Language) -> Result<String, String> {
    let stage = stage(lesson)?;
    let rows = cases::all().filter_map(|case| match stage.mark(case.name) {
        Mark::Fails(symptom) => Some((case.name, symptom)),
        _ => None,
    });
    let rows: String = rows
        .map(|(name, symptom)| {
            let (letter, text) = (symptom.letter(), seen(symptom, language));
            format!("<tr><td><code>{name}</code></td><td><code>{letter}</code> {text}</td></tr>")
        })
        .collect();
    if rows.is_empty() {
        return Ok(paragraph(
            language.say("No case of the suite is a limit of this lesson.", "测试套件里没有哪个用例是这一课做不到的。"),
        ));
    }
    let (case, what) = language.say(("case", "what is seen"), ("用例", "看到的现象"));
    Ok(html::table("cases", &format!("<th>{case}</th><th>{what}</th>"), &rows))
}

/// What a lesson can do that its parent could not: proved limits first, then what was no question before.
pub fn gains(lesson: &str, language: Language) -> Result<String, String> {
    let (stage, before) = (stage(lesson)?, self::stage(parent(lesson)?)?);
    let passes = || cases::all().filter(|case| stage.mark(case.name) == Mark::Passes);
    let lifted: String = passes()
        .filter_map(|case| match before.mark(case.name) {
            Mark::Fails(symptom) => Some((case.name, symptom)),
            _ => None,
        })
        .map(|(name, symptom)| format!("<tr><td><code>{name}</code></td><td>{}</td></tr>", seen(symptom, language)))
        .collect();
    let new: Vec<&Case> = passes().filter(|case| before.mark(case.name) == Mark::DoesNotApply).collect();
    let mut page = String::new();
    if !lifted.is_empty() {
        let case = language.say("case", "用例");
        let seen = language.say(format!("in lesson {before}"), format!("第 {before} 课里"));
        page.push_str(&html::table("cases", &format!("<th>{case}</th><th>{seen}</th>"), &lifted));
    }
    if !new.is_empty() {
        let title = language.say(
            format!("{} cases that did not apply to lesson {before}", new.len()),
            format!("对第 {before} 课不适用、现在通过的 {} 个用例", new.len()),
        );
        let items: String = new.iter().map(|case| format!("<li><code>{}</code></li>", case.name)).collect();
        let _ = write!(page, "<details><summary>{title}</summary><ul>{items}</ul></details>");
    }
    if page.is_empty() {
        page = paragraph(language.say(
            "No case of the suite that its parent did not pass.",
            "测试套件里没有哪个用例是上一课通不过、这一课通过的。",
        ));
    }
    Ok(page)
}

/// The lesson that a lesson comes from.
fn parent(lesson: &str) -> Result<&'static str, String> {
    let parent = PARENTS.iter().find(|(child, _)| *child == lesson);
    parent.map(|(_, parent)| *parent).ok_or_else(|| format!("there is no lesson {lesson} that comes from another"))
}

fn stage(lesson: &str) -> Result<Stage, String> {
    let stage = Stage::from_name(lesson).filter(|stage| stage.to_string() == lesson);
    stage.ok_or_else(|| format!("there is no lesson {lesson}"))
}

fn paragraph(text: &str) -> String {
    format!("<p>{text}</p>")
}

fn table(body: &str, language: Language) -> String {
    let numbers: String = LESSONS.iter().map(|(number, _)| format!("<th scope=\"col\">{number}</th>")).collect();
    html::table("stages", &format!("<th scope=\"col\">{}</th>{numbers}", language.say("case", "用例")), body)
}

fn marked(name: &str, marks: [Mark; COUNT]) -> String {
    let cells: String = marks.iter().map(|mark| format!("<td>{mark}</td>")).collect();
    format!("<tr><td><code>{name}</code></td>{cells}</tr>")
}

fn of(group: Group) -> impl Iterator<Item = (&'static Case, [Mark; COUNT])> {
    cases::all().filter(move |case| case.group == group).filter_map(|case| Some((case, row(case.name)?)))
}

fn passed(group: Group, lesson: usize) -> String {
    let marks: Vec<Mark> = of(group).map(|(_, marks)| marks[lesson]).collect();
    if marks.iter().all(|mark| *mark == Mark::DoesNotApply) {
        return Mark::DoesNotApply.to_string();
    }
    marks.iter().filter(|mark| **mark == Mark::Passes).count().to_string()
}

fn legend(language: Language) -> String {
    let mut symptoms: Vec<Symptom> = Vec::new();
    for mark in cases::all().filter_map(|case| row(case.name)).flatten() {
        if let Mark::Fails(symptom) = mark
            && !symptoms.contains(&symptom)
        {
            symptoms.push(symptom);
        }
    }
    let letters =
        symptoms.iter().map(|symptom| format!("<code>{}</code> {}", symptom.letter(), seen(*symptom, language)));
    let letters = letters.collect::<Vec<_>>().join(language.say(", ", "，"));
    let passes = language.say(
        "<code>+</code> passes, <code>.</code> does not apply. A letter is a limit that is proved: ",
        "<code>+</code> 通过，<code>.</code> 不适用。字母是已被证明的限制：",
    );
    format!("<p class=\"legend\">{passes}{letters}{}</p>", language.say(".", "。"))
}

/// What is seen of a limit.
fn seen(symptom: Symptom, language: Language) -> String {
    of_suite(symptom.text(), language)
}

/// What a group is about.
fn about(group: Group, language: Language) -> String {
    of_suite(group.about(), language)
}

/// What the suite says in both languages.
fn of_suite(text: Both, language: Language) -> String {
    match language {
        Language::English => text.en,
        Language::Chinese => text.zh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENT: &str = "a-silent-client-holds-up-no-one";

    #[test]
    fn the_whole_table_has_every_case() {
        for language in Language::ALL {
            let html = stages(language);
            for case in cases::all() {
                assert!(html.contains(&format!("<code>{}</code>", case.name)), "{}", case.name);
            }
            assert!(!html.contains('\n'));
        }
        assert!(stages(Language::Chinese).contains("什么也等不到"));
        assert!(summary(Language::English).contains(SILENT));
    }

    #[test]
    fn a_limit_of_a_lesson_is_a_gain_of_the_one_that_lifts_it() {
        assert!(limits("02", Language::English).unwrap().contains(SILENT));
        assert!(gains("03", Language::English).unwrap().contains(SILENT));
        assert!(!limits("03", Language::English).unwrap().contains(SILENT));
        assert!(!gains("04", Language::English).unwrap().contains(SILENT));
        assert!(gains("02", Language::English).unwrap().contains("did not apply to lesson 01"));
    }

    #[test]
    fn a_lesson_that_is_not_there_is_an_error() {
        assert_eq!(limits("12", Language::English).unwrap_err(), "there is no lesson 12");
        assert_eq!(limits("2", Language::English).unwrap_err(), "there is no lesson 2");
        assert!(gains("01", Language::English).is_err());
    }
}
