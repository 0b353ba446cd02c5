//! The coupled model against exact solutions, and its orders of convergence.

#[path = "common/ageing.rs"]
mod ageing;
mod common;

use ageing::NO_AGEING;
use common::{electrode, scenario};
use engobe::constants::FARADAY;
use engobe::electrode::particle::Diffusion;
use engobe::electrode::{Electrode, Field, Load, Solver};
use engobe::impedance::linearise::{AlternatingCurrent, Linearised};
use engobe::impedance::{ConstantPhase, DiffusionGeometry, FiniteSpaceDiffusion};
use engobe::scenario::{Control, Cutoff, Scenario, Step};
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::{Cell, StepEnd};
use num_complex::Complex64;

/// A cell without ageing whose oxide has one constant diffusivity.
fn plain(edit: impl FnOnce(&mut Scenario)) -> (Scenario, Electrode) {
    let mut scenario = scenario("shi2023-pristine");
    scenario.mechanisms = NO_AGEING;
    let law = &mut scenario.cathode.active_material.diffusivity;
    (law.upper_edge, law.lower_edge, law.dip_depth, law.floor) = (9.0, -9.0, 0.0, 0.0);
    edit(&mut scenario);
    let model = electrode(&scenario, &[2e-6]);
    (scenario, model)
}

fn step(control: Control, duration: f64, until: Vec<Cutoff>) -> Step {
    Step {
        duration: Some(duration),
        until,
        ..Step::new(control, "a step")
    }
}

fn order(errors: &[f64]) -> f64 {
    errors
        .windows(2)
        .map(|pair| (pair[0] / pair[1]).log2())
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn a_steady_flux_in_a_sphere_has_the_exact_surface_on_any_grid() {
    for shells in [3, 8, 14] {
        let (_, model) = plain(|s| {
            s.numerics.shells = shells;
            s.numerics.depths = 1;
        });
        let mut diffusion = Diffusion::new(&model);
        let mut x = vec![0.6; shells];
        let rate = 1e-6; // of stoichiometry per second
        let q = [rate * FARADAY * model.oxide.sites];
        for _ in 0..400 {
            diffusion.linearise(&model, &x.clone(), &[0.0], &[1.0]);
            diffusion.eliminate(&x, 100.0);
            diffusion.substitute(&q, &mut x);
        }
        let mean = model.mean_stoichiometry(&x, 0);
        assert!((mean - (0.6 - 4e4 * rate)).abs() < 1e-12);
        let surface = diffusion.offset[0] - diffusion.response[0] * q[0];
        let exact = rate * 4e-12 / (15.0 * model.oxide.diffusivity(0.6));
        assert!((mean - surface - exact).abs() < 1e-9 * exact);
    }
}

/// Cutting the current at the steep end of a discharge asks Newton's method for volts:
/// with other grids it meets other states there.
#[test]
fn every_step_ends_as_asked_on_any_grid() {
    for shells in [6, 8, 10, 12, 14, 17, 20, 25] {
        let mut scenario = scenario("shi2023-pristine");
        scenario.numerics.shells = shells;
        let model = electrode(&scenario, &[1.9e-6, 2.2e-6, 2.5e-6]);
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), 1e-3);
        let mut gathered = Gathered::default();
        for _ in 0..40 {
            let block = &scenario.protocol[0];
            run_cycle(&mut cell, &scenario, block, &fresh, &mut gathered);
        }
        for cycle in &gathered.cycles {
            assert!(cycle.note.is_empty(), "{shells} shells: {}", cycle.note);
        }
    }
}

#[test]
fn the_spectrum_is_that_of_the_transmission_line_with_spherical_diffusion() {
    let relative = |shells: usize| {
        let (scenario, model) = plain(|s| s.numerics.shells = shells);
        let ac = AlternatingCurrent::new(&scenario);
        let mut state = model.initial_state();
        let x = 0.6;
        state[Field::Shells].fill(x);
        let linear = Linearised::new(&model, &ac, &state);
        let mut worst: f64 = 0.0;
        for decade in -4..=6 {
            let frequency = 10f64.powi(decade);
            let found = linear.impedance(frequency) - linear.rest_impedance(frequency);
            let exact = transmission_line(&scenario, &model, x, frequency);
            worst = worst.max((found / exact - 1.0).norm());
        }
        worst
    };
    let errors = [relative(10), relative(20), relative(40)];
    assert!(order(&errors) > 1.7, "{errors:?}");
    assert!(errors[2] < 3e-3, "{errors:?}");
}

