//! The threads that coroutines run on: each client always on the one that watches its socket.

use std::io;
use std::os::fd::{AsRawFd, RawFd};

use may::coroutine::{self, Builder};
use may::net::TcpStream;

/// The stack of a coroutine, in bytes. Reserved, not used: memory is taken page by page, as far down as a stack has
/// been.
const STACK: usize = 64 * 1024;
/// How many unused stacks are kept for the next clients.
const STACKS_KEPT: usize = 64;

/// To be called before anything else of this library: with that its workers start, and it is too late.
pub fn configure(workers: usize) {
    may::config()
        .set_workers(workers)
        .set_stack_size(STACK / size_of::<usize>())
        .set_pool_capacity(STACKS_KEPT)
        // Workers with nothing to do look up once a second, not a hundred times.
        .set_timeout_ns(1_000_000_000);
}

/// Starts a coroutine for the client of this socket.
///
/// Each of n workers asks the kernel about sockets of its own: every n-th number. Were the coroutine to wait elsewhere,
/// that worker would look at the socket once more after it has noted who waits for it. By then the other one could have
/// served the client to its end, and freed both.
pub fn start(socket: RawFd, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    may::go!(Builder::new().id(socket as usize), work).map(drop)
}

/// Lets all others on this worker have a turn: those who can go on, and those whose socket has become ready.
///
/// `yield_now` does less: a worker asks the kernel only when nobody in its queue can go on, and one that yields always
/// can. So this one leaves the queue, and is put back by a new coroutine. New ones are fetched when the kernel is asked.
pub fn give_way(stream: &TcpStream) -> io::Result<()> {
    let this = coroutine::current();
    start(stream.as_raw_fd(), move || this.unpark())?;
    coroutine::park();
    Ok(())
}
