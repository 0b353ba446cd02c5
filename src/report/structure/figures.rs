//! Figures of a structure: its distributions, and its numbers against the box.

use super::StructureRecord;
use crate::microstructure::Phase;
use crate::microstructure::measure::{Measures, PHASES, histogram};
use crate::report::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use crate::report::palette::{Colour, okabe_ito};
use crate::simulation::realisations::Summary;

/// Micrometres in a metre.
const MICROMETRES: f64 = 1e6;
/// Phases in the order of [`Phase`]: words and colours.
const PHASE: [(&str, Colour); PHASES] = [
    ("Void", okabe_ito::BLACK),
    ("Active material", okabe_ito::BLUE),
    ("Electrolyte", okabe_ito::ORANGE),
    ("Carbon", okabe_ito::VERMILLION),
    ("Polymer", okabe_ito::PURPLE),
];
/// Share of the chords that the figure may cut off: a few long ones would
/// squeeze the rest.
const LONGEST_CHORDS: f64 = 0.005;
/// Bins of a contact fraction from 0 to 1.
const BINS: usize = 25;

/// What was measured on the one structure.
pub(super) fn measured(measures: &Measures) -> Vec<Figure> {
    vec![
        correlation(measures),
        chords(measures),
        coordination(measures),
        contact(measures),
    ]
}

/// What many structures tell.
pub(super) fn ensemble(record: &StructureRecord) -> Vec<Figure> {
    // With one size of box there is nothing to converge.
    if record.spread.len() > 1 {
        vec![convergence(record)]
    } else {
        Vec::new()
    }
}

/// A figure with one panel.
fn simple(name: &'static str, title: &str, caption: &str, x: Axis, panel: Panel) -> Figure {
    Figure {
        name,
        title: title.to_owned(),
        caption: caption.to_owned(),
        legend: "",
        x,
        panels: vec![panel],
        shape: Shape::Free,
    }
}

fn correlation(measures: &Measures) -> Figure {
    let present = (0..PHASES).filter(|&p| measures.correlations[p][0].fraction() > 0.0);
    let series = present.flat_map(|phase| {
        let curve = |axis: usize| -> Vec<(f64, f64)> {
            let found = &measures.correlations[phase][axis];
            let phi = found.fraction();
            let points = found.probability.iter().enumerate();
            points
                .map(|(n, s2)| {
                    let distance = MICROMETRES * n as f64 * found.spacing;
                    (distance, (s2 - phi * phi) / (phi - phi * phi))
                })
                .collect()
        };
        both_ways(phase, curve)
    });
    let y = Axis::new("(S₂ − φ²) / (φ − φ²)", "");
    simple(
        "two-point-correlation",
        "Two-point correlation",
        "How much is remembered of a phase at a distance: 1 at none, 0 where nothing is. Solid through the thickness, broken across.",
        Axis::new("Distance", "µm").showing(Range::WithZero),
        Panel::new(y, series.collect()),
    )
}

/// A curve through the thickness, labelled, and the same across, broken.
fn both_ways(phase: usize, curve: impl Fn(usize) -> Vec<(f64, f64)>) -> [Series; 2] {
    let (word, colour) = PHASE[phase];
    [
        Series::line(word, colour, curve(0)),
        Series::line("", colour, curve(1)).with_line(Line::Dashed),
    ]
}

fn chords(measures: &Measures) -> Figure {
    let present = (0..PHASES).filter(|&p| measures.chords[p][0].mean() > 0.0);
    let series: Vec<Series> = present
        .flat_map(|phase| {
            both_ways(phase, |axis| {
                let found = &measures.chords[phase][axis];
                let mut left = 1.0;
                let density = found.density().into_iter();
                density
                    .take_while(|(_, p)| {
                        left -= p * found.spacing;
                        left > LONGEST_CHORDS
                    })
                    .map(|(length, p)| (MICROMETRES * length, p / MICROMETRES))
                    .collect()
            })
        })
        .collect();
    simple(
        "chords",
        "Chord lengths",
        "Probability density of the length of straight lines within one phase, without the longest 0.5 %. Solid through the thickness, broken across.",
        Axis::new("Chord length", "µm").showing(Range::WithZero),
        Panel::new(Axis::new("Density", "µm⁻¹").logarithmic(), series),
    )
}

