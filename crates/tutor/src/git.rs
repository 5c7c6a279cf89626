//! What Git does here: applies a patch, merges a file, says what a revision had.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, io};

use crate::both;
use crate::language::Failure;
use crate::tree::{self, Tree};
use crate::words;

/// Git in a temporary folder, of no repository, and with the settings of nobody: a patch says the same everywhere.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder));
    git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    git
}

fn temporary_folder() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir()
        .map_err(|error| Failure::failed(both!("no temporary folder: {error}", "无法创建临时目录：{error}")))
}

fn cannot_run(error: &io::Error) -> Failure {
    Failure::failed(both!("cannot run git: {error}", "无法运行 git：{error}"))
}

fn output(git: &mut Command) -> Result<Output, Failure> {
    git.stdin(Stdio::null()).output().map_err(|error| cannot_run(&error))
}

/// These sources with this patch applied. Whether the patch fits is Git's judgement: it may have been moved, but all
/// lines around a change have to be as they were.
pub fn apply(sources: &Tree, patch: &str) -> Result<Tree, Failure> {
    apply_below("src", sources, patch)
}

/// The same, for a patch whose paths begin in this folder; empty: the paths are those of the sources.
pub fn apply_below(folder_of_sources: &str, sources: &Tree, patch: &str) -> Result<Tree, Failure> {
    if patch.trim().is_empty() {
        return Ok(sources.clone());
    }
    let folder = temporary_folder()?;
    // A symbolic link on the way would make the ceiling another folder.
    let path = folder.path().canonicalize().unwrap_or_else(|_| folder.path().to_owned());
    let src = path.join(folder_of_sources);
    tree::write(&src, sources)?;
    let mut child = git(&path)
        .args(["apply", "--whitespace=nowarn", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_run(&error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Should git end before it has read all, its exit status says so.
        let _ = stdin.write_all(patch.as_bytes());
    }
    let ended = child.wait_with_output().map_err(|error| cannot_run(&error))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr).trim_end().to_owned();
        return Err(Failure::failed(both!("{said}", "{said}")));
    }
    tree::read_any(&src)
}

/// What a merge gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// No line was changed by both sides.
    Clean(String),
    /// Lines side by side, or one line, were changed by both, but no word was: a person should look at it.
    ByWords(String),
    /// A person has to decide; the places are marked in the text.
    Conflict(String),
}

/// One side of a merge: what it is called, and its text.
pub type Side<'a> = (&'a str, &'a str);

/// A merge of two sides of a file.
pub fn merge(base: &str, ours: Side, theirs: Side) -> Result<Merged, Failure> {
    let (text, conflicts) = merge_file(base, ours, theirs, &[])?;
    if !conflicts {
        return Ok(Merged::Clean(text));
    }
    // Only here Git says what the base was.
    let (with_base, _) = merge_file(base, ours, theirs, &["--diff3"])?;
    Ok(by_words(&with_base)?.map_or(Merged::Conflict(text), Merged::ByWords))
}

/// `true`: there are conflicts, marked in the text.
fn merge_file(base: &str, ours: Side, theirs: Side, options: &[&str]) -> Result<(String, bool), Failure> {
    let folder = temporary_folder()?;
    for (name, text) in [("ours", ours.1), ("base", base), ("theirs", theirs.1)] {
        tree::write_file(&folder.path().join(name), text)?;
    }
    let labels = ["-L", ours.0, "-L", "base", "-L", theirs.0];
    let files = ["ours", "base", "theirs"];
    let merged = output(git(folder.path()).args(["merge-file", "-p"]).args(options).args(labels).args(files))?;
    // The status is the number of conflicts, up to 127; beyond that is an error.
    match merged.status.code() {
        Some(conflicts @ 0..=127) => Ok((String::from_utf8_lossy(&merged.stdout).into_owned(), conflicts > 0)),
        _ => {
            let said = String::from_utf8_lossy(&merged.stderr).trim_end().to_owned();
            Err(Failure::failed(both!("git cannot merge: {said}", "git 无法合并：{said}")))
        }
    }
}

/// In more lines than that, words that are the same may mean something else.
const LINES_BY_WORDS: usize = 12;

/// Settles conflicts that are marked with their base, where no word was changed by both sides: a name that is another
/// now, next to a line that is new. `None` if that cannot be done everywhere.
fn by_words(marked: &str) -> Result<Option<String>, Failure> {
    let mut settled = String::new();
    let mut lines = marked.split_inclusive('\n');
    while let Some(line) = lines.next() {
        if !line.starts_with("<<<<<<< ") {
            settled.push_str(line);
            continue;
        }
        let mut until = |mark: &str| -> String { lines.by_ref().take_while(|line| !line.starts_with(mark)).collect() };
        let (ours, base, theirs) = (until("||||||| "), until("======="), until(">>>>>>> "));
        if base.lines().count() > LINES_BY_WORDS {
            return Ok(None);
        }
        let [ours, base, theirs] = [ours, base, theirs].map(|text| words(&text));
        let (merged, conflicts) = merge_file(&base, ("ours", &ours), ("theirs", &theirs), &[])?;
        if conflicts {
            return Ok(None);
        }
        settled.push_str(&unwords(&merged));
    }
    Ok(Some(settled))
}

