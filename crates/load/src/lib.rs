//! What has to be fast in the lab: the load generator, and the floor that servers are measured against. A package of
//! its own, so that only this much of the lab is built optimised.

mod clock;
pub mod floor;
mod generator;
mod stop;
mod wire;

pub use clock::own_processor_time;
pub use generator::{Harvest, Load, Pace};
pub use stop::{Interrupt, Stop};
pub use wire::{Progress, Wire, request};
