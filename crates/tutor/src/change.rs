//! What a step changes, line by line: what is new, what is gone, and what has only been moved.

use std::collections::HashMap;

use similar::{Algorithm, DiffOp, TextDiff, capture_diff_slices};

use crate::tree::Tree;

/// How many letters and digits a block must have to be known again where it was moved to. Below that it is a brace or
/// a `return`, and stands in two places by chance.
const KNOWN_AGAIN: usize = 12;

/// What happens to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It stays.
    Same,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has come from elsewhere in the step, or from another indentation.
    MovedHere,
    /// It goes elsewhere in the step, or to another indentation.
    MovedAway,
}

/// Where a moved line is on the other side of the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// In the same place, with another indentation.
    Indented,
    /// In this file, below `src`.
    File(String),
}

/// One line of a file, before or after the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What happens to it.
    pub kind: Kind,
    /// If it is moved: from where, or to where.
    pub elsewhere: Option<Elsewhere>,
    /// Without its end.
    pub text: String,
    /// Its number in the file after the step, from 1; that of the next line if it is gone.
    pub number: usize,
}

/// Whether a file is there before and after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Both.
    Stays,
    /// Only after.
    New,
    /// Only before.
    Gone,
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Below `src`.
    pub path: String,
    /// Whether it stays.
    pub fate: Fate,
    /// All of its lines, those that go before those that come.
    pub lines: Vec<Line>,
}

/// What becomes of the files of a lesson; those that stay as they are have no part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `main.rs` first: there a reader begins.
    pub files: Vec<FileChange>,
}

/// Lines of a change, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that come, moved or not: the plus of a patch.
    pub added: usize,
    /// All that go, moved or not: the minus of a patch.
    pub removed: usize,
    /// Of those that come, the moved.
    pub moved: usize,
    /// What a learner has to write: those that come, but for the moved, the blank, and whole files. A line in place of
    /// another is one.
    pub written: usize,
    /// What a learner has to take out: those that go while nothing is written in their place, but for the moved, the
    /// blank, and files that go as a whole.
    pub taken_out: usize,
}

impl Line {
    fn new(kind: Kind, text: &str, number: usize) -> Line {
        Line { kind, elsewhere: None, text: text.to_owned(), number }
    }

    fn moved(self, kind: Kind, elsewhere: Elsewhere) -> Line {
        Line { kind, elsewhere: Some(elsewhere), ..self }
    }

    /// Whether it is nothing but a comment.
    pub fn is_comment(&self) -> bool {
        self.text.trim_start().starts_with("//")
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether it stays where it is.
    pub fn stays(&self) -> bool {
        self.kind == Kind::Same
    }
}

impl Change {
    /// From one tree to the other.
    pub fn between(old: &Tree, new: &Tree) -> Change {
        let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
        paths.sort_by_key(|path| (path.as_str() != "main.rs", path.as_str()));
        paths.dedup();
        let changed = paths.into_iter().filter(|path| old.get(*path) != new.get(*path));
        let mut files: Vec<FileChange> = changed
            .map(|path| of_file(path, old.get(path).map(String::as_str), new.get(path).map(String::as_str)))
            .collect();
        find_moved_blocks(&mut files);
        Change { files }
    }

    /// `whole`: the files that are handed to the learner as they are.
    pub fn counts(&self, whole: &[String]) -> Counts {
        let mut counts = Counts::default();
        for file in &self.files {
            let given = whole.contains(&file.path) || file.fate == Fate::Gone;
            let blocks = file.lines.chunk_by(|before, after| before.stays() == after.stays());
            let blocks = blocks.filter(|_| !given).map(|block| {
                let of = |kind| block.iter().filter(|line| line.kind == kind && !line.is_blank()).count();
                (of(Kind::Added), of(Kind::Removed))
            });
            for (written, removed) in blocks {
                counts.written += written;
                counts.taken_out += removed.saturating_sub(written);
            }
            for line in &file.lines {
                match line.kind {
                    Kind::Same => {}
                    Kind::Removed | Kind::MovedAway => counts.removed += 1,
                    Kind::Added => counts.added += 1,
                    Kind::MovedHere => {
                        counts.added += 1;
                        counts.moved += 1;
                    }
                }
            }
        }
        counts
    }

