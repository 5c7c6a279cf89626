//! The help and the complaints of the command line in Chinese.

use std::error::Error as _;
use std::io::Write;
use std::process;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, Error};
use http_suite::called::{self, as_called};

use crate::arguments::Wrong;

const ABOUT: &str = "\
用这门课的用例测试任何语言写的静态文件服务器。

服务器能启动、能监听、能响应 GET /，就会得到评分。退出状态：0 表示这一阶段要求的都通过了，1 表示其中有失败的，
2 表示没有可以测试的服务器。严格要求不是必需的，除非加上 --strict。";

const USAGE: &str = "\
just check [选项] ADDRESS
       just check [选项] -- COMMAND...
       just check --list | --table | --summary | --make-site FOLDER";

const EXAMPLES: &str = "\
例子：
  just check --stage 04 -- python3 server.py {port} {root}
  just check --stage 02 --group targets -- ./my-server --port {port} --root {root}
  just check --make-site /tmp/suite        然后让服务器提供 /tmp/suite/root，再运行：
  just check 127.0.0.1:8080 --only dot
  just check --list --group limits";

const ARGUMENTS: [(&str, &str); 21] = [
    ("address", "已经在运行的服务器：127.0.0.1:8080。它应当提供 `--make-site` 生成的文件"),
    ("command", "启动服务器的命令，每个用例都重新启动一次。其中的 {port}、{root} 和 {timeout} 会被填上"),
    ("stage", "服务器应当达到哪一课的水平，从 01 到 11：表格中那一列就是对它的要求 [默认：08]"),
    ("only", "只运行名字里有这段文字的用例；可以多次给出，符合任何一个即可"),
    ("group", "只运行这一组的用例；可以多次给出，属于任何一组即可"),
    ("format", "报告的格式：text 给人看，json 和 jsonl 给程序用，markdown 放进文档 [默认：text]"),
    ("brief", "评分，以及最先要改正的：最多一屏。这是默认的报告"),
    ("full", "每个用例，以及每个失败的全部细节"),
    ("jobs", "同时运行多少个用例 [默认：给出命令时每个处理器 2 个，给出地址时 1 个]"),
    ("timeout", "一个用例最多运行多少秒 [默认：30 秒，加上 --server-timeout 的四倍]"),
    ("start_timeout", "服务器最多过多少秒开始监听 [默认：10]"),
    ("strict", "按评判各课的标准：严格要求也是必需的；表格说这一阶段通不过的用例，通过了也算失败"),
    ("server_timeout", "这个服务器的客户端可以沉默多少秒 [默认：10]"),
    ("root", "给出地址时：服务器提供的目录，如果无法向它询问"),
    ("i_own_this_host", "给出的地址不是本机时：有些用例是攻击，确认这是你自己的、可以攻击的服务器"),
    ("list", "只列出有哪些用例"),
    ("table", "只打印哪一课通过哪个用例的表格"),
    ("summary", "表格的摘要：各组的数目，以及每个已被证明的限制"),
    ("markdown", "用 Markdown 写表格"),
    ("make_site", "只生成用例要请求的文件：要提供的是 FOLDER/root"),
    ("lang", "报告的语言 [默认：由环境决定]"),
];

const TEMPLATE: &str = "{about}\n\n用法：{usage}\n\n{all-args}{after-help}";

/// The same command line, explained in Chinese.
pub fn translated(command: Command) -> Command {
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).help("显示帮助");
    let command = command.about(ABOUT).long_about(ABOUT).override_usage(USAGE).after_help(EXAMPLES);
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help("显示版本");
    let command = command.help_template(TEMPLATE).disable_help_flag(true).disable_version_flag(true);
    let command = command.args([help, version]);
    command.mut_args(|argument| {
        let heading = if argument.is_positional() { "参数" } else { "选项" };
        let found = ARGUMENTS.iter().find(|(id, _)| *id == argument.get_id().as_str());
        let argument = match found {
            Some((_, help)) => argument.help(*help).long_help(*help),
            None => argument,
        };
        let takes_values = argument.get_action().takes_values();
        // What values there may be, and which is taken otherwise, the help says itself.
        argument.help_heading(heading).hide_possible_values(takes_values).hide_default_value(takes_values)
    })
}

/// Says what is wrong with the command line, or what is asked for instead of a run, and ends this program.
pub fn exit(error: &Error) -> ! {
    match complaint(error) {
        Some(text) => {
            let usage = as_called(USAGE);
            let _ = writeln!(anstream::stderr(), "错误：{text}\n\n用法：{usage}\n\n更多说明见 '--help'。");
            process::exit(2)
        }
        None => called::exit(error),
    }
}

fn complaint(error: &Error) -> Option<String> {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    };
    let (argument, value) = (said(ContextKind::InvalidArg), said(ContextKind::InvalidValue));
    let why = error.source().and_then(|source| source.downcast_ref::<Wrong>()).map(|wrong| wrong.0.zh.as_str());
    Some(match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return None,
        ErrorKind::InvalidValue if value.is_empty() => format!("'{argument}' 需要一个值"),
        ErrorKind::InvalidValue => {
            format!("'{argument}' 的值 '{value}' 无效，可用的是：{}", said(ContextKind::ValidValue))
        }
        ErrorKind::ValueValidation => match why {
            Some(why) => format!("'{argument}' 的值 '{value}' 无效：{why}"),
            None => format!("'{argument}' 的值 '{value}' 无效"),
        },
        ErrorKind::UnknownArgument => format!("没有 '{argument}' 这个选项或参数"),
        ErrorKind::ArgumentConflict => {
            format!("'{argument}' 不能与 '{}' 一起用", said(ContextKind::PriorArg))
        }
        ErrorKind::MissingRequiredArgument => format!("还需要：{argument}"),
        ErrorKind::TooManyValues => format!("'{argument}' 不能有 '{value}' 这个多余的值"),
        ErrorKind::InvalidUtf8 => "参数中有不是 UTF-8 的字节".to_owned(),
        _ => "命令行不正确".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn everything_has_its_chinese() {
        let command = Arguments::command();
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            assert!(ARGUMENTS.iter().any(|(name, _)| *name == id), "{id} has no Chinese help");
        }
        let mut command = translated(command);
        command.clone().debug_assert();
        let help = command.render_long_help().to_string();
        let options = ["Usage", "Options", "Print", "default:", "possible"];
        let english = options.iter().find(|word| help.contains(**word));
        assert!(english.is_none(), "{english:?} in {help}");
    }

    #[test]
    fn what_is_wrong_is_said_in_chinese() {
        let complaint = |words: &[&str]| {
            let words = [&["check"], words].concat();
            complaint(&Arguments::try_parse_from(words).unwrap_err()).unwrap()
        };
        assert_eq!(complaint(&["--stage", "99"]), "'--stage <NN>' 的值 '99' 无效：课的编号是 01 到 11");
        assert_eq!(complaint(&["--no-such"]), "没有 '--no-such' 这个选项或参数");
        assert!(complaint(&["--jobs", "0"]).ends_with("无效"));
        assert!(complaint(&["--format", "pdf"]).contains("json"));
        assert!(complaint(&["--list", "--table", "127.0.0.1:1"]).contains("不能与"));
    }
}
