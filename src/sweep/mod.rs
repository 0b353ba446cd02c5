//! The room of sweeps: many runs of one scenario, on a laptop or a cluster, none of them
//! lost.
//!
//! `[sweep]` of a scenario ([`read()`]) becomes a [`Design`], which knows the settings of any
//! run by its number and keeps nothing; a [`Job`] builds runs through the front door, like
//! files, and gives each a key by its content. A [`Plan`] has checked them all and stands on
//! disk. [`Worker`]s take chunks of it, share structures ([`parts`]), write finished runs to a
//! [`journal`] and publish whole chunks ([`chunk`]) that are believed by their checksums;
//! [`merge()`] makes one summary and one file of series of them. Whoever does the work, and in
//! what portions, the merged files are the same to the byte.

mod amount;
pub mod chunk;
pub mod design;
mod distribution;
mod earlier;
pub mod engine;
mod error;
mod estimate;
mod job;
pub mod journal;
mod layout;
mod merge;
pub mod outcome;
pub mod parts;
mod plan;
mod read;
mod row;
mod sampling;
pub mod sensitivity;
mod series;
mod series_file;
mod status;
mod summary_file;
pub mod summary_reading;
mod work;

pub use design::{Design, Parameter, Value};
pub use error::SweepError;
pub use estimate::{Estimate, duration, size};
pub use job::{Built, Job, Key};
pub use layout::Layout;
pub use merge::{Merged, merge};
pub use outcome::{Columns, Measured, Outcome, simulate};
pub use plan::{Manifest, Options, Plan, Planned, difference, estimate, make, scenario_text};
pub use read::{SWEEP, read};
pub use row::Row;
pub use sampling::{Method, Points};
pub use series::{Kind, Scalar};
pub use status::{Status, ranges, status};
pub use work::{Event, Simulate, Worker};
