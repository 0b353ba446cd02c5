//! Primary grains of polycrystalline particles.
//!
//! Pores between them lie where cells meet and, as between the electrolyte's grains, on
//! some facets rather than on all.
//!
//! A secondary particle is a ball of Voronoi cells, as many as balls of the grain's
//! diameter have its volume. A voxel belongs to the grain around its centre.

use super::boundaries::boundary_area;
use super::grid::Grid;
use super::openness::facet_openness;
use super::random::{Stage, stream};
use super::{MicrostructureError, Particle, Phase, PrimaryGrains};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, UnitBall};
use rayon::prelude::*;

/// Distance of seeds, in grain diameters, as between the electrolyte's grains.
const SEED_DISTANCE: f64 = 0.6;
/// Places tried for a seed before it may lie closer to another.
const SEED_TRIALS: usize = 20;
/// Distance from a boundary over which a facet must be more open by one standard
/// deviation to gape as far, in grain diameters (an estimate: gaps between grains are
/// far narrower than grains).
const GAP_SPREAD: f64 = 0.05;

/// Grains of particles on a grid, and what was needed to find them.
pub(super) struct Polycrystals<'a> {
    grid: &'a Grid,
    particles: &'a [Particle],
    particle_ids: &'a [u32],
    diameter: f64,
    seed: u64,
    cells: Vec<Cells>,
    /// The number of the first grain of every particle, from 1.
    first: Vec<u32>,
}

impl<'a> Polycrystals<'a> {
    /// Fills particles with grains of `diameter` (m).
    pub fn new(
        grid: &'a Grid,
        particles: &'a [Particle],
        particle_ids: &'a [u32],
        diameter: f64,
        seed: u64,
    ) -> Self {
        let cells: Vec<Cells> = particles
            .par_iter()
            .enumerate()
            .map(|(number, particle)| {
                let mut random = stream(seed, Stage::PrimaryGrains, number);
                Cells::sow(particle.radius, diameter, &mut random)
            })
            .collect();
        let first = cells
            .iter()
            .scan(1, |next, cells| {
                let first = *next;
                *next += cells.seeds.len() as u32;
                Some(first)
            })
            .collect();
        Self {
            grid,
            particles,
            particle_ids,
            diameter,
            seed,
            cells,
            first,
        }
    }

    /// The grains, voxel by voxel and measured.
    pub fn grains(&self) -> PrimaryGrains {
        let grain = |voxel: usize| {
            let (particle, point) = self.inside(voxel)?;
            Some(self.first[particle] + self.cells[particle].grain(point))
        };
        PrimaryGrains {
            ids: (0..self.grid.count())
                .into_par_iter()
                .map(|voxel| grain(voxel).unwrap_or(0))
                .collect(),
            count: self.cells.iter().map(|cells| cells.seeds.len()).sum(),
            boundary_area: boundary_area(self.particles, &self.cells, self.diameter, self.seed),
        }
    }

    /// Turns `count` voxels of the particles into pores, at open boundaries of grains.
    ///
    /// # Errors
    /// [`MicrostructureError::NoRoom`] when the particles have fewer voxels.
    pub fn place_pores(&self, phases: &mut [u8], count: usize) -> Result<(), MicrostructureError> {
        if count == 0 {
            return Ok(());
        }
        let mut candidates: Vec<(f64, usize)> = (0..self.grid.count())
            .into_par_iter()
            .filter_map(|voxel| Some((self.opening(voxel)?, voxel)))
            .collect();
        if candidates.len() < count {
            return Err(MicrostructureError::NoRoom {
                phase: Phase::Void,
                asked: count as f64 / self.grid.count() as f64,
                available: candidates.len() as f64 / self.grid.count() as f64,
            });
        }
        // Ties are broken by index, so that the choice is unique.
        candidates.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for &(_, voxel) in &candidates[..count] {
            phases[voxel] = Phase::Void as u8;
        }
        Ok(())
    }

    /// How readily a voxel becomes a pore; `None` outside particles.
    fn opening(&self, voxel: usize) -> Option<f64> {
        let (particle, point) = self.inside(voxel)?;
        let (first, cells) = (self.first[particle], &self.cells[particle]);
        let Some((one, other, distance)) = cells.boundary(point) else {
            return Some(f64::NEG_INFINITY);
        };
        let facet = [first + one.min(other), first + one.max(other)];
        Some(facet_openness(self.seed, facet) - distance / (GAP_SPREAD * self.diameter))
    }

    /// The particle around a voxel's centre, and the centre seen from the particle's, m.
    fn inside(&self, voxel: usize) -> Option<(usize, [f64; 3])> {
        let particle = (self.particle_ids[voxel] as usize).checked_sub(1)?;
        let centre = self.particles[particle].centre;
        Some((
            particle,
            self.grid.shortest(centre, self.grid.centre(voxel)),
        ))
    }
}

/// Seeds of the grains of one particle about its centre (m), sorted by their first
/// coordinate.
pub(super) struct Cells {
    pub(super) seeds: Vec<[f64; 3]>,
}

impl Cells {
    pub(super) fn sow(radius: f64, diameter: f64, random: &mut ChaCha8Rng) -> Self {
        let count = (2.0 * radius / diameter).powi(3).round().max(1.0) as usize;
        let mut cells = Self {
            seeds: Vec::with_capacity(count),
        };
        for _ in 0..count {
            let mut point = [0.0; 3];
            for _ in 0..SEED_TRIALS {
                point = UnitBall.sample(random).map(|x: f64| x * radius);
                let nearest = cells.nearest(point);
                if nearest.is_none_or(|(_, square)| square >= (SEED_DISTANCE * diameter).powi(2)) {
                    break;
                }
            }
            let place = cells.seeds.partition_point(|seed| seed[0] < point[0]);
            cells.seeds.insert(place, point);
        }
        cells
    }

