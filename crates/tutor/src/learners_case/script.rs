//! A case as a text: what is sent, and what must come.

use std::collections::HashSet;
use std::time::Duration;

use crate::both;
use crate::language::Both;

/// How long a case may be that is spelled out, in bytes: more than any server reads.
const LONGEST: usize = 64 * 1024 * 1024;
/// How often something may be repeated.
const MOST_TIMES: usize = 10_000;
/// How long a pause is that is not said to be longer.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest time that can be asked for, in seconds.
const LONGEST_TIME: f64 = 60.0;

/// A case.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    pub connections: Connections,
    /// How long a client may be silent, in seconds.
    pub timeout: u16,
    /// How long to wait for what must come.
    pub patience: Duration,
    /// What it says it kills.
    pub kills: Vec<String>,
    pub steps: Vec<Step>,
}

/// On which servers it makes sense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connections {
    #[default]
    Any,
    /// Those that close after one answer.
    Short,
    /// Those that keep a connection.
    Long,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// From 1.
    pub line: usize,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// On this connection.
    On(String, Deed),
    Repeat(usize, Vec<Step>),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Connect {
        narrow: bool,
    },
    Send(Vec<u8>),
    SendByteByByte(Vec<u8>),
    Pause(Duration),
    HalfClose,
    Close,
    Reset,
    Answer {
        statuses: Vec<u16>,
        or_closes: bool,
        to_head: bool,
    },
    /// Value; `*` at its end stands for anything.
    Field(String, String),
    NoField(String),
    BodyIs(Vec<u8>),
    BodyHas(Vec<u8>),
    BodyFile(String),
    Closes {
        within: Option<Duration>,
    },
    Nothing(Duration),
}

/// What cannot be understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub line: usize,
    pub said: Both,
}

/// Reads a case.
pub fn parsed(text: &str) -> Result<Script, Fault> {
    let mut reader = Reader::default();
    for (line, content) in (1..).zip(text.lines()) {
        reader.line = line;
        reader.take(content).map_err(|said| Fault { line, said })?;
    }
    if let Some((line, _)) = reader.open.as_ref() {
        let said = both!("this repeat has no end", "这个 repeat 没有 end");
        return Err(Fault { line: *line, said });
    }
    if !reader.expects {
        let said = both!(
            "nothing is expected: a case that cannot fail shows nothing",
            "没有任何期望：不可能失败的用例什么也证明不了"
        );
        return Err(Fault { line: reader.line.max(1), said });
    }
    Ok(reader.script)
}

#[derive(Default)]
struct Reader {
    line: usize,
    script: Script,
    /// The line of a repeat, and how often. Its steps are those of `inner`.
    open: Option<(usize, usize)>,
    inner: Vec<Step>,
    /// The connections on which an answer has been expected.
    answered: HashSet<String>,
    expects: bool,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            connections: Connections::Any,
            timeout: 10,
            patience: Duration::from_secs(3),
            kills: Vec::new(),
            steps: Vec::new(),
        }
    }
}

impl Reader {
    fn take(&mut self, content: &str) -> Result<(), Both> {
        // What is sent may end in blanks.
        let content = content.trim_start();
        if content.is_empty() || content.starts_with('#') {
            return Ok(());
        }
        let end = content.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(content.len());
        let (name, rest) = content.split_at(end);
        match rest.chars().next() {
            Some('>') => {
                let deed = sent(&rest[1..])?;
                self.push(Action::On(name.to_owned(), deed))
            }
            Some('!') => {
                let deed = done(rest[1..].trim())?;
                self.push(Action::On(name.to_owned(), deed))
            }
            Some('<') => {
                let deed = expected(rest[1..].trim())?;
                self.expect(name, deed)
            }
            Some(':') => self.set(name, rest[1..].trim()),
            _ => self.repeat(content.trim_end()),
        }
    }

    fn push(&mut self, action: Action) -> Result<(), Both> {
        let step = Step { line: self.line, action };
        if self.open.is_some() {
            self.inner.push(step)
        } else {
            self.script.steps.push(step)
        }
        Ok(())
    }

