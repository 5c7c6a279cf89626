//! lighttpd, to compare with: as it comes. That is one process, `sendfile` for what is large, no access log, and a
//! cache of file attributes for a second or two.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use load::Stop;

use crate::arguments::Reference;

/// Whether lighttpd is installed, and which.
pub fn version() -> Option<String> {
    let output = Command::new("lighttpd").arg("-v").output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    Some(said.trim().strip_prefix("lighttpd/")?.split(' ').next()?.to_owned())
}

/// Becomes lighttpd, with its configuration in the folder that is given. Returns only if that fails.
pub fn become_lighttpd(asked: &Reference) -> Stop {
    let configuration = asked.folder.join(format!("lighttpd-{}.conf", asked.port));
    if let Err(error) = fs::write(&configuration, configured(asked)) {
        return Stop::to("write the configuration of lighttpd")(error);
    }
    let error: io::Error = Command::new("lighttpd").arg("-D").arg("-f").arg(&configuration).exec();
    Stop::to("start lighttpd")(error)
}

fn configured(asked: &Reference) -> String {
    let (port, root) = (asked.port, asked.root.display());
    // It wants two descriptors for each connection: a socket and a file.
    let connections = asked.connections.map_or(String::new(), |number| {
        format!("server.max-fds = {}\nserver.max-connections = {number}\n", number.saturating_mul(2))
    });
    format!(
        "server.bind = \"127.0.0.1\"\nserver.port = {port}\nserver.document-root = \"{root}\"\n\
         server.network-backend = \"sendfile\"\n{connections}"
    )
}
