//! Tables of what the analyses read, and all of it as JSON.

use super::csv::render;
use super::summary::{MILLIVOLTS, ohm_square_centimetres};
use super::table::{Column, Table};
use super::{ResultsError, publish};
use crate::analysis::{Outcome, Source, SpectrumReading};
use crate::impedance::{DiffusionLengthDistribution, Linearity, TransmissionLineFit};
use std::path::{Path, PathBuf};

mod instruments;

/// Name of the directory of analyses in a results directory.
pub const ANALYSIS_NAME: &str = "analysis";
/// Half width of a 95 % confidence interval in standard errors, for many more numbers
/// measured than fitted.
pub const CONFIDENCE: f64 = 1.96;
/// C in one mAh.
const MILLIAMPERE_HOUR: f64 = 3.6;
/// J in one mWh.
const MILLIWATT_HOUR: f64 = 3.6;

/// Writes `readings.json` and a CSV file for everything that was read into `directory`,
/// which is made if it is missing.
///
/// # Errors
/// [`ResultsError`] when a file cannot be written.
pub fn write(sources: &[Source], directory: &Path) -> Result<Vec<PathBuf>, ResultsError> {
    let file = |path: &Path, source| ResultsError::File {
        path: path.to_path_buf(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(|e| file(directory, e))?;
    let mut written = Vec::new();
    let mut put = |name: &str, text: &str| {
        let path = directory.join(name);
        publish(&path, text.as_bytes()).map_err(|e| file(&path, e))?;
        written.push(path);
        Ok::<(), ResultsError>(())
    };
    let json = serde_json::to_string_pretty(sources)
        .map_err(|e| file(directory, std::io::Error::other(e)))?;
    put("readings.json", &json)?;
    for (name, table) in [
        ("spectra.csv", spectra(sources)?),
        ("relaxation-times.csv", relaxation_times(sources)?),
        ("diffusion-lengths.csv", diffusion_lengths(sources)?),
        ("linearity.csv", linearity(sources)?),
        ("cycles.csv", cycles(sources)?),
        ("differential-capacity.csv", differential(sources)?),
        ("titration.csv", titration(sources)?),
        ("decay-times.csv", decay(sources)?),
        ("gas.csv", instruments::gas(sources)?),
        ("gas-curves.csv", instruments::gas_curves(sources)?),
        ("photoelectrons.csv", instruments::photoelectrons(sources)?),
        ("tof-sims.csv", instruments::intensities(sources)?),
        ("tof-sims-measured.csv", instruments::fragments(sources)?),
        ("xps-measured.csv", instruments::components(sources)?),
        ("coatings-measured.csv", instruments::films(sources)?),
    ] {
        if table.rows() > 0 {
            put(name, &render(&table))?;
        }
    }
    Ok(written)
}

/// Rows of which each belongs to a source.
struct Rows<'a, T> {
    rows: Vec<(&'a str, T)>,
}

impl<'a, T> Rows<'a, T> {
    fn new<I: IntoIterator<Item = T>>(sources: &'a [Source], of: impl Fn(&'a Source) -> I) -> Self {
        let rows = sources.iter().flat_map(|source| {
            of(source)
                .into_iter()
                .map(|row| (source.name.as_str(), row))
        });
        Self {
            rows: rows.collect(),
        }
    }

    fn source(&self) -> Column {
        Column::text(
            "source",
            "Source",
            self.rows
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        )
    }

    fn real(
        &self,
        name: &'static str,
        label: &'static str,
        unit: &'static str,
        value: impl Fn(&T) -> f64,
    ) -> Column {
        Column::real(
            name,
            label,
            unit,
            self.rows.iter().map(|(_, row)| value(row)).collect(),
        )
    }

    fn word(&self, name: &'static str, label: &'static str, value: impl Fn(&T) -> &str) -> Column {
        let words = self.rows.iter().map(|(_, row)| value(row).to_owned());
        Column::text(name, label, words.collect())
    }
}

fn cycle_of(spectrum: &SpectrumReading) -> f64 {
    spectrum.cycle.map_or(f64::NAN, f64::from)
}

fn of<T>(outcome: &Outcome<T>, value: impl Fn(&T) -> f64) -> f64 {
    outcome.read().map_or(f64::NAN, value)
}

/// One row per spectrum; `95 %` columns are half widths of confidence intervals.
#[rustfmt::skip]
fn spectra(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| &s.spectra);
    let area = ohm_square_centimetres(1.0);
    let line = |name, label, value: fn(&TransmissionLineFit) -> f64| {
        rows.real(name, label, "ohm cm2", move |s| of(&s.transmission_line, |f| area * value(f)))
    };
    let planar = |name, label, unit, factor: f64, value: fn(&DiffusionLengthDistribution) -> f64| {
        rows.real(name, label, unit, move |s| of(&s.planar_lengths, |d| factor * value(d)))
    };
    let spherical = |name, label, unit, factor: f64, value: fn(&DiffusionLengthDistribution) -> f64| {
        rows.real(name, label, unit, move |s| of(&s.spherical_lengths, |d| factor * value(d)))
    };
    let circuit = |name, label, value: fn(&crate::impedance::EquivalentCircuitFit) -> f64| {
        rows.real(name, label, "ohm cm2", move |s| of(&s.equivalent_circuit, |f| area * value(f)))
    };
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |s| cycle_of(s)),
        rows.real("voltage_volt", "Voltage", "V", |s| s.voltage.unwrap_or(f64::NAN)),
        rows.real("kramers_kronig_largest", "Largest Kramers-Kronig Residual", "1", |s| of(&s.kramers_kronig, |k| k.largest)),
        rows.real("kramers_kronig_noise", "Noise By Kramers-Kronig Residuals", "1", |s| of(&s.kramers_kronig, |k| k.noise)),
        line("line_ionic_resistance", "Line: Ionic Resistance", |f| f.circuit.ionic_resistance),
        line("line_ionic_resistance_95", "Line: Ionic Resistance 95 %", |f| CONFIDENCE * f.standard_errors.ionic_resistance),
        line("line_charge_transfer_resistance", "Line: Charge-Transfer Resistance", |f| f.circuit.charge_transfer_resistance),
        line("line_charge_transfer_resistance_95", "Line: Charge-Transfer Resistance 95 %", |f| CONFIDENCE * f.standard_errors.charge_transfer_resistance),
        line("line_electronic_resistance", "Line: Electronic Resistance (As Known)", |f| f.circuit.electronic_resistance),
        line("line_cathode_resistance", "Line: Cathode Resistance (Geometric Mean)", |f| f.cathode_resistance.value),
        line("line_cathode_resistance_95", "Line: Cathode Resistance 95 %", |f| CONFIDENCE * f.cathode_resistance.standard_error),
        line("line_direct_current_resistance", "Line: Direct-Current Resistance", |f| f.direct_current_resistance.value),
        line("line_direct_current_resistance_95", "Line: Direct-Current Resistance 95 %", |f| CONFIDENCE * f.direct_current_resistance.standard_error),
        rows.real("line_diffusion_length", "Line: Diffusion Length", "um", |s| of(&s.transmission_line, |f| 1e6 * f.circuit.diffusion.length)),
        rows.real("line_diffusion_length_95", "Line: Diffusion Length 95 %", "um", |s| of(&s.transmission_line, |f| 1e6 * CONFIDENCE * f.standard_errors.diffusion_length)),
        rows.real("line_residual", "Line: Relative Residual", "1", |s| of(&s.transmission_line, |f| f.residual)),
        planar("planar_diffusion_length", "EIS-PSD Planar: Median Length", "um", 1e6, |d| d.median),
        planar("planar_mean_length", "EIS-PSD Planar: Mean Length", "um", 1e6, |d| d.mean),
        planar("planar_total", "EIS-PSD Planar: Share Of C_diff", "1", 1.0, |d| d.total),
        planar("planar_ionic_resistance", "EIS-PSD Planar: Ionic Resistance", "ohm cm2", area, |d| d.circuit.ionic_resistance),
        planar("planar_charge_transfer_resistance", "EIS-PSD Planar: Charge-Transfer Resistance", "ohm cm2", area, |d| d.circuit.charge_transfer_resistance),
        planar("planar_cathode_resistance", "EIS-PSD Planar: Cathode Resistance (Geometric Mean)", "ohm cm2", area, |d| d.circuit.cathode_resistance()),
        planar("planar_direct_current_resistance", "EIS-PSD Planar: Direct-Current Resistance", "ohm cm2", area, |d| d.circuit.direct_current_resistance()),
        planar("planar_residual", "EIS-PSD Planar: Relative Residual", "1", 1.0, |d| d.residual),
        spherical("spherical_radius", "EIS-PSD Spherical: Median Radius", "um", 1e6, |d| d.median),
        spherical("spherical_mean_radius", "EIS-PSD Spherical: Mean Radius", "um", 1e6, |d| d.mean),
        spherical("spherical_total", "EIS-PSD Spherical: Share Of C_diff", "1", 1.0, |d| d.total),
        spherical("spherical_direct_current_resistance", "EIS-PSD Spherical: Direct-Current Resistance", "ohm cm2", area, |d| d.circuit.direct_current_resistance()),
        circuit("circuit_bulk_resistance", "Circuit: Bulk Resistance", |f| f.circuit.bulk_resistance),
        circuit("circuit_grain_boundary_resistance", "Circuit: Grain-Boundary Resistance", |f| f.circuit.grain_boundary.resistance),
        circuit("circuit_separator_resistance_95", "Circuit: Bulk And Grain-Boundary Resistance 95 %", |f| CONFIDENCE * f.separator_resistance.standard_error),
        circuit("circuit_interface_resistance", "Circuit: Interface Resistance", |f| f.circuit.interface.resistance),
        circuit("circuit_interface_resistance_95", "Circuit: Interface Resistance 95 %", |f| CONFIDENCE * f.standard_errors.interface.resistance),
        rows.real("circuit_residual", "Circuit: Relative Residual", "1", |s| of(&s.equivalent_circuit, |f| f.residual)),
    ])
}

