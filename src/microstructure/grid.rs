//! The voxels: a periodic cubic grid, and the particles drawn on it.

use super::{Particle, Phase};
use rayon::prelude::*;

/// A periodic cubic grid; see [`super::Microstructure`] for the order of voxels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Voxels per edge.
    pub resolution: usize,
    /// Edge of a voxel, m.
    pub voxel: f64,
}

impl Grid {
    /// Number of voxels.
    pub fn count(&self) -> usize {
        self.resolution.pow(3)
    }

    /// Edge of the box, m.
    pub fn edge(&self) -> f64 {
        self.resolution as f64 * self.voxel
    }

    /// Index of the voxel at (i, j, k).
    pub fn index(&self, [i, j, k]: [usize; 3]) -> usize {
        (i * self.resolution + j) * self.resolution + k
    }

    /// (i, j, k) of a voxel.
    pub fn coordinates(&self, index: usize) -> [usize; 3] {
        let n = self.resolution;
        [index / (n * n), index / n % n, index % n]
    }

    /// Centre of a voxel, m.
    pub fn centre(&self, index: usize) -> [f64; 3] {
        self.coordinates(index)
            .map(|i| (i as f64 + 0.5) * self.voxel)
    }

    /// Coordinates of the voxel around a point anywhere in periodic space, m.
    pub fn coordinates_at(&self, point: [f64; 3]) -> [usize; 3] {
        point.map(|x| (x / self.voxel).floor().rem_euclid(self.resolution as f64) as usize)
    }

    /// Voxel around a point anywhere in periodic space, m.
    pub fn index_at(&self, point: [f64; 3]) -> usize {
        self.index(self.coordinates_at(point))
    }

    /// Shortest vector from `a` to one of the periodic images of `b`, m.
    pub fn shortest(&self, a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
        let edge = self.edge();
        std::array::from_fn(|k| {
            let d = b[k] - a[k];
            d - edge * (d / edge).round()
        })
    }

    /// Indices of the voxels whose centres lie within `reach` (m, below half
    /// the edge) of a point, with the distances (m).
    pub fn ball(&self, centre: [f64; 3], reach: f64) -> impl Iterator<Item = (usize, f64)> + '_ {
        let [is, js, ks] = centre.map(|x| self.span(x, reach));
        is.flat_map(move |i| {
            let (js, ks) = (js.clone(), ks.clone());
            js.flat_map(move |j| ks.clone().map(move |k| [i, j, k]))
        })
        .filter_map(move |ijk| {
            let square: f64 = (0..3)
                .map(|a| ((ijk[a] as f64 + 0.5) * self.voxel - centre[a]).powi(2))
                .sum();
            let wrapped = ijk.map(|i| i.rem_euclid(self.resolution as i64) as usize);
            (square <= reach * reach).then(|| (self.index(wrapped), square.sqrt()))
        })
    }

    /// Unwrapped coordinates whose centres lie within `reach` of `x` (m).
    fn span(&self, x: f64, reach: f64) -> std::ops::Range<i64> {
        let first = ((x - reach) / self.voxel - 0.5).ceil() as i64;
        let last = ((x + reach) / self.voxel - 0.5).floor() as i64;
        first..(last + 1).min(first + self.resolution as i64)
    }
}

/// Particles on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    /// Particle index + 1 of the particle around a voxel's centre, 0 outside.
    pub particle_ids: Vec<u32>,
    /// Distance from a voxel's centre to the nearest particle surface, m;
    /// negative inside; at most the band asked for.
    pub clearance: Vec<f32>,
    /// Particle index + 1 of the particle with that surface, 0 beyond the band.
    pub nearest: Vec<u32>,
}

impl Raster {
    /// One [`Phase`] per voxel: particles in electrolyte.
    pub fn phases(&self) -> Vec<u8> {
        let phase = |id| {
            if id > 0 {
                Phase::ActiveMaterial
            } else {
                Phase::Electrolyte
            }
        };
        self.particle_ids
            .iter()
            .map(|&id| phase(id) as u8)
            .collect()
    }
}

