//! What a step changes, for a terminal: moved lines told from new ones, comments dimmed, no line wider than the screen,
//! and if possible all of it on one screen.

use std::cmp::Ordering;
use std::fmt::Write;

use anstyle::{AnsiColor, Color, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::change::{Change, Counts, Elsewhere, Fate, FileChange, Kind, Line};
use crate::excerpt::{is_item, is_near_a_change, item, named};
use crate::language::Language;
use crate::series::Step;

/// The screen that it is shown on.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// In columns.
    pub width: usize,
    /// In lines. What does not fit gets fewer lines around each change, and fewer of those that go.
    pub height: usize,
    /// Of names and headings.
    pub language: Language,
    /// Show all: cases, moved and removed lines, files that are handed over as a whole.
    pub full: bool,
}

/// How much is shown of what is not new.
#[derive(Clone, Copy, Debug)]
struct Detail {
    /// Lines around a change.
    context: usize,
    /// Of many lines on end that go, the first.
    goes: usize,
    /// Also those that others come in place of.
    replaced: bool,
    /// So many moved lines on end; more are one line that says where they are.
    moved: usize,
    /// What tells little is left out: blank lines, lines that name other files and crates, places that have no name.
    /// Comments are cut where the line ends, and not wrapped.
    terse: bool,
}

/// From the most to the least; the first that fits is taken.
const DETAILS: [Detail; 8] = [
    Detail { context: 2, goes: 4, replaced: true, moved: 2, terse: false },
    Detail { context: 1, goes: 4, replaced: true, moved: 2, terse: false },
    Detail { context: 1, goes: 2, replaced: true, moved: 2, terse: false },
    Detail { context: 1, goes: 1, replaced: true, moved: 1, terse: true },
    Detail { context: 1, goes: 0, replaced: true, moved: 1, terse: true },
    Detail { context: 0, goes: 1, replaced: true, moved: 1, terse: true },
    Detail { context: 0, goes: 0, replaced: true, moved: 1, terse: true },
    Detail { context: 0, goes: 0, replaced: false, moved: 1, terse: true },
];

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const CYAN: Style = colour(AnsiColor::Cyan);

/// Begins what did not fit into the line above.
const WRAPPED: &str = "↪ ";

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// How a line is marked, without colour too.
fn look(line: &Line) -> (char, Style) {
    let (sign, style) = match line.kind {
        Kind::Same => (' ', Style::new()),
        Kind::Added => ('+', colour(AnsiColor::Green)),
        Kind::Removed => ('-', colour(AnsiColor::Red)),
        Kind::MovedHere => ('>', colour(AnsiColor::Blue)),
        Kind::MovedAway => ('<', colour(AnsiColor::Magenta)),
    };
    (sign, if line.is_comment() { style.dimmed() } else { style })
}

/// One step: its heading, then what it changes.
pub fn step(lesson: &str, number: usize, of: usize, step: &Step, change: &Change, screen: &Screen) -> String {
    let title = format!("{lesson} · {number}/{of}  {}", step.name.say(screen.language));
    let mut text = heading(&title, &counted(&change.counts(&step.whole), screen.language), screen);
    let says = screen.language;
    let stage = &step.stage;
    let green = says.say("turns green at stage {}:", "在阶段 {} 变绿：").replace("{}", stage);
    text.push_str(&cases(&green, &step.green, screen));
    text.push_str(&cases(says.say("still red:", "暂时为红："), &step.red, screen));
    if step.moves {
        let _ = writeln!(text, "  {}", says.say("moves lines, and changes none", "只移动代码，不改动"));
    }
    if step.restructures {
        let said = says.say("restructures: the suite says what it said before", "只调整结构：测试结果与之前相同");
        let _ = writeln!(text, "  {said}");
    }
    text.push_str(&of_change(change, &step.whole, screen, text.lines().count()));
    text
}

/// In one line, as many as fit; all, if all is wanted.
fn cases(word: &str, names: &[String], screen: &Screen) -> String {
    if names.is_empty() {
        return String::new();
    }
    if screen.full {
        let names: String = names.iter().map(|name| format!("\n    {name}")).collect();
        return format!("  {word}{names}\n");
    }
    let line = |shown: usize| {
        let more = match (names.len() - shown, screen.language) {
            (0, _) => String::new(),
            (count, Language::English) if shown == 0 => format!("{count} cases"),
            (count, Language::English) => format!(" and {count} more"),
            (count, Language::Chinese) if shown == 0 => format!("{count} 个用例"),
            (count, Language::Chinese) => format!("，另有 {count} 个"),
        };
        format!("  {word} {}{more}", names[..shown].join(screen.language.say(", ", "、")))
    };
    let shown = (0..=names.len()).rev().find(|shown| line(*shown).width() <= screen.width).unwrap_or(0);
    line(shown) + "\n"
}

