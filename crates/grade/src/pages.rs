//! What came of it, to be read in a browser: a page for each student, and one of all. A page needs no other file, no
//! network and no script, and has both languages.

use std::collections::BTreeMap;
use std::fmt::Write;

use http_suite::{Language, Mark, Stage};

use crate::classroom::Options;
use crate::confine::Isolation;
use crate::formats::number;
use crate::grade::{Grade, PARTS, State};
use crate::points::{Points, Visibility};
use crate::report::Report;

/// How many cases the overview lists.
const STOPPERS: usize = 20;
/// How much of what was said about a case a page shows, in characters.
const LONGEST: usize = 4000;

const STYLE: &str = "\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .6rem; vertical-align: top;
border-bottom: 1px solid #ddd } .n { text-align: right; white-space: nowrap;
font-variant-numeric: tabular-nums }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f5f5; padding: .6rem; font-size: .85rem }
.look { background: #fff3d6; padding: .4rem .8rem } .bad { color: #a00 } .good { color: #070 } .dim { color: #666 }
td.full { background: #cfe8cf } td.most { background: #e6f2d8 } td.some { background: #fdf3cd } td.few { background: #f8dcdc }
#zh:not(:checked) ~ main .zh, #zh:checked ~ main .en { display: none }
@media (prefers-color-scheme: dark) { body { background: #191919; color: #ddd } pre { background: #262626 }
td.full { background: #234d23 } td.most { background: #37471f } td.some { background: #524715 } td.few { background: #552525 }
.look { background: #4a3a10 } a { color: #8bf } .bad { color: #f88 } .good { color: #8d8 } }
";

/// The page of one student. Cases that are hidden are not on it.
pub fn student(grade: &Grade, report: Option<&Report>, points: &Points, language: Language) -> String {
    let mut body = format!("<h1>{}</h1>\n", escape(&grade.name));
    let (earned, most) = (number(grade.points()), number(grade.most(points)));
    let stage = &grade.stage;
    body.push_str(&both("p", |language| {
        let state = grade.state.say(language);
        match language {
            Language::English => format!("<b>{earned} of {most} points</b>, as lesson {stage}: {state}"),
            Language::Chinese => format!("<b>{earned} 分，满分 {most} 分</b>，按第 {stage} 课评：{state}"),
        }
    }));
    if !grade.reason(Language::English).is_empty() {
        body.push_str(&both("p class=\"bad\"", |language| escape(&grade.reason(language))));
    }
    body.push_str(&parts(grade));
    let what_failed = failures(grade);
    if !what_failed.is_empty() {
        body.push_str(&both("h2", |language| language.say("What failed", "失败的用例").to_owned()));
        body.push_str(&what_failed);
    }
    let shown = |name: &&String| grade.cases.iter().any(|c| c.finding.name == **name && is_shown(c.visibility));
    let unstable: Vec<&str> = grade.unstable.iter().filter(shown).map(String::as_str).collect();
    if !unstable.is_empty() {
        body.push_str(&both("p", |language| {
            let says =
                language.say("Failed once and passed once, and count as passed", "一次失败、一次通过，按通过计分");
            format!("{says}: {}", escape(&unstable.join(", ")))
        }));
    }
    if !grade.details[0].is_empty() && grade.state != State::Graded {
        body.push_str(&both("pre", |language| escape(&cut(grade.details(language)))));
    }
    if let Some(version) = report.and_then(|report| report.members.get("version")?.as_str()) {
        body.push_str(&format!("<p class=\"dim\">http-suite {}</p>\n", escape(version)));
    }
    page(&grade.name, &body, language)
}

fn parts(grade: &Grade) -> String {
    let mut rows = String::new();
    for (name, part) in PARTS.into_iter().zip(grade.parts) {
        let name = both("span", |language| crate::formats::part_name(name, language).to_owned());
        let (earned, most) = (number(part.points), number(part.most));
        let _ = writeln!(
            rows,
            "<tr><td>{name}</td><td class=\"n\">{earned} / {most}</td><td class=\"n\">{} / {}</td></tr>",
            part.passed, part.of
        );
    }
    let headings = headings(&[("part", "部分"), ("points", "得分"), ("cases", "用例")]);
    format!("<table>\n<tr>{headings}</tr>\n{rows}</table>\n")
}

fn is_shown(visibility: Visibility) -> bool {
    visibility == Visibility::Visible
}

fn failures(grade: &Grade) -> String {
    let mut text = String::new();
    let failed = grade.cases.iter().filter(|earned| earned.finding.verdict == "fails" && is_shown(earned.visibility));
    // What is best mended first stands first, and is open.
    let mut failed: Vec<_> = failed.collect();
    failed.sort_by_key(|earned| grade.mend.as_ref() != Some(&earned.finding.name));
    for (place, earned) in failed.into_iter().enumerate() {
        let finding = &earned.finding;
        let summary = both("span", |language| {
            format!("{} <span class=\"dim\">−{}</span>", escape(finding.title(language)), number(earned.most))
        });
        let about = both("p", |language| escape(finding.hint(language)));
        let said = both("pre", |language| escape(&cut(finding.text(language))));
        let open = if place == 0 { " open" } else { "" };
        let _ = writeln!(text, "<details{open}><summary>{summary}</summary>{about}{said}</details>");
    }
    text
}

/// The page of all: who has what, who is where on the ladder, and which cases stop most of them.
pub fn overview(
    grades: &[(Grade, Option<Report>)],
    points: &Points,
    isolation: &Isolation,
    options: &Options,
) -> String {
    let stage = options.stage.name();
    let mut body = both("h1", |language| match language {
        Language::English => format!("{} submissions, as lesson {stage}", grades.len()),
        Language::Chinese => format!("{} 份提交，按第 {stage} 课评", grades.len()),
    });
    body.push_str(&table(grades, points));
    body.push_str(&both("h2", |language| language.say("What stops most of them", "难住最多人的用例").to_owned()));
    body.push_str(&stoppers(grades));
    body.push_str(&both("h2", |language| language.say("Who is where", "各人到了哪一课").to_owned()));
    body.push_str(&both("p", |language| {
        language
            .say(
                "Of the cases that a lesson has to pass, strictness apart, and that were run: how many of a hundred pass.",
                "每一课必须通过的用例（不含严格性，只算本次运行的）中，通过的百分比。",
            )
            .to_owned()
    }));
    body.push_str(&ladder(grades));
    body.push_str(&under_which_limits(isolation, options));
    let title = options.csv.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    page(&title, &body, options.language)
}

fn table(grades: &[(Grade, Option<Report>)], points: &Points) -> String {
    let mut rows = String::new();
    for (grade, _) in grades {
        let name = format!("<a href=\"{}/index.html\">{}</a>", percent(&grade.name), escape(&grade.name));
        let mut about = both("div", |language| {
            let (state, reason) = (grade.state.say(language), escape(&grade.reason(language)));
            let between = if reason.is_empty() { "" } else { language.say(": ", "：") };
            let class = if grade.state == State::Graded { "dim" } else { "bad" };
            format!("<span class=\"{class}\">{state}</span>{between}{reason}")
        });
        for likeness in &grade.looks_like {
            about.push_str(&both("div class=\"look\"", |language| {
                format!("{}: {}", likeness.what(language), escape(&likeness.evidence))
            }));
        }
        if !grade.unstable.is_empty() {
            about.push_str(&both("div class=\"dim\"", |language| {
                format!("{}: {}", language.say("unstable", "不稳定"), escape(&grade.unstable.join(", ")))
            }));
        }
        let passed = grade.parts.map(|part| format!("<td class=\"n\">{}/{}</td>", part.passed, part.of)).concat();
        let (earned, most) = (number(grade.points()), number(grade.most(points)));
        let _ =
            writeln!(rows, "<tr><td>{name}</td><td class=\"n\">{earned} / {most}</td>{passed}<td>{about}</td></tr>");
    }
    let heading = |(en, zh): (&str, &str)| format!("<th>{}</th>", spans(en, zh));
    let headings = [
        ("name", "姓名"),
        ("points", "得分"),
        ("gained", "新增"),
        ("kept", "保持"),
        ("strictness", "严格性"),
        ("", ""),
    ];
    format!("<table>\n<tr>{}</tr>\n{rows}</table>\n", headings.map(heading).concat())
}

/// The cases that most submissions fail which have a server, and how many have to mend it first.
fn stoppers(grades: &[(Grade, Option<Report>)]) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut titles: BTreeMap<&str, [&str; 2]> = BTreeMap::new();
    for (grade, _) in grades.iter().filter(|(grade, _)| grade.state != State::NoServer) {
        for earned in grade.cases.iter().filter(|earned| earned.finding.verdict == "fails") {
            let finding = &earned.finding;
            let count = counts.entry(&finding.name).or_default();
            count.0 += 1;
            count.1 += usize::from(grade.mend.as_ref() == Some(&finding.name));
            titles.insert(&finding.name, [finding.title(Language::English), finding.title(Language::Chinese)]);
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(name, (fails, first))| (std::cmp::Reverse((*first, *fails)), *name));
    let mut rows = String::new();
    for (name, (fails, first)) in counts.into_iter().take(STOPPERS) {
        let [en, zh] = titles.get(name).copied().unwrap_or([name, name]);
        let title = spans(&escape(en), &escape(zh));
        let _ = writeln!(rows, "<tr><td>{title}</td><td class=\"n\">{first}</td><td class=\"n\">{fails}</td></tr>");
    }
    let headings =
        headings(&[("case", "用例"), ("have to mend it first", "应首先修复的人数"), ("fail", "未通过的人数")]);
    format!("<table>\n<tr>{headings}</tr>\n{rows}</table>\n")
}

fn ladder(grades: &[(Grade, Option<Report>)]) -> String {
    let stages: Vec<Stage> = Stage::all().collect();
    let headings = stages.iter().map(|stage| format!("<th class=\"n\">{}</th>", stage.name())).collect::<String>();
    let mut rows = String::new();
    for (grade, report) in grades {
        let cells: String = stages
            .iter()
            .map(|stage| match report.as_ref().and_then(|report| passed_of(report, *stage)) {
                None => "<td class=\"n dim\">–</td>".to_owned(),
                Some(percent) => {
                    let class = match percent {
                        100 => "full",
                        80.. => "most",
                        50.. => "some",
                        _ => "few",
                    };
                    format!("<td class=\"n {class}\">{percent}</td>")
                }
            })
            .collect();
        let _ = writeln!(rows, "<tr><td>{}</td>{cells}</tr>", escape(&grade.name));
    }
    format!("<table>\n<tr><th></th>{headings}</tr>\n{rows}</table>\n")
}

/// Of a hundred cases that this lesson has to pass, how many pass; rounded down, so that only all are a hundred.
fn passed_of(report: &Report, stage: Stage) -> Option<usize> {
    let (mut passed, mut of) = (0, 0);
    for finding in &report.cases {
        let is_strict = http_suite::cases::all().any(|case| case.name == finding.name && case.strict);
        if !is_strict && stage.mark(&finding.name) == Mark::Passes && finding.was_seen() {
            of += 1;
            passed += usize::from(finding.has_passed() || finding.verdict == "beyond");
        }
    }
    (of > 0).then(|| passed * 100 / of)
}

fn under_which_limits(isolation: &Isolation, options: &Options) -> String {
    both("p class=\"dim\"", |language| {
        let yes_or_why = |result: &Result<(), String>| match result {
            Ok(()) => language.say("yes", "是").to_owned(),
            Err(why) => format!("{} ({})", language.say("no", "否"), escape(why)),
        };
        let (network, user) = (yes_or_why(&isolation.network), yes_or_why(&isolation.user));
        let (time, memory, processes, disk) = (options.time, options.memory, options.processes, options.disk);
        match language {
            Language::English => format!(
                "Each ran without network: {network}; as another user: {user}; for at most {time} s, with {memory} MiB \
                 of memory for a process, with {processes} processes, and wrote at most {disk} MiB."
            ),
            Language::Chinese => format!(
                "运行环境：断网：{network}；以其他用户身份运行：{user}；时间上限 {time} 秒，单个进程内存 {memory} MiB，\
                 进程数 {processes}，写盘 {disk} MiB。"
            ),
        }
    })
}

/// `language` is the one that is shown at first.
fn page(title: &str, body: &str, language: Language) -> String {
    let title = escape(title);
    let (en, zh) = (language.say(" checked", ""), language.say("", " checked"));
    format!(
        "<!DOCTYPE html>\n<html>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n<body>\n\
         <input type=\"radio\" name=\"language\" id=\"en\"{en}><label for=\"en\" lang=\"en\">English</label>\n\
         <input type=\"radio\" name=\"language\" id=\"zh\"{zh}><label for=\"zh\" lang=\"zh\">中文</label>\n\
         <main>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// An element in each language, of which one is shown. `open` is its name, and may have a class.
fn both(open: &str, write: impl Fn(Language) -> String) -> String {
    let (name, class) = match open.split_once(" class=\"") {
        Some((name, class)) => (name, format!(" {}", class.trim_end_matches('"'))),
        None => (open, String::new()),
    };
    let (en, zh) = (write(Language::English), write(Language::Chinese));
    format!(
        "<{name} class=\"en{class}\" lang=\"en\">{en}</{name}><{name} class=\"zh{class}\" lang=\"zh\">{zh}</{name}>\n"
    )
}

/// A name, and what stands in its row as numbers.
fn headings(names: &[(&str, &str)]) -> String {
    let class = |place: usize| if place == 0 { "" } else { " class=\"n\"" };
    let names = names.iter().enumerate();
    names.map(|(place, (en, zh))| format!("<th{}>{}</th>", class(place), spans(en, zh))).collect()
}

fn spans(en: &str, zh: &str) -> String {
    format!("<span class=\"en\">{en}</span><span class=\"zh\" lang=\"zh\">{zh}</span>")
}

/// A text that is nothing but text: a server may say what it likes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            _ if letter.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// The name of a folder in a link.
fn percent(name: &str) -> String {
    let mut path = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => path.push(byte.into()),
            _ => {
                let _ = write!(path, "%{byte:02X}");
            }
        }
    }
    path
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_student_has_named_or_said_stays_text() {
        let details = ["<script>alert(1)</script>", ""].map(str::to_owned);
        let reason = crate::grade::say("it's \"so\" & <so>", "<b>");
        let grade = Grade::none("<img src=x onerror=alert(1)>", "04", State::NotBuilt, reason, details);
        let page = student(&grade, None, &Points::default(), Language::English);
        for tag in ["<script", "<img", "<so>", "<b>\n"] {
            assert!(!page.contains(tag), "{tag} in {page}");
        }
        assert!(!percent("a/\"b c").contains(['/', '"', ' ']));
    }

    #[test]
    fn a_hidden_case_is_not_on_the_page_of_a_student() {
        let points = "[visibility]\ndefault = \"hidden\"\n";
        let report = Report::read(include_str!("../tests/report.jsonl")).unwrap();
        let failing = |page: &str| page.contains("<details");
        let grade = Grade::of("anna", &report, &Points::parse(points).unwrap());
        assert!(!failing(&student(&grade, None, &Points::default(), Language::English)));
        let grade = Grade::of("anna", &report, &Points::default());
        assert!(failing(&student(&grade, None, &Points::default(), Language::English)));
    }
}
