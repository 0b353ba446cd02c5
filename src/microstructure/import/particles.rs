//! Where one particle of an image ends and the next begins.
//!
//! Active material is flooded from its deepest voxels outwards, deeper voxels
//! first: every maximum of the distance map starts a basin, and each voxel joins
//! the basin of its deepest neighbour. Where two basins meet, the shallower one
//! is a part of the other if its maximum lies less than `split` above the place
//! where they meet (its dynamics: M. Grimaud, Proc. SPIE 1769 (1992) 292), else
//! both stay particles. Roughness makes maxima of about a voxel; a neck between
//! touching particles is deeper. Parts without a common face are apart in any case.

use crate::microstructure::{Microstructure, Particle, Phase};
use rayon::prelude::*;
use std::f64::consts::PI;

/// Particles found in an image.
pub(super) struct Found {
    /// Particle index + 1 per voxel, 0 outside.
    pub ids: Vec<u32>,
    /// Spheres of the same volume around the same centre of mass.
    pub particles: Vec<Particle>,
    /// How many particles each stands for when sizes are counted.
    pub weights: Vec<f64>,
}

/// Tells the particles of an image apart; `split` in m.
pub(super) fn separate(structure: &Microstructure, depth: &[f32], split: f64) -> Found {
    let (mut ids, mut basins) = flood(structure, depth, split);
    // Particles are numbered in the order of their first voxels.
    let mut numbers = vec![0_u32; basins.len()];
    let mut count = 0;
    for id in ids.iter_mut().filter(|id| **id > 0) {
        let root = basins.root(*id - 1);
        if numbers[root as usize] == 0 {
            count += 1;
            numbers[root as usize] = count;
        }
        *id = numbers[root as usize];
    }
    let bodies = measure(structure, &ids, count as usize);
    Found {
        particles: bodies.iter().map(|body| body.sphere(structure)).collect(),
        weights: weights(structure, &bodies),
        ids,
    }
}

/// Basins that may have become parts of others.
#[derive(Default)]
struct Basins {
    parent: Vec<u32>,
    /// Depth of the deepest voxel, m.
    peak: Vec<f32>,
}

impl Basins {
    fn len(&self) -> usize {
        self.parent.len()
    }

    fn start(&mut self, peak: f32) -> u32 {
        let basin = self.parent.len() as u32;
        self.parent.push(basin);
        self.peak.push(peak);
        basin
    }

    fn root(&mut self, mut basin: u32) -> u32 {
        while self.parent[basin as usize] != basin {
            let above = self.parent[self.parent[basin as usize] as usize];
            self.parent[basin as usize] = above;
            basin = above;
        }
        basin
    }

    /// Joins basins that meet at `level` where the shallower is no particle of its own.
    fn meet(&mut self, a: u32, b: u32, level: f32, split: f64) {
        let (a, b) = (self.root(a), self.root(b));
        // Of two as deep, the older stays.
        let a_stays = (self.peak[a as usize], b) >= (self.peak[b as usize], a);
        let (stays, joins) = if a_stays { (a, b) } else { (b, a) };
        if f64::from(self.peak[joins as usize] - level) < split {
            self.parent[joins as usize] = stays;
        }
    }
}

/// Basin + 1 of every voxel of active material, 0 elsewhere.
fn flood(structure: &Microstructure, depth: &[f32], split: f64) -> (Vec<u32>, Basins) {
    let active = |voxel: &usize| structure.phases[*voxel] == Phase::ActiveMaterial as u8;
    let mut order: Vec<u32> = (0..structure.voxels())
        .filter(active)
        .map(|v| v as u32)
        .collect();
    order.par_sort_unstable_by(|&a, &b| {
        depth[b as usize]
            .total_cmp(&depth[a as usize])
            .then(a.cmp(&b))
    });
    let mut ids = vec![0_u32; structure.voxels()];
    let mut basins = Basins::default();
    for voxel in order {
        let voxel = voxel as usize;
        let mut deepest: Option<usize> = None;
        for neighbour in neighbours(structure, voxel).into_iter().flatten() {
            if ids[neighbour] > 0 && deepest.is_none_or(|found| depth[neighbour] > depth[found]) {
                deepest = Some(neighbour);
            }
        }
        let level = depth[voxel];
        let own = match deepest {
            Some(found) => ids[found] - 1,
            None => basins.start(level),
        };
        ids[voxel] = own + 1;
        for neighbour in neighbours(structure, voxel).into_iter().flatten() {
            if ids[neighbour] > 0 {
                basins.meet(own, ids[neighbour] - 1, level, split);
            }
        }
    }
    (ids, basins)
}

