//! Tables of an analysis.

use super::super::html::escape;
use super::super::tables::{NOTHING, number, percent, table};
use crate::analysis::{CycleReading, Outcome, Source, SpectrumReading};
use crate::impedance::{DISTORTION, LINEAR};
use crate::results::analysis::CONFIDENCE;
use crate::results::summary::ohm_square_centimetres;

/// A value with half its confidence interval.
fn with_interval(value: f64, standard_error: f64) -> String {
    let half = CONFIDENCE * standard_error;
    if half.is_finite() {
        format!("{} ± {}", number(value, 3), number(half, 2))
    } else {
        format!("{} (not determined)", number(value, 3))
    }
}

/// Resistance in ohm cm2.
fn resistance(value: f64, standard_error: f64) -> String {
    with_interval(
        ohm_square_centimetres(value),
        ohm_square_centimetres(standard_error),
    )
}

fn or_nothing<T>(outcome: &Outcome<T>, text: impl Fn(&T) -> String) -> String {
    outcome.read().map_or_else(|| NOTHING.to_owned(), text)
}

type Row<'a> = (&'a str, &'a SpectrumReading);

/// Tables of all spectra.
pub(super) fn spectra(sources: &[Source]) -> String {
    let rows: Vec<Row<'_>> = sources
        .iter()
        .flat_map(|source| source.spectra.iter().map(|s| (source.name.as_str(), s)))
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    line(&rows) + &lengths(&rows) + &circuit(&rows) + &linearity(&rows) + &reasons(&rows)
}

