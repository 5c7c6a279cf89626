//! The command line.

use std::path::PathBuf;

use clap::Parser;
use tutor::command_line::{self, Chinese, language};
use tutor::language::Language;
use tutor::program::ProgrammingLanguage;

/// Makes a repository for a student: a starter, a workflow that grades it on GitHub, and what to do
#[derive(Debug, Parser)]
#[command(name = "template", bin_name = "just template")]
pub struct Arguments {
    /// Where to; it has to be empty, or not there yet
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,

    /// What the server is to be written in: rust, python, c or javascript
    #[arg(long, value_name = "LANGUAGE", value_parser = command_line::programming_language)]
    pub language: ProgrammingLanguage,

    /// The lesson that it is to be like, from 01 to 11
    #[arg(long, value_name = "NN", default_value = "01")]
    pub lesson: String,

    /// Where the course is published on GitHub [default: the remote `origin` of this checkout]
    #[arg(long, value_name = "OWNER/NAME", value_parser = repository)]
    pub course: Option<String>,

    /// Language of the grades, and of what is said here [default: that of the environment]
    #[arg(long, value_name = "en|zh", value_parser = language)]
    pub lang: Option<Language>,

    /// The checkout [default: the one that this was built from]
    #[arg(long, value_name = "FOLDER", hide = true)]
    pub root: Option<PathBuf>,
}

const CHINESE: Chinese = Chinese {
    about: "为学生生成一个仓库：起始代码、在 GitHub 上评分的工作流，以及说明",
    commands: &[],
    arguments: &[
        ("folder", "写到哪个目录；它必须为空，或者还不存在"),
        ("language", "服务器用什么语言写：rust、python、c 或 javascript"),
        ("lesson", "服务器应当达到哪一课的水平，从 01 到 11"),
        ("course", "课程在 GitHub 上的位置 [默认：工作区的远程仓库 `origin`]"),
        ("lang", "评分和提示所用的语言 [默认：由环境决定]"),
        ("root", "工作区 [默认：构建本程序的那个]"),
    ],
};

impl Arguments {
    /// From the command line. Its help is in the language that it names, or else in that of the environment.
    pub fn read() -> (Arguments, Language) {
        command_line::read(|command, language| match language {
            Language::English => command,
            Language::Chinese => CHINESE.of(command),
        })
    }
}

fn repository(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let is_name =
        |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if parts.len() == 2 && parts.iter().all(is_name) {
        Ok(text.to_owned())
    } else {
        Err("it is OWNER/NAME, as in the address of a repository on GitHub".to_owned())
    }
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
        let command = CHINESE.of(Arguments::command());
        command.clone().debug_assert();
        assert_eq!(without_chinese(&command), [""; 0]);
    }

    #[test]
    fn a_repository_has_an_owner_and_a_name() {
        assert!(repository("a/b-c.d").is_ok());
        for wrong in ["a", "a/b/c", "/b", "a/b@main", "https://github.com/a/b"] {
            assert!(repository(wrong).is_err(), "{wrong}");
        }
    }
}