/// The two-rail line with sphere, charge transfer and double layer in closed form.
fn transmission_line(scenario: &Scenario, model: &Electrode, x: f64, frequency: f64) -> Complex64 {
    let omega = 2.0 * std::f64::consts::PI * frequency;
    let kinetics = &scenario.cathode.active_material.charge_transfer;
    let connected = model.connected_fraction;
    let volume = model.depths as f64 * model.class_volume[0] * connected;
    let area = volume * model.surface[0];
    let sphere = FiniteSpaceDiffusion {
        geometry: DiffusionGeometry::Spherical,
        capacitance: -volume * model.oxide.sites * FARADAY / model.oxide.open_circuit.derivative(x),
        diffusivity: model.oxide.diffusivity(x),
        length: model.geometry[0].radius,
    };
    let transfer = model.thermal_voltage() / (model.oxide.exchange.value(x) * area);
    let double_layer = ConstantPhase {
        magnitude: kinetics.double_layer * (area + model.depths as f64 * model.carbon_surface),
        exponent: kinetics.phase_exponent,
    };
    let faradaic = 1.0 / (transfer + 1.0 / sphere.admittance(omega));
    let zeta = 1.0 / (double_layer.admittance(omega) + faradaic);
    let thickness = model.width * model.depths as f64;
    let ionic = thickness / model.ionic_conductivity;
    let electronic =
        thickness / model.electronic_conductivity(model.oxide.electronic_conductivity(x));
    let nu = ((ionic + electronic) / zeta).sqrt();
    let ratio = ionic / electronic + electronic / ionic;
    // cosh/sinh and 1/sinh by decaying exponentials.
    let decay = (-nu).exp();
    let sinh = (1.0 - decay * decay) / 2.0;
    let cosh = (1.0 + decay * decay) / 2.0;
    ionic * electronic / (ionic + electronic) * (1.0 + (2.0 * decay + ratio * cosh) / (nu * sinh))
}

#[test]
fn time_steps_converge_at_second_order() {
    // Full D(x) with its dip and edges: lagging it would make this first order.
    let mut scenario = scenario("shi2023-pristine");
    scenario.mechanisms = NO_AGEING;
    let model = electrode(&scenario, &[2.2e-6]);
    let current = 0.1 * model.one_c;
    let mut start = Cell::new(&model, model.initial_state(), 1e-4);
    start.run(
        &step(Control::Current(current), 4.0 * 3600.0, vec![]),
        &mut |_, _| {},
    );
    let voltage = |steps: usize| {
        let mut state = start.state.clone();
        let mut solver = Solver::new(&model);
        // Two hours, the first step short so that its start-up counts the same in all.
        for i in 0..=steps {
            let length = if i == 0 { 1.0 } else { 7199.0 / steps as f64 };
            solver
                .attempt(&model, &state, Load::Current(current), length, 1e-8)
                .expect("an easy step");
            solver.accept(&model, &mut state);
        }
        state.scalar(Field::Voltage)
    };
    let exact = voltage(4096);
    let errors = [64, 128, 256].map(|n| (voltage(n) - exact).abs());
    assert!(order(&errors) > 1.75, "{errors:?}");
}

#[test]
fn a_hold_keeps_the_voltage_and_ends_at_its_current() {
    let (_, model) = plain(|_| {});
    let current = 0.1 * model.one_c;
    let mut cell = Cell::new(&model, model.initial_state(), 1e-3);
    let charge = step(
        Control::Current(current),
        1e6,
        vec![Cutoff::VoltageAbove(3.15)],
    );
    assert_eq!(
        cell.run(&charge, &mut |_, _| {}),
        StepEnd::Cutoff(Cutoff::VoltageAbove(3.15))
    );
    assert!((cell.voltage() - 3.15).abs() < 2e-5);
    let end = 0.01 * current;
    let hold = step(Control::Voltage(3.15), 1e6, vec![Cutoff::CurrentBelow(end)]);
    let mut largest: f64 = 0.0;
    let ended = cell.run(&hold, &mut |state, _| {
        largest = largest.max((state.scalar(Field::Voltage) - 3.15).abs());
    });
    assert_eq!(ended, StepEnd::Cutoff(Cutoff::CurrentBelow(end)));
    assert!(largest < 1e-7, "{largest}");
    let left = cell.state.scalar(Field::Current) / end - 1.0;
    assert!(left.abs() < 1e-3, "{left}");
}

#[test]
fn a_load_beyond_the_cell_ends_the_step_and_says_so() {
    let (_, model) = plain(|_| {});
    let mut cell = Cell::new(&model, model.initial_state(), 1e-3);
    let before = cell.state.clone();
    let charge = step(
        Control::Current(30.0 * model.one_c),
        60.0,
        vec![Cutoff::VoltageAbove(3.7)],
    );
    let ended = cell.run(&charge, &mut |_, _| {});
    assert_eq!(ended, StepEnd::CouldNotStart(Cutoff::VoltageAbove(3.7)));
    assert_eq!(cell.state, before);
}

#[test]
fn spectra_do_not_depend_on_the_number_of_threads() {
    let scenario = scenario("shi2023-1p");
    let model = electrode(&scenario, &[2e-6, 2.4e-6]);
    let ac = AlternatingCurrent::new(&scenario);
    let linear = Linearised::new(&model, &ac, &model.initial_state());
    let list = [1e5, 1e3, 10.0, 0.1, 1e-3];
    let with = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool")
            .install(|| linear.spectrum(&list))
    };
    assert_eq!(with(1), with(2));
}
