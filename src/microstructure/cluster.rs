//! Fractal aggregates: touching spheres with a stated number-to-size law.
//!
//! Carbon black comes as aggregates of primary particles fused when they were made.
//! Their number `N` and radius of gyration `Rg` obey `N = k (Rg / a)^D` with the
//! primary radius `a`. Spheres are added one by one, each touching one that is there, at
//! the distance from the centre of mass that keeps the law: tunable sequential
//! aggregation, after A. V. Filippov et al., J. Colloid Interface Sci. 229, 261 (2000),
//! here with the distance found from the cluster's actual second moment, so that a
//! sphere placed a little off is made up for by the next.

use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, UnitSphere};

/// Places tried at one distance before the sphere is put farther out. Of 1000 spheres
/// at D = 1.8 under one per cent need more.
const TRIALS: usize = 100;
/// How much farther, in primary radii.
const STEP_OUT: f64 = 0.05;
/// Overlap of spheres that counts as touching, in primary radii.
const TOUCH: f64 = 1e-9;
/// Second moment of a solid sphere about its centre over the square of its radius.
pub(super) const SPHERE_MOMENT: f64 = 0.6;

/// The law of a family of aggregates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FractalLaw {
    /// Fractal dimension D.
    pub dimension: f64,
    /// Prefactor k.
    pub prefactor: f64,
}

impl FractalLaw {
    /// Square of the radius of gyration of `count` spheres, in primary radii.
    fn gyration_square(&self, count: usize) -> f64 {
        (count as f64 / self.prefactor).powf(2.0 / self.dimension)
    }

    /// Spheres in an aggregate of radius of gyration `gyration` (primary radii), at least 1.
    pub fn count(&self, gyration: f64) -> f64 {
        (self.prefactor * gyration.powf(self.dimension)).max(1.0)
    }
}

/// An aggregate in units of the primary radius, its centre of mass at 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cluster {
    pub centres: Vec<[f64; 3]>,
    /// The sphere that each touched when it came; the first touches itself.
    pub parents: Vec<usize>,
}

/// Grows an aggregate of `count` spheres.
pub(super) fn grow(count: usize, law: FractalLaw, random: &mut ChaCha8Rng) -> Cluster {
    let mut growth = Growth {
        cluster: Cluster {
            centres: vec![[0.0; 3]],
            parents: vec![0],
        },
        moment: 0.0,
    };
    for n in 2..=count {
        let wanted = n as f64 * (law.gyration_square(n) - SPHERE_MOMENT);
        let square = n as f64 / (n - 1) as f64 * (wanted - growth.moment);
        growth.add(square.max(0.0).sqrt(), random);
    }
    growth.cluster
}

struct Growth {
    cluster: Cluster,
    /// Sum of the squared distances of all centres from their centre of mass.
    moment: f64,
}

impl Growth {
    /// Adds a sphere at `distance` from the centre of mass, or as little farther (or
    /// nearer, where nothing reaches so far) as it takes to touch without overlap.
    fn add(&mut self, distance: f64, random: &mut ChaCha8Rng) {
        let centres = &self.cluster.centres;
        let radii: Vec<f64> = centres.iter().map(|&c| length(c)).collect();
        let reach = radii.iter().fold(0.0_f64, |a, &b| a.max(b)) + 2.0;
        let mut distance = distance.min(reach);
        let (centre, parent) = loop {
            if let Some(found) = self.try_at(distance, &radii, random) {
                break found;
            }
            distance += STEP_OUT;
            if distance >= reach {
                break self.outermost(&radii, random);
            }
        };
        let n = self.cluster.centres.len() as f64;
        self.moment += n / (n + 1.0) * dot(centre, centre);
        self.cluster.centres.push(centre);
        self.cluster.parents.push(parent);
        let shift = centre.map(|x| x / (n + 1.0));
        for at in &mut self.cluster.centres {
            *at = std::array::from_fn(|a| at[a] - shift[a]);
        }
    }

    fn try_at(
        &self,
        distance: f64,
        radii: &[f64],
        random: &mut ChaCha8Rng,
    ) -> Option<([f64; 3], usize)> {
        let touchable: Vec<usize> = (0..radii.len())
            .filter(|&i| radii[i] > TOUCH && (radii[i] - distance).abs() <= 2.0)
            .filter(|&i| radii[i] + distance >= 2.0)
            .collect();
        for _ in 0..TRIALS {
            let &parent = touchable.choose(random)?;
            let axis = self.cluster.centres[parent].map(|x| x / radii[parent]);
            // Where spheres of radius `distance` about 0 and 2 about the parent meet.
            let along = (distance.powi(2) + radii[parent].powi(2) - 4.0) / (2.0 * radii[parent]);
            let across = (distance.powi(2) - along.powi(2)).max(0.0).sqrt();
            let side = perpendicular(axis, random);
            let at = std::array::from_fn(|a| along * axis[a] + across * side[a]);
            if self.is_free(at) {
                return Some((at, parent));
            }
        }
        None
    }

