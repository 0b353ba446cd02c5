//! What each substance is: data with unit and source, not code.
mod types;
pub use types::*;
