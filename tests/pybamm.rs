//! The electrode against an independent code: a half cell under constant current,
//! computed with PyBaMM (`validation/pybamm`, whose script holds the same numbers).
//! Prints the deviations:
//!
//! ```sh
//! cargo test --release --test pybamm -- --nocapture
//! ```

#[path = "common/ageing.rs"]
mod ageing;

use ageing::NO_AGEING;
use engobe::constants::{FARADAY, GAS_CONSTANT};
use engobe::electrode::{Electrode, Field};
use engobe::microstructure::{MicrostructureStatistics, SizeClass};
use engobe::numerics::interpolate::MonotoneCubic;
use engobe::scenario::{self, Control, Cutoff, Scenario, Step};
use engobe::simulation::march::{Cell, StepEnd};
use engobe::transport::EffectiveTransport;
use rayon::prelude::*;

/// Largest deviations allowed: root mean square, V, and of the capacity, relative. The
/// promise is ten times wider (1 mV, 0.1 %); these are what a change of 1 % in any one
/// of the two conductivities, the diffusivity or the three resistances exceeds.
const RMS: f64 = 1e-4;
const CAPACITY: f64 = 1e-4;

// Geometry: m, m, m, share of the volume.
const THICKNESS: f64 = 70e-6;
const SEPARATOR: f64 = 30e-6;
const RADIUS: f64 = 3e-6;
const ACTIVE: f64 = 0.5;
// Lithium sites (mol/m3) and diffusivity (m2/s) of the oxide.
const SITES: f64 = 50e3;
const DIFFUSIVITY: f64 = 3e-15;
// Effective conductivities, S/m.
const IONIC: f64 = 0.03;
const ELECTRONIC: f64 = 0.1;
// Charge-transfer resistance of the oxide at its smallest, ohm m2 of interface;
// exchange current density of the lithium metal, A/m2 of cell; K.
const RESISTANCE: f64 = 0.02;
const LITHIUM_EXCHANGE: f64 = 100.0;
const TEMPERATURE: f64 = 298.15;
// 1C, A/m2 of cell.
const ONE_C: f64 = 30.0;

/// Potential of the oxide, V vs Li+/Li.
fn open_circuit(x: f64) -> f64 {
    4.4 - 0.7 * x - 0.08 * ((x - 0.32) / 0.06).tanh() - 0.5 * ((x - 0.97) / 0.02).exp()
}

/// A grid and a tolerance.
#[derive(Clone, Copy)]
struct Numerics {
    depths: usize,
    shells: usize,
    tolerance: f64,
}

/// Fine enough that what is left is the difference of the two codes, not the grid;
/// `validation/pybamm/README.md` has the deviations on other grids.
const FINE: Numerics = Numerics {
    depths: 80,
    shells: 120,
    tolerance: 1e-6,
};

/// The shipped grid and tolerance, for which the promise itself is asserted.
const DEFAULT: Numerics = Numerics {
    depths: 6,
    shells: 14,
    tolerance: 1e-3,
};
const PROMISED: f64 = 1e-3;

/// One curve of the reference.
struct Curve {
    rate: f64,
    charge: bool,
    /// s, V vs Li+/Li.
    points: Vec<(f64, f64)>,
}

impl Curve {
    /// Lithium content at the start.
    fn start(&self) -> f64 {
        if self.charge { 0.93 } else { 0.25 }
    }

    fn step(&self) -> Step {
        let (sign, until) = if self.charge {
            (1.0, Cutoff::VoltageAbove(4.35))
        } else {
            (-1.0, Cutoff::VoltageBelow(3.0))
        };
        let control = Control::Current(sign * self.rate * ONE_C);
        Step {
            until: vec![until],
            ..Step::new(control, "a whole curve")
        }
    }

    fn name(&self) -> String {
        let direction = if self.charge { "charge" } else { "discharge" };
        format!("{}C {direction}", self.rate)
    }
}

fn reference() -> Vec<Curve> {
    let text = std::fs::read_to_string("validation/pybamm/half_cell.csv").expect("the reference");
    let mut curves: Vec<Curve> = Vec::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| -> f64 { fields[i].parse().expect("a number") };
        let (rate, charge) = (number(0), fields[1] == "charge");
        if !curves
            .last()
            .is_some_and(|c| c.rate.total_cmp(&rate).is_eq() && c.charge == charge)
        {
            curves.push(Curve {
                rate,
                charge,
                points: Vec::new(),
            });
        }
        let curve = curves.last_mut().expect("just pushed");
        curve.points.push((number(2), number(3)));
    }
    curves
}

