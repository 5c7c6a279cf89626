//! An answer before it is bytes.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use httpdate::fmt_http_date;

use crate::modified::Modified;
use crate::outbox::CHUNK;
use crate::small_file::{SmallFile, push_content_type};
use crate::{Method, Outbox, Received, Refused, Request, Status, content_type};

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
    /// With the fields that tell of it.
    Small(Arc<SmallFile>),
    File(File, u64),
}

impl Response {
    /// The answer to what was received: what `serve` says for GET and HEAD, and what every server says for the rest.
    pub(crate) fn to(received: &Received, server: &'static str, serve: impl FnOnce(&Request) -> Response) -> Response {
        let mut response = match received {
            Received::Bad(bad) => Response::error(bad.why.status()),
            Received::Request(request) => match request.method {
                Method::Get | Method::Head => serve(request),
                Method::Options => Response::empty(Status::NoContent),
                Method::Unknown => Response::error(Status::NotImplemented),
                _ => Response::error(Status::MethodNotAllowed),
            },
        };
        response = response.from(server);
        response.head_only = matches!(
            received,
            Received::Request(Request { method: Method::Head, .. }) | Received::Bad(Refused { head: true, .. })
        );
        response
    }

    /// 200, with a body that is in memory.
    pub(crate) fn with_bytes(content_type: &'static str, bytes: Cow<'static, [u8]>) -> Response {
        Response { content_type: Some(content_type), body: Body::Bytes(bytes), ..Response::empty(Status::Ok) }
    }

    /// 200, with a small file.
    pub(crate) fn with_small_file(file: Arc<SmallFile>) -> Response {
        Response { body: Body::Small(file), ..Response::empty(Status::Ok) }
    }

    /// 200, with a body that is in a file.
    pub(crate) fn with_file(content_type: &'static str, file: File, length: u64) -> Response {
        Response { content_type: Some(content_type), body: Body::File(file, length), ..Response::empty(Status::Ok) }
    }

    /// 301.
    pub(crate) fn moved_to(location: String) -> Response {
        Response { location: Some(location), ..Response::error(Status::MovedPermanently) }
    }

    /// 304, or any other status but 200, with a small page that tells a person what it means.
    pub(crate) fn error(status: Status) -> Response {
        if status == Status::NotModified {
            return Response::empty(status);
        }
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

    /// With the name of the server that says it.
    pub(crate) fn from(self, server: &'static str) -> Response {
        Response { server, ..self }
    }

    /// Without a body, whatever the status: the answer to HEAD.
    pub(crate) fn without_body(self, yes: bool) -> Response {
        Response { head_only: yes, ..self }
    }

    /// With the date of the last change.
    pub(crate) fn modified(self, modified: &Modified) -> Response {
        Response { last_modified: modified.said(), ..self }
    }

    /// Whether the connection stays open after this answer. Said to the client, and for the server to keep to.
    pub fn keeping_alive(mut self, yes: bool) -> Response {
        self.keep_alive = yes;
        self
    }

    /// The answer as bytes to send.
    pub fn encode(self) -> Outbox {
        // Room for the head, and for a body that leaves with it.
        let body = self.length().filter(|length| !self.head_only && *length <= CHUNK as u64).unwrap_or(0);
        let mut head = Vec::with_capacity(512 + body as usize);
        self.write_head(&mut head);
        match self.body {
            _ if self.head_only => Outbox::new(head),
            Body::Absent => Outbox::new(head),
            Body::Bytes(bytes) => {
                head.extend_from_slice(&bytes);
                Outbox::new(head)
            }
            Body::Small(file) => {
                head.extend_from_slice(&file.body);
                Outbox::new(head)
            }
            Body::File(file, length) => Outbox::with_file(head, file, length),
        }
    }

    fn write_head(&self, head: &mut Vec<u8>) {
        put(head, &["HTTP/1.1 ", self.status.line(), "\r\n"]);
        put(head, &["Server: ", self.server, "\r\n"]);
        put_date(head, SystemTime::now());
        match (&self.body, self.length()) {
            (Body::Small(file), _) => put(head, &[&file.fields]),
            (_, Some(length)) => put(head, &["Content-Length: ", &length.to_string(), "\r\n"]),
            (_, None) => {}
        }
        if let Some(media_type) = self.content_type {
            let mut field = String::new();
            push_content_type(&mut field, media_type);
            put(head, &[&field]);
        }
        if let Some(time) = self.last_modified {
            put(head, &["Last-Modified: ", &fmt_http_date(time), "\r\n"]);
        }
        if let Some(location) = &self.location {
            put(head, &["Location: ", location, "\r\n"]);
        }
        if matches!(self.status, Status::NoContent | Status::MethodNotAllowed) {
            put(head, &["Allow: ", ALLOW, "\r\n"]);
        }
        put(head, &["Connection: ", if self.keep_alive { "keep-alive" } else { "close" }, "\r\n\r\n"]);
    }

    fn length(&self) -> Option<u64> {
        match &self.body {
            Body::Absent => None,
            Body::Bytes(bytes) => Some(bytes.len() as u64),
            Body::Small(file) => Some(file.body.len() as u64),
            Body::File(_, length) => Some(*length),
        }
    }
}

/// The answers of one second all say the same, so it is put into words only once.
fn put_date(head: &mut Vec<u8>, now: SystemTime) {
    static LAST: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let second = now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let (_, date) = match last.take() {
        Some(same) if same.0 == second => last.insert(same),
        _ => last.insert((second, fmt_http_date(now))),
    };
    put(head, &["Date: ", date, "\r\n"]);
}

fn put(head: &mut Vec<u8>, parts: &[&str]) {
    parts.iter().for_each(|part| head.extend_from_slice(part.as_bytes()));
}

/// `200 OK, 1532 bytes`, for the log.
impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.head_only { 0 } else { self.length().unwrap_or(0) };
        write!(f, "{}, {length} bytes", self.status)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek;
    use std::io::Write;
    use std::time::Duration;

