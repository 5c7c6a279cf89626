//! What Git does here: applies a patch, merges a file, says what a revision had.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, io};

use crate::both;
use crate::language::Failure;
use crate::tree::{self, Tree};

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
    if patch.trim().is_empty() {
        return Ok(sources.clone());
    }
    let folder = temporary_folder()?;
    // A symbolic link on the way would make the ceiling another folder.
    let path = folder.path().canonicalize().unwrap_or_else(|_| folder.path().to_owned());
    let src = path.join("src");
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
    tree::read(&src)
}

/// A merge of two sides of a file. `true` if there are conflicts, which are then marked in the text.
pub fn merge(base: &str, ours: (&str, &str), theirs: (&str, &str)) -> Result<(String, bool), Failure> {
    let folder = temporary_folder()?;
    for (name, text) in [("ours", ours.1), ("base", base), ("theirs", theirs.1)] {
        tree::write_file(&folder.path().join(name), text)?;
    }
    let labels = ["-L", ours.0, "-L", "base", "-L", theirs.0];
    let merged = output(git(folder.path()).args(["merge-file", "-p"]).args(labels).args(["ours", "base", "theirs"]))?;
    // The status is the number of conflicts, up to 127; beyond that is an error.
    match merged.status.code() {
        Some(conflicts @ 0..=127) => Ok((String::from_utf8_lossy(&merged.stdout).into_owned(), conflicts > 0)),
        _ => {
            let said = String::from_utf8_lossy(&merged.stderr).trim_end().to_owned();
            Err(Failure::failed(both!("git cannot merge: {said}", "git 无法合并：{said}")))
        }
    }
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

    #[test]
    fn changes_apart_are_merged_and_changes_at_one_place_are_marked() {
        let base = "a\nb\nc\nd\ne\n";
        let (text, conflicts) = merge(base, ("ours", "A\nb\nc\nd\ne\n"), ("theirs", "a\nb\nc\nd\nE\n")).unwrap();
        assert_eq!((text.as_str(), conflicts), ("A\nb\nc\nd\nE\n", false));
        let (text, conflicts) = merge(base, ("ours", "a\nb\nX\nd\ne\n"), ("theirs", "a\nb\nY\nd\ne\n")).unwrap();
        assert!(conflicts);
        assert_eq!(text, "a\nb\n<<<<<<< ours\nX\n=======\nY\n>>>>>>> theirs\nd\ne\n");
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
