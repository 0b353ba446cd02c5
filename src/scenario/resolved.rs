//! A scenario written out whole: every number in SI with its unit beside it.

use super::types::Scenario;
use crate::materials::{MaterialKind, leaves};
use std::fmt::Write;
use toml::{Table, Value};

/// SI units of the scenario's own numbers, by dotted path; `1` is a pure number.
#[rustfmt::skip]
const UNITS: &[(&str, &str)] = &[
    ("seed", "1"),
    ("cathode.particle_diameter.lognormal.median", "m"),
    ("cathode.particle_diameter.lognormal.log_deviation", "1"),
    ("cathode.particle_diameter.two-sided.median", "m"),
    ("cathode.particle_diameter.two-sided.below", "1"),
    ("cathode.particle_diameter.two-sided.above", "1"),
    ("cathode.particle_diameter.normal", "m"),
    ("cathode.particle_diameter.table.diameters", "m"),
    ("cathode.particle_diameter.table.cumulative", "1"),
    ("cathode.specific_surface", "m2/kg"),
    ("cathode.mass_fractions", "1"),
    ("cathode.areal_loading", "kg/m2"),
    ("cathode.porosity", "1"),
    ("cathode.pressing_pressure", "Pa"),
    ("cathode.contact_flattening", "1"),
    ("cathode.heterogeneity", "1"),
    ("cathode.contact_fraction", "1"),
    ("cathode.connected_fraction", "1"),
    ("cathode.arrangement.primary_grain", "m"),
    ("cathode.arrangement", "1"),
    ("coating.layers.thickness", "m"),
    ("coating.coverage", "1"),
    ("coating.thickness_variation", "1"),
    ("coating.patch_diameter", "m"),
    ("coating.aggregate_diameter", "m"),
    ("coating.mass_ratio", "1"),
    ("coating.excess_ratio", "1"),
    ("coating.annealed.treatment.mass", "1"),
    ("coating.annealed.treatment.temperature", "K"),
    ("coating.annealed.treatment.hold", "s"),
    ("coating.annealed.treatment.heating_rate", "K/s"),
    ("coating.annealed.treatment.oxygen_pressure", "Pa"),
    ("coating.annealed.treatment.residual_lithium", "mol/kg"),
    ("coating.annealed.powder.specific_surface", "m2/kg"),
    ("coating.annealed.powder.lithium", "mol/kg"),
    ("coating.annealed.outcome.progress", "1"),
    ("coating.annealed.outcome.composition.amounts", "mol/kg"),
    ("coating.annealed.outcome.composition.masses", "1"),
    ("coating.annealed.outcome.composition.volumes", "m3/kg"),
    ("coating.annealed.outcome.exchange", "mol/kg"),
    ("coating.annealed.outcome.film.thickness", "m"),
    ("coating.annealed.outcome.film", "1"),
    ("coating.annealed.outcome.oxidisable_charge", "C/kg"),
    ("cell.separator_thickness", "m"),
    ("cell.separator_resistance", "ohm m2"),
    ("cell.area", "m2"),
    ("cell.temperature", "K"),
    ("cell.one_c", "A/kg"),
    ("cell.stack_pressure", "Pa"),
    ("cell.headspace.volume", "m3"),
    ("cell.headspace.flow", "m3/s"),
    ("cell.headspace.pellet_delay", "s"),
    ("protocol.repeat", "1"),
    ("protocol.steps.duration", "s"),
    ("protocol.steps.control.current", "A/m2"),
    ("protocol.steps.control.voltage", "V"),
    ("protocol.steps.until.voltage-above", "V"),
    ("protocol.steps.until.voltage-below", "V"),
    ("protocol.steps.control.power", "W/m2"),
    ("protocol.steps.control.resistance", "ohm m2"),
    ("protocol.steps.control.sweep.rate", "V/s"),
    ("protocol.steps.control.sweep", "V"),
    ("protocol.steps.control.profile.time", "s"),
    ("protocol.steps.control.profile.current", "A/m2"),
    ("protocol.steps.period", "s"),
    ("protocol.steps.rest_after", "s"),
    ("protocol.steps.until.current-below", "A/m2"),
    ("protocol.steps.until.current-above", "A/m2"),
    ("protocol.steps.until.charge-above", "C/m2"),
    ("protocol.stop.share-of-first", "1"),
    ("protocol.stop.share-of-block", "1"),
    ("protocol.stop.capacity", "C/m2"),
    ("protocol.stop.voltage", "V"),
    ("protocol.stop.time", "s"),
    ("protocol.impedance.cycles", "1"),
    ("protocol.impedance.at", "V"),
    ("protocol.impedance.discharge_from", "V"),
    ("protocol.impedance.charge_current", "A/m2"),
    ("protocol.impedance.hold_until", "1"),
    ("protocol.impedance.rest", "s"),
    ("protocol.impedance.highest", "Hz"),
    ("protocol.impedance.lowest", "Hz"),
    ("protocol.impedance.amplitude.value", "V"),
    ("protocol.impedance.amplitude.down_to", "Hz"),
    ("protocol.impedance.per_decade", "1"),
    ("attribution", "1"),
    ("microstructure.box_edge", "m"),
    ("microstructure.resolution", "1"),
    ("image.voxel", "m"),
    ("image.axis", "1"),
    ("image.labels.label", "1"),
    ("image.carbon_fill", "1"),
    ("image.split_depth", "m"),
    ("numerics", "1"),
];

