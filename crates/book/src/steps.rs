//! The steps of a lesson: read from its folder, in a table, and where a chapter has to show them.

use std::fmt::Write;
use std::path::PathBuf;

use tutor::change::Change;
use tutor::course::{self, Course};
use tutor::language::Failure;
use tutor::series::{Series, Step};
use tutor::tree::Tree;

use crate::chapter::{Chapter, Section};
use crate::directive::Directive;
use crate::html::{self, with_code};
use crate::language::Language;
use crate::problem::Problem;
use crate::repository::Repository;

/// The steps of one lesson, with the sources before the first and after each.
pub struct Steps {
    series: Series,
    trees: Vec<Tree>,
}

impl Steps {
    /// Of a lesson, from its two digits. An error says what is not there, or does not fit.
    pub fn load(repository: &Repository, lesson: &str) -> Result<Steps, String> {
        let (course, series) = series(repository, lesson)?;
        let trees = series.checked_trees(&course).map_err(said)?;
        Ok(Steps { series, trees })
    }

    /// The two digits of the lesson.
    pub fn lesson(&self) -> &str {
        self.series.lesson
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.series.steps.len()
    }

    /// One of them, from its number as a chapter has it; with that number, from 1.
    pub fn step(&self, number: &str) -> Result<(usize, &Step), String> {
        let number = self.series.step(number).map_err(said)?;
        Ok((number, &self.series.steps[number - 1]))
    }

    /// What the step of this number, from 1, changes.
    pub fn change(&self, number: usize) -> Change {
        Change::between(&self.trees[number - 1], &self.trees[number])
    }

    /// The sources before the step of this number, from 1, and after it.
    pub fn trees(&self, number: usize) -> (&Tree, &Tree) {
        (&self.trees[number - 1], &self.trees[number])
    }

    /// All of them, as a table: what each is called, how long it takes, how much is to be written, and what turns
    /// green.
    pub fn table(&self, language: Language) -> String {
        let (mut rows, mut minutes, mut written, mut green) = (String::new(), 0, 0, 0);
        for (number, step) in (1..).zip(&self.series.steps) {
            let lines = self.change(number).counts(&step.whole).written;
            let name = with_code(name(step, language));
            let _ = write!(
                rows,
                "<tr><th scope=\"row\"><a href=\"#step-{number}\">{number}. {name}</a></th><td>{}</td><td>{lines}</td><td>{}</td></tr>",
                step.minutes,
                step.green.len()
            );
            (minutes, written, green) =
                (minutes + usize::from(step.minutes), written + lines, green + step.green.len());
        }
        let all = language.say("all", "合计");
        let _ = write!(
            rows,
            "<tr class=\"sum\"><th scope=\"row\">{all}</th><td>{minutes}</td><td>{written}</td><td>{green}</td></tr>"
        );
        let heads = language.say(["step", "minutes", "lines", "green"], ["步骤", "分钟", "行数", "变绿"]);
        html::table("steps", &heads.map(|head| format!("<th scope=\"col\">{head}</th>")).concat(), &rows)
    }
}

/// What a step is called in a language.
pub fn name(step: &Step, language: Language) -> &str {
    language.say(&step.name.en, &step.name.zh)
}

/// The lines that a step adds and removes, and the cases that it turns green or leaves red: what a text about it has to
/// fit. Neither the lines around them nor their numbers: those change with every step before.
pub fn gist(repository: &Repository, lesson: &str, number: &str) -> Result<String, String> {
    let (_, series) = series(repository, lesson)?;
    let number = series.step(number).map_err(said)?;
    let step = &series.steps[number - 1];
    let mut gist = String::new();
    let mut in_hunk = false;
    for line in series.patches[number - 1].lines() {
        // No line of a hunk begins so: each has a sign or a blank in front.
        if let Some(paths) = line.strip_prefix("diff --git ") {
            in_hunk = false;
            let _ = writeln!(gist, "{}", paths.rsplit(" b/").next().unwrap_or(paths));
        }
        match line.as_bytes().first() {
            Some(b'@') => in_hunk = true,
            Some(b'+' | b'-') if in_hunk => {
                let _ = writeln!(gist, "{}", line.trim_end());
            }
            _ => {}
        }
    }
    for (word, cases) in [("green", &step.green), ("red", &step.red), ("whole", &step.whole)] {
        if !cases.is_empty() {
            let _ = writeln!(gist, "{word}: {}", cases.join(", "));
        }
    }
    Ok(gist)
}