/// Voxels that share a face with one; where the image ends, none.
pub(super) fn neighbours(structure: &Microstructure, voxel: usize) -> [Option<usize>; 6] {
    let at = structure.coordinates(voxel);
    let [n1, n2, n3] = structure.shape;
    let stride = [n2 * n3, n3, 1];
    let shape = [n1, n2, n3];
    std::array::from_fn(|face| {
        let (axis, up) = (face / 2, face % 2 == 1);
        let (edge, wrap) = if up {
            (at[axis] + 1 == shape[axis], voxel - at[axis] * stride[axis])
        } else {
            (at[axis] == 0, voxel + (shape[axis] - 1) * stride[axis])
        };
        match (edge, structure.periodic) {
            (true, true) => Some(wrap),
            (true, false) => None,
            (false, _) if up => Some(voxel + stride[axis]),
            (false, _) => Some(voxel - stride[axis]),
        }
    })
}

/// A particle as its voxels have it.
#[derive(Clone)]
struct Body {
    voxels: usize,
    /// Centre of its first voxel, m.
    first: [f64; 3],
    /// Sum over its voxels of the way there from the first, m.
    moment: [f64; 3],
    /// Farthest ways there, m.
    low: [f64; 3],
    high: [f64; 3],
    /// Whether it reaches a side at which the image ends.
    cut: bool,
}

impl Body {
    /// The sphere of its volume around its centre of mass.
    fn sphere(&self, structure: &Microstructure) -> Particle {
        let volume = self.voxels as f64 * structure.spacing.iter().product::<f64>();
        let edges = structure.edges();
        Particle {
            centre: std::array::from_fn(|axis| {
                let at = self.first[axis] + self.moment[axis] / self.voxels as f64;
                at.rem_euclid(edges[axis])
            }),
            radius: (0.75 * volume / PI).cbrt(),
        }
    }
}

fn measure(structure: &Microstructure, ids: &[u32], count: usize) -> Vec<Body> {
    let none = Body {
        voxels: 0,
        first: [0.0; 3],
        moment: [0.0; 3],
        low: [0.0; 3],
        high: [0.0; 3],
        cut: false,
    };
    let mut bodies = vec![none; count];
    for (voxel, &id) in ids.iter().enumerate().filter(|(_, id)| **id > 0) {
        let at = structure.coordinates(voxel);
        let centre = std::array::from_fn(|axis| (at[axis] as f64 + 0.5) * structure.spacing[axis]);
        let body = &mut bodies[id as usize - 1];
        if body.voxels == 0 {
            body.first = centre;
        }
        body.voxels += 1;
        let way = structure.shortest(body.first, centre);
        for axis in 0..3 {
            body.moment[axis] += way[axis];
            body.low[axis] = body.low[axis].min(way[axis]);
            body.high[axis] = body.high[axis].max(way[axis]);
            let at_side = at[axis] == 0 || at[axis] + 1 == structure.shape[axis];
            body.cut |= at_side && !structure.periodic;
        }
    }
    bodies
}

