//! How open the facets of grains are, place by place, and so where they gape.
//!
//! A facet is where two grains of the electrolyte, or a grain and a particle, meet. What
//! its openness means stands in `voids.rs`, which decides from where on facets gape.

use super::electrolyte::Grains;
use super::grid::{Grid, Raster};
use super::random::{Stage, mixed, stream};
use rand_distr::{Distribution, StandardNormal};
use std::f64::consts::PI;

/// Half width of a gap where it begins, m. Gaps seen in polished sections are
/// some tenths of a micrometre wide; thinner ones interrupt more paths with the
/// same volume: with 0.16 um the conductivity of the composite is two fifths higher.
/// Chosen within that so that composites conduct as measured ones do, 0.1 to 0.4 mS/cm
/// (with 0.16 um 0.35 mS/cm for 70:30 with fibres and 12 % pores, 0.56 mS/cm for 70:30
/// with carbon black pressed at 440 MPa).
pub(super) const HALF_GAP: f64 = 0.12e-6;
/// How much wider a gap gets per unit of openness, m. Doubling it raised the
/// conductivity by a fifth (from 0.120; measured with pores as whole voxels, as
/// all of the following): volume goes into width instead of area.
const GAP_SPREAD: f64 = 0.05e-6;
/// Share of the variance of openness that belongs to the facet as a whole. With
/// none, gaps are patches that current flows round: conductivity 0.130; with all
/// of it, 0.111.
const FACET_SHARE: f64 = 0.8;
/// Distance over which the rest varies, in grain diameters. Conductivity is 0.122
/// at 0.25 and 0.116 at 1.
const PATCH_LENGTH: f64 = 0.5;
/// How much less open facets towards particles are: the soft electrolyte is
/// pressed against hard particles. At 0, 1 and 2 the conductivity is 0.169, 0.139
/// and 0.120, and 0.39, 0.29 and 0.22 of the particles' surface face pores.
/// Chosen for the conductivity, the one of the two that has been measured.
const PARTICLE_WELD: f64 = 2.0;

/// Where facets gape, at any point.
pub(super) struct Gapes {
    pub smooth: Openness,
    pub seed: u64,
    /// Openness from which facets between grains, and towards particles, gape.
    pub thresholds: [f64; 2],
}

impl Gapes {
    /// Half the width of a gap, m, whose openness exceeds the threshold by `excess`.
    pub fn half_width(excess: f64) -> f64 {
        HALF_GAP + GAP_SPREAD * excess
    }

    /// Openness of the facet between two grains where its smooth part is `patch`.
    pub fn between(&self, a: u32, b: u32, patch: f64) -> f64 {
        let facet = facet_openness(self.seed, [a.min(b), a.max(b)]);
        FACET_SHARE.sqrt() * facet + patch
    }

    /// Openness of the facet between a grain and a particle, likewise.
    pub fn surface(&self, grain: u32, particle: u32, patch: f64) -> f64 {
        let facet = facet_openness(self.seed, [grain, as_grain(particle)]);
        FACET_SHARE.sqrt() * facet - PARTICLE_WELD + patch
    }

    /// The smooth part of openness at a point.
    pub fn patch(&self, point: [f64; 3]) -> f64 {
        self.smooth.patch(point)
    }
}

/// The label of a particle among grains: counted from the top, it is never taken
/// for one.
fn as_grain(particle: u32) -> u32 {
    u32::MAX - particle
}

/// The thresholds at which a voxel lies in the gap of its facet with the next grain and
/// of that with the nearest particle, but for the smooth part of openness.
pub(super) fn openings(voxel: usize, grains: &Grains, raster: &Raster, seed: u64) -> [f64; 2] {
    let beyond = |distance: f32| (f64::from(distance) - HALF_GAP).max(0.0) / GAP_SPREAD;
    let (grain, neighbour) = (grains.ids[voxel], grains.neighbours[voxel]);
    let boundary = FACET_SHARE.sqrt()
        * facet_openness(seed, [grain.min(neighbour), grain.max(neighbour)])
        - beyond(grains.boundary[voxel]);
    let particle = as_grain(raster.nearest[voxel]);
    let surface = FACET_SHARE.sqrt() * facet_openness(seed, [grain, particle])
        - PARTICLE_WELD
        - beyond(raster.clearance[voxel]);
    [boundary, surface]
}

