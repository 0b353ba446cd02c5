//! Knows no chemistry: tridiagonal systems, interpolation, roots, hashing.
