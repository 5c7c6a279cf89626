//! What a learner has reached: `work/progress.toml`, the one file that knows it, for people to read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::both;
use crate::language::Failure;

const HEADING: &str = "\
# How far you have come. Written by `just learn`; you may read it, and delete it to begin anew.
# rung: the one that you are at. reached: the highest that was green. hints: how many were opened, by rung.
# solutions: the rungs whose solution was shown. exercises: those of the book that are done.
";

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The work that was last gone on with: `01-python`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub current: String,
    /// The exercises of the book that are done, by their numbers: `03.2`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub exercises: BTreeSet<String>,
    /// By the name of its folder below `work`: `01-python`.
    #[serde(default)]
    pub work: BTreeMap<String, Standing>,
}

/// How far one piece of work has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The rung that the learner is at, from 1.
    pub rung: usize,
    /// The highest that was green; 0 for none.
    #[serde(default)]
    pub reached: usize,
    /// The rungs whose solution was shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub solutions: Vec<usize>,
    /// How many hints were opened, by the number of the rung.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hints: BTreeMap<String, usize>,
}

impl Default for Standing {
    fn default() -> Standing {
        Standing { rung: 1, reached: 0, solutions: Vec::new(), hints: BTreeMap::new() }
    }
}

impl Standing {
    /// How many hints were opened at this rung.
    pub fn hints_at(&self, rung: usize) -> usize {
        self.hints.get(&rung.to_string()).copied().unwrap_or(0)
    }

    /// One more hint was opened at this rung, of so many: which.
    pub fn open_hint(&mut self, rung: usize, of: usize) -> usize {
        let opened = (self.hints_at(rung) + 1).min(of);
        self.hints.insert(rung.to_string(), opened);
        opened
    }
}

impl Progress {
    /// As this file has it; nothing if it is not there.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is not written as it has to be: it is left as it is then.
    pub fn read(path: &Path) -> Result<Progress, Failure> {
        if !path.exists() {
            return Ok(Progress::default());
        }
        let text = crate::tree::read_file(path)?;
        toml::from_str(&text).map_err(|error: toml::de::Error| {
            let (path, error) = (path.display(), error.to_string());
            let error = error.trim_end();
            Failure::wrong(both!(
                "{path} cannot be understood; mend it, or move it away:\n{error}",
                "无法理解 {path}；请改正它，或者把它移走：\n{error}"
            ))
        })
    }

    /// Writes the file, whole or not at all.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            let path = path.display();
            Failure::failed(both!("cannot write {path}: {error}", "无法写入 {path}：{error}"))
        };
        let text = toml::to_string(self).map_err(|error| failed(&error))?;
        let text = text.trim_end();
        let folder = path.parent().unwrap_or(Path::new("."));
        let temporary = path.with_extension("toml.new");
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&temporary, format!("{HEADING}\n{text}\n")))
            .and_then(|()| fs::rename(&temporary, path))
            .map_err(|error| failed(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("work/progress.toml");
        assert_eq!(Progress::read(&path).unwrap(), Progress::default());
        let mut progress = Progress { current: "01-python".to_owned(), ..Progress::default() };
        let standing = progress.work.entry("01-python".to_owned()).or_default();
        assert_eq!((standing.open_hint(1, 3), standing.open_hint(1, 3), standing.hints_at(2)), (1, 2, 0));
        progress.write(&path).unwrap();
        assert_eq!(Progress::read(&path).unwrap(), progress);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text:?}");
    }

    #[test]
    fn what_cannot_be_understood_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress.toml");
        fs::write(&path, "rung = three").unwrap();
        let failure = Progress::read(&path).unwrap_err();
        assert_eq!(failure.status, 2);
        assert!(failure.said.en.contains("progress.toml"), "{failure:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "rung = three");
    }
}
