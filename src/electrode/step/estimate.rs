//! Electrode room: what is known of a time step before and after it was tried: where its
//! solutions will be, how exact it was, and when the particles are full.

use super::Solver;
use crate::electrode::model::Electrode;
use crate::electrode::stage::GAMMA;
use crate::numerics::wide;

/// Error constant of the method: its local error is this times h3 x'''.
const METHOD: f64 = 0.0404;

/// Weights of the solutions before the last step and after its first stage, less the
/// present one, with which the first stage of a step of `share` times its length is
/// foreseen: by the parabola through them. A first stage is an implicit Euler step over
/// the time g, which takes y to y + g y' + g2 y''.
pub(super) fn first_ahead(share: f64) -> [f64; 2] {
    let g = GAMMA * share;
    // From m - a = G y' + (G2 - G) y'' and -a = y' - y''/2, in lengths of the last step,
    // with a and m the solutions before and in its middle, less that at its end.
    let determinant = GAMMA * (0.5 - GAMMA);
    let slope = [0.5 + GAMMA * GAMMA - GAMMA, -0.5];
    let bend = [1.0 - GAMMA, -1.0];
    [0, 1].map(|i| (g * slope[i] + g * g * bend[i]) / determinant)
}

/// Weights of the solutions before the last step and after the present first stage, less
/// that between them, with which the end of a step of `share` times the last one is
/// foreseen: as [`first_ahead`], and the end is y + y' + y''/2.
pub(super) fn second_ahead(share: f64) -> [f64; 2] {
    let width = 2.0 * GAMMA * share + 1.0;
    [
        share * share * (1.0 - 2.0 * GAMMA) / width,
        (1.0 + share) / (GAMMA * width),
    ]
}

/// What an error of a stoichiometry in any shell counts, V: in aged cells and in LiNiO2
/// it is the fronts within particles, where the diffusivity falls, that decide when a
/// discharge ends, and the surface does not know of them until they arrive. Without it the
/// capacities of ma2024-0p76 are within 0.13 % only (with it, see
/// `simulation::march`, within half of that), and longer steps cost aged cells more.
const IN_A_SHELL: f64 = 2.0;
/// Error of a step that leaves a shell with more lithium than sites or less than none: the
/// flux is linear in a step, and one too long for it overshoots where the diffusivity falls
/// steeply. At a tolerance of 1e-2 such steps passed for exact enough, and the next found no
/// solution.
const BEYOND_THE_SITES: f64 = 1e3;
/// Longest step, in lengths of the last one, over which a parabola through the start of
/// that one is drawn: after a sliver it would be drawn from round-off.
pub(super) const FARTHEST: f64 = 4.0;

impl Solver {
    /// Foresees the shells at the end of the first stage, `tau` (s) ahead.
    pub(super) fn foresee_first(&mut self, tau: f64) {
        let (bent, last) = (self.bent(), self.last_step);
        // An implicit Euler step takes y to y + tau y' + tau2 y''.
        let bend = if bent {
            2.0 * (tau / last).powi(2)
        } else {
            0.0
        };
        let start = &self.base_shells;
        if !self.has_slope {
            self.predicted.copy_from_slice(start);
            return;
        }
        let values = start.iter().zip(&self.before).zip(&self.slope);
        let values = self.predicted.iter_mut().zip(values);
        wide(
            #[inline(always)]
            || {
                for (predicted, ((now, before), slope)) in values {
                    *predicted = now + tau * slope + bend * (before - now + last * slope);
                }
            },
        );
    }

    /// Foresees the shells at the end of the step, from its start and its first stage.
    pub(super) fn foresee_second(&mut self) {
        let [early, middle] = if self.bent() {
            second_ahead(self.step / self.last_step)
        } else {
            [0.0, 1.0 / GAMMA]
        };
        let (start, first) = (&self.base_shells, &self.stages[0].shells);
        let values = start.iter().zip(&self.before).zip(first);
        let values = self.predicted.iter_mut().zip(values);
        wide(
            #[inline(always)]
            || {
                for (predicted, ((now, before), first)) in values {
                    *predicted = now + middle * (first - now) + early * (before - now);
                }
            },
        );
    }

    /// Finds how far the shells of each particle are from the parabola of
    /// [`Self::error`], at most; nothing without a slope.
    fn in_shells(&mut self, start: &[f64]) {
        self.worst.fill(0.0);
        if !self.has_slope {
            return;
        }
        let (step, last) = (self.step, self.last_step);
        let bend = (step / last).powi(2);
        let n = self.worst.len();
        let ends = self.stages[1].shells.chunks_exact(n);
        let befores = self.before.chunks_exact(n).zip(self.slope.chunks_exact(n));
        let rows = ends.zip(start.chunks_exact(n)).zip(befores);
        wide(
            #[inline(always)]
            || {
                for ((end, start), (before, slope)) in rows {
                    for (m, worst) in self.worst.iter_mut().enumerate() {
                        let straight = start[m] + step * slope[m];
                        let parabola = straight + bend * (before[m] - start[m] + last * slope[m]);
                        let distance = (end[m] - parabola).abs();
                        *worst = if distance > *worst { distance } else { *worst };
                    }
                }
            },
        );
    }

