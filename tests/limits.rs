//! The electrode where pen and paper can follow it: reaction everywhere alike, diffusion
//! alone, resistance alone.

#[path = "common/ageing.rs"]
mod ageing;

use ageing::NO_AGEING;
use engobe::constants::FARADAY;
use engobe::electrode::{Electrode, Field};
use engobe::microstructure::{MicrostructureStatistics, SizeClass};
use engobe::scenario::{self, Control, Scenario, Step};
use engobe::simulation::march::{Cell, StepEnd};
use engobe::transport::EffectiveTransport;

/// m, of the only size class.
const RADIUS: f64 = 2e-6;
/// Of the cathode, m.
const THICKNESS: f64 = 55e-6;

/// A cell without ageing, of one constant diffusivity (m2/s), one particle size and
/// the given ionic factor and electronic conductivity (S/m).
fn cell(diffusivity: f64, conduction: [f64; 2], edit: impl FnOnce(&mut Scenario)) -> Electrode {
    let mut scenario = scenario::load("scenarios/shi2023-pristine.toml")
        .expect("a shipped scenario")
        .scenario;
    scenario.mechanisms = NO_AGEING;
    let oxide = &mut scenario.cathode.active_material;
    oxide.charge_transfer.resistance = 9e-3;
    let law = &mut oxide.diffusivity;
    law.reference = diffusivity;
    (law.upper_edge, law.lower_edge, law.dip_depth, law.floor) = (9.0, -9.0, 0.0, 0.0);
    oxide.initial_stoichiometry = 0.9;
    edit(&mut scenario);
    let structure = MicrostructureStatistics {
        thickness: THICKNESS,
        surface_to_electrolyte: 0.8,
        size_classes: vec![SizeClass {
            radius: RADIUS,
            volume_share: 1.0,
        }],
        ..MicrostructureStatistics::default()
    };
    let [ionic_factor, electronic] = conduction;
    let transport = EffectiveTransport {
        ionic_factor,
        ionic_tortuosity: 5.0,
        ionic_connected: 1.0,
        electronic: vec![(1e-6, electronic), (1e3, electronic * (1.0 + 1e-12))],
        electronic_connected: 1.0,
    };
    Electrode::new(&scenario, &structure, &transport).expect("a model")
}

fn current(current: f64, duration: f64) -> Step {
    Step {
        duration: Some(duration),
        ..Step::new(Control::Current(current), "a current")
    }
}

/// Connected surface per cell area.
fn surface(model: &Electrode) -> f64 {
    (0..model.particles())
        .map(|m| model.volume_of(m) * model.connected_fraction * model.surface[model.class_of(m)])
        .sum()
}

#[test]
fn with_perfect_conductors_every_depth_reacts_alike() {
    let model = cell(3e-15, [1e7, 1e7], |_| {});
    let mut cell = Cell::new(&model, model.initial_state(), 1e-3);
    let load = 1.5 * model.one_c;
    assert_eq!(
        cell.run(&current(load, 900.0), &mut |_, _| {}),
        StepEnd::Duration
    );
    let even = load / surface(&model);
    for density in &cell.state[Field::CurrentBare] {
        assert!((density / even - 1.0).abs() < 1e-6, "{density} {even}");
    }
    // And does not where the electrolyte conducts as it does.
    let model = self::cell(3e-15, [0.05, 1e7], |_| {});
    let mut cell = Cell::new(&model, model.initial_state(), 1e-3);
    cell.run(&current(load, 900.0), &mut |_, _| {});
    let first = cell.state[Field::CurrentBare][0];
    assert!((first / even - 1.0).abs() > 0.05, "{first} {even}");
}

