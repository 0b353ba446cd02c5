//! Spectra on the aged cell, taken on a copy: measuring does not age the cell.

use super::march::Cell;
use crate::electrode::{Electrode, Field};
use crate::impedance::linearise::{AlternatingCurrent, Linearised, frequencies};
use crate::impedance::{
    DiffusionGeometry, DiffusionLengthSettings, TransmissionLineSettings, diffusion_lengths,
};
use crate::record::{Spectrum, SpectrumAnalysis};
use crate::scenario::{Block, Control, Cutoff, ImpedanceRequest, Scenario, Step};

/// Longest hold before a spectrum, s.
const LONGEST_HOLD: f64 = 48.0 * 3600.0;
/// Rest before a spectrum at open circuit, s: an hour, as is common.
const REST: f64 = 3600.0;

/// Charges a copy of `cell` to the voltage that the block's request names, holds it
/// until the current has decayed, and takes and analyses a spectrum. `None` if the
/// block asks for none.
pub fn take_spectrum(
    scenario: &Scenario,
    cell: &Cell,
    block: &Block,
    ac: &AlternatingCurrent,
    cycle: usize,
) -> Option<Spectrum> {
    let request = block.impedance.as_ref()?;
    let mut copy = cell.clone();
    for step in preparation(request) {
        copy.run(&step, &mut |_, _| {});
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
    Some(Spectrum {
        cycle: cycle as u32,
        voltage: copy.state.scalar(Field::Voltage),
        frequency,
        impedance,
        cathode,
        analysis,
    })
}

/// What is done to the cell before its spectrum is taken.
fn preparation(request: &ImpedanceRequest) -> Vec<Step> {
    let step = |control, duration, until| Step {
        duration,
        until,
        ..Step::new(control, "")
    };
    let Some(at) = request.at else {
        return vec![step(Control::Rest, Some(REST), Vec::new())];
    };
    let end = request.hold_until * request.charge_current.abs();
    let mut steps = vec![step(
        Control::Current(request.charge_current),
        None,
        vec![Cutoff::VoltageAbove(at)],
    )];
    // A hold that may end at the full current is none: the spectrum is taken under it.
    if request.hold_until < 1.0 {
        steps.push(step(
            Control::Voltage(at),
            Some(LONGEST_HOLD),
            vec![Cutoff::CurrentBelow(end)],
        ));
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
