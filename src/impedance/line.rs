//! Impedance room: a line of elements with two rails, ionic and electronic, solved
//! exactly within each.

use crate::numerics::tridiagonal::solve_in_place;
use num_complex::Complex64;

/// Impedance (ohm m2) of a line of uniform elements with `rails` = ionic and
/// electronic resistance (ohm m2) and interfacial `admittance` (S/m2) of each.
///
/// With i_e the ionic current, R = R_e + R_s and j = i_e - I R_s/R, the potential
/// obeys E' = -R j, j' = -Y E inside an element; with theta = sqrt(R Y) its ends are
/// coupled by j_left = (theta/R)(E_left coth theta - E_right/sinh theta) and the
/// mirrored expression. Continuity of i_e at the faces gives a tridiagonal system.
pub(super) fn line_impedance(rails: &[[f64; 2]], admittance: &[Complex64]) -> Complex64 {
    let n = rails.len();
    let mut diagonal = vec![Complex64::ZERO; n + 1];
    let mut off = vec![Complex64::ZERO; n + 1];
    let mut potential = vec![Complex64::ZERO; n + 1];
    potential[0] += 1.0;
    for (k, [ionic, electronic]) in rails.iter().enumerate() {
        let total = ionic + electronic;
        let theta = (total * admittance[k]).sqrt();
        let (own, across) = if theta.norm() < 1e-4 {
            let square = theta * theta;
            ((1.0 + square / 3.0) / total, (1.0 - square / 6.0) / total)
        } else {
            // coth and 1/sinh by decaying exponentials, which cannot overflow.
            let decay = (-2.0 * theta).exp();
            let rate = theta / total / (1.0 - decay);
            (rate * (1.0 + decay), rate * 2.0 * (-theta).exp())
        };
        diagonal[k] += own;
        diagonal[k + 1] += own;
        off[k] = -across;
        let share = electronic / total;
        potential[k] -= share;
        potential[k + 1] += share;
    }
    let mut lower = vec![Complex64::ZERO; n + 1];
    lower[1..].copy_from_slice(&off[..n]);
    solve_in_place(&lower, &mut diagonal, &off, [&mut potential]);
    let drop: Complex64 = rails
        .iter()
        .enumerate()
        .map(|(k, [ionic, electronic])| {
            (ionic - (potential[k] - potential[k + 1])) * (electronic / (ionic + electronic))
        })
        .sum();
    potential[0] + drop
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn a_uniform_line_has_the_closed_form_impedance_however_it_is_cut() {
        let (ionic, electronic) = (33e-4, 6e-4);
        for frequency in [1e-3, 1.0, 1e3, 1e5] {
            let zeta = 1.0 / Complex64::new(80.0, 2.0 * PI * frequency * 1.9);
            let nu = ((ionic + electronic) / zeta).sqrt();
            let ratio = ionic / electronic + electronic / ionic;
            let exact = ionic * electronic / (ionic + electronic)
                * (1.0 + (2.0 + ratio * nu.cosh()) / (nu * nu.sinh()));
            for cuts in [1, 3, 10] {
                let part = cuts as f64;
                let rails = vec![[ionic / part, electronic / part]; cuts];
                let found = line_impedance(&rails, &vec![1.0 / zeta / part; cuts]);
                assert!(
                    (found / exact - 1.0).norm() < 1e-10,
                    "{frequency} Hz, {cuts}"
                );
            }
        }
    }
}