    /// The seed nearest to a point and the square of its distance, m2.
    fn nearest(&self, point: [f64; 3]) -> Option<(usize, f64)> {
        let start = self.seeds.partition_point(|seed| seed[0] < point[0]);
        let mut best: Option<(usize, f64)> = None;
        let mut look = |i: usize| {
            let along = (self.seeds[i][0] - point[0]).powi(2);
            if best.is_some_and(|(_, square)| along > square) {
                return false;
            }
            let square = along
                + (self.seeds[i][1] - point[1]).powi(2)
                + (self.seeds[i][2] - point[2]).powi(2);
            if best.is_none_or(|(_, least)| square < least) {
                best = Some((i, square));
            }
            true
        };
        // Upwards and downwards until the first coordinate alone is farther than the best.
        let _ = (start..self.seeds.len()).all(&mut look);
        let _ = (0..start).rev().all(&mut look);
        best
    }

    /// The grains on both sides of the boundary nearest to a point, and its distance, m;
    /// `None` in a particle of one grain.
    fn boundary(&self, point: [f64; 3]) -> Option<(u32, u32, f64)> {
        let square =
            |a: [f64; 3], b: [f64; 3]| -> f64 { (0..3).map(|k| (a[k] - b[k]).powi(2)).sum() };
        let (one, near) = self.nearest(point)?;
        let apart = |other: usize| square(self.seeds[one], self.seeds[other]).sqrt();
        (0..self.seeds.len())
            .filter(|&other| other != one)
            .map(|other| {
                let beyond = square(point, self.seeds[other]) - near;
                (other, beyond / (2.0 * apart(other).max(f64::MIN_POSITIVE)))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(other, distance)| (one as u32, other as u32, distance))
    }

    pub(super) fn grain(&self, point: [f64; 3]) -> u32 {
        self.nearest(point).map_or(0, |(seed, _)| seed as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::grid::rasterise;
    use std::collections::BTreeSet;

    const GRID: Grid = Grid {
        resolution: 60,
        voxel: 0.15e-6,
    };

    fn two_particles() -> Vec<Particle> {
        [(2.5e-6, 2.2e-6), (7.0e-6, 1.5e-6)]
            .map(|(x, radius)| Particle {
                centre: [x, 4e-6, 8.9e-6],
                radius,
            })
            .to_vec()
    }

    #[test]
    fn grains_fill_their_particles_and_are_as_many_as_their_size_says() {
        let particles = two_particles();
        let raster = rasterise(&particles, &GRID, 1e-6);
        let grains = Polycrystals::new(&GRID, &particles, &raster.particle_ids, 0.9e-6, 3).grains();
        let mut of = [BTreeSet::new(), BTreeSet::new()];
        for (&particle, &grain) in raster.particle_ids.iter().zip(&grains.ids) {
            assert_eq!(particle > 0, grain > 0);
            if particle > 0 {
                of[particle as usize - 1].insert(grain);
            }
        }
        assert!(of[0].is_disjoint(&of[1]));
        let expected = [2.2_f64, 1.5].map(|r| (2.0 * r / 0.9).powi(3).round() as usize);
        assert_eq!(of[0].len() + of[1].len(), grains.count);
        assert_eq!([of[0].len(), of[1].len()], expected);
    }

    #[test]
    fn pores_are_as_many_as_asked_for_and_lie_where_grains_meet() {
        let particles = two_particles();
        let raster = rasterise(&particles, &GRID, 1e-6);
        let crystals = Polycrystals::new(&GRID, &particles, &raster.particle_ids, 0.9e-6, 3);
        let mut phases = raster.phases();
        crystals.place_pores(&mut phases, 900).unwrap();
        let distance = |voxel: usize| {
            let (particle, point) = crystals.inside(voxel)?;
            Some(crystals.cells[particle].boundary(point)?.2)
        };
        let mean = |voxels: &mut dyn Iterator<Item = usize>| {
            let all: Vec<f64> = voxels.filter_map(distance).collect();
            (all.len(), all.iter().sum::<f64>() / all.len() as f64)
        };
        let void = |voxel: &usize| phases[*voxel] == Phase::Void as u8;
        let (pores, near) = mean(&mut (0..GRID.count()).filter(void));
        let (_, everywhere) = mean(&mut (0..GRID.count()));
        assert_eq!(pores, 900);
        assert_eq!((0..GRID.count()).filter(void).count(), 900);
        assert!(near < 0.5 * everywhere, "{near:e} {everywhere:e}");
        let refused = crystals.place_pores(&mut phases, GRID.count());
        assert!(matches!(refused, Err(MicrostructureError::NoRoom { .. })));
    }

    #[test]
    fn a_voxel_belongs_to_its_nearest_seed() {
        let cells = Cells::sow(2e-6, 0.5e-6, &mut stream(8, Stage::PrimaryGrains, 0));
        for i in 0..500 {
            let mut random = stream(8, Stage::GrainLines, i);
            let point = UnitBall.sample(&mut random).map(|x: f64| 2e-6 * x);
            let square = |s: &[f64; 3]| -> f64 { (0..3).map(|a| (s[a] - point[a]).powi(2)).sum() };
            let brute = (0..cells.seeds.len())
                .min_by(|&a, &b| square(&cells.seeds[a]).total_cmp(&square(&cells.seeds[b])));
            assert_eq!(cells.nearest(point).map(|(i, _)| i), brute);
        }
    }
}
