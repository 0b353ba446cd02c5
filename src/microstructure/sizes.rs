//! Particle sizes: representative samples and size classes of a distribution.
//!
//! With the diameter's volume distribution lognormal (median `d50`, deviation
//! `s` of the logarithm), numbers are lognormal as well, with the median
//! `d50 exp(-3 s²)` and the same deviation (Hatch-Choate relations). Every other
//! shape goes by its own integrals, [`SizeDistribution::partial`].

use super::{Particle, SizeClass};
use crate::numerics::normal;
use crate::scenario::SizeDistribution;
use std::f64::consts::PI;

/// Mean volume of a particle, m3.
pub fn mean_volume(distribution: &SizeDistribution) -> f64 {
    match distribution {
        SizeDistribution::Lognormal {
            median,
            log_deviation,
        } => PI / 6.0 * median.powi(3) * (-4.5 * log_deviation.powi(2)).exp(),
        other => PI / 6.0 / other.whole(-3),
    }
}

/// Radii of `count` particles, m, largest last.
///
/// Particle `i` stands for the `i`-th of `count` equal shares of the number
/// distribution and has the mean volume of its share. So a sample of any size
/// has the distribution's total volume, tail included, and differs between
/// seeds only in where the particles lie.
pub fn sample_radii(distribution: &SizeDistribution, count: usize) -> Vec<f64> {
    match *distribution {
        SizeDistribution::Lognormal {
            median,
            log_deviation,
        } if log_deviation <= 0.0 => vec![0.5 * median; count],
        SizeDistribution::Lognormal { log_deviation, .. } => {
            sample_lognormal(distribution, log_deviation, count)
        }
        _ => sample_any(distribution, count),
    }
}

fn sample_lognormal(distribution: &SizeDistribution, s: f64, count: usize) -> Vec<f64> {
    let mean_cube = mean_volume(distribution) * 6.0 / PI;
    let mut below = 0.0;
    let mut quantile = f64::NEG_INFINITY;
    (1..=count)
        .map(|i| {
            quantile = normal::quantile(i as f64 / count as f64, quantile);
            // E[d3; z < quantile] / E[d3], the volume distribution at the same diameter.
            let volume = normal::cumulative(quantile - 3.0 * s);
            let cube = mean_cube * count as f64 * (volume - below);
            below = volume;
            0.5 * cube.cbrt()
        })
        .collect()
}

fn sample_any(distribution: &SizeDistribution, count: usize) -> Vec<f64> {
    let mean_cube = 1.0 / distribution.whole(-3);
    let (mut below, mut lower) = (0.0, 0.0);
    (1..=count)
        .map(|i| {
            let share = i as f64 / count as f64;
            let upper = distribution.quantile(-3, share, lower);
            let volume = distribution.partial(0, upper);
            let cube = mean_cube * count as f64 * (volume - below);
            // The smallest of very many particles drown in rounding: a mean lies within
            // its share, and in the middle of it where even the sign is lost.
            let within = if cube > 0.0 {
                cube.clamp(lower.powi(3), upper.powi(3))
            } else {
                0.5 * (lower.powi(3) + upper.powi(3))
            };
            (below, lower) = (volume, upper);
            0.5 * within.cbrt()
        })
        .collect()
}

/// Equal-volume classes of particles, smallest first; at least one.
///
/// The radius of a class has the class's surface-to-volume ratio, sum(r³) /
/// sum(r²); a particle on the border belongs to both classes in part.
pub fn size_classes(particles: &[Particle], classes: usize) -> Vec<SizeClass> {
    let radii = particles.iter().map(|particle| (particle.radius, 1.0));
    weighted_size_classes(radii.collect(), classes)
}