fn relaxation_times(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| {
        s.spectra.iter().flat_map(|spectrum| {
            let read = spectrum.relaxation_times.read();
            read.into_iter().flat_map(move |r| {
                let points = r.time.iter().zip(&r.density);
                points.map(move |(time, density)| (spectrum, *time, *density))
            })
        })
    });
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |r| cycle_of(r.0)),
        rows.real("relaxation_time", "Relaxation Time", "s", |r| r.1),
        rows.real("density", "Resistance Per Ln Tau", "ohm cm2", |r| {
            ohm_square_centimetres(r.2)
        }),
    ])
}

fn diffusion_lengths(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| {
        s.spectra.iter().flat_map(|spectrum| {
            let both = [
                ("planar", &spectrum.planar_lengths),
                ("spherical", &spectrum.spherical_lengths),
            ];
            both.into_iter().flat_map(move |(shape, outcome)| {
                outcome
                    .read()
                    .into_iter()
                    .flat_map(move |d| (0..d.length.len()).map(move |i| (spectrum, shape, d, i)))
            })
        })
    });
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |r| cycle_of(r.0)),
        rows.word("geometry", "Geometry", |r| r.1),
        rows.real("length", "Length", "um", |r| 1e6 * r.2.length[r.3]),
        rows.real("share", "Share Of C_diff", "1", |r| r.2.weight[r.3]),
        rows.real("cumulative", "Cumulative Share", "1", |r| {
            r.2.cumulative[r.3]
        }),
    ])
}