/// All that a lesson changes in its parent, at once.
pub fn sum(lesson: &str, parent: &str, change: &Change, screen: &Screen) -> String {
    let between = screen.language.say("against", "对比");
    let title = format!("{lesson} {between} {parent}");
    let text = heading(&title, &counted(&change.counts(&[]), screen.language), screen);
    // It never fits, so nothing is saved by less.
    let roomy = Screen { height: usize::MAX, ..*screen };
    text + &of_change(change, &[], &roomy, 0)
}

/// `+29 −17, 6 moved`
pub fn counted(counts: &Counts, language: Language) -> String {
    let Counts { added, removed, moved, .. } = counts;
    let moved = match (moved, language) {
        (0, _) => String::new(),
        (moved, Language::English) => format!(", {moved} moved"),
        (moved, Language::Chinese) => format!("，移动 {moved}"),
    };
    format!("+{added} −{removed}{moved}")
}

fn heading(title: &str, counts: &str, screen: &Screen) -> String {
    let used = title.width() + counts.width() + 8;
    let rule = "━".repeat(screen.width.saturating_sub(used).max(1));
    format!("{BOLD}━━ {title} {rule} {counts} ━━{BOLD:#}\n")
}

fn of_change(change: &Change, whole: &[String], screen: &Screen, above: usize) -> String {
    let with = |detail: Detail| -> String {
        change.files.iter().map(|file| of_file(file, whole.contains(&file.path), detail, screen)).collect()
    };
    let fits = |text: &String| text.lines().count() + above <= screen.height;
    // What does not fit at all has to be scrolled, and should still show where it is.
    let [roomier @ .., least] = DETAILS;
    roomier.into_iter().map(with).find(fits).unwrap_or_else(|| with(least))
}

fn of_file(file: &FileChange, whole: bool, detail: Detail, screen: &Screen) -> String {
    let says = screen.language;
    let lines = file.lines.len();
    let note = match (file.fate, whole) {
        (_, true) => match says {
            Language::English => format!(" ({lines} lines, given as a whole)"),
            Language::Chinese => format!("（{lines} 行，整个给出）"),
        },
        (Fate::New, _) => says.say(" (new)", "（新文件）").to_owned(),
        (Fate::Gone, _) => says.say(" (gone)", "（已删除）").to_owned(),
        (Fate::Stays, _) => String::new(),
    };
    let mut text = format!("{BOLD}{CYAN}src/{}{CYAN:#}{BOLD:#}{note}", file.path);
    if whole && !screen.full {
        return text + "\n";
    }
    let (lines, uses) = if detail.terse && !screen.full { terse(&file.lines) } else { (file.lines.clone(), (0, 0)) };
    if uses != (0, 0) {
        let (added, removed) = uses;
        let said = match says {
            Language::English => format!("use and mod: +{added} −{removed} lines"),
            Language::Chinese => format!("use 和 mod：+{added} −{removed} 行"),
        };
        let _ = write!(text, "  {DIM}≡ {said}{DIM:#}");
    }
    text.push('\n');
    let (mut last, mut place_said, mut gap) = (None, None, false);
    for (index, line) in lines.iter().enumerate() {
        if !is_near_a_change(&lines, index, detail.context) {
            continue;
        }
        let jumps = last.map_or(index > 0, |last| last + 1 < index);
        let item = item(&lines, index);
        if jumps && file.fate == Fate::Stays && !(detail.terse && (item.is_none() || item == place_said)) {
            text.push_str(&place(line.number, item, screen.width));
            place_said = item;
        } else {
            gap |= jumps && file.fate == Fate::Stays;
        }
        if is_item(line) {
            place_said = Some(named(line));
        }
        last = Some(index);
        match if screen.full { Shown::Yes } else { shown(&lines, index, detail) } {
            Shown::Yes => text.push_str(&of_line(line, gap, detail.terse && line.is_comment(), screen.width)),
            Shown::InPlaceOf(run) => text.push_str(&fold(run, detail.goes > 0, screen.language)),
            Shown::No => continue,
        }
        gap = false;
    }
    text
}