fn series(repository: &Repository, lesson: &str) -> Result<(Course, Series), String> {
    let number = course::number(lesson).map_err(said)?;
    if number != lesson {
        return Err(format!("lesson '{lesson}' is written {number}"));
    }
    let course = Course::at(&repository.path(PathBuf::new())).map_err(said)?;
    let series = Series::load(&course, number).map_err(said)?;
    series.map(|series| (course, series)).ok_or_else(|| format!("lesson {lesson} has no steps yet"))
}

fn said(failure: Failure) -> String {
    failure.said.en
}

/// The lessons that have neither steps nor a chapter yet. A new lesson may stand here for a while.
const WITHOUT_CHAPTER: [&str; 0] = [];

/// Chapters of lessons that do not show each step, once, in order, and each below a heading that has its number.
pub fn problems(repository: &Repository) -> Vec<Problem> {
    let Ok(course) = Course::at(&repository.path(PathBuf::new())) else { return Vec::new() };
    let mut problems = Vec::new();
    for lesson in course.children().into_iter().filter(|lesson| !WITHOUT_CHAPTER.contains(lesson)) {
        let count = match series(repository, lesson) {
            Ok((_, series)) => series.steps.len(),
            Err(error) => {
                problems.push(Problem::new(
                    format!("crates/lesson-{lesson}-*"),
                    "",
                    error,
                    "cut it: just steps --help",
                ));
                continue;
            }
        };
        for language in Language::ALL {
            let chapters = repository.chapters(language).0;
            match chapters.iter().find(|chapter| chapter.name() == format!("lesson-{lesson}")) {
                Some(chapter) => problems.extend(of_chapter(chapter, lesson, count)),
                None => problems.push(Problem::new(
                    format!("docs/{language}/SUMMARY.md"),
                    "",
                    format!("there is no chapter lesson-{lesson}.md to show its {count} steps"),
                    "write it",
                )),
            }
        }
    }
    problems
}

fn of_chapter(chapter: &Chapter, lesson: &str, count: usize) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |section: &Section, what: String, remedy: String| {
        problems.push(Problem::new(chapter.path(), section.name(), what, remedy));
    };
    let mut expected = 1;
    for section in &chapter.sections {
        for directive in section.directives() {
            let Directive::Step { lesson: of, number } = directive else { continue };
            let wanted = format!("{{{{#step {lesson} {expected}}}}}");
            if of != lesson || *number != expected.to_string() {
                let what = match expected > count {
                    true => {
                        format!("{directive} is one too many: all {count} steps of lesson {lesson} are shown already")
                    }
                    false => format!("{directive} stands where {wanted} has to stand"),
                };
                problem(section, what, format!("show each of the {count} steps of lesson {lesson} once, in order"));
                return problems;
            }
            if section.name() != format!("step-{number}") {
                let what = format!("{directive} does not stand below its heading");
                problem(section, what, format!("write `### {{#step-{number}}}`: the name comes from steps.toml"));
            }
            expected += 1;
        }
    }
    if expected <= count
        && let Some(last) = chapter.section("steps").or(chapter.sections.first())
    {
        let what = format!("step {expected} of lesson {lesson} is not shown, and there are {count}");
        problem(last, what, format!("show it: {{{{#step {lesson} {expected}}}}}, below `### {{#step-{expected}}}`"));
    }
    problems
}
