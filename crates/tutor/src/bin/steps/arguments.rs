//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tutor::command_line::{self, When, language};
use tutor::language::Language;

use crate::chinese::CHINESE;

/// The steps in which each lesson is reached from its parent.
#[derive(Debug, Parser)]
#[command(name = "steps", bin_name = "just steps", disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Task,

    /// Language of what is said [default: that of the environment]
    #[arg(long, global = true, value_name = "en|zh", value_parser = language)]
    pub lang: Option<Language>,

    /// Whether to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    pub color: When,

    /// The checkout [default: the one that this was built from]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// The steps of a lesson, with what each turns green
    List {
        #[arg(value_name = "NN")]
        lesson: String,
    },
    /// What the steps of a lesson change, or one of them
    Show(Show),
    /// A step as a crate, to be opened, built and run
    Make {
        #[arg(value_name = "NN")]
        lesson: String,
        /// From 1; 0 is the parent
        #[arg(value_name = "STEP")]
        step: String,
        /// Must not be there yet, or be empty
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
    /// Builds a step and runs it: just steps run 07 3 -- --port 0
    Run {
        #[arg(value_name = "NN")]
        lesson: String,
        /// From 1; 0 is the parent
        #[arg(value_name = "STEP")]
        step: String,
        /// Of the server
        #[arg(last = true, value_name = "OPTIONS")]
        options: Vec<String>,
    },
    /// Builds steps and runs their part of the suite; of all lessons if none is named
    Test {
        #[arg(value_name = "NN")]
        lesson: Option<String>,
        #[arg(value_name = "STEP")]
        step: Option<String>,
        /// The whole column of the stage, not only what the step names and a few cases of each kind
        #[arg(long)]
        all: bool,
    },
    /// Whether the steps apply, add up to the lesson, and are small; of all lessons if none is named
    Check {
        #[arg(value_name = "NN")]
        lessons: Vec<String>,
    },
    /// Builds every step, of all lessons if none is named; a warning is a failure
    Build {
        #[arg(value_name = "NN")]
        lessons: Vec<String>,
    },
    /// Takes changed sources back as a step, and carries the change through all that come behind
    Record(Record),
    /// Carries what was changed in the src of a lesson through all that come from it
    Carry(From),
    /// The same, but only into this lesson and those that come from it
    Rebase(From),
    /// Goes on after a conflict was resolved
    Continue {
        #[arg(value_name = "NN")]
        lesson: Option<String>,
    },
    /// Gives up what is under way; the checkout is as it was
    Abort,
}

/// `steps show`, `just diff`.
#[derive(Debug, Args)]
pub struct Show {
    #[arg(value_name = "NN")]
    pub lesson: String,
    #[arg(value_name = "STEP")]
    pub step: Option<String>,
    /// All that the lesson changes, at once
    #[arg(long, conflicts_with = "step")]
    pub whole: bool,
    /// All of the files that a learner is given as they are, and all moved lines
    #[arg(long)]
    pub full: bool,
    /// Columns [default: those of the terminal, up to 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,
    /// Lines that a step should fit into [default: those of the terminal]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(10..))]
    pub height: Option<u16>,
}

/// `steps record`.
#[derive(Debug, Args)]
pub struct Record {
    #[arg(value_name = "NN")]
    pub lesson: String,
    #[arg(value_name = "STEP")]
    pub step: String,
    /// A crate, or its src
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// As a new step before that one, of this id
    #[arg(long, value_name = "ID", conflicts_with = "split")]
    pub new: Option<String>,
    /// As a new step of this id, half-way to that one, which ends where it ended
    #[arg(long, value_name = "ID")]
    pub split: Option<String>,
    /// The commit that the later lessons fit
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    pub from: String,
}

/// `steps carry`, `steps rebase`.
#[derive(Debug, Args)]
pub struct From {
    #[arg(value_name = "NN")]
    pub lesson: String,
    /// The commit with the lesson as it was before the change
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    pub from: String,
}

impl Arguments {
    /// From the command line. Its help is in the language that it names, or else in that of the environment.
    pub fn read() -> (Arguments, Language) {
        command_line::read(|command, language| match language {
            Language::English => command,
            Language::Chinese => CHINESE.of(command),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
