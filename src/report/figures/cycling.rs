//! Voltage curves, capacity and efficiency, active mass.

use super::super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series, Shape};
use super::super::palette::{okabe_ito, sequential};
use super::{cycle_series, over_cycles};
use crate::record::{CycleRecord, RunRecord};
use crate::results::summary;

/// Cycles whose voltage curves are shown, as far as they were run; the last
/// cycle is always shown.
const SHOWN_CYCLES: [u32; 6] = [1, 2, 10, 30, 50, 100];

pub(super) fn figures(record: &RunRecord) -> Vec<Figure> {
    vec![
        voltage(record),
        capacity(record),
        active_mass(record),
        voltages(record),
    ]
}

fn voltage(record: &RunRecord) -> Figure {
    let last = record.cycles.last().map(|c| c.cycle);
    let mut cycles: Vec<u32> = SHOWN_CYCLES.into_iter().chain(last).collect();
    cycles.retain(|cycle| record.series.cycle.contains(cycle));
    cycles.sort_unstable();
    cycles.dedup();
    let span = cycles.len().saturating_sub(1).max(1) as f64;
    let curves = cycles.iter().enumerate().flat_map(|(index, cycle)| {
        let colour = sequential(index as f64 / span);
        [(1.0, cycle.to_string()), (-1.0, String::new())]
            .map(|(sign, label)| Series::line(label, colour, voltage_curve(record, *cycle, sign)))
    });
    let anode = &record.scenario.cell.anode.name;
    let y = Axis::new(&format!("Voltage vs {anode}"), "V");
    Figure {
        name: "voltage",
        title: "Voltage against capacity".into(),
        caption: "Charge (rising) and discharge (falling) of chosen cycles; capacity per gram of active material, counted from the beginning of each half cycle.".into(),
        legend: "Cycle",
        x: Axis::new("Specific capacity", "mAh g⁻¹").showing(Range::WithZero),
        panels: vec![Panel::new(y, curves.collect())],
        shape: Shape::Free,
    }
}

/// Voltage over mAh/g of the charge (`sign` > 0) or the discharge of a cycle.
fn voltage_curve(record: &RunRecord, cycle: u32, sign: f64) -> Vec<(f64, f64)> {
    let series = &record.series;
    let passed = if sign > 0.0 {
        &series.cycle_charge
    } else {
        &series.cycle_discharge
    };
    let columns = series.cycle.iter().zip(&series.current);
    let columns = columns.zip(passed.iter().zip(&series.voltage));
    columns
        .filter(|((c, current), _)| **c == cycle && *current * sign > 0.0)
        .map(|(_, (charge, voltage))| {
            (
                summary::specific_capacity(*charge, &record.scenario),
                *voltage,
            )
        })
        .collect()
}

fn capacity(record: &RunRecord) -> Figure {
    let specific = |charge| summary::specific_capacity(charge, &record.scenario);
    let charge = cycle_series(record, "Charge", okabe_ito::SKY, Marker::Ring, |c| {
        specific(c.charge)
    });
    let discharge = cycle_series(record, "Discharge", okabe_ito::BLUE, Marker::Disc, |c| {
        specific(c.discharge)
    });
    let efficiency = |c: &_| 100.0 * summary::coulombic_efficiency(c);
    let first = record.cycles.first().map_or(f64::NAN, efficiency);
    let efficiency = cycle_series(
        record,
        "Coulombic efficiency",
        okabe_ito::VERMILLION,
        Marker::Disc,
        efficiency,
    );
    let y = Axis::new("Efficiency", "%").showing(settled_range(&efficiency));
    let caption = if first.is_finite() {
        format!(
            "Specific capacity and coulombic efficiency. The first cycle has an efficiency of {first:.1} %; the lower axis shows the later ones."
        )
    } else {
        "Specific capacity and coulombic efficiency.".to_owned()
    };
    let capacities = Panel::new(Axis::new("Capacity", "mAh g⁻¹"), vec![charge, discharge]);
    let panels = vec![capacities, Panel::new(y, vec![efficiency])];
    over_cycles(
        "capacity",
        "Capacity and coulombic efficiency",
        &caption,
        panels,
    )
}

/// The range of all cycles but the first, whose losses would flatten the rest.
fn settled_range(series: &Series) -> Range {
    let later = series
        .points
        .iter()
        .skip(1)
        .map(|p| p.1)
        .filter(|v| v.is_finite());
    let (low, high) = later.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
        (a.min(v), b.max(v))
    });
    if low > high {
        return Range::Data;
    }
    let margin = (0.1 * (high - low)).max(0.05);
    Range::Fixed(low - margin, high + margin)
}

fn active_mass(record: &RunRecord) -> Figure {
    let apparent = cycle_series(
        record,
        "Apparent, from relaxed voltages",
        okabe_ito::BLUE,
        Marker::Disc,
        |c| 100.0 * c.active_mass_apparent,
    );
    let connected = cycle_series(
        record,
        "Connected, in the model",
        okabe_ito::BLACK,
        Marker::None,
        |c| 100.0 * c.connected_fraction,
    );
    let y = Axis::new("Active mass", "%");
    let panel = Panel::new(y, vec![apparent, connected.with_line(Line::Dashed)]);
    let caption = "Share of the active material that takes part: apparent, as discharge capacity over what the relaxed voltages after charge and discharge promise; and the share that the model holds connected.";
    over_cycles("active-mass", "Active mass", caption, vec![panel])
}

fn voltages(record: &RunRecord) -> Figure {
    let curve = |label, colour, value: fn(&CycleRecord) -> f64| {
        cycle_series(record, label, colour, Marker::Disc, value)
    };
    let relaxed = |label, colour, value: fn(&CycleRecord) -> f64| {
        curve(label, colour, value).with_line(Line::Dashed)
    };
    let series = vec![
        curve(
            "Charge, mean",
            okabe_ito::VERMILLION,
            summary::mean_charge_voltage,
        ),
        relaxed("relaxed", okabe_ito::VERMILLION, |c| c.relaxed_charged),
        curve(
            "Discharge, mean",
            okabe_ito::BLUE,
            summary::mean_discharge_voltage,
        ),
        relaxed("relaxed", okabe_ito::BLUE, |c| c.relaxed_discharged),
    ];
    let anode = &record.scenario.cell.anode.name;
    let y = Axis::new(&format!("Voltage vs {anode}"), "V");
    let caption = "Mean voltage of charge and discharge (energy over charge passed), and the voltage at the end of the rest that follows each.";
    over_cycles(
        "voltages",
        "Mean and relaxed voltages",
        caption,
        vec![Panel::new(y, series)],
    )
}
