//! The help in Chinese.

use tutor::command_line::Chinese;

pub const CHINESE: Chinese = Chinese {
    about: "自己动手写出本课程的各个服务器，一次面对一个失败的用例。不带命令：从上次停下的地方继续",
    commands: &[
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
        ("ladder check", "检查阶梯、起始代码和解答是否完整"),
    ],
    arguments: &[
        ("lesson", "课的编号：开始或继续这一课"),
        ("of", "课的编号 [默认：正在学的一课]；ladder 中是编程语言"),
        ("dir", "服务器所在的目录 [默认：work/ 里自己的代码]"),
        ("timings", "维护者用：构建和每个用例各在何时结束"),
        ("language", "用什么语言写：rust、python、c 或 javascript（第 01、02 课）"),
        ("plain", "不接管终端：只说明进展，然后结束"),
        ("port", "监听的端口"),
        ("yes", "虽然还没有通过，也显示"),
        ("number", "书中的编号：03.2 是第 03 课的第 2 题；list：全部练习"),
        (
            "verb",
            "begin（开始，默认）、check（检查）、solution（参考解答）、reset（重新开始）；维护者用：record、verify",
        ),
        ("anyway", "虽然还没有完成，也显示"),
        ("folder", "目录"),
        ("file", "文件"),
        ("lang", "显示语言 [默认：由环境决定]"),
        ("color", "是否使用颜色"),
        ("root", "工作区 [默认：构建本程序的那个]"),
    ],
};

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use tutor::command_line::without_chinese;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn everything_has_its_chinese() {
        let command = CHINESE.of(Arguments::command());
        command.clone().debug_assert();
        assert_eq!(without_chinese(&command), [""; 0]);
    }
}
