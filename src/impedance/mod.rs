//! The model linearised, and the fits experimenters use.

pub mod linearise;
