//! What single particles see: how many others they touch, what faces them.

use crate::microstructure::{Particle, contacts};

/// Number of touching neighbours of every particle in a periodic cube of edge
/// `box_edge` (m); see [`CONTACT_GAP`](crate::microstructure::CONTACT_GAP) for what
/// counts as touching.
pub fn coordination_numbers(particles: &[Particle], box_edge: f64) -> Vec<u32> {
    let mut counts = vec![0; particles.len()];
    for pair in contacts(particles, box_edge).pairs {
        counts[pair.first] += 1;
        counts[pair.second] += 1;
    }
    counts
}

/// Mean, spread and quantiles of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distribution {
    /// Mean.
    pub mean: f64,
    /// Standard deviation (with n - 1), 0 for a single number.
    pub deviation: f64,
    /// A tenth of the numbers lie below.
    pub tenth: f64,
    /// Half of them lie below.
    pub median: f64,
    /// Nine tenths lie below.
    pub ninetieth: f64,
}

impl Distribution {
    /// Of `values`; not numbers where there are none.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let square: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let quantile = |share: f64| {
            let position = share * (count - 1.0).max(0.0);
            let below = position as usize;
            let lower = values.get(below).copied().unwrap_or(f64::NAN);
            let upper = values.get(below + 1).copied().unwrap_or(lower);
            lower + (position - below as f64) * (upper - lower)
        };
        Self {
            mean,
            deviation: (square / (count - 1.0).max(1.0)).sqrt(),
            tenth: quantile(0.1),
            median: quantile(0.5),
            ninetieth: quantile(0.9),
        }
    }
}

/// Shares of `values` in `bins` equal bins from 0 to 1: middle of a bin, share.
pub fn histogram(values: impl IntoIterator<Item = f64>, bins: usize) -> Vec<(f64, f64)> {
    let mut counts = vec![0_usize; bins];
    for value in values {
        let bin = (value * bins as f64).clamp(0.0, bins as f64 - 1.0);
        counts[bin as usize] += 1;
    }
    let all = counts.iter().sum::<usize>().max(1) as f64;
    let bins = bins as f64;
    let entries = counts.into_iter().enumerate();
    entries
        .map(|(bin, count)| ((bin as f64 + 0.5) / bins, count as f64 / all))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::{Packing, pack};
    use approx::assert_relative_eq;

    #[test]
    fn coordination_numbers_have_the_mean_of_the_packing() {
        let particles = pack(
            &vec![2e-6; 300],
            &Packing::even(0.55, 30e-6, 3),
            &mut |_| (),
        )
        .unwrap();
        let counts = coordination_numbers(&particles, 30e-6);
        let mean = counts.iter().map(|&c| f64::from(c)).sum::<f64>() / 300.0;
        assert!(mean > 1.0, "{mean}");
        assert_relative_eq!(mean, contacts(&particles, 30e-6).coordination);
    }

    #[test]
    fn a_chain_across_the_border() {
        let ball = |x: f64| Particle {
            centre: [x, 0.5, 0.5],
            radius: 0.1,
        };
        let chain = [ball(0.05), ball(0.25), ball(0.85), ball(0.55)];
        assert_eq!(coordination_numbers(&chain, 1.0), [2, 1, 1, 0]);
    }

    #[test]
    fn distributions_and_histograms() {
        let d = Distribution::new((0..=100).rev().map(f64::from));
        assert_relative_eq!(d.mean, 50.0);
        assert_relative_eq!(d.tenth, 10.0);
        assert_relative_eq!(d.median, 50.0);
        assert_relative_eq!(d.ninetieth, 90.0);
        assert_relative_eq!(d.deviation, 858.5_f64.sqrt(), max_relative = 1e-12);
        assert!(Distribution::new([]).median.is_nan());
        assert_relative_eq!(Distribution::new([3.0]).deviation, 0.0);
        let bins = histogram([0.0, 0.1, 0.6, 1.0], 2);
        assert_eq!(bins, [(0.25, 0.5), (0.75, 0.5)]);
    }
}
