//! Particle sizes: representative samples and size classes of a lognormal
//! distribution by volume.
//!
//! With the diameter's volume distribution lognormal (median `d50`, deviation
//! `s` of the logarithm), numbers are lognormal as well, with the median
//! `d50 exp(-3 s²)` and the same deviation (Hatch-Choate relations).

use super::{Particle, SizeClass};
use crate::scenario::SizeDistribution;
use std::f64::consts::PI;

/// Mean volume of a particle, m3.
pub fn mean_volume(distribution: &SizeDistribution) -> f64 {
    PI / 6.0 * distribution.median.powi(3) * (-4.5 * distribution.log_deviation.powi(2)).exp()
}

/// Radii of `count` particles, m, largest last.
///
/// Particle `i` stands for the `i`-th of `count` equal shares of the number
/// distribution and has the mean volume of its share. So a sample of any size
/// has the distribution's total volume, tail included, and differs between
/// seeds only in where the particles lie.
pub fn sample_radii(distribution: &SizeDistribution, count: usize) -> Vec<f64> {
    let s = distribution.log_deviation;
    if s <= 0.0 {
        return vec![0.5 * distribution.median; count];
    }
    let mean_cube = mean_volume(distribution) * 6.0 / PI;
    let mut below = 0.0;
    let mut quantile = f64::NEG_INFINITY;
    (1..=count)
        .map(|i| {
            quantile = normal_quantile(i as f64 / count as f64, quantile);
            // E[d3; z < quantile] / E[d3], the volume distribution at the same diameter.
            let volume = normal_cdf(quantile - 3.0 * s);
            let cube = mean_cube * count as f64 * (volume - below);
            below = volume;
            0.5 * cube.cbrt()
        })
        .collect()
}

/// Equal-volume classes of particles, smallest first; at least one.
///
/// The radius of a class has the class's surface-to-volume ratio, sum(r³) /
/// sum(r²); a particle on the border belongs to both classes in part.
pub fn size_classes(particles: &[Particle], classes: usize) -> Vec<SizeClass> {
    let classes = classes.max(1);
    let mut radii: Vec<f64> = particles.iter().map(|particle| particle.radius).collect();
    radii.sort_by(f64::total_cmp);
    let total: f64 = radii.iter().map(|r| r.powi(3)).sum();
    let share = total / classes as f64;
    let mut surfaces = vec![0.0; classes];
    let (mut class, mut filled) = (0, 0.0);
    for r in radii {
        let mut left = r.powi(3);
        while left > 0.0 {
            let last = class + 1 >= classes;
            let part = if last { left } else { left.min(share - filled) };
            surfaces[class.min(classes - 1)] += part / r;
            filled += part;
            left -= part;
            if !last && filled >= share * (1.0 - 1e-12) {
                class += 1;
                filled = 0.0;
            }
        }
    }
    surfaces
        .into_iter()
        .map(|surface| SizeClass {
            radius: share / surface,
            volume_share: 1.0 / classes as f64,
        })
        .collect()
}

/// Equal-volume classes of a distribution, smallest first: what
/// [`size_classes`] tends to with many particles.
pub fn distribution_classes(distribution: &SizeDistribution, classes: usize) -> Vec<SizeClass> {
    let s = distribution.log_deviation;
    let share = 1.0 / classes as f64;
    let mut lower = f64::NEG_INFINITY;
    (1..=classes)
        .map(|i| {
            let upper = normal_quantile(i as f64 * share, lower);
            // Surface per volume of the class: mean of 6/d over its share of the volume.
            let per_diameter = (0.5 * s * s).exp() / distribution.median
                * (normal_cdf(upper + s) - normal_cdf(lower + s));
            lower = upper;
            SizeClass {
                radius: 0.5 * share / per_diameter,
                volume_share: share,
            }
        })
        .collect()
}