/// A word or a sign a line, with a mark before it, so that the end of a line is a word too.
fn words(text: &str) -> String {
    let line = |word: &str| format!("|{}", word.replace('\n', "\\n"));
    words::words(text).into_iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn unwords(words: &str) -> String {
    let word = |line: &str| match line {
        "|\\n" => "\n".to_owned(),
        line => line.strip_prefix('|').unwrap_or(line).to_owned(),
    };
    words.lines().map(word).collect()
}

/// The files below a folder of the checkout, as they were at this revision.
pub fn at_revision(root: &Path, revision: &str, src: &Path) -> Result<Tree, Failure> {
    let src = src.strip_prefix(root).unwrap_or(src);
    let shown = src.display();
    let ask = |words: &[&str]| {
        let asked = output(Command::new("git").arg("-C").arg(root).args(words))?;
        if asked.status.success() {
            return Ok(String::from_utf8_lossy(&asked.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&asked.stderr).trim_end().to_owned();
        Err(Failure::failed(both!(
            "git does not say what {shown} was at {revision}: {said}",
            "git 给不出 {shown} 在 {revision} 时的内容：{said}"
        )))
    };
    let names = ask(&["ls-tree", "-r", "-z", "--name-only", revision, "--", &format!("{shown}/")])?;
    let mut sources = Tree::new();
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let text = ask(&["show", &format!("{revision}:./{name}")])?;
        let below = name.strip_prefix(&format!("{shown}/")).unwrap_or(name);
        sources.insert(below.to_owned(), text);
    }
    if sources.is_empty() {
        return Err(Failure::failed(both!("{shown} was not there at {revision}", "{revision} 时还没有 {shown}")));
    }
    Ok(sources)
}

/// The commit that is checked out; empty where there is none.
pub fn head(root: &Path) -> String {
    let asked = output(Command::new("git").arg("-C").arg(root).args(["rev-parse", "--verify", "--quiet", "HEAD"]));
    asked.map(|asked| String::from_utf8_lossy(&asked.stdout).trim().to_owned()).unwrap_or_default()
}

/// Whether a line is one of the marks that Git leaves at a conflict.
pub fn is_conflict_mark(line: &str) -> bool {
    line.starts_with("<<<<<<< ") || line == "=======" || line.starts_with(">>>>>>> ")
}

/// Removes a folder and all that is in it, if it is there.
pub fn remove_folder(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let folder = folder.display();
            Err(Failure::failed(both!("cannot remove {folder}: {error}", "无法删除 {folder}：{error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, ours: &str, theirs: &str) -> Merged {
        merge(base, ("ours", ours), ("theirs", theirs)).unwrap()
    }

    #[test]
    fn changes_apart_are_merged_and_changes_at_one_place_are_marked() {
        let base = "a\nb\nc\nd\ne\n";
        assert_eq!(merged(base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n"), Merged::Clean("A\nb\nc\nd\nE\n".into()));
        let marked = "a\nb\n<<<<<<< ours\nX\n=======\nY\n>>>>>>> theirs\nd\ne\n";
        assert_eq!(merged(base, "a\nb\nX\nd\ne\n", "a\nb\nY\nd\ne\n"), Merged::Conflict(marked.into()));
    }

    #[test]
    fn another_name_beside_a_new_line_is_merged_by_words() {
        let base = "fn listen() {\n    socket.listen(BACKLOG)?;\n    Ok(socket)\n}\n";
        let ours = base.replace("BACKLOG", "QUEUE");
        let theirs = base.replace("?;\n", "?;\n    socket.set_nonblocking(true)?;\n");
        let both = theirs.replace("BACKLOG", "QUEUE");
        assert_eq!(merged(base, &ours, &theirs), Merged::ByWords(both.clone()));
        assert_eq!(merged(base, &theirs, &ours), Merged::ByWords(both));
        // The same word, changed by both.
        let other = base.replace("BACKLOG", "WAITING");
        assert!(matches!(merged(base, &ours, &other), Merged::Conflict(_)));
        // Both have something new at one place.
        let new = |line: &str| base.replace("?;\n", &format!("?;\n    {line};\n"));
        assert!(matches!(merged(base, &new("a()"), &new("b()")), Merged::Conflict(_)));
        // One changes what the other removes.
        let without = base.replace("    socket.listen(BACKLOG)?;\n", "");
        assert!(matches!(merged(base, &ours, &without), Merged::Conflict(_)));
    }

    #[test]
    fn words_can_be_put_together_again() {
        for text in ["", "a", "a  b(c_1)?;\n\n  // é 字\n", "|\\n|\n"] {
            assert_eq!(unwords(&words(text)), text);
        }
    }

    #[test]
    fn a_patch_that_does_not_fit_is_an_error() {
        let sources = Tree::from([("main.rs".to_owned(), "a\n".to_owned())]);
        let patch =
            "diff --git a/src/main.rs b/src/main.rs\n--- a/src/main.rs\n+++ b/src/main.rs\n@@ -1 +1 @@\n-b\n+c\n";
        let failure = apply(&sources, patch).unwrap_err();
        assert!(failure.said.en.contains("src/main.rs"), "{failure:?}");
    }
}
