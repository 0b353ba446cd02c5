//! The figures of a run, built from its record: which quantities against which.

mod ageing;
mod attribution;
mod cycling;
mod gas;
pub(super) mod impedance;
mod transport;

use super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::palette::Colour;
use crate::record::{CycleRecord, RunRecord};

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

/// The figures of a run, as far as there are data to show.
#[derive(Debug, Clone, PartialEq)]
pub struct Gallery {
    /// What happened to the cell, in order.
    pub sections: Vec<Section>,
    /// What the structure conducts.
    pub transport: Vec<Figure>,
}

impl Gallery {
    /// Builds all figures.
    pub fn new(record: &RunRecord) -> Self {
        let sections = [
            ("Cycling", cycling::figures(record)),
            ("Impedance", impedance::figures(record)),
            ("Lost capacity", attribution::figures(record)),
            ("Degradation", ageing::figures(record)),
        ];
        let sections = sections.map(|(title, figures)| Section {
            title,
            figures: with_data(figures),
        });
        Gallery {
            sections: sections
                .into_iter()
                .filter(|s| !s.figures.is_empty())
                .collect(),
            transport: with_data(transport::figures(record)),
        }
    }

    /// All figures.
    pub fn all(&self) -> impl Iterator<Item = &Figure> {
        let sections = self.sections.iter().flat_map(|section| &section.figures);
        sections.chain(&self.transport)
    }
}

pub(super) fn with_data(mut figures: Vec<Figure>) -> Vec<Figure> {
    figures.retain(Figure::has_data);
    figures
}

/// A figure over the cycle number.
fn over_cycles(name: &'static str, title: &str, caption: &str, panels: Vec<Panel>) -> Figure {
    Figure {
        name,
        title: title.to_owned(),
        caption: caption.to_owned(),
        legend: "",
        x: Axis::new("Cycle number", "")
            .counting()
            .showing(Range::WithZero),
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