/// One row per amplitude of every spectrum that has them.
#[rustfmt::skip]
fn linearity(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| {
        s.spectra.iter().flat_map(|s| s.linearity.iter().map(move |l| (s, *l)))
    });
    let real = |name, label, unit, value: fn(&Linearity) -> f64| rows.real(name, label, unit, move |r| value(&r.1));
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |r| cycle_of(r.0)),
        real("frequency_hertz", "Frequency", "Hz", |l| l.frequency),
        real("amplitude", "Amplitude", "mV", |l| MILLIVOLTS * l.amplitude),
        real("deviation", "Relative Deviation Of Impedance", "1", |l| l.deviation),
        real("second_harmonic", "Second Harmonic Over Fundamental", "1", |l| l.second),
        real("third_harmonic", "Third Harmonic Over Fundamental", "1", |l| l.third),
    ])
}

#[rustfmt::skip]
fn cycles(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| s.cycling.iter().flat_map(|c| &c.cycles));
    let or_nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |c| f64::from(c.sums.cycle)),
        rows.real("charge_capacity", "Charge Capacity", "mAh", |c| c.sums.charge / MILLIAMPERE_HOUR),
        rows.real("discharge_capacity", "Discharge Capacity", "mAh", |c| c.sums.discharge / MILLIAMPERE_HOUR),
        rows.real("charge_energy", "Charge Energy", "mWh", |c| c.sums.energy_in / MILLIWATT_HOUR),
        rows.real("discharge_energy", "Discharge Energy", "mWh", |c| c.sums.energy_out / MILLIWATT_HOUR),
        rows.real("coulombic_efficiency", "Coulombic Efficiency", "1", |c| or_nan(c.sums.coulombic_efficiency())),
        rows.real("energy_efficiency", "Energy Efficiency", "1", |c| or_nan(c.sums.energy_efficiency())),
        rows.real("relaxed_voltage_charged", "Relaxed Voltage After Charge", "V", |c| or_nan(c.sums.relaxed_charged)),
        rows.real("relaxed_voltage_discharged", "Relaxed Voltage After Discharge", "V", |c| or_nan(c.sums.relaxed_discharged)),
        rows.real("active_mass_apparent", "Apparent Active Mass Fraction", "1", |c| of(&c.active_share, |v| *v)),
        rows.real("overpotential_charged", "Overpotential Of Charge After 1 h", "V", |c| or_nan(c.overpotential_charged)),
        rows.real("overpotential_discharged", "Overpotential Of Discharge After 1 h", "V", |c| or_nan(c.overpotential_discharged)),
    ])
}

