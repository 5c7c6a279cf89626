//! What is tested: found, allowed, and seen to be alive before any case counts.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};

use http_suite::site::Site;
use http_suite::{SharedHouse, Subject, Terms, see_alive, served_site};

use crate::arguments::Arguments;

/// The server that the command line names, and the site that it serves.
pub fn find(arguments: &Arguments, terms: &Terms, house: &SharedHouse) -> Result<(Subject, Site), String> {
    let timeout = arguments.server_timeout();
    match &arguments.address {
        None if arguments.command.is_empty() => {
            Err("say which server: its address, or -- and a command; `just check --help` shows how".into())
        }
        Some(text) => {
            let address = address(text, arguments.i_own_this_host)?;
            let subject = Subject::Running { address, timeout };
            Ok((subject.clone(), site_of(&subject, arguments, terms, house)?))
        }
        None => {
            let subject = Subject::Command { words: arguments.command.clone(), timeout };
            let site = house.site(terms).map_err(not_made)?;
            see_alive(terms, &subject, &site, arguments.stage).map_err(|text| text + &remedy_for(arguments))?;
            Ok((subject, site))
        }
    }
}

fn not_made(error: io::Error) -> String {
    format!("cannot make the files to be served: {error}")
}

fn remedy_for(arguments: &Arguments) -> String {
    let has = |hole: &str| arguments.command.iter().any(|word| word.contains(hole));
    let mut text = String::new();
    if !has("{port}") {
        text.push_str("The command has no {port}: put it where the server takes its port.\n");
    }
    if !has("{root}") && arguments.stage.number() > 1 {
        text.push_str("The command has no {root}: put it where the server takes the folder that it serves.\n");
    }
    text
}

/// Other people's servers are not for testing: some cases are attacks.
fn address(text: &str, own: bool) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches("http://").trim_end_matches('/');
    if !own && !bare.starts_with("localhost:") {
        let address: SocketAddr = bare.parse().map_err(|_| format!("{text} is no address such as 127.0.0.1:8080"))?;
        if !address.ip().to_canonical().is_loopback() {
            return Err(format!(
                "{} is not this machine, and some cases are attacks; if the server is yours, say --i-own-this-host",
                address.ip()
            ));
        }
    }
    let found: io::Result<Vec<SocketAddr>> = bare.to_socket_addrs().map(Iterator::collect);
    let found = found.map_err(|error| format!("{text} is no address such as 127.0.0.1:8080: {error}"))?;
    // A name may stand for several addresses, of which the server listens on one.
    let listening = found.iter().find(|address| TcpStream::connect(address).is_ok()).or(found.first());
    listening.copied().ok_or_else(|| format!("{text} has no address"))
}

fn site_of(subject: &Subject, arguments: &Arguments, terms: &Terms, house: &SharedHouse) -> Result<Site, String> {
    let not_served = |text: String| {
        format!(
            "{text}The cases ask for certain files: `just site /tmp/suite` makes them; have your server serve \
             /tmp/suite/root.\n"
        )
    };
    let site = match &arguments.root {
        None if arguments.stage.number() > 1 => served_site(subject, arguments.stage).map_err(not_served)?,
        root => {
            let site = root.as_deref().map_or_else(|| house.site(terms), |root| Ok(Site::at(root)));
            let site = site.map_err(not_made)?;
            see_alive(terms, subject, &site, arguments.stage).map_err(not_served)?;
            site
        }
    };
    match site.lacks() {
        None => Ok(site),
        Some(name) => Err(format!(
            "{name} in {} is not as this version of the suite made it; say --root if the server's site is elsewhere, \
             or make it anew by `just site`",
            site.root().display()
        )),
    }
}
