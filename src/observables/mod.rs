//! What an instrument would show of a cell, computed as an experimenter would:
//! active mass from relaxed potentials, differential capacity, efficiencies,
//! relative ToF-SIMS intensities, the coating's share of a photoelectron spectrum.

mod active_mass;
mod differential;
mod efficiency;
mod photoelectrons;
mod time_of_flight;

pub use active_mass::*;
pub use differential::*;
pub use efficiency::*;
pub use photoelectrons::*;
pub use time_of_flight::*;
