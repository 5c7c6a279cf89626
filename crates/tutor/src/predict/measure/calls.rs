//! System calls, counted by the suite's tracer.

use http_suite::tracer::Tracer;
use http_suite::{Outcome, all_answered};

use super::{Bench, Unseen, Value};
use crate::predict::stand::{GET, Stand};

fn tracer(stand: &Stand) -> Result<Tracer, Unseen> {
    Tracer::of(stand.process).map_err(Unseen)
}

/// For a request on a connection that is kept, with all that the server does before it waits again.
pub fn for_a_request(bench: &Bench) -> Result<Value, Unseen> {
    let times = 20;
    let stand = Stand::start(bench)?;
    let mut client = stand.open()?;
    let mut ask = |times: usize| -> Outcome {
        for _ in 0..times {
            client.send(GET)?.answer()?.expect(&[200])?;
            stand.rests();
        }
        Ok(())
    };
    ask(1)?;
    let tracer = tracer(&stand)?;
    ask(1)?;
    let before = tracer.calls();
    ask(times)?;
    let calls = tracer.calls() - before;
    drop(tracer);
    Ok(Value::Number((calls as f64 / times as f64).round()))
}

/// For so many clients that ask at the same moment: a server that is traced is slow, and while it is at its first calls
/// all have asked. The fewest of several series.
pub fn for_clients(bench: &Bench) -> Result<Value, Unseen> {
    const SERIES: usize = 5;
    let stand = Stand::start(bench)?;
    let mut clients = stand.many_answered(bench.given.clients)?;
    let tracer = tracer(&stand)?;
    let fewest = tracer.fewest_calls(SERIES, || all_answered(&mut clients))?;
    drop(tracer);
    Ok(Value::Number(fewest as f64))
}
