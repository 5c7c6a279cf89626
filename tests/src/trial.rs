//! One case at work on one server.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use crate::process::Process;
use crate::server::{Server, Setup, Subject};
use crate::site::{INDEX, Site};
use crate::stages::{Mark, Stage, Symptom};
use crate::transcript::Transcript;
use crate::{Answer, Client, IMPATIENT, PATIENT, Stop};

/// What a case has in hand: a server of its own, and the means to talk to it and to look at it.
pub struct Trial<'a> {
    subject: &'a Subject,
    site: &'a Site,
    stage: Stage,
    mark: Mark,
    server: Option<Server>,
    pub(crate) transcript: Rc<RefCell<Transcript>>,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(subject: &'a Subject, site: &'a Site, stage: Stage, mark: Mark) -> Trial<'a> {
        Trial { subject, site, stage, mark, server: None, transcript: Rc::default() }
    }

    /// Starts the server, and sees that it is one: before it has given a good answer to a good request, no other answer
    /// of it means anything.
    pub(crate) fn start(&mut self, setup: &Setup) -> Result<(), Stop> {
        self.server = None;
        self.server = Some(self.subject.start(self.site, setup).map_err(Stop::other)?);
        self.alive()?;
        self.transcript.take();
        Ok(())
    }

    /// The same server, started anew as this case needs it.
    pub fn restart(&mut self, setup: &Setup) -> Result<(), Stop> {
        if !self.subject.can_start() {
            return Err(Stop::NotLookedAt("this needs a server that is started for it: give a command".into()));
        }
        if !setup.arguments.is_empty() && !self.is_lesson() {
            let arguments = setup.arguments.join(" ");
            return Err(Stop::NotLookedAt(format!("only a lesson is known to take {arguments}")));
        }
        self.start(setup)
    }

    /// As [`restart`](Trial::restart), where what is served has no index to be asked for first.
    pub fn restart_without_index(&mut self, setup: &Setup) -> Result<(), Stop> {
        if !self.is_lesson() {
            return Err(Stop::NotLookedAt("only a lesson is known to serve another folder".into()));
        }
        self.server = None;
        self.server = Some(self.subject.start(self.site, setup).map_err(Stop::other)?);
        Ok(())
    }

    pub(crate) fn subject(&self) -> &Subject {
        self.subject
    }

    /// One more of the same, beside the one that is there; or why it did not start.
    pub fn start_another(&self, setup: &Setup) -> Result<Result<Server, String>, Stop> {
        if !self.subject.can_start() {
            return Err(Stop::NotLookedAt("this needs a second server: give a command".into()));
        }
        Ok(self.subject.start(self.site, setup))
    }

    /// The lesson that this is to be like.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The document root that is served.
    pub fn site(&self) -> &Site {
        self.site
    }

    /// The server.
    pub fn server(&mut self) -> Result<&mut Server, Stop> {
        self.server.as_mut().ok_or_else(|| Stop::other("the server is not running"))
    }

    /// Its process, if that can be seen.
    pub fn process(&mut self) -> Result<Process, Stop> {
        let hidden = |why: &str| Stop::NotLookedAt(why.into());
        let pid = self.server()?.pid().ok_or_else(|| hidden("the process of a server that was not started here"))?;
        if Process::can_be_seen() { Ok(Process(pid)) } else { Err(hidden("this system has no /proc")) }
    }

    /// How long to wait for something: long if it is declared to come, short if it is declared not to.
    pub fn wait(&self) -> Duration {
        match self.mark {
            Mark::Fails(Symptom::Waits | Symptom::StaysOpen) => IMPATIENT,
            _ => PATIENT,
        }
    }

    /// Of several right statuses, those that are right for this server: a lesson has to give the first.
    pub fn right<'s>(&self, statuses: &'s [u16]) -> &'s [u16] {
        if self.is_lesson() { &statuses[..statuses.len().min(1)] } else { statuses }
    }

    pub(crate) fn is_lesson(&self) -> bool {
        matches!(self.subject, Subject::Lesson { .. })
    }

    /// A new connection.
    pub fn connect(&mut self) -> Result<Client, Stop> {
        let address = self.server()?.address();
        Client::connect(address, &self.transcript)
    }

    /// A new connection of a client that can take in but little before it reads.
    pub fn connect_narrow(&mut self) -> Result<Client, Stop> {
        self.connect_taking(4096)
    }

    /// A new connection of a client that can take in this many bytes before it reads, roughly.
    pub fn connect_taking(&mut self, bytes: usize) -> Result<Client, Stop> {
        let address = self.server()?.address();
        Client::connect_with(address, &self.transcript, Some(bytes), None)
    }

    /// A new connection of a client that has this address.
    pub fn connect_from(&mut self, source: IpAddr) -> Result<Client, Stop> {
        let address = self.server()?.address();
        Client::connect_with(address, &self.transcript, None, Some(source))
    }

    /// Sends this on a connection of its own: the answer to it, if it is not a HEAD request.
    pub fn request(&mut self, request: impl AsRef<[u8]>) -> Result<Answer, Stop> {
        self.connect()?.send(request)?.answer()
    }

    /// Gets this target on a connection of its own.
    pub fn get(&mut self, target: &str) -> Result<Answer, Stop> {
        self.request(get(target))
    }

    /// Sees that a good request gets a good answer, and that nonsense gets none.
    pub fn alive(&mut self) -> Result<(), Stop> {
        let seen = self.get("/").and_then(|answer| {
            if self.stage.number() == 1 { answer.expect(&[200]) } else { answer.expect_body(INDEX.as_bytes()) }?;
            let nonsense = "NONSENSE / HTTP/1.1\r\nHost: localhost\r\n\r\n";
            match self.connect()?.send(nonsense)?.answer_or_close()? {
                Some(answer) if answer.status < 400 => {
                    Err(Stop::other(format!("it answers {} to nonsense", answer.status)))
                }
                _ => Ok(()),
            }
        });
        seen.map_err(|stop| match stop {
            // Without its symptom: that a dead server keeps no connection alive proves no limit.
            Stop::Failed { text, .. } => Stop::other(format!("this is no working server: {text}")),
            stop => stop,
        })
    }
}

/// A good GET request for this target.
pub fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}
