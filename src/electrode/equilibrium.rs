//! Open-circuit potential of an insertion electrode from empty to full.
//!
//! A measured table ends somewhere, at a finite potential; the electrode does not go
//! on beyond its last site. Near an end the few ions (or the few vacancies) left are a
//! dilute ideal solution, so that the table is continued by
//!
//! ```text
//! U(x) = U(x_j) + b (x - x_j) + RT/F [ln((1-x)/x) - ln((1-x_j)/x_j)]
//! ```
//! which diverges at x = 0 and at x = 1. The joint `x_j` is the outermost point of the
//! table at which the table is at least as steep as the ideal solution; `b` makes up
//! the difference, so that the slope is continuous. The content of sites thus stays
//! within 0..1 by thermodynamics, not by clamping.

use crate::numerics::interpolate::{MonotoneCubic, TableError};

/// Distance from empty and from full within which the logarithm, which would need
/// arguments finer than `f64` resolves, is replaced by a hyperbola: as smooth for Newton's
/// method (a parabola only halves its error per iteration), 10 V high at a distance of 2.5e-9.
pub const EDGE: f64 = 1e-6;
/// Height of that hyperbola, V: more than any load can drive a particle beyond
/// the logarithm, see `simulation::march`. From there on it is straight.
const WALL: f64 = 10.0;
/// A joint is looked for no further from empty or full than this.
const REACH: f64 = 0.01;

/// Potential over site content, strictly falling towards both ends; C1.
#[derive(Debug, Clone)]
pub struct OpenCircuit {
    table: MonotoneCubic,
    empty: End,
    full: End,
}

/// Continuation of a table towards one end, in the distance `y` from that end.
#[derive(Debug, Clone, Copy)]
struct End {
    /// Joint with the table.
    joint: f64,
    /// Potential there, V.
    potential: f64,
    /// Linear term per `y`, V.
    linear: f64,
    /// RT/F with the sign of the change of potential towards the end, V.
    thermal: f64,
}

impl End {
    /// `slope` is dU/dy of the table at the joint, `sign` that of U's change towards
    /// this end.
    fn new(joint: f64, potential: f64, slope: f64, thermal: f64, sign: f64) -> Self {
        let ideal = -sign * thermal / (joint * (1.0 - joint));
        Self {
            joint,
            potential,
            linear: slope - ideal,
            thermal: sign * thermal,
        }
    }

    /// Potential and its slope in `y`, for `y` below the joint.
    #[cold]
    fn evaluate(&self, y: f64) -> (f64, f64) {
        let at = y.max(EDGE);
        let ratio = at * (1.0 - self.joint) / (self.joint * (1.0 - at));
        let value = self.potential + self.linear * (at - self.joint) - self.thermal * ratio.ln();
        let slope = self.linear - self.thermal / (at * (1.0 - at));
        if y >= EDGE {
            return (value, slope);
        }
        let rise = (slope * EDGE).abs();
        let top = EDGE / (1.0 + WALL / rise);
        let held = y.max(top);
        let steep = slope * (EDGE / held).powi(2);
        let wall = slope * EDGE * (1.0 - EDGE / held) + steep * (y - held);
        (value + wall, steep)
    }
}

impl OpenCircuit {
    /// From `points` (site content, V vs Li+/Li), falling, with `thermal` = RT/F in V.
    ///
    /// # Errors
    /// [`TableError`] if the table is unusable.
    pub fn new(points: &[(f64, f64)], thermal: f64) -> Result<Self, TableError> {
        let table = MonotoneCubic::new(points)?;
        let (first, last) = table.domain();
        let empty = joint(first, thermal, |y| table.derivative(y));
        let full = joint(1.0 - last, thermal, |y| table.derivative(1.0 - y));
        let (low, low_slope) = table.evaluate(empty);
        let (high, high_slope) = table.evaluate(1.0 - full);
        Ok(Self {
            empty: End::new(empty, low, low_slope, thermal, 1.0),
            full: End::new(full, high, -high_slope, thermal, -1.0),
            table,
        })
    }

    /// Potential (V) and its slope (V) at site content `x`.
    #[inline(always)]
    pub fn evaluate(&self, x: f64) -> (f64, f64) {
        if x < self.empty.joint {
            self.empty.evaluate(x)
        } else if 1.0 - x < self.full.joint {
            let (value, slope) = self.full.evaluate(1.0 - x);
            (value, -slope)
        } else {
            self.table.evaluate(x)
        }
    }

    /// Potential, V.
    #[inline]
    pub fn value(&self, x: f64) -> f64 {
        self.evaluate(x).0
    }

    /// Slope, V.
    #[inline]
    pub fn derivative(&self, x: f64) -> f64 {
        self.evaluate(x).1
    }

    /// The table alone, which is what an experimenter has.
    pub fn table(&self) -> &MonotoneCubic {
        &self.table
    }
}

