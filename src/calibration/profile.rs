//! Profile likelihood: how the loss rises when one parameter is held elsewhere and all
//! others give way.
//!
//! The others are moved by the Jacobian at the optimum, first as it predicts, then as the
//! residuals found there ask for (one evaluation each, where a descent of its own would
//! cost as many as parameters); after each the Jacobian is mended by what was seen on the
//! way (Broyden's rule). The lowest loss counts. The profile lies on or above the true
//! one: where the model bends strongly, an interval read from it can be too narrow.

use super::CalibrationError;
use super::evaluate::Evaluator;
use super::loss::{residuals, slope, tamed, tamed_all};
use super::plan::{Plan, Settings};
use nalgebra::{DMatrix, DVector};
use serde::Serialize;

/// Rise of the loss at the ends of a 95 % interval of one parameter (chi-square
/// distribution of one degree of freedom), per squared excess of the residuals.
pub const RISE: f64 = 3.841;
/// Steps after the first prediction.
const STEPS: usize = 3;
/// A loss lower by less than this is the optimum's: a tenth of what one number makes that
/// is off by its uncertainty.
const NOTEWORTHY: f64 = 0.1;
/// Precision that keeps combinations which the data do not determine from running away:
/// that of a share known to about the whole range.
const RIDGE: f64 = 1.0;

/// The loss along one parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Which parameter.
    pub parameter: usize,
    /// (share of its range, loss above that of the optimum), shares rising; the optimum
    /// is among them.
    pub points: Vec<(f64, f64)>,
    /// Shares between which it lies with 95 %; `None` where the loss does not rise
    /// enough before the bound.
    pub interval: [Option<f64>; 2],
    /// The same as written.
    pub written: [Option<String>; 2],
    /// Lowest loss met on the way, if it lies clearly below that of the optimum.
    pub better: Option<f64>,
}

/// The optimum about which profiles are taken.
pub(super) struct Optimum<'a> {
    pub shares: &'a [f64],
    pub residuals: &'a [f64],
    pub jacobian: &'a DMatrix<f64>,
    /// Standard errors of the shares.
    pub errors: &'a [f64],
    /// Excess of the residuals.
    pub excess: f64,
}

/// One parameter held at one value.
struct Held {
    parameter: usize,
    value: f64,
    /// Where the model is straightened out, and its residuals there.
    at: Vec<f64>,
    residuals: Vec<f64>,
    jacobian: DMatrix<f64>,
    /// Where the loss is looked at next.
    shares: Vec<f64>,
    loss: f64,
}

impl Held {
    fn new(optimum: &Optimum<'_>, parameter: usize, value: f64) -> Self {
        let at = optimum.shares.to_vec();
        let mut shares = at.clone();
        shares[parameter] = value;
        Self {
            parameter,
            value,
            at,
            residuals: optimum.residuals.to_vec(),
            jacobian: optimum.jacobian.clone(),
            shares,
            loss: f64::INFINITY,
        }
    }

    /// Moves all `shares` but the held one to where the straightened model has its lowest
    /// loss.
    fn relax(&mut self, plan: &Plan) {
        let columns: Vec<usize> = (0..self.at.len())
            .filter(|i| *i != self.parameter)
            .collect();
        if columns.is_empty() {
            return;
        }
        let Settings { robust, prior, .. } = plan.settings;
        let mut straight = self.jacobian.clone();
        for (row, residual) in self.residuals.iter().enumerate() {
            straight.row_mut(row).scale_mut(slope(*residual, robust));
        }
        let moved = self.value - self.at[self.parameter];
        let right = DVector::from_fn(self.residuals.len(), |row, _| {
            tamed(self.residuals[row], robust) + straight[(row, self.parameter)] * moved
        });
        let free = straight.select_columns(&columns);
        let mut normal = free.transpose() * &free;
        let mut gradient = free.transpose() * right;
        for (k, &column) in columns.iter().enumerate() {
            normal[(k, k)] += RIDGE;
            if let Some(width) = prior {
                let of = &plan.parameters[column];
                normal[(k, k)] += 1.0 / (width * width);
                gradient[k] += (self.at[column] - of.share(of.start)) / (width * width);
            }
        }
        if let Some(factors) = normal.cholesky() {
            let step = factors.solve(&gradient);
            for (k, &column) in columns.iter().enumerate() {
                self.shares[column] = (self.at[column] - step[k]).clamp(0.0, 1.0);
            }
        }
    }

