//! What a connection says when something has been done for it.

/// How a step went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// There is something for the kernel to do.
    Moved,
    /// The connection is over.
    Ended,
}
