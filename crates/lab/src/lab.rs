//! One run: the servers, what is asked of them, and what has been found up to now.

use std::time::Duration;

use http_suite::site::Site;
use http_suite::{Server, Stage};
use load::{Harvest, Interrupt, Load, Pace, Stop};

use crate::contender::Contender;
use crate::experiment::Experiment;
use crate::progress::Progress;
use crate::record::{Record, Remark};
use crate::scale::{CONNECTIONS, SHORT, Scale};
use crate::usage::processor_time;

/// What all experiments share.
pub struct Lab {
    pub contenders: Vec<Contender>,
    /// The lessons among them.
    pub lessons: Vec<Stage>,
    pub site: Site,
    pub scale: Scale,
    pub progress: Progress,
    pub interrupt: Interrupt,
    pub record: Record,
}

/// A contender, and the server that was started for it.
pub struct Running {
    pub contender: Contender,
    pub server: Server,
}

impl Lab {
    /// The contenders that take part in this experiment.
    pub fn taking_part(&self, experiment: Experiment) -> Vec<Contender> {
        self.contenders.iter().filter(|contender| experiment.takes(contender)).cloned().collect()
    }

    /// Starts those that take part. One that does not start is remarked on, and left out.
    pub fn start(&mut self, experiment: Experiment) -> Result<Vec<Running>, Stop> {
        let mut running = Vec::new();
        for contender in self.taking_part(experiment) {
            self.interrupt.check()?;
            let started = contender.start(&self.site);
            if let Some(server) = self.kept(experiment.name(), &contender.name, started)? {
                running.push(Running { contender, server });
            }
        }
        Ok(running)
    }

    /// A failure of one server is a remark, and the others go on; an interruption ends all.
    pub fn kept<T>(&mut self, experiment: &str, server: &str, result: Result<T, Stop>) -> Result<Option<T>, Stop> {
        match result {
            Ok(value) => Ok(Some(value)),
            // What is interrupted at the terminal are the servers too, and perhaps they noticed first.
            Err(Stop::Failed(text)) => {
                std::thread::sleep(Duration::from_millis(20));
                self.interrupt.check()?;
                self.remark(experiment, server, &text);
                Ok(None)
            }
            Err(Stop::Interrupted) => Err(Stop::Interrupted),
        }
    }

    /// Says it now, and in the report.
    pub fn remark(&mut self, experiment: &str, server: &str, text: &str) {
        let remark = Remark { experiment: experiment.to_owned(), server: server.to_owned(), text: text.to_owned() };
        if !self.record.remarks.contains(&remark) {
            self.progress.say(&format!("{experiment} {server}: {text}"));
            self.record.remarks.push(remark);
        }
    }
}

impl Running {
    /// As many requests as it takes, on connections of this kind; and the processor time that it took for them.
    pub fn load(&self, what: &Asked, pace: Pace, interrupt: &Interrupt) -> Result<(Harvest, Option<Duration>), Stop> {
        let load = Load {
            address: self.server.address(),
            target: what.target,
            keep_alive: what.long,
            connections: what.connections,
            pace,
            time: what.time,
            most: if what.long { u64::MAX } else { SHORT },
        };
        let before = self.processor_time();
        let harvest = load.run(interrupt)?;
        let spent = before.and_then(|before| Some(self.processor_time()?.saturating_sub(before)));
        Ok((harvest, spent))
    }

    /// Up to now, if it was started here.
    pub fn processor_time(&self) -> Option<Duration> {
        self.server.pid().and_then(processor_time)
    }
}

/// What is asked for, and how.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub target: &'a str,
    pub long: bool,
    pub connections: usize,
    pub time: Duration,
}

impl Asked<'_> {
    /// The page of 1 KiB.
    pub fn page(long: bool, time: Duration) -> Asked<'static> {
        Asked { target: "/page.html", long, connections: CONNECTIONS, time }
    }
}
