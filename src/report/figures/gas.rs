//! Gas as a mass spectrometer on the cell would see it.

use super::super::figure::{Axis, Figure, Panel, Range, Series, Shape};
use super::super::palette::okabe_ito;
use super::as_truth;
use crate::record::RunRecord;
use crate::report::svg::canvas::INK;
use crate::results::summary;

/// Decades below the highest rate that are shown.
const DECADES: f64 = 1e-4;

/// Potential and rates of release over the first cycle.
pub(super) fn first_cycle(record: &RunRecord) -> Figure {
    let series = &record.series;
    let count = series.cycle.iter().take_while(|cycle| **cycle == 1).count();
    let curve = |values: &[f64]| -> Vec<(f64, f64)> {
        let points = series.time.iter().zip(values).take(count);
        points.map(|(t, v)| (t / 3600.0, *v)).collect()
    };
    let anode = &record.scenario.cell.anode;
    let plateau = anode.plateau_potential();
    let potential: Vec<f64> = series.voltage.iter().map(|v| v + plateau).collect();
    let released = |gas: &[f64]| curve(&summary::gas_rate(&series.time, gas, &record.scenario));
    let detected = |gas: &[f64]| curve(&summary::gas_detected(&series.time, gas, &record.scenario));
    let gases = [
        ("O₂", okabe_ito::BLUE, &series.oxygen_gas),
        ("SO₂", okabe_ito::VERMILLION, &series.sulfur_dioxide_gas),
        ("CO₂", okabe_ito::BLACK, &series.carbon_dioxide_gas),
    ];
    let rates: Vec<Series> = gases
        .into_iter()
        .flat_map(|(label, colour, gas)| {
            [
                Series::line(label, colour, detected(gas)),
                as_truth(Series::line("", colour, released(gas))),
            ]
        })
        .collect();
    let highest = rates.iter().flat_map(|s| s.points.iter().map(|p| p.1));
    let highest = highest.filter(|r| r.is_finite()).fold(0.0, f64::max);
    let mut axis = Axis::new("Rate", "µmol g⁻¹ h⁻¹").logarithmic();
    if highest > 0.0 {
        axis = axis.showing(Range::Fixed(DECADES * highest, 2.0 * highest));
    }
    Figure {
        name: "gas-rates",
        title: "Gas release in the first cycle".into(),
        caption: "Potential against Li⁺/Li (from the cell voltage and the plateau of the anode) and rates of gas per gram of active material over the first cycle. Lines: as a mass spectrometer shows them, behind pellet and headspace. Broken: as released, the means over each time step.".into(),
        legend: "",
        x: Axis::new("Time", "h").showing(Range::WithZero),
        panels: vec![
            Panel::new(
                Axis::new("Potential", "V"),
                // Not the black of a gas, together with which it would be named and hidden.
                vec![Series::line("", INK, curve(&potential))],
            ),
            Panel::new(axis, rates),
        ],
        shape: Shape::Free,
    }
}
