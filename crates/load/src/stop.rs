//! When to end: somebody interrupts, or something cannot be measured.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Why a measurement has no result.
#[derive(Debug)]
pub enum Stop {
    /// Somebody wants the run to end. What there is already is kept.
    Interrupted,
    /// This one failed; others go on.
    Failed(String),
}

/// Whether somebody has pressed Ctrl-C. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Takes notice of signals from now on. The second one ends the process at once.
    pub fn on_signals() -> io::Result<Interrupt> {
        let interrupt = Interrupt::default();
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 130, Arc::clone(&interrupt.0))?;
            flag::register(signal, Arc::clone(&interrupt.0))?;
        }
        Ok(interrupt)
    }

    /// An error once somebody has.
    pub fn check(&self) -> Result<(), Stop> {
        if self.0.load(Ordering::Relaxed) { Err(Stop::Interrupted) } else { Ok(()) }
    }
}

impl Stop {
    /// A failure that names what was tried.
    pub fn to(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Stop {
        move |error| Stop::Failed(format!("cannot {what}: {error}"))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Interrupted => f.write_str("interrupted"),
            Stop::Failed(text) => f.write_str(text),
        }
    }
}