    /// A sphere straight outside the outermost one: always free.
    fn outermost(&self, radii: &[f64], random: &mut ChaCha8Rng) -> ([f64; 3], usize) {
        let parent = (0..radii.len())
            .max_by(|&a, &b| radii[a].total_cmp(&radii[b]))
            .unwrap_or(0);
        let radius = radii[parent];
        let axis: [f64; 3] = if radius > TOUCH {
            self.cluster.centres[parent].map(|x| x / radius)
        } else {
            UnitSphere.sample(random)
        };
        (axis.map(|x| x * (radius + 2.0)), parent)
    }

    fn is_free(&self, at: [f64; 3]) -> bool {
        self.cluster.centres.iter().all(|c| {
            let apart = std::array::from_fn(|a| at[a] - c[a]);
            dot(apart, apart) >= (2.0 - TOUCH).powi(2)
        })
    }
}

/// A random unit vector at right angles to `axis`.
fn perpendicular(axis: [f64; 3], random: &mut ChaCha8Rng) -> [f64; 3] {
    loop {
        let v: [f64; 3] = UnitSphere.sample(random);
        let along = dot(v, axis);
        let flat: [f64; 3] = std::array::from_fn(|a| v[a] - along * axis[a]);
        let size = length(flat);
        if size > 0.1 {
            return flat.map(|x| x / size);
        }
    }
}

/// A rotation by uniformly distributed angles: three orthonormal rows.
pub(super) fn random_rotation(random: &mut ChaCha8Rng) -> [[f64; 3]; 3] {
    let first: [f64; 3] = UnitSphere.sample(random);
    let second = perpendicular(first, random);
    let third = [
        first[1] * second[2] - first[2] * second[1],
        first[2] * second[0] - first[0] * second[2],
        first[0] * second[1] - first[1] * second[0],
    ];
    [first, second, third]
}

/// A point in the axes of a rotation.
pub(super) fn rotated(rows: &[[f64; 3]; 3], point: [f64; 3]) -> [f64; 3] {
    rows.map(|row| dot(row, point))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn length(v: [f64; 3]) -> f64 {
    dot(v, v).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::random::{Stage, stream};

    const LAW: FractalLaw = FractalLaw {
        dimension: 1.8,
        prefactor: 1.3,
    };

    /// Radius of gyration from the centres alone, solid spheres counted.
    fn gyration(centres: &[[f64; 3]]) -> f64 {
        let n = centres.len() as f64;
        let mean: [f64; 3] = std::array::from_fn(|a| centres.iter().map(|c| c[a]).sum::<f64>() / n);
        let spread: f64 = centres
            .iter()
            .map(|c| (0..3).map(|a| (c[a] - mean[a]).powi(2)).sum::<f64>())
            .sum();
        (spread / n + SPHERE_MOMENT).sqrt()
    }

    #[test]
    fn number_and_radius_of_gyration_obey_the_law() {
        for dimension in [1.6, 1.8, 2.2] {
            let law = FractalLaw { dimension, ..LAW };
            let sizes = [16, 32, 64, 128, 256, 512];
            let points: Vec<(f64, f64)> = sizes
                .iter()
                .flat_map(|&n| (0..4).map(move |i| (n, i)))
                .map(|(n, i)| {
                    let mut random = stream(3, Stage::Clusters, i);
                    let cluster = grow(n, law, &mut random);
                    (gyration(&cluster.centres).ln(), (n as f64).ln())
                })
                .collect();
            let count = points.len() as f64;
            let (x, y) = points
                .iter()
                .fold((0.0, 0.0), |s, p| (s.0 + p.0, s.1 + p.1));
            let (x, y) = (x / count, y / count);
            let slope = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>()
                / points.iter().map(|p| (p.0 - x).powi(2)).sum::<f64>();
            let prefactor = (y - slope * x).exp();
            assert!((slope - dimension).abs() < 0.02, "{slope} for {dimension}");
            assert!((prefactor - 1.3).abs() < 0.1, "{prefactor} for {dimension}");
        }
    }

    #[test]
    fn spheres_touch_their_parents_and_overlap_with_none() {
        let cluster = grow(200, LAW, &mut stream(7, Stage::Clusters, 0));
        let apart = |i: usize, j: usize| {
            let (a, b) = (cluster.centres[i], cluster.centres[j]);
            length(std::array::from_fn(|k| a[k] - b[k]))
        };
        for i in 1..200 {
            assert!(cluster.parents[i] < i);
            assert!((apart(i, cluster.parents[i]) - 2.0).abs() < 1e-9);
            assert!((0..i).all(|j| apart(i, j) > 2.0 - 1e-6), "{i}");
        }
    }

    #[test]
    fn rotations_keep_lengths_and_angles() {
        let mut random = stream(1, Stage::Clusters, 5);
        for _ in 0..20 {
            let rows = random_rotation(&mut random);
            let a = rotated(&rows, [1.0, 2.0, 3.0]);
            let b = rotated(&rows, [-2.0, 0.5, 1.0]);
            assert!((length(a) - 14.0_f64.sqrt()).abs() < 1e-12);
            assert!((dot(a, b) - 2.0).abs() < 1e-12);
        }
    }
}
