//! A grade for people.

use std::fmt::Write;

use http_suite::Language;

use crate::formats::{failures, number};
use crate::grade::{Grade, PARTS};
use crate::points::Points;

pub fn write(grade: &Grade, points: &Points, language: Language) -> String {
    let (earned, most) = (number(grade.points()), number(grade.most(points)));
    let stage = stage(&grade.stage, language);
    let mut text = format!("{}: {earned} / {most}, {stage}, {}\n", grade.name, grade.state.say(language));
    if !grade.reason(language).is_empty() {
        let _ = writeln!(text, "  {}", grade.reason(language));
    }
    for (name, part) in PARTS.into_iter().zip(grade.parts) {
        let cases = language.say("cases", "个用例");
        let name = part_name(name, language);
        let (earned, most) = (number(part.points), number(part.most));
        let _ = writeln!(text, "  {name}: {earned} / {most} ({} / {} {cases})", part.passed, part.of);
    }
    for likeness in &grade.looks_like {
        let _ = writeln!(text, "  {}: {}", likeness.what(language), likeness.evidence);
    }
    for earned in failures(grade) {
        let finding = &earned.finding;
        let _ = writeln!(text, "  - {} (-{}): {}", finding.name, number(earned.most), finding.what(language));
    }
    if !grade.unstable.is_empty() {
        let _ = writeln!(text, "  {}: {}", language.say("unstable", "不稳定"), grade.unstable.join(", "));
    }
    text
}

/// The name of a part of the score.
pub(crate) fn part_name(part: &str, language: Language) -> &'static str {
    match part {
        "gained" => language.say("gained", "新增能力"),
        "kept" => language.say("kept", "保持能力"),
        _ => language.say("strictness", "严格性（加分）"),
    }
}

/// The lesson that a server is to be like.
pub(crate) fn stage(stage: &str, language: Language) -> String {
    match language {
        Language::English => format!("lesson {stage}"),
        Language::Chinese => format!("第 {stage} 课"),
    }
}
