//! One case at work on one server.

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::both;
use crate::case::Cause;
use crate::client::Manner;
use crate::language::Both;
use crate::process::Process;
use crate::server::{Server, Setup, Subject, Terms};
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
    terms: &'a Terms,
    deadline: Option<Instant>,
    server: Option<Server>,
    pub(crate) transcript: Rc<RefCell<Transcript>>,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(subject: &'a Subject, site: &'a Site, stage: Stage, mark: Mark, terms: &'a Terms) -> Trial<'a> {
        let deadline = terms.case_timeout.map(|most| Instant::now() + most);
        Trial { subject, site, stage, mark, terms, deadline, server: None, transcript: Rc::default() }
    }

    /// Starts the server, and sees that it is one: before it has given a good answer to a good request, no other answer
    /// of it means anything.
    pub(crate) fn start(&mut self, setup: &Setup) -> Result<(), Stop> {
        self.server = None;
        self.manner().in_time()?;
        self.server = Some(self.subject.start_on(self.terms, self.site, setup).map_err(not_started)?);
        self.alive()?;
        self.transcript.take();
        Ok(())
    }

    /// As [`Trial::start`], and once more if that fails: a machine may be busy. If that fails too, so has the server,
    /// unless it is to start in a narrower place than it was given at first.
    pub(crate) fn start_if_it_can_be(&mut self, setup: &Setup) -> Result<(), Stop> {
        if self.is_lesson() || !self.subject.can_start() || !self.terms.second_look {
            return self.start(setup);
        }
        match self.start(setup).or_else(|_| self.start(setup)) {
            // That it took too long is a verdict on the server.
            Err(stop @ Stop::Failed { cause: Some(Cause::TakesTooLong), .. }) => Err(stop),
            Err(stop) if setup.is_narrow() => {
                let why = stop.text();
                Err(Stop::NotLookedAt(both!("the server did not start: {why}", "服务器没有启动：{why}" in why)))
            }
            Err(stop @ Stop::Failed { .. }) => {
                let why = stop.text().clone();
                let due =
                    both!("a server that starts, as it did before the first case", "像第一个用例之前那样启动的服务器");
                let stop = stop.told(|why| {
                    both!("the server did not start for this case: {why}", "服务器没有为这个用例启动：{why}" in why)
                });
                Err(stop.because(Cause::NotStarted).facts(due, why))
            }
            other => other,
        }
    }

    /// The same server, started anew as this case needs it.
    pub fn restart(&mut self, setup: &Setup) -> Result<(), Stop> {
        if !self.subject.can_start() {
            return Err(Stop::NotLookedAt(both!(
                "this needs a server that is started for it: give a command",
                "需要专门为它启动服务器：请给出命令"
            )));
        }
        if !setup.arguments.is_empty() && !self.is_lesson() {
            let arguments = setup.arguments.join(" ");
            return Err(Stop::NotLookedAt(both!(
                "only a lesson is known to take {arguments}",
                "只知道课程的服务器接受 {arguments}"
            )));
        }
        // A port that is asked for is what the case is about.
        if setup.port.is_some() { self.start(setup) } else { self.start_if_it_can_be(setup) }
    }

    /// As [`restart`](Trial::restart), where what is served has no index to be asked for first.
    pub fn restart_without_index(&mut self, setup: &Setup) -> Result<(), Stop> {
        if !self.is_lesson() {
            return Err(Stop::NotLookedAt(both!(
                "only a lesson is known to serve another folder",
                "只知道课程的服务器可以改为提供另一个目录"
            )));
        }
        self.server = None;
        self.server = Some(self.subject.start_on(self.terms, self.site, setup).map_err(not_started)?);
        Ok(())
    }

    pub(crate) fn subject(&self) -> &Subject {
        self.subject
    }

    /// One more of the same, beside the one that is there; or why it did not start.
    pub fn start_another(&self, setup: &Setup) -> Result<Result<Server, Both>, Stop> {
        if !self.subject.can_start() {
            let why = both!("this needs a second server: give a command", "需要再启动一个服务器：请给出命令");
            return Err(Stop::NotLookedAt(why));
        }
        Ok(self.subject.start_on(self.terms, self.site, setup))
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
        self.server.as_mut().ok_or_else(|| Stop::other(both!("the server is not running", "服务器没有在运行")))
    }

    /// Its process, if that can be seen.
    pub fn process(&mut self) -> Result<Process, Stop> {
        let hidden =
            || both!("the process of a server that was not started here", "服务器不是在这里启动的，看不到它的进程");
        let pid = self.server()?.pid().ok_or_else(|| Stop::NotLookedAt(hidden()))?;
        if Process::can_be_seen() {
            Ok(Process(pid))
        } else {
            Err(Stop::NotLookedAt(both!("this system has no /proc", "本系统没有 /proc")))
        }
    }

    /// How long to wait for something: long if it is declared to come, short if it is declared not to. Of a server that
    /// is no lesson nobody knows what it can do, and the wait must not decide it.
    pub fn wait(&self) -> Duration {
        match self.mark {
            Mark::Fails(Symptom::Waits | Symptom::StaysOpen) if self.is_lesson() => IMPATIENT,
            _ => self.patience(),
        }
    }

    /// How long to wait for a server that is to have enough of a client: a while longer than the time that it states.
    pub fn beyond(&self, timeout: Duration) -> Duration {
        timeout + self.patience()
    }

    /// How long to wait for what must come. A server hangs up on a client that is silent for the time that is stated:
    /// to wait just as long would be to toss a coin.
    pub fn patience(&self) -> Duration {
        const LONG: Duration = Duration::from_secs(4);
        let patience = match self.server.as_ref().map(Server::timeout) {
            Some(stated) if !self.is_lesson() && stated >= LONG => PATIENT.min(stated / 2),
            _ => PATIENT,
        };
        self.terms.patience.map_or(patience, |most| patience.min(most))
    }

    /// How long to wait for what a server does of its own accord: for processes that end, threads that begin.
    pub fn longest(&self) -> Duration {
        self.terms.longest()
    }

    fn manner(&self) -> Manner {
        Manner { patience: self.patience(), deadline: self.deadline, takes_resets: !self.is_lesson() }
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
        self.connect_as(None, None)
    }

    /// A new connection of a client that can take in but little before it reads.
    pub fn connect_narrow(&mut self) -> Result<Client, Stop> {
        self.connect_taking(4096)
    }

    /// A new connection of a client that can take in this many bytes before it reads, roughly.
    pub fn connect_taking(&mut self, bytes: usize) -> Result<Client, Stop> {
        self.connect_as(Some(bytes), None)
    }

    /// A new connection of a client that has this address.
    pub fn connect_from(&mut self, source: IpAddr) -> Result<Client, Stop> {
        self.connect_as(None, Some(source))
    }

    fn connect_as(&mut self, receive_buffer: Option<usize>, source: Option<IpAddr>) -> Result<Client, Stop> {
        let address = self.server()?.address();
        Client::connect_with(address, &self.transcript, receive_buffer, source, self.manner())
    }

    /// Sends this on a connection of its own: the answer to it, if it is not a HEAD request.
    pub fn request(&mut self, request: impl AsRef<[u8]>) -> Result<Answer, Stop> {
        self.connect()?.send(request)?.answer()
    }

    /// Gets this target on a connection of its own.
    pub fn get(&mut self, target: &str) -> Result<Answer, Stop> {
        self.request(get(target))
    }

    /// Sees that a good request gets a good answer, and, from a lesson, that nonsense gets none.
    pub fn alive(&mut self) -> Result<(), Stop> {
        let seen = if self.is_lesson() { self.is_sound() } else { self.answers() };
        seen.map_err(|stop| {
            let text = self.why_not(&stop);
            match stop {
                // Without its symptom: that a dead server keeps no connection alive proves no limit.
                Stop::Failed { cause, .. } => {
                    let text = both!("this is no working server: {text}", "这不是一个正常工作的服务器：{text}" in text);
                    let due = both!(
                        "an answer to GET /: a status line (HTTP/1.1 200 OK), an empty line, a page",
                        "对 GET / 的响应：状态行（HTTP/1.1 200 OK）、空行、页面"
                    );
                    let stop = Stop::other(text.clone()).facts(due, text);
                    if let Some(cause) = cause { stop.because(cause) } else { stop }
                }
                stop => stop,
            }
        })
    }

    fn is_sound(&mut self) -> Result<(), Stop> {
        let answer = self.get("/")?;
        if self.stage.number() == 1 { answer.expect(&[200]) } else { answer.expect_body(INDEX.as_bytes()) }?;
        let nonsense = "NONSENSE / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        match self.connect()?.send(nonsense)?.answer_or_close()? {
            Some(answer) if answer.status < 400 => {
                let status = answer.status;
                Err(Stop::other(both!("it answers {status} to nonsense", "对毫无意义的请求，它也响应 {status}")))
            }
            _ => Ok(()),
        }
    }

    /// It listens, and answers GET /. All else is for the cases to find out: also how its lines end.
    fn answers(&mut self) -> Result<(), Stop> {
        match self.get("/") {
            Ok(answer) => answer.expect(&[200]).map(drop),
            Err(Stop::Failed { cause: Some(Cause::LineEnds), .. }) => Ok(()),
            Err(stop) => Err(stop),
        }
    }

    /// What happened, with what the processes of the server tell of it: a server that is not there any more has not
    /// refused a connection.
    pub(crate) fn why_not(&mut self, stop: &Stop) -> Both {
        let refused = stop.why_unconnected().is_some();
        let why = self.server.as_mut().filter(|_| refused).and_then(Server::why_refused);
        why.unwrap_or_else(|| stop.text().clone())
    }

    /// How the server has died, if it has, and was not to.
    pub(crate) fn death(&mut self, stop: &Stop) -> Option<Both> {
        let hung_up = matches!(stop, Stop::Failed { symptom: Symptom::Closes | Symptom::Reset, .. });
        let refused = stop.why_unconnected().is_some();
        let server = self.server.as_mut()?;
        if hung_up || refused { server.why_refused().filter(|_| !server.listens()) } else { None }
    }
}

