//! Lost capacity, stacked by the mechanism that cost it.

use super::super::figure::{Axis, Figure, Line, Marker, Panel, Range, Series};
use super::super::palette::{Colour, GREY, okabe_ito};
use super::super::tables::number;
use super::{from_zero, over_cycles};
use crate::degradation::Mechanism;
use crate::record::{Attribution, RunRecord};
use crate::results::summary;

/// The stack from below: what takes mass and contact, then what grows, then the rest.
const STACK: [(Mechanism, Colour); Mechanism::COUNT] = [
    (Mechanism::Disconnection, okabe_ito::BLUE),
    (Mechanism::ContactLoss, okabe_ito::SKY),
    (Mechanism::Cracking, okabe_ito::ORANGE),
    (Mechanism::Oxygen, okabe_ito::VERMILLION),
    (Mechanism::ContactReaction, okabe_ito::PURPLE),
    (Mechanism::Oxidation, okabe_ito::GREEN),
    (Mechanism::ConductionLoss, okabe_ito::BLACK),
    (Mechanism::CoatingWear, Colour(95, 80, 60)),
    (Mechanism::Gas, Colour(110, 110, 110)),
];
/// Mechanisms that never reach this share of the largest loss are shown together.
const VISIBLE: f64 = 0.005;

/// One layer of the stack.
struct Layer {
    label: &'static str,
    colour: Colour,
    mechanisms: Vec<Mechanism>,
}

impl Layer {
    fn share(&self, at: &Attribution) -> f64 {
        self.mechanisms.iter().map(|m| at.shares[*m as usize]).sum()
    }
}

pub(super) fn figures(record: &RunRecord) -> Vec<Figure> {
    // One cycle has no area.
    if record.attributions.len() < 2 {
        return Vec::new();
    }
    let layers = layers(&record.attributions);
    let capacity = |charge| summary::specific_capacity(charge, &record.scenario);
    let mut lost = stack(&record.attributions, &layers, true, |_, sum| capacity(sum));
    lost.push(total(&record.attributions, capacity));
    let shares = stack(&record.attributions, &layers, false, |at, sum| {
        let loss = at.fresh - at.aged;
        if loss > 0.0 {
            100.0 * sum / loss
        } else {
            f64::NAN
        }
    });
    let panels = vec![
        from_zero("Capacity lost", "mAh g⁻¹", lost),
        Panel::new(
            Axis::new("Share of the loss", "%").showing(Range::Fixed(0.0, 100.0)),
            shares,
        ),
    ];
    let caption = "Discharge capacity lost against the fresh cell under the load of the cycle, shared out among the mechanisms (Shapley values of the capacities with the traces of each mechanism kept or undone): the shares add up to the loss. A share belongs to the mechanism whose traces cost capacity, whatever drove it.";
    vec![over_cycles(
        "attribution",
        "Lost capacity by mechanism",
        caption,
        panels,
    )]
}

/// The mechanisms worth a colour of their own, and the rest together.
fn layers(attributions: &[Attribution]) -> Vec<Layer> {
    let largest = |value: &dyn Fn(&Attribution) -> f64| -> f64 {
        let values = attributions.iter().map(|a| value(a).abs());
        values.fold(0.0, f64::max)
    };
    let threshold = VISIBLE * largest(&|a| a.fresh - a.aged);
    let shown = |m: Mechanism| largest(&|a| a.shares[m as usize]) > threshold;
    let mut layers: Vec<Layer> = STACK
        .into_iter()
        .filter(|(m, _)| shown(*m))
        .map(|(m, colour)| Layer {
            label: m.label(),
            colour,
            mechanisms: vec![m],
        })
        .collect();
    let mut rest: Vec<Mechanism> = Mechanism::ALL.into_iter().filter(|m| !shown(*m)).collect();
    rest.retain(|m| largest(&|a| a.shares[*m as usize]) > 0.0);
    if !rest.is_empty() {
        layers.push(Layer {
            label: "Others",
            colour: GREY,
            mechanisms: rest,
        });
    }
    layers
}

/// The areas of a stack, the highest first so that the lower ones cover it.
fn stack(
    attributions: &[Attribution],
    layers: &[Layer],
    labelled: bool,
    value: impl Fn(&Attribution, f64) -> f64,
) -> Vec<Series> {
    let upto = |at: &Attribution, count: usize| -> f64 {
        layers[..count].iter().map(|layer| layer.share(at)).sum()
    };
    let area = |count: usize| {
        let layer = &layers[count - 1];
        let points = attributions
            .iter()
            .map(|at| (f64::from(at.cycle), value(at, upto(at, count))))
            .collect();
        let label = if labelled { layer.label } else { "" };
        // The curve is the upper edge of the layer; what the layer holds stands beside it.
        let own = |at: &Attribution| number(value(at, layer.share(at)), 3);
        let hints = attributions
            .iter()
            .map(|at| format!("this layer alone: {}", own(at)));
        let area = Series::line(label, layer.colour, points).with_line(Line::Area);
        area.with_hints(hints.collect())
    };
    (1..=layers.len()).rev().map(area).collect()
}

/// The loss itself, with a sign where it was shared out.
fn total(attributions: &[Attribution], capacity: impl Fn(f64) -> f64) -> Series {
    let points = attributions
        .iter()
        .map(|at| (f64::from(at.cycle), capacity(at.fresh - at.aged)))
        .collect();
    Series::line("Loss", okabe_ito::BLACK, points).with_marker(Marker::Dot)
}
