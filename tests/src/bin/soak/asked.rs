//! What is asked, and what is due for it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::{fs, io};

use http_suite::site::Site;
use http_suite::{Answer, Client, Outcome, Stop, both, visible};

use crate::dice::Dice;

/// Small files, by target and by name in the site.
const SMALL: &[(&str, &str)] = &[
    ("/", "index.html"),
    ("/hello.txt", "hello.txt"),
    ("/empty.txt", "empty.txt"),
    ("/style.css?v=2", "style.css"),
    ("/page.html", "page.html"),
    ("/sub/", "sub/index.html"),
    ("/%E4%BD%A0%E5%A5%BD.html", "你好.html"),
];
/// Of 1 and of 8 MiB: more than the system takes in one go.
const LARGE: &[(&str, &str)] = &[("/mebibyte.bin", "mebibyte.bin"), ("/big.bin", "big.bin")];

/// What a server of files says to a POST that is in order; a lesson says the first.
const TO_POST: &[u16] = &[405, 200, 403, 404, 411, 501];
const MISSING: &[u16] = &[404];

/// What every client knows.
pub struct Shelf {
    small: Vec<File>,
    large: Vec<File>,
    /// Of each error the first page that came, if they have to be the same: as in the lessons, and with others not.
    pages: Option<Mutex<HashMap<u16, Vec<u8>>>>,
}

/// A file of the site.
pub struct File {
    target: &'static str,
    pub body: Vec<u8>,
}

/// What one client has been told, by target, that it can ask with whether its copy is still good.
pub type Copies = HashMap<&'static str, String>;

/// A request.
pub struct Asked<'s> {
    pub bytes: Vec<u8>,
    pub file: &'s File,
    due: Due,
}

