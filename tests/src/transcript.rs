//! What went over the wire, kept so that a failure can show it.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::both;
use crate::language::{Both, Language};

/// One thing that happened on a connection.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Connected,
    Sent(Vec<u8>),
    Came(Vec<u8>),
    /// What we would have sent next, had the server waited for it.
    Unsent(Vec<u8>),
    /// We waited for a moment before we sent the rest.
    Paused,
    /// We have hung up.
    Left,
    /// We said that we would send no more.
    HalfClosed,
    /// The server closed.
    Closed,
    /// The server reset the connection.
    Reset,
    /// Nothing came, and we did not wait longer.
    GaveUp,
}

/// Everything that one case did, on all of its connections, in order.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    events: Vec<(usize, Event)>,
    connections: usize,
    /// Of what came, only the beginning is kept; so many bytes more came then, last.
    dropped: usize,
}

/// How much of what comes is kept, in bytes, until something else happens.
const KEPT: usize = 64 * 1024;
/// How many events are kept.
const EVENTS: usize = 100_000;

impl Transcript {
    pub(crate) fn connection(&mut self) -> usize {
        self.connections += 1;
        self.add(self.connections, Event::Connected);
        self.connections
    }

    pub(crate) fn add(&mut self, connection: usize, event: Event) {
        let is_full = self.events.len() >= EVENTS;
        match (self.events.last_mut(), &event) {
            // What is sent or comes in many pieces is shown as one.
            (Some((last, Event::Sent(bytes))), Event::Sent(more)) if *last == connection => bytes.extend(more),
            (Some((last, Event::Came(bytes))), Event::Came(more)) if *last == connection => {
                let room = KEPT.saturating_sub(bytes.len()).min(more.len());
                bytes.extend(&more[..room]);
                self.dropped += more.len() - room;
            }
            _ if is_full => {}
            _ => self.events.push((connection, event)),
        }
    }

    /// The connection on which a case ended: the one on which it waited in vain, else the last that did anything.
    fn last(&self) -> Option<(usize, usize)> {
        let gave_up = self.events.iter().rposition(|(_, event)| matches!(event, Event::GaveUp));
        let other = || self.events.iter().rposition(|(_, event)| !matches!(event, Event::Left | Event::Connected));
        let at = gave_up.or_else(other)?;
        Some((at, self.events[at].0))
    }

    /// What the clients did that were there when the case ended, in the order in which they came: the one that matters
    /// is the last, the others are beside it.
    pub(crate) fn clients(&self) -> Vec<Vec<&Event>> {
        let Some((at, last)) = self.last() else { return Vec::new() };
        let events_of = |connection: usize| {
            let before = self.events[..=at].iter().filter(move |(other, _)| *other == connection);
            before.map(|(_, event)| event).collect::<Vec<_>>()
        };
        let mut present: Vec<usize> = Vec::new();
        for (connection, event) in &self.events[..at] {
            match event {
                Event::Connected => present.push(*connection),
                Event::Left | Event::Closed | Event::Reset => present.retain(|other| other != connection),
                _ => {}
            }
        }
        present.retain(|connection| *connection != last);
        present.into_iter().chain([last]).map(events_of).collect()
    }

    /// The requests that the client that matters sent, and what came to it, each a line of bytes.
    pub(crate) fn exchange(&self) -> (Vec<u8>, Vec<u8>) {
        let Some((at, last)) = self.last() else { return Default::default() };
        let (mut sent, mut came) = (Vec::new(), Vec::new());
        // What came later, when others had left, is no part of it.
        for (connection, event) in &self.events[..=at] {
            match event {
                Event::Sent(bytes) if *connection == last => sent.extend_from_slice(bytes),
                Event::Came(bytes) if *connection == last => came.extend_from_slice(bytes),
                _ => {}
            }
        }
        (sent, came)
    }

    /// Whether the client that matters said that it would send no more.
    pub(crate) fn has_finished(&self) -> bool {
        let Some((_, last)) = self.last() else { return false };
        self.events.iter().any(|(connection, event)| *connection == last && matches!(event, Event::HalfClosed))
    }

