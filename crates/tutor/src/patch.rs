//! Patches as they are kept: unified diffs that `git apply` takes, without dates, the same on every machine.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use similar::{Algorithm, TextDiff};

use crate::tree::Tree;

/// What leads from one tree to the other, file by file; empty where both are the same. Written by a library and not by
/// `git diff`, whose text depends on its version and on the settings of whoever calls it.
pub fn between(old: &Tree, new: &Tree) -> String {
    between_below("src/", old, new)
}

/// The same, with this before every path.
pub fn between_below(prefix: &str, old: &Tree, new: &Tree) -> String {
    let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut patch = String::new();
    for path in paths {
        let (before, after) = (old.get(path), new.get(path));
        if before == after {
            continue;
        }
        let _ = writeln!(patch, "diff --git a/{prefix}{path} b/{prefix}{path}");
        let (mut from, mut to) = (format!("a/{prefix}{path}"), format!("b/{prefix}{path}"));
        if before.is_none() {
            patch.push_str("new file mode 100644\n");
            from = "/dev/null".into();
        }
        if after.is_none() {
            patch.push_str("deleted file mode 100644\n");
            to = "/dev/null".into();
        }
        let text = |side: Option<&String>| side.cloned().unwrap_or_default();
        let (before, after) = (text(before), text(after));
        let diff = TextDiff::configure().algorithm(Algorithm::Patience).diff_lines(&before, &after);
        let _ = write!(patch, "{}", diff.unified_diff().context_radius(3).header(&from, &to));
    }
    patch
}

/// A patch with colours, line by line.
pub fn coloured(patch: &str) -> String {
    let style = |line: &str| match line.as_bytes().first() {
        _ if line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff ") => Style::new().bold(),
        Some(b'+') => AnsiColor::Green.on_default(),
        Some(b'-') => AnsiColor::Red.on_default(),
        Some(b'@') => AnsiColor::Cyan.on_default(),
        _ => Style::new(),
    };
    patch.lines().map(|line| format!("{0}{line}{0:#}\n", style(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
    }

    #[test]
    fn a_patch_is_a_plain_unified_diff() {
        let old = tree(&[("main.rs", "one\n\ntwo\nthree\n"), ("old.rs", "gone\n")]);
        let new = tree(&[("main.rs", "one\n\n2\nthree\n"), ("new.rs", "come\n")]);
        assert_eq!(
            between(&old, &new),
            "diff --git a/src/main.rs b/src/main.rs\n--- a/src/main.rs\n+++ b/src/main.rs\n@@ -1,4 +1,4 @@\n one\n \n\
             -two\n+2\n three\n\
             diff --git a/src/new.rs b/src/new.rs\nnew file mode 100644\n--- /dev/null\n+++ b/src/new.rs\n\
             @@ -0,0 +1 @@\n+come\n\
             diff --git a/src/old.rs b/src/old.rs\ndeleted file mode 100644\n--- a/src/old.rs\n+++ /dev/null\n\
             @@ -1 +0,0 @@\n-gone\n"
        );
    }

    #[test]
    fn git_applies_whatever_is_written() {
        let trees = [
            tree(&[("main.rs", "fn main() {}\n")]),
            tree(&[("main.rs", "fn main() {\n    x();\n}\n"), ("deep/x.rs", "fn x() {}\n")]),
            tree(&[("main.rs", "fn main() {}"), ("empty.rs", "")]),
            tree(&[("x.rs", "fn x() {}\n\n\nfn y() {}\n")]),
            tree(&[("main.rs", "\n\n\n"), ("x.rs", "fn y() {}\n\n\nfn x() {}\n")]),
        ];
        for old in &trees {
            for new in &trees {
                assert_eq!(git::apply(old, &between(old, new)).unwrap(), *new);
            }
        }
    }
}
