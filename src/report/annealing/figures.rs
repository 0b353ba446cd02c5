//! Figures of an annealing process.

use super::{AnnealingRecord, Rows};
use crate::annealing::{Annealed, Moment, PHASES};
use crate::report::figure::{Axis, Figure, Line, Panel, Range, Series, Shape};
use crate::report::palette::{Colour, okabe_ito, sequential};
use crate::report::tables::number;

/// Nanometres in a metre.
const NANOMETRES: f64 = 1e9;
/// Colours of the phases, in the order of [`PHASES`].
const PHASE_COLOURS: [Colour; 4] = [
    okabe_ito::ORANGE,
    okabe_ito::SKY,
    okabe_ito::PURPLE,
    okabe_ito::GREEN,
];

/// Over temperature; time and oxygen; over time.
pub(super) fn all(record: &AnnealingRecord) -> [Vec<Figure>; 3] {
    [
        vec![survey(record)],
        vec![
            conditions(
                "annealing-hold",
                "Time",
                "Longer annealing converts more only where the reactions are slow; above, it only coagulates the film.",
                "Hold",
                record.holds,
            ),
            conditions(
                "annealing-oxygen",
                "Oxygen",
                "More oxygen speeds the first step, which limits at low temperature.",
                "Oxygen",
                record.oxygen,
            ),
        ],
        vec![course(record), thermogravimetry(record)],
    ]
}

/// A hold in words.
pub(super) fn hours(seconds: f64) -> String {
    format!("{} h", number(seconds / 3600.0, 2))
}

fn percent_axis(label: &str) -> Axis {
    Axis::new(label, "%").showing(Range::Fixed(0.0, 100.0))
}

fn celsius(annealed: &Annealed) -> f64 {
    annealed.treatment.temperature - 273.15
}

fn over(row: &[Annealed], of: impl Fn(&Annealed) -> f64) -> Vec<(f64, f64)> {
    row.iter().map(|a| (celsius(a), of(a))).collect()
}

fn temperature_axis() -> Axis {
    Axis::new("Annealing temperature", "°C")
}

/// Coverage, thickness and composition.
fn survey(record: &AnnealingRecord) -> Figure {
    let row = record.survey;
    let gamma = row.iter().zip(record.gamma);
    let gamma = gamma
        .map(|(a, share)| (celsius(a), 100.0 * share))
        .collect();
    let coverage = over(row, |a| 100.0 * a.outcome.film.coverage);
    let share = vec![
        Series::line("Coverage", okabe_ito::BLUE, coverage),
        Series::line("XPS γ", okabe_ito::VERMILLION, gamma).with_line(Line::Dashed),
    ];
    let thickness = |deviations: f64| {
        over(row, move |a| {
            let film = a.outcome.film;
            NANOMETRES * film.thickness * (1.0 + deviations * film.variation)
        })
    };
    let edge = |deviations: f64, label: &str| {
        Series::line(label, okabe_ito::BLACK, thickness(deviations)).with_line(Line::Dashed)
    };
    let thicknesses = vec![
        Series::line("Thickness, mean", okabe_ito::BLACK, thickness(0.0)),
        edge(1.0, "± its deviation"),
        edge(-1.0, ""),
    ];
    let phases = PHASES.iter().zip(PHASE_COLOURS).enumerate();
    let phases = phases.map(|(i, (phase, colour))| {
        let volume = over(row, |a| 100.0 * a.outcome.composition.volume_fractions()[i]);
        Series::line(capitalised(phase), colour, volume)
    });
    Figure {
        name: "annealing",
        title: "Coverage, thickness and composition".into(),
        caption: "After annealing at each temperature, otherwise as in the scenario. XPS γ is what photoelectrons would tell of the coverage: S 2p and P 2p against the metal of the oxide.".into(),
        legend: "",
        x: temperature_axis(),
        panels: vec![
            Panel::new(percent_axis("Surface"), share),
            Panel::new(
                Axis::new("Thickness", "nm").showing(Range::WithZero),
                thicknesses,
            ),
            Panel::new(percent_axis("Volume"), phases.collect()),
        ],
        shape: Shape::Free,
    }
}

/// Conversion and coverage under several values of one condition.
fn conditions(
    name: &'static str,
    title: &str,
    caption: &str,
    legend: &'static str,
    rows: &Rows,
) -> Figure {
    let last = rows.rows.len().saturating_sub(1).max(1);
    let curves = |of: fn(&Annealed) -> f64, labelled: bool| -> Vec<Series> {
        let rows = rows.rows.iter().enumerate();
        rows.map(|(i, (label, row))| {
            let label = if labelled { label.as_str() } else { "" };
            let colour = sequential(i as f64 / last as f64);
            Series::line(label, colour, over(row, |a| 100.0 * of(a)))
        })
        .collect()
    };
    Figure {
        name,
        title: title.to_owned(),
        caption: caption.to_owned(),
        legend,
        x: temperature_axis(),
        panels: vec![
            Panel::new(
                percent_axis("Oxidised"),
                curves(|a| a.outcome.progress.oxidised, true),
            ),
            Panel::new(
                percent_axis("Decomposed"),
                curves(|a| a.outcome.progress.decomposed, false),
            ),
            Panel::new(
                percent_axis("Coverage"),
                curves(|a| a.outcome.film.coverage, false),
            ),
        ],
        shape: Shape::Free,
    }
}

/// The scenario's own treatment over time.
fn course(record: &AnnealingRecord) -> Figure {
    let over_time = |of: fn(&Moment) -> f64| -> Vec<(f64, f64)> {
        let moments = record.course.iter();
        moments.map(|m| (m.time / 3600.0, of(m))).collect()
    };
    let temperature = over_time(|m| m.temperature - 273.15);
    let shares = vec![
        Series::line(
            "Oxidised",
            okabe_ito::ORANGE,
            over_time(|m| 100.0 * m.progress.oxidised),
        ),
        Series::line(
            "Decomposed",
            okabe_ito::GREEN,
            over_time(|m| 100.0 * m.progress.decomposed),
        ),
        Series::line(
            "Evaporated",
            okabe_ito::VERMILLION,
            over_time(|m| 100.0 * m.progress.evaporated),
        ),
        Series::line(
            "Coverage",
            okabe_ito::BLUE,
            over_time(|m| 100.0 * m.progress.coverage),
        ),
    ];
    Figure {
        name: "annealing-course",
        title: "The treatment".into(),
        caption: "Heating, hold and cooling of the scenario's own treatment.".into(),
        legend: "",
        x: Axis::new("Time", "h"),
        panels: vec![
            Panel::new(
                Axis::new("Temperature", "°C").showing(Range::WithZero),
                vec![Series::line("", okabe_ito::BLACK, temperature)],
            ),
            Panel::new(percent_axis("Share"), shares),
        ],
        shape: Shape::Free,
    }
}

fn thermogravimetry(record: &AnnealingRecord) -> Figure {
    let points = record.thermogram.iter();
    let points = points
        .map(|(kelvin, ratio)| (kelvin - 273.15, 100.0 * ratio))
        .collect();
    Figure {
        name: "thermogravimetry",
        title: "Mass of the precursor alone".into(),
        caption: "Heated without the oxide at the same rate: it takes up oxygen, then gives off its sulfur, which finds no lithium.".into(),
        legend: "",
        x: Axis::new("Temperature", "°C"),
        panels: vec![Panel::new(
            Axis::new("Mass", "%").showing(Range::WithZero),
            vec![Series::line("", okabe_ito::BLACK, points)],
        )],
        shape: Shape::Free,
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
