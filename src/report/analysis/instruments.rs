//! Figures of an analysis: gas behind a headspace, photoelectrons, ToF-SIMS.

use super::super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::super::palette::{Colour, okabe_ito};
use super::super::tables::{NOTHING, number, percent, table};
use crate::analysis::{GasAnalysis, SPOTS, Source, SurfaceReading};
use crate::observables::{Gas, RelativeIntensities, relative_scatter};
use crate::report::svg::canvas::INK;

/// umol/(g h) in one mol/(kg s).
const PER_HOUR: f64 = 3.6e6;
/// Part of the highest rate down to which rates are shown.
const DECADES: f64 = 1e-4;
/// Above this many cycles single markers would run into one another.
const MARKED_CYCLES: usize = 60;

fn look(gas: Gas) -> (&'static str, Colour) {
    match gas {
        Gas::Oxygen => ("O₂", okabe_ito::BLUE),
        Gas::SulfurDioxide => ("SO₂", okabe_ito::VERMILLION),
        Gas::CarbonDioxide => ("CO₂", okabe_ito::BLACK),
    }
}

const LINES: [Line; 3] = [Line::Solid, Line::Dashed, Line::None];

/// Rates of all gases and the voltage beside them; sources differ by their lines.
pub(super) fn gas(sources: &[Source]) -> Vec<Figure> {
    let with_gas: Vec<(&Source, &GasAnalysis)> = sources
        .iter()
        .filter_map(|s| Some((s, s.gas.as_ref()?)))
        .collect();
    let hours = |record: &GasAnalysis, values: &[f64], factor: f64| -> Vec<(f64, f64)> {
        let points = record.record.time.iter().zip(values);
        points.map(|(t, v)| (t / 3600.0, factor * v)).collect()
    };
    let (mut voltages, mut rates) = (Vec::new(), Vec::new());
    for ((source, gas), line) in with_gas.iter().zip(LINES) {
        let marker = if line == Line::None {
            Marker::Dot
        } else {
            Marker::None
        };
        let shown = |series: Series| series.with_line(line).with_marker(marker);
        if let Some(voltage) = &gas.record.voltage {
            let points = hours(gas, voltage, 1.0);
            // Not the black of a gas, together with which it would be named and hidden.
            voltages.push(shown(Series::line("", INK, points)));
        }
        for curve in &gas.record.curves {
            let (name, colour) = look(curve.gas);
            let label = match with_gas.len() {
                1 => name.to_owned(),
                _ => format!("{}, {name}", source.name),
            };
            let points = hours(gas, &curve.rate, PER_HOUR);
            rates.push(shown(Series::line(label, colour, points)));
        }
    }
    let highest = rates.iter().flat_map(|s| s.points.iter().map(|p| p.1));
    let highest = highest.filter(|r| r.is_finite()).fold(0.0, f64::max);
    let mut rate = Axis::new("Rate", "µmol g⁻¹ h⁻¹").logarithmic();
    if highest > 0.0 {
        rate = rate.showing(Range::Fixed(DECADES * highest, 2.0 * highest));
    }
    let mut panels = vec![Panel::new(rate, rates)];
    if !voltages.is_empty() {
        panels.insert(0, Panel::new(Axis::new("Voltage", "V"), voltages));
    }
    vec![Figure {
        name: "gas-curves",
        title: "Gas at the mass spectrometer".into(),
        caption: "Rates per gram of active material; those of a simulated cell over its first cycle, with the delays by pellet and headspace.".into(),
        legend: "",
        x: Axis::new("Time", "h").showing(Range::WithZero),
        panels,
        shape: Shape::Free,
    }]
}

