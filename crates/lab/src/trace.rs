//! `just trace 07`: one request, call by call, with the lesson's words beside it. The same of any server that runs
//! here, or all that a process does.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, thread};

use http_suite::Stage;
use http_suite::process::{Process, listeners};
use http_suite::site::Site;
use load::{Progress, Stop, Wire, request};

use crate::arguments::{self, Traced};
use crate::call::Call;
use crate::contender::{Contender, programs};
use crate::tracer::Tracer;

/// How wide the calls are; the meaning stands behind.
const WIDTH: usize = 88;
/// How long the server may take to come to rest, before the request and after it.
const REST: Duration = Duration::from_millis(300);

/// Prints as it happens.
pub fn run(arguments: &arguments::Trace) -> Result<(), Stop> {
    match arguments.server {
        Traced::Lesson(stage) => of_a_lesson(stage, &arguments.target),
        Traced::Address(address) => {
            let pid = listens_at(address).ok_or_else(|| {
                Stop::Failed(format!(
                    "no process is seen that listens on {address}: none does, or it is somebody else's"
                ))
            })?;
            let title = format!("process {pid}, which listens on {address}");
            one_request(pid, address, &arguments.target, false, &title)
        }
        Traced::Process(pid) => until_it_ends(pid),
    }
}

fn of_a_lesson(stage: Stage, target: &str) -> Result<(), Stop> {
    let contender = Contender::plain_lesson(stage, &programs()?, 60);
    let site = Site::temporary().map_err(Stop::to("make the files to be served"))?;
    let server = contender.start(&site)?;
    let pid = server.pid().ok_or_else(|| Stop::Failed("the server has no process".to_owned()))?;
    // What only the first request costs is not what is to be seen.
    ask(server.address(), "/page.html", contender.keeps_alive).map_err(Stop::to("ask for a page"))?;
    let title = format!("lesson {stage}, {}", stage.title().en);
    one_request(pid, server.address(), target, contender.keeps_alive, &title)
}

/// One request on a connection of its own.
fn ask(address: SocketAddr, target: &str, keeps_alive: bool) -> io::Result<()> {
    let mut wire = Wire::open(address)?;
    match wire.fetch(&request(target, keeps_alive))? {
        Progress::Kept => Ok(()),
        _ => wire.see_close(),
    }
}

/// What the server does for one request.
fn one_request(pid: u32, address: SocketAddr, target: &str, keeps_alive: bool, title: &str) -> Result<(), Stop> {
    let shown = Arc::new(AtomicBool::new(false));
    let tracer = Tracer::begin(pid, {
        let shown = Arc::clone(&shown);
        let mut page = Page::new();
        move |call| {
            if shown.load(Ordering::SeqCst) {
                page.show(&call);
            }
        }
    })?;
    thread::sleep(REST);
    shown.store(true, Ordering::SeqCst);
    say(&format!("{title}: a client connects, asks for {target}, and hangs up\n\n"));
    let asked = ask(address, target, keeps_alive);
    thread::sleep(REST);
    shown.store(false, Ordering::SeqCst);
    tracer.end(|| drop(Wire::open(address)));
    asked.map_err(Stop::to(format!("ask for {target}")))
}

/// What a process does, whoever asks it for something, up to its end or to Ctrl-C.
fn until_it_ends(pid: u32) -> Result<(), Stop> {
    if Process(pid).has_ended() {
        return Err(Stop::Failed(format!("there is no process {pid}")));
    }
    let mut page = Page::new();
    let _tracer = Tracer::begin(pid, move |call| page.show(&call))?;
    say(&format!("process {pid}, up to Ctrl-C; it runs on then\n\n"));
    while !Process(pid).has_ended() {
        thread::sleep(REST);
    }
    Ok(())
}

/// The process that holds the listener of this address; of several the first.
fn listens_at(address: SocketAddr) -> Option<u32> {
    let mut here = listeners()?;
    here.retain(|listener| listener.serves(address));
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| !Process(*pid).held(&here).is_empty()).min()
}

/// What has been printed, as far as it matters for the next line.
struct Page {
    wide: bool,
    last: String,
    repeated: usize,
}

impl Page {
    fn new() -> Page {
        let wide = env::var("COLUMNS")
            .ok()
            .and_then(|columns| columns.parse().ok())
            .is_none_or(|columns: usize| columns > 120);
        Page { wide, last: String::new(), repeated: 0 }
    }

    /// A call that is made again and again with nothing else between is printed twice, and then counted.
    fn show(&mut self, call: &Call) {
        let shown = call.show();
        if shown == self.last {
            self.repeated += 1;
            if self.repeated == 2 {
                say("        … and again and again\n");
            }
            if self.repeated >= 2 {
                return;
            }
        } else {
            self.repeated = 0;
        }
        let line = format!("{:>7} {shown}", call.pid);
        let meaning = call.meaning();
        say(&match (meaning.is_empty(), self.wide) {
            (true, _) => format!("{line}\n"),
            (false, true) => format!("{line:<WIDTH$}  {meaning}\n"),
            (false, false) => format!("{line}\n            {meaning}\n"),
        });
        self.last = shown;
    }
}

fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
