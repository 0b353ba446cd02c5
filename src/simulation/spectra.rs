//! Spectra on the aged cell, taken on a copy: measuring does not age the cell.

use super::march::{Cell, StepEnd};
use crate::electrode::{Electrode, Field};
use crate::impedance::linearise::{AlternatingCurrent, Linearised, frequencies};
use crate::impedance::{
    DiffusionGeometry, DiffusionLengthSettings, TransmissionLineSettings, diffusion_lengths,
    linearity,
};
use crate::record::{Spectrum, SpectrumAnalysis};
use crate::scenario::{Control, Cutoff, ImpedanceRequest, Scenario, Step};

/// Longest hold before a spectrum, s.
const LONGEST_HOLD: f64 = 48.0 * 3600.0;
/// Rest before a spectrum at open circuit, s: an hour, as is common.
const REST: f64 = 3600.0;

/// Why a spectrum was not taken.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Untaken {
    /// The voltage is passed as soon as the current flows.
    #[error(
        "no spectrum at {at:.3} V on {side}: under the current the cell is beyond that voltage \
         from the start; take a smaller current, another voltage, or hold the voltage"
    )]
    Beyond {
        /// V against the anode.
        at: f64,
        /// `charge` or `discharge`.
        side: &'static str,
    },
    /// The cell could not be brought to the voltage, or not be held there.
    #[error("no spectrum at {at:.3} V: on {side} the cell did not get beyond {reached:.3} V")]
    Unreached {
        /// V against the anode, as asked for or on the way there.
        at: f64,
        /// `charge`, `discharge` or `hold`.
        side: &'static str,
        /// V against the anode.
        reached: f64,
    },
}

/// Brings a copy of `cell` to where `request` says, and takes and analyses a spectrum.
/// `cycle` is that after which it is taken.
///
/// # Errors
/// [`Untaken`] if the voltage cannot be reached in the way asked for.
pub fn take_spectrum(
    scenario: &Scenario,
    cell: &Cell,
    request: &ImpedanceRequest,
    ac: &AlternatingCurrent,
    cycle: usize,
) -> Result<Spectrum, Untaken> {
    let mut copy = cell.clone();
    for (step, side, needed) in preparation(request) {
        let end = copy.run(&step, &mut |_, _| {});
        let reached = copy.state.scalar(Field::Voltage);
        let target = match (&step.control, step.until.first()) {
            (_, Some(Cutoff::VoltageAbove(at) | Cutoff::VoltageBelow(at))) => *at,
            (Control::Voltage(at), _) => *at,
            _ => reached,
        };
        match end {
            StepEnd::Duration | StepEnd::Cutoff(_) => {}
            StepEnd::CouldNotStart(_) if !needed => {}
            StepEnd::CouldNotStart(_) => return Err(Untaken::Beyond { at: target, side }),
            StepEnd::CouldNotHold(_) | StepEnd::NoEnd | StepEnd::Stalled(_) => {
                let at = target;
                return Err(Untaken::Unreached { at, side, reached });
            }
        }
    }
    let linear = Linearised::new(copy.model, ac, &copy.state);
    let frequency = frequencies(request.highest, request.lowest, request.per_decade);
    let impedance = linear.spectrum(&frequency);
    let mut analysis = SpectrumAnalysis {
        ionic_resistance: f64::NAN,
        charge_transfer_resistance: f64::NAN,
        cathode_resistance: f64::NAN,
        diffusion_length: f64::NAN,
        fit_residual: f64::NAN,
        true_ionic_resistance: linear.rail_resistances()[0],
        true_electronic_resistance: linear.rail_resistances()[1],
        true_charge_transfer_resistance: linear.charge_transfer_resistance(),
        true_dc_resistance: linear.direct_current_resistance(),
    };
    let settings = analysis_settings(
        scenario,
        copy.model,
        copy.state.scalar(Field::Voltage),
        &linear,
    );
    let cathode: Vec<_> = frequency
        .iter()
        .zip(&impedance)
        .map(|(f, z)| z - linear.rest_impedance(*f))
        .collect();
    // A spectrum that the circuit cannot describe keeps its place without numbers.
    let lengths = DiffusionLengthSettings::default();
    if let Ok(read) = diffusion_lengths(&frequency, &cathode, &settings, &lengths) {
        let circuit = &read.circuit;
        let rails = circuit.ionic_resistance + circuit.electronic_resistance;
        analysis.ionic_resistance = circuit.ionic_resistance;
        analysis.charge_transfer_resistance = circuit.charge_transfer_resistance;
        analysis.cathode_resistance = (circuit.charge_transfer_resistance * rails).sqrt();
        analysis.diffusion_length = read.median;
        analysis.fit_residual = read.residual;
    }
    let sines: Vec<(f64, f64)> = request
        .amplitude
        .iter()
        .map(|a| (a.down_to, a.value))
        .collect();
    Ok(Spectrum {
        linearity: linearity(copy.model, &copy.state, &sines),
        cycle: cycle as u32,
        voltage: copy.state.scalar(Field::Voltage),
        current: copy.state.scalar(Field::Current),
        frequency,
        impedance,
        cathode,
        analysis,
    })
}