/// What an electrolyte can be.
const ELECTROLYTES: &[MaterialKind] = &[
    MaterialKind::SolidElectrolyte,
    MaterialKind::LiquidElectrolyte,
];

/// Where materials sit in a scenario, and of which kinds they can be.
const MATERIALS: &[(&str, &[MaterialKind])] = &[
    ("cathode.active_material", &[MaterialKind::ActiveMaterial]),
    ("cathode.electrolyte", ELECTROLYTES),
    (
        "cathode.carbon",
        &[MaterialKind::CarbonFibre, MaterialKind::CarbonBlack],
    ),
    ("cathode.binder", &[MaterialKind::Binder]),
    ("coating.layers.material", &[MaterialKind::Coating]),
    (
        "coating.annealed.recipe.process",
        &[MaterialKind::CoatingProcess],
    ),
    (
        "coating.annealed.recipe.precursor",
        &[MaterialKind::Coating],
    ),
    (
        "coating.annealed.recipe.intermediate",
        &[MaterialKind::Coating],
    ),
    (
        "coating.annealed.recipe.phosphate",
        &[MaterialKind::Coating],
    ),
    ("coating.annealed.recipe.sulfate", &[MaterialKind::Coating]),
    ("cell.anode", &[MaterialKind::Anode]),
    ("cell.separator", ELECTROLYTES),
    ("laws", &[MaterialKind::Laws]),
];

impl Scenario {
    /// Everything that is simulated as TOML text: defaults filled in, materials
    /// spelt out, every number in SI with its unit as a comment.
    pub fn resolved_toml(&self) -> String {
        let mut text = String::from(
            "# Resolved scenario: every number in SI, its unit behind it (1: a pure number).\n",
        );
        // A structure of numbers, texts and vectors always serialises.
        if let Ok(table) = Table::try_from(self) {
            write_table(&mut text, &table, "");
        }
        text
    }
}

/// The SI unit of the number at a dotted path (array indices left out). Blocks within
/// blocks are like those outside.
fn unit_of(path: &str) -> Option<&'static str> {
    if let Some(inner) = path.strip_prefix("protocol.blocks.") {
        return unit_of(&format!("protocol.{inner}"));
    }
    let below = |prefix: &str| {
        path.strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('.'))
    };
    for (prefix, kinds) in MATERIALS {
        if let Some(rest) = below(prefix) {
            return kinds
                .iter()
                .flat_map(|kind| leaves(kind.schema()))
                .find(|(leaf, _)| leaf == rest)
                .map(|(_, key)| key.kind.si());
        }
    }
    UNITS
        .iter()
        .find(|(prefix, _)| path == *prefix || below(prefix).is_some())
        .map(|(_, unit)| *unit)
}

