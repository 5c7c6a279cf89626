//! A grade, as other programs read it.

mod csv;
mod github;
mod gradescope;
mod junit;
mod text;

use clap::ValueEnum;
use http_suite::Language;

use crate::grade::Grade;
use crate::points::Points;
use crate::report::Report;

pub use csv::table;
pub(crate) use text::{part_name, stage};

/// How a grade is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// The report itself, as one object (report.schema.json).
    Json,
    /// The report itself, a line for each case.
    Jsonl,
    /// A row for each submission.
    Csv,
    /// JUnit XML, as Jenkins, GitLab and others read it.
    Junit,
    /// Gradescope's results.json.
    Gradescope,
    /// GitHub Actions: an annotation for each failure.
    Github,
    /// GitHub Actions: the summary of a step, in Markdown.
    Summary,
}

impl Format {
    /// The name of the file in the folder of a submission that has its grade in this format.
    pub fn file(self) -> &'static str {
        match self {
            Format::Text => "grade.txt",
            Format::Json => "report.json",
            Format::Jsonl => "report.jsonl",
            Format::Csv => "grade.csv",
            Format::Junit => "junit.xml",
            Format::Gradescope => "results.json",
            Format::Github => "annotations.txt",
            Format::Summary => "summary.md",
        }
    }

    /// The grade in this format. `report` is `None` where there is none, because `check` did not run; then the formats
    /// of the report have nothing to say.
    ///
    /// # Errors
    ///
    /// If a writer refuses; no input is known that makes it.
    pub fn write(
        self,
        grade: &Grade,
        report: Option<&Report>,
        points: &Points,
        language: Language,
    ) -> Result<String, String> {
        match self {
            Format::Text => Ok(text::write(grade, points, language)),
            Format::Json => Ok(report.map(Report::json).unwrap_or_default()),
            Format::Jsonl => Ok(report.map(Report::lines).unwrap_or_default()),
            Format::Csv => table(std::slice::from_ref(grade), points),
            Format::Junit => junit::write(grade, language),
            Format::Gradescope => Ok(gradescope::write(grade, points, language)),
            Format::Github => Ok(github::annotations(grade, language)),
            Format::Summary => Ok(github::summary(grade, points, language)),
        }
    }
}

/// A number as a person writes it: 40, 33.33, 2.5.
pub(crate) fn number(points: f64) -> String {
    let text = format!("{points:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The failures among the cases that are asked for: those first that are not strictness alone.
fn failures(grade: &Grade) -> impl Iterator<Item = &crate::grade::Earned> {
    let failed = |strict: bool| {
        grade.cases.iter().filter(move |earned| {
            let finding = &earned.finding;
            finding.verdict == "fails" && (finding.part.as_deref() == Some("strictness")) == strict
        })
    };
    failed(false).chain(failed(true))
}
