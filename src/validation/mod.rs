//! The room of validation: what papers measured beside what engobe simulates of the
//! same cells.
//!
//! A paper is a TOML file in `validation/papers`: its cells (each a scenario), the
//! numbers it states, its orderings and its findings. Each of them carries the
//! expression that reads the same from the simulated cells
//! ([`reading`]), e.g. `pristine.retention(100)`. Nothing of a paper is left out: a
//! finding that the model cannot speak of stays in the table, not reproduced, with the
//! reason.

mod assess;
mod expression;
mod paper;
pub mod reading;
mod runs;
pub(crate) mod table;
mod trace;

pub(crate) use assess::scale;
pub use assess::{Assessment, Claim, Number, Standing, Verdict, assess};
pub(crate) use expression::{Bound, Expressions};
pub use paper::{Finding, Group, Measured, Ordering, Paper, PaperCell, PaperError, Role, Source};
pub use reading::SimulatedCell;
pub use runs::{Finished, Folders, RunsError, Simulations, simulate};
pub use table::{Summary, csv, markdown};
pub use trace::asked;