/// Draws particles on a grid, and the distance to them up to `band` (m; at most
/// a quarter of the box is used).
pub fn rasterise(particles: &[Particle], grid: &Grid, band: f64) -> Raster {
    let band = band.min(0.25 * grid.edge());
    let mut nearest = vec![0; grid.count()];
    let mut clearance = vec![band as f32; grid.count()];
    let size = grid.resolution * grid.resolution;
    nearest
        .par_chunks_mut(size)
        .zip(clearance.par_chunks_mut(size))
        .enumerate()
        .for_each(|(i, (nearest, clearance))| {
            let x = (i as f64 + 0.5) * grid.voxel;
            let mut slab = Slab {
                x,
                nearest,
                clearance,
            };
            for (number, particle) in particles.iter().enumerate() {
                slab.draw(particle, number as u32 + 1, grid, band);
            }
        });
    let within = |(&id, &distance): (&u32, &f32)| if distance < 0.0 { id } else { 0 };
    let particle_ids = nearest.iter().zip(&clearance).map(within).collect();
    Raster {
        particle_ids,
        clearance,
        nearest,
    }
}

/// The voxels whose centres lie at `x` on the first axis.
struct Slab<'a> {
    x: f64,
    nearest: &'a mut [u32],
    clearance: &'a mut [f32],
}

impl Slab<'_> {
    fn draw(&mut self, particle: &Particle, id: u32, grid: &Grid, band: f64) {
        let n = grid.resolution as i64;
        let edge = grid.edge();
        let dx = self.x - particle.centre[0];
        let dx = dx - edge * (dx / edge).round();
        let reach = particle.radius + band;
        let disc = reach * reach - dx * dx;
        if disc <= 0.0 {
            return;
        }
        for j in grid.span(particle.centre[1], disc.sqrt()) {
            let dy = (j as f64 + 0.5) * grid.voxel - particle.centre[1];
            let chord = disc - dy * dy;
            if chord <= 0.0 {
                continue;
            }
            let row = (j.rem_euclid(n) * n) as usize;
            for k in grid.span(particle.centre[2], chord.sqrt()) {
                let dz = (k as f64 + 0.5) * grid.voxel - particle.centre[2];
                let distance = (dx * dx + dy * dy + dz * dz).sqrt() - particle.radius;
                let voxel = row + k.rem_euclid(n) as usize;
                if (distance as f32) < self.clearance[voxel] {
                    self.clearance[voxel] = distance as f32;
                    self.nearest[voxel] = id;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use std::f64::consts::PI;

    const GRID: Grid = Grid {
        resolution: 50,
        voxel: 0.2e-6,
    };

    #[test]
    fn indices_and_points_agree() {
        for index in [0, 7, 51, 124_999] {
            assert_eq!(GRID.index(GRID.coordinates(index)), index);
            assert_eq!(GRID.index_at(GRID.centre(index)), index);
            let around = GRID.centre(index).map(|x| x - GRID.edge());
            assert_eq!(GRID.index_at(around), index);
        }
    }

    #[test]
    fn a_sphere_across_the_corner_keeps_its_volume() {
        let particle = Particle {
            centre: [0.1e-6, 9.9e-6, 5e-6],
            radius: 2.3e-6,
        };
        let raster = rasterise(&[particle], &GRID, 1e-6);
        let inside = raster.particle_ids.iter().filter(|&&id| id == 1).count() as f64;
        let volume = inside * GRID.voxel.powi(3);
        assert_relative_eq!(
            volume,
            4.0 / 3.0 * PI * 2.3e-6_f64.powi(3),
            max_relative = 5e-3
        );
    }

    #[test]
    fn clearance_is_the_distance_to_the_nearest_surface() {
        let particles = [
            Particle {
                centre: [2e-6, 5e-6, 5e-6],
                radius: 1.5e-6,
            },
            Particle {
                centre: [6e-6, 5e-6, 5e-6],
                radius: 2e-6,
            },
        ];
        let raster = rasterise(&particles, &GRID, 0.8e-6);
        for index in (0..GRID.count()).step_by(37) {
            let expected = particles
                .iter()
                .map(|p| {
                    let d = GRID.shortest(GRID.centre(index), p.centre);
                    d.iter().map(|x| x * x).sum::<f64>().sqrt() - p.radius
                })
                .fold(0.8e-6, f64::min);
            assert_relative_eq!(
                f64::from(raster.clearance[index]),
                expected,
                epsilon = 1e-12,
                max_relative = 1e-6
            );
            assert_eq!(raster.particle_ids[index] != 0, expected < 0.0);
        }
    }

    #[test]
    fn a_ball_of_voxels_wraps() {
        let found: Vec<_> = GRID.ball([0.0, 0.0, 5e-6], 0.5e-6).collect();
        let brute = (0..GRID.count())
            .filter(|&index| {
                let d = GRID.shortest(GRID.centre(index), [0.0, 0.0, 5e-6]);
                d.iter().map(|x| x * x).sum::<f64>().sqrt() <= 0.5e-6
            })
            .count();
        assert_eq!(found.len(), brute);
    }
}
