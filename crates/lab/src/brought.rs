//! Servers that somebody brings, to be measured beside the lessons.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};

use http_suite::site::Site;
use http_suite::{PATIENT, Subject};
use load::{Progress, Stop, Wire, request};

use crate::arguments::Run;
use crate::contender::Contender;

/// Those of the command line, each asked once for what all are asked for.
pub fn contenders(arguments: &Run, site: &Site) -> Result<Vec<Contender>, Stop> {
    let mut found = Vec::new();
    let mut command = arguments.command.clone();
    for text in &arguments.server {
        let subject = match text.split_once('=') {
            Some((_, address)) => {
                Subject::Running { address: address_of(address, arguments.i_own_this_host)?, timeout: PATIENT }
            }
            None if command.is_empty() => {
                return Err(Stop::Failed(format!(
                    "--server {text} needs an address ({text}=127.0.0.1:8080) or, at the end, -- and a command"
                )));
            }
            None => Subject::Command { words: std::mem::take(&mut command), timeout: PATIENT },
        };
        let name = text.split_once('=').map_or(text.as_str(), |(name, _)| name);
        found.push(see(Contender::other(name, "", subject), site)?);
    }
    match command.first() {
        Some(_) => Err(Stop::Failed("the command has no name: say --server NAME before the --".to_owned())),
        None => Ok(found),
    }
}

/// Load is an attack on who does not expect it.
fn address_of(text: &str, own: bool) -> Result<SocketAddr, Stop> {
    let bare = text.trim_start_matches("http://").trim_end_matches('/');
    let addresses = bare.to_socket_addrs();
    let mut addresses =
        addresses.map_err(Stop::to(format!("find the address {text}, which is to be like 127.0.0.1:8080")))?;
    let address = addresses.next().ok_or_else(|| Stop::Failed(format!("{text} has no address")))?;
    if own || is_of_this_machine(address) {
        return Ok(address);
    }
    let ip = address.ip();
    Err(Stop::Failed(format!(
        "{ip} is not this machine, and load is an attack; if the server is yours, say --i-own-this-host"
    )))
}

/// Only addresses of this machine can be bound.
fn is_of_this_machine(address: SocketAddr) -> bool {
    let ip = address.ip();
    !ip.is_unspecified() && !ip.is_multicast() && UdpSocket::bind((ip, 0)).is_ok()
}

/// Whether it has the files, and keeps connections.
fn see(mut contender: Contender, site: &Site) -> Result<Contender, Stop> {
    let server = contender.start(site)?;
    let name = &contender.name;
    let fetch = |target: &str| Wire::open(server.address())?.fetch(&request(target, true));
    let lacks = |error| {
        let remedy = match contender.running() {
            Some(_) => "`just site /tmp/suite` makes the files; have the server serve /tmp/suite/root",
            None => "{root} in the command stands for the folder to be served, {port} for the port",
        };
        Stop::Failed(format!("{name} does not serve /page.html: {error}; {remedy}"))
    };
    let keeps_alive = fetch("/page.html").map_err(lacks)? == Progress::Kept;
    let has_files = fetch("/mebibyte.bin").is_ok();
    drop(server);
    contender.keeps_alive = keeps_alive;
    contender.has_files = has_files;
    Ok(contender)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loaded_unless_the_host_is_owned() {
        assert!(address_of("127.0.0.1:8080", false).is_ok());
        assert!(address_of("http://[::1]:8080/", false).is_ok());
        // Set aside for documentation (RFC 5737): nobody has it.
        assert!(address_of("192.0.2.1:80", false).is_err());
        assert!(address_of("192.0.2.1:80", true).is_ok());
        assert!(address_of("0.0.0.0:80", false).is_err());
        assert!(address_of("nonsense", false).is_err());
    }
}
