//! What a step changes, for a terminal: moved lines told from new ones, comments dimmed, no line wider than the screen,
//! and if possible all of it on one screen.

use std::fmt::Write;

use anstyle::{AnsiColor, Color, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::change::{Change, Counts, Fate, FileChange, Kind, Line};
use crate::excerpt::{Row, rows};
use crate::language::Language;
use crate::series::Step;

/// The screen that it is shown on.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// In columns.
    pub width: usize,
    /// In lines. What does not fit gets fewer lines around each change.
    pub height: usize,
    /// Of names and headings.
    pub language: Language,
    /// Show all of what is handed over as a whole or was moved.
    pub full: bool,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const CYAN: Style = colour(AnsiColor::Cyan);

/// How many lines around a change are shown where the screen is large enough.
const CONTEXT: usize = 3;
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
    let cases = |word: &str, names: &[String]| -> String {
        let names: String = names.iter().map(|name| format!("\n    {name}")).collect();
        if names.is_empty() { names } else { format!("  {word}{names}\n") }
    };
    let stage = &step.stage;
    text.push_str(&cases(&says.say("turns green at stage {}:", "在阶段 {} 变绿：").replace("{}", stage), &step.green));
    text.push_str(&cases(says.say("still red:", "暂时为红："), &step.red));
    if step.moves {
        let _ = writeln!(text, "  {}", says.say("moves lines, and changes none", "只移动代码，不改动"));
    }
    text.push_str(&of_change(change, &step.whole, screen, text.lines().count()));
    text
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
    let with = |context: usize| -> String {
        change.files.iter().map(|file| of_file(file, whole.contains(&file.path), context, screen)).collect()
    };
    let fits = |text: &String| text.lines().count() + above <= screen.height;
    let roomy = with(CONTEXT);
    if fits(&roomy) {
        return roomy;
    }
    // What does not fit at all has to be scrolled, and should still show where it is.
    [2, 1, 0].into_iter().map(with).find(fits).unwrap_or_else(|| with(1))
}

fn of_file(file: &FileChange, whole: bool, context: usize, screen: &Screen) -> String {
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
    let mut text = format!("{BOLD}{CYAN}src/{}{CYAN:#}{BOLD:#}{note}\n", file.path);
    if whole && !screen.full {
        return text;
    }
    for row in rows(file, context, screen.full) {
        match row {
            Row::Jump { number, item } => text.push_str(&place(number, item, screen)),
            Row::Line(index) => text.push_str(&of_line(&file.lines[index], screen.width)),
            Row::Folded(fold) => text.push_str(&self::fold(file.lines[fold.start].kind, fold.len(), screen.language)),
        }
    }
    text
}

fn fold(kind: Kind, lines: usize, language: Language) -> String {
    let (sign, style) = look(&Line { kind, text: String::new(), number: 0 });
    let said = match language {
        Language::English => format!("⋯ {lines} more lines, moved"),
        Language::Chinese => format!("⋯ 另有 {lines} 行，只是移动"),
    };
    format!("{style}{sign} {said}{style:#}\n")
}

/// Where in the file the next lines are: the number of the line, and the item that they are in.
fn place(number: usize, item: Option<&str>, screen: &Screen) -> String {
    let name = item.map(|item| format!("  {item}")).unwrap_or_default();
    let text = cut(&format!("── {number}{name} ──"), screen.width);
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

/// In one piece, or in several with a mark before all but the first.
fn of_line(line: &Line, width: usize) -> String {
    let (sign, style) = look(line);
    let (mut rest, mut text) = (line.text.as_str(), String::new());
    let (mut lead, mut room) = (String::new(), width.saturating_sub(2).max(20));
    loop {
        let (head, tail) = if rest.width() <= room { (rest, "") } else { split_at_a_space(rest, room) };
        let shown = format!("{sign} {lead}{head}");
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
        let line = Line { kind: Kind::Added, text, number: 1 };
        let shown = plain(&of_line(&line, 40));
        assert!(shown.lines().all(|line| line.width() <= 40), "{shown}");
        assert!(shown.starts_with("+     let a = call(") && shown.contains("\n+     ↪ argument"), "{shown}");
        let word = Line { kind: Kind::Removed, text: "字".repeat(60), number: 1 };
        let shown = plain(&of_line(&word, 40));
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
        assert_eq!(lines[1..4], ["  turns green at stage 04:", "    x-y", "src/main.rs"]);
        assert_eq!(
            lines[4..],
            [
                "── 3  fn main() ──",
                "      b();",
                "      c();",
                "      d();",
                "-     e();",
                "+     // Why.",
                "+     f();",
                "  }"
            ]
        );
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

    #[test]
    fn of_many_moved_lines_the_first_and_the_last_are_shown() {
        let block: String = (0..10).map(|n| format!("moved_line({n});\n")).collect();
        let rest: String = (0..20).map(|n| format!("rest({n});\n")).collect();
        let change = Change::between(&tree(&format!("{block}{rest}")), &tree(&format!("{rest}{block}")));
        let shown = plain(&step("05", 1, 1, &Step::default(), &change, &SCREEN));
        let moved: Vec<&str> = shown.lines().filter(|line| line.starts_with('<')).collect();
        assert_eq!(moved, ["< moved_line(0);", "< moved_line(1);", "< ⋯ 7 more lines, moved", "< moved_line(9);"]);
        let full = plain(&step("05", 1, 1, &Step::default(), &change, &Screen { full: true, ..SCREEN }));
        assert!(full.contains("> moved_line(5);") && full.contains("< moved_line(5);"), "{full}");
    }

    #[test]
    fn a_file_that_is_given_as_a_whole_is_only_named() {
        let change = Change::between(&Tree::new(), &tree("fn main() {}\n"));
        let about = Step { whole: vec!["main.rs".into()], ..Step::default() };
        let shown = plain(&step("05", 1, 1, &about, &change, &SCREEN));
        assert!(shown.contains("src/main.rs (1 lines, given as a whole)") && !shown.contains("fn main"), "{shown}");
    }
}
