//! Cases that learners write: which of the defective servers a case kills, and whether it spares the sound ones.
//!
//! A case is a small text file that reads like a transcript (`CASES.md`), or a Rust file with a
//! `pub const CASE: http_suite::Case`.

mod judge;
mod play;
mod rust;
mod script;
mod show;

use std::path::Path;

use crate::language::{Both, Failure, Language};
use crate::tree;
use crate::workspace;

/// `learn case FILE`: what is to be said, and the exit status. 0: it kills at least one defective server, all that it
/// says it kills, and spares every sound one. 1: it does not.
///
/// # Errors
///
/// If the file cannot be read or understood, with its line; if a server cannot be built. The exit status is then 2.
pub fn command(file: &Path, language: Language) -> Result<(String, u8), Failure> {
    let text = tree::read_file(file).map_err(|failure| Failure { status: 2, ..failure })?;
    let root = workspace::checkout();
    let judged = if file.extension().is_some_and(|ending| ending == "rs") {
        rust::judged(&root, file, &text)?
    } else {
        let script = script::parsed(&text).map_err(|fault| {
            let (name, line, said) = (file.display(), fault.line, fault.said);
            let (en, zh) = (format!("{name}:{line}: {}", said.en), format!("{name}:{line}：{}", said.zh));
            Failure::wrong(Both { en, zh })
        })?;
        judge::judged(&root, &script)?
    };
    let status = u8::from(!judged.is_good());
    Ok((show::table(&judged, language), status))
}

/// What `learn case --help` says: all of the format.
pub fn help(language: Language) -> &'static str {
    language.say(ENGLISH, CHINESE)
}

const ENGLISH: &str = "\
Usage: just learn case FILE

Runs a case that you have written on sound servers and on servers with one
defect each. A good case kills at least one of these, and spares all of the
sound ones. Exit status 0 if it is good, 1 if not, 2 if the file cannot be read
or understood.

FILE is a text like this, or a Rust file (.rs) with a `pub const CASE: Case`.

  kills: one-read-is-one-request
  > GET /hello.txt HTTP/1.1
  ! pause
  > Host: localhost
  > Connection: close
  >
  < 200
  < body file /hello.txt
  < closes

  # text               a remark
  connections: any    servers of every kind; short: those that close after an
                      answer; long: those that do not
  timeout: 10         how many seconds a client may be silent: the server's
  patience: 3         how many seconds to wait for what must come
  kills: NAME, NAME   defects that it has to kill
  > TEXT              sends this line, with CR LF; >| without; >. bytewise
  ! connect           opens the connection; the first > does so too
  ! connect narrow    the same, by a client that takes in little unread
  ! pause 0.5         silence, in seconds (0.2 without a number)
  ! half-close        no more will be sent; ! close leaves; ! reset resets
  < 200 or 404        an answer with one of these; < 200 to HEAD: no body
  < 400 or closes     an answer, or a close without one
  < Name: value       a field of it; value* begins so, * is any; < no Name
  < body is TEXT      its body; body has TEXT, body file /hello.txt, body empty
  < closes within 5   the server closes, and nothing comes before
  < nothing for 0.5   nothing comes, and the connection stays
  A> B> A< B! …       several connections, each with a name
  repeat 20 … end     again and again; what is opened in it is new each time
  \\r \\n \\t \\0 \\x41 \\\\ \\{ {1000*a}   in what is sent, in body is and has

Lines that are sent one after another on one connection go out in one piece, up
to the next line of another kind. More: crates/tutor/CASES.md; examples:
crates/tutor/cases.
";

const CHINESE: &str = "\
用法：just learn case 文件

用你写的用例测试正确的服务器和各有一个缺陷的服务器。好的用例至少杀死一个有缺陷
的，并且放过所有正确的。退出状态：0 好；1 不好；2 文件无法读取或理解。

文件是如下的文本，或者含有 `pub const CASE: Case` 的 Rust 文件（.rs）。

  kills: one-read-is-one-request
  > GET /hello.txt HTTP/1.1
  ! pause
  > Host: localhost
  > Connection: close
  >
  < 200
  < body file /hello.txt
  < closes

  # 文字               注释
  connections: any     所有服务器；short：回复后关闭的；long：保持连接的
  timeout: 10          客户端可以沉默多少秒；会告诉服务器
  patience: 3          应当到来的东西最多等多少秒
  kills: 名称, 名称    它必须杀死的缺陷
  > 文字               发送这一行，带 CR LF；>| 不带；>. 一次一个字节
  ! connect            打开连接；第一个 > 也会打开
  ! connect narrow     同上，但客户端在读取之前只能接收很少
  ! pause 0.5          沉默若干秒（不写则 0.2）
  ! half-close         不再发送；! close 离开；! reset 不告而别
  < 200 or 404         一个响应，状态码为其中之一；< 200 to HEAD 没有主体
  < 400 or closes      一个响应，或者不响应就关闭
  < 名称: 值           该响应的字段；值* 以此开头，* 任意；< no 名称 没有
  < body is 文字       它的主体；还有 body has、body file /hello.txt、body empty
  < closes within 5    服务器关闭，之前什么也没有来
  < nothing for 0.5    什么也没有来，连接保持
  A> B> A< B! …        多条连接，各有名称
  repeat 20 … end      一遍又一遍；其中打开的连接每次都是新的
  \\r \\n \\t \\0 \\x41 \\\\ \\{ {1000*a}   用于发送的内容，以及 body is 和 has

同一连接上相继的发送行作为一段发出，直到下一个其他种类的行。
详见 crates/tutor/CASES.zh.md；crates/tutor/cases 中有例子。
";

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::wrap::COLUMNS;

    #[test]
    fn the_help_fits_into_a_terminal() {
        for text in [ENGLISH, CHINESE] {
            let wide: Vec<&str> = text.lines().filter(|line| line.width() > COLUMNS).collect();
            assert!(wide.is_empty(), "{wide:#?}");
        }
    }
}
