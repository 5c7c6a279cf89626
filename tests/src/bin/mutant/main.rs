//! `mutant DEFECT`: a server that is right but for one thing. A suite that lets it pass has a hole.
//!
//! Each mutant is lesson 04, or lesson 03 where the defect is about processes, or lesson 07 where it is about an event
//! loop, with one known mistake put in; `none`, `none-with-processes` and `none-with-events` have no mistake.
//! [`Defect`] says which there are and what they imitate; `tests/tests/mutants.rs` says which case has to catch which.
//! A mutant that needs another model gets a [`Model`] of its own.

mod connection;
mod defect;
mod dummy;
mod events;
mod models;
mod receive;
mod send;

use std::time::Duration;
use std::{env, io, process};

use protocol::Site;
use support::{Failure, Flag, Options};

use defect::{Defect, Model};
use events::by_events;
use models::{anew, in_processes, in_threads, in_turn, listen};

/// Longer than any case waits.
const FOR_EVER: Duration = Duration::from_secs(86_400);

/// What every connection needs.
struct Server {
    defect: Defect,
    site: Site,
    options: Options,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let Some(defect) = arguments.first().and_then(|name| Defect::from_name(name.to_str()?)) else {
        say_how();
        process::exit(2)
    };
    let options = Options::from_arguments("mutant", &[Flag::Root, Flag::PerClient], arguments);
    let mut site = options.open_site()?;
    if defect == Defect::KeptForEver && !options.keep_files.is_zero() {
        site = site.keeping_files_for(FOR_EVER);
    }
    let listener = listen(options.address).map_err(|error| Failure::to_listen(options.address, &error))?;
    options.announce(&listener.local_addr());

    let server = Server { defect, site, options };
    match defect.model() {
        Model::InTurn => in_turn(&listener, &server),
        Model::Anew => anew(listener, &server).map_err(|error| Failure::to_listen(server.options.address, &error)),
        Model::Processes => in_processes(listener, &server),
        Model::Threads => in_threads(&listener, server),
        Model::Events => by_events(&listener, &server).map_err(|error| Failure::to_wait(&error)),
    }
}

fn say_how() {
    let names: Vec<_> = Defect::ALL.iter().map(|(name, _)| *name).collect();
    let text = format!("Usage: mutant DEFECT [OPTIONS]\n\nDEFECT is one of\n  {}\n", names.join("\n  "));
    let _ = io::Write::write_all(&mut io::stderr(), text.as_bytes());
}
