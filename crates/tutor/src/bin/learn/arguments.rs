//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tutor::command_line::{self, When, language};
use tutor::exercise;
use tutor::language::Language;
use tutor::learners_case;
use tutor::program::ProgrammingLanguage;

use crate::chinese::CHINESE;
use crate::commands::PORT;

/// Build the servers of this course yourself, one failing case at a time. Without a command: goes on where you left off
#[derive(Debug, Parser)]
#[command(
    name = "learn",
    bin_name = "just learn",
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = false
)]
pub struct Arguments {
    /// Begins a lesson, or goes on with it: just learn 01
    #[arg(value_name = "NN")]
    pub lesson: Option<String>,

    #[command(subcommand)]
    pub command: Option<Task>,

    /// What to write it in: rust, python, c or javascript (lessons 01 and 02)
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = command_line::programming_language)]
    pub language: Option<ProgrammingLanguage>,

    /// Do not take over the terminal: say how it stands, and end
    #[arg(long)]
    pub plain: bool,

    /// Language of what is said [default: that of the environment]
    #[arg(long, global = true, value_name = "en|zh", value_parser = language)]
    pub lang: Option<Language>,

    /// Whether to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = When::Auto)]
    pub color: When,

    /// The checkout [default: the one that this was built from]
    #[arg(long, global = true, value_name = "FOLDER", hide = true)]
    pub root: Option<PathBuf>,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// How it stands, once more; of any folder: just learn check --lesson 01 --dir FOLDER --language python
    Check(Check),
    /// The next hint of this rung
    Hint,
    /// On to the next rung, or to the next lesson
    Next,
    /// The rungs of this lesson, and how far you are in the others
    List,
    /// Builds your server and runs it: just learn run --port 8000
    Run {
        /// Where it listens
        #[arg(long, default_value_t = PORT)]
        port: u16,
    },
    /// What a solution of this rung changes; only once it is reached, or after all hints
    Solution {
        /// Show it, though this rung is not reached
        #[arg(long)]
        yes: bool,
    },
    /// Which defective servers a test of yours kills, and whether it spares the sound ones: just learn case my.case
    Case {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Begins a lesson anew; your work is kept beside it
    Reset {
        #[arg(value_name = "NN")]
        lesson: String,
    },
    /// An exercise of the book: just learn exercise 03.2, then: just learn exercise 03.2 check
    Exercise(exercise::command::Arguments),
    /// For maintainers: reference solutions as folders, and back as patches
    #[command(hide = true, subcommand)]
    Ladder(LadderTask),
}

/// `learn check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Which lesson [default: the one that you are at]
    #[arg(long = "lesson", value_name = "NN")]
    pub of: Option<String>,
    /// Where the server lies [default: your own, in work/]
    #[arg(long, value_name = "FOLDER", requires = "of")]
    pub dir: Option<PathBuf>,
    /// For maintainers: when the build was over, and each case
    #[arg(long, hide = true)]
    pub timings: bool,
}

/// `just ladder`.
#[derive(Debug, Subcommand)]
pub enum LadderTask {
    /// Writes starter (0), solutions (1, 2, …) and wrong ones (wrong-N-…): just ladder make 01 python FOLDER
    Make(LadderFolder),
    /// Takes changed folders back as patches, and carries a change into the folders behind it
    Record(LadderFolder),
    /// Whether ladder, starters and solutions are whole
    Check {
        #[arg(value_name = "NN")]
        lesson: String,
    },
}

/// What `ladder make` and `ladder record` are about.
#[derive(Debug, Args)]
pub struct LadderFolder {
    #[arg(value_name = "NN")]
    pub lesson: String,
    #[arg(value_name = "LANGUAGE", value_parser = command_line::programming_language)]
    pub of: ProgrammingLanguage,
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}

impl Arguments {
    /// From the command line. Its help is in the language that it names, or else in that of the environment.
    pub fn read() -> (Arguments, Language) {
        command_line::read(|command, language| {
            let command = match language {
                Language::English => command,
                Language::Chinese => CHINESE.of(command),
            };
            // It explains the format of the file too.
            command.mut_subcommand("case", |case| case.override_help(learners_case::help(language)))
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

    #[test]
    fn a_number_is_a_lesson_and_a_word_a_command() {
        let read = |text: &str| Arguments::try_parse_from(text.split(' ')).unwrap();
        assert_eq!(read("learn 01 --language py").lesson.as_deref(), Some("01"));
        assert_eq!(read("learn 01 --language py").language, Some(ProgrammingLanguage::Python));
        assert!(matches!(read("learn hint").command, Some(Task::Hint)));
        let check = read("learn check --lesson 01 --dir x --language c");
        assert!(matches!(check.command, Some(Task::Check(Check { dir: Some(_), of: Some(_), .. }))));
        assert_eq!(check.language, Some(ProgrammingLanguage::C));
    }
}
