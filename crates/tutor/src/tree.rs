//! The sources of a lesson or a step, in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::both;
use crate::language::{Both, Failure};

/// The text of each file, by its path below `src`, with `/` between folders.
pub type Tree = BTreeMap<String, String>;

/// What building and running leave in a folder of sources.
const BUILT: [&str; 4] = ["target", "Cargo.lock", "__pycache__", "node_modules"];

/// Whether this is left by an editor, by a merge or by a build, and no source.
pub fn is_left_over(name: &str) -> bool {
    name.starts_with('.')
        || name.ends_with('~')
        || BUILT.contains(&name)
        || [".orig", ".rej", ".bak", ".swp"].iter().any(|end| name.ends_with(end))
}

/// All text files below this folder, which is a `src`. What an editor leaves there is left out.
pub fn read(src: &Path) -> Result<Tree, Failure> {
    let tree = read_any(src)?;
    if !tree.keys().any(|path| path.ends_with(".rs")) {
        let src = src.display();
        return Err(Failure::failed(both!("there is no Rust file in {src}", "{src} 里没有 Rust 源文件")));
    }
    Ok(tree)
}

/// All text files below this folder, in whatever language.
pub fn read_any(folder: &Path) -> Result<Tree, Failure> {
    let mut tree = Tree::new();
    read_below(folder, "", &mut tree).map_err(|error| cannot_read(folder, &error))?;
    Ok(tree)
}

fn read_below(folder: &Path, prefix: &str, tree: &mut Tree) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if is_left_over(&name) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            read_below(&entry.path(), &format!("{path}/"), tree)?;
        } else if let Ok(text) = String::from_utf8(fs::read(entry.path())?) {
            tree.insert(path, text);
        }
    }
    Ok(())
}

/// Makes the files below this folder just these. A file that is as it should be is not written, so that Cargo
/// does not take it for changed.
pub fn write(src: &Path, tree: &Tree) -> Result<(), Failure> {
    let mut there = Tree::new();
    if src.is_dir() {
        read_below(src, "", &mut there).map_err(|error| cannot_read(src, &error))?;
    }
    for gone in there.keys().filter(|path| !tree.contains_key(*path)) {
        let path = src.join(gone);
        fs::remove_file(&path).map_err(|error| cannot_write(&path, &error))?;
    }
    for (path, text) in tree.iter().filter(|(path, text)| there.get(*path) != Some(*text)) {
        write_file(&src.join(path), text)?;
    }
    Ok(())
}

/// Writes a file and the folders that lead to it, unless it is so already.
pub fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, text)).map_err(|error| cannot_write(path, &error))
}

/// A text file.
pub fn read_file(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| cannot_read(path, &error))
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::failed(both!("cannot read {path}: {error}", "无法读取 {path}：{error}"))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::failed(both!("cannot write {path}: {error}", "无法写入 {path}：{error}"))
}

/// What differs, as paths: for a message.
pub fn differences(one: &Tree, other: &Tree) -> Vec<String> {
    let mut paths: Vec<&String> = one.keys().chain(other.keys()).collect();
    paths.sort();
    paths.dedup();
    paths.into_iter().filter(|path| one.get(*path) != other.get(*path)).map(|path| format!("src/{path}")).collect()
}

/// Both languages of the message that says so.
pub fn list(paths: &[String]) -> Both {
    Both { en: paths.join(", "), zh: paths.join("、") }
}

/// Puts what is in the way aside, under the next free number, and says where: `work/05-rust.1`. `None`: nothing is
/// there.
pub fn put_aside(path: &Path) -> Result<Option<PathBuf>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let numbered = |number: usize| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    let aside = (1..).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(0));
    fs::rename(path, &aside).map_err(|error| {
        let path = path.display();
        Failure::failed(both!("cannot move {path}: {error}", "无法移动 {path}：{error}"))
    })?;
    Ok(Some(aside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_gone_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Tree::from([("main.rs".into(), "a\n".into()), ("deep/er.html".into(), "b\n".into())]);
        write(folder.path(), &tree).unwrap();
        fs::write(folder.path().join("main.rs~"), "backup").unwrap();
        assert_eq!(read(folder.path()).unwrap(), tree);
        tree.remove("deep/er.html");
        write(folder.path(), &tree).unwrap();
        assert_eq!(read(folder.path()).unwrap(), tree);
    }

    #[test]
    fn a_file_that_is_as_it_should_be_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::from([("main.rs".into(), "a\n".into())]);
        write(folder.path(), &tree).unwrap();
        let modified = || fs::metadata(folder.path().join("main.rs")).unwrap().modified().unwrap();
        let before = modified();
        write(folder.path(), &tree).unwrap();
        assert_eq!(modified(), before);
    }
}
