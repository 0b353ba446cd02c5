//! Grains of the electrolyte: Voronoi cells between the particles.
//!
//! A cold-pressed sulfide is a packing of grains welded where they meet. The
//! boundaries between the cells say where it can be open: `voids.rs` puts the
//! pores there.

use super::grid::Grid;
use super::random::{Stage, stream};
use rand::RngExt;
use rayon::prelude::*;
use std::f64::consts::PI;

/// Seeds of grains keep this distance, in grain diameters, so that no grain is
/// a sliver; higher values than 0.6 are hard to reach with random seeds.
const SEED_DISTANCE: f64 = 0.6;
/// Places tried for a seed before it may lie closer to another.
const SEED_TRIALS: usize = 20;

/// Grains of the space between the particles.
#[derive(Debug, Clone)]
pub struct Grains {
    /// Grain label per voxel, from 1; 0 in particles.
    pub ids: Vec<u32>,
    /// Label of the grain across the nearest boundary; 0 in particles and where
    /// there is only one grain.
    pub neighbours: Vec<u32>,
    /// Distance of a voxel's centre to the boundary with the next grain, m;
    /// infinite in particles and where there is only one grain.
    pub boundary: Vec<f32>,
    seeds: Seeds,
}

impl Grains {
    /// The grain around a point, if it and its neighbour are among these (0 is none).
    pub(super) fn near(&self, point: [f64; 3], among: [u32; 4]) -> Nearest {
        let edge = self.seeds.grid.edge();
        let point = point.map(|x| x.rem_euclid(edge));
        let mut closest = Closest::default();
        for (index, &grain) in among.iter().enumerate() {
            if grain > 0 && !among[..index].contains(&grain) {
                closest.add(grain - 1, self.seeds.square(point, grain - 1));
            }
        }
        closest.nearest(&self.seeds)
    }
}

/// Fills the space where `particle_ids` is 0 with Voronoi grains, as many as
/// balls of `diameter` (m) have its volume.
pub fn grains(grid: &Grid, particle_ids: &[u32], diameter: f64, seed: u64) -> Grains {
    let free = particle_ids.iter().filter(|&&id| id == 0).count();
    let seeds = sow(grid, particle_ids, free, diameter, seed);
    let found: Vec<Nearest> = (0..grid.count())
        .into_par_iter()
        .map(|index| match particle_ids[index] {
            0 => seeds.nearest(grid.centre(index)),
            _ => Nearest::NONE,
        })
        .collect();
    Grains {
        ids: found.iter().map(|near| near.grain).collect(),
        neighbours: found.iter().map(|near| near.neighbour).collect(),
        boundary: found.iter().map(|near| near.boundary).collect(),
        seeds,
    }
}

/// The grain around a point, the one across the nearest boundary, and the distance
/// to that, m.
#[derive(Clone, Copy)]
pub(super) struct Nearest {
    pub grain: u32,
    pub neighbour: u32,
    pub boundary: f32,
}

impl Nearest {
    const NONE: Self = Self {
        grain: 0,
        neighbour: 0,
        boundary: f32::INFINITY,
    };
}

/// Places seeds at random between the particles, where `free` voxels lie. Every seed
/// has random numbers of its own, so that finer voxels leave them where they are.
fn sow(grid: &Grid, particle_ids: &[u32], free: usize, diameter: f64, seed: u64) -> Seeds {
    let volume = free as f64 * grid.voxel.powi(3);
    // More grains than voxels could not be told apart.
    let count = (volume / (PI / 6.0 * diameter.powi(3)))
        .round()
        .min(free as f64) as usize;
    let mut seeds = Seeds::new(*grid, diameter);
    if free == 0 {
        return seeds;
    }
    for number in 0..count.max(1) {
        let mut random = stream(seed, Stage::Grains, number);
        let mut between = || {
            loop {
                let point = [0; 3].map(|_| random.random::<f64>() * grid.edge());
                if particle_ids[grid.index_at(point)] == 0 {
                    return point;
                }
            }
        };
        let mut point = between();
        for _ in 1..SEED_TRIALS {
            if !seeds.any_within(point, SEED_DISTANCE * diameter) {
                break;
            }
            point = between();
        }
        seeds.insert(point);
    }
    seeds
}

/// Seeds sorted into cubic cells.
#[derive(Debug, Clone)]
struct Seeds {
    grid: Grid,
    cells: Grid,
    points: Vec<[f64; 3]>,
    members: Vec<Vec<u32>>,
}

impl Seeds {
    fn new(grid: Grid, spacing: f64) -> Self {
        let per_edge = (grid.edge() / spacing)
            .floor()
            .clamp(1.0, grid.resolution as f64);
        let cells = Grid {
            resolution: per_edge as usize,
            voxel: grid.edge() / per_edge,
        };
        Self {
            grid,
            cells,
            points: Vec::new(),
            members: vec![Vec::new(); cells.count()],
        }
    }

    fn insert(&mut self, point: [f64; 3]) {
        self.members[self.cells.index_at(point)].push(self.points.len() as u32);
        self.points.push(point);
    }

