//! Small lumps between the particles: binder and excess coating; and the places where
//! they and the aggregates of carbon black lie.
//!
//! Powders that are ground together with the active material, and polymer dried
//! onto it, cling to its surface; the rest ends up between grains of the
//! electrolyte, never inside them.

use super::electrolyte::Grains;
use super::grid::Grid;
use super::random::{Stage, stream};
use super::{MicrostructureError, Phase};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Share of lumps that lie at particle surfaces; the others lie between grains.
/// An estimate: most, as micrographs of ground composites show, not all.
const SURFACE_SHARE: f64 = 0.7;

/// Where lumps lie.
pub(super) struct Site<'a> {
    pub grid: &'a Grid,
    /// Distance of every voxel to the nearest particle, m.
    pub clearance: &'a [f32],
    pub grains: &'a Grains,
}

/// Voxels where lumps may lie, in random order.
pub(super) struct Places {
    surface: Vec<usize>,
    between: Vec<usize>,
    inside: Vec<usize>,
}

impl Places {
    pub fn new(site: &Site, phases: &[u8], random: &mut ChaCha8Rng) -> Self {
        let grid = site.grid;
        let near = grid.voxel as f32;
        let (mut surface, mut between, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for index in (0..grid.count()).filter(|&i| phases[i] == Phase::Electrolyte as u8) {
            if site.clearance[index] < near {
                surface.push(index);
            } else if site.grains.boundary[index] < near {
                between.push(index);
            } else {
                inside.push(index);
            }
        }
        for places in [&mut surface, &mut between, &mut inside] {
            places.shuffle(random);
        }
        Self {
            surface,
            between,
            inside,
        }
    }

    /// Refuses more voxels of a phase than there are places.
    pub fn suffice(
        &self,
        phase: Phase,
        count: usize,
        grid: &Grid,
    ) -> Result<(), MicrostructureError> {
        let available = self.surface.len() + self.between.len() + self.inside.len();
        if available >= count {
            return Ok(());
        }
        Err(MicrostructureError::NoRoom {
            phase,
            asked: count as f64 / grid.count() as f64,
            available: available as f64 / grid.count() as f64,
        })
    }

    /// The next place, at a particle's surface or between grains while there are any.
    pub fn next(&mut self, at_surface: bool) -> Option<usize> {
        let first = if at_surface {
            self.surface.pop()
        } else {
            self.between.pop()
        };
        first
            .or_else(|| self.surface.pop())
            .or_else(|| self.between.pop())
            .or_else(|| self.inside.pop())
    }
}

/// Turns exactly `count` electrolyte voxels of `phases` into `phase`, in lumps
/// of `diameter` (m), or of single voxels where that is less than a voxel.
pub(super) fn place_aggregates(
    site: &Site,
    phases: &mut [u8],
    phase: Phase,
    count: usize,
    diameter: f64,
    (seed, stage): (u64, Stage),
) -> Result<(), MicrostructureError> {
    let grid = site.grid;
    let mut random = stream(seed, stage, 0);
    let mut places = Places::new(site, phases, &mut random);
    places.suffice(phase, count, grid)?;
    let mut left = count;
    while left > 0 {
        let Some(middle) = places.next(random.random_bool(SURFACE_SHARE)) else {
            break;
        };
        if phases[middle] != Phase::Electrolyte as u8 {
            continue;
        }
        for (index, _) in grid.ball(grid.centre(middle), 0.5 * diameter) {
            if left > 0 && phases[index] == Phase::Electrolyte as u8 {
                phases[index] = phase as u8;
                left -= 1;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::electrolyte::grains;

    const GRID: Grid = Grid {
        resolution: 30,
        voxel: 0.3e-6,
    };

    #[test]
    fn lumps_are_exact_in_volume_and_cling_to_surfaces() {
        // The "particle" is a wall filling the first fifth of the box.
        let particle_ids: Vec<u32> = (0..GRID.count())
            .map(|i| u32::from(GRID.coordinates(i)[0] < 6))
            .collect();
        let clearance: Vec<f32> = (0..GRID.count())
            .map(|i| ((GRID.centre(i)[0] - 1.8e-6).min(1.2e-6)) as f32)
            .collect();
        let grains = grains(&GRID, &particle_ids, 2e-6, 1);
        let site = Site {
            grid: &GRID,
            clearance: &clearance,
            grains: &grains,
        };
        for diameter in [0.1e-6, 1e-6] {
            let mut phases: Vec<u8> = particle_ids
                .iter()
                .map(|&id| if id > 0 { Phase::ActiveMaterial } else { Phase::Electrolyte } as u8)
                .collect();
            let seed = (4, Stage::Polymer);
            place_aggregates(&site, &mut phases, Phase::Polymer, 500, diameter, seed).unwrap();
            let lumps: Vec<usize> = (0..GRID.count())
                .filter(|&i| phases[i] == Phase::Polymer as u8)
                .collect();
            assert_eq!(lumps.len(), 500);
            // Spread evenly, one in 24 voxels would lie at the surface: 21 of them.
            let at_surface = lumps.iter().filter(|&&i| clearance[i] < 0.3e-6).count();
            assert!(at_surface > 100, "{at_surface} at {diameter}");
            assert!(lumps.iter().all(|&i| particle_ids[i] == 0));
        }
    }

    #[test]
    fn refuses_more_than_fits() {
        let none = vec![0; GRID.count()];
        let grains = grains(&GRID, &none, 2e-6, 1);
        let clearance = vec![1e-6; GRID.count()];
        let site = Site {
            grid: &GRID,
            clearance: &clearance,
            grains: &grains,
        };
        let mut phases = vec![Phase::Void as u8; GRID.count()];
        phases[5] = Phase::Electrolyte as u8;
        let seed = (4, Stage::CarbonBlack);
        let refused = place_aggregates(&site, &mut phases, Phase::Carbon, 2, 1e-7, seed);
        assert!(matches!(refused, Err(MicrostructureError::NoRoom { .. })));
    }
}
