//! The coupled model of the cathode and the cell around it.
//!
//! At every depth of the cathode particles of several size classes take up and
//! give off lithium by diffusion through shells; the interface carries
//! Butler-Volmer current through layers in series and patches in parallel; charge
//! is conserved in the electrolyte (a single-ion conductor: Ohm's law alone) and in
//! the solid. Because both carry the same total current, the two potentials at a
//! depth reduce to one unknown, `E = phi_s - phi_e`, and the thickness to one
//! scalar tridiagonal system. A particle meets it through one number: its surface
//! stoichiometry is an affine function of its current, found by one sweep through
//! its shells.
//!
//! | file | concern |
//! |---|---|
//! | [`properties`] | the oxide's functions of stoichiometry, as tables |
//! | [`equilibrium`] | open-circuit potentials from empty to full |
//! | [`geometry`] | shells of a particle |
//! | [`model`] | a cell put together from scenario, structure and transport |
//! | `film` | a coating of uneven thickness as one layer |
//! | [`state`] | the flat state vector and its named views |
//! | [`particle`] | diffusion in all particles at once |
//! | [`interface`] | layers, patches, charge transfer |
//! | [`thickness`] | potentials through the cathode |
//! | [`load`] | what is imposed on the cell |
//! | [`frozen`] | what a stage takes as given |
//! | `side` | side reactions over a stage |
//! | [`stage`] | one implicit stage: Newton on all of the above |
//! | [`step`] | one time step with its error |
//! | `aged` | what ages slowly in one particle |
//! | [`ageing`] | what a step does to the state |
//! | [`projection`] | a cell as it would be some cycles later |
//! | [`ownership`] | which part of the state each mechanism made |
//!
//! Signs: current is positive on charge. A positive interface current oxidises,
//! that is, lithium leaves the particle.

mod aged;
pub mod ageing;
pub mod equilibrium;
mod film;
pub mod frozen;
pub mod geometry;
pub mod interface;
pub mod load;
pub mod model;
pub mod ownership;
pub mod particle;
pub mod projection;
pub mod properties;
mod side;
pub mod stage;
pub mod state;
pub mod step;
pub mod thickness;

pub use load::{Load, StageError};
pub use model::{Electrode, ModelError};
pub use state::{Field, State};
pub use step::{Solver, StepResult};
