//! The command line that every lesson has.

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process;
use std::thread::available_parallelism;
use std::time::Duration;

use lexopt::prelude::*;

use protocol::Site;

use crate::output::Output;
use crate::{Failure, Log, inherited};

/// What a lesson was told on its command line.
#[derive(Clone, Debug)]
pub struct Options {
    /// The lesson's name, `lesson-02`: its `Server` field too.
    pub name: &'static str,
    /// Where to listen: `--bind` and `--port`.
    pub address: SocketAddr,
    /// The document root: `--root`.
    pub root: PathBuf,
    /// How long a small file stays in memory before it is looked at again: `--keep-files`. Zero: none does.
    pub keep_files: Duration,
    /// How long a client may make no progress: `--timeout`.
    pub timeout: Duration,
    /// How many connections one client address may have: `--per-client`.
    pub per_client: usize,
    /// How many workers serve: `--workers`; as many as there are cores, if it is not said.
    pub workers: usize,
    /// Silent with `--quiet`.
    pub log: Log,
}

/// An option that only some lessons have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `--root FOLDER`: what to serve; and `--keep-files SECONDS`: how long to have files of it in memory.
    Root,
    /// `--per-client NUMBER`: how many connections one client address may have.
    PerClient,
    /// `--workers NUMBER`: how many workers serve.
    Workers,
}

impl Options {
    /// Reads the command line. A wrong one ends the process with a line that says why, and exit status 2; `--help` ends
    /// it with the help, and 0.
    ///
    /// To be called first: what else this process has from the program that started it, such as signals that are
    /// ignored, is set right here too.
    pub fn from_command_line(name: &'static str, flags: &[Flag]) -> Options {
        Options::from_arguments(name, flags, std::env::args_os())
    }

