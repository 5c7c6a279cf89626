//! What the command lines of the programs here have in common.

use std::env;

use anstream::ColorChoice;
use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches, ValueEnum};

use crate::language::Language;
use crate::program::ProgrammingLanguage;

/// When output is coloured.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[allow(missing_docs)]
pub enum When {
    Auto,
    Always,
    Never,
}

impl When {
    /// The same, for what is printed from now on.
    pub fn choice(self) -> ColorChoice {
        match self {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        }
    }
}

/// `en` or `zh`.
///
/// # Errors
///
/// What may stand there, if this may not.
pub fn language(text: &str) -> Result<Language, String> {
    Language::from_name(text).ok_or_else(|| "the languages are en and zh".to_owned())
}

/// A language in which a learner writes.
///
/// # Errors
///
/// What may stand there, if this may not.
pub fn programming_language(text: &str) -> Result<ProgrammingLanguage, String> {
    ProgrammingLanguage::from_name(text).ok_or_else(|| "the languages are rust, python, c and javascript".to_owned())
}

/// Reads the command line, and ends the program where it is wrong or asks for help. `explained` says the help in the
/// language that the command line names, or else in that of the environment.
pub fn read<T: CommandFactory + FromArgMatches>(explained: impl FnOnce(Command, Language) -> Command) -> (T, Language) {
    let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let language = Language::of_words(&words).unwrap_or_else(Language::of_environment);
    let matches = explained(T::command(), language).get_matches();
    let arguments = T::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    (arguments, language)
}

/// The Chinese of a command line: what it is about, its commands by their names (or by those of two, `ladder check`,
/// where there are several of a name), and its arguments by their ids.
pub struct Chinese {
    /// In a line.
    pub about: &'static str,
    /// With what each does.
    pub commands: &'static [(&'static str, &'static str)],
    /// With what each is.
    pub arguments: &'static [(&'static str, &'static str)],
}

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}";

impl Chinese {
    /// The same command line, explained in Chinese. What has none is not explained.
    pub fn of(&self, command: Command) -> Command {
        self.described(command.about(self.about))
    }

    fn described(&self, command: Command) -> Command {
        let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
        let parent = command.get_name().to_owned();
        let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助");
        let command = command.help_template(TEMPLATE).subcommand_help_heading("命令").disable_help_flag(true).arg(help);
        let command = command.mut_args(|argument| {
            let heading = if argument.is_positional() { "参数" } else { "选项" };
            let argument = argument.help_heading(heading);
            let id = argument.get_id().as_str();
            if id == "help" {
                return argument;
            }
            let text = found(self.arguments, id).unwrap_or_default();
            argument.help(text)
        });
        names.iter().fold(command, |command, name| {
            let own = found(self.commands, &format!("{parent} {name}"));
            let about = own.or_else(|| found(self.commands, name)).unwrap_or_default();
            command.mut_subcommand(name, |one| self.described(one.about(about)))
        })
    }
}

fn found(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(key, _)| *key == name).map(|(_, text)| *text)
}

/// What of a command line has no Chinese: its commands and all their arguments, by their names.
pub fn without_chinese(command: &Command) -> Vec<String> {
    let lacks = |text: String| !text.chars().any(|letter| letter > '\u{2e80}');
    let helped = |argument: &&Arg| lacks(argument.get_help().unwrap_or_default().to_string());
    let arguments = command.get_arguments().filter(helped);
    let mut found: Vec<String> =
        arguments.map(|argument| format!("{}: {}", command.get_name(), argument.get_id())).collect();
    for one in command.get_subcommands() {
        if lacks(one.get_about().unwrap_or_default().to_string()) {
            found.push(one.get_name().to_owned());
        }
        found.extend(without_chinese(one));
    }
    found
}
