//! A run's own results as an experimenter would have them: per cell, as a cycler and
//! an impedance analyser write them. Taken from the record in memory or from
//! `results.h5`, to the last bit the same.

use super::summary;
use super::table::{Table, Values};
use super::{ResultsError, hdf5::LAYOUT_VERSION};
use crate::measurement::MeasuredSpectrum;
use crate::observables::Cycling;
use crate::record::RunRecord;
use ::hdf5::types::VarLenUnicode;
use ::hdf5::{File, Group, Result};
use num_complex::Complex64;
use std::path::Path;

/// C in one Ah.
const PER_HOUR: f64 = 3600.0;

/// What was measured in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunMeasurements {
    /// The scenario as written.
    pub scenario_text: String,
    /// The time series.
    pub cycling: Cycling,
    /// The spectra.
    pub spectra: Vec<MeasuredSpectrum>,
}

/// The measurements of a run in memory.
///
/// # Errors
/// [`ResultsError::Length`] if the record contradicts itself.
pub fn measurements(record: &RunRecord) -> std::result::Result<RunMeasurements, ResultsError> {
    let area = record.scenario.cell.area;
    let per_cell = |z: &[Complex64]| -> Vec<Complex64> {
        // As the file holds it: both parts times 1/area.
        let factor = 1.0 / area;
        z.iter()
            .map(|z| Complex64::new(z.re * factor, z.im * factor))
            .collect()
    };
    let electronic = summary::ohm_square_centimetres(1.0);
    Ok(RunMeasurements {
        scenario_text: record.scenario_text.clone(),
        cycling: cycling(&summary::series(record)?),
        spectra: record
            .spectra
            .iter()
            .map(|s| MeasuredSpectrum {
                cycle: Some(s.cycle),
                voltage: Some(s.voltage),
                frequency: s.frequency.clone(),
                impedance: per_cell(&s.impedance),
                cathode: Some(per_cell(&s.cathode)),
                electronic_resistance: Some(separate(
                    s.analysis.true_electronic_resistance * electronic,
                    area,
                )),
            })
            .collect(),
    })
}

/// Resistance of a cell of `area` m2, ohm, from ohm cm2.
fn separate(resistance: f64, area: f64) -> f64 {
    resistance / summary::ohm_square_centimetres(1.0) / area
}

fn cycling(series: &Table) -> Cycling {
    let real = |name: &str| match column(series, name) {
        Some(Values::Real(values)) => values.clone(),
        _ => Vec::new(),
    };
    let count = |name: &str| match column(series, name) {
        Some(Values::Count(values)) => values.clone(),
        _ => Vec::new(),
    };
    assemble(real, count)
}

fn column<'a>(table: &'a Table, name: &str) -> Option<&'a Values> {
    let found = table.columns().iter().find(|c| c.name == name);
    found.map(|c| &c.values)
}

/// A record from the columns of the group `series`.
fn assemble(real: impl Fn(&str) -> Vec<f64>, count: impl Fn(&str) -> Vec<u32>) -> Cycling {
    let coulombs = |name: &str| real(name).iter().map(|q| q * PER_HOUR).collect();
    Cycling {
        time: real("test_time_second"),
        voltage: real("voltage_volt"),
        current: real("current_ampere"),
        cycle: count("cycle_count"),
        step: Some(count("step_count")),
        counted: Some([
            coulombs("cycle_charging_capacity_ah"),
            coulombs("cycle_discharging_capacity_ah"),
        ]),
    }
}

