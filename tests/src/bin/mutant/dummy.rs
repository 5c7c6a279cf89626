//! No servers at all: a suite that gives these any credit counts what proves nothing.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use protocol::{BadRequest, Received};

use crate::Server;
use crate::defect::Defect;
use crate::receive::{receive, whole};

/// What a dummy does with a client, up to the close.
pub fn act(stream: &mut TcpStream, server: &Server) -> io::Result<()> {
    match server.defect {
        Defect::Silent => while stream.read(&mut [0; 1024])? > 0 {},
        Defect::Always400 if receive(stream, server.defect)?.is_some() => {
            server.site.answer(&Received::Bad(BadRequest::RequestLine.into())).encode().send(stream)?;
        }
        Defect::Always200 if receive(stream, server.defect)?.is_some() => stream.write_all(&front_page(server)?)?,
        _ => {}
    }
    Ok(())
}

/// The right answer to the most usual request.
fn front_page(server: &Server) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let usual = whole(&mut &b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..])?;
    if let Some(usual) = usual {
        crate::send::write(&mut server.site.answer(&usual).encode(), &mut bytes)?;
    }
    Ok(bytes)
}
