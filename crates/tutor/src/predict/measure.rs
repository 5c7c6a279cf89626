//! What answers a question: something that is done here and now, and counted.

mod calls;
mod futures;
mod servers;
mod sockets;

use std::path::PathBuf;

use http_suite::site::Site;
use http_suite::{Stop, language};

use crate::both;
use crate::course::Course;
use crate::language::{Both, Failure};
use crate::predict::program::Programs;
use crate::predict::question::{Given, Question};

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// In the unit of the question.
    Number(f64),
    /// The key of one of the answers.
    Choice(String),
}

/// Why something cannot be measured here.
#[derive(Clone, Debug)]
pub struct Unseen(pub Both);

/// What a measurement has in hand.
pub struct Bench<'a> {
    /// What the question gives it.
    pub given: &'a Given,
    /// The lesson that is looked at.
    pub lesson: &'a str,
    /// What its server serves.
    pub site: &'a Site,
    programs: &'a Programs,
}

/// A measurement.
pub type Measure = fn(&Bench) -> Result<Value, Unseen>;

/// All of them, by their names; those for which a server of a lesson is started say so.
const ALL: &[(&str, bool, Measure)] = &[
    ("connect-to-a-busy-server", true, servers::connect_to_a_busy_server),
    ("status", true, servers::status),
    ("memory-while-sending", true, servers::memory_while_sending),
    ("memory-of-each-client", true, servers::memory_of_each_client),
    ("processes", true, servers::processes),
    ("threads", true, servers::threads),
    ("more-descriptors", true, servers::more_descriptors),
    ("wake-ups", true, servers::wake_ups),
    ("wake-ups-for-a-client", true, servers::wake_ups_for_a_client),
    ("connections-for-requests", true, servers::connections_for_requests),
    ("seconds-for-a-trickling-client", true, servers::seconds_for_a_trickling_client),
    ("connections-held", true, servers::connections_held),
    ("answered-while-a-thread-is-held", true, servers::answered_while_a_thread_is_held),
    ("calls-for-a-request", true, calls::for_a_request),
    ("calls-for-clients", true, calls::for_clients),
    ("first-read", false, sockets::first_read),
    ("close-with-unread-bytes", false, sockets::close_with_unread_bytes),
    ("bind-in-time-wait", false, sockets::bind_in_time_wait),
    ("read-of-nothing", false, sockets::read_of_nothing),
    ("read-after-the-end", false, sockets::read_after_the_end),
    ("one-write", false, sockets::one_write),
    ("copied-descriptor", false, sockets::copied_descriptor),
    ("inherited-listener", false, sockets::inherited_listener),
    ("ended-child", false, sockets::ended_child),
    ("level-and-edge", false, sockets::level_and_edge),
    ("waits-for-writing", false, sockets::waits_for_writing),
    ("bytes-read-by-a-call", false, futures::bytes_read_by_a_call),
    ("size-of-a-future", false, futures::size_of_a_future),
];

/// The measurement of this name, and whether a server of a lesson is started for it.
pub fn named(name: &str) -> Option<(Measure, bool)> {
    ALL.iter().find(|(other, ..)| *other == name).map(|(_, starts, measure)| (*measure, *starts))
}

/// The lessons that have to be built for these questions.
pub fn lessons<'a>(questions: &[&'a Question]) -> Vec<&'a str> {
    let needed = questions.iter().filter(|question| named(&question.measure).is_some_and(|(_, starts)| starts));
    let mut lessons: Vec<&str> = needed.map(|question| question.looked_at()).collect();
    lessons.sort_unstable();
    lessons.dedup();
    lessons
}

/// Where measurements are made: the servers, built, and a site for them.
pub struct Laboratory {
    programs: Programs,
    site: Site,
}

impl Laboratory {
    /// Builds what these questions need.
    pub fn for_questions(course: &Course, questions: &[&Question]) -> Result<Laboratory, Failure> {
        let programs = Programs::build(course, &lessons(questions))?;
        let site = Site::temporary().map_err(|error| {
            Failure::failed(both!("cannot make the files to be served: {error}", "无法生成要提供的文件：{error}"))
        })?;
        Ok(Laboratory { programs, site })
    }

    /// Answers a question.
    ///
    /// # Errors
    ///
    /// If it cannot be measured here, and why.
    pub fn measure(&self, question: &Question) -> Result<Value, Unseen> {
        let name = &question.measure;
        let unknown = || Unseen(both!("there is no measurement '{name}'", "没有名为“{name}”的测量"));
        let (measure, _) = named(name).ok_or_else(unknown)?;
        let lesson = question.looked_at();
        measure(&Bench { given: &question.given, lesson, site: &self.site, programs: &self.programs })
    }
}

impl Bench<'_> {
    /// The server of the lesson.
    pub fn program(&self) -> Result<&PathBuf, Unseen> {
        let lesson = self.lesson;
        let lost = || Unseen(both!("lesson {lesson} was not built", "第 {lesson} 课没有构建"));
        self.programs.of(lesson).ok_or_else(lost)
    }
}

impl Value {
    /// A count.
    pub fn count(number: usize) -> Value {
        Value::Number(number as f64)
    }

    /// One of several answers.
    pub fn key(key: &str) -> Value {
        Value::Choice(key.to_owned())
    }
}

impl From<Stop> for Unseen {
    fn from(stop: Stop) -> Unseen {
        Unseen(stop.text().clone())
    }
}

impl From<std::io::Error> for Unseen {
    fn from(error: std::io::Error) -> Unseen {
        Unseen(language::reason(&error))
    }
}

impl From<rustix::io::Errno> for Unseen {
    fn from(error: rustix::io::Errno) -> Unseen {
        std::io::Error::from(error).into()
    }
}
