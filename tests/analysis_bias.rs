//! The experimenter's analysis beside the truth: simulated cells of known resistances,
//! particle sizes and active mass, read as shi2023 read theirs. Prints the tables of
//! `validation/analysis-bias.md`, and fails where that file says something else:
//!
//! ```sh
//! cargo test --release --test analysis_bias -- --nocapture
//! ```

#[path = "common/ageing.rs"]
mod ageing;
mod common;

use ageing::NO_AGEING;
use common::{electrode, scenario};
use engobe::analysis::{Known, SpectrumReading, read_spectrum};
use engobe::electrode::{Electrode, Field};
use engobe::impedance::linearise::{AlternatingCurrent, Linearised, frequencies};
use engobe::impedance::with_noise;
use engobe::measurement::MeasuredSpectrum;
use engobe::observables::{RelaxedCycle, active_mass};
use engobe::scenario::{Control, Scenario};
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::Cell;
use num_complex::Complex64;
use std::fs;
use std::path::Path;

/// ohm cm2 in one ohm m2.
const AREA: f64 = 1e4;
/// Lithium content at which spectra are taken: 3.15 V against In/InLi.
const CONTENT: f64 = 0.6;

/// A table that is printed, and that the documentation must hold as it is.
struct Printed(String);

impl Printed {
    fn new(headings: &str) -> Self {
        let rule = "|---".repeat(headings.matches('|').count() - 1);
        let mut own = Self(String::new());
        own.row(headings);
        own.row(&format!("{rule}|"));
        own
    }

    fn row(&mut self, row: &str) {
        println!("{row}");
        self.0 += row;
        self.0.push('\n');
    }

    /// Fails where the committed text lacks this table; leaves it in `target/tmp`, so
    /// that it can be taken over.
    fn compare(&self, name: &str) {
        let found = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&found, &self.0).expect("target/tmp is writable");
        let committed = fs::read_to_string("validation/analysis-bias.md").expect("it is there");
        let stale: Vec<&str> = self
            .0
            .lines()
            .filter(|row| !committed.contains(row))
            .collect();
        assert!(
            committed.contains(&self.0),
            "validation/analysis-bias.md does not hold the table now in {}; rows it lacks:\n{}",
            found.display(),
            stale.join("\n")
        );
    }
}

struct Case {
    name: &'static str,
    radii: &'static [f64],
    /// Charge-transfer resistance over that of the material.
    transfer: f64,
    /// D follows the material's law instead of being constant.
    real_diffusivity: bool,
    /// Separator and anode are known from a symmetric cell.
    isolated: bool,
}

const CASES: [Case; 6] = [
    Case {
        name: "fresh, spheres of 2.3 um",
        radii: &[2.3e-6],
        transfer: 1.0,
        real_diffusivity: false,
        isolated: true,
    },
    Case {
        name: "fresh, whole cell without a symmetric one",
        radii: &[2.3e-6],
        transfer: 1.0,
        real_diffusivity: false,
        isolated: false,
    },
    Case {
        name: "fresh, D(x) of NCM83",
        radii: &[2.3e-6],
        transfer: 1.0,
        real_diffusivity: true,
        isolated: true,
    },
    Case {
        name: "sizes 1.6, 2.3, 3.2 um",
        radii: &[1.6e-6, 2.3e-6, 3.2e-6],
        transfer: 1.0,
        real_diffusivity: false,
        isolated: true,
    },
    Case {
        name: "R_ct ten times",
        radii: &[2.3e-6],
        transfer: 10.0,
        real_diffusivity: false,
        isolated: true,
    },
    Case {
        name: "R_ct a hundred times",
        radii: &[2.3e-6],
        transfer: 100.0,
        real_diffusivity: false,
        isolated: true,
    },
];

/// The scenario and model of a case, without ageing.
fn cell(case: &Case) -> (Scenario, Electrode) {
    let mut scenario = scenario("shi2023-pristine");
    scenario.mechanisms = NO_AGEING;
    scenario.numerics.shells = 30;
    let oxide = &mut scenario.cathode.active_material;
    oxide.charge_transfer.resistance *= case.transfer;
    if !case.real_diffusivity {
        let law = &mut oxide.diffusivity;
        (law.upper_edge, law.lower_edge, law.dip_depth, law.floor) = (9.0, -9.0, 0.0, 0.0);
    }
    let model = electrode(&scenario, case.radii);
    (scenario, model)
}

