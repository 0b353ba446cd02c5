//! What is done to a cell, checked and in SI: blocks of steps, or of blocks.

use serde::{Deserialize, Serialize};

/// A group of steps, or of further blocks, done some times over. One pass through the
/// steps of an innermost block is one cycle.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Block {
    /// Number of passes.
    pub repeat: usize,
    /// Steps of one cycle; empty if there are blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Blocks of one pass; empty if there are steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// Conditions that end the block early, looked at after every cycle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<Stop>,
    /// Spectra to take.
    pub impedance: Option<ImpedanceRequest>,
}

impl Block {
    /// Cycles of one pass, if nothing stops it.
    pub fn cycles_per_pass(&self) -> usize {
        if self.blocks.is_empty() {
            1
        } else {
            self.blocks.iter().map(Self::cycles).sum()
        }
    }

    /// Cycles of the whole block, if nothing stops it.
    pub fn cycles(&self) -> usize {
        self.repeat * self.cycles_per_pass()
    }

    /// Highest voltage at which one of the steps, also of inner blocks, ends a charge, V.
    pub fn charged_to(&self) -> Option<f64> {
        let own = self.steps.iter().flat_map(|step| &step.until);
        let own = own.filter_map(|cutoff| match cutoff {
            Cutoff::VoltageAbove(voltage) => Some(*voltage),
            _ => None,
        });
        let inner = self.blocks.iter().filter_map(Self::charged_to);
        own.chain(inner).max_by(f64::total_cmp)
    }

    /// The steps in one line: `100 × (Charge at 0.1C until 3.7 V; ...)`.
    pub fn outline(&self) -> String {
        let steps = self.steps.iter().map(|step| step.text.clone());
        let blocks = self.blocks.iter().map(Self::outline);
        let inside = steps.chain(blocks).collect::<Vec<_>>().join("; ");
        format!("{} × ({inside})", self.repeat)
    }
}

/// One step of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What is imposed.
    pub control: Control,
    /// Longest duration, s.
    pub duration: Option<f64>,
    /// Whichever is met first ends the step.
    pub until: Vec<Cutoff>,
    /// The sentence as written.
    pub text: String,
    /// Time between the samples to record, s; every time step is recorded without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<f64>,
    /// Makes the step a train of pulses: each pass of `duration` is followed by a rest
    /// this long (s), until a cut-off has ended a pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_after: Option<f64>,
}

impl Step {
    /// A step without an end, a period or rests in between.
    pub fn new(control: Control, text: impl Into<String>) -> Self {
        Self {
            control,
            duration: None,
            until: Vec::new(),
            text: text.into(),
            period: None,
            rest_after: None,
        }
    }

    /// Whether the step may charge the cell.
    pub fn charges(&self) -> bool {
        match &self.control {
            Control::Current(x) | Control::Power(x) | Control::Resistance(x) => *x > 0.0,
            Control::Sweep { .. } | Control::Profile(_) | Control::Voltage(_) => true,
            Control::Rest => false,
        }
    }

    /// Whether the step may discharge the cell.
    pub fn discharges(&self) -> bool {
        match &self.control {
            Control::Current(x) | Control::Power(x) | Control::Resistance(x) => *x < 0.0,
            Control::Sweep { .. } | Control::Profile(_) => true,
            Control::Voltage(_) | Control::Rest => false,
        }
    }
}

/// What a step imposes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Cell current density, A/m2, positive on charge.
    Current(f64),
    /// Voltage against the anode, V.
    Voltage(f64),
    /// Power density, W/m2, positive on charge.
    Power(f64),
    /// Voltage over current density, ohm m2: negative on discharge, where the cell
    /// feeds a resistor.
    Resistance(f64),
    /// The voltage changes at a constant rate.
    Sweep {
        /// V/s, above 0.
        rate: f64,
        /// Voltage against the anode at the start, V; `None`: what the cell has.
        from: Option<f64>,
        /// Voltage against the anode at the end, V.
        to: f64,
    },
    /// The current follows a table.
    Profile(Profile),
    /// No current.
    Rest,
}

/// A current over time, straight between its points. Two points at one time are a
/// jump.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// s since the start of the step, from 0, never falling.
    pub time: Vec<f64>,
    /// Cell current density at these times, A/m2, positive on charge.
    pub current: Vec<f64>,
}

/// What ends a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cutoff {
    /// The voltage rises to this value against the anode, V.
    VoltageAbove(f64),
    /// The voltage falls to this value against the anode, V.
    VoltageBelow(f64),
    /// The magnitude of the current density rises to this value, A/m2.
    CurrentAbove(f64),
    /// The magnitude of the current density falls to this value, A/m2.
    CurrentBelow(f64),
    /// The charge passed in the step reaches this magnitude, C/m2.
    ChargeAbove(f64),
}

/// What ends a block early, looked at after every cycle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The discharge capacity falls to this share of the experiment's first.
    ShareOfFirst(f64),
    /// The discharge capacity falls to this share of the first in the block.
    ShareOfBlock(f64),
    /// The discharge capacity falls to this, C/m2.
    Capacity(f64),
    /// The voltage against the anode falls to this within a cycle, V.
    Voltage(f64),
    /// This time has passed since the block began, s.
    Time(f64),
}

/// Spectra taken on the aged cell. Each is taken on a copy of the cell's state
/// at the end of the named cycle, so that measuring does not age the cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImpedanceRequest {
    /// Cycle numbers within the block, from 1; an outer block counts those of its
    /// inner ones.
    pub cycles: Vec<usize>,
    /// Voltage against the anode to bring the cell to, V; `None` takes the cell as the
    /// cycle left it, after a rest.
    pub at: Option<f64>,
    /// Voltage against the anode to charge to before the cell is discharged to `at`, V;
    /// `None` where `at` is reached on charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharge_from: Option<f64>,
    /// Density of the current that brings it there, in either direction, A/m2 (above 0).
    pub charge_current: f64,
    /// The voltage is held until the current has fallen to this share; at 1 there is no
    /// hold, and the spectrum is taken under the current.
    pub hold_until: f64,
    /// Rest without current in place of the hold, s; at open circuit an hour if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<f64>,
    /// Highest frequency, Hz.
    pub highest: f64,
    /// Lowest frequency, Hz.
    pub lowest: f64,
    /// Frequencies per decade.
    pub per_decade: usize,
    /// Amplitudes of the sine, frequencies falling; none where it is too small to count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amplitude: Vec<Amplitude>,
}

/// Amplitude of the sine of a spectrum over part of its frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Amplitude {
    /// From zero to the crest, V (above 0).
    pub value: f64,
    /// Lowest frequency at which it is used, Hz.
    pub down_to: f64,
}

impl ImpedanceRequest {
    /// Amplitude at a frequency (Hz), V; `None` where none is stated.
    pub fn amplitude_at(&self, frequency: f64) -> Option<f64> {
        let fits = |a: &&Amplitude| frequency >= a.down_to * (1.0 - 1e-9);
        let own = self.amplitude.iter().find(fits);
        own.or(self.amplitude.last()).map(|a| a.value)
    }
}
