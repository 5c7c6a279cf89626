//! Clients that are there and do nothing.

use std::net::SocketAddr;

use load::{Interrupt, Progress, Stop, Wire, request};

/// Connections that are held. Dropping them closes them.
#[derive(Debug, Default)]
pub struct Idlers(Vec<Wire>);

impl Idlers {
    /// So many more. Each asks for the page once if the server is to keep it (`asking`), and is silent from then on.
    pub fn more(
        &mut self,
        number: usize,
        address: SocketAddr,
        asking: bool,
        interrupt: &Interrupt,
    ) -> Result<(), Stop> {
        let request = request("/page.html", true);
        for _ in 0..number {
            interrupt.check()?;
            let mut wire = Wire::open(address).map_err(Stop::to("connect an idle client"))?;
            if asking {
                let come = wire.fetch(&request).map_err(Stop::to("ask for a page"))?;
                if come != Progress::Kept {
                    return Err(Stop::Failed("the server does not keep connections".to_owned()));
                }
            }
            self.0.push(wire);
        }
        Ok(())
    }

    /// How many there are.
    pub fn number(&self) -> usize {
        self.0.len()
    }
}
