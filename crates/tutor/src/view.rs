//! What a learner sees of a rung, as lines for a terminal of a given size: one failing case, or what was gained.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use http_suite::{Account, Cause, cases, visible};
use unicode_width::UnicodeWidthStr;

use crate::climb::{Climb, Verdict};
use crate::judge::{Failing, Obstacle};
use crate::language::{Both, Language};
use crate::program::ProgrammingLanguage;
use crate::{terminal, wrap};

/// Dimmed text: labels, and what is beside the matter.
pub const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// How wide labels are, with the blank behind them.
const LABEL: usize = 10;
/// Bytes of an exchange take more lines than that only where nothing else needs them.
const MANY: usize = 100;

/// The size of what is to be filled.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Columns.
    pub width: usize,
    /// Lines; `None`: as many as it takes.
    pub height: Option<usize>,
}

impl Size {
    /// As wide as the terminal, if standard output is one, but not so wide that lines are hard to read; as many lines
    /// as it takes.
    pub fn of_output() -> Size {
        const MOST: usize = 100;
        let width = terminal::size().map_or(MOST, |(columns, _)| columns);
        Size { width: width.clamp(40, MOST), height: None }
    }
}

/// One part of what there is to say, with a label before it.
struct Part {
    label: &'static str,
    lines: Vec<String>,
    style: Style,
    /// How many of its lines stay where there is no room; which parts lose lines first is in the order of `CUT`.
    least: usize,
    /// Lines are to be copied: they are not broken by us.
    is_command: bool,
}

impl Part {
    /// Prose, broken between words.
    fn prose(label: &'static str, text: &str, width: usize, least: usize) -> Part {
        Part { label, lines: wrap::lines(text, width - LABEL), style: Style::new(), least, is_command: false }
    }

    fn styled(self, style: Style) -> Part {
        Part { style, ..self }
    }

    /// How many lines of the terminal it takes.
    fn rows(&self, width: usize) -> usize {
        let rows = |line: &String| if self.is_command { (line.width() + LABEL).div_ceil(width).max(1) } else { 1 };
        self.lines.iter().map(rows).sum()
    }

    /// With a line less, and a sign of that.
    fn shorten(&mut self) {
        self.lines.pop();
        if let Some(last) = self.lines.last_mut().filter(|last| !last.ends_with('…')) {
            last.push_str(" …");
        }
    }

    fn show(&self, width: usize) -> Vec<String> {
        let mut label = self.label;
        let mut shown = Vec::new();
        for line in &self.lines {
            let text = if self.is_command { line.clone() } else { cut(line, width - LABEL) };
            let style = self.style;
            shown.push(format!("{DIM}{}{DIM:#}{style}{text}{style:#}", padded(label, LABEL)));
            label = "";
        }
        shown
    }
}

/// Filled with blanks up to this many columns; a Chinese character takes two.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// As much as fits into so many columns.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut shown = String::new();
    for letter in text.chars() {
        if shown.width() + letter.to_string().width() + 1 > width {
            break;
        }
        shown.push(letter);
    }
    shown + "…"
}

/// `lesson 01 · rung 3 of 10 · A request comes in pieces`, with what it is written in at the right.
pub fn heading(climb: &Climb, width: usize, language: Language) -> String {
    let (lesson, rung, of) = (climb.ladder.lesson, climb.rung(), climb.ladder.len());
    let name = climb.ladder.rungs[rung - 1].name.say(language);
    let left = match language {
        Language::English => format!("lesson {lesson} · rung {rung} of {of} · {name}"),
        Language::Chinese => format!("第 {lesson} 课 · 第 {rung}/{of} 级 · {name}"),
    };
    let right = climb.language.title();
    let left = cut(&left, width.saturating_sub(right.width() + 2));
    let gap = " ".repeat(width.saturating_sub(left.width() + right.width()));
    format!("{BOLD}{left}{BOLD:#}{gap}{DIM}{right}{DIM:#}")
}

/// What a rung said to the code: all that a learner needs to go on.
pub fn verdict(climb: &Climb, verdict: &Verdict, size: Size, language: Language) -> Vec<String> {
    match verdict {
        Verdict::Reached => reached(climb, size, language),
        Verdict::DoesNotBuild(said) => does_not_build(climb, said, size, language),
        Verdict::Stopped(Obstacle::Case(failing)) => failing_case(climb, failing, size, language),
        Verdict::Stopped(obstacle) => other_obstacle(climb, obstacle, size, language),
    }
}

fn says(language: Language, label: (&'static str, &'static str)) -> &'static str {
    language.say(label.0, label.1)
}

