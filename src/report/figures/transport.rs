//! Effective transport of the structure.

use super::super::figure::{Axis, Figure, Marker, Panel, Series, Shape};
use super::super::palette::okabe_ito;
use crate::record::RunRecord;

/// mS/cm in one S/m.
const MILLISIEMENS_PER_CENTIMETRE: f64 = 10.0;

pub(super) fn figures(record: &RunRecord) -> Vec<Figure> {
    vec![electronic(record)]
}

fn electronic(record: &RunRecord) -> Figure {
    let unit = MILLISIEMENS_PER_CENTIMETRE;
    let pairs = record.transport.electronic.iter();
    let points = pairs
        .map(|(given, found)| (given * unit, found * unit))
        .collect();
    let series = Series::line("", okabe_ito::BLUE, points).with_marker(Marker::Disc);
    let y = Axis::new("Effective conductivity", "mS cm⁻¹").logarithmic();
    Figure {
        name: "electronic",
        title: "Effective electronic conductivity".into(),
        caption: "Electronic conductivity of the cathode through its thickness, against that of the active material, which grows as lithium leaves it.".into(),
        legend: "",
        x: Axis::new("Conductivity of the active material", "mS cm⁻¹").logarithmic(),
        panels: vec![Panel::new(y, vec![series])],
        shape: Shape::Free,
    }
}
