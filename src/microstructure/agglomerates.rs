//! Where particles start that are not evenly mixed: a share of them in
//! agglomerates, the rest spread over the space between.
//!
//! `heterogeneity` is the share of the active volume bound in agglomerates. An
//! agglomerate is a region some [`AGGLOMERATE`] median diameters wide, as dense as
//! spheres pack at random ([`DENSE`]); what is not bound is spread evenly over the
//! space that is left, so the denser the whole, the less room there is for unevenness. The regions are the crests of a periodic random wave field,
//! cut where they hold the volume asked for. Relaxation then pushes overlapping
//! spheres apart over fractions of a diameter, and so leaves the regions in place.

use super::random::{Stage, stream};
use rand::RngExt;
use std::f64::consts::PI;

/// Width of an agglomerate in median diameters (estimate: dry-mixed pellets show
/// clusters of some ten to twenty particles).
pub const AGGLOMERATE: f64 = 3.0;
/// Volume fraction within agglomerates: random close packing (G. D. Scott, Nature 188,
/// 908, 1960). Measured at 0.41 over boxes of twelve diameters: the correlation at a
/// distance of one diameter rises from 0.001 to 0.024 between none and all in
/// agglomerates, and to 0.020 with 0.60 here.
const DENSE: f64 = 0.64;
/// Wave numbers of the field, relative to that of crests one agglomerate wide.
const BAND: [f64; 2] = [0.6, 1.4];
/// Most waves, drawn from the band where it holds more: enough for crests without
/// order.
const MOST_WAVES: usize = 40;
/// Points per edge at which the field is looked at to find its level.
const LATTICE: usize = 32;
/// Places tried for a particle before the last one is taken.
const MOST_TRIES: usize = 1_000_000;

/// A periodic sum of waves in the unit cube with equal amplitudes and random phases.
struct Field {
    /// Wave vectors and phases.
    waves: Vec<([f64; 3], f64)>,
}

impl Field {
    /// Waves whose crests are about `width` wide (of a box of edge 1; at most 0.5).
    fn new(width: f64, seed: u64) -> Self {
        let number = 0.5 / width;
        let most = (BAND[1] * number).floor() as i64;
        let mut random = stream(seed, Stage::Agglomerates, 0);
        // With a lot each, by which they are drawn.
        let mut waves = Vec::new();
        for i in 0..=most {
            for j in -most..=most {
                for k in -most..=most {
                    // Of two opposite vectors one is enough.
                    let first = i > 0 || j > 0 || (j == 0 && k > 0);
                    let vector = [i, j, k].map(|n| n as f64);
                    let length = vector.iter().map(|n| n * n).sum::<f64>().sqrt();
                    if first && (BAND[0] * number..=BAND[1] * number).contains(&length) {
                        let (lot, phase): (f64, f64) = (random.random(), random.random());
                        waves.push((lot, vector.map(|n| 2.0 * PI * n), 2.0 * PI * phase));
                    }
                }
            }
        }
        waves.sort_by(|a, b| a.0.total_cmp(&b.0));
        waves.truncate(MOST_WAVES);
        Self {
            waves: waves.into_iter().map(|(_, k, phase)| (k, phase)).collect(),
        }
    }

    fn at(&self, point: [f64; 3]) -> f64 {
        self.waves
            .iter()
            .map(|(k, phase)| (k[0] * point[0] + k[1] * point[1] + k[2] * point[2] + phase).cos())
            .sum()
    }

    /// The level that a share of the volume exceeds.
    fn level(&self, share: f64) -> f64 {
        let n = LATTICE;
        let mut values: Vec<f64> = (0..n.pow(3))
            .map(|i| {
                let at = [i / (n * n), i / n % n, i % n];
                self.at(at.map(|x| (x as f64 + 0.5) / n as f64))
            })
            .collect();
        values.sort_by(f64::total_cmp);
        let below = ((1.0 - share) * values.len() as f64) as usize;
        values.get(below).copied().unwrap_or(f64::INFINITY)
    }
}

/// Diameter (in units of `radii`) below which half of the volume lies.
pub(super) fn median_diameter(radii: &[f64]) -> f64 {
    let mut sorted = radii.to_vec();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().map(|r| r.powi(3)).sum();
    let mut below = 0.0;
    let median = sorted.iter().find(|r| {
        below += r.powi(3);
        below >= 0.5 * total
    });
    2.0 * median.copied().unwrap_or(0.0)
}

/// Where spheres of these radii (of a box of edge 1) start, with a share
/// `heterogeneity` of their volume in agglomerates.
pub(super) fn start(radii: &[f64], heterogeneity: f64, seed: u64) -> Vec<[f64; 3]> {
    let fraction: f64 = radii.iter().map(|r| 4.0 / 3.0 * PI * r.powi(3)).sum();
    let field = Field::new(AGGLOMERATE * median_diameter(radii), seed);
    let level = field.level(heterogeneity * fraction / DENSE.max(fraction));
    let bound = bound(radii, heterogeneity, seed);
    bound
        .into_iter()
        .enumerate()
        .map(|(i, bound)| {
            let mut random = stream(seed, Stage::Agglomerates, 2 + i);
            let mut place = [random.random(), random.random(), random.random()];
            for _ in 0..MOST_TRIES {
                if (field.at(place) >= level) == bound {
                    break;
                }
                place = [random.random(), random.random(), random.random()];
            }
            place
        })
        .collect()
}

