//! Figures of an analysis: spectra with their fits, distributions, differential
//! capacity, titration.

use super::super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::super::figures::impedance::frequency_hints;
use super::super::palette::{Colour, okabe_ito, sequential};
use crate::analysis::{Source, SpectrumReading};
use crate::impedance::DiffusionLengthDistribution;
use crate::results::summary::ohm_square_centimetres;
use num_complex::Complex64;

/// Most spectra in one figure; more would hide one another.
const MOST_SPECTRA: usize = 10;

/// Spectra to show with colour and label: evenly chosen, the first and the last among
/// them.
fn shown(sources: &[Source]) -> Vec<(&SpectrumReading, Colour, String)> {
    let named = sources.len() > 1;
    let all: Vec<(&SpectrumReading, String)> = sources
        .iter()
        .flat_map(|source| {
            source.spectra.iter().map(move |s| {
                let label = match (s.cycle, named) {
                    (Some(cycle), false) => cycle.to_string(),
                    (Some(cycle), true) => format!("{}, {cycle}", source.name),
                    (None, _) => source.name.clone(),
                };
                (s, label)
            })
        })
        .collect();
    let count = all.len().min(MOST_SPECTRA);
    let span = count.saturating_sub(1).max(1);
    (0..count)
        .map(|k| {
            let (spectrum, label) = &all[k * (all.len() - 1) / span];
            (*spectrum, sequential(k as f64 / span as f64), label.clone())
        })
        .collect()
}

fn plane(impedance: &[Complex64]) -> Vec<(f64, f64)> {
    impedance
        .iter()
        .map(|z| (ohm_square_centimetres(z.re), -ohm_square_centimetres(z.im)))
        .collect()
}

pub(super) fn spectra(sources: &[Source]) -> Vec<Figure> {
    let shown = shown(sources);
    let lengths =
        |name, title: &str, word: &str, of: Lengths| length_figure(&shown, name, (title, word), of);
    vec![
        nyquist(&shown),
        residuals(&shown),
        relaxation_times(&shown),
        lengths(
            "planar-lengths",
            "Diffusion lengths, planar elements",
            "Diffusion length",
            |s| s.planar_lengths.read(),
        ),
        lengths(
            "spherical-lengths",
            "Diffusion lengths, spheres",
            "Radius",
            |s| s.spherical_lengths.read(),
        ),
    ]
}

type Shown<'a> = [(&'a SpectrumReading, Colour, String)];
type Lengths = fn(&SpectrumReading) -> Option<&DiffusionLengthDistribution>;

fn nyquist(shown: &Shown<'_>) -> Figure {
    let mut series = Vec::new();
    for (spectrum, colour, label) in shown {
        let measured = Series::line(label.clone(), *colour, plane(&spectrum.cathode));
        let measured = measured.with_line(Line::None).with_marker(Marker::Dot);
        series.push(measured.with_hints(frequency_hints(&spectrum.frequency)));
        if let Some(fit) = spectrum.fitted_line() {
            series.push(Series::line("", *colour, plane(&fit)));
        }
    }
    let axis = |label: &str| Axis::new(label, "Ω cm²").showing(Range::WithZero);
    Figure {
        name: "analysis-nyquist",
        title: "Spectra and transmission line".into(),
        caption: "Points: spectra, without separator and anode where these are known. Lines: transmission line with one diffusion length.".into(),
        legend: "Spectrum",
        x: axis("Re Z"),
        panels: vec![Panel::new(axis("−Im Z"), series)],
        shape: Shape::EqualAxes,
    }
}

fn residuals(shown: &Shown<'_>) -> Figure {
    let part = |part: fn(&Complex64) -> f64, named: bool| -> Vec<Series> {
        shown
            .iter()
            .filter_map(|(spectrum, colour, label)| {
                let test = spectrum.kramers_kronig.read()?;
                let points = spectrum.frequency.iter().zip(&test.residual);
                let points = points.map(|(f, r)| (*f, 100.0 * part(r))).collect();
                let label = if named { label.clone() } else { String::new() };
                Some(Series::line(label, *colour, points))
            })
            .collect()
    };
    Figure {
        name: "kramers-kronig",
        title: "Kramers-Kronig test".into(),
        caption: "Residuals relative to the modulus. A trend over several points speaks of drift, non-linearity or error.".into(),
        legend: "Spectrum",
        x: Axis::new("Frequency", "Hz").logarithmic(),
        panels: vec![
            Panel::new(Axis::new("Residual of Re Z", "%"), part(|r| r.re, true)),
            Panel::new(Axis::new("Residual of Im Z", "%"), part(|r| r.im, false)),
        ],
        shape: Shape::Free,
    }
}