/// Without lines that tell little; and how many of the left out say what else is used, of those that come and that go.
fn terse(lines: &[Line]) -> (Vec<Line>, (usize, usize)) {
    let uses = |line: &&Line| {
        let text = line.text.trim_start_matches("pub ");
        !line.stays() && ["use ", "mod "].iter().any(|word| text.starts_with(word))
    };
    let comes = |line: &&Line| matches!(line.kind, Kind::Added | Kind::MovedHere);
    let tells = |line: &&Line| line.stays() || !(uses(line) || line.text.trim().is_empty());
    let count = |which: &dyn Fn(&&Line) -> bool| lines.iter().filter(uses).filter(which).count();
    (lines.iter().filter(tells).cloned().collect(), (count(&comes), count(&|line| !comes(line))))
}

/// Whether a line is shown where not all are.
enum Shown<'a> {
    Yes,
    /// One line stands for all of these.
    InPlaceOf(&'a [Line]),
    No,
}

fn shown<'a>(lines: &'a [Line], index: usize, detail: Detail) -> Shown<'a> {
    let line = &lines[index];
    let goes = |line: &Line| matches!(line.kind, Kind::Removed | Kind::MovedAway);
    let like = |other: &&Line| match detail.goes {
        0 | 1 if goes(line) => goes(other),
        _ => other.kind == line.kind && other.elsewhere == line.elsewhere,
    };
    let before = lines[..index].iter().rev().take_while(like).count();
    let run = &lines[index - before..index + 1 + lines[index + 1..].iter().take_while(like).count()];
    let is_replaced = || lines.get(index - before + run.len()).is_some_and(|next| !next.stays());
    let first = match line.kind {
        Kind::Removed | Kind::MovedAway if !detail.replaced && is_replaced() => return Shown::No,
        Kind::Same | Kind::Added => return Shown::Yes,
        Kind::MovedHere | Kind::MovedAway if run.len() <= detail.moved => run.len(),
        Kind::MovedHere => 0,
        Kind::MovedAway if detail.goes > 1 => 0,
        // Where one is left, a line that says so is worth no less.
        Kind::Removed | Kind::MovedAway if run.len() <= detail.goes + 1 => run.len(),
        Kind::Removed | Kind::MovedAway => detail.goes,
    };
    match before.cmp(&first) {
        // It is shown where it is now.
        _ if line.kind == Kind::MovedAway && line.elsewhere == Some(Elsewhere::Indented) && first == run.len() => {
            Shown::No
        }
        Ordering::Less => Shown::Yes,
        Ordering::Equal => Shown::InPlaceOf(&run[first..]),
        Ordering::Greater => Shown::No,
    }
}

/// The one line that stands for these. `more`: others of them have been shown.
fn fold(run: &[Line], more: bool, language: Language) -> String {
    let (line, count) = (&run[0], run.len());
    let removed = run.iter().filter(|line| line.kind == Kind::Removed).count();
    let english = language == Language::English;
    let more = if more { language.say("more ", "另有 ") } else { "" };
    let said = match &line.elsewhere {
        _ if removed == count && english => format!("- … {count} {more}lines removed"),
        _ if removed == count => format!("- …… {more}{count} 行删去"),
        _ if removed > 0 && english => format!("- … {count} {more}lines gone, {removed} of them removed"),
        _ if removed > 0 => format!("- …… {more}{count} 行离开，其中 {removed} 行删去"),
        Some(Elsewhere::File(path)) if line.kind == Kind::MovedAway && english => {
            format!("≡ {count} lines move to {path}")
        }
        Some(Elsewhere::File(path)) if line.kind == Kind::MovedAway => format!("≡ {count} 行移到 {path}"),
        Some(Elsewhere::File(path)) if english => format!("≡ {count} lines moved here from {path}"),
        Some(Elsewhere::File(path)) => format!("≡ {count} 行从 {path} 移来"),
        _ if english => format!("≡ {count} lines, only indented anew"),
        _ => format!("≡ {count} 行，只改了缩进"),
    };
    let style = look(line).1.dimmed();
    format!("{style}{said}{style:#}\n")
}

/// Where in the file the next lines are.
fn place(number: usize, item: Option<&str>, width: usize) -> String {
    let item = item.map(|item| format!("  {item}")).unwrap_or_default();
    let text = cut(&format!("── {number}{item} ──"), width);
    format!("{DIM}{text}{DIM:#}\n")
}

/// As much as fits into a line.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (head, _) = split(text, width.saturating_sub(1));
    format!("{head}…")
}

