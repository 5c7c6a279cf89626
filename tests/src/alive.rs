//! Whether there is a server at all: seen once, before any case, so that one that never works fails at once, with one
//! message.

use crate::both;
use crate::case::Stop;
use crate::language::Both;
use crate::report::{SAID_ZH, WIRE_ZH};
use crate::server::{Setup, Subject, Terms};
use crate::site::{Site, WHERE};
use crate::stages::{Mark, Stage};
use crate::{Answer, Trial};

/// Sees that the server starts, listens, and answers GET /. All else is for the cases.
///
/// # Errors
///
/// If not: what was sent, what came, and what to do.
pub fn see_alive(terms: &Terms, subject: &Subject, site: &Site, stage: Stage) -> Result<(), Both> {
    let mut trial = Trial::new(subject, site, stage, Mark::Passes, terms);
    let first = trial.start(&Setup::default());
    // A machine may be busy.
    let seen = if first.is_err() && subject.can_start() { trial.start(&Setup::default()) } else { first };
    seen.map_err(|stop| explain(&mut trial, &stop))
}

/// The site that a running server serves: it has a file that says where it is.
///
/// # Errors
///
/// If the server has no such file.
pub fn served_site(subject: &Subject, stage: Stage) -> Result<Site, Both> {
    let nowhere = Site::said_to_be_at(Vec::new());
    let terms = Terms::default();
    let mut trial = Trial::new(subject, &nowhere, stage, Mark::Passes, &terms);
    let asked = trial.start(&Setup::default()).and_then(|()| trial.get(&format!("/{WHERE}")));
    match asked {
        Ok(Answer { status: 200, body, .. }) => {
            let site = Site::said_to_be_at(body);
            // A server that answers everything alike has answered this too.
            if site.root().is_absolute() && site.root().is_dir() {
                return Ok(site);
            }
            Err(both!(
                "what the server has as /{WHERE} is not the path of a folder\n",
                "服务器给出的 /{WHERE} 内容不是目录的路径\n"
            ))
        }
        Ok(Answer { status, .. }) => Err(both!(
            "the server answers {status} to GET /{WHERE}, the file that says where its site is\n",
            "服务器对 GET /{WHERE} 响应 {status}，而这个文件说明它提供的文件在哪里\n"
        )),
        Err(stop) => Err(explain(&mut trial, &stop)),
    }
}

fn explain(trial: &mut Trial, stop: &Stop) -> Both {
    let said = trial.server().map(|server| server.last_words()).unwrap_or_default();
    let transcript = trial.transcript.borrow();
    Both::of(|language| {
        let mut text = format!("{}\n", stop.text().say(language));
        let wire = transcript.show(b"", language);
        if !wire.is_empty() {
            text.push_str(&format!("  {}\n{wire}", language.say("on the wire", WIRE_ZH)));
        }
        if !said.trim().is_empty() {
            text.push_str(&format!("  {}\n", language.say("the server said last", SAID_ZH)));
            said.trim_end().lines().for_each(|line| text.push_str(&format!("    {line}\n")));
        }
        text
    })
}
