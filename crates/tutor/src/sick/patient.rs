//! One patient, as `sick.toml` has it.

use serde::Deserialize;

use crate::both;
use crate::language::{Both, Failure};

/// A server with a defect, under a number that does not tell which.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patient {
    /// What the learner calls it.
    pub number: u16,
    /// As `mutant` calls it.
    pub defect: String,
    /// The lesson that it claims to be.
    pub stage: String,
    /// The case of the suite that finds it.
    pub case: String,
    /// More words of its command line.
    pub arguments: Vec<String>,
    /// Where the defect stands.
    pub code: Code,
    /// Where the book teaches it: a chapter, and an anchor in it.
    pub read: String,
    /// What an operator is told.
    pub report: Both,
    /// Three, from a nudge to nearly the answer.
    pub hint: [Both; 3],
    /// The diagnosis.
    pub right: Both,
    /// What it has not.
    pub wrong: [Wrong; 3],
    /// What the defect is.
    pub what: Both,
    /// Real software that had it.
    pub seen: Both,
}

/// A line of a program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Below `tests/src/bin/mutant`.
    pub file: String,
    /// Without the blanks in front.
    pub line: String,
}

/// A diagnosis that is right for another patient, and why it is not for this one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// The defect whose diagnosis is offered.
    pub of: String,
    /// Why it is not that.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

/// One answer to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// `a` to `d`.
    pub letter: char,
    /// The diagnosis.
    pub diagnosis: Both,
    /// Why it is not that; `None` of the right one.
    pub why_not: Option<Both>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ward {
    patient: Vec<Patient>,
}

/// All patients.
///
/// # Errors
///
/// If `sick.toml` is not as it has to be; a test sees to it that it is.
pub fn patients() -> Result<Vec<Patient>, Failure> {
    let ward: Result<Ward, _> = toml::from_str(include_str!("../../sick.toml"));
    ward.map(|ward| ward.patient).map_err(|error| Failure::wrong(both!("sick.toml: {error}", "sick.toml：{error}")))
}

impl Patient {
    /// The diagnoses to choose from, always in the same order, which says nothing about which is right.
    pub fn choices(&self, all: &[Patient]) -> Vec<Choice> {
        let diagnosis = |defect: &str| all.iter().find(|other| other.defect == defect).map(|other| other.right.clone());
        let wrong = self.wrong.iter().map(|wrong| {
            let why_not = Both { en: wrong.en.clone(), zh: wrong.zh.clone() };
            (diagnosis(&wrong.of).unwrap_or_default(), Some(why_not))
        });
        let mut choices: Vec<(Both, Option<Both>)> = wrong.collect();
        // The right one stands anywhere; among the others too, the number decides.
        let number = usize::from(self.number);
        let turns = number / 16 % choices.len().max(1);
        choices.rotate_left(turns);
        choices.insert((number ^ number >> 3) % (choices.len() + 1), (self.right.clone(), None));
        let choice = |(letter, (diagnosis, why_not))| Choice { letter, diagnosis, why_not };
        ('a'..).zip(choices).map(choice).collect()
    }
}
