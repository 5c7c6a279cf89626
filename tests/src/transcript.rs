//! What went over the wire, kept so that a failure can show it.

use std::fmt::Write;

/// One thing that happened on a connection.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Connected,
    Sent(Vec<u8>),
    Came(Vec<u8>),
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
}

impl Transcript {
    pub(crate) fn connection(&mut self) -> usize {
        self.connections += 1;
        self.add(self.connections, Event::Connected);
        self.connections
    }

    pub(crate) fn add(&mut self, connection: usize, event: Event) {
        match (self.events.last_mut(), &event) {
            // What is sent or comes in many pieces is shown as one.
            (Some((last, Event::Sent(bytes))), Event::Sent(more)) if *last == connection => bytes.extend(more),
            (Some((last, Event::Came(bytes))), Event::Came(more)) if *last == connection => bytes.extend(more),
            _ => self.events.push((connection, event)),
        }
    }

    /// All that was sent on the connection that was used last.
    pub(crate) fn last_sent(&self) -> Vec<u8> {
        let Some((last, _)) = self.events.iter().rev().find(|(_, event)| matches!(event, Event::Sent(_))) else {
            return Vec::new();
        };
        let of_last = self.events.iter().filter(|(connection, _)| connection == last);
        of_last
            .flat_map(|(_, event)| if let Event::Sent(bytes) = event { bytes.as_slice() } else { &[] })
            .copied()
            .collect()
    }

    /// For a person to read: the last connections, with a caret under `mark` where that was sent.
    pub(crate) fn show(&self, mark: &[u8]) -> String {
        const MOST: usize = 24;
        let mut text = String::new();
        let skipped = self.events.len().saturating_sub(MOST);
        if skipped > 0 {
            let _ = writeln!(text, "    … {skipped} events before");
        }
        for (connection, event) in &self.events[skipped..] {
            let name = if self.connections > 1 { format!("client {connection} ") } else { String::new() };
            match event {
                Event::Connected if self.connections == 1 => {}
                Event::Connected => drop(writeln!(text, "    {name}connected")),
                Event::Sent(bytes) => lines(&mut text, &format!("    {name}sent   "), bytes, mark),
                Event::Came(bytes) => lines(&mut text, &format!("    {name}came   "), bytes, b""),
                Event::HalfClosed => drop(writeln!(text, "    {name}said that it will send no more (half-close)")),
                Event::Closed => drop(writeln!(text, "    {name}was told that the server closed")),
                Event::Reset => drop(writeln!(text, "    {name}was reset by the server")),
                Event::GaveUp => drop(writeln!(text, "    {name}waited, and nothing came")),
            }
        }
        text
    }
}

/// The bytes, a line for each line, escaped; with a caret under the part that matters.
fn lines(text: &mut String, label: &str, bytes: &[u8], mark: &[u8]) {
    const MOST_LINES: usize = 16;
    let blank = " ".repeat(label.chars().count());
    let marked = if mark.is_empty() { None } else { find(bytes, mark) };
    let mut start = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number == MOST_LINES {
            let _ = writeln!(text, "{blank}… {} bytes more", bytes.len() - start);
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

/// A shell command that sends the same bytes.
pub(crate) fn by_hand(bytes: &[u8], address: &str) -> String {
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
    match pieces.as_slice() {
        [one] => format!("{one} | nc {address}"),
        _ => format!("{{ {}; }} | nc {address}", pieces.join("; ")),
    }
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
            transcript.show(b" :"),
            "    sent   GET / HTTP/1.1\\r\\n\n           Host : a\\r\\n\n               ^^\n           \\r\\n\n"
        );
    }

    #[test]
    fn a_long_run_is_counted() {
        assert_eq!(visible(&[b"/".as_slice(), &[b'a'; 8000]].concat()), "/«a × 8000»");
    }

    #[test]
    fn the_shell_sends_the_same_bytes() {
        let bytes = [b"GET /%41'\\ HTTP/1.1\r\n\x00\xff".as_slice(), &[b'x'; 50], b"\r\n\r\n"].concat();
        let command = by_hand(&bytes, "x").replace(" | nc x", "");
        let output = std::process::Command::new("sh").arg("-c").arg(command).output().unwrap();
        assert_eq!(output.stdout, bytes);
    }
}
