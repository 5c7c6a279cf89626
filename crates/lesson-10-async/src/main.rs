//! Lesson 10, async: the straight-line code of lesson 08, and no stack at all. The compiler turns it into the state
//! machine that lesson 05 wrote by hand, and a loop like that of lesson 07 runs it.
//!
//! Only code that says `async` can be put aside, and everything that calls it has to say so too.

mod connection;
mod executor;
mod source;

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use protocol::Site;
use socket2::{Domain, Socket, Type};
use support::{ConnectionLimit, Failure, Flag, Options, turn_away};

use connection::serve;
use executor::{Executor, Turn};
use source::{Reactor, Source};

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line(env!("CARGO_BIN_NAME"), &[Flag::Root, Flag::PerClient]);
    let site = options.open_site()?;
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let reactor = Reactor::new().map_err(|error| Failure::to_wait(&error))?;
    let executor = Executor::new(&reactor);
    let listener = Source::new(listener, &reactor).map_err(|error| Failure::to_wait(&error))?;
    let ended = executor.run(accept(listener, &executor, &site, &options));
    ended.map_err(|error| Failure::to_wait(&error))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last run may still be in TIME_WAIT; that is no reason to refuse the port.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// A task of its own for each client.
async fn accept<'a>(
    mut listener: Source<'a, TcpListener>,
    executor: &Executor<'a>,
    site: &'a Site,
    options: &'a Options,
) -> Infallible {
    let limit = ConnectionLimit::new(options);
    let mut turn = Turn::default();
    loop {
        match listener.when_ready(|listener| listener.accept()).await {
            Ok((stream, client)) => match limit.admit(client.ip()) {
                Some(permit) => {
                    let task = serve(stream, client, permit, site, options, executor.reactor());
                    options.log.event(format_args!("{client} has a future of {} bytes", size_of_val(&task)));
                    executor.spawn(task);
                }
                None => {
                    options.log.event(format_args!("{client} turned away: it has too many connections"));
                    turn_away(stream, site);
                }
            },
            Err(error) => {
                options.log.event(format_args!("cannot accept: {error}"));
                listener.sleep_until(Instant::now() + PAUSE).await;
            }
        }
        turn.end_of_step().await;
    }
}