/// Which particles belong to agglomerates: in random order until the share of the
/// volume is theirs.
fn bound(radii: &[f64], share: f64, seed: u64) -> Vec<bool> {
    let mut random = stream(seed, Stage::Agglomerates, 1);
    let mut order: Vec<(f64, usize)> = (0..radii.len()).map(|i| (random.random(), i)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = radii.iter().map(|r| r.powi(3)).sum();
    let mut bound = vec![false; radii.len()];
    let mut filled = 0.0;
    for (_, i) in order {
        let volume = radii[i].powi(3);
        bound[i] = filled + 0.5 * volume < share * total;
        filled += volume;
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::sizes::{mean_volume, sample_radii};
    use crate::microstructure::{
        Grid, LARGEST_OVERLAP, MicrostructureError, Packing, Particle, contacts, pack, rasterise,
        solid_fraction,
    };
    use crate::scenario::SizeDistribution;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    const BOX: f64 = 48e-6;

    fn mixed(heterogeneity: f64, seed: u64) -> Vec<Particle> {
        let sizes = SizeDistribution::from_median(4e-6, 4.8e-6);
        let count = (0.41 * BOX.powi(3) / mean_volume(&sizes)).round() as usize;
        let packing = Packing {
            heterogeneity,
            ..Packing::even(0.41, BOX, seed)
        };
        pack(&sample_radii(&sizes, count), &packing, &mut |_| ()).unwrap()
    }

    /// Two-point correlation of the active phase less its square volume fraction, mean
    /// over distances of one and one and a half diameters.
    fn correlation(particles: &[Particle]) -> f64 {
        let grid = Grid {
            resolution: 48,
            voxel: BOX / 48.0,
        };
        let raster = rasterise(particles, &grid, grid.voxel);
        let active = |index: usize| f64::from(u8::from(raster.particle_ids[index] > 0));
        let count = grid.count() as f64;
        let fraction = (0..grid.count()).map(active).sum::<f64>() / count;
        let mut both = 0.0;
        for index in 0..grid.count() {
            let at = grid.coordinates(index);
            for (axis, step) in [(0, 4), (1, 4), (2, 4), (0, 6), (1, 6), (2, 6)] {
                let mut other = at;
                other[axis] = (at[axis] + step) % grid.resolution;
                both += active(index) * active(grid.index(other));
            }
        }
        both / (6.0 * count) - fraction * fraction
    }

    #[test]
    fn the_two_point_correlation_rises_with_heterogeneity() {
        let mut last = f64::NEG_INFINITY;
        for heterogeneity in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let mut mean = 0.0;
            for seed in 0..4 {
                let particles = mixed(heterogeneity, seed);
                mean += 0.25 * correlation(&particles);
                assert!(contacts(&particles, BOX).largest_overlap < LARGEST_OVERLAP);
                assert_relative_eq!(solid_fraction(&particles, BOX), 0.41, max_relative = 1e-9);
            }
            assert!(mean > last + 1e-3, "{heterogeneity}: {mean} after {last}");
            last = mean;
        }
        // Of at most 0.41 (1 - 0.41).
        assert!(last > 0.015, "{last}");
    }

    #[test]
    fn the_share_asked_for_is_bound_where_the_field_is_high() {
        let radii = sample_radii(&SizeDistribution::from_median(4e-6, 6e-6), 700);
        let radii: Vec<f64> = radii.iter().map(|r| r / 40e-6).collect();
        let chosen = bound(&radii, 0.3, 5);
        let cube = |wanted: bool| -> f64 {
            let of = radii.iter().zip(&chosen);
            of.filter(|(_, bound)| **bound == wanted)
                .map(|(r, _)| r.powi(3))
                .sum()
        };
        assert_abs_diff_eq!(cube(true) / (cube(true) + cube(false)), 0.3, epsilon = 0.01);
        let field = Field::new(AGGLOMERATE * median_diameter(&radii), 5);
        let fraction: f64 = radii.iter().map(|r| 4.0 / 3.0 * PI * r.powi(3)).sum();
        let level = field.level(0.3 * fraction / DENSE);
        let places = start(&radii, 0.3, 5);
        for (place, bound) in places.iter().zip(&chosen) {
            assert_eq!(field.at(*place) >= level, *bound);
            // The field is periodic, so agglomerates go on across the border.
            let across = [place[0] + 1.0, place[1] - 2.0, place[2]];
            assert_abs_diff_eq!(field.at(across), field.at(*place), epsilon = 1e-9);
        }
    }

    #[test]
    fn refuses_a_box_smaller_than_two_agglomerates() {
        let radii = sample_radii(&SizeDistribution::single(4e-6), 100);
        let packing = Packing {
            heterogeneity: 0.2,
            ..Packing::even(0.4, 20.3e-6, 1)
        };
        let refused = pack(&radii, &packing, &mut |_| ());
        assert!(
            matches!(
                refused,
                Err(MicrostructureError::BoxTooSmallForAgglomerates { .. })
            ),
            "{refused:?}"
        );
    }
}
