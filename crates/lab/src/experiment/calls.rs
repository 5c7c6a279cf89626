//! System calls of a request, counted by name.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use http_suite::site::Site;
use load::{Progress, Stop, Wire, request};

use crate::contender::Contender;
use crate::experiment::Experiment;
use crate::lab::Lab;
use crate::record::Calls;
use crate::tracer::Tracer;

use super::UNSEEN;

const EACH: Duration = Duration::from_millis(300);
/// How long the client is quiet between two requests. By then the server waits, though being watched makes it slow; and
/// one that asks again and again has not done so often.
const PAUSE: Duration = Duration::from_micros(500);

pub fn planned(servers: usize) -> Duration {
    EACH * servers as u32
}

pub fn run(lab: &mut Lab) -> Result<(), Stop> {
    for contender in lab.taking_part(Experiment::Calls) {
        lab.progress.step(&format!("system calls: {}", contender.name), EACH);
        lab.interrupt.check()?;
        let counted = count(&contender, &lab.site, lab.scale.traced);
        if let Some(calls) = lab.kept("calls", &contender.name, counted)? {
            lab.record.calls.push(calls);
        }
    }
    Ok(())
}

/// One quiet client asks again and again, on its one connection if the server keeps it.
fn count(contender: &Contender, site: &Site, requests: usize) -> Result<Calls, Stop> {
    let server = contender.start(site)?;
    let pid = server.pid().ok_or_else(|| Stop::Failed(UNSEEN.to_owned()))?;
    let long = contender.keeps_alive;
    // What is done only once is done before it counts.
    let mut wire = None;
    ask(&mut wire, server.address(), long, 3)?;

    let counts = Arc::new(Mutex::new(BTreeMap::<String, u64>::new()));
    let counting = Arc::new(AtomicBool::new(false));
    let tracer = Tracer::begin(pid, {
        let (counts, counting) = (Arc::clone(&counts), Arc::clone(&counting));
        move |call| {
            if counting.load(Ordering::SeqCst) {
                *counts.lock().unwrap_or_else(PoisonError::into_inner).entry(call.name()).or_default() += 1;
            }
        }
    })?;
    let asked = ask(&mut wire, server.address(), long, 1).and_then(|()| {
        counting.store(true, Ordering::SeqCst);
        ask(&mut wire, server.address(), long, requests)
    });
    counting.store(false, Ordering::SeqCst);
    tracer.end(|| drop(Wire::open(server.address())));
    asked?;
    let counts = counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(calls(&contender.name, long, &counts, requests))
}

/// So many requests, one after another.
fn ask(wire: &mut Option<Wire>, address: SocketAddr, long: bool, times: usize) -> Result<(), Stop> {
    let request = request("/page.html", long);
    for _ in 0..times {
        thread::sleep(PAUSE);
        let mut one = match wire.take() {
            Some(one) => one,
            None => Wire::open(address).map_err(Stop::to("connect"))?,
        };
        match one.fetch(&request).map_err(Stop::to("ask for a page"))? {
            Progress::Kept => *wire = Some(one),
            // The server closes, and then is done with it.
            _ => one.see_close().map_err(Stop::to("wait for the close"))?,
        }
    }
    Ok(())
}

fn calls(server: &str, long: bool, counts: &BTreeMap<String, u64>, requests: usize) -> Calls {
    let each = |count: u64| count as f64 / requests as f64;
    let mut by_name: Vec<(String, f64)> = counts.iter().map(|(name, count)| (name.clone(), each(*count))).collect();
    by_name.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    Calls { server: server.to_owned(), long, total: each(counts.values().sum()), by_name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_opens_one_file_for_each_request() {
        let contender = crate::trials::lesson("02", 10);
        match count(&contender, &Site::temporary().expect("a site"), 5) {
            Ok(calls) => {
                let opens =
                    calls.by_name.iter().find(|(name, _)| name.starts_with("openat")).expect("a file is opened");
                assert!((0.8..=1.2).contains(&opens.1), "{calls:?}");
            }
            // Where ptrace is refused, this is how it is said.
            Err(stop) => assert!(stop.to_string().contains("ptrace"), "{stop}"),
        }
    }

    #[test]
    fn calls_are_told_for_each_request_the_most_frequent_first() {
        let counts = BTreeMap::from([("close".to_owned(), 10), ("read".to_owned(), 20), ("futex".to_owned(), 1)]);
        let calls = calls("07", true, &counts, 10);
        assert_eq!(calls.total, 3.1);
        assert_eq!(calls.by_name[0], ("read".to_owned(), 2.0));
        assert_eq!(calls.by_name[2], ("futex".to_owned(), 0.1));
    }
}
