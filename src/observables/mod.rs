//! What an instrument would show of a cell, computed as an experimenter would:
//! active mass from relaxed potentials, differential capacity, efficiencies,
//! titration, relaxation and decay of what a cycler records; relative ToF-SIMS
//! intensities, components of photoelectron spectra and the coverage read from them, of a
//! simulated cell as of measured tables; gas behind a headspace.

mod active_mass;
mod coverage;
mod cycling;
mod differential;
mod efficiency;
mod gas;
mod headspace;
mod intensities;
mod peaks;
mod photoelectrons;
mod relaxation;
mod time_of_flight;
mod titration;

pub use active_mass::*;
pub use coverage::*;
pub use cycling::*;
pub use differential::*;
pub use efficiency::*;
pub use gas::*;
pub use headspace::*;
pub use intensities::*;
pub use peaks::*;
pub use photoelectrons::*;
pub use relaxation::*;
pub use time_of_flight::*;
pub use titration::*;