/// In one piece, or in several with a mark before all but the first. `gap`: lines before it were left out, and nothing
/// says so yet. `short`: only as much of it as fits.
fn of_line(line: &Line, gap: bool, short: bool, width: usize) -> String {
    let (sign, style) = look(line);
    let mut mark = if gap { '⋮' } else { ' ' };
    if short {
        let shown = cut(&format!("{sign}{mark}{}", line.text), width);
        return format!("{style}{shown}{style:#}\n");
    }
    let (mut rest, mut text) = (line.text.as_str(), String::new());
    let (mut lead, mut room) = (String::new(), width.saturating_sub(2).max(20));
    loop {
        let (head, tail) = if rest.width() <= room { (rest, "") } else { split_at_a_space(rest, room) };
        let shown = format!("{sign}{mark}{lead}{head}");
        mark = ' ';
        let _ = writeln!(text, "{style}{}{style:#}", shown.trim_end());
        if tail.is_empty() {
            return text;
        }
        rest = tail.trim_start();
        if lead.is_empty() {
            let indentation = line.text.len() - line.text.trim_start().len();
            lead = format!("{}{WRAPPED}", " ".repeat(indentation.min(room / 2)));
            room = room.saturating_sub(lead.width()).max(20);
        }
    }
}

/// At the last space that leaves enough in the line; in the middle of a word if there is none.
fn split_at_a_space(text: &str, room: usize) -> (&str, &str) {
    let (head, tail) = split(text, room);
    match head.rfind(' ') {
        Some(space) if !tail.starts_with(' ') && head[..space].width() > room / 2 => text.split_at(space),
        _ => (head, tail),
    }
}

