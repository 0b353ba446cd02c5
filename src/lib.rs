//! engobe simulates coated composite cathodes of sulfide solid-state batteries:
//! from a recipe to microstructure, effective transport, cycling with
//! degradation, impedance and the analysis an experimenter would run on them.
//!
//! The rooms of the house, in the order in which a simulation runs through
//! them; a room imports only rooms above it in this list ([`numerics`],
//! [`constants`] and [`input`], the front door, are open to all):
//!
//! | room | what it answers |
//! |---|---|
//! | [`materials`] | what each substance is: data with unit and source |
//! | [`annealing`] | what becomes of a precursor annealed on the oxide |
//! | [`scenario`] | what is asked: recipe, coating, cell, protocol |
//! | [`microstructure`] | where everything sits |
//! | [`transport`] | how well it conducts |
//! | [`degradation`] | how it ages: one file per mechanism, rates only |
//! | [`electrode`] | the coupled model of the cathode and the cell around it |
//! | [`impedance`] | the same model linearised, and the fits experimenters use |
//! | [`record`] | what a run leaves behind, in memory |
//! | [`observables`] | what an instrument would show |
//! | [`measurement`] | laboratory files, repaired or refused |
//! | [`analysis`] | what an experimenter reads from spectra and cycling records |
//! | [`simulation`] | marching through the protocol |
//! | [`results`] | HDF5 and CSV |
//! | [`sweep`] | many runs of one scenario, on a laptop or a cluster |
//! | [`validation`] | what papers measured beside what is simulated |
//! | [`calibration`] | which parameters fit measured numbers, and what the data determine |
//! | [`report`] | plots and one HTML page |
//! | [`cli`] | the command |
//!
//! Inside the library every quantity is SI (`f64`), with the unit in the doc
//! comment of its field. Current is positive on charge, as cyclers write it;
//! charging delithiates the cathode. Potentials named `_vs_li` are against
//! Li⁺/Li, others against the anode of the cell.

pub mod analysis;
pub mod annealing;
pub mod calibration;
pub mod cli;
pub mod constants;
pub mod degradation;
pub mod electrode;
pub mod impedance;
pub mod input;
pub mod materials;
pub mod measurement;
pub mod microstructure;
pub mod numerics;
pub mod observables;
pub mod record;
pub mod report;
pub mod results;
pub mod scenario;
pub mod simulation;
pub mod sweep;
pub mod transport;
pub mod validation;
