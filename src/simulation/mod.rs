//! Marching a cell through its protocol: steps, events, cycles, checkpoints.
mod approach;
pub mod attribution;
pub mod blocks;
pub mod checkpoint;
mod clock;
mod course;
pub mod cursor;
pub mod cycling;
mod growth;
pub mod march;
pub mod realisations;
pub mod run;
pub mod spectra;
pub mod states;
mod wanted;

pub use run::{Event, RunError, Supervision, age, run, run_on, spectrum_of_run, structure};
pub use wanted::{Aged, Wanted};