    fn expect(&mut self, name: &str, deed: Deed) -> Result<(), Both> {
        match deed {
            Deed::Answer { .. } => drop(self.answered.insert(name.to_owned())),
            Deed::Closes { .. } | Deed::Nothing(_) => {}
            _ if self.answered.contains(name) => {}
            _ => {
                return Err(both!("of which answer? Expect one first: < 200", "哪个响应？请先期望一个响应：< 200"));
            }
        }
        self.expects = true;
        self.push(Action::On(name.to_owned(), deed))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Both> {
        if !self.script.steps.is_empty() || self.open.is_some() {
            return Err(both!(
                "settings such as {name}: stand before the first step; what is sent begins with >",
                "{name}: 这样的设置应写在第一步之前；发送的内容以 > 开头"
            ));
        }
        match name {
            "connections" => {
                self.script.connections = match value {
                    "any" => Connections::Any,
                    "short" => Connections::Short,
                    "long" => Connections::Long,
                    _ => {
                        return Err(both!(
                            "any, short or long, not {value}",
                            "应为 any、short 或 long，而不是 {value}"
                        ));
                    }
                }
            }
            "timeout" => {
                self.script.timeout =
                    value.parse().ok().filter(|seconds| (1..=60).contains(seconds)).ok_or_else(|| {
                        both!("a number of seconds from 1 to 60, not {value}", "应为 1 到 60 的秒数，而不是 {value}")
                    })?;
            }
            "patience" => self.script.patience = seconds(value)?,
            "kills" => {
                let names = value.split(',').map(|name| name.trim().to_owned());
                self.script.kills.extend(names.filter(|name| !name.is_empty()));
            }
            _ => {
                return Err(both!(
                    "there is no setting {name}; there are connections, timeout, patience, kills",
                    "没有设置 {name}；有 connections、timeout、patience、kills"
                ));
            }
        }
        Ok(())
    }

    fn repeat(&mut self, content: &str) -> Result<(), Both> {
        if content == "end" {
            let Some((line, times)) = self.open.take() else {
                return Err(both!("there is no repeat that could end", "没有可以结束的 repeat"));
            };
            let steps = std::mem::take(&mut self.inner);
            self.script.steps.push(Step { line, action: Action::Repeat(times, steps) });
            return Ok(());
        }
        let Some(times) = content.strip_prefix("repeat ") else {
            return Err(both!(
                "this is no step: a line begins with >, < or !, or with the name of a connection before that",
                "这不是一步：行以 >、< 或 ! 开头，前面可以有连接的名称"
            ));
        };
        if self.open.is_some() {
            return Err(both!("a repeat stands in another one", "repeat 里面又有 repeat"));
        }
        let times = times.trim().parse().ok().filter(|times| (1..=MOST_TIMES).contains(times));
        let times = times.ok_or_else(|| {
            both!("repeat takes a number from 1 to {MOST_TIMES}", "repeat 后面应为 1 到 {MOST_TIMES} 的数")
        })?;
        self.open = Some((self.line, times));
        Ok(())
    }
}

/// What stands behind `>`.
fn sent(rest: &str) -> Result<Deed, Both> {
    let (kind, text) = match rest.chars().next() {
        Some(kind @ ('|' | '.')) => (Some(kind), &rest[1..]),
        _ => (None, rest),
    };
    let mut bytes = spelled_out(text.strip_prefix(' ').unwrap_or(text))?;
    if kind != Some('|') {
        bytes.extend(b"\r\n");
    }
    Ok(if kind == Some('.') { Deed::SendByteByByte(bytes) } else { Deed::Send(bytes) })
}

/// What stands behind `!`.
fn done(rest: &str) -> Result<Deed, Both> {
    match rest {
        "connect" => Ok(Deed::Connect { narrow: false }),
        "connect narrow" => Ok(Deed::Connect { narrow: true }),
        "half-close" => Ok(Deed::HalfClose),
        "close" => Ok(Deed::Close),
        "reset" => Ok(Deed::Reset),
        "pause" => Ok(Deed::Pause(PAUSE)),
        _ => match rest.strip_prefix("pause ") {
            Some(time) => seconds(time).map(Deed::Pause),
            None => Err(both!(
                "a client can connect, connect narrow, pause, half-close, close or reset, and not {rest}",
                "客户端可以 connect、connect narrow、pause、half-close、close 或 reset，而不能 {rest}"
            )),
        },
    }
}

/// What stands behind `<`.
fn expected(rest: &str) -> Result<Deed, Both> {
    if rest.starts_with(|letter: char| letter.is_ascii_digit()) {
        return answer(rest);
    }
    let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let behind = behind.trim_start();
    match (word, behind) {
        ("closes", "") => Ok(Deed::Closes { within: None }),
        ("closes", _) => {
            let time = behind
                .strip_prefix("within ")
                .ok_or_else(|| both!("closes, or closes within 5", "closes，或 closes within 5"))?;
            Ok(Deed::Closes { within: Some(seconds(time)?) })
        }
        ("nothing", _) => {
            let time = behind.strip_prefix("for ").ok_or_else(|| both!("nothing for 0.5", "nothing for 0.5"))?;
            Ok(Deed::Nothing(seconds(time)?))
        }
        ("no", name) if is_name(name) => Ok(Deed::NoField(name.to_owned())),
        ("body", "empty") => Ok(Deed::BodyIs(Vec::new())),
        ("body", _) => body(behind),
        _ => match rest.split_once(':') {
            Some((name, value)) if is_name(name) => Ok(Deed::Field(name.to_owned(), value.trim().to_owned())),
            _ => Err(both!(
                "what can be expected is a status (200), a field (Name: value), no Name, body …, closes, nothing for …; \
                 not {rest}",
                "可以期望的是状态码（200）、字段（Name: value）、no Name、body …、closes、nothing for …；而不是 {rest}"
            )),
        },
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
}

/// `200`, `200 or 404`, `400 or closes`, `200 to HEAD`.
fn answer(rest: &str) -> Result<Deed, Both> {
    let (rest, to_head) = match rest.strip_suffix(" to HEAD") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (mut statuses, mut or_closes) = (Vec::new(), false);
    for word in rest.split(" or ").map(str::trim) {
        match word.parse() {
            Ok(status @ 200..=599) => statuses.push(status),
            _ if word == "closes" && !to_head => or_closes = true,
            _ => {
                return Err(both!(
                    "a status is a number from 200 to 599, not {word}; several are joined by or",
                    "状态码是 200 到 599 的数，而不是 {word}；多个之间用 or 连接"
                ));
            }
        }
    }
    Ok(Deed::Answer { statuses, or_closes, to_head })
}

fn body(rest: &str) -> Result<Deed, Both> {
    match rest.split_once(' ') {
        Some(("is", text)) => spelled_out(text).map(Deed::BodyIs),
        Some(("has", text)) => spelled_out(text).map(Deed::BodyHas),
        Some(("file", path)) if path.starts_with('/') && !path.contains("..") => Ok(Deed::BodyFile(path.to_owned())),
        _ => Err(both!(
            "body is TEXT, body has TEXT, body file /NAME, body empty",
            "应为 body is 文字、body has 文字、body file /名称、body empty"
        )),
    }
}

fn seconds(text: &str) -> Result<Duration, Both> {
    let number = text.trim().trim_end_matches('s').trim_end().parse().ok();
    let number: f64 = number.filter(|number| (0.0..=LONGEST_TIME).contains(number)).ok_or_else(|| {
        both!("a number of seconds up to {LONGEST_TIME}, not {text}", "应为不超过 {LONGEST_TIME} 的秒数，而不是 {text}")
    })?;
    Ok(Duration::from_secs_f64(number))
}

/// The bytes that a text stands for: `\r`, `\x41`, `{1000*a}`.
fn spelled_out(text: &str) -> Result<Vec<u8>, Both> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let behind = &rest[letter.len_utf8()..];
        rest = match letter {
            '\\' => escaped(behind, &mut bytes)?,
            '{' => repeated(behind, &mut bytes)?,
            _ => {
                bytes.extend(letter.encode_utf8(&mut [0; 4]).as_bytes());
                behind
            }
        };
    }
    Ok(bytes)
}

