//! The lab: one workload, every lesson. What each model buys and costs, measured on this machine.

mod arguments;
mod bench;
mod brought;
mod call;
mod contender;
mod experiment;
mod figure;
mod idlers;
mod lab;
mod lighttpd;
mod lines;
mod machine;
mod nginx;
mod progress;
mod record;
mod references;
mod report;
mod run;
mod scale;
mod sheet;
mod spread;
mod table;
mod tables;
mod trace;
mod tracer;
#[cfg(test)]
mod trials;
mod usage;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use load::{Interrupt, Stop};

use arguments::{Arguments, Task};

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Interrupted) => ExitCode::from(130),
        Err(Stop::Failed(text)) => {
            let _ = writeln!(io::stderr(), "lab: {}", text.trim_end());
            ExitCode::from(2)
        }
    }
}

fn run(task: &Task) -> Result<(), Stop> {
    match task {
        Task::Nginx(asked) => return Err(nginx::become_nginx(asked)),
        Task::Lighttpd(asked) => return Err(lighttpd::become_lighttpd(asked)),
        _ => {}
    }
    let interrupt = Interrupt::on_signals().map_err(Stop::to("take notice of signals"))?;
    match task {
        Task::Run(arguments) => run::run(arguments, &interrupt, say)?,
        Task::Sheet(arguments) => say(&sheet::run(arguments, &interrupt)?),
        Task::Trace(arguments) => trace::run(arguments)?,
        Task::Bench(arguments) => say(&bench::run(arguments, &interrupt)?),
        Task::Nginx(_) | Task::Lighttpd(_) => {}
    }
    Ok(())
}

/// On standard output. That somebody reads only the beginning (`| head`) is no error.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