/// Surface of a sphere under constant flux, less its start, over `N R/(c D)`, at the reduced
/// time `Dt/R2` (J. Crank, The Mathematics of Diffusion, 2nd ed., eq. 6.45).
fn crank(time: f64) -> f64 {
    let series: f64 = (1..=200)
        .map(|n| {
            let (mut low, mut high) = (f64::from(n), f64::from(n) + 0.5);
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                let angle = middle * std::f64::consts::PI;
                if angle.tan() > angle {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            let root = (low * std::f64::consts::PI).powi(2);
            (-root * time).exp() / root
        })
        .sum();
    3.0 * time + 0.2 - 2.0 * series
}

#[test]
fn with_fast_kinetics_the_voltage_is_that_of_cranks_surface() {
    let diffusivity = 3e-15;
    let error = |shells: usize| {
        let model = cell(diffusivity, [1e7, 1e7], |scenario| {
            scenario.numerics.depths = 1;
            scenario.numerics.shells = shells;
            scenario.cathode.active_material.charge_transfer.resistance = 1e-9;
        });
        let load = model.one_c;
        let volume = model.volume_of(0) * model.connected_fraction;
        let per_time =
            load / volume * RADIUS * RADIUS / (3.0 * FARADAY * model.oxide.sites * diffusivity);
        let anode = &model.anode;
        let ohmic = model.separator_resistance + anode.ohmic;
        let kinetic = 2.0 * model.thermal_voltage() * (load / (2.0 * anode.exchange)).asinh();
        let mut cell = Cell::new(&model, model.initial_state(), 1e-6);
        let mut worst: f64 = 0.0;
        cell.run(&current(load, 1200.0), &mut |state, _| {
            let time = state.scalar(Field::Time);
            if time < 60.0 {
                return;
            }
            let reduced = diffusivity * time / (RADIUS * RADIUS);
            let x = model.initial_stoichiometry - per_time * crank(reduced);
            let filled = anode.initial_lithiation + load * time / anode.capacity;
            let exact = model.oxide.open_circuit.value(x) - anode.open_circuit.value(filled)
                + load * ohmic
                + kinetic;
            worst = worst.max((state.scalar(Field::Voltage) - exact).abs());
        });
        worst
    };
    let errors = [10, 20, 40].map(error);
    println!("{errors:?}");
    assert!(errors[2] < 1e-4, "{errors:?}");
    for pair in errors.windows(2) {
        assert!((pair[0] / pair[1]).log2() > 1.7, "{errors:?}");
    }
}

/// Direct-current resistance of two rails (ohm m2) joined by `zeta` (ohm m2) all along.
fn transmission_line(ionic: f64, electronic: f64, zeta: f64) -> f64 {
    let nu = ((ionic + electronic) / zeta).sqrt();
    let ratio = ionic / electronic + electronic / ionic;
    ionic * electronic / (ionic + electronic) * (1.0 + (2.0 + ratio * nu.cosh()) / (nu * nu.sinh()))
}

#[test]
fn under_a_small_current_it_is_the_transmission_line() {
    let error = |depths: usize| {
        // Diffusion so fast that the surface does not move.
        let model = cell(1e-8, [0.01, 0.02], |s| s.numerics.depths = depths);
        let fresh = model.initial_state();
        let load = 1e-3 * model.one_c;
        let mut cell = Cell::new(&model, fresh.clone(), 1e-3);
        cell.run(&current(load, 1e-3), &mut |_, _| {});
        let rest = fresh.scalar(Field::Voltage);
        let anode = &model.anode;
        let found = (cell.voltage() - rest) / load
            - model.separator_resistance
            - anode.ohmic
            - model.thermal_voltage() / anode.exchange;
        let exchange = model.oxide.exchange.value(model.initial_stoichiometry);
        let zeta = model.thermal_voltage() / (exchange * surface(&model));
        let ionic = THICKNESS / model.ionic_conductivity;
        let nu = ((ionic + THICKNESS / 0.02) / zeta).sqrt();
        assert!((2.0..8.0).contains(&nu), "not limited by resistance: {nu}");
        found / transmission_line(ionic, THICKNESS / 0.02, zeta) - 1.0
    };
    assert!(error(6).abs() < 0.01, "{}", error(6));
    let errors = [48, 96, 192].map(error);
    println!("{errors:?} {}", error(6));
    assert!(errors[0].abs() < 1e-3, "{errors:?}");
    for pair in errors.windows(2) {
        assert!((pair[0] / pair[1]).log2() > 1.7, "{errors:?}");
    }
}
