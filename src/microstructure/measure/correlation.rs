//! Two-point correlation: how likely it is that two points at a distance lie in
//! the same phase, and over what length that is forgotten.
//!
//! `S2(r)` of a phase is the probability that both ends of a line of length `r`
//! lie in it. `S2(0)` is the volume fraction `phi`; `S2` falls to `phi^2` where
//! nothing is remembered; for an isotropic structure `dS2/dr = -s/4` at 0, with
//! `s` the surface of the phase per volume (P. Debye, H. R. Anderson and
//! H. Brumberger, J. Appl. Phys. 28, 679, 1957). Along the axes it is counted
//! exactly: one bit per voxel, 64 pairs with one `and`.

use super::labels::{Labels, PHASES, Turned};

/// `S2` of one phase along one axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Correlation {
    /// Probability at distances of 0, 1, 2 ... voxels, up to half the block.
    pub probability: Vec<f64>,
    /// Edge of a voxel along the axis, m.
    pub spacing: f64,
}

impl Correlation {
    /// Volume fraction of the phase.
    pub fn fraction(&self) -> f64 {
        self.probability.first().copied().unwrap_or(0.0)
    }

    /// `S2` at a distance, m, interpolated; the last value beyond the longest.
    pub fn at(&self, distance: f64) -> f64 {
        let position = distance / self.spacing;
        let below = position as usize;
        let Some(&upper) = self.probability.get(below + 1) else {
            return self.probability.last().copied().unwrap_or(0.0);
        };
        let lower = self.probability[below];
        lower + (position - below as f64) * (upper - lower)
    }

    /// Correlation length, m: the integral of `(S2 - phi^2) / (phi - phi^2)` from
    /// 0 to where it first crosses 0, or to the end. Not a number for a phase
    /// that is nowhere or everywhere.
    pub fn length(&self) -> f64 {
        let phi = self.fraction();
        let covariance: Vec<f64> = self.probability.iter().map(|s| s - phi * phi).collect();
        let mut integral = 0.0;
        for pair in covariance.windows(2) {
            if pair[1] <= 0.0 {
                // The triangle up to the crossing.
                integral += 0.5 * pair[0] * pair[0] / (pair[0] - pair[1]);
                break;
            }
            integral += 0.5 * (pair[0] + pair[1]);
        }
        self.spacing * integral / (phi - phi * phi)
    }
}

/// Measures `S2` of every phase along every axis: `[phase][axis]`.
///
/// Distances go up to half the block. A periodic block offers as many pairs at
/// every distance; an open one those that fit into it.
pub fn correlations(labels: &Labels) -> [[Correlation; 3]; PHASES] {
    let mut found: [[Correlation; 3]; PHASES] = Default::default();
    for axis in 0..3 {
        let turned = labels.turned(axis);
        for (phase, entry) in found.iter_mut().enumerate() {
            let planes = Planes::new(labels, &turned, phase as u8);
            entry[axis] = Correlation {
                probability: planes.correlation(labels.periodic),
                spacing: turned.spacing[0],
            };
        }
    }
    found
}

/// One bit per voxel, plane after plane across an axis.
struct Planes {
    bits: Vec<u64>,
    /// Words per plane.
    words: usize,
    /// Number of planes, and voxels per plane.
    count: usize,
    voxels: usize,
}

impl Planes {
    fn new(labels: &Labels, turned: &Turned, phase: u8) -> Self {
        let [count, n2, n3] = turned.shape;
        let voxels = n2 * n3;
        let words = voxels.div_ceil(64);
        let mut bits = vec![0; count * words];
        let [s1, s2, s3] = turned.strides;
        for (plane, words) in bits.chunks_exact_mut(words).enumerate() {
            for j in 0..n2 {
                let row = plane * s1 + j * s2;
                for k in 0..n3 {
                    let bit = u64::from(labels.phases[row + k * s3] == phase);
                    let cell = j * n3 + k;
                    words[cell / 64] |= bit << (cell % 64);
                }
            }
        }
        Self {
            bits,
            words,
            count,
            voxels,
        }
    }