/// Large particles are more often cut by the sides of an image. Only whole ones
/// are counted, each over the chance that one of its extent is whole (R. E. Miles,
/// in Stochastic Geometry, Wiley 1974, p. 228). If none is whole, all count.
fn weights(structure: &Microstructure, bodies: &[Body]) -> Vec<f64> {
    if bodies.iter().all(|body| body.cut) || structure.periodic {
        return vec![1.0; bodies.len()];
    }
    let edges = structure.edges();
    let weight = |body: &Body| {
        if body.cut {
            return 0.0;
        }
        let chance = |axis: usize| {
            let extent = body.high[axis] - body.low[axis] + structure.spacing[axis];
            (1.0 - extent / edges[axis]).max(structure.spacing[axis] / edges[axis])
        };
        1.0 / (chance(0) * chance(1) * chance(2))
    };
    bodies.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::super::distance::depths;
    use super::*;

    /// Balls (centre, radius in m) in electrolyte on voxels of 1 x 1 x 2 um.
    fn balls(periodic: bool, balls: &[([f64; 3], f64)]) -> Microstructure {
        let shape = [40, 30, 15];
        let spacing = [1e-6, 1e-6, 2e-6];
        let mut structure = Microstructure::of_phases(shape, spacing, periodic, Vec::new());
        let inside = |voxel| {
            let ijk = structure.coordinates(voxel);
            let at = std::array::from_fn(|a| (ijk[a] as f64 + 0.5) * structure.spacing[a]);
            balls.iter().any(|(centre, radius)| {
                let way = structure.shortest(*centre, at);
                way.iter().map(|x| x * x).sum::<f64>() < radius * radius
            })
        };
        let phases = (0..structure.voxels()).map(|v| if inside(v) { 1 } else { 2 });
        structure.phases = phases.collect();
        structure
    }

    fn found(structure: &Microstructure, split: f64) -> Found {
        separate(structure, &depths(structure), split)
    }

    const PAIR: [([f64; 3], f64); 2] =
        [([12e-6, 15e-6, 15e-6], 8e-6), ([25e-6, 15e-6, 15e-6], 7e-6)];

    #[test]
    fn overlapping_balls_are_cut_at_their_neck() {
        let structure = balls(false, &PAIR);
        let found = found(&structure, 2e-6);
        assert_eq!(found.particles.len(), 2);
        for (particle, (centre, radius)) in found.particles.iter().zip(PAIR) {
            // Each loses its cap beyond the neck to the other.
            assert!(
                (particle.radius / radius - 1.0).abs() < 0.05,
                "{particle:?}"
            );
            for axis in 0..3 {
                assert!(
                    (particle.centre[axis] - centre[axis]).abs() < 0.8e-6,
                    "{particle:?}"
                );
            }
        }
        let cut = |split| super::tests::found(&structure, split).particles.len();
        // The neck lies 4.8 um from the axis, 2.2 um less than the smaller radius.
        assert_eq!((cut(1.5e-6), cut(3.5e-6)), (2, 1));
    }

    #[test]
    fn a_particle_across_the_sides_is_one_where_they_fit_together() {
        let ball = [([0.0, 0.0, 1e-6], 8e-6)];
        let structure = balls(true, &ball);
        let whole = found(&structure, 2e-6);
        assert_eq!(whole.particles.len(), 1);
        let particle = whole.particles[0];
        assert!((particle.radius / 8e-6 - 1.0).abs() < 0.02, "{particle:?}");
        let way = structure.shortest(particle.centre, ball[0].0);
        assert!(way.iter().all(|d| d.abs() < 0.5e-6), "{way:?}");
        let mut cut = structure;
        cut.periodic = false;
        assert_eq!(found(&cut, 2e-6).particles.len(), 8);
    }

    #[test]
    fn large_whole_particles_stand_for_those_cut_by_the_sides() {
        let three = [
            ([20e-6, 15e-6, 15e-6], 8e-6),
            ([5e-6, 5e-6, 5e-6], 3e-6),
            ([40e-6, 30e-6, 30e-6], 5e-6),
        ];
        let found = found(&balls(false, &three), 2e-6);
        // In the order of their first voxels: the small, the large, the cut one.
        let [small, large, cut] = found.weights[..] else {
            panic!("{:?}", found.particles);
        };
        // Extents in um as the voxels have them: the large ball spans seven of 2 um.
        let expected =
            |x: f64, y: f64, z: f64| 1.0 / ((1.0 - x / 40.0) * (1.0 - y / 30.0) * (1.0 - z / 30.0));
        approx::assert_relative_eq!(small, expected(6.0, 6.0, 6.0), max_relative = 1e-9);
        approx::assert_relative_eq!(large, expected(16.0, 16.0, 14.0), max_relative = 1e-9);
        approx::assert_relative_eq!(cut, 0.0);
    }

    #[test]
    fn neighbours_wrap_or_end() {
        let mut structure = balls(true, &[]);
        let corner = structure.index([0, 29, 14]);
        let index = |ijk| Some(structure.index(ijk));
        let around = [
            index([39, 29, 14]),
            index([1, 29, 14]),
            index([0, 28, 14]),
            index([0, 0, 14]),
            index([0, 29, 13]),
            index([0, 29, 0]),
        ];
        assert_eq!(neighbours(&structure, corner), around);
        structure.periodic = false;
        let ends = [None, around[1], around[2], None, around[4], None];
        assert_eq!(neighbours(&structure, corner), ends);
    }
}
