//! What is tested: found, allowed, and seen to be alive before any case counts.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};

use http_suite::language::reason;
use http_suite::site::{Site, not_made};
use http_suite::{Both, SharedHouse, Subject, Terms, both, see_alive, served_site};

use crate::arguments::Arguments;

/// The server that the command line names, and the site that it serves.
pub fn find(arguments: &Arguments, terms: &Terms, house: &SharedHouse) -> Result<(Subject, Site), Both> {
    let timeout = arguments.server_timeout();
    match &arguments.address {
        None if arguments.command.is_empty() => Err(both!(
            "say which server: its address, or -- and a command; `just check --help` shows how",
            "请指明服务器：给出它的地址，或者在 -- 之后给出启动命令；用法见 `just check --help`"
        )),
        Some(text) => {
            let address = address(text, arguments.i_own_this_host)?;
            let subject = Subject::Running { address, timeout };
            Ok((subject.clone(), site_of(&subject, arguments, terms, house)?))
        }
        None => {
            let subject = Subject::Command { words: arguments.command.clone(), timeout };
            let site = house.site(terms).map_err(|error| not_made(&error))?;
            see_alive(terms, &subject, &site, arguments.stage).map_err(|text| {
                let remedy = remedy_for(arguments);
                both!("{text}{remedy}", "{text}{remedy}" in text, remedy)
            })?;
            Ok((subject, site))
        }
    }
}

/// What the command lacks, a line each.
fn remedy_for(arguments: &Arguments) -> Both {
    let has = |hole: &str| arguments.command.iter().any(|word| word.contains(hole));
    let (no_port, no_root) = (!has("{port}"), !has("{root}") && arguments.stage.number() > 1);
    let port = both!(
        "The command has no {{port}}: put it where the server takes its port.\n",
        "命令里没有 {{port}}：请把它写在服务器接受端口的地方。\n"
    );
    let root = both!(
        "The command has no {{root}}: put it where the server takes the folder that it serves.\n",
        "命令里没有 {{root}}：请把它写在服务器接受文档根目录的地方。\n"
    );
    let lacking = [(no_port, port), (no_root, root)];
    Both::of(|language| lacking.iter().filter(|(lacks, _)| *lacks).map(|(_, text)| text.say(language)).collect())
}

/// Other people's servers are not for testing: some cases are attacks.
fn address(text: &str, own: bool) -> Result<SocketAddr, Both> {
    let bare = text.trim_start_matches("http://").trim_end_matches('/');
    if !own && !bare.starts_with("localhost:") {
        let address: SocketAddr = bare.parse().map_err(|_| {
            both!("{text} is no address such as 127.0.0.1:8080", "{text} 不是 127.0.0.1:8080 这样的地址")
        })?;
        if !address.ip().to_canonical().is_loopback() {
            return Err(both!(
                "{} is not this machine, and some cases are attacks; if the server is yours, say --i-own-this-host",
                "{} 不是本机，而有些用例是攻击；如果服务器是你自己的，请加上 --i-own-this-host";
                address.ip()
            ));
        }
    }
    let found: io::Result<Vec<SocketAddr>> = bare.to_socket_addrs().map(Iterator::collect);
    let found = found.map_err(|error| {
        let why = reason(&error);
        both!(
            "{text} is no address such as 127.0.0.1:8080: {why}",
            "{text} 不是 127.0.0.1:8080 这样的地址：{why}" in why
        )
    })?;
    // A name may stand for several addresses, of which the server listens on one.
    let listening = found.iter().find(|address| TcpStream::connect(address).is_ok()).or(found.first());
    listening.copied().ok_or_else(|| both!("{text} has no address", "{text} 没有对应的地址"))
}

fn site_of(subject: &Subject, arguments: &Arguments, terms: &Terms, house: &SharedHouse) -> Result<Site, Both> {
    let not_served = |text: Both| {
        both!(
            "{text}The cases ask for certain files: `just site /tmp/suite` makes them; have your server serve \
             /tmp/suite/root.\n",
            "{text}用例会请求特定的文件：用 `just site /tmp/suite` 生成它们，再让服务器提供 /tmp/suite/root。\n" in text
        )
    };
    let site = match &arguments.root {
        None if arguments.stage.number() > 1 => served_site(subject, arguments.stage).map_err(not_served)?,
        root => {
            let site = root.as_deref().map_or_else(|| house.site(terms), |root| Ok(Site::at(root)));
            let site = site.map_err(|error| not_made(&error))?;
            see_alive(terms, subject, &site, arguments.stage).map_err(not_served)?;
            site
        }
    };
    match site.lacks() {
        None => Ok(site),
        Some(name) => Err(both!(
            "{name} in {} is not as this version of the suite made it; say --root if the server's site is elsewhere, \
             or make it anew by `just site`",
            "{0} 里的 {name} 与本版测试套件生成的不同；如果服务器提供的目录在别处，请用 --root 指明，\
             或者用 `just site` 重新生成";
            site.root().display()
        )),
    }
}