/// The half cell as a scenario: lithium metal without drift or ohmic resistance of
/// its own, no carbon, no coating, nothing that ages.
fn half_cell(numerics: Numerics, initial: f64) -> Scenario {
    let mut scenario = scenario::load("scenarios/shi2023-pristine.toml")
        .expect("a shipped scenario")
        .scenario;
    scenario.mechanisms = NO_AGEING;
    scenario.numerics.depths = numerics.depths;
    scenario.numerics.shells = numerics.shells;
    let thermal = GAS_CONSTANT * TEMPERATURE / FARADAY;
    let (cathode, cell) = (&mut scenario.cathode, &mut scenario.cell);
    cell.temperature = TEMPERATURE;
    cell.separator_thickness = SEPARATOR;
    cell.separator.ionic_conductivity = IONIC;
    cell.anode.open_circuit_potential = vec![(0.0, 0.0), (1.0, 0.0)];
    cell.anode.charge_transfer_resistance = thermal / LITHIUM_EXCHANGE;
    cell.anode.ohmic_resistance = 0.0;
    cathode.electrolyte.ionic_conductivity = IONIC;
    cathode.areal_loading = THICKNESS * ACTIVE * cathode.active_material.density;
    cathode.specific_surface = 3.0 / (RADIUS * cathode.active_material.density);
    cathode.contact_fraction = 1.0;
    cathode.connected_fraction = 1.0;
    let oxide = &mut cathode.active_material;
    oxide.molar_mass = oxide.density / SITES;
    oxide.initial_stoichiometry = initial;
    oxide.open_circuit_potential = (0..=4000)
        .map(|i| f64::from(i) / 4000.0)
        .map(|x| (x, open_circuit(x)))
        .collect();
    let diffusivity = &mut oxide.diffusivity;
    diffusivity.reference = DIFFUSIVITY;
    (diffusivity.upper_edge, diffusivity.lower_edge) = (9.0, -9.0);
    (diffusivity.floor, diffusivity.dip_depth) = (0.0, 0.0);
    let transfer = &mut oxide.charge_transfer;
    transfer.resistance = RESISTANCE;
    (transfer.upper_rise, transfer.upper_width) = (3.0, 0.05);
    (transfer.lower_edge, transfer.lower_width) = (0.15, 0.05);
    scenario
}

fn model(scenario: &Scenario) -> Electrode {
    let structure = MicrostructureStatistics {
        thickness: THICKNESS,
        surface_to_electrolyte: 1.0,
        size_classes: vec![SizeClass {
            radius: RADIUS,
            volume_share: 1.0,
        }],
        ..MicrostructureStatistics::default()
    };
    let transport = EffectiveTransport {
        ionic_factor: 1.0,
        ionic_tortuosity: 1.0,
        ionic_connected: 1.0,
        electronic: vec![(1e-6, ELECTRONIC), (1e3, ELECTRONIC)],
        electronic_connected: 1.0,
    };
    Electrode::new(scenario, &structure, &transport).expect("a model")
}

/// How far a curve is from its reference.
struct Deviation {
    /// Root mean square and largest difference of the voltage at the reference's times, V.
    rms: f64,
    largest: f64,
    /// Relative difference of the capacity at the cut-off.
    capacity: f64,
}

fn deviation(curve: &Curve, numerics: Numerics) -> Deviation {
    let model = model(&half_cell(numerics, curve.start()));
    let mut cell = Cell::new(&model, model.initial_state(), numerics.tolerance);
    let step = curve.step();
    let mut time = 0.0;
    let mut found = Vec::new();
    let end = cell.run(&step, &mut |state, sample| {
        time += sample.length;
        found.push((time, state.scalar(Field::Voltage)));
    });
    assert_eq!(end, StepEnd::Cutoff(step.until[0]));
    // The current is constant: times at the cut-off are to each other as capacities.
    let last = curve.points[curve.points.len() - 1].0;
    // Straight on beyond its ends: a curve that stops a little early is compared whole.
    let voltage = MonotoneCubic::new(&found).expect("rising times");
    let differences = curve.points.iter().map(|&(t, v)| voltage.value(t) - v);
    let squares: f64 = differences.clone().map(|d| d * d).sum();
    Deviation {
        rms: (squares / curve.points.len() as f64).sqrt(),
        largest: differences.fold(0.0, |a, d| a.max(d.abs())),
        capacity: time / last - 1.0,
    }
}

#[test]
fn half_cell_curves_are_those_of_pybamm() {
    let curves = reference();
    let rates: Vec<f64> = curves.iter().map(|c| c.rate).collect();
    assert_eq!(rates, [0.1, 1.0, 2.0, 0.1, 1.0, 2.0]);
    for (numerics, rms, capacity) in [(FINE, RMS, CAPACITY), (DEFAULT, PROMISED, PROMISED)] {
        let deviations: Vec<Deviation> =
            curves.par_iter().map(|c| deviation(c, numerics)).collect();
        println!("{} depths, {} shells", numerics.depths, numerics.shells);
        println!("| curve | rms / mV | largest / mV | capacity |");
        for (curve, found) in curves.iter().zip(&deviations) {
            println!(
                "| {} | {:.4} | {:.3} | {:+.5} % |",
                curve.name(),
                1e3 * found.rms,
                1e3 * found.largest,
                100.0 * found.capacity
            );
        }
        for (curve, found) in curves.iter().zip(&deviations) {
            assert!(curve.points.len() > 100, "{}", curve.name());
            assert!(found.rms < rms, "{}", curve.name());
            assert!(found.capacity.abs() < capacity, "{}", curve.name());
        }
    }
}

/// What is asserted of the shipped numerics is asserted of what is shipped.
#[test]
fn the_default_is_the_shipped_one() {
    let shipped = scenario::load("scenarios/shi2023-pristine.toml")
        .expect("a shipped scenario")
        .scenario
        .numerics;
    assert_eq!(
        (shipped.depths, shipped.shells),
        (DEFAULT.depths, DEFAULT.shells)
    );
    assert!((shipped.tolerance - DEFAULT.tolerance).abs() < 1e-15);
}
