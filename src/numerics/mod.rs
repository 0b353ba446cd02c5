//! Knows no chemistry: interpolation, tridiagonal systems, hashing, what hangs
//! together on a grid.

pub mod connection;
pub mod hash;
pub mod interpolate;
pub mod sampled;
pub mod tridiagonal;
