//! Marching a cell through its protocol: steps, events, cycles, checkpoints.
mod record;
pub use record::*;
