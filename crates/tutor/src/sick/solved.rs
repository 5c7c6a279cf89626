//! What the learner has found out so far: `work/sick/solved.toml`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::both;
use crate::language::Failure;
use crate::sick::Running;
use crate::tree;

/// The patients whose defect has been found.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Solved {
    /// In the order in which they were.
    #[serde(default)]
    pub solved: Vec<Diagnosed>,
}

/// How one was found.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Diagnosed {
    /// The patient.
    pub number: u16,
    /// How many hints were opened.
    pub hints: usize,
    /// How many wrong answers came before the right one.
    pub wrong: usize,
}

impl Solved {
    /// What is written in this folder; nothing, if there is no such file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not TOML any more.
    pub fn load(folder: &Path) -> Result<Solved, Failure> {
        let path = folder.join("solved.toml");
        if !path.exists() {
            return Ok(Solved::default());
        }
        let text = tree::read_file(&path)?;
        let shown = path.display();
        toml::from_str(&text).map_err(|error| Failure::failed(both!("{shown}: {error}", "{shown}：{error}")))
    }

    /// How this patient was found, if it was.
    pub fn of(&self, number: u16) -> Option<&Diagnosed> {
        self.solved.iter().find(|one| one.number == number)
    }

    /// Takes down that the patient that runs has been found. The first time counts.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn add(&mut self, running: &Running, folder: &Path) -> Result<(), Failure> {
        if self.of(running.number).is_none() {
            let Running { number, hints, wrong, .. } = *running;
            self.solved.push(Diagnosed { number, hints, wrong });
        }
        tree::write_file(&folder.join("solved.toml"), &toml::to_string(self).unwrap_or_default())
    }
}
