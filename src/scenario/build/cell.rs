//! `[cell]`: anode, separator, and what the protocol's numbers refer to.

use super::Shelf;
use crate::input::{Diagnostic, Section};
use crate::materials::{Anode, Electrolyte, MaterialKind};
use crate::scenario::types::{Cathode, Cell, Headspace};

pub(super) fn cell(
    section: &Section<'_>,
    cathode: Option<&Cathode>,
    shelf: &Shelf,
) -> Option<Cell> {
    let anode: Option<Anode> = shelf.named(section, "anode", MaterialKind::Anode);
    let ratio = section.number("capacity_ratio");
    let (area, temperature, one_c) = (
        section.quantity("area"),
        section.quantity("temperature"),
        section.quantity("one_C"),
    );
    let pressure = section.quantity("stack_pressure");
    let separator = section
        .section("separator")
        .and_then(|section| separator(&section, area, shelf));
    let headspace = section
        .section_or_defaults("headspace")
        .and_then(|section| headspace(&section));
    let (mut anode, one_c) = (anode?, one_c?);
    if let Some(cathode) = cathode {
        let capacity = one_c * 3600.0 * cathode.areal_loading;
        if let Some(ratio) = ratio {
            anode.capacity = ratio * capacity;
        }
        let room = anode.capacity * (1.0 - anode.initial_lithiation);
        if room < capacity {
            let message = format!(
                "the anode takes up {:.2} mAh/cm2, the cathode gives {:.2} mAh/cm2",
                room / 3.6e4,
                capacity / 3.6e4
            );
            section.sink().push(
                Diagnostic::warning(section.span_of("anode"), message)
                    .help("raise `capacity_ratio`"),
            );
        }
    }
    let (separator, separator_thickness, separator_resistance) = separator?;
    Some(Cell {
        anode,
        separator,
        separator_thickness,
        separator_resistance,
        area: area?,
        temperature: temperature?,
        one_c,
        stack_pressure: pressure?,
        headspace: headspace?,
    })
}

fn headspace(section: &Section<'_>) -> Option<Headspace> {
    let (volume, flow) = (section.quantity("volume"), section.quantity("flow"));
    let pellet_delay = section.quantity("pellet_delay");
    Some(Headspace {
        volume: volume?,
        flow: flow?,
        pellet_delay: pellet_delay?,
    })
}

/// The separator's electrolyte, its thickness (m), and its resistance (ohm m2) if stated.
fn separator(
    section: &Section<'_>,
    area: Option<f64>,
    shelf: &Shelf,
) -> Option<(Electrolyte, f64, Option<f64>)> {
    let name = section.text("material")?;
    let liquid = shelf
        .library
        .find(name, MaterialKind::LiquidElectrolyte)
        .map(|entry| entry.kind);
    let kind = liquid.unwrap_or(MaterialKind::SolidElectrolyte);
    let material: Option<Electrolyte> = shelf.named(section, "material", kind);
    let (mass, thickness) = (section.quantity("mass"), section.quantity("thickness"));
    let resistance = match section.get("resistance") {
        Some(_) => Some(section.quantity("resistance")?),
        None => None,
    };
    match (
        section.get("mass").is_some(),
        section.get("thickness").is_some(),
    ) {
        (true, false) => {
            let material = material?;
            let thickness = mass? / (material.density * area?);
            Some((material, thickness, resistance))
        }
        (false, true) => Some((material?, thickness?, resistance)),
        (both, _) => {
            let message = if both {
                "the separator has both `mass` and `thickness`"
            } else {
                "the separator lacks `mass` or `thickness`"
            };
            section.sink().refuse(
                Diagnostic::error(section.span(), message)
                    .help("separator = { material = \"LPSCl\", mass = \"80 mg\" }"),
            )
        }
    }
}
