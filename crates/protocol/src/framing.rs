//! Where a body ends.

/// Where the body of a request ends (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    NoBody,
    /// After this many bytes.
    Length(u64),
    /// After a chunk of size 0 and the trailer section.
    Chunked,
}
