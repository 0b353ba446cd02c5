//! What the data determine: singular values of the Jacobian, standard errors,
//! correlations.
//!
//! Residuals count in standard deviations and parameters in shares of the way between
//! their bounds, so a singular value is by how many standard deviations the numbers move
//! when its combination of parameters moves once from bound to bound. Bounds alone allow
//! a share a standard deviation of 1/√12; a combination counts as determined where the
//! data narrow it to less than half of that, and as undetermined where they say less than
//! the bounds do. Standard errors take both together, as if every value between the bounds
//! had been equally likely before: the covariance is (JᵀJ/s² + 12)⁻¹, s² the mean square of
//! the residuals over the degrees of freedom left, at least 1. Whether a parameter by itself
//! is determined is asked with bounds ten times as wide, so that the bounds of another which
//! can stand in for it do not count as knowledge.

use nalgebra::DMatrix;
use serde::Serialize;

/// Precision (one over variance) of a share that can be anything between its bounds.
const BOUNDS: f64 = 12.0;
/// The same with bounds ten times as wide.
const WIDE_BOUNDS: f64 = BOUNDS / 100.0;

/// How well a combination of parameters is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// The data narrow it to less than half of what its bounds allow.
    Determined,
    /// Data and bounds say about as much.
    Weak,
    /// The bounds say more than the data.
    Undetermined,
}

impl Standing {
    /// As tables say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Determined => "determined",
            Self::Weak => "weakly determined",
            Self::Undetermined => "not determined",
        }
    }

    /// Of a precision that the data alone give.
    fn of(precision: f64) -> Self {
        if precision >= 4.0 * BOUNDS {
            Self::Determined
        } else if precision >= BOUNDS {
            Self::Weak
        } else {
            Self::Undetermined
        }
    }
}

/// A combination of parameters: a right singular vector of the Jacobian.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Combination {
    /// Standard deviations from bound to bound.
    pub singular_value: f64,
    /// Whether the data know it.
    pub standing: Standing,
    /// Part of each parameter, squares adding up to 1; the largest is positive.
    pub parts: Vec<f64>,
}

/// What the data determine at the optimum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Identifiability {
    /// Best known first, as many as parameters.
    pub combinations: Vec<Combination>,
    /// Standard error of each parameter, in shares of its range.
    pub errors: Vec<f64>,
    /// How well each parameter is known by itself, all others free.
    pub standings: Vec<Standing>,
    /// Correlations of the errors.
    pub correlations: Vec<Vec<f64>>,
    /// Root of the mean square of the residuals over the degrees of freedom left, at
    /// least 1: all standard errors are wider by it.
    pub excess: f64,
    /// By how many standard deviations each number moves from bound to bound of each
    /// parameter: a row per number.
    pub jacobian: Vec<Vec<f64>>,
}

