//! What an implicit stage takes as given: interfaces and conductivities as they have aged,
//! and the side reactions' state at its start.

use super::interface::Patches;
use super::thickness::Ladder;

/// What stays fixed during a stage.
#[derive(Debug, Clone)]
pub struct Frozen {
    /// Interfaces, per particle.
    pub patches: Vec<Patches>,
    /// Connected active volume per cell area, m, per particle.
    pub volume: Vec<f64>,
    /// Share of contact lost, per particle.
    pub lost: Vec<f64>,
    /// Factor of cracks on diffusivity, per particle.
    pub slowing: Vec<f64>,
    /// Potentials through the thickness.
    pub ladder: Ladder,
    /// Ionic resistance over its fresh value, per depth.
    pub ionic_growth: Vec<f64>,
}

impl Frozen {
    /// Contact surface of particle `m`'s patches per cell area: bare, coated.
    pub fn area(&self, m: usize) -> [f64; 2] {
        let patches = &self.patches[m];
        patches
            .share
            .map(|share| self.volume[m] * patches.surface * share)
    }
}

/// State variables of the side reactions at the start of a stage.
#[derive(Debug, Clone)]
pub struct SideBase {
    /// Polysulfide on bare active surface, m, per particle.
    pub polysulfide: Vec<f64>,
    /// Carbonate left, per particle.
    pub carbonate: Vec<f64>,
    /// Sulfide left in the coating, per particle.
    pub sulfide: Vec<f64>,
    /// Polysulfide on carbon, m, per depth.
    pub carbon: Vec<f64>,
    /// Polysulfide on the collector, m.
    pub collector: f64,
    /// Lithiation of the anode.
    pub lithiation: f64,
}
