//! What a server program needs that is not HTTP: the command line, errors that end it before it serves, the log, and
//! the limit of connections for each client address. No lesson changes it.

mod connection_limit;
mod failure;
mod inherited;
mod lines;
mod log;
mod lost;
mod memory;
mod options;
mod output;
mod turn_away;
mod unsent;

pub use connection_limit::{ConnectionLimit, Permit};
pub use failure::Failure;
pub use log::Log;
pub use memory::memory_to_spare;
pub use options::{Flag, Options, value};
pub use turn_away::turn_away;
pub use unsent::keep_little_unsent;
