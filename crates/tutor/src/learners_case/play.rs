//! A case at work on one server.

use std::collections::HashMap;
use std::fs;
use std::thread;
use std::time::Duration;

use http_suite::site::Site;
use http_suite::{Answer, Client, Server, Stop};

use crate::both;
use crate::language::Both;
use crate::learners_case::script::{Action, Deed, Script, Step};

/// How many bytes a narrow client can take in before it reads, roughly.
const NARROW: usize = 4096;

/// What did not come as it must.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The line of the case.
    pub line: usize,
    pub said: Both,
    /// What went over the wire of that connection.
    pub wire: Both,
}

/// Does all that the case says, up to the first thing that is not as it must be.
pub fn play(script: &Script, server: &Server, site: &Site) -> Result<(), Failed> {
    let mut player = Player { script, server, site, connections: HashMap::new(), left_open: Vec::new() };
    player.steps(&script.steps)?;
    let last = script.steps.last().map_or(1, |step| step.line);
    player.flush(last)
}

struct Player<'a> {
    script: &'a Script,
    server: &'a Server,
    site: &'a Site,
    connections: HashMap<String, Connection>,
    /// Those that were opened in a repeat: they stay, and have no name any more.
    left_open: Vec<Client>,
}

struct Connection {
    client: Client,
    /// What goes out in one piece.
    pending: Vec<u8>,
    answer: Option<Answer>,
}

impl Player<'_> {
    fn steps(&mut self, steps: &[Step]) -> Result<(), Failed> {
        for step in steps {
            match &step.action {
                Action::On(name, deed) => self.step(step.line, name, deed)?,
                Action::Repeat(times, steps) => self.repeat(*times, steps)?,
            }
        }
        Ok(())
    }

    fn repeat(&mut self, times: usize, steps: &[Step]) -> Result<(), Failed> {
        let before: Vec<String> = self.connections.keys().cloned().collect();
        for _ in 0..times {
            self.steps(steps)?;
            let new: Vec<String> = self.connections.keys().filter(|name| !before.contains(name)).cloned().collect();
            if !new.is_empty() {
                self.flush(steps.first().map_or(1, |step| step.line))?;
            }
            let opened = new.iter().filter_map(|name| self.connections.remove(name));
            self.left_open.extend(opened.map(|connection| connection.client));
        }
        Ok(())
    }

    fn step(&mut self, line: usize, name: &str, deed: &Deed) -> Result<(), Failed> {
        if let Deed::Send(bytes) = deed {
            self.connection(line, name, None)?.pending.extend(bytes);
            return Ok(());
        }
        self.flush(line)?;
        match deed {
            Deed::Connect { narrow } => {
                self.connections.remove(name);
                return self.connection(line, name, narrow.then_some(NARROW)).map(drop);
            }
            Deed::Pause(time) => {
                thread::sleep(*time);
                return Ok(());
            }
            Deed::Close => {
                self.connections.remove(name);
                return Ok(());
            }
            Deed::Reset => {
                if let Some(connection) = self.connections.remove(name) {
                    connection.client.reset();
                }
                return Ok(());
            }
            _ => {}
        }
        let (patience, site) = (self.script.patience, self.site);
        let connection = self.connection(line, name, None)?;
        let done = connection.done(deed, patience, site);
        done.map_err(|said| Failed { line, said, wire: wire(&connection.client) })
    }

    /// The connection of this name, opened if it is not there.
    fn connection(&mut self, line: usize, name: &str, room: Option<usize>) -> Result<&mut Connection, Failed> {
        if !self.connections.contains_key(name) {
            let mut client = Client::open(self.server.address(), room, None).map_err(|stop| Failed {
                line,
                said: stop.text().clone(),
                wire: Both::default(),
            })?;
            client.set_timeout(self.script.patience);
            self.connections.insert(name.to_owned(), Connection { client, pending: Vec::new(), answer: None });
        }
        self.connections.get_mut(name).ok_or_else(|| Failed { line, said: Both::default(), wire: Both::default() })
    }

    /// Has everything go out that is to go in one piece.
    fn flush(&mut self, line: usize) -> Result<(), Failed> {
        for connection in self.connections.values_mut().filter(|connection| !connection.pending.is_empty()) {
            let bytes = std::mem::take(&mut connection.pending);
            if let Err(stop) = connection.client.send(bytes) {
                let said = unlike(&both!("that what is sent is read", "发送的内容被读取"), &stop);
                return Err(Failed { line, said, wire: wire(&connection.client) });
            }
        }
        Ok(())
    }
}

