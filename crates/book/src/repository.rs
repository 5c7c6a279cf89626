//! The repository that the books are about, and are in.

use std::fs;
use std::path::{Path, PathBuf};

use crate::chapter::Chapter;
use crate::language::Language;
use crate::problem::Problem;

/// A folder with `docs/` and all that the books show.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The one that this crate is part of.
    pub fn here() -> Repository {
        Repository::at(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
    }

    /// Another one.
    pub fn at(root: impl AsRef<Path>) -> Repository {
        let root = root.as_ref();
        Repository { root: fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()) }
    }

    /// The path of a file, from its path inside.
    pub fn path(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.root.join(inside)
    }

    /// The text of a file, from its path inside.
    pub fn read(&self, inside: impl AsRef<Path>) -> Result<String, String> {
        let inside = inside.as_ref();
        fs::read_to_string(self.path(inside)).map_err(|error| format!("cannot read {}: {error}", inside.display()))
    }

    /// The files of a folder, by name and in order; empty if there is no such folder.
    pub fn files(&self, folder: impl AsRef<Path>, extension: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> =
            names.filter(|name| Path::new(name).extension().is_some_and(|e| e == extension)).collect();
        names.sort();
        names
    }

    /// The files of a folder and of those in it, as paths from the root, in order; but for folders of some names.
    pub fn files_below(&self, folder: &str, extensions: &[&str], but_for: &[&str]) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut files = Vec::new();
        for entry in entries.flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{folder}/{name}");
            if entry.path().is_dir() {
                if !but_for.contains(&name.as_str()) {
                    files.extend(self.files_below(&path, extensions, but_for));
                }
            } else if Path::new(&name).extension().is_some_and(|e| extensions.iter().any(|known| e == *known)) {
                files.push(path);
            }
        }
        files.sort();
        files
    }

    /// The folder of a lesson, `crates/lesson-03-multi-process`, from its number.
    pub fn lesson(&self, number: &str) -> Result<String, String> {
        let entries = fs::read_dir(self.path("crates")).map_err(|error| format!("cannot read crates: {error}"))?;
        let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let name = names.find(|name| name.starts_with(&format!("lesson-{number}-")));
        name.map(|name| format!("crates/{name}")).ok_or_else(|| format!("there is no lesson {number}"))
    }

    /// The files of the chapters, in the order of a language's `SUMMARY.md`.
    pub fn summary(&self, language: Language) -> Result<Vec<String>, String> {
        let text = self.read(format!("docs/{language}/SUMMARY.md"))?;
        Ok(text.lines().filter_map(|line| Some(line.split_once("](")?.1.split_once(')')?.0.to_owned())).collect())
    }

    /// All chapters of a language that are there; what cannot be read is a problem.
    pub fn chapters(&self, language: Language) -> (Vec<Chapter>, Vec<Problem>) {
        let remedy = "write the file, or take it out of SUMMARY.md in both languages";
        let summary = format!("docs/{language}/SUMMARY.md");
        let files = match self.summary(language) {
            Ok(files) => files,
            Err(error) => return (Vec::new(), vec![Problem::new(summary, "", error, "write it")]),
        };
        let (mut chapters, mut problems) = (Vec::new(), Vec::new());
        for file in files {
            match self.read(format!("docs/{language}/{file}")) {
                Ok(text) => chapters.push(Chapter::parse(language, &file, &text)),
                Err(error) => problems.push(Problem::new(&summary, "", error, remedy)),
            }
        }
        for file in self.files(format!("docs/{language}"), "md") {
            if file != "SUMMARY.md" && !chapters.iter().any(|chapter| chapter.file == file) {
                let what = format!("docs/{language}/{file} is a chapter that nobody can turn to");
                problems.push(Problem::new(&summary, "", what, "name it there, or delete it"));
            }
        }
        (chapters, problems)
    }
}
