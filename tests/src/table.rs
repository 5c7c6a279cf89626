//! The table of stages, as people read it: whole, or in short.

use std::fmt::Write;

use crate::cases;
use crate::language::{Both, Language};
use crate::stages::{COUNT, LESSONS, Mark, Stage, Symptom, row};
use crate::{Case, Group, both};

/// A line of a table.
enum Line {
    /// Over the rows that follow.
    Heading(Both),
    /// A name, and a cell for each lesson.
    Row(String, Vec<String>),
}

/// A table with a column for each lesson.
pub struct Table(Vec<Line>);

impl Table {
    /// All cases, group by group, with their marks.
    pub fn whole() -> Table {
        let lines = Group::ALL.into_iter().flat_map(|group| {
            let rows = of(group).map(|(case, marks)| marked(case, marks)).collect::<Vec<_>>();
            let about = group.about();
            let heading = both!("{group}: {about}", "{group}：{about}" in about);
            let heading = (!rows.is_empty()).then_some(Line::Heading(heading));
            heading.into_iter().chain(rows)
        });
        Table(lines.collect())
    }

    /// For each group how many of its cases each lesson passes; then, each with its marks, the cases that are a proved
    /// limit of some lesson.
    pub fn summary() -> Table {
        let counts = Group::ALL.into_iter().filter(|group| of(*group).next().is_some()).map(counted);
        let limits = cases::all().filter_map(|case| Some((case, row(case.name)?)));
        let limits = limits.filter(|(_, marks)| marks.iter().any(|mark| matches!(mark, Mark::Fails(_))));
        Table(counts.chain(limits.map(|(case, marks)| marked(case, marks))).collect())
    }

    /// For a terminal.
    pub fn text(&self, language: Language) -> String {
        let names = self.0.iter().map(|line| if let Line::Row(name, _) = line { name.len() } else { 0 });
        let width = names.max().unwrap_or(0) + 2;
        let mut text = line_of_text("", width, &LESSONS.map(|(number, _)| number.to_owned()));
        for line in &self.0 {
            match line {
                Line::Heading(heading) => drop(writeln!(text, "\n{}", heading.say(language))),
                Line::Row(name, cells) => text.push_str(&line_of_text(name, width, cells)),
            }
        }
        text
    }

    /// For a page.
    pub fn markdown(&self, language: Language) -> String {
        let numbers: String = LESSONS.iter().map(|(number, _)| format!(" {number} |")).collect();
        let mut text = format!("| |{numbers}\n|---|{}\n", ":---:|".repeat(LESSONS.len()));
        for line in &self.0 {
            match line {
                Line::Heading(heading) => {
                    let heading = heading.say(language);
                    let _ = writeln!(text, "| **{heading}** |{}", " |".repeat(LESSONS.len()));
                }
                Line::Row(name, cells) => {
                    let cells: String = cells.iter().map(|cell| format!(" {cell} |")).collect();
                    let _ = writeln!(text, "| `{name}` |{cells}");
                }
            }
        }
        text
    }
}

fn line_of_text(name: &str, width: usize, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:>4}")).collect();
    format!("{name:<width$}{cells}\n")
}

fn of(group: Group) -> impl Iterator<Item = (&'static Case, [Mark; COUNT])> {
    cases::all().filter(move |case| case.group == group).filter_map(|case| Some((case, row(case.name)?)))
}

fn marked(case: &Case, marks: [Mark; COUNT]) -> Line {
    Line::Row(case.name.to_owned(), marks.iter().map(Mark::to_string).collect())
}

/// How many cases of a group each lesson passes; a dot where none applies.
fn counted(group: Group) -> Line {
    let cells = (0..COUNT).map(|lesson| {
        let marks: Vec<Mark> = of(group).map(|(_, marks)| marks[lesson]).collect();
        match marks.iter().filter(|mark| **mark == Mark::Passes).count() {
            0 if marks.iter().all(|mark| *mark == Mark::DoesNotApply) => Mark::DoesNotApply.to_string(),
            passed => passed.to_string(),
        }
    });
    Line::Row(group.name().to_owned(), cells.collect())
}

/// What the columns and the marks mean.
pub fn caption(language: Language) -> String {
    let title = |stage: Stage| format!("{stage} {}", stage.title().say(language));
    let lessons: Vec<String> = Stage::all().map(title).collect();
    let mut symptoms: Vec<Symptom> = Vec::new();
    for mark in cases::all().filter_map(|case| row(case.name)).flatten() {
        if let Mark::Fails(symptom) = mark
            && !symptoms.contains(&symptom)
        {
            symptoms.push(symptom);
        }
    }
    let letter = |symptom: &Symptom| format!("{}   {}\n", symptom.letter(), symptom.text().say(language));
    let letters: String = symptoms.iter().map(letter).collect();
    let marks = language.say(
        "+   passes\n.   does not apply\nA letter is a limit that is proved: the case must fail in just this way.\n",
        "+   通过\n.   不适用\n字母是已被证明的限制：用例必须失败，而且正是这样失败。\n",
    );
    format!("{}\n{marks}{letters}", lessons.join(language.say(", ", "，")))
}
