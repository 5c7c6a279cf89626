//! The command line.

use std::env;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, CommandFactory, FromArgMatches, Parser};
use tutor::language::Language;

/// What do you expect? Asks what a chapter asks, keeps your answers, then measures.
///
/// An answer is a number, the letter of a choice, or ? for no idea. q ends it.
#[derive(Debug, Parser)]
#[command(name = "predict", bin_name = "just predict")]
pub struct Arguments {
    /// The number of a lesson
    #[arg(value_name = "NN", required_unless_present = "list")]
    pub lesson: Option<String>,

    /// Only this question, from 1 on
    #[arg(value_name = "QUESTION")]
    pub question: Option<String>,

    /// All questions of all lessons, and what became of them
    #[arg(long)]
    pub list: bool,

    /// Answers, in the order of the questions, instead of being asked: --answers 3,b
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', conflicts_with = "list")]
    pub answers: Option<Vec<String>>,

    /// Language of what is said [default: that of the environment]
    #[arg(long, value_name = "en|zh", value_parser = language)]
    pub lang: Option<Language>,

    /// The checkout [default: the one that this was built from]
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
}

const ABOUT: &str = "你觉得会怎样？先问一章里的问题，记下你的回答，然后当场测量。";
const LONG_ABOUT: &str = "你觉得会怎样？先问一章里的问题，记下你的回答，然后当场测量。\n\n回答是一个数字、选项的字母，或者 ? 表示不知道。q 表示结束。";
const HELP: [(&str, &str); 6] = [
    ("lesson", "课的编号"),
    ("question", "只问这一个问题，从 1 开始"),
    ("list", "列出各课的全部问题，以及结果如何"),
    ("answers", "不提问，按问题的顺序直接给出回答：--answers 3,b"),
    ("lang", "语言 [默认：由环境决定]"),
    ("root", "工作区 [默认：构建本程序的那个]"),
];
const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}";

impl Arguments {
    /// From the command line. Its help is in the language that it names, or else in that of the environment.
    pub fn read() -> (Arguments, Language) {
        let words: Vec<String> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        let language = Language::of_words(&words).unwrap_or_else(Language::of_environment);
        let command = match language {
            Language::English => Arguments::command(),
            Language::Chinese => chinese(Arguments::command()),
        };
        let matches = command.get_matches();
        let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        (arguments, language)
    }
}

/// The same command line, explained in Chinese.
fn chinese(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助");
    let command = command.about(ABOUT).long_about(LONG_ABOUT).help_template(TEMPLATE).disable_help_flag(true).arg(help);
    command.mut_args(|argument| {
        let heading = if argument.is_positional() { "参数" } else { "选项" };
        let found = HELP.iter().find(|(id, _)| *id == argument.get_id().as_str());
        let argument = argument.help_heading(heading);
        if let Some((_, text)) = found { argument.help(*text) } else { argument }
    })
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_name(text).ok_or_else(|| "the languages are en and zh".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn everything_has_its_chinese() {
        let command = chinese(Arguments::command());
        command.clone().debug_assert();
        for argument in command.get_arguments() {
            let help = argument.get_help().unwrap_or_default().to_string();
            assert!(help.chars().any(|letter| letter > '\u{2e80}'), "{}: {help}", argument.get_id());
        }
    }
}