    use super::*;
    use crate::{BadRequest, Framing, Preconditions};

    fn request(method: Method) -> Received {
        Received::Request(Request {
            method,
            target: "/".into(),
            preconditions: Preconditions::default(),
            keep_alive: true,
            body: Framing::NoBody,
        })
    }

    fn answer(received: &Received, served: Response) -> Response {
        Response::to(received, "lesson-00", |_| served)
    }

    /// A date of long ago.
    fn then() -> Modified {
        Modified::at(Some(UNIX_EPOCH + Duration::from_secs(784_111_777)), SystemTime::now())
    }

    fn page() -> Response {
        Response::with_bytes("text/plain", Cow::Borrowed(b"a page"))
    }

    /// What a client gets: the head, with `now` for the date of today, and the body.
    fn sent(response: Response) -> (String, String) {
        let bytes = crate::outbox::bytes_of(response.encode());
        let answer = String::from_utf8(bytes).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let lines = head.split("\r\n").map(|line| match line.strip_prefix("Date: ") {
            Some(date) => {
                let age = SystemTime::now().duration_since(httpdate::parse_http_date(date).unwrap()).unwrap();
                assert!(age < Duration::from_secs(3600), "{date} is now");
                assert!(date.ends_with(" GMT") && date.len() == "Sun, 06 Nov 1994 08:49:37 GMT".len());
                "Date: now\n".to_owned()
            }
            None => format!("{line}\n"),
        });
        (lines.collect(), body.to_owned())
    }

    #[test]
    fn a_page_has_this_head() {
        let (head, body) = sent(answer(&request(Method::Get), page()));
        assert_eq!(
            head,
            "HTTP/1.1 200 OK\n\
             Server: lesson-00\n\
             Date: now\n\
             Content-Length: 6\n\
             Content-Type: text/plain; charset=utf-8\n\
             X-Content-Type-Options: nosniff\n\
             Connection: close\n"
        );
        assert_eq!(body, "a page");
    }

    #[test]
    fn the_date_goes_with_the_time() {
        for second in [784_111_777, 784_111_777, 784_111_778, 1_700_000_000, 784_111_777] {
            let time = UNIX_EPOCH + Duration::from_secs(second) + Duration::from_millis(999);
            let mut head = Vec::new();
            put_date(&mut head, time);
            assert_eq!(String::from_utf8(head).unwrap(), format!("Date: {}\r\n", fmt_http_date(time)));
        }
    }

    #[test]
    fn every_error_has_this_head_and_a_page_of_its_own() {
        for (status, line) in [
            (Status::BadRequest, "400 Bad Request"),
            (Status::Forbidden, "403 Forbidden"),
            (Status::NotFound, "404 Not Found"),
            (Status::MethodNotAllowed, "405 Method Not Allowed"),
            (Status::PreconditionFailed, "412 Precondition Failed"),
            (Status::ContentTooLarge, "413 Content Too Large"),
            (Status::UriTooLong, "414 URI Too Long"),
            (Status::MisdirectedRequest, "421 Misdirected Request"),
            (Status::RequestHeaderFieldsTooLarge, "431 Request Header Fields Too Large"),
            (Status::InternalServerError, "500 Internal Server Error"),
            (Status::NotImplemented, "501 Not Implemented"),
            (Status::ServiceUnavailable, "503 Service Unavailable"),
            (Status::HttpVersionNotSupported, "505 HTTP Version Not Supported"),
        ] {
            let (head, body) = sent(answer(&request(Method::Get), Response::error(status)));
            let allow = if status == Status::MethodNotAllowed { "Allow: GET, HEAD, OPTIONS\n" } else { "" };
            assert_eq!(
                head,
                format!(
                    "HTTP/1.1 {line}\n\
                     Server: lesson-00\n\
                     Date: now\n\
                     Content-Length: {}\n\
                     Content-Type: text/html; charset=utf-8\n\
                     X-Content-Type-Options: nosniff\n\
                     {allow}\
                     Connection: close\n",
                    body.len()
                )
            );
            let (english, chinese) = status.meaning();
            assert!([line, english, chinese].iter().all(|text| body.contains(text)), "{body}");
        }
    }

