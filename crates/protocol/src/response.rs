//! An answer before it is bytes.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::time::SystemTime;

use crate::{Method, Outbox, Received, Request, Status, content_type};

/// The methods that are served, as the `Allow` field lists them (RFC 9110, section 10.2.1).
const ALLOW: &str = "GET, HEAD, OPTIONS";

/// A status, what its fields will say, and a body.
///
/// It closes the connection unless [`keeping_alive`](Response::keeping_alive) says otherwise.
#[derive(Debug)]
pub struct Response {
    server: &'static str,
    status: Status,
    content_type: Option<&'static str>,
    last_modified: Option<SystemTime>,
    location: Option<String>,
    body: Body,
    /// The request was HEAD: all fields as for GET, and no body (RFC 9110, section 9.3.2).
    head_only: bool,
    keep_alive: bool,
}

#[derive(Debug)]
enum Body {
    /// None, and no length either: 204 and 304 have none by definition (RFC 9110, section 8.6).
    Absent,
    Bytes(Cow<'static, [u8]>),
    File(File, u64),
}

impl Response {
    /// The answer to what was received: what `serve` says for GET and HEAD, and what every server says for the rest.
    pub(crate) fn to(received: &Received, server: &'static str, serve: impl FnOnce(&Request) -> Response) -> Response {
        let mut response = match received {
            Received::Bad(bad) => Response::error(bad.status()),
            Received::Request(request) => match request.method {
                Method::Get | Method::Head => serve(request),
                Method::Options => Response::empty(Status::NoContent),
                Method::Unknown => Response::error(Status::NotImplemented),
                _ => Response::error(Status::MethodNotAllowed),
            },
        };
        response.server = server;
        response.head_only = matches!(received, Received::Request(Request { method: Method::Head, .. }));
        response
    }

    /// 200, with a body that is in memory.
    pub(crate) fn with_bytes(content_type: &'static str, bytes: Cow<'static, [u8]>) -> Response {
        Response { content_type: Some(content_type), body: Body::Bytes(bytes), ..Response::empty(Status::Ok) }
    }

    /// 200, with a body that is in a file.
    pub(crate) fn with_file(content_type: &'static str, file: File, length: u64) -> Response {
        Response { content_type: Some(content_type), body: Body::File(file, length), ..Response::empty(Status::Ok) }
    }

    /// 301.
    pub(crate) fn moved_to(location: String) -> Response {
        Response { location: Some(location), ..Response::error(Status::MovedPermanently) }
    }

    /// 304.
    pub(crate) fn not_modified() -> Response {
        Response::empty(Status::NotModified)
    }

    /// Any status but 200, with a small page that tells a person what it means.
    pub(crate) fn error(status: Status) -> Response {
        let (english, chinese) = status.meaning();
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{status}</title>\n\
             <h1>{status}</h1>\n<p>{english}</p>\n<p lang=\"zh\">{chinese}</p>\n</html>\n"
        );
        Response { status, ..Response::with_bytes(content_type::HTML, Cow::Owned(html.into_bytes())) }
    }

    fn empty(status: Status) -> Response {
        Response {
            server: "",
            status,
            content_type: None,
            last_modified: None,
            location: None,
            body: Body::Absent,
            head_only: false,
            keep_alive: false,
        }
    }

    /// With the date of the last change, as far as HTTP can say it: not before 1970, and not in the future
    /// (RFC 9110, section 8.8.2.1).
    pub(crate) fn modified(mut self, time: SystemTime) -> Response {
        let time = time.min(SystemTime::now());
        self.last_modified = (time >= SystemTime::UNIX_EPOCH).then_some(time);
        self
    }

    /// Whether the connection stays open after this answer. Said to the client, and for the server to keep to.
    pub fn keeping_alive(mut self, yes: bool) -> Response {
        self.keep_alive = yes;
        self
    }

    /// The answer as bytes to send.
    pub fn encode(self) -> Outbox {
        let mut head = Vec::with_capacity(512);
        // Writing to memory does not fail.
        let _ = self.write_head(&mut head);
        match self.body {
            _ if self.head_only => Outbox::new(head),
            Body::Absent => Outbox::new(head),
            Body::Bytes(bytes) => {
                head.extend_from_slice(&bytes);
                Outbox::new(head)
            }
            Body::File(file, length) => Outbox::with_file(head, file, length),
        }
    }

    fn write_head(&self, head: &mut Vec<u8>) -> std::io::Result<()> {
        write!(head, "HTTP/1.1 {}\r\n", self.status)?;
        write!(head, "Server: {}\r\n", self.server)?;
        write!(head, "Date: {}\r\n", httpdate::fmt_http_date(SystemTime::now()))?;
        if let Some(length) = self.length() {
            write!(head, "Content-Length: {length}\r\n")?;
        }
        if let Some(content_type) = self.content_type {
            write!(head, "Content-Type: {content_type}\r\n")?;
            // Believe that, and do not guess (WHATWG Fetch, section 3.6).
            head.write_all(b"X-Content-Type-Options: nosniff\r\n")?;
        }
        if let Some(time) = self.last_modified {
            write!(head, "Last-Modified: {}\r\n", httpdate::fmt_http_date(time))?;
        }
        if let Some(location) = &self.location {
            write!(head, "Location: {location}\r\n")?;
        }
        if matches!(self.status, Status::NoContent | Status::MethodNotAllowed) {
            write!(head, "Allow: {ALLOW}\r\n")?;
        }
        write!(head, "Connection: {}\r\n\r\n", if self.keep_alive { "keep-alive" } else { "close" })
    }

    fn length(&self) -> Option<u64> {
        match &self.body {
            Body::Absent => None,
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::File(_, length) => Some(*length),
        }
    }
}

/// `200 OK, 1532 bytes`, for the log.
impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.head_only { 0 } else { self.length().unwrap_or(0) };
        write!(f, "{}, {length} bytes", self.status)
    }
}
