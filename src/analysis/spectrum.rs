//! Analysis room: everything that is read from one spectrum.

use super::{Known, Outcome};
use crate::impedance::{
    DiffusionGeometry, DiffusionLengthDistribution, DiffusionLengthSettings, EquivalentCircuitFit,
    KramersKronig, Linearity, RelaxationTimeSettings, RelaxationTimes, TransmissionLineFit,
    TransmissionLineSettings, diffusion_lengths, fit_equivalent_circuit, fit_transmission_line,
    kramers_kronig, relaxation_times,
};
use crate::measurement::MeasuredSpectrum;
use num_complex::Complex64;
use rayon::prelude::*;
use serde::Serialize;
use std::f64::consts::TAU;

/// Where the arc of an anode is looked for when the spectrum is that of the whole
/// cell, s: 16 Hz to 16 MHz. (An estimate of what In/InLi shows.)
const ANODE_TIMES: (f64, f64) = (1e-8, 1e-2);

/// What is read from one spectrum; impedances per cell area.
#[derive(Debug, Clone, Serialize)]
pub struct SpectrumReading {
    /// Cycle after which it was taken.
    pub cycle: Option<u32>,
    /// Cell voltage, V.
    pub voltage: Option<f64>,
    /// Hz, falling.
    pub frequency: Vec<f64>,
    /// Impedance of the cell, ohm m2.
    pub impedance: Vec<Complex64>,
    /// Impedance that the circuits of the cathode were fitted to, ohm m2: without
    /// separator and anode where those are known, else that of the cell.
    pub cathode: Vec<Complex64>,
    /// Whether separator and anode are taken off in `cathode`.
    pub isolated: bool,
    /// The Kramers-Kronig test.
    pub kramers_kronig: Outcome<KramersKronig>,
    /// Transmission line with one diffusion length.
    pub transmission_line: Outcome<TransmissionLineFit>,
    /// EIS-PSD as in shi2023: planar elements, constant D.
    pub planar_lengths: Outcome<DiffusionLengthDistribution>,
    /// The same with spheres; lengths are radii.
    pub spherical_lengths: Outcome<DiffusionLengthDistribution>,
    /// Distribution of relaxation times of the whole cell.
    pub relaxation_times: Outcome<RelaxationTimes>,
    /// The circuit of ma2022, of the whole cell.
    pub equivalent_circuit: Outcome<EquivalentCircuitFit>,
    /// How linear the answer was, of a simulated cell whose amplitudes were stated.
    pub linearity: Vec<Linearity>,
}

impl SpectrumReading {
    /// The transmission line as fitted, over the frequencies of the spectrum, ohm m2, if
    /// it was fitted.
    pub fn fitted_line(&self) -> Option<Vec<Complex64>> {
        let fit = self.transmission_line.read()?;
        let at = |f: &f64| fit.circuit.impedance(TAU * f);
        Some(self.frequency.iter().map(at).collect())
    }
}

/// Reads spectra, each on its own, in parallel; the result is in their order.
pub fn read_spectra(spectra: &[MeasuredSpectrum], known: &Known) -> Vec<SpectrumReading> {
    spectra
        .par_iter()
        .map(|s| read_spectrum(s, known))
        .collect()
}

/// Reads one spectrum.
pub fn read_spectrum(spectrum: &MeasuredSpectrum, known: &Known) -> SpectrumReading {
    let per_area =
        |z: &[Complex64]| -> Vec<Complex64> { z.iter().map(|z| z * known.area).collect() };
    let frequency = spectrum.frequency.clone();
    let impedance = per_area(&spectrum.impedance);
    let cathode = spectrum.cathode.as_deref().map(per_area);
    let isolated = cathode.is_some();
    let cathode = cathode.unwrap_or_else(|| impedance.clone());
    let settings = settings(spectrum, known, isolated);
    let lengths = |geometry| match &settings {
        Ok(line) => {
            let line = TransmissionLineSettings { geometry, ..*line };
            let grid = DiffusionLengthSettings::default();
            diffusion_lengths(&frequency, &cathode, &line, &grid).into()
        }
        Err(reason) => Outcome::missing(reason),
    };
    SpectrumReading {
        cycle: spectrum.cycle,
        voltage: spectrum.voltage,
        linearity: spectrum.linearity.clone(),
        kramers_kronig: kramers_kronig(&frequency, &impedance).into(),
        transmission_line: match &settings {
            Ok(line) => fit_transmission_line(&frequency, &cathode, line).into(),
            Err(reason) => Outcome::missing(reason),
        },
        planar_lengths: lengths(DiffusionGeometry::Planar),
        spherical_lengths: lengths(DiffusionGeometry::Spherical),
        relaxation_times: relaxation_times(
            &frequency,
            &impedance,
            &RelaxationTimeSettings::default(),
        )
        .into(),
        equivalent_circuit: fit_equivalent_circuit(&frequency, &impedance).into(),
        frequency,
        impedance,
        cathode,
        isolated,
    }
}

/// What the transmission line takes as known, or what is not known for it.
fn settings(
    spectrum: &MeasuredSpectrum,
    known: &Known,
    isolated: bool,
) -> Result<TransmissionLineSettings, String> {
    let cathode = known.cathode.as_ref().ok_or(
        "the active material, its mass per area and the anode are not known: C_diff and D are needed",
    )?;
    let voltage = spectrum
        .voltage
        .ok_or("the cell voltage is not known: C_diff depends on it")?;
    let capacitance = cathode.diffusion_capacitance(voltage);
    if !(capacitance > 0.0 && capacitance.is_finite()) {
        return Err(format!(
            "the open-circuit curve of the active material has no slope at {voltage} V"
        ));
    }
    Ok(TransmissionLineSettings {
        electronic_resistance: spectrum
            .electronic_resistance
            .map_or(known.electronic_resistance, |r| r * known.area),
        geometry: DiffusionGeometry::Planar,
        diffusivity: cathode.diffusivity,
        diffusion_capacitance: capacitance,
        anode_time_constant: (!isolated).then_some(ANODE_TIMES),
    })
}
