//! The command line of the lessons. No matter of HTTP, so no cases: a server in another language has another.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output, Stdio};

use libtest_mimic::{Failed, Trial};

use crate::keep::cannot_start;
use crate::language::{Both, Language, ending, reason};
use crate::process::until;
use crate::trial::{NOT_PERMITTED, get};
use crate::{PATIENT, Stage, both};

/// What every lesson refuses: the words, the exit status, and what the line that says why must name. 2 is for what
/// cannot be meant, 1 for what cannot be done.
const REFUSED: &[(&[&str], i32, &str)] = &[
    (&["--port", "eighty"], 2, "'eighty'"),
    (&["--port", ""], 2, "''"),
    (&["--port", "65536"], 2, "'65536'"),
    (&["--port", "-1"], 2, "'-1'"),
    (&["--port=80 80"], 2, "'80 80'"),
    (&["--port"], 2, "--port"),
    (&["-p"], 2, "-p"),
    (&["--bind", "nowhere"], 2, "'nowhere'"),
    (&["--bind", "127.0.0.1:80"], 2, "'127.0.0.1:80'"),
    (&["--bind"], 2, "--bind"),
    (&["--bind", "203.0.113.1"], 1, "203.0.113.1"),
    (&["--timeout", "0"], 2, "'0'"),
    (&["--timeout", "soon"], 2, "'soon'"),
    (&["--timeout", "65536"], 2, "'65536'"),
    (&["--quiet=yes"], 2, "yes"),
    (&["--verbose"], 2, "--verbose"),
    (&["-x"], 2, "-x"),
    (&["stray"], 2, "stray"),
];

/// What lessons with a document root refuse besides.
const ROOTS_REFUSED: &[(&[&str], i32, &str)] = &[
    (&["--root"], 2, "--root"),
    (&["--root", "/not/there"], 1, "/not/there"),
    (&["--root", "/dev/null"], 1, "/dev/null"),
    (&["--root", ""], 1, "--root"),
];

/// The tests of a lesson's command line.
pub(crate) fn trials(program: &'static str, stage: Stage, language: Language) -> Vec<Trial> {
    let has_root = stage.number() > 1;
    let trial = |name: &str, run: fn(&str, bool, Language) -> Result<(), Both>| {
        let failed = move |text: Both| Failed::from(text.say(language));
        Trial::test(name, move || run(program, has_root, language).map_err(failed)).with_kind("command-line")
    };
    vec![
        trial("a-wrong-command-line-is-refused", a_wrong_command_line_is_refused),
        trial("help-is-printed", help_is_printed),
        trial("quiet-is-quiet", quiet_is_quiet),
    ]
}

fn a_wrong_command_line_is_refused(program: &str, has_root: bool, _: Language) -> Result<(), Both> {
    let of_roots: &[_] = if has_root { ROOTS_REFUSED } else { &[(&["--root", "."], 2, "--root")] };
    for (words, status, named) in REFUSED.iter().chain(of_roots) {
        let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        refused(program, &words, *status, named)?;
    }
    refused(program, &[OsStr::new("--port"), OsStr::from_bytes(b"8\xff")], 2, "--port")?;

    let taken = TcpListener::bind("127.0.0.1:0").and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
    let (port, _taken) = taken.map_err(|error| reason(&error))?;
    let port = port.to_string();
    refused(program, &[OsStr::new("--port"), OsStr::new(&port)], 1, &port)
}

fn refused(program: &str, words: &[&OsStr], status: i32, named: &str) -> Result<(), Both> {
    let shown = words.join(&OsString::from(" "));
    let ended = run(program, words)?;
    let said = String::from_utf8_lossy(&ended.stderr);
    let fails = |what: Both| {
        let how = ending(ended.status);
        Err(both!("{shown:?}: {what} ({how}): {said}", "{shown:?}：{what}（{how}）：{said}" in what, how))
    };
    match () {
        _ if ended.status.code() != Some(status) => {
            fails(both!("expected exit status {status}", "退出状态应为 {status}"))
        }
        _ if said.lines().count() != 1 => fails(both!("expected one line that says why", "应当只用一行说明原因")),
        _ if !said.contains(named) => fails(both!("the line does not name {named}", "这一行没有指出 {named}")),
        _ if said.contains("panicked") => fails(both!("it panicked", "程序发生了 panic")),
        _ if !ended.stdout.is_empty() => fails(both!("it says something on standard output", "标准输出上有内容")),
        _ => Ok(()),
    }
}

fn help_is_printed(program: &str, has_root: bool, _: Language) -> Result<(), Both> {
    for word in ["--help", "-h"] {
        let ended = run(program, &[OsStr::new(word)])?;
        let help = String::from_utf8_lossy(&ended.stdout);
        let options = ["--port", "--bind", "--timeout", "--quiet", "--help"];
        let missing = options.into_iter().chain(has_root.then_some("--root")).find(|option| !help.contains(option));
        if !ended.status.success() || !ended.stderr.is_empty() || missing.is_some() {
            let said = String::from_utf8_lossy(&ended.stderr);
            let how = ending(ended.status);
            return Err(both!(
                "{word}: {how}, without {missing:?}: {help}{said}",
                "{word}：{how}，缺少 {missing:?}：{help}{said}" in how
            ));
        }
    }
    Ok(())
}

fn quiet_is_quiet(program: &str, _has_root: bool, language: Language) -> Result<(), Both> {
    for (words, quiet) in [(&["--port", "0", "--quiet"][..], true), (&["--port", "0"], false)] {
        let mut server = Command::new(program);
        server.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = server.spawn().map_err(|error| cannot_start(program, &reason(&error)))?;
        let mut line = String::new();
        let served = match &mut server.stdout {
            Some(stdout) => BufReader::new(stdout).read_line(&mut line).and_then(|_| {
                let address = line.trim().strip_prefix("listening on http://").unwrap_or_default();
                [get("/").as_str(), "nonsense\r\n\r\n", ""].into_iter().try_for_each(|request| ask(address, request))
            }),
            None => Ok(()),
        };
        let _ = server.kill();
        let said = server.wait_with_output().map_err(|error| reason(&error))?.stderr;
        if String::from_utf8_lossy(&said).contains(NOT_PERMITTED) {
            let said = String::from_utf8_lossy(&said);
            let text = both!("quiet-is-quiet: not looked at: {}", "quiet-is-quiet：未检查：{}"; said.trim());
            eprintln!("{}", text.say(language));
            return Ok(());
        }
        served.map_err(|error| {
            let why = reason(&error);
            both!("after {line:?}: {why}", "{line:?} 之后：{why}" in why)
        })?;
        if said.is_empty() != quiet {
            let said = String::from_utf8_lossy(&said);
            return Err(both!("{words:?}: it says {said:?}", "{words:?}：它输出了 {said:?}"));
        }
    }
    Ok(())
}

/// One request, and all of the answer.
fn ask(address: &str, request: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENT))?;
    stream.write_all(request.as_bytes())?;
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_to_end(&mut Vec::new()).map(|_| ())
}

/// Runs it to its end, which has to come.
fn run(program: &str, words: &[&OsStr]) -> Result<Output, Both> {
    let mut command = Command::new(program);
    // Should it start all the same, then on a port that nobody else wants.
    command.args(["--port", "0"]).args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| cannot_start(program, &reason(&error)))?;
    if !until(PATIENT, || !matches!(child.try_wait(), Ok(None))) {
        let _ = child.kill();
        let _ = child.wait();
        return Err(both!("{words:?}: it does not end", "{words:?}：它一直没有结束"));
    }
    child.wait_with_output().map_err(|error| reason(&error))
}
