//! A web server in one file: `server PORT ROOT [TIMEOUT]`.

use std::env;
use std::io;
use std::net::{TcpListener, TcpStream};

/// Serves one client. This is yours to write.
fn answer(_connection: TcpStream) -> io::Result<()> {
    Ok(())
}

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let port = arguments.next().unwrap_or("7890".to_owned());
    // The folder to serve, from lesson 02 on.
    let _root = arguments.next().unwrap_or(".".to_owned());
    let _timeout = arguments.next().unwrap_or("10".to_owned()); // seconds

    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    for connection in listener.incoming() {
        answer(connection?)?;
    }
    Ok(())
}
