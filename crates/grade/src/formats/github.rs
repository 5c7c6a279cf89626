//! GitHub Actions: annotations, and the summary of a step.

use std::fmt::Write;

use http_suite::Language;

use crate::formats::{failures, number, part_name, stage};
use crate::grade::{Grade, PARTS, State};
use crate::points::Points;
use crate::report::Finding;

/// How many annotations of a kind GitHub shows for a step; more are dropped without a word.
const SHOWN: usize = 10;

/// A workflow command for each failure: errors in what the stage has to do, warnings for strictness.
pub fn annotations(grade: &Grade, language: Language) -> String {
    let mut lines = String::new();
    if grade.state != State::Graded {
        let message = format!("{}\n{}", grade.reason(language), grade.details(language));
        lines.push_str(&command("error", &format!("{}: {}", grade.name, grade.state.say(language)), message.trim()));
    }
    let (mut shown, mut left) = ([0, 0], 0);
    for earned in failures(grade) {
        let is_strict = earned.finding.part.as_deref() == Some("strictness");
        let shown = &mut shown[usize::from(is_strict)];
        *shown += 1;
        if *shown > SHOWN {
            left += 1;
        } else {
            lines.push_str(&annotation(&earned.finding, if is_strict { "warning" } else { "error" }, language));
        }
    }
    if left > 0 {
        let title = language.say("more failures", "其余失败");
        let message = language.say("more cases fail; the summary has them all", "还有用例失败，全部列在摘要里");
        lines.push_str(&command("notice", title, &format!("{left}: {message}")));
    }
    lines
}

fn annotation(finding: &Finding, kind: &str, language: Language) -> String {
    let (expected, got) = finding.difference(language);
    let mut message = finding.what(language).to_owned();
    for (name, text) in [(language.say("expected", "期望"), expected), (language.say("got", "实际"), got)] {
        if !text.is_empty() {
            let _ = write!(message, "\n{name}: {text}");
        }
    }
    command(kind, finding.title(language), &message)
}

/// `::error title=…::message`, escaped as the toolkit of GitHub Actions does it (`command.ts`): in the message `%`, CR
/// and LF, in a property `:` and `,` too.
fn command(kind: &str, title: &str, message: &str) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    format!("::{kind} title={}::{}\n", property(title), data(message))
}

/// The summary of a step, for `$GITHUB_STEP_SUMMARY`.
pub fn summary(grade: &Grade, points: &Points, language: Language) -> String {
    let (earned, most) = (number(grade.points()), number(grade.most(points)));
    let stage = stage(&grade.stage, language);
    let mut text = format!("## {}: {earned} / {most}\n\n{stage}, {}\n\n", cell(&grade.name), grade.state.say(language));
    if !grade.reason(language).is_empty() {
        let _ = writeln!(text, "{}\n", cell(&grade.reason(language)));
    }
    text.push_str(language.say("| part | points | cases |", "| 部分 | 得分 | 用例 |"));
    text.push_str("\n|---|---|---|\n");
    for (name, part) in PARTS.into_iter().zip(grade.parts) {
        let (earned, most) = (number(part.points), number(part.most));
        let _ = writeln!(text, "| {} | {earned} / {most} | {} / {} |", part_name(name, language), part.passed, part.of);
    }
    let mut failures = failures(grade).peekable();
    if failures.peek().is_some() {
        text.push_str(language.say("\n| fails | points | what it did |", "\n| 失败 | 分值 | 服务器做了什么 |"));
        text.push_str("\n|---|---|---|\n");
    }
    for earned in failures {
        let finding = &earned.finding;
        let what = cell(finding.what(language));
        let _ = writeln!(text, "| {} | {} | {what} |", cell(finding.title(language)), number(earned.most));
    }
    if !grade.unstable.is_empty() {
        let says = language.say("Unstable, and counted as passed", "不稳定，按通过计分");
        let _ = writeln!(text, "\n{says}: {}", grade.unstable.join(", "));
    }
    text
}

/// A text that stays in its cell, and is nothing but text: a server may say what it likes.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for letter in text.chars() {
        match letter {
            '\n' => cell.push_str("<br>"),
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~' => cell.extend(['\\', letter]),
            _ if letter.is_control() => cell.push('\u{fffd}'),
            _ => cell.push(letter),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_is_escaped() {
        let line = command("error", "a: b, 100%", "50%\r\n::set-output name=x::y");
        assert_eq!(line, "::error title=a%3A b%2C 100%25::50%25%0D%0A::set-output name=x::y\n");
        assert_eq!(line.lines().count(), 1);
    }

    #[test]
    fn what_a_server_says_is_only_text() {
        assert_eq!(cell("a|b\n<script>`x`"), "a\\|b<br>&lt;script&gt;\\`x\\`");
    }
}
