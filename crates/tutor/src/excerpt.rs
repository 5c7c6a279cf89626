//! What of a changed file is shown: its changes, some lines around each, and in the place of what is left out or folded
//! a row that says so.

use std::ops::Range;

use crate::change::{Elsewhere, Fate, FileChange, Kind, Line};

/// So many lines on end that have moved away are shown.
const AWAY: usize = 2;
/// So many that have moved here, to where a reader goes on.
const HERE: usize = 6;
/// So many that are only indented anew.
const INDENTED: usize = 12;
/// Of more removed lines on end than this and one, only so many, the first.
const REMOVED: usize = 4;

/// What is shown of a file, one below the other. Numbers are places among its [`FileChange::lines`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row<'a> {
    /// Lines were left out before the next one.
    Jump {
        /// The number of the next line in the file, from 1.
        number: usize,
        /// The head of the function, the struct or the like that it is in: `fn main()`.
        item: Option<&'a str>,
    },
    /// A line.
    Line(usize),
    /// Lines that a reader need not see: all of the same kind, and from or to the same place.
    Folded(Range<usize>),
}

/// The rows of a file, with so many lines around each change. Lines that are only indented anew are shown once, where
/// they are now.
pub fn rows(file: &FileChange, context: usize) -> Vec<Row<'_>> {
    let lines = &file.lines;
    let mut rows = Vec::new();
    let mut last = None;
    for index in (0..lines.len()).filter(|index| is_near_a_change(lines, *index, context)) {
        let jumps = last.map_or(index > 0, |last| last + 1 < index);
        if jumps && file.fate == Fate::Stays {
            rows.push(Row::Jump { number: lines[index].number, item: item(lines, index) });
        }
        last = Some(index);
        let fold = folded(lines, index);
        if lines[index].kind == Kind::MovedAway && lines[index].elsewhere == Some(Elsewhere::Indented) {
            continue;
        }
        match fold {
            fold if fold.start == index && !fold.is_empty() => rows.push(Row::Folded(fold)),
            fold if fold.contains(&index) => {}
            _ => rows.push(Row::Line(index)),
        }
    }
    rows
}

/// Which lines are folded of those on end that are like this one; none, if they are few.
fn folded(lines: &[Line], index: usize) -> Range<usize> {
    let like = |other: &&Line| other.kind == lines[index].kind && other.elsewhere == lines[index].elsewhere;
    let start = index - lines[..index].iter().rev().take_while(like).count();
    let end = index + lines[index..].iter().take_while(like).count();
    let (shown, most) = match (lines[index].kind, &lines[index].elsewhere) {
        (Kind::Same | Kind::Added, _) => return start..start,
        // Where one is left, a row that says so is worth no less.
        (Kind::Removed, _) => (REMOVED, REMOVED + 1),
        (_, Some(Elsewhere::Indented)) => (0, INDENTED),
        (Kind::MovedAway, _) => (0, AWAY),
        (Kind::MovedHere, _) => (0, HERE),
    };
    if end - start > most { start + shown..end } else { start..start }
}

/// Whether a line is to be shown, with so many lines around each change.
pub fn is_near_a_change(lines: &[Line], index: usize, context: usize) -> bool {
    let near = |index: usize| {
        let from = index.saturating_sub(context);
        let to = (index + context).min(lines.len() - 1);
        lines[from..=to].iter().any(|line| !line.stays())
    };
    let blank = |index: usize| lines[index].text.trim().is_empty();
    if !lines[index].stays() || !blank(index) {
        return near(index);
    }
    // A blank line tells nothing, unless there are words on both sides of it.
    index > 0 && index + 1 < lines.len() && [index - 1, index + 1].iter().all(|side| near(*side) && !blank(*side))
}

/// Whether a line begins an item that has lines of its own.
pub fn is_item(line: &Line) -> bool {
    let text = line.text.trim_start();
    let text = text.strip_prefix("pub ").or_else(|| text.strip_prefix("pub(crate) ")).unwrap_or(text);
    ["fn ", "impl ", "impl<", "struct ", "enum ", "mod ", "trait "].iter().any(|word| text.starts_with(word))
}