fn relaxation_times(shown: &Shown<'_>) -> Figure {
    let series = shown.iter().filter_map(|(spectrum, colour, label)| {
        let read = spectrum.relaxation_times.read()?;
        let points = read.time.iter().zip(&read.density);
        let points = points
            .map(|(t, d)| (*t, ohm_square_centimetres(*d)))
            .collect();
        Some(Series::line(label.clone(), *colour, points))
    });
    Figure {
        name: "relaxation-times",
        title: "Distribution of relaxation times".into(),
        caption: "Resistance per logarithm of the relaxation time, of the whole cell, beside a series resistance, inductance and capacitance.".into(),
        legend: "Spectrum",
        x: Axis::new("Relaxation time", "s").logarithmic(),
        panels: vec![Panel::new(
            Axis::new("Density", "Ω cm²").showing(Range::WithZero),
            series.collect(),
        )],
        shape: Shape::Free,
    }
}

fn length_figure(
    shown: &Shown<'_>,
    name: &'static str,
    (title, word): (&str, &str),
    of: Lengths,
) -> Figure {
    let curve = |value: fn(&DiffusionLengthDistribution, usize) -> f64, named: bool| {
        let series = shown.iter().filter_map(|(spectrum, colour, label)| {
            let read = of(spectrum)?;
            let points = (0..read.length.len()).map(|i| (1e6 * read.length[i], value(read, i)));
            let label = if named { label.clone() } else { String::new() };
            Some(Series::line(label, *colour, points.collect()))
        });
        series.collect::<Vec<Series>>()
    };
    let share = |label: &str| Axis::new(label, "").showing(Range::WithZero);
    Figure {
        name,
        title: title.into(),
        caption: "Regularised non-negative inversion of the diffusion tail with constant diffusivity; above the share of the capacitance in each class, below its sum.".into(),
        legend: "Spectrum",
        x: Axis::new(word, "µm").logarithmic(),
        panels: vec![
            Panel::new(share("Share"), curve(|d, i| d.weight[i], true)),
            Panel::new(share("Cumulative share"), curve(|d, i| d.cumulative[i], false)),
        ],
        shape: Shape::Free,
    }
}

pub(super) fn cycling(sources: &[Source]) -> Vec<Figure> {
    let mut figures = Vec::new();
    // One cycle makes no curve.
    if sources
        .iter()
        .flat_map(|s| &s.cycling)
        .any(|c| c.cycles.len() > 1)
    {
        figures.push(overpotentials(sources));
    }
    let mut curves = Vec::new();
    let all = || {
        sources
            .iter()
            .flat_map(|s| &s.cycling)
            .flat_map(|c| &c.differential)
    };
    let count = all()
        .filter(|d| d.charging)
        .count()
        .saturating_sub(1)
        .max(1);
    let mut index = 0;
    for read in all() {
        let colour = sequential(index as f64 / count as f64);
        let sign = if read.charging { 1.0 } else { -1.0 };
        let points = read.curve.voltage.iter().zip(&read.curve.capacity);
        let points = points.map(|(v, q)| (*v, sign * q / 3.6)).collect();
        let label = if read.charging {
            read.cycle.to_string()
        } else {
            String::new()
        };
        curves.push(Series::line(label, colour, points));
        if !read.charging {
            index += 1;
        }
    }
    figures.push(Figure {
        name: "differential-capacity",
        title: "Differential capacity".into(),
        caption: "dQ/dV of charge (up) and discharge (down) of chosen cycles, per cell.".into(),
        legend: "Cycle",
        x: Axis::new("Voltage", "V"),
        panels: vec![Panel::new(Axis::new("dQ/dV", "mAh V⁻¹"), curves)],
        shape: Shape::Free,
    });
    figures
}

