//! Marching a cell through its protocol: steps, events, cycles, checkpoints.
pub mod checkpoint;
pub mod cycling;
pub mod march;
mod record;
pub use record::*;
