//! Knows no chemistry: interpolation, tridiagonal systems, hashing, the normal
//! distribution.

pub mod hash;
pub mod interpolate;
pub mod normal;
pub mod sampled;
pub mod tridiagonal;
