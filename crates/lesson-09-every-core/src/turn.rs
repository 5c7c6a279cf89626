//! What a connection says when it has been asked to go on.

/// How a step went.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Something happened, and more may at once.
    Moved,
    /// A thread would wait here. The kernel says when it goes on.
    Waiting,
    /// The connection is over.
    Ended,
}
