//! The report as a part of a document: the score, and the failures as a table.

use std::fmt::Write as _;

use http_suite::both;

use crate::arguments::Arguments;
use crate::score::{Part, Totals, score};
use crate::suite::Finding;

/// The score in one line, then a row for each failure: the case, what the server does, where it is written.
pub fn table(arguments: &Arguments, findings: &[Finding]) -> String {
    let (stage, language) = (arguments.stage, arguments.language);
    let parts = Part::ALL.map(|part| {
        let (title, count) = (part.title(language), score(findings, stage, part));
        both!("{title} {0} of {1}", "{title} {0}/{1}"; count.passed, count.of).say(language).to_owned()
    });
    let (parts, unseen) = (parts.join(language.say(", ", "，")), Totals::of(findings, arguments.strict).not_looked_at);
    let first = both!(
        "As lesson {stage}: {parts}; {unseen} not looked at.\n",
        "按第 {stage} 课的要求：{parts}；未检查 {unseen} 个。\n"
    );
    let mut text = first.say(language).to_owned();
    let failures: Vec<&Finding> = findings.iter().filter(|finding| finding.is_failure(arguments.strict)).collect();
    if failures.is_empty() {
        return text;
    }
    text.push_str(language.say("\n| case | what happened | written in | |", "\n| 用例 | 发生了什么 | 出处 | |"));
    text.push_str("\n|---|---|---|---|\n");
    for finding in failures {
        let what = match &finding.account {
            Some(account) => account.what.clone(),
            None => both!("not run: `{0}` fails", "没有运行：`{0}` 失败了"; finding.follows.unwrap_or_default()),
        };
        let strict = if finding.case.strict { Part::Strictness.title(language) } else { "" };
        let section = finding.case.written_in();
        let section = if finding.case.section.is_empty() { "–" } else { section.say(language) };
        let _ = writeln!(text, "| `{}` | {} | {section} | {strict} |", finding.case.name, cell(what.say(language)));
    }
    text
}

/// Text that may stand in a cell: one line, no column, no mark-up.
fn cell(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_")
}
