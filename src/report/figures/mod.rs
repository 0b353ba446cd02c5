//! The figures of a run, built from its record: which quantities against which.

mod ageing;
mod cycling;
mod impedance;
mod transport;

use super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::palette::Colour;
use crate::simulation::{CycleRecord, RunRecord};

/// Above this many cycles single markers would run into one another.
const MARKED_CYCLES: usize = 60;

/// Figures that belong together on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Heading.
    pub title: &'static str,
    /// The figures in order.
    pub figures: Vec<Figure>,
}

/// All figures of a run that have data to show, by section.
pub fn sections(record: &RunRecord) -> Vec<Section> {
    let sections = [
        ("Cycling", cycling::figures(record)),
        ("Impedance", impedance::figures(record)),
        ("Degradation", ageing::figures(record)),
        ("Transport", transport::figures(record)),
    ];
    let shown = sections.map(|(title, mut figures)| {
        figures.retain(Figure::has_data);
        Section { title, figures }
    });
    shown
        .into_iter()
        .filter(|section| !section.figures.is_empty())
        .collect()
}

/// A figure over the cycle number.
fn over_cycles(name: &'static str, title: &str, caption: &str, panels: Vec<Panel>) -> Figure {
    Figure {
        name,
        title: title.to_owned(),
        caption: caption.to_owned(),
        legend: "",
        x: Axis::new("Cycle number", ""),
        panels,
        shape: Shape::Free,
    }
}

/// A quantity of every cycle.
fn cycle_series(
    record: &RunRecord,
    label: &str,
    colour: Colour,
    marker: Marker,
    value: impl Fn(&CycleRecord) -> f64,
) -> Series {
    let points = record.cycles.iter();
    let points = points.map(|c| (f64::from(c.cycle), value(c))).collect();
    let marker = if record.cycles.len() > MARKED_CYCLES {
        Marker::None
    } else {
        marker
    };
    Series::line(label, colour, points).with_marker(marker)
}

/// A panel that stands on zero.
fn from_zero(label: &str, unit: &'static str, series: Vec<Series>) -> Panel {
    Panel::new(Axis::new(label, unit).showing(Range::WithZero), series)
}

/// The same curve broken and without markers: what the model knows, beside what
/// an experimenter reads.
fn as_truth(series: Series) -> Series {
    series.with_line(Line::Dashed).with_marker(Marker::None)
}
