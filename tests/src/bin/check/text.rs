//! The reports for people: on one screen, or in full.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use http_suite::{Account, Both, Case, Language, Verdict, both, visible};

use crate::arguments::Arguments;
use crate::layout::{at_most, columns, command, cut, padded, width, wrapped};
use crate::score::{Mending, Part, Totals, score, to_mend};
use crate::suite::Finding;

/// How many lines the short report has at most: a terminal of 24, with the command that was typed and the next prompt.
const SCREEN: usize = 22;

/// The cases, with where they are written and taught.
pub fn list(cases: &[&Case], language: Language) -> String {
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    let sections: Vec<Both> = cases.iter().map(|case| case.written_in()).collect();
    let section = sections.iter().map(|section| columns(section.say(language))).max().unwrap_or(0);
    let mut text = String::new();
    for (index, case) in cases.iter().enumerate() {
        if index == 0 || cases[index - 1].group != case.group {
            let blank = if index == 0 { "" } else { "\n" };
            let _ = writeln!(text, "{blank}{}", headed(case).say(language));
        }
        let written_in = padded(sections[index].say(language), section);
        let _ = writeln!(text, "  {:<width$}  {written_in}  {}", case.name, case.read_on(language));
        if language == Language::Chinese {
            let _ = writeln!(text, "    {}", case.title(language));
        }
    }
    let number = both!("{} cases", "{} 个用例"; cases.len());
    let _ = writeln!(text, "\n{}", number.say(language));
    text
}

/// The line over the cases of a group.
fn headed(case: &Case) -> Both {
    let (group, about) = (case.group, case.group.about());
    both!("{group}: {about}", "{group}：{about}" in about)
}

/// The score, what to mend first and how to see it, where to read on: at most a screen.
pub fn brief(arguments: &Arguments, findings: &[Finding]) -> String {
    let (width, language) = (width(), arguments.language);
    let mut lines = vec![cut(heading(arguments).say(language), width)];
    lines.extend(scores(arguments, findings).into_iter().map(|line| cut(&line, width)));
    lines.extend(remarks(arguments, findings, width));
    let mendings = to_mend(findings, arguments.strict);
    let mut end = Vec::new();
    if let Some((first, others)) = mendings.split_first() {
        end = wrapped(next(others).say(language), width);
        end = at_most(end, 2, width);
        let more = language.say(
            "`--full` shows everything, `--only NAME` looks at one case",
            "`--full` 显示全部内容，`--only NAME` 只看一个用例",
        );
        end.extend(wrapped(more, width));
        lines.push(String::new());
        let room = SCREEN.saturating_sub(lines.len() + end.len());
        lines.extend(first_to_mend(first, width, room, language));
    } else {
        lines.push(language.say("  nothing to mend", "  没有需要改正的").to_owned());
    }
    lines.extend(end);
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn heading(arguments: &Arguments) -> Both {
    let (stage, title, server) = (arguments.stage, arguments.stage.title(), arguments.server());
    both!("lesson {stage}, {title}: {server}", "第 {stage} 课 {title}：{server}" in title)
}

/// A line for each part of the score.
fn scores(arguments: &Arguments, findings: &[Finding]) -> Vec<String> {
    let language = arguments.language;
    let line = |part: Part| {
        let count = score(findings, arguments.stage, part);
        let (title, of) = (padded(part.title(language), 10), language.say("of", "/"));
        let about = part.about(arguments.stage);
        let about = about.say(language);
        (count.of > 0).then(|| format!("  {title} {:>3} {of} {:>3}  {about}", count.passed, count.of))
    };
    Part::ALL.into_iter().filter_map(line).collect()
}

/// What else is to be known, if anything.
fn remarks(arguments: &Arguments, findings: &[Finding], width: usize) -> Vec<String> {
    let totals = Totals::of(findings, arguments.strict);
    let Totals { unstable, beyond, not_looked_at, .. } = totals;
    let parts = [
        (
            unstable,
            both!(
                "{unstable} unstable (failed, and passed when looked at again)",
                "{unstable} 个不稳定（先失败，再看一次又通过）"
            ),
        ),
        (beyond, both!("{beyond} beyond this stage", "{beyond} 个超出这一阶段")),
        (not_looked_at, both!("{not_looked_at} not looked at", "{not_looked_at} 个未检查")),
    ];
    let language = arguments.language;
    let mut said: Vec<&str> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(_, what)| what.say(language)).collect();
    if totals.failed > 0 && totals.required == 0 {
        said.push(language.say(
            "what fails is strictness, which is not required (--strict)",
            "失败的只是严格要求，而那不是必需的（--strict）",
        ));
    }
    let said = said.join(language.say(", ", "，"));
    if said.is_empty() { Vec::new() } else { indented(wrapped(&said, width - 2), "  ") }
}

