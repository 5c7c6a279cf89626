//! That nothing stays when this program ends, in whatever way: see [`crate::keep`].

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use rustix::process::Signal;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::keep::House;
use crate::process::Process;
use crate::server::Terms;
use crate::site::Site;

/// The house, once there is something to leave in order.
#[derive(Clone, Debug, Default)]
pub struct SharedHouse(Arc<Mutex<Option<House>>>);

impl SharedHouse {
    /// From now on, a signal that ends this program first ends all that it has started.
    ///
    /// # Errors
    ///
    /// If the system lets nobody wait for signals.
    pub fn leave_on_signals(&self) -> io::Result<()> {
        self.leave_on_signals_after(|| ())
    }

    /// The same, and before all else this is done: what must not stay as it is, such as the mode of a terminal.
    ///
    /// # Errors
    ///
    /// If the system lets nobody wait for signals.
    pub fn leave_on_signals_after(&self, before: fn()) -> io::Result<()> {
        let own = Process(std::process::id());
        // What whoever started this program has set to be ignored (nohup) stays so.
        let signals = [(SIGHUP, Signal::HUP), (SIGINT, Signal::INT), (SIGTERM, Signal::TERM)];
        let signals = signals.into_iter().filter(|(_, signal)| !own.ignores(*signal)).map(|(number, _)| number);
        let mut signals = Signals::new(signals)?;
        let house = self.clone();
        thread::spawn(move || {
            for signal in signals.forever() {
                before();
                house.leave();
                let _ = emulate_default_handler(signal);
            }
        });
        Ok(())
    }

    /// A site that goes when this program ends, in whatever way.
    ///
    /// # Errors
    ///
    /// If its files cannot be made.
    pub fn site(&self, terms: &Terms) -> io::Result<Site> {
        let (site, ()) = Site::temporary_told(|folder| match &terms.keeper {
            Some(program) => self.keeps(program, folder),
            None => Ok(()),
        })?;
        Ok(site)
    }

    /// For a run that has this temporary folder.
    fn keeps(&self, program: &Path, folder: &Path) -> io::Result<()> {
        let house = House::of(program, folder)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(house);
        Ok(())
    }

    /// Ends all processes that are left, and removes the folder.
    pub fn leave(&self) {
        if let Some(house) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            house.leave();
        }
    }
}