/// What such an item is called by.
pub fn named(line: &Line) -> &str {
    line.text.trim().trim_end_matches(" {")
}

/// The item that a line is in: the nearest before it that is indented less. A blank line is where the next one is.
pub fn item(lines: &[Line], index: usize) -> Option<&str> {
    let indentation = |text: &str| text.len() - text.trim_start().len();
    let here = lines[index..].iter().find(|line| !line.text.trim().is_empty());
    let here = here.map_or(0, |line| indentation(&line.text));
    let is_open =
        |line: &&Line| indentation(&line.text) < here && !matches!(line.kind, Kind::Removed | Kind::MovedAway);
    lines[..index].iter().rev().filter(is_open).find(|line| is_item(line)).map(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;
    use crate::tree::Tree;

    fn change(old: &str, new: &str) -> Change {
        let tree = |text: &str| Tree::from([("main.rs".to_owned(), text.to_owned())]);
        Change::between(&tree(old), &tree(new))
    }

    fn folds(change: &Change) -> Vec<Range<usize>> {
        let fold = |row| if let Row::Folded(lines) = row { Some(lines) } else { None };
        rows(&change.files[0], 2).into_iter().filter_map(fold).collect()
    }

    #[test]
    fn what_is_left_out_is_told_with_the_item_that_goes_on() {
        let change = change(
            "use a;\n\nfn main() {\n    a();\n    b();\n    c();\n\n    d();\n}\n",
            "use b;\n\nfn main() {\n    a();\n    b();\n    c();\n\n    e();\n}\n",
        );
        let jump = Row::Jump { number: 6, item: Some("fn main()") };
        let rows = rows(&change.files[0], 2);
        // Old and new first line, the head of `main`; then from `c()` on.
        let expected = [Row::Line(0), Row::Line(1), Row::Line(2), Row::Line(3), jump, Row::Line(6), Row::Line(7)];
        assert_eq!(rows[..7], expected, "{rows:?}");
    }

    #[test]
    fn a_blank_line_is_in_what_the_next_is_in() {
        let lines = change("", "fn main() {\n\n    a();\n}\n\nb();\n").files.remove(0).lines;
        assert_eq!([1, 2, 4].map(|index| item(&lines, index)), [Some("fn main()"), Some("fn main()"), None]);
    }

    #[test]
    fn many_moved_lines_are_folded() {
        let block = |count: usize| (0..count).map(|n| format!("moved_line({n});\n")).collect::<String>();
        let rest: String = (0..20).map(|n| format!("rest({n});\n")).collect();
        let moves =
            |count: usize| folds(&change(&format!("{}{rest}", block(count)), &format!("{rest}{}", block(count))));
        assert!(moves(2).is_empty());
        assert_eq!(moves(5), vec![0..5; 1]);
        assert_eq!(moves(10), [0..10, 30..40]);
    }

    #[test]
    fn what_is_indented_anew_is_shown_once() {
        let change = change(
            "fn main() {\n    first_call();\n    other_call();\n}\n",
            "fn main() {\n    loop {\n        first_call();\n        other_call();\n    }\n}\n",
        );
        let shown = |kind: Kind| {
            let lines = &change.files[0].lines;
            rows(&change.files[0], 2)
                .iter()
                .filter(|row| matches!(row, Row::Line(at) if lines[*at].kind == kind))
                .count()
        };
        assert_eq!((shown(Kind::MovedHere), shown(Kind::MovedAway)), (2, 0));
    }

    #[test]
    fn of_many_removed_lines_the_first_are_shown() {
        let gone = |count: usize| (0..count).map(|n| format!("gone({n});\n")).collect::<String>();
        let removes = |count: usize| folds(&change(&format!("{}rest();\n", gone(count)), "rest();\n"));
        assert!(removes(5).is_empty());
        assert_eq!(removes(18), vec![4..18; 1]);
    }
}