/// The openness of a facet: a random number with mean 0 and deviation 1 that
/// depends on the seed and the two labels alone. The
/// logistic distribution stands in for the normal one, which it resembles.
pub(super) fn facet_openness(seed: u64, [a, b]: [u32; 2]) -> f64 {
    let bits = mixed(mixed(seed) ^ (u64::from(a) << 32 | u64::from(b)));
    let share = ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    (share / (1.0 - share)).ln() * 3.0_f64.sqrt() / PI
}

/// A smooth periodic random field with mean 0 and deviation 1: normal numbers
/// on a cubic lattice, interpolated so that the deviation is the same everywhere.
pub(super) struct Openness {
    lattice: Grid,
    values: Vec<f64>,
}

impl Openness {
    /// Given the diameter of the grains, m.
    pub fn new(grid: &Grid, grain_diameter: f64, seed: u64) -> Self {
        let length = PATCH_LENGTH * grain_diameter;
        let nodes = (grid.edge() / length)
            .round()
            .clamp(1.0, grid.resolution as f64);
        let lattice = Grid {
            resolution: nodes as usize,
            voxel: grid.edge() / nodes,
        };
        let mut random = stream(seed, Stage::Openness, 0);
        let values = (0..lattice.count())
            .map(|_| StandardNormal.sample(&mut random))
            .collect();
        Self { lattice, values }
    }

    /// The part of a facet's openness at a point that varies smoothly.
    pub fn patch(&self, point: [f64; 3]) -> f64 {
        (1.0 - FACET_SHARE).sqrt() * self.at(point)
    }

    fn at(&self, point: [f64; 3]) -> f64 {
        let n = self.lattice.resolution;
        let node = self.lattice.coordinates_at(point);
        let weights = point.map(|x| {
            let t = (x / self.lattice.voxel).rem_euclid(1.0);
            let upper = t * t * (3.0 - 2.0 * t);
            // Squares of the two weights add up to 1.
            let norm = (upper * upper + (1.0 - upper) * (1.0 - upper)).sqrt();
            [(1.0 - upper) / norm, upper / norm]
        });
        let mut sum = 0.0;
        for corner in 0..8 {
            let side = [corner >> 2 & 1, corner >> 1 & 1, corner & 1];
            let at = std::array::from_fn(|a| (node[a] + side[a]) % n);
            let weight: f64 = (0..3).map(|a| weights[a][side[a]]).product();
            sum += weight * self.values[self.lattice.index(at)];
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid {
        resolution: 40,
        voxel: 0.3e-6,
    };

    fn moments(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
        (mean, (square / values.len() as f64).sqrt())
    }

    #[test]
    fn openness_has_unit_deviation_and_is_periodic() {
        let field = Openness::new(&GRID, 1e-6, 11);
        let values: Vec<f64> = (0..GRID.count())
            .map(|i| field.at(GRID.centre(i)))
            .collect();
        let (mean, deviation) = moments(&values);
        assert!(mean.abs() < 0.1, "{mean}");
        assert!((0.9..1.1).contains(&deviation), "{deviation}");
        let inside = field.at([0.4e-6, 1e-9, 3e-6]);
        let beyond = field.at([0.4e-6, GRID.edge() - 1e-12, 3e-6]);
        assert!((inside - beyond).abs() < 1e-3, "{inside} {beyond}");
    }

    #[test]
    fn facets_have_unit_deviation() {
        let values: Vec<f64> = (1..20_000).map(|a| facet_openness(5, [a, a + 7])).collect();
        let (mean, deviation) = moments(&values);
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((0.98..1.02).contains(&deviation), "{deviation}");
    }
}
