//! The help in Chinese.

use tutor::command_line::Chinese;

pub const CHINESE: Chinese = Chinese {
    about: "每一课怎样从它所基于的课一步一步写成",
    commands: &[
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
    ],
    arguments: &[
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