    /// Whether the shells are foreseen along a parabola.
    fn bent(&self) -> bool {
        self.has_slope && self.since_jump > 1 && self.step <= FARTHEST * self.last_step
    }

    /// When the current that the surfaces can take falls to the present one, s after the
    /// end of the step: it falls evenly as they fill.
    pub(super) fn full_in(&self) -> f64 {
        let [first, second] = &self.stages;
        let fall = first.uptake - second.uptake;
        let spare = second.uptake + second.current;
        if second.current < 0.0 && fall > 0.0 {
            (1.0 - GAMMA) * self.step * spare / fall
        } else {
            f64::INFINITY
        }
    }

    /// Local error over the tolerance and its order in the step length. The error is taken
    /// in the outermost shells: the largest in a stoichiometry, and what those of one depth
    /// cost in its potential. There particles stand in parallel, so that each counts by its
    /// share of the conductance: one that is nearly full hardly takes part. And in all
    /// shells, see [`IN_A_SHELL`].
    pub(super) fn error(&mut self, model: &Electrode, start: &[f64], tolerance: f64) -> (f64, f64) {
        let n = model.particles();
        self.in_shells(start);
        let offset = (model.shells - 1) * n;
        let [first, second] = &self.stages;
        // The parabola through where a shell is and was a step h' before, with its present
        // slope, knows no stage, which by itself is of first order only: whether a shell
        // follows its neighbours at once or slowly, the distance to it is
        // h2(h + h')/6 x''' and the method's own error. After a far longer step it is not
        // the third derivative alone that made it.
        let share = METHOD / ((1.0 + (self.last_step / self.step).min(1.0)) / 6.0 + METHOD);
        let of_shell = |i: usize| {
            if self.has_slope {
                let (slope, last) = (self.slope[i], self.last_step);
                let bend = (self.step / last).powi(2) * (self.before[i] - start[i] + last * slope);
                share * (second.shells[i] - start[i] - self.step * slope - bend)
            } else {
                // Without a slope: distance to the straight line, one order lower.
                let rise = first.shells[i] - start[i];
                0.5 * (second.shells[i] - start[i] - rise / GAMMA)
            }
        };
        let mut largest: f64 = 0.0;
        for k in 0..model.depths {
            let (mut potential, mut conductance) = (0.0, 0.0);
            let mut stoichiometry: f64 = 0.0;
            for m in k * model.classes..(k + 1) * model.classes {
                let (error, linear) = (of_shell(offset + m).abs(), &second.interface[m]);
                let share = self.frozen[1].volume[m] * linear.volumetric[1];
                potential += share * error * linear.slope.abs();
                conductance += share;
                stoichiometry = stoichiometry.max(error);
            }
            largest = largest.max(stoichiometry + potential / conductance);
        }
        for worst in &self.worst {
            largest = largest.max(IN_A_SHELL * share * worst);
        }
        let mut error = largest / tolerance;
        let outside = |range: (f64, f64), &x: &f64| (range.0.min(x), range.1.max(x));
        let (least, most) = second.shells.iter().fold((0.0, 1.0), outside);
        if least < 0.0 || most > 1.0 {
            error = error.max(BEYOND_THE_SITES);
        }
        (error, if self.has_slope { 3.0 } else { 2.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With y = 1 + 2 t + 3 t2 the first stage of a step h from t gives
    /// y(t) + g y'(t) + g2 y'', g = GAMMA h, and its end y(t + h).
    #[test]
    fn parabolas_are_foreseen_exactly() {
        let y = |t: f64| 1.0 + 2.0 * t + 3.0 * t * t;
        let stage = |t: f64, g: f64| y(t) + g * (2.0 + 6.0 * t) + 6.0 * g * g;
        for share in [0.2, 1.0, 3.0] {
            let (last, step) = (0.5, 0.5 * share);
            let [before, middle] = [y(-last), stage(-last, GAMMA * last)].map(|v| v - y(0.0));
            let [a, b] = first_ahead(share);
            let first = stage(0.0, GAMMA * step);
            assert!((y(0.0) + a * before + b * middle - first).abs() < 1e-12);
            let [a, b] = second_ahead(share);
            let end = y(0.0) + a * before + b * (first - y(0.0));
            assert!((end - y(step)).abs() < 1e-12);
        }
    }
}
