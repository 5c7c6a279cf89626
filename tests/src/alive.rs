//! Whether there is a server at all: seen once, before any case, so that one that never works fails at once, with one
//! message.

use crate::case::Stop;
use crate::server::{Setup, Subject, Terms};
use crate::site::{Site, WHERE};
use crate::stages::{Mark, Stage};
use crate::{Answer, Trial};

/// Sees that the server starts, listens, and answers GET /. All else is for the cases.
///
/// # Errors
///
/// If not: what was sent, what came, and what to do.
pub fn see_alive(terms: &Terms, subject: &Subject, site: &Site, stage: Stage) -> Result<(), String> {
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
pub fn served_site(subject: &Subject, stage: Stage) -> Result<Site, String> {
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
            Err(format!("what the server has as /{WHERE} is not the path of a folder\n"))
        }
        Ok(answer) => {
            Err(format!("the server answers {} to GET /{WHERE}, the file that says where its site is\n", answer.status))
        }
        Err(stop) => Err(explain(&mut trial, &stop)),
    }
}

fn explain(trial: &mut Trial, stop: &Stop) -> String {
    let mut text = format!("{}\n", stop.text());
    let wire = trial.transcript.borrow().show(b"");
    if !wire.is_empty() {
        text.push_str(&format!("  on the wire\n{wire}"));
    }
    let said = trial.server().map(|server| server.last_words()).unwrap_or_default();
    if !said.trim().is_empty() {
        text.push_str("  the server said last\n");
        said.trim_end().lines().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
    text
}
