//! Where particles start that are not evenly mixed: a share of them in
//! agglomerates, the rest spread over the space between.
//!
//! `heterogeneity` is the share of the active volume bound in agglomerates. An
//! agglomerate is a region some [`AGGLOMERATE`] median diameters wide, packed as
//! densely as loose powder ([`DENSE`]); what is not bound is spread evenly over the
//! space that is left. The regions are the crests of a periodic random wave field,
//! cut where they hold the volume asked for. Relaxation then pushes overlapping
//! spheres apart over fractions of a diameter, and so leaves the regions in place.

use super::random::{Stage, stream};
use rand::RngExt;
use std::f64::consts::PI;

/// Width of an agglomerate in median diameters (estimate: dry-mixed pellets show
/// clusters of some ten to twenty particles).
pub const AGGLOMERATE: f64 = 3.0;
/// Volume fraction within agglomerates: random loose packing, which relaxation
/// reaches without squeezing particles out again.
const DENSE: f64 = 0.60;
/// Wave numbers of the field, relative to that of crests one agglomerate wide.
const BAND: [f64; 2] = [0.6, 1.4];
/// Points per edge at which the field is looked at to find its level.
const LATTICE: usize = 32;
/// Places tried for a particle before the last one is taken.
const MOST_TRIES: usize = 1_000_000;

/// A periodic sum of waves in the unit cube with equal amplitudes and random phases.
struct Field {
    waves: Vec<([f64; 3], f64)>,
}

impl Field {
    /// Waves whose crests are about `width` wide (of a box of edge 1; at most 0.5).
    fn new(width: f64, seed: u64) -> Self {
        let number = 0.5 / width;
        let most = (BAND[1] * number).floor() as i64;
        let mut random = stream(seed, Stage::Agglomerates, 0);
        let mut waves = Vec::new();
        for i in 0..=most {
            for j in -most..=most {
                for k in -most..=most {
                    // Of two opposite vectors one is enough.
                    let first = i > 0 || j > 0 || (j == 0 && k > 0);
                    let vector = [i, j, k].map(|n| n as f64);
                    let length = vector.iter().map(|n| n * n).sum::<f64>().sqrt();
                    if first && (BAND[0] * number..=BAND[1] * number).contains(&length) {
                        let phase: f64 = random.random();
                        waves.push((vector.map(|n| 2.0 * PI * n), 2.0 * PI * phase));
                    }
                }
            }
        }
        Self { waves }
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
