//! What an instrument would show of a cell, computed as an experimenter would:
//! active mass from relaxed potentials, differential capacity, efficiencies,
//! relative ToF-SIMS intensities.

mod active_mass;
mod differential;
mod efficiency;
mod time_of_flight;

pub use active_mass::*;
pub use differential::*;
pub use efficiency::*;
pub use time_of_flight::*;
