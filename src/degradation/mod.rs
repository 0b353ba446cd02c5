//! How the cathode ages: one file per mechanism, rates only.
//!
//! Each mechanism takes the local state it needs and answers with a rate or
//! with the growth over an interval; none knows of depths, size classes or time
//! stepping. The constants are [`crate::materials::DegradationLaws`]; a
//! mechanism is built from them for one temperature.
//!
//! What each depends on, beside the potential or the lithium content that drives it:
//!
//! | mechanism | temperature | rate | coating |
//! |---|---|---|---|
//! | oxidation | Arrhenius | time above its onset | only on bare surface |
//! | oxygen reaction | Arrhenius | time above its onset | leaks through by thickness |
//! | contact reaction | Arrhenius | time alone | by the coating's own reactivity |
//! | carbonate gas | Arrhenius | time above its onset | - |
//! | contact loss | through the layers | power of the C-rate | cushions, or not |
//! | cracking | through rock salt | power of the current through the contact left | through contact |
//! | disconnection | through layers and contact | through contact | through both |
//! | loss of ionic paths | through layers and contact | through contact | through both |
//! | wear of the coating | Arrhenius | power of the C-rate | by its stiffness |
//!
//! Arrhenius factors are 1 at 25 degC ([`crate::constants::arrhenius`]). Breathing has
//! none: how far a particle shrinks is set by its lithium content, and stiffness and
//! toughness are taken as constant between 25 and 60 degC (estimate; creep of the
//! electrolyte is not modelled). Temperature still reaches these laws through how far the particle is
//! charged and through the layers that grow.
//!
//! Laws that fatigue (contact loss, cracking, wear of the coating) count
//! *shrinkage*: they accumulate while a particle gives up volume, by the rise
//! of a power of its volume change, so that one full charge adds exactly the
//! law's per-cycle amount, and the sum does not depend on the time step.

pub mod carbonate;
pub mod coating_interphase;
pub mod coating_sulfide;
pub mod conduction_loss;
pub mod contact_loss;
pub mod contact_reaction;
pub mod cracking;
pub mod disconnection;
pub mod elements;
pub mod mechanism;
pub mod oxidation;
pub mod oxygen;
pub mod wear;

pub use carbonate::Carbonate;
pub use coating_interphase::CoatingInterphase;
pub use coating_sulfide::CoatingSulfide;
pub use conduction_loss::ConductionLoss;
pub use contact_loss::ContactLoss;
pub use contact_reaction::ContactReaction;
pub use cracking::Cracking;
pub use disconnection::Disconnection;
pub use mechanism::Mechanism;
pub use oxidation::{Drive, Film, Oxidation};
pub use oxygen::OxygenReaction;
pub use wear::CoatingWear;

/// Volume change at which the fatigue constants are stated (5 %).
pub const REFERENCE_VOLUME_CHANGE: f64 = 0.05;
/// C-rate at which the fatigue constants are stated.
pub const REFERENCE_RATE: f64 = 0.1;
