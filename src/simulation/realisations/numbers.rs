//! A structure in numbers: one list with names and units, for tables, spreads
//! and files.

use crate::microstructure::measure::{AXIS_NAMES, Distribution, Measures, PHASE_NAMES};
use crate::microstructure::{Microstructure, Phase};
use crate::scenario::Scenario;
use crate::transport::EffectiveTransport;

/// mS/cm in one S/m.
const MILLISIEMENS_PER_CENTIMETRE: f64 = 10.0;
/// Micrometres in a metre.
const MICROMETRES: f64 = 1e6;

/// A number measured on a structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// Lower case with underscores.
    pub name: String,
    /// Unit of `value`; `1` for pure numbers.
    pub unit: &'static str,
    /// Not a number where nothing could be measured.
    pub value: f64,
}

/// Every number of a structure, as far as it was measured and solved.
pub fn numbers(
    scenario: &Scenario,
    structure: &Microstructure,
    measures: Option<&Measures>,
    transport: Option<&EffectiveTransport>,
) -> Vec<Number> {
    let mut list = List(Vec::new());
    list.recipe(structure);
    if let Some(transport) = transport {
        list.transport(scenario, transport);
    }
    if let Some(measures) = measures {
        list.surfaces(measures);
        list.particles(measures);
        list.lengths(measures);
        list.paths(measures);
    }
    list.0
}

struct List(Vec<Number>);

impl List {
    fn put(&mut self, name: impl Into<String>, unit: &'static str, value: f64) {
        self.0.push(Number {
            name: name.into(),
            unit,
            value,
        });
    }

    fn recipe(&mut self, structure: &Microstructure) {
        let statistics = &structure.statistics;
        for (name, fraction) in PHASE_NAMES.iter().zip(statistics.fractions) {
            self.put(format!("fraction_{name}"), "1", fraction);
        }
        self.put("film_fraction", "1", statistics.film_fraction);
        let thickness = MICROMETRES * statistics.thickness;
        self.put("thickness", "um", thickness);
        self.put("particles", "1", statistics.particles as f64);
        self.put("largest_overlap", "1", statistics.largest_overlap);
    }

    fn transport(&mut self, scenario: &Scenario, transport: &EffectiveTransport) {
        let pellet = scenario.cathode.electrolyte.ionic_conductivity * MILLISIEMENS_PER_CENTIMETRE;
        let conductivity = pellet * transport.ionic_factor;
        self.put("ionic_conductivity", "mS cm-1", conductivity);
        self.put("ionic_factor", "1", transport.ionic_factor);
        self.put("ionic_tortuosity_factor", "1", transport.ionic_tortuosity);
        self.put("ionic_connected", "1", transport.ionic_connected);
        // From fully lithiated to delithiated: the ends of the oxide's law.
        let ends = [
            ("least", transport.electronic.first()),
            ("greatest", transport.electronic.last()),
        ];
        for (name, pair) in ends {
            let (oxide, effective) = pair.copied().unwrap_or((f64::NAN, f64::NAN));
            self.put(
                format!("electronic_conductivity_{name}"),
                "mS cm-1",
                MILLISIEMENS_PER_CENTIMETRE * effective,
            );
            self.put(
                format!("electronic_conductivity_of_oxide_{name}"),
                "mS cm-1",
                MILLISIEMENS_PER_CENTIMETRE * oxide,
            );
        }
        self.put("electronic_connected", "1", transport.electronic_connected);
    }

    fn surfaces(&mut self, measures: &Measures) {
        let per_micrometre = 1.0 / MICROMETRES;
        for (a, first) in PHASE_NAMES.iter().enumerate() {
            for (b, second) in PHASE_NAMES.iter().enumerate().skip(a + 1) {
                self.put(
                    format!("interface_{first}_{second}"),
                    "um-1",
                    per_micrometre * measures.interfaces.specific(a, b),
                );
            }
        }
        let contact = per_micrometre * measures.specific_particle_contact;
        self.put("interface_between_particles", "um-1", contact);
    }