/// Plain values first, then tables and arrays of tables under their headers.
fn write_table(text: &mut String, table: &Table, path: &str) {
    let join = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    let is_tables = |value: &Value| matches!(value, Value::Array(items) if items.first().is_some_and(Value::is_table));
    for (key, value) in table
        .iter()
        .filter(|(_, value)| !value.is_table() && !is_tables(value))
    {
        let unit = match value {
            Value::String(_) | Value::Boolean(_) => None,
            _ => unit_of(&join(key)),
        };
        let comment = unit.map_or_else(String::new, |unit| format!("  # {unit}"));
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{key} = {}{comment}", plain(value));
    }
    for (key, value) in table {
        let header = join(key);
        match value {
            Value::Table(inner) => {
                let _ = writeln!(text, "\n[{header}]");
                write_table(text, inner, &header);
            }
            Value::Array(items) if is_tables(value) => {
                for inner in items.iter().filter_map(Value::as_table) {
                    let _ = writeln!(text, "\n[[{header}]]");
                    write_table(text, inner, &header);
                }
            }
            _ => {}
        }
    }
}

/// A value in one line; floats in their shortest exact form.
fn plain(value: &Value) -> String {
    match value {
        Value::Float(number) => format!("{number:?}"),
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(plain).collect::<Vec<_>>().join(", ")
            )
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths of all numbers in a table, array indices left out.
    fn numbers(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Table(table) => {
                for (key, inner) in table {
                    let join = if path.is_empty() {
                        key.clone()
                    } else {
                        format!("{path}.{key}")
                    };
                    numbers(inner, &join, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| numbers(item, path, found)),
            Value::Float(_) | Value::Integer(_) => found.push(path.to_owned()),
            _ => {}
        }
    }

    #[test]
    fn every_number_has_a_unit_and_the_text_reads_back() {
        let five = include_str!("../../scenarios/shi2023-5p.toml");
        let usual = "{ d50 = \"4.4 um\", d90 = \"5 um\" }";
        assert!(five.contains(usual));
        let sized = |form: &str| five.replace(usual, form);
        let film = "material = \"PVBTA-TFSI\"\nthickness = \"8 nm\"\ncoverage = \"97 %\" # assumed: conformal by spray drying\nmass = \"5 wt%\"\n";
        assert!(five.contains(film));
        let annealed =
            "process = { precursor = \"Li3PS4\", mass = \"1 wt%\", temperature = \"200 degC\" }\n";
        let pressed = format!("pressing_pressure = \"375 MPa\"\nparticle_diameter = {usual}");
        for text in [
            five,
            include_str!("../../scenarios/quick.toml"),
            &sized("{ d10 = \"2 um\", d50 = \"4 um\", d90 = \"5 um\" }"),
            &sized("{ mean = \"4 um\", deviation = \"1 um\", shape = \"normal\" }"),
            &sized("{ diameters = [\"2 um\", \"4 um\"], shares = [\"100 %\"] }"),
            &five.replace(film, annealed),
            &five.replace(&format!("particle_diameter = {usual}"), &pressed),
        ] {
            let scenario = crate::scenario::from_str("test", text)
                .expect("a shipped scenario")
                .scenario;
            let table = Table::try_from(&scenario).expect("serialisable");
            let mut paths = Vec::new();
            numbers(&Value::Table(table), "", &mut paths);
            assert!(paths.len() > 200);
            for path in paths {
                assert!(unit_of(&path).is_some(), "{path} has no unit");
            }
            let back: Scenario = toml::from_str(&scenario.resolved_toml()).expect("valid TOML");
            assert_eq!(back, scenario);
        }
    }
}