/// What stands behind a backslash; the rest of the text.
fn escaped<'t>(text: &'t str, bytes: &mut Vec<u8>) -> Result<&'t str, Both> {
    let byte = match text.chars().next() {
        Some('r') => b'\r',
        Some('n') => b'\n',
        Some('t') => b'\t',
        Some('0') => 0,
        Some(sign @ ('\\' | '{' | '}')) => sign as u8,
        Some('x') => {
            let byte = text.get(1..3).filter(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()));
            let byte = byte.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            bytes.push(
                byte.ok_or_else(|| both!("two hexadecimal digits stand behind \\x", "\\x 后面应为两个十六进制数字"))?,
            );
            return Ok(&text[3..]);
        }
        _ => {
            return Err(both!(
                "behind a backslash stands one of r n t 0 \\ {{ }} x41",
                "反斜杠后面应为 r n t 0 \\ {{ }} x41 之一"
            ));
        }
    };
    bytes.push(byte);
    Ok(&text[1..])
}

/// `1000*a}`; the rest of the text.
fn repeated<'t>(text: &'t str, bytes: &mut Vec<u8>) -> Result<&'t str, Both> {
    let wrong = || {
        both!("{{1000*a}} is 1000 times a; a brace by itself is \\{{", "{{1000*a}} 表示 1000 个 a；花括号本身写作 \\{{")
    };
    let (inside, rest) = text.split_once('}').ok_or_else(wrong)?;
    let (times, text) = inside.split_once('*').ok_or_else(wrong)?;
    let times: usize = times.trim().parse().map_err(|_| wrong())?;
    let piece = spelled_out(text)?;
    if piece.len().saturating_mul(times) > LONGEST {
        return Err(both!("more than {LONGEST} bytes", "超过 {LONGEST} 字节"));
    }
    bytes.extend(piece.repeat(times));
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deeds(text: &str) -> Vec<(String, Deed)> {
        let script = parsed(text).expect("a case");
        let deed = |step: Step| match step.action {
            Action::On(name, deed) => (name, deed),
            Action::Repeat(..) => panic!("no repeat is there"),
        };
        script.steps.into_iter().map(deed).collect()
    }

    fn fault(text: &str) -> (usize, String) {
        let fault = parsed(text).expect_err("no case");
        assert!(!fault.said.zh.is_empty());
        (fault.line, fault.said.en)
    }

    #[test]
    fn a_transcript_is_read() {
        let text = "# one\nconnections: long\ntimeout: 2\n\nA> GET / HTTP/1.1\nA>\n  A! pause 0.5\nA< 200 or 404\n\
                    A< Content-Type: text/*\nA< no Vary\nA< body has \\x41{3*b}\nB>| a\\r\nB< nothing for 0.1\nB< closes";
        let script = parsed(text).expect("a case");
        assert_eq!((script.connections, script.timeout), (Connections::Long, 2));
        let (a, b) = ("A".to_owned(), "B".to_owned());
        let answer = Deed::Answer { statuses: vec![200, 404], or_closes: false, to_head: false };
        let expected = [
            (a.clone(), Deed::Send(b"GET / HTTP/1.1\r\n".to_vec())),
            (a.clone(), Deed::Send(b"\r\n".to_vec())),
            (a.clone(), Deed::Pause(Duration::from_millis(500))),
            (a.clone(), answer),
            (a.clone(), Deed::Field("Content-Type".to_owned(), "text/*".to_owned())),
            (a.clone(), Deed::NoField("Vary".to_owned())),
            (a, Deed::BodyHas(b"Abbb".to_vec())),
            (b.clone(), Deed::Send(b"a\r".to_vec())),
            (b.clone(), Deed::Nothing(Duration::from_millis(100))),
            (b, Deed::Closes { within: None }),
        ];
        assert_eq!(deeds(text), expected);
    }

    #[test]
    fn what_is_wrong_names_its_line() {
        for (text, line, part) in [
            ("> a\n\nnonsense", 3, "no step"),
            ("> a", 1, "nothing is expected"),
            ("", 1, "nothing is expected"),
            ("< Name: value", 1, "of which answer"),
            ("< 99", 1, "from 200 to 599"),
            ("< 200\n< something", 2, "what can be expected"),
            ("! run", 1, "a client can"),
            ("> \\q\n< 200", 1, "backslash"),
            ("> {a}\n< 200", 1, "1000 times"),
            ("repeat 3\n< 200", 1, "no end"),
            ("end", 1, "no repeat"),
            ("repeat 0\n", 1, "from 1 to"),
            ("speed: 3\n< 200", 1, "no setting"),
            ("> a\ntimeout: 3\n< 200", 2, "before the first step"),
            ("< nothing for ever", 1, "seconds"),
            ("timeout: 0\n< 200", 1, "from 1 to 60"),
        ] {
            let (at, said) = fault(text);
            assert!(at == line && said.contains(part), "{text}: {at}: {said}");
        }
    }
}