/// Distance from the end at which a table that itself ends at the distance `from`, with
/// the slope `slope` at a distance, is joined.
fn joint(from: f64, thermal: f64, slope: impl Fn(f64) -> f64) -> f64 {
    let steep = |y: f64| slope(y).abs() * y * (1.0 - y) >= thermal;
    let mut y = from.max(2.0 * EDGE);
    let mut flat = y;
    while !steep(y) {
        if y >= REACH {
            return y;
        }
        flat = y;
        y = (1.1 * y).min(REACH);
    }
    while y - flat > 1e-12 {
        let middle = 0.5 * (flat + y);
        if steep(middle) {
            y = middle
        } else {
            flat = middle
        }
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const THERMAL: f64 = 0.0257;

    fn oxide() -> OpenCircuit {
        let points = [
            (0.06, 4.68),
            (0.3, 4.17),
            (0.7, 3.7),
            (0.99, 3.5),
            (1.0, 3.0),
        ];
        OpenCircuit::new(&points, THERMAL).unwrap()
    }

    #[test]
    fn near_its_ends_it_is_an_ideal_solution() {
        let curve = oxide();
        // Ten times fewer vacancies, ions: RT/F ln 10, but for the linear term.
        let full = curve.value(1.0 - 1e-5) - curve.value(1.0 - 1e-4);
        assert!(
            (full / (THERMAL * 0.1f64.ln()) - 1.0).abs() < 0.01,
            "{full}"
        );
        let empty = curve.value(1e-5) - curve.value(1e-4);
        assert!(
            (empty / (THERMAL * 10f64.ln()) - 1.0).abs() < 0.01,
            "{empty}"
        );
    }

    #[test]
    fn between_its_ends_it_is_the_table() {
        let curve = oxide();
        for x in [0.06, 0.2, 0.65, 0.99, 0.999] {
            assert!((curve.value(x) - curve.table().value(x)).abs() < 1e-12);
        }
    }

    #[test]
    fn no_potential_of_a_cell_needs_more_sites_than_there_are() {
        let curve = oxide();
        assert!(curve.value(1.0) < -6.0 && curve.value(0.0) > 14.0);
        // Newton's method may pass beyond.
        let (value, slope) = curve.evaluate(1.001);
        assert!(value < curve.value(1.0) && slope < -1e6);
        assert!(curve.value(-0.001) > curve.value(0.0));
    }

    #[test]
    fn a_flat_electrode_has_ends_too() {
        let metal = OpenCircuit::new(&[(0.0, 0.62), (1.0, 0.62)], THERMAL).unwrap();
        assert!((metal.value(0.5) - 0.62).abs() < 1e-15);
        assert!(metal.value(1.0) < -5.0 && metal.value(0.0) > 5.0);
    }

    proptest! {
        #[test]
        fn falls_everywhere_with_a_continuous_slope(
            steps in proptest::collection::vec((0.01f64..1.0, 0.0001f64..1.0), 2..20),
            ends in (0.0f64..0.2, 0.8f64..1.0),
            place in 0.0f64..1.0,
        ) {
            let total: f64 = steps.iter().map(|s| s.0).sum();
            let (mut x, mut u) = (ends.0, 5.0);
            let mut points = vec![(x, u)];
            for (dx, du) in steps {
                x += dx / total * (ends.1 - ends.0);
                u -= du;
                points.push((x, u));
            }
            let curve = OpenCircuit::new(&points, THERMAL).unwrap();
            for joint in [curve.empty.joint, 1.0 - curve.full.joint, EDGE, 1.0 - EDGE] {
                let h = 1e-13;
                let (below, above) = (curve.evaluate(joint - h), curve.evaluate(joint + h));
                prop_assert!((below.0 - above.0).abs() < 1e-5 * (1.0 + below.1.abs() * 1e-6));
                prop_assert!((below.1 / above.1 - 1.0).abs() < 1e-3 || (below.1 - above.1).abs() < 1e-6);
            }
            // Everywhere, and closely at the ends.
            for x in [place, 1e-3 * place, 1.0 - 1e-3 * place, 2e-6 * place, 1.0 - 2e-6 * place] {
                let (value, slope) = curve.evaluate(x);
                prop_assert!(slope <= 0.0, "slope {slope} at {x}");
                let h = 1e-4 * x.min(1.0 - x).max(1e-8);
                let numeric = (curve.value(x + h) - curve.value(x - h)) / (2.0 * h);
                let resolved = 1e-15 * value.abs() / h + slope.abs() * 1e-16 / h;
                // Knots of a random table can be so close that the slope itself changes
                // between the two points.
                let bend = (curve.derivative(x + h) - slope).abs() + (slope - curve.derivative(x - h)).abs();
                let allowed = 1e-3 * (1.0 + slope.abs()) + bend + 10.0 * resolved;
                prop_assert!((numeric - slope).abs() < allowed, "{numeric} for {slope} at {x}");
            }
        }
    }
}