/// The truth, and what is read from the spectrum with a scatter of 0.3 %.
fn read(case: &Case) -> (Linearised, SpectrumReading) {
    let (scenario, model) = cell(case);
    let mut state = model.initial_state();
    state[Field::Shells].fill(CONTENT);
    let linear = Linearised::new(&model, &AlternatingCurrent::new(&scenario), &state);
    let frequency = frequencies(1e6, 1e-4, 10);
    let known = Known::of_scenario(&scenario).unwrap();
    let per_cell = |z: Complex64| z / known.area;
    let clean: Vec<Complex64> = frequency
        .iter()
        .map(|f| per_cell(linear.impedance(*f)))
        .collect();
    let impedance = with_noise(&clean, 3e-3, 17);
    let rest = frequency
        .iter()
        .map(|f| per_cell(linear.rest_impedance(*f)));
    let cathode: Vec<Complex64> = impedance
        .iter()
        .zip(rest)
        .map(|(z, rest)| z - rest)
        .collect();
    let voltage =
        model.oxide.open_circuit.value(CONTENT) - known.cathode.as_ref().unwrap().anode_potential;
    let measured = MeasuredSpectrum {
        cycle: None,
        voltage: Some(voltage),
        impedance,
        cathode: case.isolated.then_some(cathode),
        electronic_resistance: Some(linear.rail_resistances()[1] / known.area),
        linearity: Vec::new(),
        frequency,
    };
    let reading = read_spectrum(&measured, &known);
    (linear, reading)
}

#[test]
fn readings_of_spectra_beside_the_truth() {
    let mut table = Printed::new(
        "| cell | quantity | truth | one length | EIS-PSD, planar | EIS-PSD, spheres |",
    );
    for case in &CASES {
        let (linear, reading) = read(case);
        let line = reading.transmission_line.read().expect("a line");
        let planar = reading.planar_lengths.read().expect("planar lengths");
        let spheres = reading.spherical_lengths.read().expect("radii");
        let [ionic, electronic] = linear.rail_resistances();
        let transfer = linear.charge_transfer_resistance();
        let direct = linear.direct_current_resistance();
        let mean = (transfer * (ionic + electronic)).sqrt();
        let mut row = |name: &str, truth: f64, read: [f64; 3]| {
            let cells = read.map(|v| format!("{v:.3} ({:+.0} %)", 100.0 * (v / truth - 1.0)));
            let cells = cells.join(" | ");
            table.row(&format!(
                "| {} | {name} | {truth:.3} | {cells} |",
                case.name
            ));
        };
        let circuits = [&line.circuit, &planar.circuit, &spheres.circuit];
        row(
            "R_ion / ohm cm2",
            AREA * ionic,
            circuits.map(|c| AREA * c.ionic_resistance),
        );
        row(
            "R_ct / ohm cm2",
            AREA * transfer,
            circuits.map(|c| AREA * c.charge_transfer_resistance),
        );
        row(
            "sqrt(R_ct (R_ion + R_ele)) / ohm cm2",
            AREA * mean,
            circuits.map(|c| AREA * c.cathode_resistance()),
        );
        row(
            "R, direct current, by the geometric mean / ohm cm2",
            AREA * direct,
            circuits.map(|c| AREA * c.cathode_resistance()),
        );
        row(
            "R, direct current, by the circuit / ohm cm2",
            AREA * direct,
            circuits.map(|c| AREA * c.direct_current_resistance()),
        );
        let radius = case.radii[case.radii.len() / 2];
        row(
            "radius (median) / um",
            1e6 * radius,
            [line.circuit.diffusion.length, planar.median, spheres.median].map(|l| 1e6 * l),
        );
        // What the right elements must find, and what the wrong ones must miss.
        if !case.real_diffusivity && case.isolated {
            let limit = if case.transfer > 50.0 { 0.1 } else { 0.05 };
            let error = |found: f64, truth: f64| (found / truth - 1.0).abs();
            assert!(
                error(spheres.circuit.direct_current_resistance(), direct) < limit,
                "{}",
                case.name
            );
            assert!(
                error(spheres.median, radius) < 0.1,
                "{}: {}",
                case.name,
                spheres.median
            );
            assert!(
                planar.median < 0.6 * radius && planar.median > 0.35 * radius,
                "{}",
                case.name
            );
        }
        if case.transfer >= 10.0 {
            assert!(
                mean < 0.75 * direct,
                "the geometric mean is far below the direct current's"
            );
        }
    }
    table.compare("analysis-bias-spectra.md");
}

