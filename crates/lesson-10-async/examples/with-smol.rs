//! Lesson 10 on the executor and the sockets of a library, `smol`. What is missing here is what the lesson adds to such
//! a loop: deadlines, a limit of connections, turns that are bounded, a close that waits for the client.

use std::io;
use std::net::{TcpListener, TcpStream};

use protocol::{Inbox, Site};
use smol::Async;
use support::{Failure, Flag, Options};

fn main() -> Result<(), Failure> {
    let options = Options::from_command_line("with-smol", &[Flag::Root]);
    let site = options.open_site()?;
    let failed = |error: &io::Error| Failure::to_listen(options.address, error);
    let listener = Async::<TcpListener>::bind(options.address).map_err(|error| failed(&error))?;
    options.announce(&listener.get_ref().local_addr());
    smol::block_on(async {
        loop {
            let (stream, _) = listener.accept().await.map_err(|error| failed(&error))?;
            let site = site.clone();
            smol::spawn(async move { serve(&stream, &site).await }).detach();
        }
    })
}

/// The ten lines: `read_with` and `write_with` are what `when_ready` is in the lesson.
async fn serve(stream: &Async<TcpStream>, site: &Site) -> io::Result<()> {
    let (mut inbox, mut keep_alive) = (Inbox::default(), true);
    while keep_alive {
        let Some(received) = inbox.next() else {
            if stream.read_with(|mut socket| inbox.read_from(&mut socket)).await? == 0 {
                break;
            }
            continue;
        };
        keep_alive = received.keep_alive();
        let mut outbox = site.answer(&received).keeping_alive(keep_alive).encode();
        while !outbox.is_sent() {
            stream.write_with(|mut socket| outbox.send_some(&mut socket)).await?;
        }
    }
    Ok(())
}
