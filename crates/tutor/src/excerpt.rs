//! What of a changed file is shown: its changes, some lines around each, and a word on what is left out.

use std::ops::Range;

use crate::change::{Fate, FileChange, Kind, Line};

/// How many moved lines on end are shown; of more, only the first and the last.
const MOVED: usize = 6;
/// How many of them are the first, and how many the last.
const FIRST: usize = 2;
const LAST: usize = 1;

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
    /// Lines in the middle of many that have only been moved.
    Folded(Range<usize>),
}

/// The rows of a file, with so many lines around each change. `full`: all that was moved is shown.
pub fn rows(file: &FileChange, context: usize, full: bool) -> Vec<Row<'_>> {
    let lines = &file.lines;
    let mut rows = Vec::new();
    let mut last = None;
    for index in (0..lines.len()).filter(|index| is_near_a_change(lines, *index, context)) {
        let jumps = last.map_or(index > 0, |last| last + 1 < index);
        if jumps && file.fate == Fate::Stays {
            rows.push(Row::Jump { number: lines[index].number, item: item(lines, index) });
        }
        last = Some(index);
        match folded(lines, index).filter(|_| !full) {
            Some(fold) if fold.start == index => rows.push(Row::Folded(fold)),
            Some(_) => {}
            None => rows.push(Row::Line(index)),
        }
    }
    rows
}

fn is_near_a_change(lines: &[Line], index: usize, context: usize) -> bool {
    let from = index.saturating_sub(context);
    let to = (index + context).min(lines.len() - 1);
    lines[from..=to].iter().any(|line| !line.stays())
}

/// The lines in the middle of many that were moved, if this is one of them.
fn folded(lines: &[Line], index: usize) -> Option<Range<usize>> {
    let kind = lines[index].kind;
    if !matches!(kind, Kind::MovedHere | Kind::MovedAway) {
        return None;
    }
    let start = index - lines[..index].iter().rev().take_while(|line| line.kind == kind).count();
    let end = index + lines[index..].iter().take_while(|line| line.kind == kind).count();
    let fold = start + FIRST..end - LAST;
    (end - start > MOVED && fold.contains(&index)).then_some(fold)
}

/// The head of what a line is in: the nearest before it that opens something and is indented less. A blank line is where
/// the next one is.
fn item(lines: &[Line], index: usize) -> Option<&str> {
    let opens = |line: &&Line| {
        let text = line.text.trim_start();
        let text = text.strip_prefix("pub ").or_else(|| text.strip_prefix("pub(crate) ")).unwrap_or(text);
        ["fn ", "impl ", "impl<", "struct ", "enum ", "mod ", "trait "].iter().any(|word| text.starts_with(word))
    };
    let indentation = |text: &str| text.len() - text.trim_start().len();
    let here =
        lines[index..].iter().find(|line| !line.text.trim().is_empty()).map_or(0, |line| indentation(&line.text));
    let is_around =
        |line: &&Line| indentation(&line.text) < here && !matches!(line.kind, Kind::Removed | Kind::MovedAway);
    let head = lines[..index].iter().rev().filter(is_around).find(opens).map(|line| line.text.trim());
    head.map(|head| head.trim_end_matches(" {"))
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

    #[test]
    fn what_is_left_out_is_told_with_the_item_that_goes_on() {
        let change = change(
            "use a;\n\nfn main() {\n    a();\n    b();\n\n    d();\n}\n",
            "use b;\n\nfn main() {\n    a();\n    b();\n\n    e();\n}\n",
        );
        let jump = Row::Jump { number: 6, item: Some("fn main()") };
        let expected = [Row::Line(0), Row::Line(1), Row::Line(2), jump, Row::Line(6), Row::Line(7), Row::Line(8)];
        let rows = rows(&change.files[0], 1, false);
        assert_eq!(rows[..7], expected, "{rows:?}");
    }

    #[test]
    fn the_middle_of_many_moved_lines_is_one_row() {
        let block: String = (0..10).map(|n| format!("moved_line({n});\n")).collect();
        let rest: String = (0..20).map(|n| format!("rest({n});\n")).collect();
        let change = change(&format!("{block}{rest}"), &format!("{rest}{block}"));
        let folds =
            |full: bool| rows(&change.files[0], 3, full).iter().filter(|row| matches!(row, Row::Folded(_))).count();
        assert_eq!((folds(false), folds(true)), (2, 0));
        assert!(rows(&change.files[0], 3, false).contains(&Row::Folded(2..9)));
    }
}