enum Due {
    File,
    HeadOfFile,
    NotModified,
    Page(&'static [u16]),
}

impl Shelf {
    /// The files of this site. Of a lesson: it gives the first of several right answers, and always the same.
    pub fn of(site: &Site, is_lesson: bool) -> io::Result<Shelf> {
        let read = |(target, name): &(&'static str, &str)| Ok(File { target, body: fs::read(site.root().join(name))? });
        let small = SMALL.iter().map(read).collect::<io::Result<_>>()?;
        let large = LARGE.iter().map(read).collect::<io::Result<_>>()?;
        Ok(Shelf { small, large, pages: is_lesson.then(Mutex::default) })
    }

    pub fn is_of_lesson(&self) -> bool {
        self.pages.is_some()
    }

    /// Sees that the answer has one of these statuses, and the page that belongs to it.
    pub fn is_page(&self, answer: &Answer, statuses: &[u16]) -> Outcome {
        let Some(pages) = &self.pages else { return answer.expect(statuses).map(drop) };
        answer.expect(&statuses[..1])?;
        let mut pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
        let first = pages.entry(answer.status).or_insert_with(|| answer.body.clone());
        if *first == answer.body {
            return Ok(());
        }
        let (status, first) = (answer.status, beginning(first));
        Err(Stop::other(both!(
            "another page came with status {status} before: {first}",
            "之前状态码 {status} 的页面不是这样的：{first}"
        )))
    }
}

impl<'s> Asked<'s> {
    /// Anything that a server has to answer, and that does not end the connection.
    pub fn any(dice: &mut Dice, shelf: &'s Shelf, copies: &Copies) -> Asked<'s> {
        let file = dice.one_of(&shelf.small);
        let get = |fields, due| Asked::with("GET", file.target, fields, file, due);
        match dice.below(16) {
            0..2 => Asked::with("HEAD", file.target, "", file, Due::HeadOfFile),
            2..4 => Asked::with("GET", "/not-there.html", "", file, Due::Page(MISSING)),
            4..6 => copies.get(file.target).map_or_else(|| get("", Due::File), |told| get(told, Due::NotModified)),
            6 => Asked::post(dice, file),
            7 if dice.once_in(16) => Asked::get(&shelf.large[0]),
            _ => get("", Due::File),
        }
    }

    /// A large file, and rather the smaller.
    pub fn large(dice: &mut Dice, shelf: &'s Shelf) -> Asked<'s> {
        Asked::get(&shelf.large[usize::from(dice.once_in(4))])
    }

    fn get(file: &'s File) -> Asked<'s> {
        Asked::with("GET", file.target, "", file, Due::File)
    }

    fn with(method: &str, target: &str, fields: &str, file: &'s File, due: Due) -> Asked<'s> {
        let bytes = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n").into_bytes();
        Asked { bytes, file, due }
    }

    /// A body of requests: who takes it for what it looks like answers too much. So short that forty of them are taken
    /// in before anybody reads an answer.
    fn post(dice: &mut Dice, file: &'s File) -> Asked<'s> {
        let body = "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(dice.below(60));
        let (field, body) = if dice.once_in(2) {
            (format!("Content-Length: {}\r\n", body.len()), body)
        } else {
            let chunks = body.as_bytes().chunks(dice.within(16..=3000));
            let chunk = |bytes: &[u8]| format!("{:x}\r\n{}\r\n", bytes.len(), String::from_utf8_lossy(bytes));
            ("Transfer-Encoding: chunked\r\n".to_owned(), chunks.map(chunk).collect::<String>() + "0\r\n\r\n")
        };
        let mut asked = Asked::with("POST", file.target, &field, file, Due::Page(TO_POST));
        asked.bytes.extend_from_slice(body.as_bytes());
        asked
    }

    /// The same, and the connection ends with it.
    pub fn and_close(mut self) -> Asked<'s> {
        let line = self.bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        self.bytes.splice(line..line, *b"Connection: close\r\n");
        self
    }

    /// Its first line.
    pub fn name(&self) -> String {
        visible(self.bytes.split(|byte| *byte == b'\r').next().unwrap_or_default())
    }

    /// Reads its answer, and sees that this is what is due.
    pub fn answered(&self, client: &mut Client, shelf: &Shelf, copies: &mut Copies) -> Outcome {
        let answer = match self.due {
            Due::HeadOfFile => client.answer_to_head()?,
            _ => client.answer()?,
        };
        if let Err(stop) = self.is_answer(&answer, shelf) {
            let (head, body) = (visible(&answer.head), beginning(&answer.body));
            return Err(stop.told(|text| {
                both!("{text}\n  the answer\n    {head}\n    {body}", "{text}\n  响应\n    {head}\n    {body}" in text)
            }));
        }
        if let (Due::File, Some(fields)) = (&self.due, questions(&answer)) {
            copies.insert(self.file.target, fields);
        }
        Ok(())
    }

    fn is_answer(&self, answer: &Answer, shelf: &Shelf) -> Outcome {
        match self.due {
            Due::File => answer.expect_body(&self.file.body).map(drop),
            Due::HeadOfFile => {
                let (length, due) = (answer.expect(&[200])?.must_have("Content-Length")?, self.file.body.len());
                if length == due.to_string() {
                    return Ok(());
                }
                Err(Stop::other(both!(
                    "expected Content-Length: {due}, got {length}",
                    "应为 Content-Length: {due}，实为 {length}"
                )))
            }
            Due::NotModified => answer.expect(&[304]).map(drop),
            Due::Page(statuses) => shelf.is_page(answer, statuses),
        }
    }
}

/// The fields that ask whether a copy is still as good as this answer.
fn questions(answer: &Answer) -> Option<String> {
    let field = |name, told| answer.field(told).map(|value| format!("{name}: {value}\r\n"));
    let both = [field("If-None-Match", "ETag"), field("If-Modified-Since", "Last-Modified")];
    let fields: String = both.into_iter().flatten().collect();
    (!fields.is_empty()).then_some(fields)
}

/// Of something long, and how many bytes more there are.
pub fn beginning(bytes: &[u8]) -> String {
    const MOST: usize = 80;
    let more = if bytes.len() > MOST { format!("… (+{})", bytes.len() - MOST) } else { String::new() };
    visible(&bytes[..bytes.len().min(MOST)]) + &more
}