/// One way of reading the active mass, and how far it may be from the truth, %.
struct Reading {
    name: &'static str,
    /// D over that of the material.
    diffusivity: f64,
    rest_hours: f64,
    /// Error of the anode's potential, V.
    anode_error: f64,
    allowed: std::ops::Range<f64>,
}

const READINGS: [Reading; 6] = [
    Reading {
        name: "as in shi2023: rests of 2 h",
        diffusivity: 1.0,
        rest_hours: 2.0,
        anode_error: 0.0,
        allowed: -0.5..0.5,
    },
    Reading {
        name: "rests of 6 min",
        diffusivity: 1.0,
        rest_hours: 0.1,
        anode_error: 0.0,
        allowed: -20.0..0.5,
    },
    Reading {
        name: "D a tenth, rests of 2 h",
        diffusivity: 0.1,
        rest_hours: 2.0,
        anode_error: 0.0,
        allowed: -20.0..0.5,
    },
    Reading {
        name: "D a tenth, rests of 20 h",
        diffusivity: 0.1,
        rest_hours: 20.0,
        anode_error: 0.0,
        allowed: -0.5..0.5,
    },
    Reading {
        name: "anode 10 mV too high",
        diffusivity: 1.0,
        rest_hours: 2.0,
        anode_error: 0.01,
        allowed: -5.0..5.0,
    },
    Reading {
        name: "anode 10 mV too low",
        diffusivity: 1.0,
        rest_hours: 2.0,
        anode_error: -0.01,
        allowed: -5.0..5.0,
    },
];

/// Active mass read from relaxed potentials, where it is known to be 80 %.
#[test]
fn readings_of_active_mass_beside_the_truth() {
    const CONNECTED: f64 = 0.8;
    let mut table = Printed::new("| reading | active mass, true | read | deviation |");
    for reading in &READINGS {
        let mut scenario = scenario("shi2023-pristine");
        scenario.mechanisms = NO_AGEING;
        scenario.cathode.connected_fraction = CONNECTED;
        scenario.cathode.active_material.diffusivity.reference *= reading.diffusivity;
        let model = electrode(&scenario, &[1.6e-6, 2.3e-6, 3.2e-6]);
        let mut block = scenario.protocol[0].clone();
        for step in &mut block.steps {
            if step.control == Control::Rest {
                step.duration = Some(3600.0 * reading.rest_hours);
            }
        }
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), 1e-4);
        let mut gathered = Gathered::default();
        for _ in 0..2 {
            run_cycle(&mut cell, &scenario, &block, &fresh, &mut gathered);
        }
        let last = &gathered.cycles[1];
        let known = Known::of_scenario(&scenario).unwrap().cathode.unwrap();
        let cycle = RelaxedCycle {
            charged_voltage: last.relaxed_charged,
            discharged_voltage: last.relaxed_discharged,
            anode_potential: known.anode_potential + reading.anode_error,
            charge: last.discharge,
        };
        let mass = active_mass(&cycle, &known.open_circuit, known.theoretical_capacity)
            .unwrap()
            .mass;
        let read = mass / known.areal_loading;
        let deviation = 100.0 * (read / CONNECTED - 1.0);
        table.row(&format!(
            "| {} | {CONNECTED} | {read:.4} | {deviation:+.2} % |",
            reading.name
        ));
        assert!(
            reading.allowed.contains(&deviation),
            "{}: {deviation} %",
            reading.name
        );
    }
    table.compare("analysis-bias-active-mass.md");
}
