//! A lesson that runs, with clients.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use http_suite::process::{Process, clients_held_at, until};
use http_suite::{Client, PATIENT, Server, Setup, Subject, all_answered};

use crate::both;
use crate::predict::measure::{Bench, Unseen};

/// A server of a lesson, and its process.
pub struct Stand {
    server: Server,
    /// That which listens.
    pub process: Process,
}

/// `GET /`, on a connection that may go on.
pub const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

impl Stand {
    /// Starts the lesson of the question, quietly, with what the question gives it besides.
    pub fn start(bench: &Bench) -> Result<Stand, Unseen> {
        // Nobody is to be dropped while we look.
        Stand::start_with_timeout(bench, 60)
    }

    /// The same, where a client may make no progress for so many seconds.
    pub fn start_with_timeout(bench: &Bench, seconds: u16) -> Result<Stand, Unseen> {
        let program = bench.program()?;
        let subject = Subject::lesson(&program.to_string_lossy(), bench.lesson != "01");
        let quiet = std::iter::once("--quiet".to_owned());
        let arguments = quiet.chain(bench.given.arguments.iter().cloned()).collect();
        let setup = Setup { timeout: Some(seconds), arguments, ..Setup::default() };
        let server = subject.start(bench.site, &setup).map_err(Unseen)?;
        let pid = server.pid().filter(|_| Process::can_be_seen());
        let process = pid.map(Process).ok_or_else(|| Unseen(both!("there is no /proc here", "这里没有 /proc")))?;
        let stand = Stand { server, process };
        stand.open()?.send(GET)?.answer()?.expect(&[200])?;
        stand.rests();
        Ok(stand)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// A client of it.
    pub fn open(&self) -> Result<Client, Unseen> {
        Ok(Client::open(self.address(), None, None)?)
    }

    /// Clients that say nothing, accepted all.
    pub fn silent(&self, number: usize) -> Result<Vec<Client>, Unseen> {
        let clients = (0..number).map(|_| self.open()).collect::<Result<Vec<_>, _>>()?;
        self.see_held(&clients.iter().map(Client::port).collect::<Vec<_>>())?;
        Ok(clients)
    }

    /// Clients that have been answered once, one after another, and are still there.
    pub fn answered(&self, number: usize) -> Result<Vec<Client>, Unseen> {
        let mut clients = Vec::with_capacity(number);
        for _ in 0..number {
            let mut client = self.open()?;
            client.send(GET)?.answer()?.expect(&[200])?;
            clients.push(client);
        }
        Ok(clients)
    }

    /// Many clients that say nothing, accepted all.
    pub fn many(&self, number: usize) -> Result<Vec<TcpStream>, Unseen> {
        let connect = |_| {
            let client = TcpStream::connect(self.address())?;
            client.set_read_timeout(Some(PATIENT))?;
            Ok(client)
        };
        let clients = (0..number).map(connect).collect::<io::Result<Vec<_>>>()?;
        let ports = clients.iter().map(|client| Ok(client.local_addr()?.port())).collect::<io::Result<Vec<_>>>()?;
        self.see_held(&ports)?;
        Ok(clients)
    }

    /// Many clients, each of which has been answered, and is still there: some at a time.
    pub fn many_answered(&self, number: usize) -> Result<Vec<TcpStream>, Unseen> {
        let mut clients = self.many(number)?;
        all_answered(&mut clients)?;
        Ok(clients)
    }

    /// The clients, by their ports, whose connections a process has accepted and holds.
    pub fn held(&self) -> Vec<u16> {
        let mut held = clients_held_at(self.address().port());
        held.retain(|port| *port != 0);
        held.sort_unstable();
        held.dedup();
        held
    }

    /// Waits until the server has accepted these, which are named by their ports.
    fn see_held(&self, clients: &[u16]) -> Result<(), Unseen> {
        let all = || {
            let held = self.held();
            clients.iter().all(|port| held.binary_search(port).is_ok())
        };
        if until(PATIENT, all) {
            return Ok(());
        }
        let (held, of) = (self.held().len(), clients.len());
        Err(Unseen(both!("of {of} clients the server accepted {held}", "{of} 个客户端中服务器只接受了 {held} 个")))
    }

    /// Waits until all its threads wait for something. One that never does is not waited for.
    pub fn rests(&self) {
        until(Duration::from_millis(500), || self.process.is_at_rest());
    }
}