fn differential(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| {
        let curves = s.cycling.iter().flat_map(|c| &c.differential);
        curves.flat_map(|d| (0..d.curve.voltage.len()).map(move |i| (d, i)))
    });
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |r| f64::from(r.0.cycle)),
        rows.word("direction", "Direction", |r| {
            if r.0.charging { "charge" } else { "discharge" }
        }),
        rows.real("voltage_volt", "Voltage", "V", |r| r.0.curve.voltage[r.1]),
        rows.real(
            "differential_capacity",
            "Differential Capacity",
            "mAh V-1",
            |r| r.0.curve.capacity[r.1] / MILLIAMPERE_HOUR,
        ),
    ])
}

#[rustfmt::skip]
fn titration(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| s.cycling.iter().flat_map(|c| &c.titration));
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |p| f64::from(p.cycle)),
        rows.real("charge", "Charge Since Start", "mAh", |p| p.charge / MILLIAMPERE_HOUR),
        rows.real("duration", "Pulse Duration", "s", |p| p.duration),
        rows.real("pseudo_open_circuit", "Pseudo Open-Circuit Voltage", "V", |p| p.relaxed),
        rows.real("polarisation", "Polarisation", "V", |p| p.polarisation),
        rows.real("fast_drop", "Fast Drop", "V", |p| p.fast_drop),
        rows.real("diffusivity", "Apparent Diffusivity", "m2 s-1", |p| p.diffusivity.unwrap_or(f64::NAN)),
    ])
}

fn decay(sources: &[Source]) -> Result<Table, ResultsError> {
    let rows = Rows::new(sources, |s| s.cycling.iter().flat_map(|c| &c.decay));
    Table::new(vec![
        rows.source(),
        rows.real("cycle_count", "Cycle Count", "1", |d| f64::from(d.cycle)),
        rows.real("voltage_volt", "Voltage", "V", |d| d.voltage),
        rows.real("share", "Share Of Current", "1", |d| d.share),
        rows.real("time", "Time To That Share", "s", |d| {
            d.time.unwrap_or(f64::NAN)
        }),
    ])
}
