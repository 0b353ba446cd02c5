//! The experimenter's analysis beside the truth: simulated cells of known resistances,
//! particle sizes and active mass, read as shi2023 read theirs. Prints the tables of
//! `validation/analysis-bias.md`:
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
use engobe::scenario::{Control, Scenario};
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::Cell;
use num_complex::Complex64;

/// ohm cm2 in one ohm m2.
const AREA: f64 = 1e4;
/// Lithium content at which spectra are taken: 3.15 V against In/InLi.
const CONTENT: f64 = 0.6;

struct Case {
    name: &'static str,
    radii: &'static [f64],
    /// Charge-transfer resistance over that of the material.
    transfer: f64,
    /// D follows the material's law instead of being constant.
    real_diffusivity: bool,
}

const CASES: [Case; 5] = [
    Case {
        name: "fresh, spheres of 2.3 um",
        radii: &[2.3e-6],
        transfer: 1.0,
        real_diffusivity: false,
    },
    Case {
        name: "fresh, D(x) of NCM83",
        radii: &[2.3e-6],
        transfer: 1.0,
        real_diffusivity: true,
    },
    Case {
        name: "sizes 1.6, 2.3, 3.2 um",
        radii: &[1.6e-6, 2.3e-6, 3.2e-6],
        transfer: 1.0,
        real_diffusivity: false,
    },
    Case {
        name: "R_ct ten times",
        radii: &[2.3e-6],
        transfer: 10.0,
        real_diffusivity: false,
    },
    Case {
        name: "R_ct a hundred times",
        radii: &[2.3e-6],
        transfer: 100.0,
        real_diffusivity: false,
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
fn read(case: &Case, connected: f64) -> (Linearised, Electrode, SpectrumReading) {
    let (mut scenario, _) = cell(case);
    scenario.cathode.connected_fraction = connected;
    let model = electrode(&scenario, case.radii);
    let mut state = model.initial_state();
    state[Field::Shells].fill(CONTENT);
    let linear = Linearised::new(&model, &AlternatingCurrent::new(&scenario), &state);
    let frequency = frequencies(1e6, 1e-4, 10);
    let known = Known::of_scenario(&scenario).unwrap();
    let cathode: Vec<Complex64> = frequency
        .iter()
        .map(|f| (linear.impedance(*f) - linear.rest_impedance(*f)) / known.area)
        .collect();
    let voltage =
        model.oxide.open_circuit.value(CONTENT) - known.cathode.as_ref().unwrap().anode_potential;
    let measured = MeasuredSpectrum {
        cycle: None,
        voltage: Some(voltage),
        impedance: linear
            .spectrum(&frequency)
            .iter()
            .map(|z| z / known.area)
            .collect(),
        cathode: Some(with_noise(&cathode, 3e-3, 17)),
        electronic_resistance: Some(linear.rail_resistances()[1] / known.area),
        frequency,
    };
    let reading = read_spectrum(&measured, &known);
    (linear, model, reading)
}

#[test]
fn readings_of_spectra_beside_the_truth() {
    println!(
        "| cell | quantity | truth | one length | EIS-PSD, planar | EIS-PSD, spheres |\n|---|---|---|---|---|---|"
    );
    for case in &CASES {
        let (linear, model, reading) = read(case, 1.0);
        let line = reading.transmission_line.read().expect("a line");
        let planar = reading.planar_lengths.read().expect("planar lengths");
        let spheres = reading.spherical_lengths.read().expect("radii");
        let [ionic, electronic] = linear.rail_resistances();
        let transfer = linear.charge_transfer_resistance();
        let direct = linear.direct_current_resistance();
        let mean = (transfer * (ionic + electronic)).sqrt();
        let row = |name: &str, truth: f64, read: [f64; 3]| {
            let cells = read.map(|v| format!("{v:.3} ({:+.0} %)", 100.0 * (v / truth - 1.0)));
            println!(
                "| {} | {name} | {truth:.3} | {} |",
                case.name,
                cells.join(" | ")
            );
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
        if !case.real_diffusivity {
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
        assert!(model.particles() > 0);
    }
}

/// Active mass: the fresh connected share, read from relaxed potentials with the
/// paper's rests and with longer ones.
#[test]
fn readings_of_active_mass_beside_the_truth() {
    println!("| connected | rest / h | active mass read | deviation |\n|---|---|---|---|");
    for connected in [0.95, 0.8, 0.6] {
        for hours in [2.0, 20.0] {
            let mut scenario = scenario("shi2023-pristine");
            scenario.mechanisms = NO_AGEING;
            scenario.cathode.connected_fraction = connected;
            let model = electrode(&scenario, &[2.3e-6]);
            let mut block = scenario.protocol[0].clone();
            for step in &mut block.steps {
                if step.control == Control::Rest {
                    step.duration = Some(3600.0 * hours);
                }
            }
            let fresh = model.initial_state();
            let mut cell = Cell::new(&model, fresh.clone(), 1e-4);
            let mut gathered = Gathered::default();
            for _ in 0..2 {
                run_cycle(&mut cell, &scenario, &block, &fresh, &mut gathered);
            }
            let read = gathered.cycles[1].active_mass_apparent;
            let deviation = 100.0 * (read / connected - 1.0);
            println!("| {connected} | {hours} | {read:.4} | {deviation:+.2} % |");
            assert!(
                deviation.abs() < if hours > 10.0 { 0.5 } else { 3.0 },
                "{deviation} %"
            );
        }
    }
}