fn indented(lines: Vec<String>, by: &str) -> Vec<String> {
    lines.into_iter().map(|line| format!("{by}{line}")).collect()
}

fn first_to_mend(mending: &Mending, width: usize, room: usize, language: Language) -> Vec<String> {
    let name = mending.root.case.name;
    let first = both!("First to mend: {name}", "先改正：{name}");
    let mut lines = vec![cut(first.say(language), width)];
    if language == Language::Chinese {
        lines.push(cut(&format!("  {}", mending.root.case.title(language)), width));
    }
    if !mending.others.is_empty() {
        let same = both!("and {0} more for the same reason", "另有 {0} 个出于同样的原因"; mending.others.len());
        let same = match mending.root.cause().map(|cause| cause.text()) {
            Some(cause) => both!("{same}: {cause}", "{same}：{cause}" in same, cause),
            None => same,
        };
        lines.extend(indented(wrapped(same.say(language), width - 2), "  "));
    }
    let Some(account) = &mending.root.account else { return lines };
    let read_on = labelled(language.say("read on", "接着读"), wrapped(account.lesson.say(language), width - 11));
    let number = account.lesson.en.get(7..9);
    let pages = number.map(|number| match language {
        Language::English => format!("docs/en/lesson-{number}.md, docs/zh/lesson-{number}.md"),
        Language::Chinese => format!("docs/zh/lesson-{number}.md"),
    });
    let read_on: Vec<String> = read_on.into_iter().chain(labelled("", pages.into_iter().collect())).collect();
    let by_hand = by_hand(account, width, language);
    let facts = facts(account, width, language);
    // What does not fit is left out from here: how to see it and where to read on stay.
    let rest = room.saturating_sub(lines.len() + read_on.len() + by_hand.len());
    let why = wrapped(account.why.say(language), width - 11);
    let why = labelled(language.say("why", "原因"), at_most(why, rest.saturating_sub(facts.len()), width - 11));
    lines.extend(facts.into_iter().take(rest));
    lines.extend(why);
    lines.extend(by_hand);
    lines.extend(read_on);
    lines
}

/// The first line behind a label, the others below.
fn labelled(label: &str, lines: Vec<String>) -> Vec<String> {
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    labels.zip(lines).map(|(label, line)| format!("  {} {line}", padded(label, 8))).collect()
}

/// What was sent, what came, and what was expected.
fn facts(account: &Account, width: usize, language: Language) -> Vec<String> {
    let width = width - 11;
    let mut lines = Vec::new();
    for (label, bytes) in [(language.say("sent", "发送"), &account.sent), (language.say("came", "收到"), &account.came)]
    {
        let nothing = || language.say("nothing", "（无）").to_owned();
        let text = if bytes.is_empty() { nothing() } else { visible(&bytes[..bytes.len().min(400)]) };
        lines.extend(labelled(label, vec![cut(&text, width)]));
    }
    let (expected, got) = (account.expected.say(language), account.got.say(language));
    lines.extend(labelled(language.say("expected", "应为"), at_most(wrapped(expected, width), 2, width)));
    lines.extend(labelled(language.say("but", "实为"), at_most(wrapped(got, width), 3, width)));
    if let Some(last) = account.said.last().filter(|_| account.cause == Some(http_suite::Cause::Died)) {
        lines.extend(labelled(language.say("it said", "它的输出"), vec![cut(last, width)]));
    }
    lines
}

fn by_hand(account: &Account, width: usize, language: Language) -> Vec<String> {
    const MOST: usize = 9;
    let commands = account.by_hand.iter().map(|line| line.say(language));
    let lines: Vec<String> = commands.flat_map(|line| command(line, width - 4)).collect();
    match lines.len() {
        0 => return Vec::new(),
        1..=MOST => {}
        _ => return vec![language.say("  by hand: see --full", "  手工重现：见 --full").to_owned()],
    }
    let mut all = vec![language.say("  by hand", "  手工重现").to_owned()];
    all.extend(indented(lines, "    "));
    all
}

fn next(others: &[Mending]) -> Both {
    if others.is_empty() {
        return Both::default();
    }
    let all: usize = others.iter().map(|mending| 1 + mending.others.len()).sum();
    let names: Vec<&str> = others.iter().take(2).map(|mending| mending.root.case.name).collect();
    let names = Both { en: names.join(", "), zh: names.join("、") };
    both!("Then {all} more, first {names}.", "然后还有 {all} 个，先看 {names}。" in names)
}

