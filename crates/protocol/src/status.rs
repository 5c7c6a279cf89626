//! Status codes (RFC 9110, section 15): those that these servers send, and no others.

use std::fmt;

/// A status code with its reason phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 200: here it is.
    Ok,
    /// 204: done, and there is nothing to send (the answer to OPTIONS).
    NoContent,
    /// 301: the folder is called for without its slash.
    MovedPermanently,
    /// 304: the copy that the client has is good.
    NotModified,
    /// 400: not a request that RFC 9112 allows.
    BadRequest,
    /// 403: it is there, but not for you.
    Forbidden,
    /// 404: it is not there.
    NotFound,
    /// 405: a method that exists, but not here; the answer names those that do (`Allow`).
    MethodNotAllowed,
    /// 408: the request was not whole when its time was over.
    RequestTimeout,
    /// 412: a condition of the request does not hold (`If-Match`, `If-Unmodified-Since`).
    PreconditionFailed,
    /// 413: the body is longer than [`BODY_MAX`](crate::BODY_MAX).
    ContentTooLarge,
    /// 414: the request target is longer than [`TARGET_MAX`](crate::TARGET_MAX).
    UriTooLong,
    /// 421: meant for a server that speaks TLS.
    MisdirectedRequest,
    /// 431: the header section is longer than this server reads, or has too many fields (RFC 6585, section 5).
    RequestHeaderFieldsTooLarge,
    /// 500: the disk failed, not the client.
    InternalServerError,
    /// 501: a method or transfer coding that this server does not know.
    NotImplemented,
    /// 503: too many clients, or no descriptor left to open the file with; later there may be.
    ServiceUnavailable,
    /// 505: a major version of HTTP other than 1.
    HttpVersionNotSupported,
}

impl Status {
    /// The three digits.
    pub fn code(self) -> u16 {
        self.line().bytes().take(3).fold(0, |code, digit| code * 10 + u16::from(digit - b'0'))
    }

    /// What it means, in English and in Chinese, for people who see it in a browser.
    pub(crate) fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Status::Ok | Status::NoContent => ("All is well.", "一切正常。"),
            Status::MovedPermanently => {
                ("A folder: its address ends with a slash.", "这是一个目录，它的地址以斜杠结尾。")
            }
            Status::NotModified => ("Your copy is still good.", "你手里的副本仍然有效。"),
            Status::BadRequest => ("The request is not valid HTTP/1.1.", "请求不符合 HTTP/1.1 的规定。"),
            Status::Forbidden => ("This may not be read.", "这里的内容不允许读取。"),
            Status::NotFound => ("There is nothing at this address.", "这个地址上什么也没有。"),
            Status::MethodNotAllowed => ("This server only reads: GET and HEAD.", "本服务器只读，只接受 GET 和 HEAD。"),
            Status::RequestTimeout => ("The request took too long.", "请求没有在规定的时间内发完。"),
            Status::PreconditionFailed => {
                ("The file is not as the request supposes.", "文件的状态不符合请求里的前提条件。")
            }
            Status::ContentTooLarge => ("The request body is too long.", "请求体太长了。"),
            Status::UriTooLong => ("The address is too long.", "地址太长了。"),
            Status::MisdirectedRequest => ("There is no https here, only http.", "本服务器只提供 http，不提供 https。"),
            Status::RequestHeaderFieldsTooLarge => ("The request header is too long.", "请求头太长了。"),
            Status::InternalServerError => ("The server could not read the file.", "服务器读取文件时出错。"),
            Status::NotImplemented => ("This server does not know that.", "本服务器没有实现这项功能。"),
            Status::ServiceUnavailable => ("Too busy just now; try again.", "服务器正忙，请稍后再试。"),
            Status::HttpVersionNotSupported => ("This server speaks HTTP/1.1 only.", "本服务器只支持 HTTP/1.1。"),
        }
    }

    /// As in a status line: `404 Not Found`.
    pub(crate) fn line(self) -> &'static str {
        match self {
            Status::Ok => "200 OK",
            Status::NoContent => "204 No Content",
            Status::MovedPermanently => "301 Moved Permanently",
            Status::NotModified => "304 Not Modified",
            Status::BadRequest => "400 Bad Request",
            Status::Forbidden => "403 Forbidden",
            Status::NotFound => "404 Not Found",
            Status::MethodNotAllowed => "405 Method Not Allowed",
            Status::RequestTimeout => "408 Request Timeout",
            Status::PreconditionFailed => "412 Precondition Failed",
            Status::ContentTooLarge => "413 Content Too Large",
            Status::UriTooLong => "414 URI Too Long",
            Status::MisdirectedRequest => "421 Misdirected Request",
            Status::RequestHeaderFieldsTooLarge => "431 Request Header Fields Too Large",
            Status::InternalServerError => "500 Internal Server Error",
            Status::NotImplemented => "501 Not Implemented",
            Status::ServiceUnavailable => "503 Service Unavailable",
            Status::HttpVersionNotSupported => "505 HTTP Version Not Supported",
        }
    }
}

/// As in a status line: `404 Not Found`.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.line())
    }
}