    /// Takes in the residuals found at `shares`: mends the Jacobian (Broyden's rule), and
    /// goes there if the loss is lower, or was not known with the parameter held.
    fn learn(&mut self, plan: &Plan, residuals: Vec<f64>) {
        let step = DVector::from_fn(self.at.len(), |i, _| self.shares[i] - self.at[i]);
        let foreseen = &self.jacobian * &step;
        let surprise = DVector::from_fn(residuals.len(), |row, _| {
            residuals[row] - self.residuals[row] - foreseen[row]
        });
        let length = step.norm_squared();
        if length > 0.0 {
            self.jacobian += surprise * step.transpose() / length;
        }
        let loss = sum(&tamed_all(plan, &residuals, &self.shares));
        if loss < self.loss {
            self.loss = loss;
            self.at.clone_from(&self.shares);
            self.residuals = residuals;
        }
    }
}

fn sum(tamed: &[f64]) -> f64 {
    tamed.iter().map(|r| r * r).sum()
}

/// Profiles of some parameters.
pub(super) fn profiles(
    plan: &Plan,
    evaluator: &Evaluator<'_>,
    optimum: &Optimum<'_>,
    parameters: &[usize],
) -> Result<Vec<Profile>, CalibrationError> {
    let best = sum(&tamed_all(plan, optimum.residuals, optimum.shares));
    let mut held: Vec<Held> = parameters
        .iter()
        .flat_map(|&parameter| {
            let values = values(plan, optimum, parameter).into_iter();
            values.map(move |value| Held::new(optimum, parameter, value))
        })
        .collect();
    if !held.is_empty() {
        for _ in 0..=STEPS {
            held.iter_mut().for_each(|held| held.relax(plan));
            let points: Vec<_> = held.iter().map(|h| h.shares.clone()).collect();
            let found = evaluator.values(&points)?;
            for (held, values) in held.iter_mut().zip(&found) {
                held.learn(plan, residuals(plan, values));
            }
        }
    }
    let profile = |&parameter: &usize| {
        let own = held.iter().filter(|h| h.parameter == parameter);
        let mut points: Vec<(f64, f64)> = own.map(|h| (h.value, h.loss - best)).collect();
        points.push((optimum.shares[parameter], 0.0));
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let lowest = points.iter().map(|p| p.1).fold(0.0, f64::min);
        let rise = RISE * optimum.excess.powi(2);
        let interval = interval(&points, optimum.shares[parameter], rise);
        let of = &plan.parameters[parameter];
        Profile {
            parameter,
            written: interval.map(|end| Some(of.written(of.at(end?), Some(3)).to_string())),
            interval,
            points,
            better: (lowest < -NOTEWORTHY).then_some(best + lowest),
        }
    };
    Ok(parameters.iter().map(profile).collect())
}

/// Values at which a parameter is held: out to three standard errors on both sides, or to
/// the bounds.
fn values(plan: &Plan, optimum: &Optimum<'_>, parameter: usize) -> Vec<f64> {
    let at = optimum.shares[parameter];
    let reach = 3.0 * optimum.errors[parameter];
    let half = plan.settings.points.div_ceil(2);
    let side = |end: f64| {
        let far = (at + reach * end).clamp(0.0, 1.0);
        (1..=half).map(move |k| at + (far - at) * k as f64 / half as f64)
    };
    let all = side(-1.0).chain(side(1.0));
    all.filter(|value| (value - at).abs() > 1e-6).collect()
}

/// Where the loss has risen by `rise` on either side, straight between the points of its
/// root (a parabola has a straight root).
fn interval(points: &[(f64, f64)], at: f64, rise: f64) -> [Option<f64>; 2] {
    let crossing = |side: Vec<(f64, f64)>| {
        let root = |loss: f64| loss.max(0.0).sqrt();
        side.windows(2).find_map(|pair| {
            let [(from, low), (to, high)] = [pair[0], pair[1]];
            let (low, high, level) = (root(low), root(high), rise.sqrt());
            (low < level && high >= level)
                .then(|| from + (to - from) * (level - low) / (high - low))
        })
    };
    let below = points.iter().rev().filter(|p| p.0 <= at).copied();
    let above = points.iter().filter(|p| p.0 >= at).copied();
    [crossing(below.collect()), crossing(above.collect())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_from_the_rise() {
        // A parabola: loss = ((x - 0.4)/0.1)².
        let points: Vec<(f64, f64)> = [0.1, 0.2, 0.3, 0.4, 0.5, 0.55]
            .map(|x: f64| (x, ((x - 0.4) / 0.1).powi(2)))
            .to_vec();
        let [low, high] = interval(&points, 0.4, RISE);
        assert!((low.expect("below") - (0.4 - 0.1 * RISE.sqrt())).abs() < 1e-9);
        assert_eq!(high, None, "the loss has only risen by 2.25");
    }
}
