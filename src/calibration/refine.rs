//! The descent: Levenberg-Marquardt from a point, gradients by differences well above the
//! noise of a simulation, every parameter mapped to the whole line so that it stays
//! between its bounds.

use super::evaluate::Evaluator;
use super::loss::{residuals, slope, tamed_all};
use super::plan::Plan;
use super::{CalibrationError, Seen};
use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra::storage::Owned;
use nalgebra::{DMatrix, DVector, Dyn};
use std::cell::{Cell, RefCell};

/// Starts are kept this share of the range away from the bounds, where the map is too
/// flat to leave them again.
const MARGIN: f64 = 0.02;
/// Relative fall of the loss, and of the step, below which a descent has come to rest:
/// finer than differences over this range can tell.
const REST: f64 = 1e-4;

/// Where a descent came to rest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rest {
    pub shares: Vec<f64>,
    pub loss: f64,
    /// Why it stopped.
    pub why: String,
    /// Gradients taken.
    pub gradients: usize,
}

/// Derivatives of the residuals by the shares at a point whose residuals are known, on
/// both sides of it where `central`.
pub(super) fn jacobian(
    plan: &Plan,
    evaluator: &Evaluator<'_>,
    shares: &[f64],
    own: &[f64],
    central: bool,
) -> Result<DMatrix<f64>, CalibrationError> {
    let step = plan.settings.step;
    let mut points = Vec::new();
    let mut sides = Vec::new();
    for axis in 0..shares.len() {
        // Inwards, and to both sides where both lie inside.
        let inwards = if shares[axis] > 0.5 { -step } else { step };
        let outwards = shares[axis] - inwards;
        let mut steps = vec![inwards];
        if central && (0.0..=1.0).contains(&outwards) {
            steps.push(-inwards);
        }
        for by in &steps {
            let mut point = shares.to_vec();
            point[axis] += by;
            points.push(point);
        }
        sides.push(steps);
    }
    let values = evaluator.values(&points)?;
    let mut rows = values.iter().map(|values| residuals(plan, values));
    let mut jacobian = DMatrix::zeros(own.len(), shares.len());
    for (axis, steps) in sides.iter().enumerate() {
        let found: Vec<Vec<f64>> = rows.by_ref().take(steps.len()).collect();
        for row in 0..own.len() {
            jacobian[(row, axis)] = match (&found[..], &steps[..]) {
                ([plus, minus], [by, _]) => (plus[row] - minus[row]) / (2.0 * by),
                ([only], [by]) => (only[row] - own[row]) / by,
                _ => 0.0,
            };
        }
    }
    Ok(jacobian)
}

/// Descends from a point.
pub(super) fn descend(
    plan: &Plan,
    evaluator: &Evaluator<'_>,
    start: &[f64],
    history: &mut Vec<Seen>,
) -> Result<Rest, CalibrationError> {
    let free = start.iter().map(|share| {
        let share = share.clamp(MARGIN, 1.0 - MARGIN);
        (share / (1.0 - share)).ln()
    });
    let mut descent = Descent {
        plan,
        evaluator,
        free: DVector::from_iterator(start.len(), free),
        shares: start.to_vec(),
        residuals: Vec::new(),
        tamed: DVector::zeros(0),
        best: (f64::INFINITY, start.to_vec()),
        gradients: Cell::new(0),
        failure: RefCell::new(None),
        history,
    };
    // The start itself may lie nearer to a bound than the map reaches.
    descent.look(start.to_vec());
    let free = descent.free.clone();
    descent.set_params(&free);
    // Unsuccessful steps cost one evaluation each, gradients as many as parameters.
    let (descent, report) = LevenbergMarquardt::new()
        .with_ftol(REST)
        .with_xtol(REST)
        .with_gtol(REST)
        .with_stepbound(1.0)
        .with_patience(plan.settings.iterations.max(4))
        .minimize(descent);
    if let Some(failure) = descent.failure.into_inner() {
        return Err(failure);
    }
    let gradients = descent.gradients.get();
    let why = if gradients >= plan.settings.iterations {
        "as many gradients as allowed".to_owned()
    } else {
        format!("{:?}", report.termination)
    };
    let (loss, shares) = descent.best;
    Ok(Rest {
        shares,
        loss,
        why,
        gradients,
    })
}

/// One descent: the point it is at, and what it asks for there.
struct Descent<'a, 'b> {
    plan: &'a Plan,
    evaluator: &'a Evaluator<'a>,
    free: DVector<f64>,
    shares: Vec<f64>,
    residuals: Vec<f64>,
    tamed: DVector<f64>,
    best: (f64, Vec<f64>),
    // The optimiser asks for gradients through a shared reference.
    gradients: Cell<usize>,
    failure: RefCell<Option<CalibrationError>>,
    history: &'b mut Vec<Seen>,
}

impl Descent<'_, '_> {
    /// Derivatives of what is summed in squares by the optimiser's coordinates.
    fn of_tamed(&self, by_share: DMatrix<f64>) -> DMatrix<f64> {
        let (rows, columns) = by_share.shape();
        let robust = self.plan.settings.robust;
        let along = |axis: usize| self.shares[axis] * (1.0 - self.shares[axis]);
        let mut all = DMatrix::zeros(self.tamed.len(), columns);
        for axis in 0..columns {
            for row in 0..rows {
                all[(row, axis)] =
                    slope(self.residuals[row], robust) * by_share[(row, axis)] * along(axis);
            }
            if let Some(width) = self.plan.settings.prior {
                all[(rows + axis, axis)] = along(axis) / width;
            }
        }
        all
    }

    /// Evaluates a point and goes there.
    fn look(&mut self, shares: Vec<f64>) {
        if self.failure.get_mut().is_some() {
            return;
        }
        match self.evaluator.values(std::slice::from_ref(&shares)) {
            Ok(values) => {
                self.residuals = residuals(self.plan, &values[0]);
                let tamed = tamed_all(self.plan, &self.residuals, &shares);
                self.tamed = DVector::from_vec(tamed);
                let loss = self.tamed.norm_squared();
                self.evaluator.best(loss);
                self.history.push(Seen {
                    stage: "descent",
                    loss,
                });
                if loss < self.best.0 {
                    self.best = (loss, shares.clone());
                }
                self.shares = shares;
            }
            Err(failure) => *self.failure.get_mut() = Some(failure),
        }
    }
}

impl LeastSquaresProblem<f64, Dyn, Dyn> for Descent<'_, '_> {
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;
    type ParameterStorage = Owned<f64, Dyn>;

    fn set_params(&mut self, free: &DVector<f64>) {
        self.free.copy_from(free);
        let shares = free.iter().map(|t| 1.0 / (1.0 + (-t).exp())).collect();
        self.look(shares);
    }

    fn params(&self) -> DVector<f64> {
        self.free.clone()
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        self.failure.borrow().is_none().then(|| self.tamed.clone())
    }

    fn jacobian(&self) -> Option<DMatrix<f64>> {
        if self.failure.borrow().is_some() || self.gradients.get() >= self.plan.settings.iterations
        {
            return None;
        }
        self.gradients.set(self.gradients.get() + 1);
        let (plan, shares) = (self.plan, &self.shares);
        match jacobian(plan, self.evaluator, shares, &self.residuals, false) {
            Ok(by_share) => Some(self.of_tamed(by_share)),
            Err(failure) => {
                *self.failure.borrow_mut() = Some(failure);
                None
            }
        }
    }
}
