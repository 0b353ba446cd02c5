//! Potentials through the thickness: one unknown per depth.
//!
//! With i_e the ionic and I - i_e the electronic current between two depths (both
//! counted towards the separator), Ohm's law in both phases gives
//!
//! ```text
//! i_e = [I/g_s - (E_{k+1} - E_k)]/(1/g_s + 1/g_e)
//! i_e(k-1/2) - i_e(k+1/2) = J_k            i_e = I at the separator, 0 at the collector
//! ```
//! a scalar tridiagonal system for E, with the current I as a border when the
//! voltage is given instead.
//!
//! Potentials are means over the finite volumes. In the first volume the ionic current
//! falls from I to i_e evenly, so that between its mean and the separator
//! `R (I/3 + i_e/6)` drop, R the ionic resistance of the volume; the same holds for the
//! electronic current at the collector. (Half a volume under the whole current, `R I/2`,
//! would be the largest error of the grid.)

use crate::numerics::tridiagonal::solve_in_place;

/// The ladder of conductances and a workspace for its linear systems.
#[derive(Debug, Clone)]
pub struct Ladder {
    depths: usize,
    /// Electronic conductance between a depth and the next, S/m2.
    electronic: Vec<f64>,
    /// Ionic conductance between a depth and the next, S/m2.
    ionic: Vec<f64>,
    /// Ionic and electronic resistance of each finite volume, ohm m2.
    pub resistance: Vec<[f64; 2]>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    diagonal: Vec<f64>,
    /// Change of the potentials for the present current, V.
    pub change: Vec<f64>,
    /// Change of the potentials per change of current, ohm m2.
    pub by_current: Vec<f64>,
}

impl Ladder {
    /// A ladder of `depths` finite volumes.
    pub fn new(depths: usize) -> Self {
        let zeros = || vec![0.0; depths];
        Self {
            depths,
            electronic: zeros(),
            ionic: zeros(),
            resistance: vec![[0.0; 2]; depths],
            lower: zeros(),
            upper: zeros(),
            diagonal: zeros(),
            change: zeros(),
            by_current: zeros(),
        }
    }

    /// Sets the conductivities (S/m) of the finite volumes of `width` (m).
    pub fn set(&mut self, ionic: &[f64], electronic: &[f64], width: f64) {
        let between = |s: &[f64], k: usize| 2.0 / (width * (1.0 / s[k] + 1.0 / s[k + 1]));
        for k in 0..self.depths - 1 {
            self.ionic[k] = between(ionic, k);
            self.electronic[k] = between(electronic, k);
        }
        for (k, pair) in self.resistance.iter_mut().enumerate() {
            *pair = [width / ionic[k], width / electronic[k]];
        }
    }

    /// Conductance of both rails in series between a depth and the next, S/m2.
    fn joint(&self, face: usize) -> f64 {
        1.0 / (1.0 / self.electronic[face] + 1.0 / self.ionic[face])
    }

    /// Ionic current between depth `face` and the next, A/m2, towards the separator.
    pub fn ionic_current(&self, face: usize, potential: &[f64], current: f64) -> f64 {
        self.joint(face)
            * (current / self.electronic[face] - (potential[face + 1] - potential[face]))
    }

    /// Solves for the change of the potentials, given the generated current of each
    /// depth at the iterate (A/m2 of cell) and its slope in E (S/m2):
    /// fills [`Self::change`] and [`Self::by_current`].
    pub fn solve(&mut self, potential: &[f64], current: f64, generated: &[f64], slope: &[f64]) {
        let n = self.depths;
        let mut arriving = current;
        let mut arriving_by_current = 1.0;
        for k in 0..n {
            let (leaving, leaving_by_current, joint) = if k + 1 < n {
                (
                    self.ionic_current(k, potential, current),
                    self.joint(k) / self.electronic[k],
                    self.joint(k),
                )
            } else {
                (0.0, 0.0, 0.0)
            };
            let before = if k > 0 { -self.upper[k - 1] } else { 0.0 };
            self.lower[k] = -before;
            self.upper[k] = -joint;
            self.diagonal[k] = before + joint + slope[k];
            self.change[k] = arriving - leaving - generated[k];
            self.by_current[k] = arriving_by_current - leaving_by_current;
            arriving = leaving;
            arriving_by_current = leaving_by_current;
        }
        solve_in_place(
            &self.lower,
            &mut self.diagonal,
            &self.upper,
            [&mut self.change, &mut self.by_current],
        );
    }