fn failing_case(climb: &Climb, failing: &Failing, size: Size, language: Language) -> Vec<String> {
    let rung = climb.rung();
    let is_own = climb.ladder.rungs[rung - 1].cases.iter().any(|case| case == failing.case);
    let case = cases::all().find(|case| case.name == failing.case);
    let name = case.map_or(failing.case, |case| case.title(language));
    let mut title = format!("{BAD}✗ {name}{BAD:#}");
    if !is_own {
        let of = climb.ladder.rungs.iter().position(|rung| rung.cases.iter().any(|case| case == failing.case));
        let said = match (of, language) {
            (Some(at), Language::English) if at + 1 < rung => format!("  it passed at rung {}", at + 1),
            (Some(at), Language::Chinese) if at + 1 < rung => format!("  它在第 {} 级已经通过", at + 1),
            (_, Language::English) => "  it passed before".to_owned(),
            (_, Language::Chinese) => "  以前是通过的".to_owned(),
        };
        let _ = write!(title, "{DIM}{said}{DIM:#}");
    }
    let parts = match &failing.account {
        Some(account) => parts(climb, account, size.width, language),
        None => vec![Part::prose("", failing.text.say(language), size.width, 1)],
    };
    let mut lines = vec![title, String::new()];
    let room = size.height.map(|height| height.saturating_sub(lines.len()));
    lines.extend(fitted(parts, size.width, room));
    lines
}

/// The parts of a failing case, in the order in which they are read.
fn parts(climb: &Climb, account: &Account, width: usize, language: Language) -> Vec<Part> {
    let label = |en, zh| says(language, (en, zh));
    let bytes = |label, lines| Part { label, lines, style: Style::new(), least: 2, is_command: false };
    let mut parts = Vec::new();
    let mut sent = lines_of(&account.sent);
    let waited = account.in_vain || account.cause == Some(Cause::NoAnswer);
    // Without a client there is nothing to be said of it.
    if sent.is_empty() && waited && account.ended.is_some() {
        sent.push(label("(nothing: it connected, and waits)", "（什么也没有：只是连上，然后等待）").to_owned());
    }
    if account.finished && !sent.is_empty() {
        sent.push(label("(it said that it will send no more)", "（声明不再发送）").to_owned());
    }
    if !sent.is_empty() {
        parts.push(bytes(label("sent", "发送"), sent));
    }
    let mut came = lines_of(&account.came);
    came.extend(account.ended.as_ref().map(|event| format!("({})", event.say(language))));
    if came.is_empty() {
        came.push(label("nothing", "什么也没有").to_owned());
    }
    parts.push(bytes(label("came", "收到"), came));
    parts.push(Part::prose(label("expected", "应当"), account.expected.say(language), width, 1).styled(GOOD));
    let got = if account.what.en.is_empty() { &account.got } else { &account.what }.say(language);
    parts.push(Part::prose(label("but", "实际"), got, width, 2).styled(BAD));
    if account.said.iter().any(|line| !line.starts_with("listening on")) {
        parts.push(Part { least: 1, ..Part::prose(label("it said", "输出"), &account.said.join("\n"), width, 1) });
    } else if account.came.is_empty() && account.ended.is_some() && !waited {
        // Whoever catches every error, and is silent about it, cannot know why there is no answer.
        let text = label(
            "nothing. What your server prints is shown here, also an error that it catches, if it prints it.",
            "什么也没有。服务器打印的内容会显示在这里；捕获的错误，打印出来也会显示。",
        );
        parts.push(Part::prose(label("it said", "输出"), text, width, 1));
    }
    parts.push(Part::prose(label("why", "为什么"), account.why.say(language), width, 2));
    let commands = by_hand(account, language);
    if !commands.is_empty() {
        let mut lines = vec![format!("just learn run        {}", label("# in another terminal", "# 在另一个终端"))];
        lines.extend(commands);
        let label = label("by hand", "动手看");
        parts.push(Part { label, lines, style: Style::new(), least: 2, is_command: true });
    }
    parts.push(Part::prose(label("read on", "阅读"), &read_on_of(climb, account.case, language), width, 1));
    parts
}

/// Where the book is about this rung.
fn read_on(climb: &Climb, language: Language) -> String {
    let read = &climb.ladder.rungs[climb.rung() - 1].read;
    let (page, anchor) = read.split_once('#').unwrap_or((read, ""));
    let folder = language.say("en", "zh");
    let at = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
    format!("docs/{folder}/{page}.md{at}")
}

/// The same, after the words in which the suite says what it is about there.
fn read_on_of(climb: &Climb, case: &str, language: Language) -> String {
    let where_to = read_on(climb, language);
    match cases::all().find(|other| other.name == case).map(|case| case.read_on(language)) {
        Some(about) if !about.is_empty() => format!("{about} · {where_to}"),
        _ => where_to,
    }
}

