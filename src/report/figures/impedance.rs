//! Spectra, and resistances and diffusion lengths read from them.

use super::super::figure::{Annotation, Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::super::palette::{Colour, okabe_ito, sequential};
use super::{as_truth, from_zero, over_cycles};
use crate::record::{RunRecord, Spectrum, SpectrumAnalysis};
use crate::results::summary::ohm_square_centimetres;

pub(super) fn figures(record: &RunRecord) -> Vec<Figure> {
    vec![
        nyquist(record),
        nyquist_zoom(record),
        bode(record),
        cathode_resistance(record),
        partial_resistances(record),
        diffusion_length(record),
    ]
}

/// Spectra with their colours and labels.
fn coloured(record: &RunRecord) -> Vec<(&Spectrum, Colour, String)> {
    let span = record.spectra.len().saturating_sub(1).max(1) as f64;
    let spectra = record.spectra.iter().enumerate();
    spectra
        .map(|(i, s)| (s, sequential(i as f64 / span), s.cycle.to_string()))
        .collect()
}

/// (Re Z, -Im Z) in ohm cm2.
fn plane(spectrum: &Spectrum) -> Vec<(f64, f64)> {
    let points = spectrum.impedance.iter();
    points
        .map(|z| (ohm_square_centimetres(z.re), -ohm_square_centimetres(z.im)))
        .collect()
}

fn nyquist(record: &RunRecord) -> Figure {
    let mut series = Vec::new();
    for (spectrum, colour, label) in coloured(record) {
        let points = plane(spectrum);
        let marked = decades(spectrum).map(|(index, _)| points[index]).collect();
        let words = decades(spectrum).map(|(_, exponent)| frequency_word(exponent));
        let line = Series::line(label, colour, points).with_marker(Marker::Dot);
        series.push(line.with_hints(frequency_hints(&spectrum.frequency)));
        let marks = Series::line("", colour, marked).with_line(Line::None);
        let marks = marks.with_marker(Marker::Disc);
        series.push(marks.with_hints(words.collect()));
    }
    let panel = Panel {
        y: imaginary_axis().showing(Range::WithZero),
        series,
        annotations: record
            .spectra
            .last()
            .map(frequency_words)
            .unwrap_or_default(),
    };
    Figure {
        name: "nyquist",
        title: "Impedance (Nyquist plot)".into(),
        caption: caption(record, "Large points mark whole decades of frequency."),
        legend: "Cycle",
        x: real_axis().showing(Range::WithZero),
        panels: vec![panel],
        shape: Shape::EqualAxes,
    }
}

fn nyquist_zoom(record: &RunRecord) -> Figure {
    let mut figure = nyquist(record);
    let (mut right, mut high) = (0.0_f64, 0.0_f64);
    for spectrum in &record.spectra {
        let points = plane(spectrum);
        let arcs = &points[..=arc_end(&points)];
        right = arcs.iter().map(|p| p.0).fold(right, f64::max);
        high = arcs.iter().map(|p| p.1).fold(high, f64::max);
    }
    figure.name = "nyquist-zoom";
    figure.title = "Impedance at high frequency".into();
    figure.caption = "The same spectra up to the foot of the diffusion branch.".into();
    if right > 0.0 && high > 0.0 {
        figure.x.range = Range::Fixed(0.0, 1.15 * right);
        figure.panels[0].y.range = Range::Fixed(0.0, 1.25 * high);
    }
    figure
}

/// Where the arcs end and the diffusion branch begins: the last minimum of
/// -Im Z before it rises for good; the last point if it never does.
fn arc_end(points: &[(f64, f64)]) -> usize {
    let last = points.len().saturating_sub(1);
    let rising = points
        .windows(2)
        .rev()
        .take_while(|pair| pair[1].1 > pair[0].1)
        .count();
    if rising == last { last } else { last - rising }
}

fn bode(record: &RunRecord) -> Figure {
    let curve = |value: &dyn Fn(usize, &Spectrum) -> f64, named: bool| -> Vec<Series> {
        let curves = coloured(record)
            .into_iter()
            .map(|(spectrum, colour, label)| {
                let frequencies = spectrum.frequency.iter().take(spectrum.impedance.len());
                let points = frequencies
                    .enumerate()
                    .map(|(i, f)| (*f, value(i, spectrum)));
                Series::line(
                    if named { label } else { String::new() },
                    colour,
                    points.collect(),
                )
            });
        curves.collect()
    };
    let modulus = curve(&|i, s| ohm_square_centimetres(s.impedance[i].norm()), true);
    let phase = curve(&|i, s| -s.impedance[i].arg().to_degrees(), false);
    Figure {
        name: "bode",
        title: "Impedance against frequency (Bode plot)".into(),
        caption: "Modulus and phase of the same spectra.".into(),
        legend: "Cycle",
        x: Axis::new("Frequency", "Hz").logarithmic(),
        panels: vec![
            Panel::new(Axis::new("|Z|", "Ω cm²").logarithmic(), modulus),
            Panel::new(Axis::new("−Phase", "°").showing(Range::WithZero), phase),
        ],
        shape: Shape::Free,
    }
}

fn caption(record: &RunRecord, rest: &str) -> String {
    let voltage = record.spectra.first().map_or(f64::NAN, |s| s.voltage);
    let anode = &record.scenario.cell.anode.name;
    format!(
        "Spectra at {voltage:.2} V vs {anode} after chosen cycles, per cell area, separator and anode included. {rest}"
    )
}

fn real_axis() -> Axis {
    Axis::new("Re Z", "Ω cm²")
}

fn imaginary_axis() -> Axis {
    Axis::new("−Im Z", "Ω cm²")
}

/// Index and exponent of the points whose frequency is a power of ten.
fn decades(spectrum: &Spectrum) -> impl Iterator<Item = (usize, i32)> {
    let frequencies = spectrum.frequency.iter().take(spectrum.impedance.len());
    frequencies.enumerate().filter_map(|(index, frequency)| {
        let exponent = frequency.log10();
        let whole = (exponent - exponent.round()).abs() < 1e-3;
        whole.then_some((index, exponent.round() as i32))
    })
}

/// Words for the decades of a spectrum, lowest frequency first.
fn frequency_words(spectrum: &Spectrum) -> Vec<Annotation> {
    let points = plane(spectrum);
    let words = decades(spectrum).map(|(index, exponent)| Annotation {
        at: points[index],
        text: frequency_word(exponent),
    });
    let mut words: Vec<Annotation> = words.collect();
    words.reverse();
    words
}

/// Frequencies as said beside a point.
pub(in crate::report) fn frequency_hints(frequencies: &[f64]) -> Vec<String> {
    let hint = |f: &f64| format!("{} Hz", crate::report::tables::number(*f, 3));
    frequencies.iter().map(hint).collect()
}

/// A power of ten of Hz with the usual prefix: `100 mHz`.
fn frequency_word(exponent: i32) -> String {
    const PREFIXES: [&str; 6] = ["µ", "m", "", "k", "M", "G"];
    let group = exponent.div_euclid(3).clamp(-2, 3);
    let digits = 10f64.powi(exponent - 3 * group);
    format!("{digits} {}Hz", PREFIXES[(group + 2) as usize])
}

/// A quantity of the analysis of every spectrum over its cycle.
fn analysed(
    record: &RunRecord,
    label: &str,
    colour: Colour,
    value: impl Fn(&SpectrumAnalysis) -> f64,
) -> Series {
    let points = record.spectra.iter();
    let points = points
        .map(|s| (f64::from(s.cycle), value(&s.analysis)))
        .collect();
    Series::line(label, colour, points).with_marker(Marker::Disc)
}

/// A resistance of every spectrum, in ohm cm2.
fn resistance(
    record: &RunRecord,
    label: &str,
    colour: Colour,
    value: fn(&SpectrumAnalysis) -> f64,
) -> Series {
    analysed(record, label, colour, move |a| {
        ohm_square_centimetres(value(a))
    })
}

fn cathode_resistance(record: &RunRecord) -> Figure {
    let series = vec![
        resistance(record, "Fitted, geometric mean", okabe_ito::BLUE, |a| {
            a.cathode_resistance
        }),
        as_truth(resistance(
            record,
            "Direct current, in the model",
            okabe_ito::BLACK,
            |a| a.true_dc_resistance,
        )),
    ];
    let caption = "Geometric mean of the charge-transfer resistance and of the sum of ionic and electronic resistance, of a transmission-line fit, beside the direct-current resistance of the model. The two agree only where the reaction is confined to a thin zone.";
    let panel = from_zero("Cathode resistance", "Ω cm²", series);
    over_cycles(
        "cathode-resistance",
        "Cathode resistance",
        caption,
        vec![panel],
    )
}

fn partial_resistances(record: &RunRecord) -> Figure {
    let transfer = |label, value| resistance(record, label, okabe_ito::VERMILLION, value);
    let ionic = |label, value| resistance(record, label, okabe_ito::GREEN, value);
    let series = vec![
        transfer("Charge transfer, fitted", |a| a.charge_transfer_resistance),
        as_truth(transfer("model", |a| a.true_charge_transfer_resistance)),
        ionic("Ionic, fitted", |a| a.ionic_resistance).with_marker(Marker::Triangle),
        as_truth(ionic("model", |a| a.true_ionic_resistance)),
    ];
    let caption = "Charge-transfer resistance (with interphase and coating) and ionic resistance of the cathode: fitted to the spectra, and as the model holds them.";
    let panel = from_zero("Resistance", "Ω cm²", series);
    over_cycles(
        "partial-resistances",
        "Charge-transfer and ionic resistance",
        caption,
        vec![panel],
    )
}

fn diffusion_length(record: &RunRecord) -> Figure {
    let length = analysed(record, "", okabe_ito::BLUE, |a| 1e6 * a.diffusion_length);
    let caption = "Apparent diffusion length from the low-frequency branch: planar element with constant diffusivity and capacitance.";
    let panel = from_zero("Diffusion length", "µm", vec![length]);
    over_cycles("diffusion-length", "Diffusion length", caption, vec![panel])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_said_with_prefixes() {
        let words = [-4, -3, -1, 0, 2, 3, 6].map(frequency_word);
        assert_eq!(
            words,
            [
                "100 µHz", "1 mHz", "100 mHz", "1 Hz", "100 Hz", "1 kHz", "1 MHz"
            ]
        );
    }

    #[test]
    fn arcs_end_where_the_diffusion_branch_begins() {
        let points = [(1.0, 0.1), (2.0, 1.0), (3.0, 0.3), (3.5, 0.6), (4.0, 2.0)];
        assert_eq!(arc_end(&points), 2);
        assert_eq!(arc_end(&points[..3]), 2);
        assert_eq!(arc_end(&points[2..]), 2, "no arc at all shows everything");
    }
}
