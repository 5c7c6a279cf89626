//! The command line.

use clap::{Parser, Subcommand};
use tutor::command_line::{self, language};
use tutor::language::Language;

/// A server with a defect: find out which.
#[derive(Debug, Parser)]
#[command(name = "sick", bin_name = "just sick", disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Task>,

    /// A patient; any that is not solved yet, if none is named
    #[arg(value_name = "NUMBER", value_parser = patient)]
    pub number: Option<u16>,

    #[arg(long)]
    pub list: bool,

    #[arg(long, global = true, value_name = "en|zh", value_parser = language)]
    pub lang: Option<Language>,
}

/// What is to be done, where it is not done at a prompt.
#[derive(Debug, Subcommand)]
pub enum Task {
    Start {
        #[arg(value_parser = patient)]
        number: Option<u16>,
    },
    Report,
    Hint,
    Answer {
        letter: char,
    },
    Stop,
    List,
    Key,
}

fn patient(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "it is neither a command nor the number of a patient; just sick list has these".to_owned())
}

const ENGLISH: &str = "\
A server with a defect: find out which.

Usage: just sick [NUMBER]    starts a patient, and asks at a prompt
       just sick COMMAND     the same by single commands

Commands:
  start [NUMBER]   starts a patient; without a number, one that is not solved
  report           what is told of it, once more
  hint             the next hint, of three
  answer LETTER    a diagnosis
  stop             ends it
  list, --list     which patients there are, and which are solved
  key              for instructors: every number with its defect and its case

Options:
      --lang en|zh   language [default: that of the environment]
  -h, --help         this help

To find out: curl, nc -C, ss -tanp, /proc/PID, just trace PID,
just trace 127.0.0.1:PORT, and what just check --full 127.0.0.1:PORT shows
under \"by hand\".
";

const CHINESE: &str = "\
一个有缺陷的服务器：找出它的病。

用法：just sick [编号]     启动一个病人，并用提示符提问（在终端里）
      just sick 命令       用单独的命令做同样的事

命令：
  start [编号]   启动一个病人；不指定则任选一个未解决的
  report         再看一遍报告
  hint           下一个提示，共三个
  answer 字母    作出诊断
  stop           结束它
  list, --list   有哪些病人，哪些已解决
  key            教师专用：每个编号对应的缺陷和用例

选项：
      --lang en|zh   语言 [默认：由环境决定]
  -h, --help         显示帮助

可用的工具：curl、nc -C、ss -tanp、/proc/PID、just trace PID、
just trace 127.0.0.1:端口，
以及 just check --full 127.0.0.1:端口 列出的手工命令。
";

impl Arguments {
    /// From the command line. Its help is in the language that it names, or else in that of the environment.
    pub fn read() -> (Arguments, Language) {
        command_line::read(|command, language| {
            let help = language.say(ENGLISH, CHINESE);
            let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
            names.into_iter().fold(command.override_help(help), |command, name| {
                command.mut_subcommand(name, |one| one.override_help(help))
            })
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
    fn the_help_names_every_command() {
        for command in Arguments::command().get_subcommands() {
            let name = format!("\n  {}", command.get_name());
            assert!(ENGLISH.contains(&name) && CHINESE.contains(&name), "{name}");
        }
    }
}
