//! From readings to residuals: what is minimised.
//!
//! With r the distance of a number from what was measured in standard deviations, the loss
//! is the sum of rho(r²), rho(z) = 2 (√(1 + z) - 1) (soft L1: a square near zero, the
//! distance itself far away) or rho(z) = z. As a sum of squares, which a least-squares
//! descent takes, it is that of r √(2/(1 + √(1 + r²))). A prior adds the squared distance
//! from the start over its width.

use super::journal::Value;
use super::plan::Plan;

/// Residual of a number that could not be simulated.
const FAILED: f64 = 30.0;

/// Residuals in standard deviations, one per observation.
pub(super) fn residuals(plan: &Plan, values: &[Value]) -> Vec<f64> {
    let pairs = plan.observations.iter().zip(values);
    pairs
        .map(|(observation, value)| match value {
            Ok(value) => observation.residual(*value).clamp(-1e6, 1e6),
            Err(_) => FAILED,
        })
        .collect()
}

/// A residual so that squares of it add up to the loss.
pub(super) fn tamed(residual: f64, robust: bool) -> f64 {
    if robust {
        residual * (2.0 / (1.0 + (1.0 + residual * residual).sqrt())).sqrt()
    } else {
        residual
    }
}

/// Derivative of [`tamed`] by the residual.
pub(super) fn slope(residual: f64, robust: bool) -> f64 {
    if !robust {
        return 1.0;
    }
    // The square of the tamed one is rho(r²), whose derivative by r is 2 r / √(1 + r²).
    let root = (1.0 + residual * residual).sqrt();
    let factor = tamed(residual, true) / residual;
    if residual == 0.0 {
        1.0
    } else {
        1.0 / (root * factor)
    }
}

/// Everything whose squares are summed: observations, then the prior.
pub(super) fn tamed_all(plan: &Plan, residuals: &[f64], shares: &[f64]) -> Vec<f64> {
    let data = residuals.iter().map(|r| tamed(*r, plan.settings.robust));
    data.chain(prior(plan, shares)).collect()
}

/// Distance of each parameter from its start over the prior's width; empty without one.
pub(super) fn prior(plan: &Plan, shares: &[f64]) -> Vec<f64> {
    let Some(width) = plan.settings.prior else {
        return Vec::new();
    };
    let pairs = plan.parameters.iter().zip(shares);
    pairs
        .map(|(p, share)| (share - p.share(p.start)) / width)
        .collect()
}

/// The loss at a point.
pub(super) fn loss(plan: &Plan, values: &[Value], shares: &[f64]) -> f64 {
    let all = tamed_all(plan, &residuals(plan, values), shares);
    all.iter().map(|r| r * r).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn squares_of_the_tamed_are_soft_l1() {
        for r in [-7.0_f64, -0.3, 1e-4, 2.0, 40.0] {
            let expected = 2.0 * ((1.0 + r * r).sqrt() - 1.0);
            assert_relative_eq!(tamed(r, true).powi(2), expected, max_relative = 1e-6);
            let step = 1e-5 * r.abs().max(1.0);
            let difference = (tamed(r + step, true) - tamed(r - step, true)) / (2.0 * step);
            assert_relative_eq!(slope(r, true), difference, max_relative = 1e-6);
            assert_relative_eq!(tamed(r, false), r);
        }
        assert_relative_eq!(slope(0.0, true), 1.0);
    }
}