/// What came or was sent, a line for each line.
fn lines_of(bytes: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = bytes.split_inclusive(|byte| *byte == b'\n').take(MANY).map(visible).collect();
    if bytes.split_inclusive(|byte| *byte == b'\n').count() > MANY {
        lines.push("…".to_owned());
    }
    lines
}

/// The commands that show it, without those that start the server.
fn by_hand(account: &Account, language: Language) -> Vec<String> {
    let is_client = |line: &&str| line.contains("| nc ") || line.starts_with("nc ");
    account.by_hand.iter().map(|line| line.say(language)).filter(is_client).map(str::to_owned).collect()
}

/// Parts that fit into so many lines. Those that tell least lose lines first.
fn fitted(mut parts: Vec<Part>, width: usize, room: Option<usize>) -> Vec<String> {
    let rows = |parts: &[Part]| parts.iter().map(|part| part.rows(width)).sum::<usize>();
    while room.is_some_and(|room| rows(&parts) > room) {
        let spare = |part: &&mut Part| part.lines.len() > part.least;
        // The longest of those that have a line to spare.
        let longest = parts.iter_mut().filter(spare).max_by_key(|part| part.rows(width));
        let Some(longest) = longest else { break };
        longest.shorten();
    }
    // Where that is not enough, commands are cut: the plain command shows them whole.
    if room.is_some_and(|room| rows(&parts) > room) {
        for part in parts.iter_mut().filter(|part| part.is_command) {
            part.lines.iter_mut().for_each(|line| *line = cut(line, width - LABEL));
        }
    }
    let mut lines: Vec<String> = parts.iter().flat_map(|part| part.show(width)).collect();
    if let Some(room) = room {
        lines.truncate(room);
    }
    lines
}

fn does_not_build(climb: &Climb, said: &str, size: Size, language: Language) -> Vec<String> {
    let file = climb.shown_folder();
    let what = match climb.language {
        ProgrammingLanguage::Python | ProgrammingLanguage::JavaScript => says(language, ("a syntax error", "语法错误")),
        _ => says(language, ("it does not build", "无法构建")),
    };
    let title = format!("{BAD}✗ {what}{BAD:#}  {DIM}{file}{DIM:#}");
    let mut lines = vec![title, String::new()];
    let room = size.height.map_or(usize::MAX, |height| height.saturating_sub(lines.len()));
    // The first error is the one to mend first.
    let said: Vec<&str> = said.lines().collect();
    lines.extend(said.iter().take(room).map(|line| cut(line, size.width)));
    lines
}

fn other_obstacle(climb: &Climb, obstacle: &Obstacle, size: Size, language: Language) -> Vec<String> {
    let (title, text): (Both, Both) = match obstacle {
        Obstacle::Shape(missing) => {
            let missing = missing.iter().map(|shape| format!("  {shape}")).collect::<Vec<_>>().join("\n");
            (
                crate::both!(
                    "the server does what it did, but is not written so yet",
                    "服务器的行为没有变，但代码还不是这样写的"
                ),
                crate::both!(
                    "This is not in the code yet:\n{missing}\n\nNo case turns green by this rung: it only writes the \
                     program otherwise, so that the next one becomes possible.",
                    "代码里还没有：\n{missing}\n\n这一级不会让任何用例变绿：它只是换一种写法，为下一级做准备。"
                ),
            )
        }
        Obstacle::Warnings(warnings) => {
            let warnings: Vec<&str> = warnings.iter().map(|warning| warning.trim_end()).collect();
            let warnings = warnings.join("\n\n");
            (crate::both!("the compiler warns", "编译器给出警告"), crate::both!("{warnings}", "{warnings}"))
        }
        Obstacle::Silenced => (
            crate::both!("the compiler may not warn", "编译器的警告被关掉了"),
            crate::both!(
                "Take out #[allow(…)] or #[expect(…)] of what is not used, and `const _`: this rung is judged by code \
                 that is in use.",
                "请去掉针对未使用代码的 #[allow(…)] 或 #[expect(…)]，以及 `const _`：这一级看的是真正用到的代码。"
            ),
        ),
        Obstacle::NotLookedAt(why) => (crate::both!("it cannot be seen here", "在这里无法检查"), why.clone()),
        Obstacle::Case(_) => return Vec::new(),
    };
    let mut lines = vec![format!("{BAD}✗ {}{BAD:#}", title.say(language)), String::new()];
    lines.extend(wrap::lines(text.say(language), size.width));
    lines.push(String::new());
    lines.push(format!("{DIM}{}{DIM:#}", read_on(climb, language)));
    if let Some(height) = size.height {
        lines.truncate(height);
    }
    lines
}

