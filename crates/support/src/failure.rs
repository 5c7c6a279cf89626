//! Errors that end a server before it serves.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process;

/// Why a server does not start, in one line for the person who started it.
///
/// `main` returns it: Rust prints it and ends with exit status 1.
pub struct Failure(String);

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

    /// The system does not say any more which sockets are ready.
    pub fn to_wait(error: &io::Error) -> Failure {
        Failure(format!("cannot wait for sockets: {error}"))
    }

    /// The kernel is not to be had for `io_uring`.
    pub fn to_use_io_uring(error: &io::Error) -> Failure {
        Failure(format!(
            "cannot use io_uring: {error}; it takes Linux 6.1 or later, and the permission of the machine \
             (sysctl kernel.io_uring_disabled) and of a container (seccomp); lessons 01 to 10 do without"
        ))
    }

    /// A thread that the server needs could not be started.
    pub fn to_start_thread(error: &io::Error) -> Failure {
        Failure(format!("cannot start a thread: {error}; has the user as many as are permitted (ulimit -u)?"))
    }

    /// Ends the process at once, in whichever thread this is: as `main` does by returning it.
    pub fn end(self) -> ! {
        let _ = writeln!(io::stderr(), "Error: {self:?}");
        process::exit(1)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_was_tried_why_it_failed_and_what_to_do() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        for (kind, remedy) in [
            (ErrorKind::AddrInUse, "another server has this port"),
            (ErrorKind::AddrNotAvailable, "--bind"),
            (ErrorKind::PermissionDenied, "ports below 1024"),
            (ErrorKind::Other, "--bind and --port"),
        ] {
            let text = format!("{:?}", Failure::to_listen(address, &kind.into()));
            assert!(text.starts_with("cannot listen on 127.0.0.1:80: "), "{text}");
            assert!(text.contains(remedy), "{text}");
        }
        let text = format!("{:?}", Failure::to_open_root(Path::new("/no/such"), &ErrorKind::NotFound.into()));
        assert_eq!(text, "cannot serve /no/such: entity not found; choose a folder with --root");
    }
}