impl Connection {
    fn done(&mut self, deed: &Deed, patience: Duration, site: &Site) -> Result<(), Both> {
        match deed {
            Deed::SendByteByByte(bytes) => {
                let sent = self.client.send_in_pieces(bytes.chunks(1)).map(drop);
                sent.map_err(|stop| unlike(&both!("nothing before all is sent", "全部发送之前什么也不来"), &stop))
            }
            Deed::HalfClose => {
                self.client.finish();
                Ok(())
            }
            Deed::Answer { statuses, or_closes, to_head } => self.answer(statuses, *or_closes, *to_head),
            Deed::Closes { within } => {
                self.client.set_timeout(within.unwrap_or(patience));
                let closed = self.client.closes_cleanly();
                self.client.set_timeout(patience);
                closed.map_err(|stop| unlike(&both!("a close", "关闭"), &stop))
            }
            Deed::Nothing(time) if !self.client.is_quiet_for(*time) => {
                let time = time.as_secs_f32();
                Err(both!(
                    "expected nothing for {time} s, and something came, or an end",
                    "应当 {time} 秒内什么也不来，却来了内容或结束"
                ))
            }
            _ => self.of_the_answer(deed, site),
        }
    }

    fn answer(&mut self, statuses: &[u16], or_closes: bool, to_head: bool) -> Result<(), Both> {
        let due: Vec<String> = statuses.iter().map(u16::to_string).collect();
        let (en, zh) = (due.join(" or "), due.join(" 或 "));
        let due = match or_closes {
            true => both!("{en} or a close", "{zh} 或关闭"),
            false => both!("{en}", "{zh}"),
        };
        let came = match (or_closes, to_head) {
            (true, _) => self.client.answer_or_close(),
            (false, true) => self.client.answer_to_head().map(Some),
            (false, false) => self.client.answer().map(Some),
        };
        self.answer = came.map_err(|stop| unlike(&due, &stop))?;
        match self.answer.as_ref().map(|answer| answer.status) {
            Some(status) if !statuses.contains(&status) => Err(but_got(&due, &both!("{status}", "{status}"))),
            _ => Ok(()),
        }
    }

    fn of_the_answer(&self, deed: &Deed, site: &Site) -> Result<(), Both> {
        // A close in its place was right, and has no fields.
        let Some(answer) = &self.answer else { return Ok(()) };
        let wrong_body = |due: Both| {
            let length = answer.body.len();
            Err(but_got(&due, &both!("a body of {length} bytes that is not so", "{length} 字节的主体，不符合")))
        };
        match deed {
            Deed::Field(name, value) => {
                let due = both!("{name}: {value}", "{name}: {value}");
                match answer.field(name) {
                    Some(there) if is_like(there, value) => Ok(()),
                    Some(there) => Err(but_got(&due, &both!("{there}", "{there}"))),
                    None => Err(but_got(&due, &both!("no such field", "没有该字段"))),
                }
            }
            Deed::NoField(name) => match answer.field(name) {
                Some(there) => Err(but_got(&both!("no {name}", "没有 {name}"), &both!("{there}", "{there}"))),
                None => Ok(()),
            },
            Deed::BodyIs(bytes) if answer.body != *bytes => wrong_body(both!("another body", "另一个主体")),
            Deed::BodyHas(bytes) if !answer.body.windows(bytes.len().max(1)).any(|part| part == bytes) => {
                wrong_body(both!("a body with that text", "含有该文字的主体"))
            }
            Deed::BodyFile(path) => match fs::read(site.root().join(path.trim_start_matches('/'))) {
                Ok(content) if content == answer.body => Ok(()),
                Ok(content) => {
                    let length = content.len();
                    wrong_body(both!("the {length} bytes of {path}", "{path} 的 {length} 字节"))
                }
                Err(error) => Err(both!("the site has no file {path}: {error}", "站点没有文件 {path}：{error}")),
            },
            _ => Ok(()),
        }
    }
}

/// `*` at the end stands for anything.
fn is_like(there: &str, value: &str) -> bool {
    match value.strip_suffix('*') {
        Some(beginning) => there.starts_with(beginning),
        None => there == value,
    }
}

fn but_got(due: &Both, got: &Both) -> Both {
    Both { en: format!("expected {}, got {}", due.en, got.en), zh: format!("应当是 {}，却是 {}", due.zh, got.zh) }
}

/// What went over the wire of a connection.
fn wire(client: &Client) -> Both {
    Both::of(|language| client.wire(language))
}

/// What came instead of this.
fn unlike(due: &Both, stop: &Stop) -> Both {
    let got = stop.text();
    Both { en: format!("expected {}: {}", due.en, got.en), zh: format!("应当是 {}：{}", due.zh, got.zh) }
}
