//! Carbon black: fractal aggregates on the particles' surfaces and between grains.
//!
//! An aggregate is drawn sphere by sphere; the voxels that its spheres and the necks
//! between them pass are carbon. Where voxels are as coarse as aggregates, one that is
//! drawn stands for several pressed together, so that the voxels it passes hold the
//! carbon that a pressed aggregate holds.

use super::aggregates::{Places, Site};
use super::cluster::{Cluster, FractalLaw, SPHERE_MOMENT, grow, random_rotation, rotated};
use super::grid::Grid;
use super::random::{Stage, stream};
use super::{MicrostructureError, Phase};
use rand::RngExt;
use rand::seq::IndexedRandom;
use std::f64::consts::PI;

/// Shapes that aggregates are drawn from, each turned at random.
const SHAPES: usize = 32;
/// Most spheres in an aggregate: larger ones than carbon blacks have.
const MOST_SPHERES: f64 = 1000.0;
/// Step along a neck, in voxels.
const STEP: f64 = 0.5;

/// Aggregates of a carbon black.
pub(super) struct Black {
    /// Diameter of a solid ball with the aggregate's radius of gyration, m.
    pub aggregate_diameter: f64,
    /// Diameter of the primary particles, m.
    pub primary_diameter: f64,
    pub law: FractalLaw,
    /// Least share of carbon in the voxels of an aggregate.
    pub least_fill: f64,
    /// Share of the aggregates at particle surfaces.
    pub at_surfaces: f64,
}

impl Black {
    /// Primary particles in an aggregate.
    fn spheres(&self) -> usize {
        let gyration = SPHERE_MOMENT.sqrt() * self.aggregate_diameter / self.primary_diameter;
        self.law.count(gyration).round().min(MOST_SPHERES) as usize
    }

    /// Marks voxels of electrolyte for `volume` (m3) of carbon and returns how many.
    ///
    /// # Errors
    /// [`MicrostructureError::NoRoom`] when the electrolyte's voxels do not suffice.
    pub fn place(
        &self,
        site: &Site,
        phases: &mut [u8],
        volume: f64,
        seed: u64,
    ) -> Result<usize, MicrostructureError> {
        let grid = site.grid;
        let shapes: Vec<Cluster> = (0..SHAPES)
            .map(|i| {
                grow(
                    self.spheres(),
                    self.law,
                    &mut stream(seed, Stage::Clusters, i),
                )
            })
            .collect();
        let fill = self.fill(grid, &shapes);
        let count = (volume / (fill * grid.voxel.powi(3))).ceil() as usize;
        let mut random = stream(seed, Stage::CarbonBlack, 0);
        let mut places = Places::new(site, phases, &mut random);
        places.suffice(Phase::Carbon, count, grid)?;
        let mut left = count;
        while left > 0 {
            let at_surface = random.random_bool(self.at_surfaces.clamp(0.0, 1.0));
            let (Some(middle), Some(shape)) = (places.next(at_surface), shapes.choose(&mut random))
            else {
                break;
            };
            if phases[middle] != Phase::Electrolyte as u8 {
                continue;
            }
            let rows = random_rotation(&mut random);
            let corner = grid.coordinates(middle);
            let point = corner.map(|i| (i as f64 + random.random::<f64>()) * grid.voxel);
            for voxel in self.passed(grid, shape, |c| rotated(&rows, c), point) {
                if left > 0 && phases[voxel] == Phase::Electrolyte as u8 {
                    phases[voxel] = Phase::Carbon as u8;
                    left -= 1;
                }
            }
        }
        Ok(count - left)
    }

    /// Share of carbon in the voxels that aggregates pass: their own where voxels are
    /// fine, that of pressed ones where they are coarse.
    fn fill(&self, grid: &Grid, shapes: &[Cluster]) -> f64 {
        let sphere = PI / 6.0 * self.primary_diameter.powi(3);
        let middle = [0.5 * grid.edge() + 0.25 * grid.voxel; 3];
        let (mut carbon, mut voxels) = (0.0, 0);
        for shape in shapes {
            carbon += shape.centres.len() as f64 * sphere;
            voxels += self.passed(grid, shape, |c| c, middle).len();
        }
        (carbon / (voxels as f64 * grid.voxel.powi(3))).clamp(self.least_fill, 1.0)
    }

    /// Voxels that an aggregate around `middle` passes, each once, from its first sphere on.
    fn passed(
        &self,
        grid: &Grid,
        shape: &Cluster,
        turn: impl Fn([f64; 3]) -> [f64; 3],
        middle: [f64; 3],
    ) -> Vec<usize> {
        let radius = 0.5 * self.primary_diameter;
        let points: Vec<[f64; 3]> = shape
            .centres
            .iter()
            .map(|&c| {
                let c = turn(c);
                std::array::from_fn(|a| middle[a] + radius * c[a])
            })
            .collect();
        let mut found = Vec::new();
        for (i, &point) in points.iter().enumerate() {
            neck(grid, points[shape.parents[i]], point, &mut found);
            if self.primary_diameter > grid.voxel {
                found.extend(grid.ball(point, radius).map(|(voxel, _)| voxel));
            }
        }
        let mut seen = std::collections::HashSet::new();
        found.retain(|&voxel| seen.insert(voxel));
        found
    }
}

