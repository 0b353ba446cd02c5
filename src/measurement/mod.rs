//! Laboratory files: cycling records, spectra, gas curves and the tables of surface
//! analyses as comma-separated text in the Battery Data Format (preferred labels such as
//! `Voltage / V`, or machine-readable names such as `voltage_volt`), read into what the
//! analyses take.
//!
//! What can be repaired is repaired, with a warning that says how; everything else is
//! refused with its line. Nothing is guessed in silence.

mod capacities;
mod columns;
mod cycling;
mod gas;
mod quantities;
mod sheet;
mod spectra;
mod surfaces;

pub use capacities::{Capacities, Discharged, capacities_from_str, read_capacities};

use crate::impedance::Linearity;
use crate::input::{Diagnostic, Diagnostics, Severity, Sink};
use crate::observables::{Cycling, Film, GasRecord, Intensity, Peak};
use num_complex::Complex64;
use std::path::Path;

/// A spectrum of a cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeasuredSpectrum {
    /// Cycle after which it was taken, where the file says so.
    pub cycle: Option<u32>,
    /// Cell voltage, V, where the file says so.
    pub voltage: Option<f64>,
    /// Hz, falling, each once.
    pub frequency: Vec<f64>,
    /// Impedance of the cell, ohm; capacitive parts have a negative imaginary part.
    pub impedance: Vec<Complex64>,
    /// Impedance without separator and anode, ohm, where the file has it.
    pub cathode: Option<Vec<Complex64>>,
    /// Total resistance of the cathode's electronic rail as measured separately, ohm,
    /// where it is known for this spectrum.
    pub electronic_resistance: Option<f64>,
    /// How linear the answer was, of a simulated cell whose amplitudes were stated.
    pub linearity: Vec<Linearity>,
}

impl MeasuredSpectrum {
    /// The impedance less that of `blank` (separator and anode, from a symmetric cell),
    /// interpolated over the logarithm of the frequency, ohm.
    ///
    /// # Errors
    /// A message if `blank` does not span the frequencies of the spectrum.
    pub fn without(&self, blank: &Self) -> Result<Vec<Complex64>, String> {
        let at = |frequency: f64| {
            // Both lists fall.
            let after = blank
                .frequency
                .partition_point(|f| *f > frequency * (1.0 + 1e-9));
            let slower = *blank.frequency.get(after)?;
            if (slower / frequency - 1.0).abs() < 1e-8 {
                return Some(blank.impedance[after]);
            }
            let before = after.checked_sub(1)?;
            let faster = blank.frequency[before];
            let share = (faster / frequency).ln() / (faster / slower).ln();
            Some(blank.impedance[before] * (1.0 - share) + blank.impedance[after] * share)
        };
        let pairs = self.frequency.iter().zip(&self.impedance);
        pairs
            .map(|(f, z)| {
                at(*f)
                    .map(|blank| z - blank)
                    .ok_or_else(|| format!("the blank spectrum has no {f} Hz"))
            })
            .collect()
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured {
    /// Spectra in the order of the file; at least one.
    Spectra(Vec<MeasuredSpectrum>),
    /// A cycling record.
    Cycling(Cycling),
    /// Gas curves.
    Gas(GasRecord),
    /// ToF-SIMS intensities of spots on samples; at least one.
    Intensities(Vec<Intensity>),
    /// Fitted peaks of photoelectron spectra of samples; at least one.
    Peaks(Vec<Peak>),
    /// Thicknesses of the coatings of samples, with the name of each; at least one.
    Films(Vec<(String, Film)>),
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Its content.
    pub measured: Measured,
    /// What was repaired, as warnings with their place.
    pub repairs: Diagnostics,
}

/// Reads a measured file.
///
/// # Errors
/// Every complaint at once, with line and reason: an unreadable file, columns that are
/// missing, fields that are no numbers, spectra or records that contradict themselves.
pub fn read(path: impl AsRef<Path>) -> Result<Reading, Diagnostics> {
    let name = path.as_ref().display().to_string();
    match std::fs::read(&path) {
        // Instruments write degree signs in their own code page; numbers are ASCII.
        Ok(bytes) => from_str(&name, &String::from_utf8_lossy(&bytes)),
        Err(error) => Err(Diagnostics {
            items: vec![Diagnostic::elsewhere(format!(
                "cannot read {name}: {error}"
            ))],
            name,
            text: String::new(),
        }),
    }
}

/// Reads a measured file from its text; `name` is used in messages.
///
/// # Errors
/// As [`read`].
pub fn from_str(name: &str, text: &str) -> Result<Reading, Diagnostics> {
    let sink = Sink::new(text);
    let measured = sheet::Sheet::read(text, &sink).and_then(|sheet| {
        if columns::find(&sheet, &columns::FREQUENCY).is_some() {
            spectra::spectra(&sheet, &sink).map(Measured::Spectra)
        } else if columns::find(&sheet, &columns::FRAGMENT).is_some() {
            surfaces::intensities(&sheet, &sink).map(Measured::Intensities)
        } else if columns::find(&sheet, &columns::LINE).is_some() {
            surfaces::peaks(&sheet, &sink).map(Measured::Peaks)
        } else if columns::find(&sheet, &columns::THICKNESS).is_some() {
            surfaces::films(&sheet, &sink).map(Measured::Films)
        } else if gas::is_gas(&sheet) {
            gas::gas(&sheet, &sink).map(Measured::Gas)
        } else if columns::find(&sheet, &columns::TIME).is_some() {
            cycling::cycling(&sheet, &sink).map(Measured::Cycling)
        } else {
            columns::refuse_neither(&sheet, &sink)
        }
    });
    let items = sink.finish();
    let refused = items.iter().any(|item| item.severity == Severity::Error);
    let diagnostics = Diagnostics {
        name: name.into(),
        text: text.into(),
        items,
    };
    match measured {
        Some(measured) if !refused => Ok(Reading {
            measured,
            repairs: diagnostics,
        }),
        _ => Err(diagnostics),
    }
}
