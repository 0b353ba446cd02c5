//! The group `spectra`.

use super::super::netcdf::{self, Meta};
use super::super::summary;
use super::super::table::Table;
use crate::record::{RunRecord, Spectrum};
use ::hdf5::{Group, Result};
use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;

/// Spectra over cycle and frequency; NaN where a spectrum lacks a frequency
/// that another has.
pub(super) fn write(group: &Group, record: &RunRecord, analyses: &Table) -> Result<()> {
    let cycles: Vec<u32> = record.spectra.iter().map(|s| s.cycle).collect();
    let meta = Meta {
        name: "cycle",
        label: "Cycle Count / 1",
        unit: "1",
    };
    let cycle = netcdf::dimension(group, &cycles, meta)?;
    super::write_columns(group, &analyses.columns()[1..], &cycle)?;

    let frequencies = all_frequencies(&record.spectra);
    let meta = Meta {
        name: "frequency_hertz",
        label: "Frequency / Hz",
        unit: "Hz",
    };
    let frequency = netcdf::dimension(group, &frequencies, meta)?;
    let [real, imaginary] = grids(&record.spectra, &frequencies, |s| &s.impedance);
    let [cathode_real, cathode_imaginary] = grids(&record.spectra, &frequencies, |s| &s.cathode);
    let grid = |values: &Array2<f64>, factor: f64, name, label, unit| {
        let values = values * factor;
        let view: ArrayView2<f64> = values.view();
        let meta = Meta { name, label, unit };
        netcdf::variable(group, view, &[&cycle, &frequency], meta).map(drop)
    };
    let per_cell = 1.0 / record.scenario.cell.area;
    let specific = summary::ohm_square_centimetres(1.0);
    grid(
        &real,
        per_cell,
        "real_impedance_ohm",
        "Real Impedance / ohm",
        "ohm",
    )?;
    grid(
        &imaginary,
        per_cell,
        "imaginary_impedance_ohm",
        "Imaginary Impedance / ohm",
        "ohm",
    )?;
    grid(
        &cathode_real,
        per_cell,
        "cathode_real_impedance_ohm",
        "Cathode Real Impedance / ohm",
        "ohm",
    )?;
    grid(
        &cathode_imaginary,
        per_cell,
        "cathode_imaginary_impedance_ohm",
        "Cathode Imaginary Impedance / ohm",
        "ohm",
    )?;
    grid(
        &real,
        specific,
        "real_impedance_area",
        "Real Impedance / ohm cm2",
        "ohm cm2",
    )?;
    grid(
        &imaginary,
        specific,
        "imaginary_impedance_area",
        "Imaginary Impedance / ohm cm2",
        "ohm cm2",
    )
}

/// Every frequency that occurs, falling.
fn all_frequencies(spectra: &[Spectrum]) -> Vec<f64> {
    let frequencies = spectra.iter().flat_map(|s| &s.frequency).copied();
    let mut frequencies: Vec<f64> = frequencies.collect();
    frequencies.sort_by(|a, b| b.total_cmp(a));
    frequencies.dedup_by_key(|f| f.to_bits());
    frequencies
}

/// Real and imaginary parts in ohm m2 over spectrum and frequency.
fn grids(
    spectra: &[Spectrum],
    frequencies: &[f64],
    impedance: fn(&Spectrum) -> &Vec<Complex64>,
) -> [Array2<f64>; 2] {
    let empty = Array2::from_elem((spectra.len(), frequencies.len()), f64::NAN);
    let mut grids = [empty.clone(), empty];
    for (row, spectrum) in spectra.iter().enumerate() {
        for (frequency, impedance) in spectrum.frequency.iter().zip(impedance(spectrum)) {
            let found = frequencies.binary_search_by(|f| frequency.total_cmp(f));
            if let Ok(column) = found {
                grids[0][[row, column]] = impedance.re;
                grids[1][[row, column]] = impedance.im;
            }
        }
    }
    grids
}
