//! The help in Chinese.

use clap::Command;

const ABOUT: &str = "每一课怎样从它所基于的课一步一步写成";

const COMMANDS: [(&str, &str); 12] = [
    ("list", "列出一课的各步，以及每一步让哪些用例变绿"),
    ("show", "显示一课各步的改动，或其中一步的改动"),
    ("make", "把某一步生成为一个 crate，可以打开、构建和运行"),
    ("run", "构建并运行某一步：just steps run 07 3 -- --port 0"),
    ("test", "构建各步并运行测试套件中属于它的部分；不指定则为所有课"),
    ("check", "检查各步能否应用、合起来是否等于该课、是否够小；不指定则为所有课"),
    ("build", "构建每一步；不指定则为所有课；有警告即为失败"),
    ("record", "把改过的源码收回为某一步，并把改动传递到后面的各步和各课"),
    ("carry", "把一课 src 中的改动传递到所有由它得来的课"),
    ("rebase", "同上，但只传递到这一课以及由它得来的课"),
    ("continue", "解决冲突之后继续"),
    ("abort", "放弃正在传递的改动；工作区保持原样"),
];

const ARGUMENTS: [(&str, &str); 20] = [
    ("lesson", "课的编号"),
    ("lessons", "课的编号"),
    ("step", "步的编号，从 1 开始；make 和 run 中 0 是它所基于的课"),
    ("folder", "目录"),
    ("options", "传给服务器的选项"),
    ("all", "运行该阶段的整列用例，而不只是这一步提到的和每类几个"),
    ("whole", "一次显示该课的全部改动"),
    ("full", "也显示整个给出的文件和所有移动的行"),
    ("width", "列数 [默认：终端的列数，最多 100]"),
    ("height", "一步应放得下的行数 [默认：终端的行数]"),
    ("new", "作为新的一步插在该步之前，id 为此"),
    ("split", "作为通向该步途中的新的一步，id 为此；该步的终点不变"),
    ("from", "改动之前的提交"),
    ("lang", "语言 [默认：由环境决定]"),
    ("color", "是否使用颜色"),
    ("root", "工作区 [默认：构建本程序的那个]"),
    ("help", "显示帮助"),
    ("version", "显示版本"),
    ("command", "命令"),
    ("id", "id"),
];

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}";

/// The same command line, explained in Chinese.
pub fn translated(command: Command) -> Command {
    let command = described(command.about(ABOUT));
    let names: Vec<String> = command.get_subcommands().map(|one| one.get_name().to_owned()).collect();
    let command = command.subcommand_help_heading("命令");
    names.iter().fold(command, |command, name| {
        let about = found(&COMMANDS, name);
        command.mut_subcommand(name, |one| described(one.about(about)))
    })
}

fn described(command: Command) -> Command {
    let command = command
        .help_template(TEMPLATE)
        .disable_help_flag(true)
        .arg(clap::Arg::new("help").short('h').long("help").action(clap::ArgAction::Help).help("显示帮助"));
    command.mut_args(|argument| {
        let heading = if argument.is_positional() { "参数" } else { "选项" };
        let help = found(&ARGUMENTS, argument.get_id().as_str());
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

    #[test]
    fn everything_has_its_chinese() {
        let command = translated(Arguments::command());
        command.clone().debug_assert();
        for one in command.get_subcommands() {
            assert!(!one.get_about().unwrap_or_default().to_string().is_empty(), "{}", one.get_name());
            for argument in one.get_arguments() {
                let help = argument.get_help().unwrap_or_default().to_string();
                assert!(!help.is_empty(), "{}: {}", one.get_name(), argument.get_id());
            }
        }
    }
}