    fn particles(&mut self, measures: &Measures) {
        if measures.facing.is_empty() {
            return;
        }
        for (phase, name) in PHASE_NAMES.into_iter().enumerate() {
            let over = Distribution::new(measures.facing.iter().map(|s| s.by_phase()[phase]));
            let name = if phase == Phase::ActiveMaterial as usize {
                "particles"
            } else {
                name
            };
            self.put(format!("facing_{name}_mean"), "1", over.mean);
            self.put(format!("facing_{name}_deviation"), "1", over.deviation);
        }
        let contact = Distribution::new(measures.facing.iter().map(|s| s.electrolyte));
        self.put("facing_electrolyte_tenth", "1", contact.tenth);
        self.put("facing_electrolyte_median", "1", contact.median);
        self.put("facing_electrolyte_ninetieth", "1", contact.ninetieth);
        let counts = measures.coordination.iter().map(|&c| f64::from(c));
        let over = Distribution::new(counts);
        self.put("coordination_mean", "1", over.mean);
        self.put("coordination_deviation", "1", over.deviation);
        let alone = measures.coordination.iter().filter(|&&c| c == 0).count();
        let alone = alone as f64 / measures.coordination.len() as f64;
        self.put("particles_without_contact", "1", alone);
    }

    fn lengths(&mut self, measures: &Measures) {
        for (phase, name) in PHASE_NAMES.iter().enumerate() {
            for (axis, along) in AXIS_NAMES.iter().enumerate() {
                self.put(
                    format!("chord_{name}_{along}"),
                    "um",
                    MICROMETRES * measures.chords[phase][axis].mean(),
                );
            }
        }
        for (phase, name) in PHASE_NAMES.iter().enumerate() {
            let length = MICROMETRES * measures.correlation_length(phase);
            self.put(format!("correlation_length_{name}"), "um", length);
        }
    }

    fn paths(&mut self, measures: &Measures) {
        for found in &measures.connectivity {
            let (name, along) = (found.domain.name, AXIS_NAMES[found.axis]);
            self.put(
                format!("percolating_{name}_{along}"),
                "1",
                found.percolating,
            );
            self.put(format!("from_low_{name}_{along}"), "1", found.from_low);
            self.put(format!("from_high_{name}_{along}"), "1", found.from_high);
            self.put(
                format!("geodesic_tortuosity_{name}_{along}"),
                "1",
                found.geodesic_tortuosity,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microstructure::generate;
    use crate::microstructure::measure::measure;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_the_units_are_right() {
        let mut scenario = crate::scenario::load("scenarios/quick.toml")
            .unwrap()
            .scenario;
        scenario.microstructure.box_edge = 12e-6;
        scenario.microstructure.resolution = 30;
        let structure = generate(&scenario, &mut |_| ()).unwrap();
        let measures = measure(&structure).unwrap();
        let list = numbers(&scenario, &structure, Some(&measures), None);
        let names: BTreeSet<&str> = list.iter().map(|n| n.name.as_str()).collect();
        assert_eq!(names.len(), list.len());
        let value = |name: &str| {
            let found = list.iter().find(|n| n.name == name);
            found.unwrap_or_else(|| panic!("no {name}")).value
        };
        let void = Phase::Void as usize;
        assert!((value("fraction_void") - structure.statistics.fractions[void]).abs() < 1e-15);
        // Spheres of 4.4 um filling about 0.4: 6/d x 0.4 = 0.55 per um, less what
        // does not face electrolyte.
        let interface = value("interface_active_material_electrolyte");
        assert!((0.2..0.56).contains(&interface), "{interface}");
        let chord = value("chord_active_material_width");
        assert!((1.0..6.0).contains(&chord), "{chord}");
        assert!(!names.contains("ionic_conductivity"), "nothing was solved");
    }
}
