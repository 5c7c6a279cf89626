//! All servers that a case is tried on, and what it says of each.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use http_suite::site::Site;
use http_suite::{PATIENT, Server, Setup, Subject};

use crate::both;
use crate::language::{Both, Failure};
use crate::learners_case::play::{Failed, play};
use crate::learners_case::script::{Connections, Script};
use crate::workspace;

/// The lessons that are tried, of both kinds.
const LESSONS: [&str; 5] = ["lesson-03", "lesson-04", "lesson-07", "lesson-08", "lesson-10"];
/// Those of them that keep a connection.
const LONG: [&str; 3] = ["lesson-07", "lesson-08", "lesson-10"];
/// How many servers are tried at a time. Most of the time a case waits.
const AT_A_TIME: usize = 8;

/// A server, and whether it is right.
#[derive(Clone, Debug)]
pub struct Tried {
    pub name: String,
    pub is_sound: bool,
    /// Whether it keeps a connection after an answer.
    pub is_long: bool,
    pub subject: Subject,
}

/// What a case says of a server.
#[derive(Clone, Debug)]
pub enum Said {
    Passes,
    Fails(Failed),
    /// It could not be tried, and why.
    NotTried(Both),
}

/// What a case says of all servers.
#[derive(Clone, Debug)]
pub struct Judged {
    pub said: Vec<(Tried, Said)>,
    /// What the case says that it kills.
    pub kills: Vec<String>,
}

impl Judged {
    /// Whether it kills what it says, or, if it says nothing, any; and spares all that is sound.
    pub fn is_good(&self) -> bool {
        let mut sound = self.said.iter().filter(|(server, _)| server.is_sound);
        let spares = sound.all(|(_, said)| matches!(said, Said::Passes));
        spares && self.killed().next().is_some() && self.missed().is_empty()
    }

    /// The defects that it finds.
    pub fn killed(&self) -> impl Iterator<Item = &str> {
        let killed = self.said.iter().filter(|(server, said)| !server.is_sound && matches!(said, Said::Fails(_)));
        killed.map(|(server, _)| server.name.as_str())
    }

    /// What it was to kill, and does not.
    pub fn missed(&self) -> Vec<&str> {
        self.kills.iter().map(String::as_str).filter(|name| !self.killed().any(|killed| killed == *name)).collect()
    }
}

/// Tries a case on every server that it is for.
pub fn judged(root: &Path, script: &Script) -> Result<Judged, Failure> {
    let mut servers = servers(root)?;
    for name in &script.kills {
        knows(&servers, name)?;
    }
    servers.retain(|server| match script.connections {
        Connections::Any => true,
        Connections::Short => !server.is_long,
        Connections::Long => server.is_long,
    });
    let site = Site::temporary().map_err(|error| {
        Failure::wrong(both!("cannot make the files to be served: {error}", "无法准备要提供的文件：{error}"))
    })?;
    Ok(Judged { said: on_all(servers, |server| again(script, server, &site)), kills: script.kills.clone() })
}

/// A name that nobody has is an error of the case, not a defect that it misses.
fn knows(servers: &[Tried], name: &str) -> Result<(), Failure> {
    if servers.iter().any(|server| !server.is_sound && server.name == name) {
        return Ok(());
    }
    let names: Vec<&str> =
        servers.iter().filter(|server| !server.is_sound).map(|server| server.name.as_str()).collect();
    let names = names.join(" ");
    Err(Failure::wrong(both!(
        "kills: there is no defect {name}; there are {names}",
        "kills：没有缺陷 {name}；有 {names}"
    )))
}

/// Several at a time, in the order in which they stand.
fn on_all(servers: Vec<Tried>, one: impl Fn(&Tried) -> Said + Sync) -> Vec<(Tried, Said)> {
    let next = AtomicUsize::new(0);
    let said = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(server) = servers.get(at) else { return };
                    let verdict = one(server);
                    said.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((at, verdict));
                }
            });
        }
    });
    let mut said = said.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    said.sort_by_key(|(at, _)| *at);
    servers.into_iter().zip(said.into_iter().map(|(_, verdict)| verdict)).collect()
}

/// What fails is tried once more, and a sound server once more with all the patience that there is: on a busy machine
/// it may be late.
fn again(script: &Script, server: &Tried, site: &Site) -> Said {
    let patient = Script { patience: script.patience.max(PATIENT), ..script.clone() };
    let tries = [script, script, &patient];
    let mut said = Said::Passes;
    for script in tries.iter().take(if server.is_sound { 3 } else { 2 }) {
        said = once(script, server, site);
        if matches!(said, Said::Passes) {
            break;
        }
    }
    said
}

fn once(script: &Script, tried: &Tried, site: &Site) -> Said {
    let setup = Setup { timeout: Some(script.timeout), ..Setup::default() };
    let server: Server = match tried.subject.start(site, &setup) {
        Ok(server) => server,
        Err(why) => return Said::NotTried(why),
    };
    match play(script, &server, site) {
        Ok(()) => Said::Passes,
        Err(failed) => Said::Fails(failed),
    }
}

/// All sound servers, then all that have a defect.
pub fn servers(root: &Path) -> Result<Vec<Tried>, Failure> {
    let programs = workspace::built(root, &[&["mutant"], &LESSONS[..]].concat())?;
    let mutant = programs.join("mutant").to_string_lossy().into_owned();
    let mut servers = Vec::new();
    for (name, kind) in defects(&mutant)? {
        let words = [&mutant, &name, "--port", "{port-or-0}", "--root", "{root}", "--timeout", "{timeout}"];
        let subject = Subject::Lesson { words: words.map(str::to_owned).to_vec() };
        servers.push(Tried { is_sound: name.starts_with("none"), is_long: kind == "events", name, subject });
    }
    for name in LESSONS {
        let subject = Subject::lesson(&programs.join(name).to_string_lossy(), true);
        servers.push(Tried { name: name.to_owned(), is_sound: true, is_long: LONG.contains(&name), subject });
    }
    servers.sort_by_key(|server| !server.is_sound);
    Ok(servers)
}

/// Name and kind of every server that the program has, as its usage says, but for those that are none.
fn defects(program: &str) -> Result<Vec<(String, String)>, Failure> {
    let said = Command::new(program)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::wrong(both!("cannot start {program}: {error}", "无法启动 {program}：{error}")))?;
    let usage = String::from_utf8_lossy(&said.stderr).into_owned();
    let row = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [name, kind] if line.starts_with("  ") => Some((name.to_owned(), kind.to_owned())),
        _ => None,
    };
    let rows: Vec<_> = usage.lines().filter_map(row).filter(|(_, kind)| kind != "nobody").collect();
    if rows.is_empty() {
        return Err(Failure::wrong(both!("{program} does not say what it has", "{program} 没有说明它有哪些缺陷")));
    }
    Ok(rows)
}

/// As a case in Rust has it: no line.
impl Failed {
    pub fn of_text(text: Both) -> Failed {
        let first = |language| {
            let text = text.say(language);
            text.lines().nth(2).unwrap_or(text).trim().to_owned()
        };
        Failed { line: 0, said: Both::of(first), wire: text }
    }
}
