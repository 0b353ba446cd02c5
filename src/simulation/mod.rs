//! Marching a cell through its protocol: steps, events, cycles, checkpoints.
pub mod attribution;
pub mod checkpoint;
pub mod cycling;
pub mod march;
pub mod realisations;
pub mod run;
pub mod spectra;
pub use run::{Event, RunError, Supervision, run};
