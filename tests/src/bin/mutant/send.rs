//! Ways to answer: the right one, and wrong ones.

use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use protocol::{BadRequest, Inbox, Outbox, Preconditions, Received, Request};
use socket2::SockRef;

use crate::Server;
use crate::defect::Defect;

pub fn send(stream: &mut TcpStream, received: &Received, server: &Server) -> io::Result<()> {
    let received = &seen(received, server.defect);
    let mut answer = server.site.answer(received).encode();
    match (server.defect, received) {
        (Defect::ShortWritesLost, _) => write(&mut answer, &mut Forgetful(stream)),
        (Defect::LengthInCharacters, Received::Request(request)) if is_text(request) => {
            let mut bytes = Vec::new();
            write(&mut answer, &mut bytes)?;
            stream.write_all(&counted_in_characters(bytes))
        }
        (Defect::DateOfThisSecond, Received::Request(request)) => {
            let mut bytes = Vec::new();
            write(&mut answer, &mut bytes)?;
            stream.write_all(&dated(bytes, request, server))
        }
        (Defect::HoldsTheWholeFile, _) => {
            let mut bytes = Vec::new();
            write(&mut answer, &mut bytes)?;
            stream.write_all(&bytes)
        }
        (Defect::RootIsAPrefix, Received::Request(request)) => match file_beside(request, server) {
            Some(bytes) => stream.write_all(&bytes),
            None => answer.send(stream),
        },
        (Defect::DotDotEscapes, Received::Request(request)) => match escaped_file(request, server) {
            Some(bytes) => stream.write_all(&bytes),
            None => answer.send(stream),
        },
        _ => answer.send(stream),
    }
}

/// What was received, as somebody sees it who does not look everywhere.
fn seen(received: &Received, defect: Defect) -> Received {
    match (defect, received.clone()) {
        (Defect::ErrorToHeadHasABody, Received::Bad(bad)) => Received::Bad(bad.why.into()),
        (Defect::HostsUnchecked, Received::Bad(bad)) if bad.why == BadRequest::Host => any_request(),
        (Defect::ConditionsIgnored, Received::Request(request)) => {
            Received::Request(Request { preconditions: Preconditions::default(), ..request })
        }
        (_, received) => received,
    }
}

fn any_request() -> Received {
    let mut inbox = Inbox::default();
    inbox.push(b"GET / HTTP/1.0\r\n\r\n");
    inbox.next().unwrap_or(Received::Bad(BadRequest::Host.into()))
}

/// The same answer, with the date of its file if there is none in it.
fn dated(answer: Vec<u8>, request: &Request, server: &Server) -> Vec<u8> {
    const SERVER: &str = "\r\nServer: ";
    let path = server.options.root.join(request.target.trim_start_matches('/'));
    let date = fs::metadata(path).and_then(|file| file.modified()).ok();
    match (String::from_utf8(answer), date) {
        (Ok(text), Some(date)) if !text.contains("\r\nLast-Modified: ") => {
            let field = format!("\r\nLast-Modified: {}{SERVER}", httpdate::fmt_http_date(date));
            text.replacen(SERVER, &field, 1).into_bytes()
        }
        (Ok(text), _) => text.into_bytes(),
        (Err(bytes), _) => bytes.into_bytes(),
    }
}

/// By plain writes, to what need not be a socket.
pub fn write(answer: &mut Outbox, sink: &mut impl Write) -> io::Result<()> {
    while !answer.is_sent() {
        answer.write_some(sink)?;
    }
    Ok(())
}

/// A sink that says to have taken all of what it got.
struct Forgetful<'a>(&'a TcpStream);

impl Write for Forgetful<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const NO_WAITING: i32 = nix::libc::MSG_DONTWAIT;
        let _ = SockRef::from(self.0).send_with_flags(bytes, NO_WAITING);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_text(request: &Request) -> bool {
    let path = request.target.split('?').next().unwrap_or_default();
    path.ends_with(".html") || path.ends_with(".txt")
}

/// The same answer, but for its `Content-Length`.
fn counted_in_characters(answer: Vec<u8>) -> Vec<u8> {
    let Ok(text) = str::from_utf8(&answer) else { return answer };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return answer };
    let right = format!("Content-Length: {}\r\n", body.len());
    let wrong = format!("Content-Length: {}\r\n", body.chars().count());
    format!("{}\r\n\r\n{body}", head.replacen(&right, &wrong, 1)).into_bytes()
}

/// What stands where a target leads to that has no `..` before it is decoded, and has after.
fn escaped_file(request: &Request, server: &Server) -> Option<Vec<u8>> {
    let path = request.target.split('?').next()?;
    let decoded = decoded(path)?;
    if path.contains("..") || !decoded.contains("..") {
        return None;
    }
    let file: PathBuf = server.options.root.join(decoded.trim_start_matches('/'));
    Some(good_answer(&fs::read(file).ok()?))
}

/// What stands outside the root where a path leads to that begins with the same characters.
fn file_beside(request: &Request, server: &Server) -> Option<Vec<u8>> {
    let root = server.options.root.to_str()?;
    let decoded = decoded(request.target.split('?').next()?)?;
    let mut file = PathBuf::from(root);
    for name in decoded.split('/').filter(|name| !matches!(*name, "" | ".")) {
        match name {
            ".." => _ = file.pop(),
            _ => file.push(name),
        }
    }
    if !file.to_str()?.starts_with(root) || file.starts_with(root) {
        return None;
    }
    Some(good_answer(&fs::read(file).ok()?))
}

fn good_answer(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn decoded(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok()
}
