//! `mutant DEFECT`: a server that is right but for one thing. A suite that lets it pass has a hole.
//!
//! Each mutant is lesson 04, or lesson 03 where the defect is about processes, or lesson 07 where it is about an event
//! loop, with one known mistake put in; `none`, `none-with-processes` and `none-with-events` have no mistake.
//! [`Defect`] says which there are and what they imitate; `tests/tests/mutants.rs` says which case has to catch which.
//!
//! `mutant -` reads the name of the defect from standard input, and calls itself `server`: neither its command line nor
//! its environment nor its name then tells anyone who looks into `/proc` which one it is.
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

/// In place of a name: it comes on standard input.
const IN_SECRET: &str = "-";

/// What every connection needs.
struct Server {
    defect: Defect,
    site: Site,
    options: Options,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let Some(defect) = arguments.first().and_then(|name| named(name.to_str()?)) else {
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

/// The defect of this name. `-`: of the name that is the first line of standard input.
fn named(name: &str) -> Option<Defect> {
    if name != IN_SECRET {
        return Defect::from_name(name);
    }
    // What `ps` and `top` show. Threads and children have it from this one.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_name(c"server");
    let mut line = String::new();
    io::stdin().read_line(&mut line).ok()?;
    Defect::from_name(line.trim())
}

fn say_how() {
    let names: String = Defect::ALL.iter().map(|(name, defect)| format!("  {name:<28}{}\n", defect.kind())).collect();
    let text = format!("Usage: mutant DEFECT [OPTIONS]\n\nDEFECT is - (it comes on standard input) or one of\n{names}");
    let _ = io::Write::write_all(&mut io::stderr(), text.as_bytes());
}