    /// The last that happened, if it was no bytes.
    pub(crate) fn ended(&self) -> Option<Both> {
        let quiet = |event: &&Event| !matches!(event, Event::Left | Event::Paused);
        let gave_up = self.last().map(|(at, _)| &self.events[at].1).filter(|event| matches!(event, Event::GaveUp));
        let last = gave_up.or_else(|| self.events.iter().map(|(_, event)| event).rfind(quiet))?;
        let is_bytes = matches!(last, Event::Sent(_) | Event::Came(_) | Event::Unsent(_));
        (!is_bytes && self.dropped == 0).then(|| match last {
            Event::Closed => both!("the server closed the connection", "服务器关闭了连接"),
            Event::Reset => both!("the server reset the connection", "服务器重置了连接"),
            _ => happened(last),
        })
    }

    /// For a person to read: the last connections, with a caret under `mark` where that was sent.
    pub(crate) fn show(&self, mark: &[u8], language: Language) -> String {
        const MOST: usize = 24;
        let mut text = String::new();
        // What we did is shown as far as it was before the end.
        let quiet = |event: &Event| matches!(event, Event::Left | Event::Paused);
        let shown: Vec<_> = self.events.iter().filter(|(_, event)| !quiet(event)).collect();
        let skipped = shown.len().saturating_sub(MOST);
        if skipped > 0 {
            let before = both!("{skipped} events before", "之前还有 {skipped} 个事件");
            let _ = writeln!(text, "    … {}", before.say(language));
        }
        for (connection, event) in &shown[skipped..] {
            let name = if self.connections > 1 {
                both!("client {connection} ", "客户端 {connection} ").say(language).to_owned()
            } else {
                String::new()
            };
            let label = |what: Both| format!("    {name}{}", aligned(what.say(language)));
            match event {
                Event::Connected if self.connections == 1 => {}
                Event::Sent(bytes) => lines(&mut text, &label(both!("sent", "发送")), bytes, mark, language),
                Event::Unsent(bytes) => lines(&mut text, &label(both!("unsent", "未发送")), bytes, mark, language),
                Event::Came(bytes) => lines(&mut text, &label(both!("came", "收到")), bytes, b"", language),
                Event::Left | Event::Paused => {}
                Event::Connected | Event::HalfClosed | Event::Closed | Event::Reset | Event::GaveUp => {
                    let _ = writeln!(text, "    {name}{}", happened(event).say(language));
                }
            }
        }
        if self.dropped > 0 {
            let more = both!("{} bytes came that are not kept", "还收到 {} 字节，没有保留"; self.dropped);
            let _ = writeln!(text, "    … {}", more.say(language));
        }
        text
    }
}

/// What has happened where no bytes went.
fn happened(event: &Event) -> Both {
    match event {
        Event::Connected => both!("connected", "建立了连接"),
        Event::HalfClosed => both!("said that it will send no more (half-close)", "声明不再发送（半关闭）"),
        Event::Closed => both!("was told that the server closed", "得知服务器关闭了连接"),
        Event::Reset => both!("was reset by the server", "被服务器重置了连接"),
        Event::GaveUp => both!("waited, and nothing more came", "等了一阵，再没有收到什么"),
        Event::Sent(_) | Event::Came(_) | Event::Unsent(_) | Event::Paused | Event::Left => Both::default(),
    }
}

/// What stands before bytes: all of these are equally wide.
fn aligned(label: &str) -> String {
    const WIDTH: usize = 7;
    format!("{label}{}", " ".repeat(WIDTH.saturating_sub(label.width())))
}