fn overpotentials(sources: &[Source]) -> Figure {
    let named = |source: &Source, word: &str| match sources.len() {
        1 => word.to_owned(),
        _ => format!("{}, {word}", source.name),
    };
    let colours = [
        okabe_ito::BLUE,
        okabe_ito::VERMILLION,
        okabe_ito::GREEN,
        okabe_ito::PURPLE,
    ];
    let mut series = Vec::new();
    let with_cycling = sources
        .iter()
        .filter_map(|s| Some((s, s.cycling.as_ref()?)));
    for ((source, cycling), colour) in with_cycling.zip(colours.into_iter().cycle()) {
        let of = |value: fn(&crate::analysis::CycleReading) -> Option<f64>| {
            let points = cycling.cycles.iter();
            let points = points.map(|c| {
                (
                    f64::from(c.sums.cycle),
                    value(c).map_or(f64::NAN, |v| 1e3 * v.abs()),
                )
            });
            points.collect::<Vec<_>>()
        };
        let charge = of(|c| c.overpotential_charged);
        series
            .push(Series::line(named(source, "charge"), colour, charge).with_marker(Marker::Disc));
        let discharge = of(|c| c.overpotential_discharged);
        let discharge = Series::line(named(source, "discharge"), colour, discharge);
        series.push(discharge.with_line(Line::Dashed).with_marker(Marker::Ring));
    }
    Figure {
        name: "overpotentials",
        title: "Overpotential after 1 h of relaxation".into(),
        caption: "Voltage at the end of the load less the voltage an hour later, modulus.".into(),
        legend: "",
        x: Axis::new("Cycle number", "")
            .counting()
            .showing(Range::WithZero),
        panels: vec![Panel::new(
            Axis::new("Overpotential", "mV").showing(Range::WithZero),
            series,
        )],
        shape: Shape::Free,
    }
}

pub(super) fn titration(sources: &[Source]) -> Vec<Figure> {
    let pulses: Vec<_> = sources
        .iter()
        .flat_map(|s| &s.cycling)
        .flat_map(|c| &c.titration)
        .collect();
    let curve = |charging: bool, value: &dyn Fn(&crate::observables::Pulse) -> f64| {
        let own = pulses.iter().filter(|p| (p.charge > 0.0) == charging);
        let points = own.map(|p| (p.relaxed, value(p))).collect();
        let (label, colour) = if charging {
            ("charge", okabe_ito::BLUE)
        } else {
            ("discharge", okabe_ito::VERMILLION)
        };
        Series::line(label, colour, points).with_marker(Marker::Dot)
    };
    let both = |value: &dyn Fn(&crate::observables::Pulse) -> f64| {
        [true, false].map(|c| curve(c, value)).to_vec()
    };
    let charge = both(&|p| p.charge.abs() / 3.6);
    let diffusivity = both(&|p| p.diffusivity.map_or(f64::NAN, |d| 1e4 * d));
    let figure = |name, title: &str, caption: &str, panel| Figure {
        name,
        title: title.into(),
        caption: caption.into(),
        legend: "",
        x: Axis::new("Pseudo open-circuit voltage", "V"),
        panels: vec![panel],
        shape: Shape::Free,
    };
    vec![
        figure(
            "pseudo-open-circuit",
            "Pseudo open-circuit voltage and charge",
            "Charge passed since the titration began, against the voltage at the end of the rest after every pulse.",
            Panel::new(Axis::new("Charge", "mAh"), charge),
        ),
        figure(
            "polarisation",
            "Polarisation",
            "Voltage at the end of every pulse less that at the end of the rest after it, modulus.",
            Panel::new(
                Axis::new("Polarisation", "mV").showing(Range::WithZero),
                both(&|p| 1e3 * p.polarisation.abs()),
            ),
        ),
        figure(
            "apparent-diffusivity",
            "Apparent diffusivity",
            "By Weppner and Huggins, with volume over surface of the particles as length.",
            Panel::new(Axis::new("D", "cm² s⁻¹").logarithmic(), diffusivity),
        ),
    ]
}
