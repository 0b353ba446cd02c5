//! Side reactions over an implicit stage.

use crate::degradation::Oxidation;

/// How fast a pool empties (1/s) over a stage of `tau` (s) from the share `base`, and the
/// slope in the potential, from its rate constant and that one's slope. Left is
/// `base/(1 + tau k)`: the pool can only empty.
pub(super) fn emptied((rate, slope): (f64, f64), base: f64, tau: f64) -> (f64, f64) {
    let left = base / (1.0 + tau * rate);
    (rate * left, slope * left / (1.0 + tau * rate))
}

/// Oxidation current (A/m2) over a stage of `tau` (s) from a layer of `base` (m),
/// implicit in the layer by one linearisation, and its slope in the potential. The
/// layer afterwards is exactly `base` plus the charge passed.
pub(super) fn limited(law: &Oxidation, potential: f64, base: f64, tau: f64) -> (f64, f64) {
    let side = law.current(potential, base);
    let factor = 1.0 / (1.0 - tau * law.thickness_per_charge * side.by_thickness);
    (side.current * factor, side.by_potential * factor)
}
