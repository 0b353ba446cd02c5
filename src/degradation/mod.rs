//! How the cathode ages: one file per mechanism, rates only.
//!
//! Each mechanism takes the local state it needs and answers with a rate or
//! with the growth over an interval; none knows of depths, size classes or time
//! stepping. The constants are [`crate::materials::DegradationLaws`]; a
//! mechanism is built from them for one temperature.
//!
//! Laws that fatigue (contact loss, cracking, wear of the coating) count
//! *shrinkage*: they accumulate while a particle gives up volume, by the rise
//! of a power of its volume change, so that one full charge adds exactly the
//! law's per-cycle amount, and the sum does not depend on the time step.

pub mod carbonate;
pub mod coating_sulfide;
pub mod conduction_loss;
pub mod contact_loss;
pub mod contact_reaction;
pub mod cracking;
pub mod disconnection;
pub mod elements;
pub mod oxidation;
pub mod oxygen;
pub mod wear;

pub use carbonate::Carbonate;
pub use coating_sulfide::CoatingSulfide;
pub use conduction_loss::ConductionLoss;
pub use contact_loss::ContactLoss;
pub use contact_reaction::ContactReaction;
pub use cracking::Cracking;
pub use disconnection::Disconnection;
pub use oxidation::Oxidation;
pub use oxygen::OxygenReaction;
pub use wear::CoatingWear;

/// Volume change at which the fatigue constants are stated (5 %).
pub const REFERENCE_VOLUME_CHANGE: f64 = 0.05;
/// C-rate at which the fatigue constants are stated.
pub const REFERENCE_RATE: f64 = 0.1;
