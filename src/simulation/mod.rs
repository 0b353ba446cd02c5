//! Marching a cell through its protocol: steps, events, cycles, checkpoints.
pub mod attribution;
pub mod blocks;
pub mod checkpoint;
mod course;
pub mod cursor;
pub mod cycling;
pub mod march;
pub mod realisations;
pub mod run;
pub mod spectra;
pub mod states;
pub use run::{Event, RunError, Supervision, run, spectrum_of_run};
