//! Knows no chemistry: interpolation, tridiagonal systems, hashing, the normal
//! distribution, what hangs together on a grid.

pub mod connection;
pub mod hash;
pub mod interpolate;
pub mod normal;
pub mod sampled;
pub mod shapley;
pub mod tridiagonal;
