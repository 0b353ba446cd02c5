//! degradation