    fn correlation(&self, periodic: bool) -> Vec<f64> {
        let plane = |i: usize| &self.bits[i * self.words..(i + 1) * self.words];
        (0..=self.count / 2)
            .map(|distance| {
                let pairs = if periodic {
                    self.count
                } else {
                    self.count - distance
                };
                let both: u64 = (0..pairs)
                    .map(|i| common(plane(i), plane((i + distance) % self.count)))
                    .sum();
                both as f64 / (pairs * self.voxels) as f64
            })
            .collect()
    }
}

/// Number of bits set in both.
fn common(a: &[u64], b: &[u64]) -> u64 {
    let words = a.iter().zip(b);
    words.map(|(a, b)| u64::from((a & b).count_ones())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::measure::interface_areas;
    use approx::{assert_abs_diff_eq, assert_relative_eq};
    use std::f64::consts::PI;

    const N: usize = 96;
    const RADIUS: f64 = 20.0;

    fn sphere() -> Vec<u8> {
        (0..N * N * N)
            .map(|index| {
                let at = [index / (N * N), index / N % N, index % N];
                let square: f64 = at.iter().map(|&i| (i as f64 + 0.5 - 47.8).powi(2)).sum();
                u8::from(square < RADIUS * RADIUS)
            })
            .collect()
    }

    #[test]
    fn a_sphere_has_its_exact_correlation_and_its_slope_is_its_surface() {
        let phases = sphere();
        let labels = Labels::new([N; 3], [1.0; 3], true, &phases).unwrap();
        let found = correlations(&labels);
        let phi = 4.0 / 3.0 * PI * RADIUS.powi(3) / (N as f64).powi(3);
        for axis in 0..3 {
            let s2 = &found[1][axis];
            assert_relative_eq!(s2.fraction(), labels.fractions()[1], max_relative = 1e-12);
            // Common volume of two spheres at a distance: Torquato, Random
            // Heterogeneous Materials (2002), section 5.1.
            for r in [0.0, 1.0, 5.0, 15.5, 30.0, 39.0] {
                let t: f64 = r / RADIUS;
                let expected = phi * (1.0 - 0.75 * t + t.powi(3) / 16.0);
                assert_abs_diff_eq!(s2.at(r), expected, epsilon = 0.005 * phi);
            }
            assert_abs_diff_eq!(s2.at(44.0), 0.0);
            let slope = s2.probability[0] - s2.probability[1];
            let surface = interface_areas(&labels).specific_surface(1);
            assert_relative_eq!(slope, surface / 4.0, max_relative = 0.02);
        }
        let both = found[0][0].fraction() + found[1][0].fraction();
        assert_relative_eq!(both, 1.0, max_relative = 1e-12);
    }

    #[test]
    fn independent_voxels_are_forgotten_at_once_and_layers_never() {
        let mut state = 12_345_u64;
        let phases: Vec<u8> = (0..64 * 64 * 64)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                u8::from(state >> 62 == 0)
            })
            .collect();
        let labels = Labels::new([64; 3], [2.0; 3], true, &phases).unwrap();
        let s2 = &correlations(&labels)[1][2];
        for probability in &s2.probability[1..] {
            assert_abs_diff_eq!(*probability, 1.0 / 16.0, epsilon = 2e-3);
        }
        // A triangle of one voxel's base.
        assert_relative_eq!(s2.length(), 1.0, max_relative = 0.05);

        let layers: Vec<u8> = (0..8 * 5 * 7).map(|i| u8::from(i / 35 % 2 == 0)).collect();
        let labels = Labels::new([8, 5, 7], [1.0; 3], false, &layers).unwrap();
        let found = correlations(&labels);
        assert_eq!(found[1][0].probability, [0.5, 0.0, 0.5, 0.0, 0.5]);
        assert_eq!(found[1][1].probability, [0.5; 3]);
        assert!(found[3][0].length().is_nan());
    }
}
