//! What is imposed on a cell, and why that could not be met.

use super::model::Electrode;

/// What is imposed on the cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// Cell current density, A/m2, positive on charge.
    Current(f64),
    /// Voltage against the anode, V.
    Voltage(f64),
    /// Power density, W/m2, positive on charge.
    Power(f64),
    /// Voltage over current density, ohm m2: negative where the cell discharges
    /// through a resistor.
    Resistance(f64),
}

impl Load {
    /// Change of the cell's current density (A/m2) that by Newton's method brings
    /// `current` and its voltage (V), which rises by `slope` (ohm m2), to what is imposed.
    pub(super) fn change_of_current(self, current: f64, voltage: f64, slope: f64) -> f64 {
        match self {
            Self::Current(target) => target - current,
            Self::Voltage(target) => (target - voltage) / slope,
            Self::Power(power) => (power - current * voltage) / (voltage + current * slope),
            Self::Resistance(ratio) => (ratio * current - voltage) / (slope - ratio),
        }
    }
}

/// One load for both stages of a time step.
impl From<Load> for [Load; 2] {
    fn from(load: Load) -> Self {
        [load; 2]
    }
}

/// Why a stage could not be solved.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum StageError {
    /// Newton's method did not settle.
    #[error(
        "Newton's method did not settle: last change {change:.2e} V after {iterations} iterations"
    )]
    NotConverged {
        /// Largest change of a potential in the last iteration, V.
        change: f64,
        /// Iterations made.
        iterations: usize,
    },
    /// The load brings more lithium than there are sites left within reach.
    #[error("the particles' surfaces fill up before the load is met")]
    Full,
    /// A power or a resistance is only met by a current of the other direction.
    #[error("the voltage changes its sign before the load is met")]
    Reversed,
}

/// Voltage across separator and anode (V), the anode's potential included with its
/// sign, and its slope in the current (ohm m2).
pub(super) fn rest_of_cell(
    model: &Electrode,
    lithiation: f64,
    tau: f64,
    current: f64,
) -> (f64, f64) {
    let anode = &model.anode;
    let thermal = model.thermal_voltage();
    let half = current / (2.0 * anode.exchange);
    let over = 2.0 * thermal * half.asinh();
    let over_slope = thermal / (anode.exchange * (half * half + 1.0).sqrt());
    let filled = lithiation + tau * current / anode.capacity;
    let (open, open_slope) = anode.open_circuit.evaluate(filled);
    let ohmic = model.separator_resistance + anode.ohmic;
    (
        current * ohmic + over - open,
        ohmic + over_slope - open_slope * tau / anode.capacity,
    )
}