/// So many columns of a text, and what is left.
fn split(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    let fits = |(_, letter): &(usize, char)| {
        used += letter.width().unwrap_or(0);
        used > columns
    };
    let end = text.char_indices().find(fits).map_or(text.len(), |(at, _)| at);
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    const SCREEN: Screen = Screen { width: 40, height: 50, language: Language::English, full: false };

    fn tree(text: &str) -> Tree {
        Tree::from([("main.rs".to_owned(), text.to_owned())])
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_line_that_is_too_wide_goes_on_behind_a_mark() {
        let text = format!("    let a = call({});", "argument, ".repeat(6));
        let line = Line { kind: Kind::Added, elsewhere: None, text, number: 1 };
        let shown = plain(&of_line(&line, false, false, 40));
        assert!(shown.lines().all(|line| line.width() <= 40), "{shown}");
        assert!(shown.starts_with("+     let a = call(") && shown.contains("\n+     ↪ argument"), "{shown}");
        let word = Line { kind: Kind::Removed, elsewhere: None, text: "字".repeat(60), number: 1 };
        let shown = plain(&of_line(&word, false, false, 40));
        assert!(shown.lines().all(|line| line.width() <= 40), "{shown}");
        assert_eq!(shown.matches('字').count(), 60);
    }

    #[test]
    fn a_step_has_a_heading_and_says_where_its_lines_are() {
        let old = tree("fn main() {\n    a();\n    b();\n    c();\n    d();\n    e();\n}\n");
        let new = tree("fn main() {\n    a();\n    b();\n    c();\n    d();\n    // Why.\n    f();\n}\n");
        let about = Step { stage: "04".into(), green: vec!["x-y".into()], ..Step::default() };
        let shown = step("05", 2, 3, &about, &Change::between(&old, &new), &SCREEN);
        let dimmed = |word: &str| shown.lines().any(|line| line.contains(word) && line.contains("\u{1b}[2m"));
        assert!(dimmed("// Why.") && !dimmed("f();"), "comments are dimmed: {shown:?}");
        let lines: Vec<String> = plain(&shown).lines().map(str::to_owned).collect();
        assert!(lines[0].starts_with("━━ 05 · 2/3") && lines[0].ends_with("+2 −1 ━━"), "{lines:?}");
        assert_eq!(lines[0].width(), 40);
        assert_eq!(lines[1..3], ["  turns green at stage 04: x-y", "src/main.rs"]);
        assert_eq!(
            lines[3..],
            ["── 4  fn main() ──", "      c();", "      d();", "-     e();", "+     // Why.", "+     f();", "  }"]
        );
    }

    #[test]
    fn cases_that_do_not_fit_into_a_line_are_counted() {
        let names: Vec<String> = (0..9).map(|n| format!("case-{n}")).collect();
        assert_eq!(cases("red:", &names, &SCREEN), "  red: case-0, case-1, case-2 and 6 more\n");
        let narrow = Screen { width: 15, ..SCREEN };
        assert_eq!(cases("red:", &names, &narrow), "  red: 9 cases\n");
        assert_eq!(cases("red:", &names[..2], &Screen { full: true, ..SCREEN }), "  red:\n    case-0\n    case-1\n");
        assert_eq!(cases("red:", &[], &SCREEN), "");
    }

    #[test]
    fn what_does_not_fit_gets_fewer_lines_around_it() {
        let old: String = (0..60).map(|n| format!("line({n});\n")).collect();
        let new: String =
            (0..60).map(|n| if n % 10 == 5 { format!("new({n});\n") } else { format!("line({n});\n") }).collect();
        let change = Change::between(&tree(&old), &tree(&new));
        let height = |height: usize| {
            let screen = Screen { height, ..SCREEN };
            step("05", 1, 1, &Step::default(), &change, &screen).lines().count()
        };
        let (roomy, narrow) = (height(100), height(30));
        assert!(roomy > 30 && narrow <= 30, "{roomy} {narrow}");
    }

    fn of_lines(lines: &[String]) -> Tree {
        tree(&lines.iter().map(|line| format!("{line}\n")).collect::<String>())
    }

    #[test]
    fn many_moved_lines_are_one_that_says_where_they_are() {
        let block: Vec<String> = (0..10).map(|n| format!("moved_line({n});")).collect();
        let rest: Vec<String> = (0..20).map(|n| format!("rest({n});")).collect();
        let old = of_lines(&[block.clone(), rest.clone()].concat());
        let mut new = of_lines(&rest);
        new.insert("other.rs".into(), block.iter().map(|line| format!("{line}\n")).collect());
        let change = Change::between(&old, &new);
        let shown = plain(&step("05", 1, 1, &Step::default(), &change, &SCREEN));
        assert!(shown.contains("\n≡ 10 lines move to other.rs\n"), "{shown}");
        assert!(shown.contains("\n≡ 10 lines moved here from main.rs\n") && !shown.contains("moved_line"), "{shown}");
        let full = plain(&step("05", 1, 1, &Step::default(), &change, &Screen { full: true, ..SCREEN }));
        assert!(full.contains("> moved_line(5);") && full.contains("< moved_line(5);"), "{full}");
    }

    #[test]
    fn lines_that_are_indented_anew_are_shown_once() {
        let old = tree("fn main() {\n    first_call();\n    other_call();\n}\n");
        let new = tree("fn main() {\n    loop {\n        first_call();\n        other_call();\n    }\n}\n");
        let change = Change::between(&old, &new);
        let shown = plain(&step("05", 1, 1, &Step::default(), &change, &SCREEN));
        assert!(shown.contains(">         first_call();") && !shown.contains('<'), "{shown}");
    }

    #[test]
    fn of_many_removed_lines_the_first_are_shown() {
        let gone: Vec<String> = (0..18).map(|n| format!("gone({n});")).collect();
        let rest: Vec<String> = (0..5).map(|n| format!("rest({n});")).collect();
        let change = Change::between(&of_lines(&[gone, rest.clone()].concat()), &of_lines(&rest));
        let shown = plain(&step("05", 1, 1, &Step::default(), &change, &SCREEN));
        assert_eq!(shown.matches("- gone(").count(), 4, "{shown}");
        assert!(shown.contains("- … 14 more lines removed"), "{shown}");
        let full = plain(&step("05", 1, 1, &Step::default(), &change, &Screen { full: true, ..SCREEN }));
        assert_eq!(full.matches("- gone(").count(), 18, "{full}");
    }

    #[test]
    fn where_there_is_no_room_what_is_new_is_shown_all_the_same() {
        let line = |word: &str, n: usize| format!("{word}({n});");
        let old: Vec<String> = (0..60).map(|n| line("old", n)).collect();
        let new = |n: usize| if n.is_multiple_of(2) { line("new", n) } else { line("old", n) };
        let mut sources = vec!["use std::io;".to_owned()];
        sources.extend((0..60).map(new));
        let change = Change::between(&of_lines(&old), &of_lines(&sources));
        let shown = plain(&step("05", 1, 1, &Step::default(), &change, &Screen { height: 33, ..SCREEN }));
        assert_eq!((shown.matches("new(").count(), shown.matches("- old(").count()), (30, 0), "{shown}");
        assert!(shown.contains("src/main.rs  ≡ use and mod: +1 −0 lines"), "{shown}");
        assert!(shown.contains("\n+⋮new(4);"), "a gap is marked: {shown}");
        assert_eq!(shown.lines().count(), 32, "{shown}");
    }

    #[test]
    fn a_file_that_is_given_as_a_whole_is_only_named() {
        let change = Change::between(&Tree::new(), &tree("fn main() {}\n"));
        let about = Step { whole: vec!["main.rs".into()], ..Step::default() };
        let shown = plain(&step("05", 1, 1, &about, &change, &SCREEN));
        assert!(shown.contains("src/main.rs (1 lines, given as a whole)") && !shown.contains("fn main"), "{shown}");
    }
}