fn coordination(measures: &Measures) -> Figure {
    let most = measures.coordination.iter().copied().max().unwrap_or(0);
    let all = measures.coordination.len() as f64;
    let share = |n: u32| measures.coordination.iter().filter(|&&c| c == n).count() as f64 / all;
    let points = (0..=most).map(|n| (f64::from(n), 100.0 * share(n)));
    let points = points.collect();
    let series = Series::line("", okabe_ito::BLUE, points).with_marker(Marker::Disc);
    simple(
        "coordination",
        "Coordination numbers",
        "Particles by the number of others that they touch.",
        Axis::new("Touching neighbours", "").showing(Range::WithZero),
        Panel::new(
            Axis::new("Share of particles", "%").showing(Range::WithZero),
            vec![series],
        ),
    )
}

fn contact(measures: &Measures) -> Figure {
    let series = (0..PHASES)
        .map(|phase| {
            (
                phase,
                measures.facing.iter().map(move |s| s.by_phase()[phase]),
            )
        })
        .filter(|(_, shares)| shares.clone().any(|share| share > 0.0))
        .map(|(phase, shares)| {
            let (word, colour) = PHASE[phase];
            let word = if phase == Phase::ActiveMaterial as usize {
                "Particles"
            } else {
                word
            };
            let bins = histogram(shares, BINS);
            let points = bins.into_iter().map(|(x, y)| (100.0 * x, 100.0 * y));
            Series::line(word, colour, without_ends(points.collect())).with_marker(Marker::Dot)
        });
    simple(
        "contact",
        "What the particles face",
        "Particles by the share of their surface that faces electrolyte, voids, carbon, polymer and other particles.",
        Axis::new("Share of the particle's surface", "%").showing(Range::Fixed(0.0, 100.0)),
        Panel::new(
            Axis::new("Share of particles", "%").showing(Range::WithZero),
            series.collect(),
        ),
    )
}

/// A histogram without its empty ends, but for one empty bin.
fn without_ends(mut points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let filled = |p: &(f64, f64)| p.1 > 0.0;
    points.truncate(points.iter().rposition(filled).map_or(0, |last| last + 2));
    points.drain(
        ..points
            .iter()
            .position(filled)
            .unwrap_or(0)
            .saturating_sub(1),
    );
    points
}

/// Mean, spread and single realisations of the most asked numbers against the box.
fn convergence(record: &StructureRecord) -> Figure {
    let panels = [
        ("ionic_conductivity", "Ions", "mS cm⁻¹", okabe_ito::ORANGE),
        (
            "electronic_conductivity_least",
            "Electrons",
            "mS cm⁻¹",
            okabe_ito::BLUE,
        ),
        (
            "ionic_tortuosity_factor",
            "Tortuosity",
            "",
            okabe_ito::GREEN,
        ),
        (
            "interface_active_material_electrolyte",
            "Interface",
            "µm⁻¹",
            okabe_ito::VERMILLION,
        ),
    ];
    let panels = panels.map(|(name, label, unit, colour)| {
        Panel::new(Axis::new(label, unit), spread(record, name, colour))
    });
    let caption = "Mean over the realisations (discs, with one standard deviation) and single realisations (rings) against the edge of the box, at equal voxels: effective ionic conductivity, electronic conductivity with the oxide at its least, tortuosity factor of the electrolyte, interface of active material and electrolyte per volume.";
    Figure {
        name: "convergence",
        title: "Representative volume".into(),
        caption: caption.into(),
        legend: "",
        x: Axis::new("Edge of the box", "µm"),
        panels: panels.into(),
        shape: Shape::Free,
    }
}

fn spread(record: &StructureRecord, name: &str, colour: Colour) -> Vec<Series> {
    let edge = |metres: f64| MICROMETRES * metres;
    let single = record.realisations.iter();
    let single = single.map(|r| (edge(r.size.edge), r.value(name))).collect();
    let mut series = vec![
        Series::line("", Colour(150, 150, 150), single)
            .with_line(Line::None)
            .with_marker(Marker::Ring),
    ];
    let found = |summaries: &[Summary]| summaries.iter().find(|s| s.name == name).cloned();
    let means: Vec<(f64, Summary)> = record
        .spread
        .iter()
        .filter_map(|(size, summaries)| Some((edge(size.edge), found(summaries)?)))
        .collect();
    for (x, s) in &means {
        let bar = [s.mean - s.deviation, s.mean + s.deviation];
        series.push(Series::line("", colour, bar.map(|y| (*x, y)).into()));
    }
    let points = means.iter().map(|(x, s)| (*x, s.mean)).collect();
    series.push(Series::line("", colour, points).with_marker(Marker::Disc));
    series
}
