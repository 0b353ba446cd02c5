//! Degradation products, and what ageing did to contact, coating and particles.

use super::super::figure::{Axis, Figure, Marker, Panel, Series};
use super::super::palette::{Colour, okabe_ito};
use super::{cycle_series, from_zero, over_cycles};
use crate::record::{Products, RunRecord};
use crate::results::summary;

pub(super) fn figures(record: &RunRecord) -> Vec<Figure> {
    vec![
        layers(record),
        oxygenated(record),
        polysulfides(record),
        gases(record),
        super::gas::first_cycle(record),
        cathode(record),
        lithium(record),
    ]
}

fn layers(record: &RunRecord) -> Figure {
    let layer = |label, colour, marker, value: fn(&Products) -> f64| {
        cycle_series(record, label, colour, marker, |c| {
            summary::nanometres(value(&c.products))
        })
    };
    let series = vec![
        layer("Polysulfides", okabe_ito::ORANGE, Marker::Disc, |p| {
            p.polysulfide_thickness
        }),
        layer(
            "Phosphate and sulfate",
            okabe_ito::BLUE,
            Marker::Square,
            |p| p.oxygenated_thickness,
        ),
        layer("Rock salt", okabe_ito::BLACK, Marker::Triangle, |p| {
            p.rock_salt_thickness
        }),
    ];
    let caption = "Mean thickness of the layers grown on the active material.";
    let panel = from_zero("Layer thickness", "nm", series);
    over_cycles("layers", "Interphase layers", caption, vec![panel])
}

/// An amount in µmol per gram of active material over the cycles.
fn amount(
    record: &RunRecord,
    (label, colour, marker): (&str, Colour, Marker),
    value: fn(&Products) -> f64,
) -> Series {
    cycle_series(record, label, colour, marker, |c| {
        summary::specific_amount(value(&c.products), &record.scenario)
    })
}

fn amounts(name: &'static str, title: &str, caption: &str, series: Vec<Series>) -> Figure {
    let panel = from_zero("Amount", "µmol g⁻¹", series);
    over_cycles(name, title, caption, vec![panel])
}

fn oxygenated(record: &RunRecord) -> Figure {
    let series = vec![
        amount(record, ("Phosphate", okabe_ito::BLUE, Marker::Disc), |p| {
            p.phosphate
        }),
        amount(
            record,
            ("Sulfate and sulfite", okabe_ito::VERMILLION, Marker::Square),
            |p| p.sulfate,
        ),
    ];
    let caption = "Products of the oxygen-driven and of the contact reaction, cumulative, per gram of active material.";
    amounts("oxygenated", "Phosphate and sulfate", caption, series)
}

fn polysulfides(record: &RunRecord) -> Figure {
    let series = vec![
        amount(
            record,
            ("Active material", okabe_ito::BLUE, Marker::Disc),
            |p| p.polysulfide_at_active,
        ),
        amount(record, ("Carbon", okabe_ito::BLACK, Marker::Square), |p| {
            p.polysulfide_at_carbon
        }),
        amount(
            record,
            ("Current collector", okabe_ito::ORANGE, Marker::Triangle),
            |p| p.polysulfide_at_collector,
        ),
    ];
    let caption = "Electrolyte oxidised electrochemically to polysulfides, by interface, cumulative, per gram of active material.";
    amounts(
        "polysulfides",
        "Oxidised electrolyte by interface",
        caption,
        series,
    )
}

fn gases(record: &RunRecord) -> Figure {
    let series = vec![
        amount(record, ("O₂", okabe_ito::BLUE, Marker::Disc), |p| {
            p.oxygen_gas
        }),
        amount(
            record,
            ("SO₂", okabe_ito::VERMILLION, Marker::Square),
            |p| p.sulfur_dioxide_gas,
        ),
        amount(record, ("CO₂", okabe_ito::BLACK, Marker::Triangle), |p| {
            p.carbon_dioxide_gas
        }),
    ];
    let caption = "Gas released, cumulative, per gram of active material.";
    let mut figure = amounts("gas", "Gas", caption, series);
    // The three gases differ by orders of magnitude.
    for panel in &mut figure.panels {
        panel.y = Axis::new("Amount", "µmol g⁻¹").logarithmic();
    }
    figure
}

fn cathode(record: &RunRecord) -> Figure {
    let share = |label, colour, marker, value: fn(&crate::record::CycleRecord) -> f64| {
        cycle_series(record, label, colour, marker, move |c| 100.0 * value(c))
    };
    let mut series = vec![
        share("Contact lost", okabe_ito::VERMILLION, Marker::Disc, |c| {
            c.contact_lost
        }),
        share("Crack damage", okabe_ito::BLACK, Marker::Triangle, |c| {
            c.crack_damage
        }),
        share("Connected mass", okabe_ito::BLUE, Marker::Square, |c| {
            c.connected_fraction
        }),
    ];
    if record.scenario.coating.is_some() {
        series.push(share("Coverage", okabe_ito::GREEN, Marker::Ring, |c| {
            c.coverage
        }));
    }
    let caption = "Mean share of the contact between active material and electrolyte that is lost, crack damage of the particles, connected active mass, and surface still covered by the coating.";
    let panel = from_zero("Share", "%", series);
    over_cycles("cathode", "State of the cathode", caption, vec![panel])
}

fn lithium(record: &RunRecord) -> Figure {
    let content = cycle_series(record, "", okabe_ito::BLUE, Marker::Disc, |c| {
        c.stoichiometry
    });
    let caption = "Mean lithium content x of the connected active material (Li\u{2093}MO₂) at the end of each cycle: lithium that does not return stays in the anode or in side products, or is kept out by resistance.";
    let panel = Panel::new(Axis::new("Lithium content x", ""), vec![content]);
    over_cycles(
        "lithium",
        "Lithium content of the cathode",
        caption,
        vec![panel],
    )
}
