//! One page for every request.

use std::borrow::Cow;

use crate::{Options, Received, Response, content_type};

/// What lesson 01 serves: the same page, whatever the path.
#[derive(Clone, Debug)]
pub struct Page {
    server: &'static str,
    html: &'static str,
}

impl Page {
    /// A page, given as HTML in UTF-8.
    pub fn new(options: &Options, html: &'static str) -> Page {
        Page { server: options.name, html }
    }

    /// The answer to whatever was received.
    pub fn answer(&self, received: &Received) -> Response {
        Response::to(received, self.server, |_| {
            Response::with_bytes(content_type::HTML, Cow::Borrowed(self.html.as_bytes()))
        })
    }
}
