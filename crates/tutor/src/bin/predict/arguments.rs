//! The command line.

use std::path::PathBuf;

use clap::{Command, Parser};
use tutor::command_line::{self, Chinese, language};
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

const CHINESE: Chinese = Chinese {
    about: "你觉得会怎样？先问一章里的问题，记下你的回答，然后当场测量。",
    commands: &[],
    arguments: &[
        ("lesson", "课的编号"),
        ("question", "只问这一个问题，从 1 开始"),
        ("list", "列出各课的全部问题，以及结果如何"),
        ("answers", "不提问，按问题的顺序直接给出回答：--answers 3,b"),
        ("lang", "语言 [默认：由环境决定]"),
        ("root", "工作区 [默认：构建本程序的那个]"),
    ],
};
const LONG_ABOUT_ZH: &str = "你觉得会怎样？先问一章里的问题，记下你的回答，然后当场测量。\n\n回答是一个数字、选项的字母，或者 ? 表示不知道。q 表示结束。";

impl Arguments {
    /// From the command line. Its help is in the language that it names, or else in that of the environment.
    pub fn read() -> (Arguments, Language) {
        command_line::read(|command, language| match language {
            Language::English => command,
            Language::Chinese => chinese(command),
        })
    }
}

/// The same command line, explained in Chinese.
fn chinese(command: Command) -> Command {
    CHINESE.of(command).long_about(LONG_ABOUT_ZH)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use tutor::command_line::without_chinese;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn everything_has_its_chinese() {
        let command = chinese(Arguments::command());
        command.clone().debug_assert();
        assert_eq!(without_chinese(&command), [""; 0]);
    }
}