/// What is read from the gas curves.
pub(super) fn gas_table(sources: &[Source]) -> String {
    let volts = |value: Option<f64>| value.map_or(NOTHING.to_owned(), |v| number(v, 4));
    let rows: Vec<Vec<String>> = sources
        .iter()
        .flat_map(|source| source.gas.iter().map(move |gas| (source, gas)))
        .flat_map(|(source, gas)| gas.readings.iter().map(move |read| (source, read)))
        .map(|(source, read)| {
            vec![
                source.name.clone(),
                look(read.gas).0.to_owned(),
                number(1e3 * read.amount, 3),
                number(PER_HOUR * read.largest, 3),
                number(read.largest_at / 3600.0, 3),
                volts(read.largest_voltage),
                number(read.onset / 3600.0, 3),
                volts(read.onset_voltage),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let headings = [
        "Source",
        "Gas",
        "Amount (µmol g⁻¹)",
        "Largest rate (µmol g⁻¹ h⁻¹)",
        "at (h)",
        "at (V)",
        "Onset, 5 % of it (h)",
        "at (V)",
    ];
    table("wide", &headings, &rows)
}

/// A share or ratio over the cycles of one source.
fn over_cycles(
    (label, colour): (&str, Colour),
    readings: &[SurfaceReading],
    value: impl Fn(&SurfaceReading) -> Option<f64>,
) -> Series {
    let points = readings.iter();
    let points = points.map(|r| (f64::from(r.cycle), value(r).unwrap_or(f64::NAN)));
    let marker = match readings.len() > MARKED_CYCLES {
        true => Marker::None,
        false => Marker::Dot,
    };
    Series::line(label, colour, points.collect()).with_marker(marker)
}

/// Components of S 2p and P 2p, and intensities relative to the reference, of every run.
pub(super) fn surfaces(source: &Source) -> Vec<Figure> {
    let read = &source.surface;
    let sulfur = [
        over_cycles(("free sulfide, 160.2 eV", okabe_ito::BLACK), read, |r| {
            Some(r.sulfur?.sulfide)
        }),
        over_cycles(("PS₄, 161.7 eV", okabe_ito::BLUE), read, |r| {
            Some(r.sulfur?.thiophosphate)
        }),
        over_cycles(("bridging, 163.0 eV", okabe_ito::GREEN), read, |r| {
            Some(r.sulfur?.bridging)
        }),
        over_cycles(("polysulfide, 163.7 eV", okabe_ito::ORANGE), read, |r| {
            Some(r.sulfur?.polysulfide)
        }),
        over_cycles(
            ("SOₓ, 165 to 169.4 eV", okabe_ito::VERMILLION),
            read,
            |r| Some(r.sulfur?.oxygenated),
        ),
    ];
    let phosphorus = [
        over_cycles(("PS₄, 131.9 eV", okabe_ito::BLUE), read, |r| {
            Some(r.phosphorus?.thiophosphate)
        }),
        over_cycles(("bridging, 133.0 eV", okabe_ito::GREEN), read, |r| {
            Some(r.phosphorus?.bridging)
        }),
        over_cycles(
            ("POₓ, 134.1 to 134.5 eV", okabe_ito::VERMILLION),
            read,
            |r| Some(r.phosphorus?.oxygenated),
        ),
    ];
    let intensities = |of: fn(&SurfaceReading) -> Option<RelativeIntensities>| {
        vec![
            over_cycles(("PO₂⁻", okabe_ito::BLUE), read, |r| of(r)?.phosphite),
            over_cycles(("PO₃⁻", okabe_ito::SKY), read, |r| of(r)?.phosphate),
            over_cycles(
                ("SO₂⁻ and SO₃⁻", okabe_ito::VERMILLION),
                read,
                |r| of(r)?.sulfur_dioxide,
            ),
            over_cycles(("Sₓ⁻", okabe_ito::ORANGE), read, |r| of(r)?.polysulfide),
        ]
    };
    let figure = |name, title: &str, caption: String, label: &str, series| Figure {
        name,
        title: title.into(),
        caption,
        legend: "",
        x: Axis::new("Cycle number", "").showing(Range::WithZero),
        panels: vec![Panel::new(
            Axis::new(label, "").showing(Range::WithZero),
            series,
        )],
        shape: Shape::Free,
    };
    let components = "of all that is seen of the element, where a fractured composite broke along active material on half of its face.";
    let mut figures = vec![
        figure(
            "photoelectrons-sulfur",
            "S 2p components",
            format!("Shares {components}"),
            "Share of S 2p",
            sulfur.to_vec(),
        ),
        figure(
            "photoelectrons-phosphorus",
            "P 2p components",
            format!("Shares {components}"),
            "Share of P 2p",
            phosphorus.to_vec(),
        ),
    ];
    if let Some(reference) = &source.reference {
        let scatter = relative_scatter(SPOTS).unwrap_or(f64::NAN);
        let caption = |place: &str| {
            format!(
                "Intensities {place} over those of “{reference}” after the same cycle. Spot to spot they scatter so that {SPOTS} spots on each leave a standard error of {}.",
                percent(scatter, 1)
            )
        };
        let ratio = "Relative intensity";
        figures.push(figure(
            "tof-sims-surface",
            "ToF-SIMS, face at the current collector",
            caption("on the face that lay on the current collector"),
            ratio,
            intensities(|r| r.surface),
        ));
        figures.push(figure(
            "tof-sims-depth",
            "ToF-SIMS, depth profile",
            caption("in a crater through the composite, without the collector's share,"),
            ratio,
            intensities(|r| r.depth_profile),
        ));
    }
    figures
}

/// Shares and ratios after the last cycle of every run; figures show only one run each.
pub(super) fn surface_table(sources: &[Source]) -> String {
    let share = |value: Option<f64>| value.map_or(NOTHING.to_owned(), |v| percent(v, 3));
    let ratio = |value: Option<f64>| value.map_or(NOTHING.to_owned(), |v| number(v, 3));
    let rows: Vec<Vec<String>> = sources
        .iter()
        .filter_map(|source| Some((source, source.surface.last()?)))
        .map(|(source, read)| {
            let seen = |value: fn(&RelativeIntensities) -> Option<f64>| {
                ratio(read.depth_profile.as_ref().and_then(value))
            };
            vec![
                source.name.clone(),
                read.cycle.to_string(),
                share(read.sulfur.map(|s| s.polysulfide + s.bridging)),
                share(read.sulfur.map(|s| s.oxygenated)),
                share(read.phosphorus.map(|p| p.oxygenated)),
                source
                    .reference
                    .as_deref()
                    .map_or(NOTHING.to_owned(), str::to_owned),
                seen(|i| i.phosphite),
                seen(|i| i.phosphate),
                seen(|i| i.sulfur_dioxide),
                seen(|i| i.polysulfide),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let headings = [
        "Run",
        "Cycle",
        "S 2p bridging and polysulfide",
        "S 2p SOₓ",
        "P 2p POₓ",
        "ToF-SIMS over",
        "PO₂⁻",
        "PO₃⁻",
        "SO₂⁻, SO₃⁻",
        "Sₓ⁻",
    ];
    table("wide", &headings, &rows)
}
