//! The document root, and the answers that come from it.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cap_std::fs::{Dir, Metadata, OpenOptions, OpenOptionsExt};

use crate::{Failure, Options, Received, Request, Response, Status, content_type, path_in_root};

/// A folder of files, and nothing outside it. Cloning shares it.
///
/// It is held as an open directory, and every path is resolved below it by the kernel in one step (`openat2` on Linux):
/// no `..` and no symbolic link leads out, and no one can swap a folder for a link between a check and its use.
#[derive(Clone, Debug)]
pub struct Site {
    server: &'static str,
    root: Arc<Dir>,
}

/// Opening a FIFO would wait for somebody to write to it; with this, no open waits. It changes nothing for regular files.
const O_NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

impl Site {
    /// The folder that `--root` names.
    ///
    /// # Errors
    ///
    /// If it is not there, is no folder, or may not be read.
    pub fn open(options: &Options) -> Result<Site, Failure> {
        let root = Dir::open_ambient_dir(&options.root, cap_std::ambient_authority())
            .map_err(|error| Failure::to_open_root(&options.root, &error))?;
        Ok(Site { server: options.name, root: Arc::new(root) })
    }

    /// The answer to whatever was received.
    pub fn answer(&self, received: &Received) -> Response {
        Response::to(received, self.server, |request| self.file(request).unwrap_or_else(Response::error))
    }

    fn file(&self, request: &Request) -> Result<Response, Status> {
        let path = path_in_root(&request.target)?;
        let mut read = OpenOptions::new();
        read.read(true).custom_flags(O_NONBLOCK);
        let file = self.root.open_with(&path, &read).map_err(|error| status_of(&error))?;
        let metadata = file.metadata().map_err(|error| status_of(&error))?;

        if metadata.is_dir() {
            return Ok(Response::moved_to(with_slash(&request.target)));
        }
        if !metadata.is_file() {
            return Err(Status::Forbidden);
        }
        let modified = modified(&metadata);
        let response = if is_fresh(modified, request.if_modified_since) {
            Response::not_modified()
        } else {
            Response::with_file(content_type::of(Path::new(&path)), file.into_std(), metadata.len())
        };
        Ok(match modified {
            Some(time) => response.modified(time),
            None => response,
        })
    }
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok().map(|time| time.into_std())
}

/// Whether the client's copy is as new as the file (RFC 9110, section 13.1.3). HTTP counts in whole seconds.
fn is_fresh(modified: Option<SystemTime>, copy: Option<SystemTime>) -> bool {
    match (modified, copy) {
        (Some(modified), Some(copy)) => modified < copy + Duration::from_secs(1),
        _ => false,
    }
}

/// `/folder?query` becomes `/folder/?query`. No segment of it is empty ([`path_in_root`] saw to that), so it cannot begin
/// with `//` and lead to another host.
fn with_slash(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query)) => format!("{path}/?{query}"),
        None => format!("{target}/"),
    }
}

fn status_of(error: &io::Error) -> Status {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => Status::NotFound,
        // What may not be read, and what leads out of the root.
        ErrorKind::PermissionDenied => Status::Forbidden,
        _ => match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
            Some(rustix::io::Errno::LOOP) => Status::NotFound,
            // A socket, or a device without a driver: there, but not to be read.
            Some(rustix::io::Errno::NXIO | rustix::io::Errno::NODEV) => Status::Forbidden,
            Some(rustix::io::Errno::MFILE | rustix::io::Errno::NFILE) => Status::ServiceUnavailable,
            _ => Status::InternalServerError,
        },
    }
}
