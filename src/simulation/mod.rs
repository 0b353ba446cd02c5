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
pub use run::{Aged, Event, RunError, Supervision, Wanted, age, run, run_on, structure};