/// As [`size_classes`], from radii (m) and how many particles each stands for.
pub(super) fn weighted_size_classes(mut radii: Vec<(f64, f64)>, classes: usize) -> Vec<SizeClass> {
    let classes = classes.max(1);
    radii.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = radii.iter().map(|(r, number)| number * r.powi(3)).sum();
    let share = total / classes as f64;
    let mut surfaces = vec![0.0; classes];
    let (mut class, mut filled) = (0, 0.0);
    for (r, number) in radii {
        let mut left = number * r.powi(3);
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
    let share = 1.0 / classes as f64;
    // Surface per volume of each class: mean of 1/d over its share of the volume.
    let per_diameter: Vec<f64> = match distribution {
        SizeDistribution::Lognormal {
            median,
            log_deviation,
        } => {
            let s = *log_deviation;
            let mut lower = f64::NEG_INFINITY;
            (1..=classes)
                .map(|i| {
                    let upper = normal::quantile(i as f64 * share, lower);
                    let per_diameter = (0.5 * s * s).exp() / median
                        * (normal::cumulative(upper + s) - normal::cumulative(lower + s));
                    lower = upper;
                    per_diameter
                })
                .collect()
        }
        other => {
            let (mut below, mut lower) = (0.0, 0.0);
            (1..=classes)
                .map(|i| {
                    lower = other.quantile(0, i as f64 * share, lower);
                    let whole = other.partial(-1, lower);
                    let part = whole - below;
                    below = whole;
                    part
                })
                .collect()
        }
    };
    per_diameter
        .into_iter()
        .map(|per_diameter| SizeClass {
            radius: 0.5 * share / per_diameter,
            volume_share: share,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const DISTRIBUTION: SizeDistribution = SizeDistribution::Lognormal {
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
        let single = SizeDistribution::single(4e-6);
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
    fn every_shape_is_sampled_whole_and_in_order() {
        let shapes = [
            SizeDistribution::from_quantiles(1.5e-6, 4e-6, 6e-6),
            SizeDistribution::Normal {
                mean: 4e-6,
                deviation: 1.2e-6,
            },
            SizeDistribution::Table {
                diameters: vec![1e-6, 3e-6, 4e-6, 4.5e-6, 9e-6],
                cumulative: vec![0.0, 0.2, 0.2, 0.7, 1.0],
            },
        ];
        for sizes in &shapes {
            for count in [1, 40, 3000] {
                let radii = sample_radii(sizes, count);
                assert!(radii.windows(2).all(|pair| pair[0] <= pair[1]));
                let volume: f64 = radii.iter().map(|r| 4.0 / 3.0 * PI * r.powi(3)).sum();
                let expected = count as f64 * mean_volume(sizes);
                assert_relative_eq!(volume, expected, max_relative = 1e-9);
            }
            let radii = sample_radii(sizes, 20_000);
            let total: f64 = radii.iter().map(|r| r.powi(3)).sum();
            for share in [0.1, 0.5, 0.9] {
                let mut below = 0.0;
                let reached = radii.iter().find(|r| {
                    below += r.powi(3);
                    below > share * total
                });
                let asked = sizes.quantile(0, share, 0.0);
                assert_relative_eq!(2.0 * reached.unwrap(), asked, max_relative = 2e-3);
            }
            let sample = size_classes(&balls(&radii), 4);
            for (a, b) in sample.iter().zip(distribution_classes(sizes, 4)) {
                assert_relative_eq!(a.radius, b.radius, max_relative = 3e-3);
            }
        }
    }

    #[test]
    fn the_general_way_agrees_with_that_of_lognormals() {
        for count in [7, 900] {
            let plain = sample_radii(&DISTRIBUTION, count);
            for (a, b) in plain.iter().zip(sample_any(&DISTRIBUTION, count)) {
                assert_relative_eq!(*a, b, max_relative = 1e-6);
            }
        }
    }

    #[test]
    fn classes_of_a_sample_tend_to_those_of_the_distribution() {
        let sample = size_classes(&balls(&sample_radii(&DISTRIBUTION, 20_000)), 5);
        for (a, b) in sample.iter().zip(distribution_classes(&DISTRIBUTION, 5)) {
            assert_relative_eq!(a.radius, b.radius, max_relative = 2e-3);
        }
    }
}
