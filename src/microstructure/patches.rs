//! A surface in patches: where a point lies, in which order patches come, and which
//! part of a distribution each of them takes. What `shells.rs` is made of.

use super::random::mixed;
use crate::numerics::normal;
use std::f64::consts::PI;

/// Nodes per standard deviation, and deviations on each side, of a Lorenz curve.
const NODES: (i32, i32) = (32, 8);

/// Where a point lies on a sphere divided into patches of equal area: rings of equal
/// width, each with as many patches as its area asks for.
pub(super) struct Place {
    pub patch: u64,
    /// Position in the patch, 0..1 around the sphere and from pole to pole; equal
    /// steps are equal areas.
    pub within: [f64; 2],
}

impl Place {
    pub fn of(point: [f64; 3], patches: u64) -> Self {
        let count = patches as f64;
        let rings = (0.5 * (PI * count).sqrt()).round().max(1.0);
        // Number of patches north of ring i.
        let north = |ring: f64| (0.5 * count * (1.0 - (PI * ring / rings).cos())).round();
        let level = (0.5 * count * (1.0 - point[2])).clamp(0.0, count * (1.0 - 1e-15));
        let mut ring = (point[2].clamp(-1.0, 1.0).acos() * rings / PI).floor();
        ring = ring.clamp(0.0, rings - 1.0);
        while ring > 0.0 && north(ring) > level {
            ring -= 1.0;
        }
        while ring < rings - 1.0 && north(ring + 1.0) <= level {
            ring += 1.0;
        }
        let (first, next) = (north(ring), north(ring + 1.0));
        let sectors = (next - first).max(1.0);
        let turn = point[1].atan2(point[0]) / (2.0 * PI) + 0.5;
        let around = (turn * sectors).clamp(0.0, sectors * (1.0 - 1e-15));
        let patch = (first + around.floor()).min(count - 1.0);
        Self {
            patch: patch as u64,
            within: [around.fract(), ((level - first) / sectors).clamp(0.0, 1.0)],
        }
    }
}

/// The place of `index` in a random order of `0..count` that `key` decides: a Feistel
/// network on the next power of four, walked until it leads back below `count`.
pub(super) fn shuffled(index: u64, count: u64, key: u64) -> u64 {
    let bits = (64 - count.saturating_sub(1).leading_zeros())
        .div_ceil(2)
        .max(1);
    let mask = (1_u64 << bits) - 1;
    let mut at = index;
    loop {
        let (mut left, mut right) = (at >> bits, at & mask);
        for round in 0..4 {
            let next = left ^ (mixed(key ^ (round << 60) ^ right) & mask);
            left = right;
            right = next;
        }
        at = (left << bits) | right;
        if at < count {
            return at;
        }
    }
}

/// The Lorenz curve of a lognormal distribution of mean 1: the part of the whole that
/// the smallest share `q` holds, `Phi(Phi^-1(q) - s)`. Between its nodes it is linear;
/// its ends are exact, and so are sums over shares that make up the whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lorenz {
    shares: Vec<f64>,
    parts: Vec<f64>,
}

impl Lorenz {
    pub fn new(log_deviation: f64) -> Self {
        let (per_deviation, reach) = NODES;
        let inner = |shift: f64| -> Vec<f64> {
            (-per_deviation * reach..=per_deviation * reach)
                .map(|i| normal::cumulative(f64::from(i) / f64::from(per_deviation) - shift))
                .collect()
        };
        let whole = |mut values: Vec<f64>| {
            let last = values.len() - 1;
            values[0] = 0.0;
            values[last] = 1.0;
            values
        };
        Self {
            shares: whole(inner(0.0)),
            parts: whole(inner(log_deviation)),
        }
    }

    fn part(&self, share: f64) -> f64 {
        let above = self.shares.partition_point(|&q| q < share);
        let above = above.clamp(1, self.shares.len() - 1);
        let (low, high) = (self.shares[above - 1], self.shares[above]);
        let t = ((share - low) / (high - low)).clamp(0.0, 1.0);
        self.parts[above - 1] + t * (self.parts[above] - self.parts[above - 1])
    }

    /// Mean value over a range of shares.
    pub fn mean(&self, [low, high]: [f64; 2]) -> f64 {
        (self.part(high) - self.part(low)) / (high - low).max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_have_equal_areas() {
        for count in [1, 2, 3, 7, 40, 333, 2500] {
            let mut hits = vec![0; count as usize];
            let points = 200_000;
            for i in 0..points {
                // A spiral of equal areas, incommensurate with any patch.
                let z = 1.0 - (2.0 * i as f64 + 1.0) / points as f64;
                let (sin, cos) = (2.399_963_229_728_653 * i as f64).sin_cos();
                let r = (1.0 - z * z).sqrt();
                let point = [r * cos, r * sin, z];
                let place = Place::of(point, count);
                assert!(place.within.iter().all(|x| (0.0..=1.0).contains(x)));
                hits[place.patch as usize] += 1;
            }
            let expected = points as f64 / count as f64;
            let allowed = 0.02 * expected + 6.0 * expected.sqrt().min(8.0);
            for hit in hits {
                assert!(
                    (f64::from(hit) - expected).abs() < allowed,
                    "{hit} for {expected}"
                );
            }
        }
    }

    #[test]
    fn orders_are_permutations() {
        for count in [1, 2, 5, 64, 1000] {
            let mut seen = vec![false; count as usize];
            for index in 0..count {
                let place = shuffled(index, count, 77);
                assert!(!std::mem::replace(&mut seen[place as usize], true));
            }
        }
        let moved = (0..1000).filter(|&i| shuffled(i, 1000, 77) != i).count();
        assert!(moved > 950, "{moved}");
    }

    #[test]
    fn a_lorenz_curve_has_the_moments_of_its_distribution() {
        let (deviation, count) = (0.5_f64, 4000);
        let curve = Lorenz::new(deviation);
        let share = |k: usize| k as f64 / f64::from(count);
        let means = || (0..count as usize).map(|k| curve.mean([share(k), share(k + 1)]));
        let first = means().sum::<f64>() / f64::from(count);
        let second = means().map(|m| m * m).sum::<f64>() / f64::from(count);
        assert!((first - 1.0).abs() < 1e-12, "{first}");
        let exact = (deviation * deviation).exp();
        assert!((second / exact - 1.0).abs() < 2e-3, "{second} {exact}");
        // The median of a lognormal distribution of mean 1.
        let median = curve.mean([0.499, 0.501]);
        assert!((median / (-0.5 * deviation * deviation).exp() - 1.0).abs() < 1e-2);
    }
}