/// What a lesson says, and ends, where the kernel or a container does not permit what it is about. It has not failed
/// then, it was not seen.
pub(crate) const NOT_PERMITTED: &str = "cannot use io_uring: ";

/// Why there is no server to be looked at.
fn not_started(why: Both) -> Stop {
    if why.en.contains(NOT_PERMITTED) { Stop::NotLookedAt(why) } else { Stop::other(why) }
}

/// A good GET request for this target.
pub fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_that_is_not_permitted_is_not_looked_at() {
        let site = Site::temporary().expect("a site");
        for (said, is_seen) in [(NOT_PERMITTED, false), ("cannot listen on 127.0.0.1:80: ", true)] {
            let words = ["sh", "-c", &format!("echo 'Error: {said}no' >&2; exit 1")].map(str::to_owned).to_vec();
            let stage = Stage::from_name("11").expect("a lesson");
            let (subject, terms) = (Subject::Lesson { words }, Terms::default());
            let mut trial = Trial::new(&subject, &site, stage, Mark::Passes, &terms);
            let stop = trial.start_if_it_can_be(&Setup::default()).expect_err("it has ended");
            assert_eq!(matches!(stop, Stop::NotLookedAt(_)), !is_seen, "{:?}", stop.text());
            assert!(stop.text().en.contains(said), "{:?}", stop.text());
        }
    }
}