    /// The same, for a program that has taken some words off its command line. The first one left is not looked at, as
    /// the program's own name would not be.
    pub fn from_arguments(
        name: &'static str,
        flags: &[Flag],
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Options {
        inherited::set_right();
        match Options::parse(name, flags, arguments) {
            Ok(Parsed::Options(options)) => options,
            Ok(Parsed::Help) => {
                let _ = io::stdout().write_all(help(name, flags).as_bytes());
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
        flags: &[Flag],
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Parsed, lexopt::Error> {
        let mut bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let mut port = 7890;
        let mut root = default_root();
        let mut keep_files = Duration::ZERO;
        let mut timeout = Duration::from_secs(10);
        let mut per_client = 256;
        let mut workers = available_parallelism().map_or(1, usize::from);
        let mut quiet = false;

        let mut arguments = lexopt::Parser::from_iter(arguments);
        while let Some(argument) = arguments.next()? {
            match argument {
                Short('h') | Long("help") => return Ok(Parsed::Help),
                Short('p') | Long("port") => port = value(&mut arguments, "--port", "a number from 0 to 65535")?,
                Short('b') | Long("bind") => {
                    bind = value(&mut arguments, "--bind", "an IP address, such as 127.0.0.1 or ::1")?;
                }
                Short('r') | Long("root") if flags.contains(&Flag::Root) => root = arguments.value()?.into(),
                Long("keep-files") if flags.contains(&Flag::Root) => {
                    let seconds: u16 = value(&mut arguments, "--keep-files", "a number of seconds from 0 to 65535")?;
                    keep_files = Duration::from_secs(u64::from(seconds));
                }
                Long("timeout") => {
                    let seconds: std::num::NonZeroU16 =
                        value(&mut arguments, "--timeout", "a number of seconds from 1 to 65535")?;
                    timeout = Duration::from_secs(u64::from(seconds.get()));
                }
                Long("per-client") if flags.contains(&Flag::PerClient) => {
                    let most: std::num::NonZeroUsize = value(&mut arguments, "--per-client", "a number from 1 on")?;
                    per_client = most.get();
                }
                Long("workers") if flags.contains(&Flag::Workers) => {
                    let number: std::num::NonZeroU8 = value(&mut arguments, "--workers", "a number from 1 to 255")?;
                    workers = usize::from(number.get());
                }
                Short('q') | Long("quiet") => quiet = true,
                _ => return Err(argument.unexpected()),
            }
        }
        let address = SocketAddr::new(bind, port);
        Ok(Parsed::Options(Options {
            name,
            address,
            root,
            keep_files,
            timeout,
            per_client,
            workers,
            log: Log::new(quiet),
        }))
    }

    /// Opens the document root, and has files of it kept as long as `--keep-files` says.
    ///
    /// # Errors
    ///
    /// If it is not there, is no folder, or may not be read.
    pub fn open_site(&self) -> Result<Site, Failure> {
        let site = Site::open(self.name, &self.root).map_err(|error| Failure::to_open_root(&self.root, &error))?;
        Ok(site.keeping_files_for(self.keep_files))
    }

    /// Says where the server listens, on standard output, where people and tools look for it. Does not wait until they
    /// do.
    pub fn announce(&self, listening: &io::Result<SocketAddr>) {
        let address = listening.as_ref().unwrap_or(&self.address);
        Output::new(io::stdout()).put(&format!("listening on http://{address}\n"));
    }
}

enum Parsed {
    Options(Options),
    Help,
}

/// The value of an option, or an error that names option, value and what it should be.
///
/// # Errors
///
/// If there is none, or `T` cannot be read from it.
pub fn value<T: std::str::FromStr>(
    arguments: &mut lexopt::Parser,
    option: &str,
    wanted: &str,
) -> Result<T, lexopt::Error> {
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

fn help(name: &str, flags: &[Flag]) -> String {
    let if_taken = |offer, line| if flags.contains(&offer) { line } else { "" };
    let root =
        if_taken(Flag::Root, "  -r, --root FOLDER       what to serve (default: the site of this course, html/)\n");
    let keep_files = if_taken(
        Flag::Root,
        "      --keep-files SECONDS have small files in memory so long, before they are looked at again (default 0)\n",
    );
    let per_client = if_taken(
        Flag::PerClient,
        "      --per-client NUMBER how many connections one client address may have (default 256)\n",
    );
    let workers =
        if_taken(Flag::Workers, "      --workers NUMBER    how many workers serve (default: one for each core)\n");
    format!(
        "\
Usage: {name} [OPTIONS]

  -p, --port PORT         where to listen (default 7890; 0 takes any free port)
  -b, --bind ADDRESS      on which of this machine's addresses (default 127.0.0.1: only for itself)
{root}{keep_files}      --timeout SECONDS   how long a client may make no progress (default 10)
{per_client}{workers}  -q, --quiet             say nothing of what happens
  -h, --help              print this
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Parsed, String> {
        let words = ["lesson-00"].iter().chain(words).map(OsString::from);
        Options::parse("lesson-00", &[Flag::Root], words).map_err(|error| error.to_string())
    }

    fn options(words: &[&str]) -> Options {
        match parsed(words) {
            Ok(Parsed::Options(options)) => options,
            Ok(Parsed::Help) => panic!("{words:?} asks for help"),
            Err(error) => panic!("{words:?}: {error}"),
        }
    }

    #[test]
    fn without_options_it_listens_for_this_machine_only() {
        let options = options(&[]);
        assert_eq!(options.name, "lesson-00");
        assert_eq!(options.address.to_string(), "127.0.0.1:7890");
        assert_eq!(options.timeout, Duration::from_secs(10));
        assert!(options.root.join("index.html").is_file(), "{} is the site of the course", options.root.display());
        assert!(!options.log.is_quiet());
    }

    #[test]
    fn every_option_is_taken_in_each_of_its_forms() {
        for (words, address) in [
            (&["--port", "80"][..], "127.0.0.1:80"),
            (&["--port=0"], "127.0.0.1:0"),
            (&["-p", "65535"], "127.0.0.1:65535"),
            (&["-p80"], "127.0.0.1:80"),
            (&["--bind", "0.0.0.0"], "0.0.0.0:7890"),
            (&["-b", "::1", "-p", "80"], "[::1]:80"),
            (&["-p", "80", "-p", "81"], "127.0.0.1:81"),
        ] {
            assert_eq!(options(words).address.to_string(), address, "{words:?}");
        }
        for words in [&["--root", "/a/b"][..], &["-r", "/a/b"], &["--root=/a/b"]] {
            assert_eq!(options(words).root, Path::new("/a/b"), "{words:?}");
        }
        assert_eq!(options(&["--timeout", "65535"]).timeout, Duration::from_secs(65535));
        assert_eq!(options(&[]).keep_files, Duration::ZERO);
        for seconds in [0, 1, 65535] {
            assert_eq!(options(&["--keep-files", &seconds.to_string()]).keep_files, Duration::from_secs(seconds));
        }
        for words in [["--quiet"], ["-q"]] {
            assert!(options(&words).log.is_quiet(), "{words:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_value() {
        for (words, message) in [
            (&["--port", "65536"][..], "--port takes a number from 0 to 65535, not '65536'"),
            (&["--port=http"], "--port takes a number from 0 to 65535, not 'http'"),
            (&["-p", "-1"], "--port takes a number from 0 to 65535, not '-1'"),
            (&["-p", ""], "--port takes a number from 0 to 65535, not ''"),
            (&["-b", "localhost"], "--bind takes an IP address, such as 127.0.0.1 or ::1, not 'localhost'"),
            (&["-b", "127.0.0.1:80"], "--bind takes an IP address, such as 127.0.0.1 or ::1, not '127.0.0.1:80'"),
            (&["--timeout", "0"], "--timeout takes a number of seconds from 1 to 65535, not '0'"),
            (&["--keep-files", "-1"], "--keep-files takes a number of seconds from 0 to 65535, not '-1'"),
            (&["--timeout", "1.5"], "--timeout takes a number of seconds from 1 to 65535, not '1.5'"),
        ] {
            assert_eq!(parsed(words).err().as_deref(), Some(message), "{words:?}");
        }
        for (words, named) in [
            (&["--port"][..], "--port"),
            (&["-r"], "-r"),
            (&["--prot", "80"], "--prot"),
            (&["-x"], "-x"),
            (&["html"], "html"),
            (&["--quiet=yes"], "--quiet"),
        ] {
            let message = parsed(words).err().expect("an error");
            assert!(message.contains(named), "{words:?}: {message}");
        }
    }

    #[test]
    fn what_is_not_offered_is_no_option() {
        let words = ["lesson-01", "--root", "/a"].map(OsString::from);
        let message = Options::parse("lesson-01", &[], words).err().map(|error| error.to_string());
        assert!(message.is_some_and(|message| message.contains("--root")));
        for option in ["--root", "--keep-files"] {
            assert!(help("lesson-02", &[Flag::Root]).contains(option));
            assert!(!help("lesson-01", &[]).contains(option));
        }
    }

    #[test]
    fn help_is_given_whatever_else_is_asked_and_names_every_option() {
        for words in [&["--help"][..], &["-h"], &["-q", "-h", "--nonsense"]] {
            assert!(matches!(parsed(words), Ok(Parsed::Help)), "{words:?}");
        }
        let help = help("lesson-00", &[Flag::Root]);
        for option in
            ["-p, --port", "-b, --bind", "-r, --root", "--keep-files", "--timeout", "-q, --quiet", "-h, --help"]
        {
            assert!(help.contains(option), "{option}");
        }
    }
}
