//! The connections of this machine, as the kernel tells of them: sock_diag(7), which `ss` asks too.
//!
//! `/proc/net/tcp` says the same, with a line for each connection that has ended within the last minute (TIME_WAIT). A
//! run of the suite leaves tens of thousands of those, and to print and read them takes longer than what a case waits
//! for. So it is read only where the kernel does not answer otherwise.

use std::fs::{self, File};
use std::io::{self, Read, Write};

use rustix::net::{AddressFamily, SocketFlags, SocketType, netlink, socket_with};

/// The clients of this port, by their own ports, whose connections a process of this machine has open at the server's
/// end. One that waits to be accepted, or that the kernel only winds up, belongs to no one. A listener counts as a
/// client with port 0.
pub fn clients_held_at(port: u16) -> Vec<u16> {
    told(port).unwrap_or_else(|_| printed(port))
}

/// A message of netlink(7) has this before it: its length, type, flags, number and sender.
const HEADER: usize = 16;
/// The types `SOCK_DIAG_BY_FAMILY` of a question and an answer, `NLMSG_ERROR` and `NLMSG_DONE`.
const BY_FAMILY: u16 = 20;
const ERROR: u16 = 2;
const DONE: u16 = 3;

fn told(port: u16) -> io::Result<Vec<u16>> {
    let mut clients = Vec::new();
    for family in [AddressFamily::INET, AddressFamily::INET6] {
        let socket =
            socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?;
        let mut socket = File::from(socket);
        socket.write_all(&question(family, port))?;
        let mut buffer = [0; 32 * 1024];
        loop {
            let length = socket.read(&mut buffer)?;
            if answered(&buffer[..length], &mut clients)? {
                break;
            }
        }
    }
    Ok(clients)
}

/// `struct nlmsghdr` and `struct inet_diag_req_v2`, which asks for all sockets at this port.
fn question(family: AddressFamily, port: u16) -> [u8; HEADER + 56] {
    const REQUEST_DUMP: u16 = 0x301;
    const TCP: u8 = 6;
    /// Of the states in `tcp_states.h` all but SYN_RECV, TIME_WAIT and NEW_SYN_RECV: those are nobody's.
    const STATES: u32 = 0b0000_1111_1011_0110;
    let mut bytes = [0; HEADER + 56];
    bytes[0..4].copy_from_slice(&((HEADER + 56) as u32).to_ne_bytes());
    bytes[4..6].copy_from_slice(&BY_FAMILY.to_ne_bytes());
    bytes[6..8].copy_from_slice(&REQUEST_DUMP.to_ne_bytes());
    bytes[16] = family.as_raw() as u8;
    bytes[17] = TCP;
    bytes[20..24].copy_from_slice(&STATES.to_ne_bytes());
    bytes[24..26].copy_from_slice(&port.to_be_bytes());
    bytes
}

/// Takes the clients out of one piece of the answer: whether it is the last.
fn answered(mut bytes: &[u8], clients: &mut Vec<u16>) -> io::Result<bool> {
    /// Where in a message `struct inet_diag_msg` has the client's port, and the inode of the socket.
    const CLIENT: usize = HEADER + 6;
    const INODE: usize = HEADER + 68;
    let unexpected = || io::Error::new(io::ErrorKind::InvalidData, "an answer of netlink that is none");
    while !bytes.is_empty() {
        let length = word(bytes, 0).ok_or_else(unexpected)? as usize;
        let message = bytes.get(..length).filter(|message| message.len() >= HEADER).ok_or_else(unexpected)?;
        match u16::from_ne_bytes([message[4], message[5]]) {
            DONE => return Ok(true),
            BY_FAMILY => {
                let inode = word(message, INODE).ok_or_else(unexpected)?;
                if inode != 0 {
                    clients.push(u16::from_be_bytes([message[CLIENT], message[CLIENT + 1]]));
                }
            }
            ERROR => return Err(io::Error::other("the kernel does not tell of its sockets")),
            _ => {}
        }
        // Each begins at a multiple of four bytes.
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(false)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The same from `/proc/net/tcp`; nobody where there is no `/proc`.
fn printed(port: u16) -> Vec<u16> {
    lines(port).into_iter().filter(|end| end.is_held).map(|end| end.client).collect()
}

/// How many bytes wait in the kernel, at the server's end, for this client of this port: those that have not been sent,
/// and those that have not been confirmed.
pub fn waiting_for(client: u16, port: u16) -> Option<u64> {
    lines(port).into_iter().find(|end| end.client == client).map(|end| end.waiting)
}

/// The server's end of a connection, as proc(5) shows it.
struct ServersEnd {
    client: u16,
    waiting: u64,
    is_held: bool,
}

fn lines(port: u16) -> Vec<ServersEnd> {
    let here = format!(":{port:04X} ");
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let lines = tables.iter().flat_map(|table| table.lines()).filter(|line| line.contains(&here));
    let end = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (local, remote, queues, inode) = (words.next()?, words.next()?, words.nth(1)?, words.nth(4)?);
        let ((_, client), (waiting, _)) = (remote.rsplit_once(':')?, queues.split_once(':')?);
        let (client, waiting) = (u16::from_str_radix(client, 16).ok()?, u64::from_str_radix(waiting, 16).ok()?);
        let is_here = here.trim_end() == &local[local.rfind(':')?..];
        is_here.then_some(ServersEnd { client, waiting, is_held: inode != "0" })
    };
    lines.filter_map(end).collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::PATIENT;
    use crate::process::until;

    #[test]
    fn both_ways_tell_the_same() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let clients: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap()).collect();
        let mut accepted: Vec<TcpStream> = (0..60).map(|_| listener.accept().unwrap().0).collect();
        // One that has gone is wound up by the kernel.
        drop(accepted.pop());
        let mut due: Vec<u16> = clients[..59].iter().map(|client| client.local_addr().unwrap().port()).collect();
        due.push(0);
        due.sort();
        let sorted = |mut clients: Vec<u16>| {
            clients.sort();
            clients
        };
        // While others connect and leave, a table that is read in pieces may lack a line or have it twice.
        assert!(until(PATIENT, || sorted(printed(port)) == due), "{:?} instead of {due:?}", sorted(printed(port)));
        if let Err(error) = told(port) {
            eprintln!("not looked at: {error}");
            return;
        }
        let told = || sorted(told(port).unwrap());
        assert!(until(PATIENT, || told() == due), "{:?} instead of {due:?}", told());
    }
}
