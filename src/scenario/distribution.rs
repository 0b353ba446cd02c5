//! Distributions of particle diameters: what a powder's data sheet or an image
//! says of them, and the few integrals that everything else is made of.
//!
//! Every shape answers the same question, [`SizeDistribution::partial`]: the mean of
//! a power of the diameter over the volume below a diameter. Order 0 is the volume
//! distribution itself, order -1 gives surfaces, order -3 numbers.

use crate::numerics::normal;
use serde::{Deserialize, Serialize};

/// z(0.9) of the standard normal distribution: d90 = d50 exp(z s).
const NORMAL_90: f64 = 1.281_551_565_544_6;
/// Where a normal curve ends, in standard deviations.
const REACH: f64 = 9.0;
/// Two deviations of the logarithm count as one within this share.
const SAME_DEVIATION: f64 = 1e-9;

/// A distribution of particle diameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeDistribution {
    /// Lognormal by volume (and so by number as well, with a smaller median).
    Lognormal {
        /// Median by volume, m.
        median: f64,
        /// Standard deviation of ln(diameter); 0 for one size.
        log_deviation: f64,
    },
    /// Half a lognormal on either side of the median by volume, so that d10, d50 and
    /// d90 all come out as stated and the tails die away as those of powders do; a
    /// table of the three would have to invent where the powder ends.
    TwoSided {
        /// Median by volume, m.
        median: f64,
        /// Standard deviation of ln(diameter) below the median.
        below: f64,
        /// Standard deviation of ln(diameter) above the median.
        above: f64,
    },
    /// Normal by number (as particles are counted in an image), cut off at 0. By
    /// volume it would have endlessly many particles of no size.
    Normal {
        /// Mean of the whole curve, m.
        mean: f64,
        /// Standard deviation of the whole curve, m.
        deviation: f64,
    },
    /// A table by volume; between two diameters the volume is spread evenly over
    /// ln(diameter), as laser diffraction and sieves bin it.
    Table {
        /// Rising, m.
        diameters: Vec<f64>,
        /// Share of the volume below each of them, from 0 to 1.
        cumulative: Vec<f64>,
    },
}

impl SizeDistribution {
    /// One diameter, m.
    pub fn single(diameter: f64) -> Self {
        Self::Lognormal {
            median: diameter,
            log_deviation: 0.0,
        }
    }

    /// The lognormal with these shares of the volume below: 50 % `d50`, 90 % `d90` (m).
    pub fn from_median(d50: f64, d90: f64) -> Self {
        Self::Lognormal {
            median: d50,
            log_deviation: (d90 / d50).ln() / NORMAL_90,
        }
    }

    /// Lognormal where 10 %, 50 % and 90 % of the volume (m) allow one, else two-sided.
    pub fn from_quantiles(d10: f64, d50: f64, d90: f64) -> Self {
        let below = (d50 / d10).ln() / NORMAL_90;
        let above = (d90 / d50).ln() / NORMAL_90;
        if (below - above).abs() <= SAME_DEVIATION * above {
            return Self::from_median(d50, d90);
        }
        Self::TwoSided {
            median: d50,
            below,
            above,
        }
    }

    /// The lognormal of this mean and standard deviation by volume, m.
    pub fn lognormal(mean: f64, deviation: f64) -> Self {
        let square = (deviation / mean).powi(2);
        Self::Lognormal {
            median: mean / (1.0 + square).sqrt(),
            log_deviation: square.ln_1p().sqrt(),
        }
    }