    /// Whether lines are only moved: a few may be needed all the same, as `mod` and `use`.
    pub fn only_moves(&self) -> bool {
        let lines = || self.files.iter().flat_map(|file| &file.lines);
        let is_glue = |line: &Line| {
            let text = line.text.trim();
            let text = text.strip_prefix("pub ").or_else(|| text.strip_prefix("pub(crate) ")).unwrap_or(text);
            text.is_empty()
                || line.is_comment()
                || ["use ", "mod ", "impl ", "}"].iter().any(|word| text.starts_with(word))
        };
        // A signature that becomes public where it now stands is the same but for that word.
        let bare =
            |line: &Line| line.text.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub ").to_owned();
        let of = |kind: Kind| lines().filter(move |line| line.kind == kind && !is_glue(line)).map(bare);
        let (mut added, mut removed): (Vec<_>, Vec<_>) = (of(Kind::Added).collect(), of(Kind::Removed).collect());
        added.sort();
        removed.sort();
        added == removed
    }
}

fn of_file(path: &str, before: Option<&str>, after: Option<&str>) -> FileChange {
    let fate = match (before, after) {
        (None, _) => Fate::New,
        (_, None) => Fate::Gone,
        _ => Fate::Stays,
    };
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    // It keeps to lines that are there once, and does not match brace with brace.
    let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(before, after);
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut lines = Vec::new();
    for operation in diff.ops() {
        let (goes, comes) = (operation.old_range(), operation.new_range());
        if let DiffOp::Equal { .. } = operation {
            lines.extend(comes.map(|at| Line::new(Kind::Same, new[at], at + 1)));
            continue;
        }
        let (away, here) = indented_anew(&old[goes.clone()], &new[comes.clone()]);
        let next = comes.start + 1;
        for (at, moved) in goes.zip(away) {
            let line = Line::new(Kind::Removed, old[at], next);
            lines.push(if moved { line.moved(Kind::MovedAway, Elsewhere::Indented) } else { line });
        }
        for (at, moved) in comes.zip(here) {
            let line = Line::new(Kind::Added, new[at], at + 1);
            lines.push(if moved { line.moved(Kind::MovedHere, Elsewhere::Indented) } else { line });
        }
    }
    FileChange { path: path.to_owned(), fate, lines }
}

/// Of lines that stand in place of others: which are the same but for their indentation.
fn indented_anew(old: &[&str], new: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let trimmed = |lines: &[&str]| lines.iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let (mut away, mut here) = (vec![false; old.len()], vec![false; new.len()]);
    for operation in capture_diff_slices(Algorithm::Patience, &trimmed(old), &trimmed(new)) {
        if let DiffOp::Equal { old_index, new_index, len } = operation {
            away[old_index..old_index + len].fill(true);
            here[new_index..new_index + len].fill(true);
        }
    }
    (away, here)
}

/// Where a line of a change stands: which file, which line.
type Place = (usize, usize);

/// Lines that follow one another in the sources, as places.
fn run(files: &[FileChange], (file, line): Place, kind: Kind) -> impl Iterator<Item = Place> {
    files[file].lines[line..]
        .iter()
        .enumerate()
        .take_while(move |(_, it)| it.kind == kind)
        .map(move |(n, _)| (file, line + n))
}

fn find_moved_blocks(files: &mut [FileChange]) {
    let places = |files: &[FileChange], kind: Kind| -> Vec<Place> {
        let of = |(file, change): (usize, &FileChange)| {
            let lines = change.lines.iter().enumerate();
            lines.filter(|(_, line)| line.kind == kind).map(|(line, _)| (file, line)).collect::<Vec<_>>()
        };
        files.iter().enumerate().flat_map(of).collect()
    };
    let text = |files: &[FileChange], (file, line): Place| files[file].lines[line].text.trim().to_owned();
    let mut origins: HashMap<String, Vec<Place>> = HashMap::new();
    for place in places(files, Kind::Removed) {
        origins.entry(text(files, place)).or_default().push(place);
    }
    for start in places(files, Kind::Added) {
        let Some(candidates) = origins.get(&text(files, start)) else { continue };
        let block = |from: Place| -> Vec<(Place, Place)> {
            let pairs = run(files, from, Kind::Removed).zip(run(files, start, Kind::Added));
            pairs.take_while(|(from, to)| text(files, *from) == text(files, *to)).collect()
        };
        let longest = candidates.iter().map(|from| block(*from)).max_by_key(Vec::len).unwrap_or_default();
        let letters = longest.iter().flat_map(|(_, to)| text(files, *to).into_bytes());
        if letters.filter(u8::is_ascii_alphanumeric).count() < KNOWN_AGAIN {
            continue;
        }
        for ((from_file, from), (to_file, to)) in longest {
            let [origin, goal] = [from_file, to_file].map(|file| Elsewhere::File(files[file].path.clone()));
            let line = &mut files[from_file].lines[from];
            (line.kind, line.elsewhere) = (Kind::MovedAway, Some(goal));
            let line = &mut files[to_file].lines[to];
            (line.kind, line.elsewhere) = (Kind::MovedHere, Some(origin));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
    }

    fn counts(old: &[(&str, &str)], new: &[(&str, &str)]) -> (usize, usize, usize, usize) {
        let Counts { added, removed, moved, written, .. } = Change::between(&tree(old), &tree(new)).counts(&[]);
        (added, removed, moved, written)
    }

    const LISTEN: &str = "fn listen() {\n    let listener = bind(address);\n    listener\n}\n";

    #[test]
    fn lines_in_another_file_are_moved() {
        let old = [("main.rs", format!("fn main() {{}}\n\n{LISTEN}")), ("b.rs", "b\n".into())];
        let new = [("main.rs", "fn main() {}\n".to_owned()), ("b.rs", format!("b\n\n{LISTEN}"))];
        let [old, new] = [old, new].map(|files| files.map(|(path, text)| (path, text)));
        let as_str = |files: &[(&'static str, String); 2]| {
            tree(&files.iter().map(|(path, text)| (*path, text.as_str())).collect::<Vec<_>>())
        };
        let change = Change::between(&as_str(&old), &as_str(&new));
        assert_eq!(change.counts(&[]), Counts { added: 5, removed: 5, moved: 5, written: 0, taken_out: 0 });
        assert!(change.only_moves());
    }

    #[test]
    fn lines_that_are_only_indented_are_moved_braces_and_all() {
        let old = [("main.rs", "fn main() {\n    if x {\n        y();\n    }\n}\n")];
        let new = [("main.rs", "fn main() {\n    loop {\n        if x {\n            y();\n        }\n    }\n}\n")];
        let (added, removed, moved, written) = counts(&old, &new);
        assert_eq!((added - removed, written), (2, 2), "{added} {removed} {moved}");
    }

    #[test]
    fn a_brace_or_a_short_word_is_not_taken_for_moved() {
        let old = [("main.rs", "a\nreturn;\n}\nb\nc\nd\n")];
        let new = [("main.rs", "a\nb\nc\nd\nreturn;\n}\n")];
        assert_eq!(counts(&old, &new).2, 0);
    }

    #[test]
    fn one_line_that_goes_is_the_origin_of_one_that_comes() {
        let old = [("main.rs", "let listener = bind();\na\nb\nc\n")];
        let new = [("main.rs", "a\nlet listener = bind();\nb\nlet listener = bind();\nc\n")];
        assert_eq!(counts(&old, &new), (2, 1, 1, 1));
    }

    #[test]
    fn whole_files_and_blank_lines_are_not_written_by_the_learner() {
        let change = Change::between(&tree(&[]), &tree(&[("a.rs", "a\n\nb\n"), ("given.rs", "c\n")]));
        let counts = change.counts(&["given.rs".to_owned()]);
        assert_eq!(counts, Counts { added: 4, removed: 0, moved: 0, written: 2, taken_out: 0 });
        assert!(!change.only_moves());
    }

    #[test]
    fn a_line_in_place_of_another_is_written_and_not_taken_out() {
        let old = [("main.rs", "a\none\ntwo\n\nthree\nb\nc\nfour\nd\n"), ("gone.rs", "x\ny\n")];
        let change = Change::between(&tree(&old), &tree(&[("main.rs", "a\n1\nb\nc\n4\nfive\nd\n")]));
        assert_eq!(change.counts(&[]), Counts { added: 3, removed: 7, moved: 0, written: 3, taken_out: 2 });
    }

    #[test]
    fn a_move_that_changes_a_line_is_not_only_a_move() {
        let old = tree(&[("main.rs", LISTEN)]);
        let new = tree(&[("main.rs", "mod b;\n"), ("b.rs", &LISTEN.replace("fn listen", "pub fn listen"))]);
        assert!(Change::between(&old, &new).only_moves());
        let other = tree(&[("main.rs", "mod b;\n"), ("b.rs", &LISTEN.replace("bind(address)", "bind(port)"))]);
        assert!(!Change::between(&old, &other).only_moves());
    }
}