    /// Calls `visit` with every seed in the shell of cells at `ring` around `at`.
    fn shell(&self, at: [usize; 3], ring: i64, mut visit: impl FnMut(u32)) {
        let n = self.cells.resolution as i64;
        // Rings wider than the box would meet the same cells again.
        let (low, high) = (-ring.min((n - 1) / 2), ring.min(n / 2));
        for i in low..=high {
            for j in low..=high {
                for k in low..=high {
                    if i.abs().max(j.abs()).max(k.abs()) == ring {
                        let cell = [(0, i), (1, j), (2, k)]
                            .map(|(axis, d)| (at[axis] as i64 + d).rem_euclid(n) as usize);
                        self.members[self.cells.index(cell)]
                            .iter()
                            .for_each(|&s| visit(s));
                    }
                }
            }
        }
    }

    /// Squared periodic distance of two points in the box, m2.
    fn square(&self, point: [f64; 3], seed: u32) -> f64 {
        let edge = self.grid.edge();
        let other = self.points[seed as usize];
        (0..3)
            .map(|a| {
                let d = (point[a] - other[a]).abs();
                d.min(edge - d).powi(2)
            })
            .sum()
    }

    fn any_within(&self, point: [f64; 3], distance: f64) -> bool {
        let at = self.cells.coordinates_at(point);
        let rings = (distance / self.cells.voxel).ceil() as i64;
        let mut found = false;
        for ring in 0..=rings.min(self.cells.resolution as i64 / 2) {
            self.shell(at, ring, |s| {
                found |= self.square(point, s) < distance * distance
            });
        }
        found
    }

    /// The grain of the nearest seed, that of the second nearest, and the distance
    /// to the plane half-way between.
    fn nearest(&self, point: [f64; 3]) -> Nearest {
        let at = self.cells.coordinates_at(point);
        let mut closest = Closest::default();
        for ring in 0..=self.cells.resolution as i64 / 2 {
            self.shell(at, ring, |s| closest.add(s, self.square(point, s)));
            // Seeds in farther rings lie at least `ring` cells away.
            let searched = ring as f64 * self.cells.voxel;
            let second = closest.second;
            if second.is_some_and(|(_, square)| square < searched * searched) {
                break;
            }
        }
        closest.nearest(self)
    }
}

/// The two seeds closest to a point, with their squared distances, m2.
#[derive(Default)]
struct Closest {
    first: Option<(u32, f64)>,
    second: Option<(u32, f64)>,
}

impl Closest {
    fn add(&mut self, seed: u32, square: f64) {
        if self.first.is_none_or(|(_, best)| square < best) {
            self.second = self.first.replace((seed, square));
        } else if self.second.is_none_or(|(_, best)| square < best) {
            self.second = Some((seed, square));
        }
    }

    fn nearest(&self, seeds: &Seeds) -> Nearest {
        match (self.first, self.second) {
            (None, _) => Nearest::NONE,
            (Some((seed, _)), None) => Nearest {
                grain: seed + 1,
                ..Nearest::NONE
            },
            (Some((seed, near)), Some((other, far))) => {
                let apart = seeds.square(seeds.points[seed as usize], other).sqrt();
                let boundary = (far - near) / (2.0 * apart.max(f64::MIN_POSITIVE));
                Nearest {
                    grain: seed + 1,
                    neighbour: other + 1,
                    boundary: boundary as f32,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const GRID: Grid = Grid {
        resolution: 24,
        voxel: 0.25e-6,
    };

    #[test]
    fn every_free_voxel_belongs_to_its_nearest_seed() {
        for diameter in [1e-6, 2.2e-6, 5e-6] {
            let particle_ids = vec![0; GRID.count()];
            let found = grains(&GRID, &particle_ids, diameter, 3);
            let seeds = &found.seeds;
            for index in (0..GRID.count()).step_by(101) {
                let mut squares: Vec<(f64, u32)> = (0..seeds.points.len() as u32)
                    .map(|s| (seeds.square(GRID.centre(index), s), s))
                    .collect();
                squares.sort_by(|a, b| a.0.total_cmp(&b.0));
                assert_eq!(found.ids[index], squares[0].1 + 1);
                if squares.len() > 1 {
                    assert_eq!(found.neighbours[index], squares[1].1 + 1);
                    let apart = seeds.square(seeds.points[squares[0].1 as usize], squares[1].1);
                    assert_relative_eq!(
                        f64::from(found.boundary[index]),
                        (squares[1].0 - squares[0].0) / (2.0 * apart.sqrt()),
                        max_relative = 1e-5
                    );
                }
            }
        }
    }

    #[test]
    fn grains_are_as_many_as_their_size_says_and_leave_particles_alone() {
        let particle_ids: Vec<u32> = (0..GRID.count())
            .map(|index| u32::from(index % GRID.resolution < 8))
            .collect();
        let found = grains(&GRID, &particle_ids, 1.2e-6, 5);
        let labels: std::collections::BTreeSet<u32> =
            found.ids.iter().copied().filter(|&id| id > 0).collect();
        let expected = 2.0 / 3.0 * 6e-6_f64.powi(3) / (PI / 6.0 * 1.2e-6_f64.powi(3));
        assert_relative_eq!(labels.len() as f64, expected, max_relative = 0.02);
        assert!((0..GRID.count()).all(|i| (found.ids[i] == 0) == (particle_ids[i] == 1)));
    }
}