/// What is done to the cell before its spectrum is taken: each step with a word for it,
/// and whether it must truly run rather than find its end already passed.
fn preparation(request: &ImpedanceRequest) -> Vec<(Step, &'static str, bool)> {
    let step = |control, duration, until| Step {
        duration,
        until,
        ..Step::new(control, "")
    };
    let rest = |time| (step(Control::Rest, Some(time), Vec::new()), "rest", true);
    let Some(at) = request.at else {
        return vec![rest(request.rest.unwrap_or(REST))];
    };
    // A hold that may end at the full current is none: the spectrum is taken under it.
    let held = request.rest.is_none() && request.hold_until < 1.0;
    let current = request.charge_current.abs();
    // A hold brings the cell to its voltage from beyond it as well.
    let up = |to: f64, needed| {
        let until = vec![Cutoff::VoltageAbove(to)];
        (
            step(Control::Current(current), None, until),
            "charge",
            needed,
        )
    };
    let mut steps = match request.discharge_from {
        None => vec![up(at, !held)],
        Some(full) => {
            let until = vec![Cutoff::VoltageBelow(at)];
            let down = step(Control::Current(-current), None, until);
            vec![up(full, false), (down, "discharge", !held)]
        }
    };
    if let Some(time) = request.rest {
        steps.push(rest(time));
    } else if held {
        let until = vec![Cutoff::CurrentBelow(request.hold_until * current)];
        let hold = step(Control::Voltage(at), Some(LONGEST_HOLD), until);
        steps.push((hold, "hold", false));
    }
    steps
}

/// What the experimenter takes as known (shi2023): planar diffusion with one constant
/// D, and C_diff from the slope of the open-circuit curve at the voltage of the
/// spectrum, with the whole active mass. Separator, anode and the electronic rail are
/// taken as known from symmetric and blocking cells: with an anode whose arc overlaps
/// the cathode's, a two-electrode spectrum does not determine R_ion at all.
fn analysis_settings(
    scenario: &Scenario,
    model: &Electrode,
    voltage: f64,
    linear: &Linearised,
) -> TransmissionLineSettings {
    let anode = &model.anode;
    let potential = voltage + anode.open_circuit.value(anode.initial_lithiation);
    let stoichiometry = model.oxide.open_circuit.table().inverse(potential);
    let slope = model.oxide.open_circuit.derivative(stoichiometry);
    let capacity =
        scenario.cathode.areal_loading * scenario.cathode.active_material.theoretical_capacity();
    TransmissionLineSettings {
        electronic_resistance: linear.rail_resistances()[1],
        geometry: DiffusionGeometry::Planar,
        diffusivity: scenario.cathode.active_material.diffusivity.reference,
        diffusion_capacitance: -capacity / slope,
        anode_time_constant: None,
    }
}
