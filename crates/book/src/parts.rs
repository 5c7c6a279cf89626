//! The parts of a lesson's chapter: which there are, in which order, and what the last of them must say.

use crate::chapter::Chapter;
use crate::directive::Directive;
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;

/// The ids of the sections that every lesson has, in this order; others may stand between them.
const PARTS: [&str; 10] =
    ["goals", "trouble", "predict", "idea", "watch", "suite", "exercises", "questions", "checkpoint", "way-on"];

/// How many lines a checkpoint may have.
const LINES_MAX: usize = 5;

/// All chapters of lessons that lack a part, or show the same code twice.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for language in Language::ALL {
        let mut shown: Vec<String> = Vec::new();
        for chapter in repository.chapters(language).0 {
            if !chapter.name().starts_with("lesson-") {
                continue;
            }
            problems.extend(order(&chapter));
            problems.extend(checkpoint(&chapter).into_iter().chain(way_on(&chapter)));
            problems.extend(unchecked_exercises(&chapter));
            problems.extend(shown_again(&chapter, &mut shown));
        }
    }
    problems
}

/// The first part that is not where it has to be.
fn order(chapter: &Chapter) -> Option<Problem> {
    let mut sections = chapter.sections.iter();
    let missing = PARTS.iter().find(|id| !sections.any(|section| section.name() == **id))?;
    let what = format!("there is no section {{#{missing}}} where it has to stand");
    let remedy = format!("a lesson has these, in this order: {}", PARTS.join(", "));
    Some(Problem::new(chapter.path(), *missing, what, remedy))
}

/// A checkpoint is a short list, and each of its lines can be tried out: it has a command, a name or a link in it.
fn checkpoint(chapter: &Chapter) -> Vec<Problem> {
    let Some(section) = chapter.section("checkpoint") else { return Vec::new() };
    let problem = |what: String, remedy: &str| Problem::new(chapter.path(), section.name(), what, remedy);
    let text = chapter.text_of(section);
    let items: Vec<&str> = text.split("\n- ").skip(1).collect();
    let mut problems = Vec::new();
    if items.is_empty() || items.len() > LINES_MAX {
        let what = format!("the checkpoint has {} lines", items.len());
        problems.push(problem(what, "write a list of one to five: what a reader can do now"));
    }
    for item in items.iter().filter(|item| !item.contains('`') && !item.contains("](")) {
        let what = format!("nobody can verify this: {}", item.lines().next().unwrap_or_default());
        problems.push(problem(what, "say by which command it can be tried, or link to where it is explained"));
    }
    problems
}

/// The way on is one paragraph, and leads to another chapter.
fn way_on(chapter: &Chapter) -> Option<Problem> {
    let section = chapter.section("way-on")?;
    let text = chapter.text_of(section);
    let paragraphs = text.split("\n\n").skip(1).filter(|paragraph| !paragraph.trim().is_empty()).count();
    let what = match paragraphs {
        1 if text.contains(".md)") || text.contains(".md#") => return None,
        1 => "the way on leads to no chapter".to_owned(),
        _ => format!("the way on has {paragraphs} paragraphs"),
    };
    Some(Problem::new(chapter.path(), section.name(), what, "write one paragraph, with a link to the next chapter"))
}

/// Exercises after which nobody says what to run.
fn unchecked_exercises(chapter: &Chapter) -> Vec<Problem> {
    let Some(section) = chapter.section("exercises") else { return Vec::new() };
    let check = chapter.language.say("\nCheck it: ", "\n检查：");
    let exercises = chapter.text_of(section).split("\n**").skip(1);
    let numbered = exercises.filter(|exercise| exercise.starts_with(|first: char| first.is_ascii_digit()));
    let unchecked = numbered.filter(|exercise| !exercise.contains(check));
    let problem = |exercise: &str| {
        let title = exercise.split("**").next().unwrap_or(exercise);
        let remedy = format!("add a line that begins with \"{}\" and a command", check.trim());
        Problem::new(chapter.path(), section.name(), format!("exercise {title} does not say what to run"), remedy)
    };
    unchecked.map(problem).collect()
}

/// Code that a lesson before, or this one further up, has shown already.
fn shown_again(chapter: &Chapter, shown: &mut Vec<String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for section in &chapter.sections {
        for directive in section.directives().filter(|directive| matches!(directive, Directive::Code { .. })) {
            let code = directive.to_string();
            if shown.contains(&code) {
                let what = format!("{code} has been shown already");
                problems.push(Problem::new(chapter.path(), section.name(), what, "link to where it is shown"));
            } else {
                shown.push(code);
            }
        }
    }
    problems
}