    /// Cathode's share of the cell voltage, V: phi_s at the collector less phi_e at
    /// the separator.
    pub fn voltage(&self, potential: &[f64], current: f64) -> f64 {
        let last = self.depths - 1;
        let [mut first_ionic, mut last_electronic, mut drop] = [0.0; 3];
        for k in 0..last {
            let ionic = self.ionic_current(k, potential, current);
            drop += ionic / self.ionic[k];
            if k == 0 {
                first_ionic = ionic;
            }
            last_electronic = current - ionic;
        }
        drop += self.resistance[0][0] * (current / 3.0 + first_ionic / 6.0)
            + self.resistance[last][1] * (current / 3.0 + last_electronic / 6.0);
        potential[last] + drop
    }

    /// Slope of [`Self::voltage`] in the current when the potentials follow
    /// [`Self::by_current`], ohm m2.
    pub fn voltage_by_current(&self) -> f64 {
        self.voltage(&self.by_current, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector};

    /// Both potentials as unknowns of their own: Ohm's law in each phase between the
    /// centres, phi_e = 0 at the separator, the current fed in at the collector.
    fn two_potentials(ionic: &[f64], electronic: &[f64], width: f64, leak: &[f64]) -> f64 {
        let n = ionic.len();
        let mut matrix = DMatrix::zeros(2 * n, 2 * n);
        let mut right = DVector::zeros(2 * n);
        let mut couple = |a: usize, b: usize, g: f64| {
            matrix[(a, a)] += g;
            matrix[(b, b)] += g;
            matrix[(a, b)] -= g;
            matrix[(b, a)] -= g;
        };
        for k in 0..n - 1 {
            let between = |s: &[f64]| 2.0 / (width * (1.0 / s[k] + 1.0 / s[k + 1]));
            couple(k, k + 1, between(electronic));
            couple(n + k, n + k + 1, between(ionic));
        }
        for k in 0..n {
            couple(k, n + k, leak[k]);
        }
        // Through the separator leaves 3 phi_0/R - i/2, with i from the next volume.
        let between = |s: &[f64], k: usize| 2.0 / (width * (1.0 / s[k] + 1.0 / s[k + 1]));
        let g = between(ionic, 0);
        matrix[(n, n)] += 3.0 * ionic[0] / width + 0.5 * g;
        matrix[(n, n + 1)] -= 0.5 * g;
        right[n - 1] = 1.0;
        let potential = matrix.lu().solve(&right).expect("a regular matrix");
        let arriving = between(electronic, n - 2) * (potential[n - 1] - potential[n - 2]);
        potential[n - 1] + width / electronic[n - 1] * (1.0 / 3.0 + arriving / 6.0)
    }

    #[test]
    fn one_unknown_per_depth_gives_what_two_potentials_give() {
        let (ionic, electronic) = ([0.02, 0.03, 0.01, 0.05], [0.2, 0.05, 0.4, 0.1]);
        let leak = [300.0, 80.0, 500.0, 120.0];
        let mut ladder = Ladder::new(4);
        ladder.set(&ionic, &electronic, 1e-5);
        ladder.solve(&[0.0; 4], 1.0, &[0.0; 4], &leak);
        let found = ladder.voltage(&ladder.change, 1.0);
        let expected = two_potentials(&ionic, &electronic, 1e-5, &leak);
        assert!((found / expected - 1.0).abs() < 1e-12);
        assert!((ladder.voltage_by_current() / expected - 1.0).abs() < 1e-12);
        let generated: f64 = (0..4).map(|k| leak[k] * ladder.change[k]).sum();
        assert!((generated - 1.0).abs() < 1e-13);
    }
}
