//! `just trace 07`: one request, call by call, with the lesson's words beside it.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, thread};

use http_suite::site::Site;
use load::{Progress, Stop, Wire, request};

use crate::arguments;
use crate::call::Call;
use crate::contender::{Contender, programs};
use crate::tracer::Tracer;

/// How wide the calls are; the meaning stands behind.
const WIDTH: usize = 88;
/// How long the server may take to come to rest, before the request and after it.
const REST: Duration = Duration::from_millis(300);

/// Prints as it happens.
pub fn run(arguments: &arguments::Trace) -> Result<(), Stop> {
    let stage = arguments.lesson;
    let contender = Contender::plain_lesson(stage, &programs()?, 60);
    let site = Site::temporary().map_err(Stop::to("make the files to be served"))?;
    let server = contender.start(&site)?;
    let pid = server.pid().ok_or_else(|| Stop::Failed("the server has no process".to_owned()))?;
    let ask = |target: &str| -> io::Result<()> {
        let mut wire = Wire::open(server.address())?;
        match wire.fetch(&request(target, contender.keeps_alive))? {
            Progress::Kept => Ok(()),
            _ => wire.see_close(),
        }
    };
    // What only the first request costs is not what is to be seen.
    ask("/page.html").map_err(Stop::to("ask for a page"))?;

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
    say(&format!(
        "lesson {stage}, {}: a client connects, asks for {}, and hangs up\n\n",
        stage.title().en,
        arguments.target
    ));
    let asked = ask(&arguments.target);
    thread::sleep(REST);
    shown.store(false, Ordering::SeqCst);
    tracer.end(|| drop(Wire::open(server.address())));
    asked.map_err(Stop::to(format!("ask for {}", arguments.target)))
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
