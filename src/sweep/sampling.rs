//! Points in the unit cube, each found from its number alone, so that a sweep of any
//! length takes no memory and any worker can begin anywhere.

use rand::RngExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// How points are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Sobol points with Owen's scrambling: B. Burley, J. Comput. Graph. Tech. 9(4), 2020.
    Sobol,
    /// Every parameter's range is cut into as many layers as there are points, and each
    /// layer holds one: M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21, 239
    /// (1979).
    LatinHypercube,
    /// Independent draws.
    Random,
    /// Two sets A and B of Sobol points, and for every parameter A with that of B: what
    /// Sobol indices are found from (A. Saltelli et al., Comput. Phys. Commun. 181, 259, 2010).
    Saltelli,
}

impl Method {
    /// As written in a scenario, in the order of [`Self::ALL`].
    pub const WORDS: [&'static str; 4] = ["sobol", "latin-hypercube", "random", "saltelli"];
    /// Every method.
    pub const ALL: [Self; 4] = [
        Self::Sobol,
        Self::LatinHypercube,
        Self::Random,
        Self::Saltelli,
    ];

    /// Most points that it can give.
    pub fn most_points(self) -> u64 {
        match self {
            // Length of the sequence of the crate `sobol_burley`.
            Self::Sobol | Self::Saltelli => 1 << 16,
            Self::LatinHypercube | Self::Random => 1 << 40,
        }
    }

    /// Runs that `points` points of `parameters` parameters take.
    pub fn runs(self, points: u64, parameters: usize) -> u64 {
        match self {
            Self::Saltelli => points.saturating_mul(parameters as u64 + 2),
            _ => points,
        }
    }
}

/// A set of points.
#[derive(Debug, Clone, Copy)]
pub struct Points {
    /// How they are chosen.
    pub method: Method,
    /// How many there are (of Saltelli's design: in A).
    pub count: u64,
    /// Number of coordinates.
    pub dimensions: usize,
    /// Seed.
    pub seed: u64,
}

impl Points {
    /// Coordinates of a run, each in (0, 1).
    pub fn coordinates(&self, run: u64) -> Vec<f64> {
        let axes = 0..self.dimensions;
        match self.method {
            Method::Sobol => axes.map(|d| self.sobol(run, d)).collect(),
            Method::Saltelli => {
                let block = self.dimensions as u64 + 2;
                let (point, part) = (run / block, run % block);
                // 0 is A, 1 is B, then A with one coordinate of B.
                let of_b = |d: usize| part == 1 || part == d as u64 + 2;
                let column = |d: usize| if of_b(d) { self.dimensions + d } else { d };
                axes.map(|d| self.sobol(point, column(d))).collect()
            }
            Method::LatinHypercube => {
                let mut draw = self.stream(run);
                let layer = |d: usize| permuted(run, self.count, mix(self.seed ^ mix(d as u64)));
                axes.map(|d| (layer(d) as f64 + inside(&mut draw)) / self.count as f64)
                    .collect()
            }
            Method::Random => {
                let mut draw = self.stream(run);
                axes.map(|_| inside(&mut draw)).collect()
            }
        }
    }

    fn sobol(&self, point: u64, dimension: usize) -> f64 {
        // Both fit: more points and dimensions are refused before.
        let seed = (self.seed ^ (self.seed >> 32)) as u32;
        let value = sobol_burley::sample(point as u32, dimension as u32, seed);
        // Half a step of its 24 bits up, so that 0 does not come.
        f64::from(value) + 0.5f64.powi(25)
    }

    fn stream(&self, run: u64) -> ChaCha8Rng {
        let mut stream = ChaCha8Rng::seed_from_u64(self.seed);
        stream.set_stream(run);
        stream
    }
}

/// Most coordinates of a Sobol point.
pub const MOST_DIMENSIONS: usize = 256;

/// A draw in (0, 1).
fn inside(draw: &mut ChaCha8Rng) -> f64 {
    draw.random::<f64>().max(f64::EPSILON)
}

/// The finaliser of SplitMix64 (S. Vigna, after G. Steele et al., 2014).
fn mix(mut word: u64) -> u64 {
    word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Where `index` lands in a random permutation of `0..length`, without the permutation:
/// a Feistel network on the next even number of bits, walked on until it lands inside (J.
/// Black, P. Rogaway, CT-RSA 2002).
fn permuted(index: u64, length: u64, seed: u64) -> u64 {
    let bits = (u64::BITS - length.saturating_sub(1).leading_zeros()).max(2);
    let half = bits.div_ceil(2);
    let mask = (1_u64 << half) - 1;
    let mut at = index;
    loop {
        let (mut left, mut right) = (at >> half, at & mask);
        for round in 0..6 {
            let turned = left ^ (mix(right ^ seed.wrapping_add(mix(round))) & mask);
            (left, right) = (right, turned);
        }
        at = left << half | right;
        if at < length {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn points(method: Method, count: u64, dimensions: usize) -> Points {
        let seed = 3;
        Points {
            method,
            count,
            dimensions,
            seed,
        }
    }

    proptest! {
        #[test]
        fn a_permutation_reaches_everything_once(length in 1_u64..700, seed: u64) {
            let reached: HashSet<u64> = (0..length).map(|i| permuted(i, length, seed)).collect();
            prop_assert_eq!(reached.len() as u64, length);
            prop_assert!(reached.iter().all(|at| *at < length));
        }

        #[test]
        fn every_layer_of_a_latin_hypercube_holds_one_point(count in 1_u64..200, seed: u64) {
            let cube = Points { seed, ..points(Method::LatinHypercube, count, 3) };
            for d in 0..3 {
                let layers: HashSet<u64> = (0..count)
                    .map(|i| (cube.coordinates(i)[d] * count as f64) as u64)
                    .collect();
                prop_assert_eq!(layers.len() as u64, count);
            }
        }
    }

    /// Integral of a product of 1 + (u - 1/2), which is 1: Sobol points are far closer to it
    /// than the spread of as many random ones, about 0.3 / sqrt(n) for each parameter.
    #[test]
    fn sobol_points_integrate_better_than_random_ones() {
        let n = 4096;
        let error = |method| {
            let points = points(method, n, 4);
            let value = |i| {
                points
                    .coordinates(i)
                    .iter()
                    .map(|u| 0.5 + u)
                    .product::<f64>()
            };
            ((0..n).map(value).sum::<f64>() / n as f64 - 1.0).abs()
        };
        assert!(error(Method::Sobol) < 2e-4, "{}", error(Method::Sobol));
        assert!(error(Method::Random) < 0.05);
    }

    #[test]
    fn saltelli_mixes_two_independent_sets() {
        let design = points(Method::Saltelli, 64, 3);
        for point in 0..64 {
            let at = |part| design.coordinates(point * 5 + part);
            let (a, b) = (at(0), at(1));
            assert!((0..3).all(|d| (a[d] - b[d]).abs() > 1e-7));
            for mixed in 0..3 {
                let expected: Vec<f64> = (0..3)
                    .map(|d| if d == mixed { b[d] } else { a[d] })
                    .collect();
                assert_eq!(at(2 + mixed as u64), expected);
            }
        }
    }

    #[test]
    fn coordinates_are_inside_and_the_same_again() {
        for method in Method::ALL {
            let points = points(method, 300, 5);
            for run in 0..method.runs(300, 5) {
                let found = points.coordinates(run);
                assert!(
                    found.iter().all(|u| *u > 0.0 && *u < 1.0),
                    "{method:?} {found:?}"
                );
                assert_eq!(found, points.coordinates(run));
            }
        }
    }
}