fn reached(climb: &Climb, size: Size, language: Language) -> Vec<String> {
    let (rung, of) = (climb.rung(), climb.ladder.len());
    let here = &climb.ladder.rungs[rung - 1];
    let title = match language {
        Language::English => format!("{GOOD}✓ rung {rung} of {of} is reached{GOOD:#}"),
        Language::Chinese => format!("{GOOD}✓ 已达到第 {rung} 级，共 {of} 级{GOOD:#}"),
    };
    let mut lines = vec![title, String::new()];
    lines.extend(wrap::lines(here.gained.say(language), size.width));
    let own = climb.ladder.own(rung);
    if !own.is_empty() {
        lines.push(String::new());
        lines.push(format!("{DIM}{}{DIM:#}", says(language, ("green now:", "变绿的用例："))));
    }
    let titles = own.into_iter().map(|case| case.title(language));
    lines.extend(titles.map(|title| format!("{GOOD}  ✓{GOOD:#} {}", cut(title, size.width - 4))));
    if let Some(next) = climb.ladder.rungs.get(rung) {
        let (number, name, minutes) = (rung + 1, next.name.say(language), next.minutes);
        let said = match language {
            Language::English => format!("next: rung {number}, {name} (about {minutes} minutes)"),
            Language::Chinese => format!("下一级：第 {number} 级，{name}（约 {minutes} 分钟）"),
        };
        lines.push(String::new());
        lines.push(cut(&said, size.width));
    } else {
        lines.push(String::new());
        lines.push(says(language, ("That was the last rung of this lesson.", "这是本课的最后一级。")).to_owned());
    }
    if let Some(height) = size.height {
        lines.truncate(height);
    }
    lines
}

/// The rungs of the lesson, and what else was begun.
pub fn list(climb: &Climb, width: usize, language: Language) -> Vec<String> {
    let standing = climb.standing();
    let mut lines = Vec::new();
    for (number, rung) in (1..).zip(&climb.ladder.rungs) {
        let (mark, style) = match () {
            () if number <= standing.reached => ("✓", GOOD),
            () if number == standing.rung => ("▶", BOLD),
            () => (" ", Style::new()),
        };
        let minutes = match language {
            Language::English => format!("{} min", rung.minutes),
            Language::Chinese => format!("{} 分钟", rung.minutes),
        };
        let hints = match (standing.hints_at(number), language) {
            (0, _) => String::new(),
            (count, Language::English) => format!(", hints: {count}"),
            (count, Language::Chinese) => format!("，提示 {count} 条"),
        };
        let right = format!("{minutes}{hints}");
        let left =
            cut(&format!("{mark} {number:>2}  {}", rung.name.say(language)), width.saturating_sub(right.width() + 2));
        let gap = " ".repeat(width.saturating_sub(left.width() + right.width()));
        lines.push(format!("{style}{left}{style:#}{gap}{DIM}{right}{DIM:#}"));
    }
    let others: Vec<String> = climb
        .progress()
        .work
        .iter()
        .filter(|(name, _)| **name != climb.progress().current)
        .map(|(name, standing)| match language {
            Language::English => format!("work/{name}: rung {} reached", standing.reached),
            Language::Chinese => format!("work/{name}：已达到第 {} 级", standing.reached),
        })
        .collect();
    if !others.is_empty() {
        lines.push(String::new());
        lines.extend(others.into_iter().map(|line| cut(&line, width)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_part_loses_lines_first() {
        let part = |label, count: usize, least| Part {
            label,
            lines: (0..count).map(|number| number.to_string()).collect(),
            style: Style::new(),
            least,
            is_command: false,
        };
        let shown = fitted(vec![part("a", 9, 2), part("b", 2, 2), part("c", 4, 1)], 40, Some(8));
        assert_eq!(shown.len(), 8, "{shown:?}");
        assert!(shown.iter().any(|line| line.contains("2 …")), "{shown:?}");
        assert!(shown.iter().filter(|line| line.contains('b')).count() == 1);
    }

    #[test]
    fn a_command_is_not_broken() {
        let line = "printf 'x' | nc 127.0.0.1 7890".repeat(4);
        let part =
            Part { label: "by hand", lines: vec![line.clone()], style: Style::new(), least: 1, is_command: true };
        assert_eq!(part.rows(80), 2);
        let shown = fitted(vec![part], 80, Some(9));
        assert!(shown[0].contains(&line), "{shown:?}");
    }
}