/// A line for each case, group by group; then what failed, in full, and the totals.
pub fn full(arguments: &Arguments, findings: &[Finding]) -> String {
    let language = arguments.language;
    let mut text = String::new();
    for (index, finding) in findings.iter().enumerate() {
        if index == 0 || findings[index - 1].case.group != finding.case.group {
            let blank = if index == 0 { "" } else { "\n" };
            let _ = writeln!(text, "{blank}{}", headed(finding.case).say(language));
        }
        let (mark, style, remark) = mark(finding, arguments.strict);
        let title = match language {
            Language::English => String::new(),
            Language::Chinese => format!("  {}", finding.case.title(language)),
        };
        let _ = writeln!(text, "  {style}{mark}{style:#} {}{}{title}", finding.case.name, remark.say(language));
    }
    for mending in to_mend(findings, arguments.strict) {
        explain(&mut text, mending.root, language);
        for other in &mending.others {
            let same = both!("(for the same reason as {0})", "（与 {0} 的原因相同）"; mending.root.case.name);
            let _ = write!(text, "\n{}", same.say(language));
            explain(&mut text, other, language);
        }
    }
    for finding in findings {
        if let Verdict::Unstable(explained) = &finding.verdict {
            let unstable = language
                .say("(unstable: it passed when it was looked at once more)", "（不稳定：再看一次时，它通过了）");
            let _ = write!(text, "\n{unstable}\n--- {}", explained.say(language));
        }
    }
    for (reason, names) in not_looked_at(findings) {
        let unseen = both!("not looked at: {reason}", "未检查：{reason}" in reason);
        let _ = writeln!(text, "\n{}\n  {}", unseen.say(language), names.join(", "));
    }
    let _ = writeln!(text, "\n{}", heading(arguments).say(language));
    scores(arguments, findings).iter().for_each(|line| text.push_str(&format!("{line}\n")));
    text.push_str(conclusion(&Totals::of(findings, arguments.strict)).say(language));
    text
}

fn explain(text: &mut String, finding: &Finding, language: Language) {
    if let Verdict::Fails(explained) | Verdict::Beyond(explained) = &finding.verdict {
        let _ = write!(text, "\n--- {}", explained.say(language));
    }
}

fn conclusion(totals: &Totals) -> Both {
    let Totals { passes, unstable, limits, beyond, failed, not_looked_at, does_not_apply, .. } = totals;
    let Totals { passed, skipped, .. } = totals;
    both!(
        "\n{passes} pass, {unstable} are unstable, {limits} are limits of this stage, {beyond} go beyond it, {failed} fail, \
         {not_looked_at} were not looked at, {does_not_apply} do not apply\n\
         {passed} passed, {failed} failed, {skipped} skipped\n",
        "\n{passes} 个通过，{unstable} 个不稳定，{limits} 个是这一阶段的限制，{beyond} 个超出这一阶段，{failed} 个失败，\
         {not_looked_at} 个未检查，{does_not_apply} 个不适用\n\
         通过 {passed} 个，失败 {failed} 个，跳过 {skipped} 个\n"
    )
}

/// As in the table of stages, and four more.
fn mark(finding: &Finding, strict: bool) -> (char, Style, Both) {
    let colour = |colour: AnsiColor| colour.on_default();
    match &finding.verdict {
        Verdict::Passes => ('+', colour(AnsiColor::Green), Both::default()),
        Verdict::ProvedLimit(symptom) => {
            let why = symptom.text();
            let remark = both!(" (a limit of this stage: {why})", "（这一阶段的限制：{why}）" in why);
            (symptom.letter(), Style::new().dimmed(), remark)
        }
        Verdict::Beyond(_) if strict => {
            ('!', colour(AnsiColor::Red).bold(), both!(" passes, beyond its stage", " 通过了，超出这一阶段"))
        }
        Verdict::Beyond(_) => ('^', colour(AnsiColor::Cyan), both!(" (beyond this stage)", "（超出这一阶段）")),
        Verdict::Fails(_) => ('!', colour(AnsiColor::Red).bold(), both!(" FAILED", " 失败")),
        Verdict::Unstable(_) => ('~', colour(AnsiColor::Yellow), both!(" (unstable)", "（不稳定）")),
        Verdict::NotLookedAt(_) => ('?', colour(AnsiColor::Yellow), both!(" (not looked at)", "（未检查）")),
        Verdict::DoesNotApply => ('.', Style::new().dimmed(), both!(" (does not apply)", "（不适用）")),
    }
}

fn not_looked_at(findings: &[Finding]) -> Vec<(&Both, Vec<&str>)> {
    let mut reasons: Vec<(&Both, Vec<&str>)> = Vec::new();
    for finding in findings {
        let Verdict::NotLookedAt(why) = &finding.verdict else { continue };
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, names)) => names.push(finding.case.name),
            None => reasons.push((why, vec![finding.case.name])),
        }
    }
    reasons
}