/// The measurements in the file of a run; `area` of the cell in m2 is asked for once the
/// scenario's text is known.
///
/// # Errors
/// [`ResultsError`] if the file cannot be read or is of another layout, or what `area` says.
pub fn read_measurements<E: From<ResultsError>>(
    path: &Path,
    area: impl FnOnce(&str) -> std::result::Result<f64, E>,
) -> std::result::Result<RunMeasurements, E> {
    let refused = |source| {
        E::from(ResultsError::Hdf5Read {
            path: path.to_path_buf(),
            source,
        })
    };
    let file = File::open(path).map_err(refused)?;
    let version: u32 = file
        .attr("layout_version")
        .and_then(|a| a.read_scalar())
        .map_err(refused)?;
    if version != LAYOUT_VERSION {
        let source = format!("layout {version}; this program reads {LAYOUT_VERSION}").into();
        return Err(refused(source));
    }
    let text = file
        .dataset("scenario/text")
        .and_then(|d| d.read_scalar::<VarLenUnicode>())
        .map_err(refused)?;
    let area = area(&text)?;
    let (cycling, spectra) = contents(&file, area).map_err(refused)?;
    Ok(RunMeasurements {
        scenario_text: text.to_string(),
        cycling,
        spectra,
    })
}

fn contents(file: &File, area: f64) -> Result<(Cycling, Vec<MeasuredSpectrum>)> {
    let series = file.group("series")?;
    let mut failed = None;
    let keep = |result: Result<Vec<f64>>, failed: &mut Option<::hdf5::Error>| {
        result.unwrap_or_else(|error| {
            failed.get_or_insert(error);
            Vec::new()
        })
    };
    let names = [
        "test_time_second",
        "voltage_volt",
        "current_ampere",
        "cycle_charging_capacity_ah",
        "cycle_discharging_capacity_ah",
        "cycle_count",
        "step_count",
    ];
    let columns = names.map(|name| (name, keep(read(&series, name), &mut failed)));
    if let Some(error) = failed {
        return Err(error);
    }
    let find = |name: &str| {
        let found = columns.iter().find(|(n, _)| *n == name);
        found.map_or_else(Vec::new, |(_, values)| values.clone())
    };
    // Counts are small whole numbers: exact in either form.
    let count = |name: &str| find(name).iter().map(|&v| v as u32).collect();
    Ok((
        assemble(find, count),
        spectra(&file.group("spectra")?, area)?,
    ))
}

fn read(group: &Group, name: &str) -> Result<Vec<f64>> {
    group.dataset(name)?.read_raw::<f64>()
}

fn spectra(group: &Group, area: f64) -> Result<Vec<MeasuredSpectrum>> {
    let cycles = read(group, "cycle")?;
    if cycles.is_empty() {
        return Ok(Vec::new());
    }
    let voltages = read(group, "voltage_volt")?;
    let electronic = read(group, "true_electronic_resistance")?;
    let frequency = read(group, "frequency_hertz")?;
    let plane = |real: &str, imaginary: &str| -> Result<Vec<Complex64>> {
        let (real, imaginary) = (read(group, real)?, read(group, imaginary)?);
        Ok(real
            .iter()
            .zip(&imaginary)
            .map(|(a, b)| Complex64::new(*a, *b))
            .collect())
    };
    let impedance = plane("real_impedance_ohm", "imaginary_impedance_ohm")?;
    let cathode = plane(
        "cathode_real_impedance_ohm",
        "cathode_imaginary_impedance_ohm",
    )?;
    Ok(cycles
        .iter()
        .enumerate()
        .map(|(row, &cycle)| {
            // A frequency that only another spectrum has is NaN here.
            let own = |column: &usize| impedance[row * frequency.len() + column].is_finite();
            let columns: Vec<usize> = (0..frequency.len()).filter(own).collect();
            let pick = |grid: &[Complex64]| -> Vec<Complex64> {
                columns
                    .iter()
                    .map(|c| grid[row * frequency.len() + c])
                    .collect()
            };
            MeasuredSpectrum {
                cycle: Some(cycle as u32),
                voltage: Some(voltages[row]),
                frequency: columns.iter().map(|&c| frequency[c]).collect(),
                impedance: pick(&impedance),
                cathode: Some(pick(&cathode)),
                electronic_resistance: Some(separate(electronic[row], area)),
            }
        })
        .collect())
}