/// The bytes, a line for each line, escaped; with a caret under the part that matters.
fn lines(text: &mut String, label: &str, bytes: &[u8], mark: &[u8], language: Language) {
    const MOST_LINES: usize = 16;
    let blank = " ".repeat(label.width());
    let marked = if mark.is_empty() { None } else { find(bytes, mark) };
    let mut start = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number == MOST_LINES {
            let more = both!("{} bytes more", "还有 {} 字节"; bytes.len() - start);
            let _ = writeln!(text, "{blank}… {}", more.say(language));
            return;
        }
        let _ = writeln!(text, "{}{}", if number == 0 { label } else { &blank }, visible(line));
        if let Some(at) = marked
            && (start..start + line.len()).contains(&at)
        {
            let before = visible(&line[..at - start]).chars().count();
            let width = visible(&line[at - start..line.len().min(at - start + mark.len())]).chars().count();
            let _ = writeln!(text, "{blank}{}{}", " ".repeat(before), "^".repeat(width.max(1)));
        }
        start += line.len();
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// Bytes as ASCII, escaped as in Rust and C; a long run of one byte is counted instead (`«a × 8000»`).
pub fn visible(bytes: &[u8]) -> String {
    const MOST: usize = 400;
    let mut text = String::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        let byte = run[0].escape_ascii();
        if run.len() > 40 {
            let _ = write!(text, "«{byte} × {}»", run.len());
        } else {
            run.iter().for_each(|_| text.extend(byte.clone().map(char::from)));
        }
        if text.len() > MOST {
            let _ = write!(text, "…");
            break;
        }
    }
    text
}

/// Shell commands that do the same: a line for each client, the one that matters last.
pub(crate) fn by_hand(clients: &[Vec<&Event>], address: &str) -> Vec<String> {
    /// How long the others stay, in seconds: longer than anybody looks.
    const STAY: &str = "sleep 60";
    let Some((last, others)) = clients.split_last() else { return Vec::new() };
    let mut lines: Vec<(String, usize)> = Vec::new();
    for client in others {
        let mut pieces = sending(client);
        pieces.push(STAY.to_owned());
        // Who was to read and did not: the pipe fills up, and then `nc` takes no more either.
        let asked = client.iter().any(|event| matches!(event, Event::Sent(bytes) if bytes.ends_with(b"\r\n\r\n")));
        let unread = if asked { format!(" | {STAY}") } else { String::new() };
        let line = format!("{} | nc {address}{unread}", grouped(&pieces));
        match lines.last_mut() {
            Some((before, times)) if *before == line => *times += 1,
            _ => lines.push((line, 1)),
        }
    }
    let background = |(line, times)| match times {
        1 => format!("{line} &"),
        _ => format!("for i in $(seq {times}); do {line} & done"),
    };
    let mut lines: Vec<String> = lines.into_iter().map(background).collect();
    let pieces = sending(last);
    let half_close = last.iter().any(|event| matches!(event, Event::HalfClosed));
    let option = if half_close { "-N " } else { "" };
    if pieces.is_empty() {
        let nothing = if half_close { " </dev/null" } else { "" };
        lines.push(format!("nc {option}{address}{nothing}"));
    } else {
        lines.push(format!("{} | nc {option}{address}", grouped(&pieces)));
    }
    lines
}

fn grouped(pieces: &[String]) -> String {
    match pieces {
        [one] => one.clone(),
        _ => format!("{{ {}; }}", pieces.join("; ")),
    }
}

/// What a client sends, as commands. Of the pauses in it only the first is made: one will do, and a request that comes
/// byte by byte is read more easily so.
fn sending(client: &[&Event]) -> Vec<String> {
    let pause = client.iter().position(|event| matches!(event, Event::Paused));
    let sent = |events: &[&Event]| {
        let bytes = events.iter().map(|event| match event {
            Event::Sent(bytes) | Event::Unsent(bytes) => bytes.as_slice(),
            _ => b"",
        });
        bytes.collect::<Vec<_>>().concat()
    };
    let Some(pause) = pause else { return printing(&sent(client)) };
    let (before, after) = client.split_at(pause);
    let mut pieces = printing(&sent(before));
    pieces.push("sleep 1".to_owned());
    pieces.extend(printing(&sent(after)));
    pieces
}