/// Standard normal distribution function, by the series of G. Marsaglia,
/// J. Stat. Softw. 11(4), 2004; absolute error below 1e-15.
pub(super) fn normal_cdf(z: f64) -> f64 {
    if z.abs() > 8.5 {
        return if z > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut term, mut sum, mut k) = (z, z, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        k += 2.0;
        term *= z * z / k;
        sum += term;
    }
    0.5 + sum * (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// Its inverse, known to lie above `lower`.
fn normal_quantile(probability: f64, lower: f64) -> f64 {
    if probability >= 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (lower.max(-9.0), 9.0);
    while high - low > 1e-13 * 9.0 {
        let middle = 0.5 * (low + high);
        if normal_cdf(middle) < probability {
            low = middle
        } else {
            high = middle
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const DISTRIBUTION: SizeDistribution = SizeDistribution {
        median: 4e-6,
        log_deviation: 0.4,
    };

    fn balls(radii: &[f64]) -> Vec<Particle> {
        radii
            .iter()
            .map(|&radius| Particle {
                centre: [0.0; 3],
                radius,
            })
            .collect()
    }

    #[test]
    fn normal_distribution_matches_tables() {
        assert_relative_eq!(normal_cdf(0.0), 0.5);
        assert_relative_eq!(normal_cdf(1.0), 0.841_344_746_068_543, max_relative = 1e-13);
        assert_relative_eq!(
            normal_cdf(-3.0),
            1.349_898_031_630_1e-3,
            max_relative = 1e-10
        );
        assert_relative_eq!(
            normal_quantile(0.975, -9.0),
            1.959_963_984_540_054,
            epsilon = 1e-11
        );
    }

    #[test]
    fn sample_keeps_volume_and_median() {
        for count in [10, 300, 5000] {
            let radii = sample_radii(&DISTRIBUTION, count);
            let volume: f64 = radii.iter().map(|r| 4.0 / 3.0 * PI * r.powi(3)).sum();
            assert_relative_eq!(
                volume,
                count as f64 * mean_volume(&DISTRIBUTION),
                max_relative = 1e-10
            );
        }
        let radii = sample_radii(&DISTRIBUTION, 5000);
        let total: f64 = radii.iter().map(|r| r.powi(3)).sum();
        let mut below = 0.0;
        let median = radii.iter().find(|r| {
            below += r.powi(3);
            below > 0.5 * total
        });
        assert_relative_eq!(2.0 * median.unwrap(), 4e-6, max_relative = 2e-3);
    }

    #[test]
    fn one_size_stays_one_size() {
        let single = SizeDistribution {
            median: 4e-6,
            log_deviation: 0.0,
        };
        assert!(
            sample_radii(&single, 7)
                .iter()
                .all(|r| (r - 2e-6).abs() < 1e-18)
        );
        for class in distribution_classes(&single, 3) {
            assert_relative_eq!(class.radius, 2e-6, max_relative = 1e-9);
        }
    }

    #[test]
    fn classes_split_volume_equally() {
        // 8 balls of volume 1 and one of volume 8 make two classes of 8.
        let mut radii = vec![1.0; 8];
        radii.push(2.0);
        let classes = size_classes(&balls(&radii), 2);
        assert_relative_eq!(classes[0].radius, 1.0, max_relative = 1e-12);
        assert_relative_eq!(classes[1].radius, 2.0, max_relative = 1e-12);
        // In four, each small class holds four, and the large ball is in two.
        let classes = size_classes(&balls(&radii), 4);
        assert_relative_eq!(classes[1].radius, 1.0, max_relative = 1e-12);
        assert_relative_eq!(classes[3].radius, 2.0, max_relative = 1e-12);
    }

    #[test]
    fn classes_of_a_sample_tend_to_those_of_the_distribution() {
        let sample = size_classes(&balls(&sample_radii(&DISTRIBUTION, 20_000)), 5);
        for (a, b) in sample.iter().zip(distribution_classes(&DISTRIBUTION, 5)) {
            assert_relative_eq!(a.radius, b.radius, max_relative = 2e-3);
        }
    }
}
