//! What is asked: a scenario TOML read, checked and turned into SI.
mod types;
pub use types::*;
