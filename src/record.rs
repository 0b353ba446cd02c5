//! What a run leaves behind, in memory: the one thing that simulation fills and
//! observables, results and report read.

use crate::degradation::Mechanism;
use crate::impedance::Linearity;
use crate::microstructure::Microstructure;
use crate::scenario::Scenario;
use crate::transport::EffectiveTransport;
use num_complex::Complex64;
use serde::{Deserialize, Serialize};

/// Everything a finished (or interrupted) run has.
#[derive(Debug, Clone)]
pub struct RunRecord {
    /// What was asked, resolved.
    pub scenario: Scenario,
    /// The scenario file as written.
    pub scenario_text: String,
    /// Key of the run: hash of the resolved scenario and the model version, hex.
    pub key: String,
    /// The structure.
    pub microstructure: Microstructure,
    /// How well it conducts.
    pub transport: EffectiveTransport,
    /// Time series of the whole protocol.
    pub series: TimeSeries,
    /// One per step that was run.
    pub steps: Vec<StepRecord>,
    /// One per cycle.
    pub cycles: Vec<CycleRecord>,
    /// One per spectrum.
    pub spectra: Vec<Spectrum>,
    /// One per cycle at which lost capacity was attributed.
    pub attributions: Vec<Attribution>,
}

/// Columns of the time series, one entry per accepted time step, or per sample where a
/// step has a sampling period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeSeries {
    /// s since the start.
    pub time: Vec<f64>,
    /// V against the anode.
    pub voltage: Vec<f64>,
    /// A/m2 of cell area, positive on charge.
    pub current: Vec<f64>,
    /// From 1.
    pub cycle: Vec<u32>,
    /// Step within the cycle, from 1.
    pub step: Vec<u32>,
    /// Charge of the present cycle passed so far while charging, C/m2.
    pub cycle_charge: Vec<f64>,
    /// Charge of the present cycle passed so far while discharging, C/m2.
    pub cycle_discharge: Vec<f64>,
    /// O2 released as gas since the start, mol/m2 of cell.
    pub oxygen_gas: Vec<f64>,
    /// SO2 released since the start, mol/m2 of cell.
    pub sulfur_dioxide_gas: Vec<f64>,
    /// CO2 released since the start, mol/m2 of cell.
    pub carbon_dioxide_gas: Vec<f64>,
}

/// One step of the protocol as it was run. Per cell area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Cycle it belongs to, from 1.
    pub cycle: u32,
    /// Step within the cycle, from 1; every pulse and every rest of a train counts.
    pub step: u32,
    /// The sentence.
    pub text: String,
    /// s since the start of the test.
    pub start: f64,
    /// s.
    pub duration: f64,
    /// Charge passed, positive on charge, C/m2.
    pub charge: f64,
    /// Energy put in, negative if taken out, J/m2.
    pub energy: f64,
    /// Voltage against the anode at its end, V.
    pub end_voltage: f64,
    /// Current density at its end, A/m2, positive on charge.
    pub end_current: f64,
    /// Lowest voltage against the anode in it, V; NaN if it took no time.
    pub lowest_voltage: f64,
    /// Why it ended.
    pub end: String,
}

/// What is known at the end of a cycle. Per cell area unless said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CycleRecord {
    /// From 1, over the whole protocol.
    pub cycle: u32,
    /// Cycles before this one that were carried on, not simulated.
    pub skipped: u32,
    /// s since the start, at the end of the cycle.
    pub time: f64,
    /// Charge passed while charging, C/m2.
    pub charge: f64,
    /// Charge passed while discharging, C/m2.
    pub discharge: f64,
    /// Energy put in, J/m2.
    pub energy_in: f64,
    /// Energy taken out, J/m2.
    pub energy_out: f64,
    /// Voltage against the anode at the end of the rest after charge, V (NaN if no rest).
    pub relaxed_charged: f64,
    /// Voltage against the anode at the end of the rest after discharge, V (NaN if no rest).
    pub relaxed_discharged: f64,
    /// Active mass by the experimenter's analysis over all active mass
    /// (Q_discharge / Q_act from relaxed potentials), NaN if no rests.
    pub active_mass_apparent: f64,
    /// The model's connected share of the active mass.
    pub connected_fraction: f64,
    /// The model's mean share of contact lost.
    pub contact_lost: f64,
    /// Mean crack damage.
    pub crack_damage: f64,
    /// Mean coverage by coating.
    pub coverage: f64,
    /// Mean lithium content of connected active material at the end of the cycle.
    pub stoichiometry: f64,
    /// Degradation products.
    pub products: Products,
    /// Largest error of the lithium balance so far, relative to all lithium.
    pub lithium_error: f64,
    /// Largest error of the charge balance so far, relative to the charge passed.
    pub charge_error: f64,
    /// Note when a step ended early, e.g. `discharge could not start`.
    pub note: String,
}

