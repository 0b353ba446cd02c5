//! Side reactions over an implicit stage.
//!
//! Their rates hang on the potential, which the particles of a depth share, and on films
//! and pools that Newton's method does not change: either is evaluated once where it can be.

use super::frozen::SideBase;
use super::interface::Patches;
use super::model::Electrode;
use crate::degradation::{Carbonate, Drive, Film, Oxidation};

/// Side reactions of a stage, with their slopes in the potential.
#[derive(Debug, Clone)]
pub struct Sides {
    /// Electrolyte oxidation at bare active surface, A/m2, per particle.
    pub oxidation: Vec<f64>,
    /// Carbonate oxidation, rate of the left share, 1/s, per particle.
    pub carbonate: Vec<f64>,
    /// Oxidation of sulfide in the coating, rate of the left share, 1/s, per particle.
    pub sulfide: Vec<f64>,
    /// Electrolyte oxidation at carbon, A/m2, per depth.
    pub carbon: Vec<f64>,
    /// Electrolyte oxidation at the collector, A/m2.
    pub collector: f64,
    slopes: Vec<[f64; 3]>,
    carbon_slopes: Vec<f64>,
    collector_slope: f64,
    films: Vec<Film>,
    carbon_films: Vec<Film>,
    collector_film: Film,
}

/// What drives side reactions at one potential.
pub(super) struct Drives {
    potential: f64,
    oxidation: Drive,
    /// How fast carbonate empties over the stage, 1/s, and the slope, per share at its start.
    carbonate: (f64, f64),
}

impl Drives {
    /// At `potential`, V vs Li+/Li, over a stage of `tau` (s).
    pub fn at(model: &Electrode, potential: f64, tau: f64) -> Self {
        let laws = &model.ageing;
        Self {
            potential,
            oxidation: laws
                .oxidation
                .as_ref()
                .map_or_else(Drive::default, |law| law.drive(potential)),
            carbonate: laws
                .carbonate
                .as_ref()
                .map_or((0.0, 0.0), |law| emptied(law.rate(potential), 1.0, tau)),
        }
    }
}

impl Sides {
    /// Storage for `particles` at `depths`.
    pub(super) fn new(particles: usize, depths: usize) -> Self {
        Self {
            oxidation: vec![0.0; particles],
            carbonate: vec![0.0; particles],
            sulfide: vec![0.0; particles],
            carbon: vec![0.0; depths],
            collector: 0.0,
            slopes: vec![[0.0; 3]; particles],
            carbon_slopes: vec![0.0; depths],
            collector_slope: 0.0,
            films: vec![Film::default(); particles],
            carbon_films: vec![Film::default(); depths],
            collector_film: Film::default(),
        }
    }

    /// Takes the films as they are at the start of a stage.
    pub(super) fn start(&mut self, model: &Electrode, base: &SideBase) {
        let Some(law) = &model.ageing.oxidation else {
            return;
        };
        for (film, thickness) in self.films.iter_mut().zip(&base.polysulfide) {
            *film = law.film(*thickness);
        }
        for (film, thickness) in self.carbon_films.iter_mut().zip(&base.carbon) {
            *film = law.film(*thickness);
        }
        self.collector_film = law.film(base.collector);
    }

    /// Side currents of particle `m` over a stage of `tau` (s) per active volume, A/m3, and
    /// their slope.
    #[inline(always)]
    pub(super) fn of_particle(
        &mut self,
        model: &Electrode,
        patches: &Patches,
        base: &SideBase,
        drives: &Drives,
        m: usize,
        tau: f64,
    ) -> [f64; 2] {
        let mut sum = [0.0; 2];
        if let Some(law) = &model.ageing.oxidation {
            let (current, slope) = limited(law, &drives.oxidation, &self.films[m], tau);
            let bare = patches.surface * patches.share[0];
            self.oxidation[m] = current;
            self.slopes[m][0] = slope;
            sum = [bare * current, bare * slope];
        }
        if model.ageing.carbonate.is_some() {
            let pool = model.carbonate * Carbonate::charge_per_mole();
            let left = base.carbonate[m];
            let (emptying, slope) = (left * drives.carbonate.0, left * drives.carbonate.1);
            self.carbonate[m] = emptying;
            self.slopes[m][1] = slope;
            sum[0] += pool * emptying;
            sum[1] += pool * slope;
        }
        if let Some(law) = &model.ageing.coating_sulfide {
            let left = base.sulfide[m];
            let (emptying, slope) = emptied(law.rate(drives.potential, left, tau), left, tau);
            self.sulfide[m] = emptying;
            self.slopes[m][2] = slope;
            sum[0] += law.charge * emptying;
            sum[1] += law.charge * slope;
        }
        sum
    }

    /// Oxidation at the carbon of depth `k`, A/m2, and its slope.
    pub(super) fn of_carbon(
        &mut self,
        model: &Electrode,
        drives: &Drives,
        k: usize,
        tau: f64,
    ) -> [f64; 2] {
        if let Some(law) = &model.ageing.oxidation {
            (self.carbon[k], self.carbon_slopes[k]) =
                limited(law, &drives.oxidation, &self.carbon_films[k], tau);
        }
        [self.carbon[k], self.carbon_slopes[k]]
    }

    /// Oxidation at the collector, A/m2, and its slope.
    pub(super) fn of_collector(
        &mut self,
        model: &Electrode,
        drives: &Drives,
        tau: f64,
    ) -> [f64; 2] {
        if let Some(law) = &model.ageing.oxidation {
            (self.collector, self.collector_slope) =
                limited(law, &drives.oxidation, &self.collector_film, tau);
        }
        [self.collector, self.collector_slope]
    }

    /// Follows a `shift` (V) of the potential at particle `m`.
    #[inline]
    pub(super) fn shift_particle(&mut self, m: usize, shift: f64) {
        let [oxidation, carbonate, sulfide] = self.slopes[m];
        self.oxidation[m] += oxidation * shift;
        self.carbonate[m] += carbonate * shift;
        self.sulfide[m] += sulfide * shift;
    }

    /// Follows a `shift` (V) of the potential at the carbon of depth `k` and, at the last
    /// depth, at the collector.
    pub(super) fn shift_depth(&mut self, k: usize, shift: f64) {
        self.carbon[k] += self.carbon_slopes[k] * shift;
        if k + 1 == self.carbon.len() {
            self.collector += self.collector_slope * shift;
        }
    }
}

/// How fast a pool empties (1/s) over a stage of `tau` (s) from the share `base`, and the
/// slope in the potential, from its rate constant and that one's slope. Left is
/// `base/(1 + tau k)`: the pool can only empty.
#[inline]
fn emptied((rate, slope): (f64, f64), base: f64, tau: f64) -> (f64, f64) {
    let kept = 1.0 / (1.0 + tau * rate);
    let left = base * kept;
    (rate * left, slope * left * kept)
}

/// Oxidation current (A/m2) over a stage of `tau` (s) through a film, and its slope in the
/// potential.
#[inline]
fn limited(law: &Oxidation, drive: &Drive, film: &Film, tau: f64) -> (f64, f64) {
    let side = law.over_film(drive, film, tau);
    (side.current, side.by_potential)
}
