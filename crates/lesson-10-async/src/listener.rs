//! The listening socket, and the clients that it accepts.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use protocol::Site;
use socket2::{Domain, Socket, Type};
use support::{ConnectionLimit, Options, turn_away};

use crate::connection::serve;
use crate::executor::{Executor, Turn};
use crate::source::Source;

/// How many clients the kernel lets wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long an `accept` that failed is not tried again: an error that lasts must not become a flood of messages.
const PAUSE: Duration = Duration::from_millis(100);

pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Connections of the last run may still be in TIME_WAIT; that is no reason to refuse the port.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Starts a task of its own for each client. Never ends.
pub async fn accept<'a>(
    mut listener: Source<'a, TcpListener>,
    executor: &Executor<'a>,
    site: &'a Site,
    options: &'a Options,
) -> Infallible {
    let limit = ConnectionLimit::new(options);
    let (reactor, mut turn) = (executor.reactor(), Turn::default());
    loop {
        match listener.when_ready(|listener| listener.accept()).await {
            Ok((stream, client)) => match limit.admit(client.ip()) {
                Some(permit) => {
                    let task = async move {
                        let _permit = permit;
                        serve(stream, client, site, options, reactor).await;
                    };
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
