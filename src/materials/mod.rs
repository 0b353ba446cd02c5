//! What each substance is: data with unit and source, not code.
//!
//! `data/*.toml` holds one substance or small family per file and is shipped
//! inside the binary; [`library`] gives it with unit, source and what it was
//! fitted to, [`Library::get`] as the plain numbers of [`types`](self). A scenario
//! may override any value or add materials.
mod electrolyte;
mod library;
mod process;
mod property;
mod schema;
#[cfg(test)]
mod tests;
mod types;

pub use electrolyte::{Electrolyte, ElectrolyteState};
pub use library::{Library, library, shipped_files};
pub use process::{CoatingProcess, ProcessRate};
pub use property::{Entry, Property, PropertyValue};
pub use schema::{LAWS, MATERIAL_FORMS, MaterialKind, leaves};
pub use types::*;
