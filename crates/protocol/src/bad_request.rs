//! Why bytes are not a request.

use std::fmt;

use crate::Status;

/// Why bytes are not a request that this server takes. Each has one status; after each the connection is closed,
/// because where the next request would begin is no longer certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadRequest {
    /// Not `METHOD target HTTP/1.x` (RFC 9112, section 3).
    RequestLine,
    /// A target of no form that its method allows (section 3.2), or one with an authority that names no host.
    Target,
    /// An `https` URI on a connection without TLS (RFC 9110, section 7.4).
    Https,
    /// A line that ends in LF alone, or a CR that ends none (section 2.2).
    LineEnd,
    /// NUL or another control byte (section 2.2; RFC 9110, section 5.5).
    ControlByte,
    /// A header field that is not `name: value` (section 5), or continues on the next line (section 5.2).
    Field,
    /// No `Host`, more than one, or one that names no host (section 3.2).
    Host,
    /// A `Content-Length` that is not one number (section 6.3).
    ContentLength,
    /// A `Transfer-Encoding` that does not end in `chunked`, or stands beside a `Content-Length`, or in HTTP/1.0
    /// (sections 6.1 and 6.3).
    TransferEncoding,
    /// A transfer coding besides `chunked`.
    UnknownCoding,
    /// A chunk whose size or end is not where it should be (section 7.1).
    Chunk,
    /// A body longer than [`BODY_MAX`](crate::BODY_MAX).
    BodyTooLong,
    /// Not whole when its time was over (RFC 9110, section 15.5.9).
    Timeout,
    /// A method longer than any that there is (section 3).
    MethodTooLong,
    /// A target longer than [`TARGET_MAX`](crate::TARGET_MAX).
    TargetTooLong,
    /// A header section longer than [`HEADER_SECTION_MAX`](crate::HEADER_SECTION_MAX).
    HeaderTooLong,
    /// More than [`REQUEST_FIELDS_MAX`](crate::REQUEST_FIELDS_MAX) header fields.
    TooManyFields,
    /// A major version that is not 1 (RFC 9110, section 15.6.6).
    Version,
}

/// What was refused before it was a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: BadRequest,
    /// Whether it was to be a HEAD request, as far as can be told: the answer to that has no body.
    pub head: bool,
}

impl From<BadRequest> for Refused {
    fn from(why: BadRequest) -> Refused {
        Refused { why, head: false }
    }
}

impl BadRequest {
    /// The status that tells the client.
    pub fn status(self) -> Status {
        match self {
            BadRequest::Https => Status::MisdirectedRequest,
            BadRequest::UnknownCoding => Status::NotImplemented,
            BadRequest::Timeout => Status::RequestTimeout,
            BadRequest::BodyTooLong => Status::ContentTooLarge,
            BadRequest::TargetTooLong => Status::UriTooLong,
            BadRequest::HeaderTooLong | BadRequest::TooManyFields => Status::RequestHeaderFieldsTooLarge,
            BadRequest::Version => Status::HttpVersionNotSupported,
            _ => Status::BadRequest,
        }
    }
}

/// What was wrong, for the log.
impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadRequest::RequestLine => "not a request line",
            BadRequest::Target => "not a target for this method",
            BadRequest::Https => "an https URI without TLS",
            BadRequest::LineEnd => "a line that does not end in CR LF",
            BadRequest::ControlByte => "a control byte in the head",
            BadRequest::Field => "not a header field",
            BadRequest::Host => "no Host, or not one valid one",
            BadRequest::ContentLength => "not a valid Content-Length",
            BadRequest::TransferEncoding => "not a valid Transfer-Encoding",
            BadRequest::UnknownCoding => "a transfer coding that is not known",
            BadRequest::Chunk => "not a valid chunk",
            BadRequest::BodyTooLong => "a body that is too long",
            BadRequest::Timeout => "not whole in time",
            BadRequest::MethodTooLong => "a method that does not end",
            BadRequest::TargetTooLong => "a target that is too long",
            BadRequest::HeaderTooLong => "a header that is too long",
            BadRequest::TooManyFields => "too many header fields",
            BadRequest::Version => "not HTTP/1.x",
        })
    }
}
