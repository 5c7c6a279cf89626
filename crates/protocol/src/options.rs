//! The command line that every lesson has, and the errors that end a server before it serves.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use lexopt::prelude::*;

use crate::Log;

/// What a lesson was told on its command line.
#[derive(Clone, Debug)]
pub struct Options {
    /// The lesson's name, `lesson-02`: its `Server` field too.
    pub name: &'static str,
    /// Where to listen: `--bind` and `--port`.
    pub address: SocketAddr,
    /// The document root: `--root`.
    pub root: PathBuf,
    /// How long a client may be silent: `--patience`.
    pub patience: Duration,
    /// Silent with `--quiet`.
    pub log: Log,
}

/// An option that only some lessons have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// `--root FOLDER`: what to serve.
    Root,
}

/// Why a server does not start, in one line for the person who started it.
///
/// `main` returns it: Rust prints it and ends with exit status 1.
pub struct Failure(String);

impl Options {
    /// Reads the command line. A wrong one ends the process with a line that says why, and exit status 2; `--help` ends
    /// it with the help, and 0.
    pub fn from_command_line(name: &'static str, offers: &[Offer]) -> Options {
        Options::from_arguments(name, offers, std::env::args_os())
    }

    /// The same, for a program that has taken some words off its command line. The first one left is not looked at, as the
    /// program's own name would not be.
    pub fn from_arguments(
        name: &'static str,
        offers: &[Offer],
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Options {
        match Options::parse(name, offers, arguments) {
            Ok(Parsed::Options(options)) => options,
            Ok(Parsed::Help) => {
                let _ = io::stdout().write_all(help(name, offers).as_bytes());
                process::exit(0)
            }
            Err(error) => {
                let _ = writeln!(io::stderr(), "{name}: {error}; try {name} --help");
                process::exit(2)
            }
        }
    }

    fn parse(
        name: &'static str,
        offers: &[Offer],
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Parsed, lexopt::Error> {
        let mut bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut port = 7890;
        let mut root = default_root();
        let mut patience = Duration::from_secs(10);
        let mut quiet = false;

        let mut arguments = lexopt::Parser::from_iter(arguments);
        while let Some(argument) = arguments.next()? {
            match argument {
                Short('h') | Long("help") => return Ok(Parsed::Help),
                Short('p') | Long("port") => port = value(&mut arguments, "--port", "a number from 0 to 65535")?,
                Short('b') | Long("bind") => {
                    bind = value(&mut arguments, "--bind", "an IP address, such as 127.0.0.1 or ::1")?;
                }
                Short('r') | Long("root") if offers.contains(&Offer::Root) => root = arguments.value()?.into(),
                Long("patience") => {
                    let seconds: std::num::NonZeroU16 =
                        value(&mut arguments, "--patience", "a number of seconds from 1 to 65535")?;
                    patience = Duration::from_secs(u64::from(seconds.get()));
                }
                Short('q') | Long("quiet") => quiet = true,
                _ => return Err(argument.unexpected()),
            }
        }
        let address = SocketAddr::new(bind, port);
        Ok(Parsed::Options(Options { name, address, root, patience, log: Log::new(quiet) }))
    }

    /// Says where the server listens, on standard output, where people and tools look for it.
    pub fn announce(&self, listening: &io::Result<SocketAddr>) {
        let address = listening.as_ref().unwrap_or(&self.address);
        let _ = writeln!(io::stdout(), "listening on http://{address}");
    }
}

enum Parsed {
    Options(Options),
    Help,
}

/// The value of an option, or an error that names option, value and what it should be.
fn value<T: std::str::FromStr>(arguments: &mut lexopt::Parser, option: &str, wanted: &str) -> Result<T, lexopt::Error> {
    let given = arguments.value()?;
    given.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
        let given = given.to_string_lossy();
        lexopt::Error::Custom(format!("{option} takes {wanted}, not '{given}'").into())
    })
}

/// `html/` of the checkout that the lesson was built in, from whichever folder it is started.
fn default_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../html")
}

fn help(name: &str, offers: &[Offer]) -> String {
    let root = if offers.contains(&Offer::Root) {
        "  -r, --root FOLDER       what to serve (default: the site of this course, html/)\n"
    } else {
        ""
    };
    format!(
        "\
Usage: {name} [OPTIONS]

  -p, --port PORT         where to listen (default 7890; 0 takes any free port)
  -b, --bind ADDRESS      on which of this machine's addresses (default 127.0.0.1: only for itself)
{root}      --patience SECONDS  how long a client may be silent (default 10)
  -q, --quiet             say nothing of what happens
  -h, --help              print this
"
    )
}

impl Failure {
    /// The listening socket could not be made.
    pub fn to_listen(address: SocketAddr, error: &io::Error) -> Failure {
        let remedy = match error.kind() {
            ErrorKind::AddrInUse => "another server has this port; end it, or choose one with --port",
            ErrorKind::AddrNotAvailable => "this machine has no such address; choose one with --bind",
            ErrorKind::PermissionDenied => "ports below 1024 are reserved; choose one with --port",
            _ => "choose another place with --bind and --port",
        };
        Failure(format!("cannot listen on {address}: {error}; {remedy}"))
    }

    /// The document root could not be opened.
    pub(crate) fn to_open_root(root: &Path, error: &io::Error) -> Failure {
        Failure(format!("cannot serve {}: {error}; choose a folder with --root", root.display()))
    }
}

/// As it is to be read: `main` prints this form.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