/// Cumulative degradation products.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Products {
    /// Mean polysulfide layer on active material, m.
    pub polysulfide_thickness: f64,
    /// Mean layer of phosphate and sulfate on active material, m.
    pub oxygenated_thickness: f64,
    /// Mean rock-salt layer, m.
    pub rock_salt_thickness: f64,
    /// Electrolyte oxidised at active material, and sulfide of the coating counted as
    /// electrolyte of the same charge, mol/m2 of cell.
    pub polysulfide_at_active: f64,
    /// Electrolyte oxidised at carbon, mol/m2 of cell.
    pub polysulfide_at_carbon: f64,
    /// Electrolyte oxidised at the current collector, mol/m2 of cell.
    pub polysulfide_at_collector: f64,
    /// mol PO4 units/m2 of cell.
    pub phosphate: f64,
    /// mol SOx units/m2 of cell.
    pub sulfate: f64,
    /// mol O2/m2 of cell released as gas.
    pub oxygen_gas: f64,
    /// mol/m2 of cell.
    pub sulfur_dioxide_gas: f64,
    /// mol/m2 of cell.
    pub carbon_dioxide_gas: f64,
}

/// One impedance spectrum and what the experimenter's analysis reads from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spectrum {
    /// Cycle after which it was taken.
    pub cycle: u32,
    /// Voltage against the anode, V.
    pub voltage: f64,
    /// Current density that flowed meanwhile, A/m2, positive on charge.
    pub current: f64,
    /// Hz, falling.
    pub frequency: Vec<f64>,
    /// ohm m2 of cell area.
    pub impedance: Vec<Complex64>,
    /// The same without separator and anode, as known from symmetric cells, ohm m2.
    pub cathode: Vec<Complex64>,
    /// The paper-style analysis.
    pub analysis: SpectrumAnalysis,
    /// Answers to sines of the amplitudes asked for, at the lowest frequency of each; none
    /// where no amplitude was stated.
    pub linearity: Vec<Linearity>,
}

/// Numbers read from a spectrum, beside the model's truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SpectrumAnalysis {
    /// Fitted ionic resistance of the cathode, ohm m2.
    pub ionic_resistance: f64,
    /// Fitted charge-transfer resistance, ohm m2 of cell area.
    pub charge_transfer_resistance: f64,
    /// sqrt(R_ct (R_ion + R_ele)) from the fit, ohm m2 (shi2023's definition).
    pub cathode_resistance: f64,
    /// Diffusion length of the planar element with the paper's D and C_diff, m.
    pub diffusion_length: f64,
    /// Relative residual of the fit.
    pub fit_residual: f64,
    /// The model's ionic resistance, ohm m2.
    pub true_ionic_resistance: f64,
    /// The model's electronic resistance, which the analysis takes as known, ohm m2.
    pub true_electronic_resistance: f64,
    /// The model's charge-transfer (with layers) resistance, ohm m2 of cell area.
    pub true_charge_transfer_resistance: f64,
    /// The model's direct-current resistance of the cathode without diffusion, ohm m2.
    pub true_dc_resistance: f64,
}

/// What the mechanisms had cost in discharge capacity by the end of a cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// From 1, over the whole protocol.
    pub cycle: u32,
    /// Discharge capacity of the fresh cell under the load of this cycle, C/m2.
    pub fresh: f64,
    /// Discharge capacity of the cell as it is after this cycle, held from ageing further, C/m2.
    pub aged: f64,
    /// Share of each mechanism in `fresh - aged`, in the order of [`Mechanism::ALL`],
    /// C/m2; negative where its traces help. They add up to the loss.
    pub shares: [f64; Mechanism::COUNT],
}