    /// Mean of diameter^`order` (m^order) over all volume, counting only what lies
    /// below `diameter` (m); orders from -3 up.
    pub fn partial(&self, order: i32, diameter: f64) -> f64 {
        if diameter <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Lognormal {
                median,
                log_deviation,
            } => half_lognormals(order, diameter, *median, *log_deviation, *log_deviation),
            Self::TwoSided {
                median,
                below,
                above,
            } => half_lognormals(order, diameter, *median, *below, *above),
            Self::Normal { mean, deviation } => {
                let moment = |power: i32, end: f64| normal_moment(power, end, *mean, *deviation);
                moment(order + 3, diameter) / moment(3, f64::INFINITY)
            }
            Self::Table {
                diameters,
                cumulative,
            } => table_partial(order, diameter, diameters, cumulative),
        }
    }

    /// [`SizeDistribution::partial`] over all diameters.
    pub fn whole(&self, order: i32) -> f64 {
        self.partial(order, f64::INFINITY)
    }

    /// Diameter (m) above `lower` at which [`SizeDistribution::partial`] of this order
    /// reaches a share of its whole. Order 0 is a quantile by volume, -3 by number.
    pub fn quantile(&self, order: i32, share: f64, lower: f64) -> f64 {
        let (smallest, largest) = self.ends();
        let target = share * self.whole(order);
        let (mut low, mut high) = (lower.max(smallest), largest);
        while high - low > 1e-15 * high {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.partial(order, middle) < target {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    /// Median by volume, m.
    pub fn median(&self) -> f64 {
        match self {
            Self::Lognormal { median, .. } | Self::TwoSided { median, .. } => *median,
            Self::Normal { .. } | Self::Table { .. } => self.quantile(0, 0.5, 0.0),
        }
    }

    /// Diameter of the sphere with the powder's ratio of volume to surface (d32), m.
    pub fn sauter(&self) -> f64 {
        match self {
            Self::Lognormal {
                median,
                log_deviation,
            } => median * (-0.5 * log_deviation.powi(2)).exp(),
            _ => 1.0 / self.whole(-1),
        }
    }

    /// Smallest and largest diameter that count, m.
    fn ends(&self) -> (f64, f64) {
        match self {
            Self::Lognormal {
                median,
                log_deviation,
            } => (
                median * (-2.0 * REACH * log_deviation).exp(),
                median * (REACH * log_deviation).exp(),
            ),
            Self::TwoSided {
                median,
                below,
                above,
            } => (
                median * (-2.0 * REACH * below).exp(),
                median * (REACH * above).exp(),
            ),
            Self::Normal { mean, deviation } => (0.0, mean + REACH * deviation),
            Self::Table { diameters, .. } => (
                diameters.first().copied().unwrap_or(0.0),
                diameters.last().copied().unwrap_or(0.0),
            ),
        }
    }
}

/// Mean of diameter^order below a diameter over two half lognormals that meet at
/// the median.
fn half_lognormals(order: i32, diameter: f64, median: f64, below: f64, above: f64) -> f64 {
    let order_f = f64::from(order);
    let side = |deviation: f64, low: f64, high: f64| {
        let shift = order_f * deviation;
        (0.5 * shift * shift).exp()
            * (normal::cumulative(high - shift) - normal::cumulative(low - shift))
    };
    let z = |deviation: f64| (diameter / median).ln() / deviation;
    let sum = if diameter < median {
        side(below, f64::NEG_INFINITY, z(below))
    } else {
        let end = if above > 0.0 { z(above) } else { f64::INFINITY };
        side(below, f64::NEG_INFINITY, 0.0) + side(above, 0.0, end)
    };
    median.powi(order) * sum
}

/// Integral of x^power over a normal density from 0 to `end`, by parts:
/// `J_p = mean J_(p-1) + (p-1) deviation² J_(p-2) - deviation [x^(p-1) density]`.
fn normal_moment(power: i32, end: f64, mean: f64, deviation: f64) -> f64 {
    let end = end.min(mean + REACH * deviation);
    let (low, high) = (-mean / deviation, (end - mean) / deviation);
    let edge = |power: i32| {
        let lower = if power == 0 {
            normal::density(low)
        } else {
            0.0
        };
        deviation * (end.powi(power) * normal::density(high) - lower)
    };
    let mut two = normal::cumulative(high) - normal::cumulative(low);
    if power == 0 {
        return two;
    }
    let mut one = mean * two - edge(0);
    for p in 2..=power {
        let next = mean * one + f64::from(p - 1) * deviation * deviation * two - edge(p - 1);
        two = one;
        one = next;
    }
    one
}

/// Mean of diameter^order below a diameter over bins even in ln(diameter).
fn table_partial(order: i32, diameter: f64, diameters: &[f64], cumulative: &[f64]) -> f64 {
    let order_f = f64::from(order);
    let mut sum = 0.0;
    for (edges, shares) in diameters.windows(2).zip(cumulative.windows(2)) {
        let (low, high) = (edges[0], edges[1]);
        if diameter <= low {
            break;
        }
        let per_log = (shares[1] - shares[0]) / (high / low).ln();
        let end = diameter.min(high);
        sum += per_log
            * if order == 0 {
                (end / low).ln()
            } else {
                (end.powi(order) - low.powi(order)) / order_f
            };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn table() -> SizeDistribution {
        SizeDistribution::Table {
            diameters: vec![2e-6, 3e-6, 5e-6, 8e-6],
            cumulative: vec![0.0, 0.3, 0.8, 1.0],
        }
    }

    fn shapes() -> Vec<SizeDistribution> {
        vec![
            SizeDistribution::from_median(4e-6, 6e-6),
            SizeDistribution::from_quantiles(2e-6, 4e-6, 6e-6),
            SizeDistribution::Normal {
                mean: 4e-6,
                deviation: 1e-6,
            },
            table(),
        ]
    }

    /// Mean of diameter^order by summing slices of the volume distribution.
    fn by_slices(sizes: &SizeDistribution, order: i32, end: f64) -> f64 {
        let steps = 40_000;
        let at = |i: usize| 5e-9 * (end / 5e-9).powf(i as f64 / steps as f64);
        (0..steps)
            .map(|i| {
                let volume = sizes.partial(0, at(i + 1)) - sizes.partial(0, at(i));
                volume * (at(i) * at(i + 1)).sqrt().powi(order)
            })
            .sum()
    }

    #[test]
    fn every_power_follows_from_the_volume_distribution() {
        for sizes in shapes() {
            assert_relative_eq!(sizes.whole(0), 1.0, max_relative = 1e-12);
            for (order, end) in [(-1, 4.4e-6), (-3, 5e-6), (-1, 5e-5), (1, 5e-5)] {
                assert_relative_eq!(
                    sizes.partial(order, end),
                    by_slices(&sizes, order, end),
                    max_relative = 1e-4
                );
            }
            assert_relative_eq!(1.0 / sizes.sauter(), sizes.whole(-1), max_relative = 1e-12);
            assert_relative_eq!(sizes.partial(0, sizes.median()), 0.5, max_relative = 1e-12);
            let third = sizes.quantile(-3, 1.0 / 3.0, 0.0);
            assert_relative_eq!(
                3.0 * sizes.partial(-3, third),
                sizes.whole(-3),
                max_relative = 1e-9
            );
        }
    }

    #[test]
    fn three_quantiles_come_out_as_stated() {
        let sizes = SizeDistribution::from_quantiles(1.5e-6, 4e-6, 5e-6);
        for (diameter, share) in [(1.5e-6, 0.1), (4e-6, 0.5), (5e-6, 0.9)] {
            assert_relative_eq!(sizes.partial(0, diameter), share, max_relative = 1e-12);
            assert_relative_eq!(
                sizes.quantile(0, share, 0.0),
                diameter,
                max_relative = 1e-12
            );
        }
        // Where the three agree with a lognormal it is one, to the last bit.
        assert_eq!(
            SizeDistribution::from_quantiles(2e-6, 4e-6, 8e-6),
            SizeDistribution::from_median(4e-6, 8e-6)
        );
    }

    #[test]
    fn a_lognormal_has_the_mean_and_deviation_asked_for() {
        let sizes = SizeDistribution::lognormal(4e-6, 1e-6);
        assert_relative_eq!(sizes.whole(1), 4e-6, max_relative = 1e-12);
        let variance = sizes.whole(2) - sizes.whole(1).powi(2);
        assert_relative_eq!(variance.sqrt(), 1e-6, max_relative = 1e-9);
    }

    #[test]
    fn a_normal_is_one_by_number() {
        // By number: mean of diameter^k is the mean of diameter^(k-3) over volume,
        // over that of diameter^-3. Four deviations from 0 nothing is cut off.
        let sizes = SizeDistribution::Normal {
            mean: 4e-6,
            deviation: 0.5e-6,
        };
        let by_number = |power: i32| sizes.whole(power - 3) / sizes.whole(-3);
        assert_relative_eq!(by_number(1), 4e-6, max_relative = 1e-9);
        assert_relative_eq!(
            (by_number(2) - by_number(1).powi(2)).sqrt(),
            0.5e-6,
            max_relative = 1e-6
        );
        // A quarter of the table's second bin, in the logarithm.
        let quarter = 3e-6 * (5.0_f64 / 3.0).powf(0.25);
        assert_relative_eq!(table().partial(0, quarter), 0.425, max_relative = 1e-12);
    }
}
