//! electrode
