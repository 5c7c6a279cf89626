//! The help in Chinese.

use clap::Command;

const ABOUT: &str = "自己动手写出本课程的各个服务器，一次面对一个失败的用例。不带命令：从上次停下的地方继续";

const COMMANDS: &[(&str, &str)] = &[
    ("check", "再看一次进展如何；也可检查任何目录：just learn check --lesson 01 --dir 目录 --language python"),
    ("hint", "这一级的下一条提示"),
    ("next", "进入下一级，或下一课"),
    ("list", "本课的各级，以及其他课的进度"),
    ("run", "构建并运行自己的服务器：just learn run --port 8000"),
    ("solution", "这一级的解答改了什么；通过之后，或看完全部提示之后才显示"),
    ("case", "你写的测试杀死哪些有缺陷的服务器，是否放过正确的：just learn case my.case"),
    ("reset", "重新开始一课；原来的代码保留在旁边"),
    ("exercise", "书中的练习：先 just learn exercise 03.2，再 just learn exercise 03.2 check"),
    ("ladder", "维护者用：把参考解答写成目录，以及收回为补丁"),
    ("make", "把起始代码（0）、各级解答（1、2……）和错误解答（wrong-N-……）写成目录"),
    ("record", "把改过的目录收回为补丁，并把改动传递到后面的目录"),
];

const ARGUMENTS: &[(&str, &str)] = &[
    ("lesson", "课的编号：开始或继续这一课"),
    ("of", "课的编号 [默认：正在学的一课]；ladder 中是编程语言"),
    ("dir", "服务器所在的目录 [默认：work/ 里自己的代码]"),
    ("language", "用什么语言写：rust、python、c 或 javascript（第 01、02 课）"),
    ("plain", "不接管终端：只说明进展，然后结束"),
    ("port", "监听的端口"),
    ("yes", "虽然还没有通过，也显示"),
    ("number", "书中的编号：03.2 是第 03 课的第 2 题；list：全部练习"),
    ("verb", "begin（开始，默认）、check（检查）、solution（参考解答）、reset（重新开始）；维护者用：record、verify"),
    ("anyway", "虽然还没有完成，也显示"),
    ("folder", "目录"),
    ("file", "文件"),
    ("lang", "显示语言 [默认：由环境决定]"),
    ("color", "是否使用颜色"),
    ("root", "工作区 [默认：构建本程序的那个]"),
    ("help", "显示帮助"),
];

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}";

/// The same command line, explained in Chinese.
pub fn translated(command: Command) -> Command {
    of_each(described(command.about(ABOUT)))
}

fn of_each(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    let command = command.subcommand_help_heading("命令");
    names.iter().fold(command, |command, name| {
        let about = if name == "check" && command.get_name() == "ladder" {
            "检查阶梯、起始代码和解答是否完整"
        } else {
            found(COMMANDS, name)
        };
        command.mut_subcommand(name, |one| of_each(described(one.about(about))))
    })
}

fn described(command: Command) -> Command {
    let command = command
        .help_template(TEMPLATE)
        .disable_help_flag(true)
        .arg(clap::Arg::new("help").short('h').long("help").action(clap::ArgAction::Help).help("显示帮助"));
    command.mut_args(|argument| {
        let heading = if argument.is_positional() { "参数" } else { "选项" };
        let help = found(ARGUMENTS, argument.get_id().as_str());
        argument.help(help).help_heading(heading)
    })
}

fn found(table: &[(&str, &'static str)], name: &str) -> &'static str {
    table.iter().find(|(key, _)| *key == name).map_or("", |(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::arguments::Arguments;

    fn assert_described(command: &Command) {
        for argument in command.get_arguments() {
            let help = argument.get_help().unwrap_or_default().to_string();
            assert!(!help.is_empty(), "{}: {}", command.get_name(), argument.get_id());
        }
        for one in command.get_subcommands() {
            assert!(!one.get_about().unwrap_or_default().to_string().is_empty(), "{}", one.get_name());
            assert_described(one);
        }
    }

    #[test]
    fn everything_has_its_chinese() {
        let command = translated(Arguments::command());
        command.clone().debug_assert();
        assert_described(&command);
    }
}
