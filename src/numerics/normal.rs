//! The standard normal distribution: density, distribution function, inverse,
//! and means over a lognormal variable.

use std::f64::consts::PI;

/// Density at `z`.
pub fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// Share below `z`, by the series of G. Marsaglia, J. Stat. Softw. 11(4), 2004;
/// absolute error below 1e-15.
pub fn cumulative(z: f64) -> f64 {
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

/// The `z` below which a share `probability` lies, known to be above `lower`.
pub fn quantile(probability: f64, lower: f64) -> f64 {
    if probability >= 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (lower.max(-9.0), 9.0);
    while high - low > 1e-13 * 9.0 {
        let middle = 0.5 * (low + high);
        if cumulative(middle) < probability {
            low = middle
        } else {
            high = middle
        }
    }
    0.5 * (low + high)
}

/// Mean of `function` over a lognormal variable of mean 1, given the variance of its
/// logarithm, by the trapezoidal rule over +-8 standard deviations (exact to round-off
/// for smooth functions). A relative standard deviation `v` is a variance of `ln(1 + v²)`.
pub fn lognormal_mean(log_variance: f64, function: impl Fn(f64) -> f64) -> f64 {
    if log_variance <= 0.0 {
        return function(1.0);
    }
    let deviation = log_variance.sqrt();
    let (mut sum, mut weights) = (0.0, 0.0);
    for i in -80..=80 {
        let z = f64::from(i) / 10.0;
        let weight = (-0.5 * z * z).exp();
        sum += weight * function((deviation * z - 0.5 * log_variance).exp());
        weights += weight;
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn matches_tables() {
        assert_relative_eq!(cumulative(0.0), 0.5);
        assert_relative_eq!(cumulative(1.0), 0.841_344_746_068_543, max_relative = 1e-13);
        assert_relative_eq!(
            cumulative(-3.0),
            1.349_898_031_630_1e-3,
            max_relative = 1e-10
        );
        assert_relative_eq!(
            quantile(0.975, -9.0),
            1.959_963_984_540_054,
            epsilon = 1e-11
        );
        assert_relative_eq!(density(0.0), 0.398_942_280_401_433, max_relative = 1e-14);
    }

    #[test]
    fn lognormal_means_are_the_known_ones() {
        let half = 0.25f64.ln_1p();
        assert!((lognormal_mean(half, |h| h) - 1.0).abs() < 1e-9);
        assert!((lognormal_mean(half, |h| 1.0 / h) - 1.25).abs() < 1e-9);
        assert!((lognormal_mean(0.0, |h| h.exp()) - 1f64.exp()).abs() < 1e-15);
    }
}