/// Commands that print these bytes.
fn printing(bytes: &[u8]) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        if run.len() > 40 && run[0].is_ascii_graphic() {
            if !literal.is_empty() {
                pieces.push(format!("printf '{literal}'"));
                literal.clear();
            }
            pieces.push(format!("head -c {} /dev/zero | tr '\\0' '{}'", run.len(), char::from(run[0])));
            continue;
        }
        for byte in run {
            match byte {
                b'\r' => literal.push_str("\\r"),
                b'\n' => literal.push_str("\\n"),
                b'\t' => literal.push_str("\\t"),
                b'%' => literal.push_str("%%"),
                b'\\' => literal.push_str("\\\\"),
                b'\'' => literal.push_str("\\047"),
                b' '..=b'~' => literal.push(char::from(*byte)),
                _ => drop(write!(literal, "\\{byte:03o}")),
            }
        }
        if literal.len() > 2_000 {
            literal.push('…');
            break;
        }
    }
    if !literal.is_empty() {
        pieces.push(format!("printf '{literal}'"));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_points_at_what_matters() {
        let mut transcript = Transcript::default();
        let connection = transcript.connection();
        transcript.add(connection, Event::Sent(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n".to_vec()));
        assert_eq!(
            transcript.show(b" :", Language::English),
            "    sent   GET / HTTP/1.1\\r\\n\n           Host : a\\r\\n\n               ^^\n           \\r\\n\n"
        );
        assert_eq!(
            transcript.show(b" :", Language::Chinese),
            "    发送   GET / HTTP/1.1\\r\\n\n           Host : a\\r\\n\n               ^^\n           \\r\\n\n"
        );
    }

    #[test]
    fn a_long_run_is_counted() {
        assert_eq!(visible(&[b"/".as_slice(), &[b'a'; 8000]].concat()), "/«a × 8000»");
    }

    #[test]
    fn the_shell_sends_the_same_bytes() {
        let bytes = [b"GET /%41'\\ HTTP/1.1\r\n\x00\xff".as_slice(), &[b'x'; 50], b"\r\n\r\n"].concat();
        let (connected, sent) = (Event::Connected, Event::Sent(bytes.clone()));
        let [command] = by_hand(&[vec![&connected, &sent]], "x").try_into().unwrap();
        let command: String = command.replace(" | nc x", "");
        let output = std::process::Command::new("sh").arg("-c").arg(command).output().unwrap();
        assert_eq!(output.stdout, bytes);
    }

    #[test]
    fn how_an_exchange_ended_is_told() {
        let mut transcript = Transcript::default();
        let client = transcript.connection();
        transcript.add(client, Event::Came(b"HTTP/1.1".to_vec()));
        assert_eq!(transcript.ended(), None);
        transcript.add(client, Event::GaveUp);
        transcript.add(client, Event::Left);
        let in_vain = both!("waited, and nothing more came", "等了一阵，再没有收到什么");
        assert_eq!(transcript.ended().unwrap(), in_vain);
        // Once the case is over, others leave, and the answer may come after all.
        transcript.add(client, Event::Came(b" 200 OK".to_vec()));
        transcript.add(client, Event::Closed);
        assert_eq!((transcript.ended().unwrap(), transcript.exchange().1), (in_vain, b"HTTP/1.1".to_vec()));
    }

    #[test]
    fn each_client_that_was_there_has_a_line() {
        let mut transcript = Transcript::default();
        let gone = transcript.connection();
        transcript.add(gone, Event::Left);
        let silent = [transcript.connection(), transcript.connection()];
        let begun = transcript.connection();
        transcript.add(begun, Event::Sent(b"GE".to_vec()));
        let live = transcript.connection();
        transcript.add(live, Event::Sent(b"GET".to_vec()));
        transcript.add(live, Event::Paused);
        transcript.add(live, Event::Sent(b" / HTTP/1.1".to_vec()));
        transcript.add(live, Event::GaveUp);
        // What happens later is no part of it.
        silent.iter().for_each(|client| transcript.add(*client, Event::Left));
        transcript.add(live, Event::Came(b"HTTP/1.1 200 OK".to_vec()));
        assert_eq!(
            by_hand(&transcript.clients(), "x"),
            [
                "for i in $(seq 2); do sleep 60 | nc x & done",
                "{ printf 'GE'; sleep 60; } | nc x &",
                "{ printf 'GET'; sleep 1; printf ' / HTTP/1.1'; } | nc x",
            ]
        );
    }

    #[test]
    fn of_what_never_ends_only_the_beginning_is_kept() {
        let mut transcript = Transcript::default();
        let connection = transcript.connection();
        for _ in 0..100 {
            transcript.add(connection, Event::Came(vec![b'x'; 4096]));
        }
        assert!(transcript.exchange().1.len() <= KEPT);
        let shown = transcript.show(b"", Language::English);
        assert!(shown.contains("344064 bytes came that are not kept"), "{shown}");
    }
}