/// From derivatives of the residuals by the shares, and the residuals.
pub(super) fn identify(jacobian: &DMatrix<f64>, residuals: &[f64]) -> Identifiability {
    let (rows, columns) = jacobian.shape();
    // As many singular vectors as parameters, also with fewer numbers.
    let mut tall = jacobian.clone();
    if rows < columns {
        tall = tall.resize_vertically(columns, 0.0);
    }
    let svd = tall.svd(false, true);
    let values: Vec<f64> = svd.singular_values.iter().copied().collect();
    let vectors = svd
        .v_t
        .unwrap_or_else(|| DMatrix::identity(columns, columns));
    let effective = values.iter().filter(|v| **v * **v >= BOUNDS).count();
    let freedom = rows.saturating_sub(effective);
    let squares: f64 = residuals.iter().map(|r| r * r).sum();
    let excess = if freedom == 0 {
        1.0
    } else {
        (squares / freedom as f64).sqrt().max(1.0)
    };
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    let combination =
        |k: usize| {
            let parts: Vec<f64> = vectors.row(k).iter().copied().collect();
            let largest = parts.iter().copied().fold(0.0_f64, |most, part| {
                if part.abs() > most.abs() { part } else { most }
            });
            let sign = if largest < 0.0 { -1.0 } else { 1.0 };
            Combination {
                singular_value: values[k],
                standing: Standing::of((values[k] / excess).powi(2)),
                parts: parts.iter().map(|part| sign * part).collect(),
            }
        };
    let covariance_with = |bounds: f64| {
        let mut covariance = DMatrix::zeros(columns, columns);
        for k in 0..columns {
            let direction = vectors.row(k);
            let precision = (values[k] / excess).powi(2) + bounds;
            covariance += direction.transpose() * direction / precision;
        }
        covariance
    };
    let (covariance, wide) = (covariance_with(BOUNDS), covariance_with(WIDE_BOUNDS));
    let errors: Vec<f64> = (0..columns).map(|i| covariance[(i, i)].sqrt()).collect();
    let correlation = |i: usize, j: usize| covariance[(i, j)] / (errors[i] * errors[j]);
    Identifiability {
        combinations: order.into_iter().map(combination).collect(),
        standings: (0..columns)
            .map(|i| Standing::of(1.0 / wide[(i, i)] - WIDE_BOUNDS))
            .collect(),
        correlations: (0..columns)
            .map(|i| (0..columns).map(|j| correlation(i, j)).collect())
            .collect(),
        errors,
        excess,
        jacobian: (0..rows)
            .map(|i| jacobian.row(i).iter().copied().collect())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn two_that_enter_as_a_product_are_told() {
        // Logarithms a and b enter as their sum, c by itself.
        let jacobian = DMatrix::from_row_slice(
            3,
            3,
            &[
                40.0, 40.0, 0.0, //
                0.0, 0.0, 60.0, //
                20.0, 20.0, 5.0,
            ],
        );
        let known = identify(&jacobian, &[0.5, -0.5, 0.1]);
        let standings: Vec<_> = known.combinations.iter().map(|c| c.standing).collect();
        use Standing::{Determined, Undetermined};
        assert_eq!(standings, [Determined, Determined, Undetermined]);
        let last = &known.combinations[2];
        assert!(last.singular_value < 1e-10);
        assert_relative_eq!(last.parts[0], -last.parts[1], max_relative = 1e-9);
        assert_relative_eq!(last.parts[0].abs(), 0.5_f64.sqrt(), max_relative = 1e-9);
        // Each could be anything by itself.
        assert_eq!(known.standings, [Undetermined, Undetermined, Determined]);
        assert!(known.correlations[0][1] < -0.99);
        assert_relative_eq!(known.errors[2], 1.0 / 3612_f64.sqrt(), max_relative = 0.05);
    }

    #[test]
    fn errors_of_a_straight_line_are_the_usual_ones() {
        // y = a + b x at four places; both far better known than their bounds.
        let jacobian = DMatrix::from_fn(4, 2, |i, j| 1e3 * if j == 0 { 1.0 } else { i as f64 });
        let residuals = [2.0, -3.0, 1.0, 1.0];
        let known = identify(&jacobian, &residuals);
        assert_relative_eq!(known.excess, (15.0_f64 / 2.0).sqrt());
        // Variance of the slope: s²/Σ(x - mean)² = 7.5/5 (in units of 1e-6).
        assert_relative_eq!(known.errors[1], 1e-3 * 1.5_f64.sqrt(), max_relative = 1e-3);
    }

    #[test]
    fn fewer_numbers_than_parameters_leave_some_undetermined() {
        let jacobian = DMatrix::from_row_slice(1, 3, &[100.0, 0.0, 0.0]);
        let known = identify(&jacobian, &[0.0]);
        assert_eq!(known.combinations.len(), 3);
        let open = known.combinations.iter();
        let open = open.filter(|c| c.standing == Standing::Undetermined);
        assert_eq!(open.count(), 2);
        assert_relative_eq!(known.errors[1], 1.0 / 12_f64.sqrt(), max_relative = 1e-9);
    }
}