/// Answers to sines of finite amplitude; empty where none was stated.
fn linearity(rows: &[Row<'_>]) -> String {
    let all = rows
        .iter()
        .flat_map(|row| row.1.linearity.iter().map(move |own| (row, own)));
    let cells: Vec<Vec<String>> = all
        .map(|(row, own)| {
            let mut cells = names(row);
            cells.extend([
                number(1e3 * own.amplitude, 3),
                number(own.frequency, 3),
                percent(own.deviation, 2),
                percent(own.second, 2),
                percent(own.third, 2),
                if own.is_linear() { "yes" } else { "no" }.to_owned(),
            ]);
            cells
        })
        .collect();
    if cells.is_empty() {
        return String::new();
    }
    let headings = [
        "Spectrum",
        "Cycle",
        "Amplitude (mV)",
        "at (Hz)",
        "Deviation of |Z|",
        "Second harmonic",
        "Third harmonic",
        "Linear",
    ];
    format!(
        "<h3>Sines of finite amplitude</h3>\n<p>Simulated in time at the lowest frequency of each amplitude; linear: |Z| within {} of that of an infinitesimal sine, harmonics of the current below {}.</p>\n{}",
        percent(LINEAR, 2),
        percent(DISTORTION, 2),
        table("wide", &headings, &cells)
    )
}

fn names((name, spectrum): &Row<'_>) -> Vec<String> {
    let cycle = spectrum
        .cycle
        .map_or_else(|| NOTHING.to_owned(), |c| c.to_string());
    vec![(*name).to_owned(), cycle]
}

fn line(rows: &[Row<'_>]) -> String {
    let headings = [
        "Spectrum",
        "Cycle",
        "KK residual",
        "R_ion (Ω cm²)",
        "R_ele, known (Ω cm²)",
        "R_ct (Ω cm²)",
        "R_cathode = √(R_ct (R_ion + R_ele))",
        "R, direct current (Ω cm²)",
        "L (µm)",
        "Residual",
    ];
    let rows = rows.iter().map(|row| {
        let spectrum = row.1;
        let fit = &spectrum.transmission_line;
        let mut cells = names(row);
        cells.push(or_nothing(&spectrum.kramers_kronig, |k| {
            percent(k.largest, 2)
        }));
        cells.extend([
            or_nothing(fit, |f| {
                resistance(
                    f.circuit.ionic_resistance,
                    f.standard_errors.ionic_resistance,
                )
            }),
            or_nothing(fit, |f| {
                number(ohm_square_centimetres(f.circuit.electronic_resistance), 3)
            }),
            or_nothing(fit, |f| {
                resistance(
                    f.circuit.charge_transfer_resistance,
                    f.standard_errors.charge_transfer_resistance,
                )
            }),
            or_nothing(fit, |f| {
                resistance(
                    f.cathode_resistance.value,
                    f.cathode_resistance.standard_error,
                )
            }),
            or_nothing(fit, |f| {
                let estimate = f.direct_current_resistance;
                resistance(estimate.value, estimate.standard_error)
            }),
            or_nothing(fit, |f| {
                let error = f.standard_errors.diffusion_length;
                with_interval(1e6 * f.circuit.diffusion.length, 1e6 * error)
            }),
            or_nothing(fit, |f| percent(f.residual, 2)),
        ]);
        cells
    });
    let rows: Vec<Vec<String>> = rows.collect();
    format!(
        "<h3>Transmission line, one diffusion length</h3>\n{}",
        table("wide", &headings, &rows)
    )
}

fn lengths(rows: &[Row<'_>]) -> String {
    let headings = [
        "Spectrum",
        "Cycle",
        "L, planar: median (µm)",
        "mean (µm)",
        "R_ion (Ω cm²)",
        "R_ct (Ω cm²)",
        "R_cathode (Ω cm²)",
        "Residual",
        "Radius, spheres: median (µm)",
        "mean (µm)",
        "Residual",
    ];
    let rows = rows.iter().map(|row| {
        let (planar, spheres) = (&row.1.planar_lengths, &row.1.spherical_lengths);
        let mut cells = names(row);
        let area = |value: f64| number(ohm_square_centimetres(value), 3);
        cells.extend([
            or_nothing(planar, |d| number(1e6 * d.median, 3)),
            or_nothing(planar, |d| number(1e6 * d.mean, 3)),
            or_nothing(planar, |d| area(d.circuit.ionic_resistance)),
            or_nothing(planar, |d| area(d.circuit.charge_transfer_resistance)),
            or_nothing(planar, |d| area(d.circuit.cathode_resistance())),
            or_nothing(planar, |d| percent(d.residual, 2)),
            or_nothing(spheres, |d| number(1e6 * d.median, 3)),
            or_nothing(spheres, |d| number(1e6 * d.mean, 3)),
            or_nothing(spheres, |d| percent(d.residual, 2)),
        ]);
        cells
    });
    let rows: Vec<Vec<String>> = rows.collect();
    format!("<h3>EIS-PSD</h3>\n{}", table("wide", &headings, &rows))
}

fn circuit(rows: &[Row<'_>]) -> String {
    let headings = [
        "Spectrum",
        "Cycle",
        "R_bulk + R_GB (Ω cm²)",
        "R_CAM|SE (Ω cm²)",
        "at (Hz)",
        "Tail exponent",
        "Residual",
        "Largest relaxations: R (Ω cm²) at τ (s)",
    ];
    let rows = rows.iter().map(|row| {
        let fit = &row.1.equivalent_circuit;
        let mut cells = names(row);
        cells.extend([
            or_nothing(fit, |f| {
                resistance(
                    f.separator_resistance.value,
                    f.separator_resistance.standard_error,
                )
            }),
            or_nothing(fit, |f| {
                resistance(
                    f.circuit.interface.resistance,
                    f.standard_errors.interface.resistance,
                )
            }),
            or_nothing(fit, |f| {
                let time = f.circuit.interface.time_constant;
                number(1.0 / (std::f64::consts::TAU * time), 3)
            }),
            or_nothing(fit, |f| {
                with_interval(f.circuit.tail.exponent, f.standard_errors.tail.exponent)
            }),
            or_nothing(fit, |f| percent(f.residual, 2)),
            or_nothing(&row.1.relaxation_times, |r| {
                let mut peaks = r.peaks.clone();
                peaks.sort_by(|a, b| b.resistance.total_cmp(&a.resistance));
                peaks.truncate(MOST_PEAKS);
                let words = peaks.iter().map(|peak| {
                    let resistance = ohm_square_centimetres(peak.resistance);
                    format!("{} at {}", number(resistance, 3), number(peak.time, 2))
                });
                words.collect::<Vec<_>>().join("; ")
            }),
        ]);
        cells
    });
    let rows: Vec<Vec<String>> = rows.collect();
    format!(
        "<h3>Equivalent circuit and relaxation times, whole cell</h3>\n{}",
        table("wide", &headings, &rows)
    )
}

/// Relaxations named in the table; the others are in the figure and the CSV file.
const MOST_PEAKS: usize = 3;

/// Why something is missing, each reason once.
fn reasons(rows: &[Row<'_>]) -> String {
    let mut reasons: Vec<String> = rows
        .iter()
        .flat_map(|(name, s)| {
            let found = [
                ("Kramers-Kronig test", s.kramers_kronig.reason()),
                ("transmission line", s.transmission_line.reason()),
                ("EIS-PSD", s.planar_lengths.reason()),
                ("EIS-PSD with spheres", s.spherical_lengths.reason()),
                ("relaxation times", s.relaxation_times.reason()),
                ("equivalent circuit", s.equivalent_circuit.reason()),
            ];
            found.map(|(what, reason)| reason.map(|r| format!("{name}: no {what}: {r}")))
        })
        .flatten()
        .collect();
    reasons.dedup();
    let items = reasons.iter().map(|r| format!("<li>{}</li>\n", escape(r)));
    match reasons.is_empty() {
        true => String::new(),
        false => format!("<ul>\n{}</ul>\n", items.collect::<String>()),
    }
}

/// Most cycles in the table; all are in the CSV file.
const MOST_CYCLES: usize = 20;

/// Table of the cycles of all records.
pub(super) fn cycling(sources: &[Source]) -> String {
    let with_cycling = sources
        .iter()
        .filter_map(|s| Some((s, s.cycling.as_ref()?)));
    let mut text = String::new();
    for (source, cycling) in with_cycling {
        let every = cycling.cycles.len().div_ceil(MOST_CYCLES).max(1);
        let last = cycling.cycles.len().saturating_sub(1);
        let rows: Vec<Vec<String>> = cycling
            .cycles
            .iter()
            .enumerate()
            .filter(|(k, _)| k % every == 0 || *k == last)
            .map(|(_, cycle)| cycle_row(cycle))
            .collect();
        text += &format!("<h3>{}</h3>\n", escape(&source.name));
        text += &table("wide", &CYCLE_HEADINGS, &rows);
        text += &decay(cycling);
    }
    text
}

const CYCLE_HEADINGS: [&str; 10] = [
    "Cycle",
    "Charge (mAh)",
    "Discharge (mAh)",
    "Coulombic efficiency",
    "Energy efficiency",
    "Relaxed, charged (V)",
    "Relaxed, discharged (V)",
    "Active mass",
    "Overpotential of charge, 1 h (mV)",
    "of discharge (mV)",
];

fn cycle_row(cycle: &CycleReading) -> Vec<String> {
    let sums = &cycle.sums;
    let or = |value: Option<f64>, digits| number(value.unwrap_or(f64::NAN), digits);
    let share = |value: Option<f64>| percent(value.unwrap_or(f64::NAN), 4);
    let millivolts = |value: Option<f64>| or(value.map(|v| 1e3 * v), 3);
    vec![
        sums.cycle.to_string(),
        number(sums.charge / 3.6, 4),
        number(sums.discharge / 3.6, 4),
        share(sums.coulombic_efficiency()),
        share(sums.energy_efficiency()),
        or(sums.relaxed_charged, 5),
        or(sums.relaxed_discharged, 5),
        or_nothing(&cycle.active_share, |v| percent(*v, 4)),
        millivolts(cycle.overpotential_charged),
        millivolts(cycle.overpotential_discharged),
    ]
}

fn decay(cycling: &crate::analysis::CyclingReading) -> String {
    if cycling.decay.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = cycling
        .decay
        .iter()
        .take(MOST_CYCLES)
        .map(|d| {
            vec![
                d.cycle.to_string(),
                number(d.voltage, 4),
                percent(d.share, 2),
                number(d.time.map_or(f64::NAN, |t| t / 3600.0), 3),
            ]
        })
        .collect();
    let headings = [
        "Cycle",
        "Held at (V)",
        "Share of the current",
        "Reached after (h)",
    ];
    format!(
        "<h3>Decay of the current while held</h3>\n{}",
        table("wide", &headings, &rows)
    )
}
