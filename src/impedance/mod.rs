//! impedance
