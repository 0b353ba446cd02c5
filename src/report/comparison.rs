//! Numbers of a paper beside the simulated ones.

use super::html::escape;
use super::tables::{NOTHING, number};

/// One number of a paper beside the simulated one.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What was measured, e.g. `Capacity retention, cycle 100`.
    pub name: String,
    /// Value of the paper.
    pub paper: f64,
    /// Value of the simulation; NaN when it has none.
    pub simulated: f64,
    /// Unit of both.
    pub unit: String,
}

impl Comparison {
    /// Deviation of the simulation relative to the paper's value; NaN when
    /// there is none.
    pub fn deviation(&self) -> f64 {
        if self.paper == 0.0 {
            f64::NAN
        } else {
            (self.simulated - self.paper) / self.paper.abs()
        }
    }
}

/// Deviations up to this are close, up to the second acceptable, beyond a miss.
const DEVIATIONS: [f64; 2] = [0.05, 0.15];

/// The simulation beside a paper.
pub(super) fn table(comparisons: &[Comparison]) -> String {
    let rows = comparisons.iter().map(|comparison| {
        let deviation = comparison.deviation();
        let (class, word) = match deviation.abs() {
            d if d.is_nan() => ("none", "not compared"),
            d if d <= DEVIATIONS[0] => ("close", "close"),
            d if d <= DEVIATIONS[1] => ("fair", "fair"),
            _ => ("miss", "off"),
        };
        let relative = match number(100.0 * deviation, 2).as_str() {
            NOTHING => NOTHING.to_owned(),
            text if deviation > 0.0 => format!("+{text} %"),
            text => format!("{text} %"),
        };
        format!(
            "<tr class=\"{class}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{relative}</td><td>{word}</td></tr>\n",
            escape(&comparison.name),
            number(comparison.paper, 3),
            number(comparison.simulated, 3),
            escape(&comparison.unit),
        )
    });
    let rows: String = rows.collect();
    let [close, fair] = DEVIATIONS.map(|d| number(100.0 * d, 2));
    format!(
        "<table class=\"numbers\">\n<thead><tr><th>Quantity</th><th>Paper</th><th>Simulation</th><th>Unit</th><th>Deviation</th><th></th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n<p class=\"small\">close: within {close} %; fair: within {fair} %.</p>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_marked() {
        let compare = |paper, simulated| {
            table(&[Comparison {
                name: "a < b".into(),
                paper,
                simulated,
                unit: "%".into(),
            }])
        };
        assert!(
            compare(70.0, 71.0).contains("class=\"close\"")
                && compare(70.0, 71.0).contains("+1.4 %")
        );
        assert!(compare(70.0, 63.0).contains("class=\"fair\""));
        assert!(compare(70.0, 20.0).contains("class=\"miss\""));
        assert!(compare(70.0, f64::NAN).contains("class=\"none\""));
        assert!(compare(1.0, 1.0).contains("a &lt; b"));
    }
}
