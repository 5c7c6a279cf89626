//! The reports for people: on one screen, or in full.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use http_suite::{Account, Case, Verdict, visible};

use crate::arguments::Arguments;
use crate::layout::{at_most, command, cut, width, wrapped};
use crate::score::{Mending, Part, Totals, score, to_mend};
use crate::suite::Finding;

/// How many lines the short report has at most: a terminal of 24, with the command that was typed and the next prompt.
const SCREEN: usize = 22;

/// The cases, with where they are written and taught.
pub fn list(cases: &[&Case]) -> String {
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    let section = cases.iter().map(|case| case.section.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (index, case) in cases.iter().enumerate() {
        if index == 0 || cases[index - 1].group != case.group {
            let blank = if index == 0 { "" } else { "\n" };
            let _ = writeln!(text, "{blank}{}: {}", case.group, case.group.about());
        }
        let _ = writeln!(text, "  {:<width$}  {:<section$}  {}", case.name, case.section, case.lesson);
    }
    let _ = writeln!(text, "\n{} cases", cases.len());
    text
}

/// The score, what to mend first and how to see it, where to read on: at most a screen.
pub fn brief(arguments: &Arguments, findings: &[Finding]) -> String {
    let width = width();
    let mut lines = vec![cut(&heading(arguments), width)];
    lines.extend(scores(arguments, findings).into_iter().map(|line| cut(&line, width)));
    lines.extend(remarks(arguments, findings, width));
    let mendings = to_mend(findings, arguments.strict);
    let mut end = Vec::new();
    if let Some((first, others)) = mendings.split_first() {
        end = wrapped(&next(others), width);
        end = at_most(end, 2, width);
        let more = "`--full` shows everything, `--only NAME` looks at one case";
        end.extend(wrapped(more, width));
        lines.push(String::new());
        let room = SCREEN.saturating_sub(lines.len() + end.len());
        lines.extend(first_to_mend(first, width, room));
    } else {
        lines.push("  nothing to mend".to_owned());
    }
    lines.extend(end);
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn heading(arguments: &Arguments) -> String {
    let stage = arguments.stage;
    format!("lesson {stage}, {}: {}", stage.title(), arguments.server())
}

/// A line for each part of the score.
fn scores(arguments: &Arguments, findings: &[Finding]) -> Vec<String> {
    let line = |part: Part| {
        let count = score(findings, arguments.stage, part);
        let about = part.about(arguments.stage);
        (count.of > 0).then(|| format!("  {:<10} {:>3} of {:>3}  {about}", part.name(), count.passed, count.of))
    };
    Part::ALL.into_iter().filter_map(line).collect()
}

/// What else is to be known, if anything.
fn remarks(arguments: &Arguments, findings: &[Finding], width: usize) -> Vec<String> {
    let totals = Totals::of(findings, arguments.strict);
    let parts = [
        (totals.unstable, "unstable (failed, and passed when looked at again)"),
        (totals.beyond, "beyond this stage"),
        (totals.not_looked_at, "not looked at"),
    ];
    let said = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let mut said = said.collect::<Vec<_>>();
    if totals.failed > 0 && totals.required == 0 {
        said.push("what fails is strictness, which is not required (--strict)".to_owned());
    }
    let said = said.join(", ");
    if said.is_empty() { Vec::new() } else { indented(wrapped(&said, width - 2), "  ") }
}

fn indented(lines: Vec<String>, by: &str) -> Vec<String> {
    lines.into_iter().map(|line| format!("{by}{line}")).collect()
}

fn first_to_mend(mending: &Mending, width: usize, room: usize) -> Vec<String> {
    let name = mending.root.case.name;
    let mut lines = vec![cut(&format!("First to mend: {name}"), width)];
    if !mending.others.is_empty() {
        let cause = mending.root.cause().map_or("", |cause| cause.text());
        let same = format!("and {} more for the same reason", mending.others.len());
        let same = if cause.is_empty() { same } else { format!("{same}: {cause}") };
        lines.extend(indented(wrapped(&same, width - 2), "  "));
    }
    let Some(account) = &mending.root.account else { return lines };
    let read_on = labelled("read on", wrapped(account.lesson, width - 11));
    let pages =
        account.lesson.get(7..9).map(|number| format!("docs/en/lesson-{number}.md, docs/zh/lesson-{number}.md"));
    let read_on: Vec<String> = read_on.into_iter().chain(labelled("", pages.into_iter().collect())).collect();
    let by_hand = by_hand(account, width);
    let facts = facts(account, width);
    // What does not fit is left out from here: how to see it and where to read on stay.
    let rest = room.saturating_sub(lines.len() + read_on.len() + by_hand.len());
    let why = labelled("why", at_most(wrapped(account.why, width - 11), rest.saturating_sub(facts.len()), width - 11));
    lines.extend(facts.into_iter().take(rest));
    lines.extend(why);
    lines.extend(by_hand);
    lines.extend(read_on);
    lines
}

/// The first line behind a label, the others below.
fn labelled(label: &str, lines: Vec<String>) -> Vec<String> {
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    labels.zip(lines).map(|(label, line)| format!("  {label:<8} {line}")).collect()
}

/// What was sent, what came, and what was expected.
fn facts(account: &Account, width: usize) -> Vec<String> {
    let width = width - 11;
    let mut lines = Vec::new();
    for (label, bytes) in [("sent", &account.sent), ("came", &account.came)] {
        let text = if bytes.is_empty() { "nothing".to_owned() } else { visible(&bytes[..bytes.len().min(400)]) };
        lines.extend(labelled(label, vec![cut(&text, width)]));
    }
    lines.extend(labelled("expected", at_most(wrapped(&account.expected, width), 2, width)));
    lines.extend(labelled("but", at_most(wrapped(&account.got, width), 3, width)));
    if let Some(last) = account.said.last().filter(|_| account.cause == Some(http_suite::Cause::Died)) {
        lines.extend(labelled("it said", vec![cut(last, width)]));
    }
    lines
}

fn by_hand(account: &Account, width: usize) -> Vec<String> {
    const MOST: usize = 9;
    let lines: Vec<String> = account.by_hand.iter().flat_map(|line| command(line, width - 4)).collect();
    if lines.is_empty() || lines.len() > MOST {
        let how = if lines.is_empty() { "" } else { "  by hand: see --full" };
        return if how.is_empty() { Vec::new() } else { vec![how.to_owned()] };
    }
    let mut all = vec!["  by hand".to_owned()];
    all.extend(indented(lines, "    "));
    all
}

fn next(others: &[Mending]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let all: usize = others.iter().map(|mending| 1 + mending.others.len()).sum();
    let names: Vec<&str> = others.iter().take(2).map(|mending| mending.root.case.name).collect();
    format!("Then {all} more, first {}.", names.join(", "))
}

/// A line for each case, group by group; then what failed, in full, and the totals.
pub fn full(arguments: &Arguments, findings: &[Finding]) -> String {
    let mut text = String::new();
    for (index, finding) in findings.iter().enumerate() {
        let group = finding.case.group;
        if index == 0 || findings[index - 1].case.group != group {
            let blank = if index == 0 { "" } else { "\n" };
            let _ = writeln!(text, "{blank}{group}: {}", group.about());
        }
        let (mark, style, remark) = mark(finding, arguments.strict);
        let _ = writeln!(text, "  {style}{mark}{style:#} {}{remark}", finding.case.name);
    }
    for mending in to_mend(findings, arguments.strict) {
        explain(&mut text, mending.root);
        for other in &mending.others {
            let _ = write!(text, "\n(for the same reason as {})", mending.root.case.name);
            explain(&mut text, other);
        }
    }
    for finding in findings {
        if let Verdict::Unstable(explained) = &finding.verdict {
            let _ = write!(text, "\n(unstable: it passed when it was looked at once more)\n--- {explained}");
        }
    }
    for (reason, names) in not_looked_at(findings) {
        let _ = writeln!(text, "\nnot looked at: {reason}\n  {}", names.join(", "));
    }
    text.push('\n');
    text.push_str(&heading(arguments));
    text.push('\n');
    scores(arguments, findings).iter().for_each(|line| text.push_str(&format!("{line}\n")));
    conclude(&mut text, &Totals::of(findings, arguments.strict));
    text
}

fn explain(text: &mut String, finding: &Finding) {
    if let Verdict::Fails(explained) | Verdict::Beyond(explained) = &finding.verdict {
        let _ = write!(text, "\n--- {explained}");
    }
}

fn conclude(text: &mut String, totals: &Totals) {
    let _ = writeln!(
        text,
        "\n{} pass, {} are unstable, {} are limits of this stage, {} go beyond it, {} fail, {} were not looked at, \
         {} do not apply",
        totals.passes,
        totals.unstable,
        totals.limits,
        totals.beyond,
        totals.failed,
        totals.not_looked_at,
        totals.does_not_apply
    );
    let _ = writeln!(text, "{} passed, {} failed, {} skipped", totals.passed, totals.failed, totals.skipped);
}

/// As in the table of stages, and four more.
fn mark(finding: &Finding, strict: bool) -> (char, Style, String) {
    let colour = |colour: AnsiColor| colour.on_default();
    match &finding.verdict {
        Verdict::Passes => ('+', colour(AnsiColor::Green), String::new()),
        Verdict::ProvedLimit(symptom) => {
            (symptom.letter(), Style::new().dimmed(), format!(" (a limit of this stage: {})", symptom.text()))
        }
        Verdict::Beyond(_) if strict => ('!', colour(AnsiColor::Red).bold(), " passes, beyond its stage".into()),
        Verdict::Beyond(_) => ('^', colour(AnsiColor::Cyan), " (beyond this stage)".into()),
        Verdict::Fails(_) => ('!', colour(AnsiColor::Red).bold(), " FAILED".into()),
        Verdict::Unstable(_) => ('~', colour(AnsiColor::Yellow), " (unstable)".into()),
        Verdict::NotLookedAt(_) => ('?', colour(AnsiColor::Yellow), " (not looked at)".into()),
        Verdict::DoesNotApply => ('.', Style::new().dimmed(), " (does not apply)".into()),
    }
}

fn not_looked_at(findings: &[Finding]) -> Vec<(&str, Vec<&str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for finding in findings {
        let Verdict::NotLookedAt(why) = &finding.verdict else { continue };
        match reasons.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, names)) => names.push(finding.case.name),
            None => reasons.push((why, vec![finding.case.name])),
        }
    }
    reasons
}
