//! One page for every request.

use std::borrow::Cow;
use std::time::UNIX_EPOCH;

use crate::modified::Modified;
use crate::{Received, Response, content_type, request};

/// What lesson 01 serves: the same page, whatever the path.
#[derive(Clone, Debug)]
pub struct Page {
    server: &'static str,
    html: &'static str,
}

impl Page {
    /// A page, given as HTML in UTF-8.
    pub fn new(server: &'static str, html: &'static str) -> Page {
        request::prepare();
        Page { server, html }
    }

    /// The answer to whatever was received.
    pub fn answer(&self, received: &Received) -> Response {
        // Nobody knows since when it has been the same.
        let modified = Modified::at(None, UNIX_EPOCH);
        Response::to(received, self.server, |request| match request.preconditions.check(&modified) {
            Ok(()) => Response::with_bytes(content_type::HTML, Cow::Borrowed(self.html.as_bytes())),
            Err(status) => Response::error(status),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BadRequest, Request};

    #[test]
    fn every_path_gets_the_same_page() {
        let page = Page::new("lesson-00", "<p>你好</p>");
        for target in ["/", "/../a", "/%zz"] {
            let head = format!("GET {target} HTTP/1.0\r\n\r\n");
            let (request, _) = Request::parse(head.as_bytes()).unwrap().unwrap();
            let sent = crate::outbox::bytes_of(page.answer(&Received::Request(request)).encode());
            assert!(sent.starts_with(b"HTTP/1.1 200 OK\r\nServer: lesson-00\r\n"), "{target}");
            assert!(sent.ends_with("\r\n\r\n<p>你好</p>".as_bytes()), "{target}");
        }
        let bad = page.answer(&Received::Bad(BadRequest::TargetTooLong.into()));
        assert_eq!(bad.to_string().split(',').next(), Some("414 URI Too Long"));
    }
}