    #[test]
    fn a_redirect_says_where_to() {
        let (head, body) = sent(answer(&request(Method::Get), Response::moved_to("/folder/?query".into())));
        assert_eq!(
            head,
            format!(
                "HTTP/1.1 301 Moved Permanently\n\
                 Server: lesson-00\n\
                 Date: now\n\
                 Content-Length: {}\n\
                 Content-Type: text/html; charset=utf-8\n\
                 X-Content-Type-Options: nosniff\n\
                 Location: /folder/?query\n\
                 Connection: close\n",
                body.len()
            )
        );
    }

    #[test]
    fn not_modified_has_neither_length_nor_body() {
        assert_eq!(
            sent(answer(&request(Method::Get), Response::error(Status::NotModified).modified(&then()))),
            (
                "HTTP/1.1 304 Not Modified\n\
                 Server: lesson-00\n\
                 Date: now\n\
                 Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\n\
                 Connection: close\n"
                    .to_owned(),
                String::new()
            )
        );
    }

    #[test]
    fn options_has_neither_length_nor_body() {
        assert_eq!(
            sent(answer(&request(Method::Options), page())),
            (
                "HTTP/1.1 204 No Content\n\
                 Server: lesson-00\n\
                 Date: now\n\
                 Allow: GET, HEAD, OPTIONS\n\
                 Connection: close\n"
                    .to_owned(),
                String::new()
            )
        );
    }

    #[test]
    fn head_has_the_head_of_get_and_no_body() {
        let file = || {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(b"in a file").unwrap();
            file.rewind().unwrap();
            Response::with_file("text/plain", file, 9)
        };
        let small = || Response::with_small_file(Arc::new(SmallFile::new("text/plain", b"small".to_vec(), then())));
        for served in [page, file, small, || Response::error(Status::NotFound), || Response::moved_to("/a/".into())] {
            let (head, body) = sent(answer(&request(Method::Get), served()));
            assert_ne!(body, "");
            assert_eq!(sent(answer(&request(Method::Head), served())), (head, String::new()));
        }
    }

    #[test]
    fn only_get_and_head_are_served() {
        for (method, code) in [
            (Method::Get, 200),
            (Method::Head, 200),
            (Method::Options, 204),
            (Method::Post, 405),
            (Method::Put, 405),
            (Method::Delete, 405),
            (Method::Patch, 405),
            (Method::Trace, 405),
            (Method::Connect, 405),
            (Method::Unknown, 501),
        ] {
            let response = answer(&request(method), page());
            assert_eq!(response.status.code(), code, "{method}");
        }
        let bad = answer(&Received::Bad(BadRequest::HeaderTooLong.into()), page());
        assert_eq!(bad.status, Status::RequestHeaderFieldsTooLarge);
    }

    #[test]
    fn the_connection_closes_unless_it_is_said_that_it_stays() {
        for (yes, line) in [(true, "Connection: keep-alive\n"), (false, "Connection: close\n")] {
            let (head, _) = sent(page().keeping_alive(yes));
            assert!(head.ends_with(line), "{head}");
        }
    }

    #[test]
    fn a_small_file_has_the_head_of_any_other() {
        let with = |response: Response| sent(answer(&request(Method::Get), response.modified(&then())));
        let small = SmallFile::new("text/plain", b"a page".to_vec(), then());
        let small = sent(answer(&request(Method::Get), Response::with_small_file(Arc::new(small))));
        assert_eq!(small, with(page()));
    }

    #[test]
    fn what_was_refused_of_a_head_request_is_refused_without_a_body() {
        for head in [true, false] {
            let bad = Received::Bad(Refused { why: BadRequest::Version, head });
            let (said, body) = sent(answer(&bad, page()));
            assert!(said.starts_with("HTTP/1.1 505 ") && said.contains("Content-Length: "), "{said}");
            assert_eq!(body.is_empty(), head);
        }
    }

    #[test]
    fn the_log_shows_status_and_length() {
        assert_eq!(answer(&request(Method::Get), page()).to_string(), "200 OK, 6 bytes");
        assert_eq!(answer(&request(Method::Head), page()).to_string(), "200 OK, 0 bytes");
        assert_eq!(Response::error(Status::NotModified).to_string(), "304 Not Modified, 0 bytes");
    }
}
