//! A run's own results as an experimenter would have them: per cell, as a cycler and
//! an impedance analyser write them. Taken from the record in memory or from
//! `results.h5`, to the last bit the same.

use super::summary;
use super::summary::MILLIVOLTS;
use super::table::{Table, Values};
use super::{ResultsError, hdf5::LAYOUT_VERSION, hdf5::LINEARITY_GROUP};
use crate::analysis::SurfaceRecord;
use crate::impedance::Linearity;
use crate::measurement::MeasuredSpectrum;
use crate::observables::{Cycling, Gas, GasCurve, GasRecord, sampled};
use crate::record::{Products, RunRecord};
use crate::scenario::{Headspace, Scenario};
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
    /// Gas of the first cycle as a mass spectrometer behind the headspace samples it.
    pub gas: GasRecord,
    /// Degradation products at the end of every cycle, as surface analyses take them.
    pub surface: SurfaceRecord,
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
    let series = summary::series(record)?;
    let cycling = cycling(&series);
    let released = GASES.map(|(_, name)| real(&series, name));
    let products = summary::products(record)?;
    let cycles = record.cycles.iter().map(|cycle| cycle.cycle).collect();
    Ok(RunMeasurements {
        scenario_text: record.scenario_text.clone(),
        surface: surface(cycles, |name| real(&products, name), &record.scenario),
        gas: gas(&cycling, &released, &record.scenario.cell.headspace)?,
        cycling,
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
                linearity: s.linearity.clone(),
            })
            .collect(),
    })
}

/// Resistance of a cell of `area` m2, ohm, from ohm cm2.
fn separate(resistance: f64, area: f64) -> f64 {
    resistance / summary::ohm_square_centimetres(1.0) / area
}

/// The gases with the columns that hold what was released up to each time, umol/g.
const GASES: [(Gas, &str); 3] = [
    (Gas::Oxygen, "oxygen_gas"),
    (Gas::SulfurDioxide, "sulfur_dioxide_gas"),
    (Gas::CarbonDioxide, "carbon_dioxide_gas"),
];
/// Time between two samples of the mass spectrometer, s, and most samples.
const SAMPLING: f64 = 60.0;
const MOST_SAMPLES: f64 = 20_000.0;

/// Gas of the first cycle, sampled evenly; `released` in umol/g.
fn gas(
    cycling: &Cycling,
    released: &[Vec<f64>; 3],
    headspace: &Headspace,
) -> std::result::Result<GasRecord, ResultsError> {
    if cycling.time.is_empty() {
        return Ok(GasRecord::default());
    }
    let first = cycling.cycle.first();
    let count = cycling.cycle.partition_point(|c| Some(c) == first);
    // What the first time step released counts too: nothing had been before it.
    let from_zero = |values: &[f64]| -> Vec<f64> {
        let own = values.iter().take(count).copied();
        std::iter::once(0.0).chain(own).collect()
    };
    let knots = from_zero(&cycling.time);
    let end = knots[knots.len() - 1];
    let period = SAMPLING.max(end / MOST_SAMPLES);
    let time: Vec<f64> = (0..=(end / period) as usize)
        .map(|k| k as f64 * period)
        .collect();
    let curve = |((gas, _), released): (&(Gas, &str), &Vec<f64>)| {
        let amounts: Vec<f64> = from_zero(released).iter().map(|n| 1e-3 * n).collect();
        let rate = sampled(&knots, &amounts, headspace, &time)?;
        Ok::<_, ResultsError>(GasCurve { gas: *gas, rate })
    };
    let curves = GASES.iter().zip(released).map(curve);
    Ok(GasRecord {
        voltage: Some(time.iter().map(|t| voltage_at(cycling, *t)).collect()),
        curves: curves.collect::<std::result::Result<_, _>>()?,
        time,
    })
}

/// Voltage at a time, straight between samples, V.
fn voltage_at(cycling: &Cycling, time: f64) -> f64 {
    let after = cycling.time.partition_point(|t| *t < time);
    let after = after.min(cycling.time.len().saturating_sub(1));
    let before = after.saturating_sub(1);
    let (t, v) = (&cycling.time, &cycling.voltage);
    let length = t[after] - t[before];
    let share = match length > 0.0 {
        true => ((time - t[before]) / length).clamp(0.0, 1.0),
        false => 0.0,
    };
    v[before] + share * (v[after] - v[before])
}

/// Columns of the group `products` that surface analyses see: layers in nm, amounts in
/// umol/g.
const LAYERS: [&str; 2] = ["polysulfide_thickness", "oxygenated_thickness"];
const AMOUNTS: [&str; 5] = [
    "polysulfide_at_active",
    "polysulfide_at_carbon",
    "polysulfide_at_collector",
    "phosphate",
    "sulfate",
];