/// Voxels from one point to another, from face to face.
fn neck(grid: &Grid, from: [f64; 3], to: [f64; 3], found: &mut Vec<usize>) {
    let apart: f64 = (0..3)
        .map(|a| (to[a] - from[a]).powi(2))
        .sum::<f64>()
        .sqrt();
    let steps = (apart / (STEP * grid.voxel)).ceil().max(1.0) as usize;
    let mut at = grid.coordinates_at(from);
    found.push(grid.index(at));
    for step in 1..=steps {
        let share = step as f64 / steps as f64;
        let next = std::array::from_fn(|a| from[a] + share * (to[a] - from[a]));
        let next = grid.coordinates_at(next);
        for a in 0..3 {
            if at[a] != next[a] {
                at[a] = next[a];
                found.push(grid.index(at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::electrolyte::grains;
    use crate::microstructure::grid::rasterise;
    use crate::microstructure::{Particle, Raster};

    const LAW: FractalLaw = FractalLaw {
        dimension: 1.8,
        prefactor: 1.3,
    };

    fn black(at_surfaces: f64) -> Black {
        Black {
            aggregate_diameter: 200e-9,
            primary_diameter: 35e-9,
            law: LAW,
            least_fill: 0.3,
            at_surfaces,
        }
    }

    fn around_one_particle(grid: &Grid) -> Raster {
        let particle = Particle {
            centre: [0.5 * grid.edge(); 3],
            radius: 0.3 * grid.edge(),
        };
        rasterise(&[particle], grid, 4.0 * grid.voxel)
    }

    #[test]
    fn the_share_at_surfaces_is_what_is_asked_for() {
        let grid = Grid {
            resolution: 60,
            voxel: 0.1e-6,
        };
        let raster = around_one_particle(&grid);
        let grains = grains(&grid, &raster.particle_ids, 1.5e-6, 1);
        let site = Site {
            grid: &grid,
            clearance: &raster.clearance,
            grains: &grains,
        };
        // Near: within the reach of an aggregate that sits on the surface.
        let near = |i: usize| f64::from(raster.clearance[i]) < 0.25e-6;
        let share = |at_surfaces: f64| {
            let mut phases = raster.phases();
            let volume = 0.004 * grid.edge().powi(3);
            black(at_surfaces)
                .place(&site, &mut phases, volume, 5)
                .unwrap();
            let carbon = |i: &usize| phases[*i] == Phase::Carbon as u8;
            let all = (0..grid.count()).filter(carbon).count();
            let close = (0..grid.count())
                .filter(carbon)
                .filter(|&i| near(i))
                .count();
            close as f64 / all as f64
        };
        let [none, half, all] = [0.0, 0.5, 1.0].map(share);
        let free: Vec<usize> = (0..grid.count())
            .filter(|&i| raster.particle_ids[i] == 0)
            .collect();
        let chance = free.iter().filter(|&&i| near(i)).count() as f64 / free.len() as f64;
        assert!((none - chance).abs() < 0.08, "{none}, by chance {chance}");
        assert!(all > 0.98, "{all}");
        assert!(
            (half - 0.5 * (none + all)).abs() < 0.1,
            "{none} {half} {all}"
        );
    }

    #[test]
    fn an_aggregate_is_one_piece_and_fine_voxels_show_its_spheres() {
        let fine = Grid {
            resolution: 64,
            voxel: 8e-9,
        };
        let shape = grow(19, LAW, &mut stream(1, Stage::Clusters, 0));
        let middle = [0.5 * fine.edge(); 3];
        let voxels = black(1.0).passed(&fine, &shape, |c| c, middle);
        let spheres = 19.0 * PI / 6.0 * 35e-9_f64.powi(3);
        let drawn = voxels.len() as f64 * fine.voxel.powi(3);
        assert!((drawn / spheres - 1.0).abs() < 0.1, "{drawn:e} {spheres:e}");
        let all: std::collections::BTreeSet<usize> = voxels.iter().copied().collect();
        let (mut reached, mut front) = (
            std::collections::BTreeSet::from([voxels[0]]),
            vec![voxels[0]],
        );
        while let Some(index) = front.pop() {
            let at = fine.coordinates(index);
            for (axis, step) in [(0, 1), (0, 63), (1, 1), (1, 63), (2, 1), (2, 63)] {
                let mut next = at;
                next[axis] = (next[axis] + step) % 64;
                let next = fine.index(next);
                if all.contains(&next) && reached.insert(next) {
                    front.push(next);
                }
            }
        }
        assert_eq!(reached.len(), all.len());
    }

    #[test]
    fn coarse_voxels_hold_pressed_aggregates_and_fine_ones_solid_spheres() {
        let fill = |voxel: f64| {
            let grid = Grid {
                resolution: 64,
                voxel,
            };
            let shapes: Vec<Cluster> = (0..4)
                .map(|i| grow(19, LAW, &mut stream(2, Stage::Clusters, i)))
                .collect();
            black(1.0).fill(&grid, &shapes)
        };
        assert!((fill(300e-9) - 0.3).abs() < 1e-12);
        assert!(fill(8e-9) > 0.9);
    }
}
