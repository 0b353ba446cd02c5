//! Pores: gaps between grains and at particle surfaces.
//!
//! Cold pressing leaves no round pores but gaps where surfaces did not weld:
//! between grains of the electrolyte and between electrolyte and particles. They
//! are thin, so a few per cent of volume interrupt many paths: composites conduct
//! two to five times worse than a dense matrix of the same volume would. Gaps are
//! patchy, since pressure and contact are: some places are wide open, most of
//! the surface is welded.
//!
//! Here a gap has at every place a half width `spread * (f - c)`, where it is
//! positive: `f` is a smooth random field with unit deviation and `c` one number,
//! set so that the pores have exactly the volume asked for. A voxel is pore when
//! its centre lies within the half width of a grain boundary or a particle.

use super::electrolyte::Grains;
use super::grid::Grid;
use super::random::{Stage, stream};
use super::{MicrostructureError, Phase};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// Half width of a gap per unit of the random field, in grain diameters: with
/// grains of 3 um gaps are some 0.2 to 1 um wide, as in micrographs of pressed
/// composites.
const GAP_SPREAD: f64 = 0.1;
/// Distance over which gaps stay open or welded, in grain diameters: a facet of
/// a grain is open on one side and welded on the other.
const PATCH_LENGTH: f64 = 0.5;

/// Turns `count` electrolyte voxels of `phases` into pores.
///
/// `clearance` is the distance to the nearest particle (m), `grain_diameter` in m.
///
/// # Errors
/// [`MicrostructureError::NoRoom`] when there are fewer electrolyte voxels.
pub fn place_voids(
    grid: &Grid,
    phases: &mut [u8],
    grains: &Grains,
    clearance: &[f32],
    count: usize,
    grain_diameter: f64,
    seed: u64,
) -> Result<(), MicrostructureError> {
    let field = Openness::new(grid, PATCH_LENGTH * grain_diameter, seed);
    let spread = (GAP_SPREAD * grain_diameter) as f32;
    let mut candidates: Vec<(f32, u32)> = (0..grid.count() as u32)
        .into_par_iter()
        .filter(|&index| phases[index as usize] == Phase::Electrolyte as u8)
        .map(|index| {
            let i = index as usize;
            let depth = grains.boundary[i].min(clearance[i]).max(0.0);
            (depth / spread - field.at(grid.centre(i)) as f32, index)
        })
        .collect();
    if candidates.len() < count {
        return Err(MicrostructureError::NoRoom {
            phase: Phase::Void,
            asked: count as f64 / grid.count() as f64,
            available: candidates.len() as f64 / grid.count() as f64,
        });
    }
    if count > 0 {
        // Ties are broken by index, so that the choice is unique.
        candidates
            .select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
    for &(_, index) in &candidates[..count] {
        phases[index as usize] = Phase::Void as u8;
    }
    Ok(())
}

/// A smooth periodic random field with mean 0 and deviation 1: normal numbers
/// on a cubic lattice, interpolated so that the deviation is the same everywhere.
struct Openness {
    lattice: Grid,
    values: Vec<f64>,
}

impl Openness {
    fn new(grid: &Grid, length: f64, seed: u64) -> Self {
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
    fn pores_are_exactly_as_many_as_asked_and_lie_near_boundaries() {
        let none = vec![0; GRID.count()];
        let grains = super::super::electrolyte::grains(&GRID, &none, 3e-6, 2);
        let clearance = vec![1e-6; GRID.count()];
        let mut phases = vec![Phase::Electrolyte as u8; GRID.count()];
        place_voids(&GRID, &mut phases, &grains, &clearance, 7001, 3e-6, 2).unwrap();
        let pores: Vec<usize> = (0..GRID.count()).filter(|&i| phases[i] == 0).collect();
        assert_eq!(pores.len(), 7001);
        let mean = |voxels: &mut dyn Iterator<Item = usize>| {
            let (mut sum, mut count) = (0.0, 0.0);
            for i in voxels {
                sum += f64::from(grains.boundary[i]);
                count += 1.0;
            }
            sum / count
        };
        let at_pores = mean(&mut pores.iter().copied());
        let everywhere = mean(&mut (0..GRID.count()));
        assert!(at_pores < 0.6 * everywhere, "{at_pores} {everywhere}");
    }

    #[test]
    fn refuses_more_pores_than_electrolyte() {
        let none = vec![0; GRID.count()];
        let grains = super::super::electrolyte::grains(&GRID, &none, 3e-6, 2);
        let mut phases = vec![Phase::Carbon as u8; GRID.count()];
        phases[..10].fill(Phase::Electrolyte as u8);
        let clearance = vec![1e-6; GRID.count()];
        let refused = place_voids(&GRID, &mut phases, &grains, &clearance, 11, 3e-6, 2);
        assert!(matches!(
            refused,
            Err(MicrostructureError::NoRoom {
                phase: Phase::Void,
                ..
            })
        ));
    }
}