/// Products in SI from the columns of the table of products.
fn surface(
    cycle: Vec<u32>,
    column: impl Fn(&str) -> Vec<f64>,
    scenario: &Scenario,
) -> SurfaceRecord {
    let layers = LAYERS.map(&column);
    let amounts = AMOUNTS.map(&column);
    let nanometres = summary::nanometres(1.0);
    let specific = summary::specific_amount(1.0, scenario);
    let products = (0..cycle.len()).map(|k| {
        let [polysulfide_thickness, oxygenated_thickness] =
            [0, 1].map(|i: usize| layers[i][k] / nanometres);
        let [active, carbon, collector, phosphate, sulfate] =
            [0, 1, 2, 3, 4].map(|i: usize| amounts[i][k] / specific);
        Products {
            polysulfide_thickness,
            oxygenated_thickness,
            polysulfide_at_active: active,
            polysulfide_at_carbon: carbon,
            polysulfide_at_collector: collector,
            phosphate,
            sulfate,
            ..Products::default()
        }
    });
    SurfaceRecord {
        products: products.collect(),
        cycle,
        thickness: scenario.cathode_thickness(),
        sulfate_share: scenario.laws.oxygen.sulfate_share,
    }
}

fn real(table: &Table, name: &str) -> Vec<f64> {
    match column(table, name) {
        Some(Values::Real(values)) => values.clone(),
        _ => Vec::new(),
    }
}

fn cycling(series: &Table) -> Cycling {
    let real = |name: &str| real(series, name);
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

/// The measurements in the file of a run; `understand` is asked for the scenario once its
/// text is known.
///
/// # Errors
/// [`ResultsError`] if the file cannot be read or is of another layout, or what
/// `understand` says.
pub fn read_measurements<E: From<ResultsError>>(
    path: &Path,
    understand: impl FnOnce(&str) -> std::result::Result<Scenario, E>,
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
    let scenario = understand(&text)?;
    let (cycling, released, mut spectra) = contents(&file, scenario.cell.area).map_err(refused)?;
    give_linearity(&file, &mut spectra).map_err(refused)?;
    Ok(RunMeasurements {
        scenario_text: text.to_string(),
        gas: gas(&cycling, &released, &scenario.cell.headspace)?,
        surface: products(&file, &scenario).map_err(refused)?,
        cycling,
        spectra,
    })
}

/// The group `products`.
fn products(file: &File, scenario: &Scenario) -> Result<SurfaceRecord> {
    let group = file.group("products")?;
    let names = LAYERS.into_iter().chain(AMOUNTS);
    let columns = names
        .map(|name| Ok((name, read(&group, name)?)))
        .collect::<Result<Vec<_>>>()?;
    let find = |name: &str| {
        let found = columns.iter().find(|(n, _)| *n == name);
        found.map_or_else(Vec::new, |(_, values)| values.clone())
    };
    let cycles = read(&group, "cycle")?;
    let cycles = cycles.iter().map(|&cycle| cycle as u32).collect();
    Ok(surface(cycles, find, scenario))
}

/// Columns of a file that are read: cycling, gas released, spectra.
type Contents = (Cycling, [Vec<f64>; 3], Vec<MeasuredSpectrum>);

fn contents(file: &File, area: f64) -> Result<Contents> {
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
        GASES[0].1,
        GASES[1].1,
        GASES[2].1,
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
        GASES.map(|(_, name)| find(name)),
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
                linearity: Vec::new(),
            }
        })
        .collect())
}

/// The group `linearity`, given to the spectra of its cycles; runs without amplitudes do
/// not have it.
fn give_linearity(file: &File, spectra: &mut [MeasuredSpectrum]) -> Result<()> {
    if !file.link_exists(LINEARITY_GROUP) {
        return Ok(());
    }
    let group = file.group(LINEARITY_GROUP)?;
    let column = |name: &str| read(&group, name);
    let [cycle, frequency, amplitude] = [
        column("cycle")?,
        column("frequency_hertz")?,
        column("amplitude")?,
    ];
    let [deviation, second, third] = [
        column("deviation")?,
        column("second_harmonic")?,
        column("third_harmonic")?,
    ];
    for (k, &cycle) in cycle.iter().enumerate() {
        let own = spectra.iter_mut().find(|s| s.cycle == Some(cycle as u32));
        if let Some(spectrum) = own {
            spectrum.linearity.push(Linearity {
                frequency: frequency[k],
                amplitude: amplitude[k] / MILLIVOLTS,
                deviation: deviation[k],
                second: second[k],
                third: third[k],
            });
        }
    }
    Ok(())
}
