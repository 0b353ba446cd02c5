//! Knows no chemistry: interpolation, tridiagonal systems, hashing.

pub mod hash;
pub mod interpolate;
pub mod sampled;
pub mod tridiagonal;
