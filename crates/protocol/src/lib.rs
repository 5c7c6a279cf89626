//! HTTP/1.1 for a server of static files, as bytes in and bytes out: what no lesson changes.
//!
//! ```text
//!   socket ──► Inbox ──► Received ──► Site ──► Response ──► Outbox ──► socket
//!             (bytes)   (a request            (an answer)   (bytes)
//!                     or what is wrong)
//! ```
//!
//! This crate never opens a socket, sleeps, spawns, or lets a clock decide anything. [`Inbox`] and [`Outbox`] are
//! generic over [`std::io::Read`] and [`std::io::Write`], and keep all progress in fields: a call that ends with
//! `WouldBlock` has lost nothing and is simply made again. That is why the same calls serve blocking, non-blocking and
//! coroutine lessons.

mod authority;
mod bad_request;
mod body;
mod content_type;
mod fields;
mod framing;
mod inbox;
mod kept_files;
mod lines;
mod modified;
mod outbox;
mod page;
mod preconditions;
mod request;
mod request_line;
mod response;
mod root;
mod site;
mod small_file;
mod status;
mod target;

pub use bad_request::{BadRequest, Refused};
pub use body::BODY_MAX;
pub use fields::REQUEST_FIELDS_MAX;
pub use framing::Framing;
pub use inbox::{Inbox, Received};
pub use lines::HEADER_SECTION_MAX;
pub use outbox::Outbox;
pub use page::Page;
pub use preconditions::Preconditions;
pub use request::Request;
pub use request_line::{Method, TARGET_MAX};
pub use response::Response;
pub use site::Site;
pub use status::Status;
pub use target::path_in_root;
