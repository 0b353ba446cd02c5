//! Spectra of the cell model against what they must be: the Kramers-Kronig relations,
//! both limits, and a sine simulated in time.

#[path = "common/ageing.rs"]
mod ageing;
mod common;

use ageing::NO_AGEING;
use common::{electrode, scenario};
use engobe::electrode::{Electrode, Field, Load, Solver, State};
use engobe::impedance::linearise::{AlternatingCurrent, Linearised, frequencies};
use engobe::impedance::{kramers_kronig, linearity};
use engobe::materials::ElectrolyteState;
use engobe::scenario::Scenario;
use num_complex::Complex64;
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// A cell without ageing, its particles of three sizes.
fn cell(edit: impl FnOnce(&mut Scenario)) -> (Scenario, Electrode) {
    let mut scenario = scenario("shi2023-pristine");
    scenario.mechanisms = NO_AGEING;
    edit(&mut scenario);
    let model = electrode(&scenario, &[1.6e-6, 2.2e-6, 2.9e-6]);
    (scenario, model)
}

/// Nothing that only alternating current feels: what the marching solver simulates.
fn without_capacitances(scenario: &mut Scenario) {
    scenario
        .cathode
        .active_material
        .charge_transfer
        .double_layer = 1e-12;
    scenario.laws.interphase.permittivity = 1e-12;
    if let ElectrolyteState::Solid {
        grain_boundary_capacitance,
        ..
    } = &mut scenario.cell.separator.state
    {
        *grain_boundary_capacitance = 0.0;
    }
    scenario.cell.anode.double_layer = 0.0;
}

/// The cell relaxed at one lithium content.
fn relaxed(model: &Electrode, x: f64) -> State {
    let mut state = model.initial_state();
    state[Field::Shells].fill(x);
    state
}

/// The same with voltage and potentials as at rest.
fn rested(model: &Electrode, x: f64) -> State {
    let mut state = relaxed(model, x);
    march(model, &mut state, &[0.0; 3], 1.0);
    state
}

/// Marches `state` under steps of constant current (A/m2) of equal length (s); returns
/// the voltages of both stages of every step.
fn march(model: &Electrode, state: &mut State, currents: &[f64], length: f64) -> Vec<[f64; 2]> {
    let mut solver = Solver::new(model);
    solver.restart();
    currents
        .iter()
        .map(|&current| {
            let load = Load::Current(current);
            let step = solver
                .attempt(model, state, load, length, 1e-8)
                .expect("a step");
            solver.accept(model, state);
            step.voltage
        })
        .collect()
}

/// Coefficient of exp(i w t) of a signal given at both stages of every step of a period;
/// the stages lie at gamma and 1 and weigh 1 - gamma and gamma.
fn harmonic(signal: &[[f64; 2]], length: f64) -> Complex64 {
    let gamma = 1.0 - FRAC_1_SQRT_2;
    let period = signal.len() as f64 * length;
    let turn = |t: f64| Complex64::from_polar(1.0, -TAU * t / period);
    let sum: Complex64 = signal
        .iter()
        .enumerate()
        .map(|(k, pair)| {
            let begin = k as f64 * length;
            (1.0 - gamma) * pair[0] * turn(begin + gamma * length)
                + gamma * pair[1] * turn(begin + length)
        })
        .sum();
    sum / signal.len() as f64
}

/// Impedance from a sine in time (begun at its crest, so that on average it charges
/// nothing) about a current: the last of some periods, less the
/// same march without the sine.
fn by_sine(
    model: &Electrode,
    state: &State,
    (base, frequency): (f64, f64),
    periods: usize,
) -> Complex64 {
    const STEPS: usize = 200;
    // Less than a millivolt, yet far above what Newton's method leaves.
    const AMPLITUDE: f64 = 0.1;
    let length = 1.0 / frequency / STEPS as f64;
    let sine: Vec<f64> = (0..STEPS * periods)
        .map(|k| AMPLITUDE * (TAU * (k as f64 + 0.5) / STEPS as f64).cos())
        .collect();
    let total: Vec<f64> = sine.iter().map(|i| base + i).collect();
    let run = |currents: &[f64]| {
        let voltages = march(model, &mut state.clone(), currents, length);
        voltages[STEPS * (periods - 1)..].to_vec()
    };
    let (with, without) = (run(&total), run(&vec![base; total.len()]));
    let voltage: Vec<[f64; 2]> = with
        .iter()
        .zip(&without)
        .map(|(a, b)| [a[0] - b[0], a[1] - b[1]])
        .collect();
    let current: Vec<[f64; 2]> = sine[STEPS * (periods - 1)..]
        .iter()
        .map(|&i| [i, i])
        .collect();
    harmonic(&voltage, length) / harmonic(&current, length)
}

#[test]
fn a_sine_simulated_in_time_gives_the_same_impedance_at_rest_and_under_current() {
    // Depths and shells fine enough for the marching solver; the linearised model solves
    // each of them exactly.
    let (scenario, _) = cell(|scenario| {
        without_capacitances(scenario);
        scenario.numerics.depths = 40;
        scenario.numerics.shells = 60;
    });
    let model = electrode(&scenario, &[2.2e-6]);
    let ac = AlternatingCurrent::new(&scenario);
    let rest = relaxed(&model, 0.62);
    let linear = Linearised::new(&model, &ac, &rest);
    for (frequency, periods) in [(1e-3, 6), (1e-2, 30)] {
        let found = by_sine(&model, &rest, (0.0, frequency), periods);
        let exact = linear.impedance(frequency);
        let error = (found / exact - 1.0).norm();
        println!("at rest, {frequency} Hz: {error:.1e}");
        assert!(
            error < 1e-3,
            "at rest, {frequency} Hz: {found} for {exact}, {error}"
        );
    }
    // Under 0.1C for a quarter of an hour; the sine is short beside what that changes.
    let current = 0.1 * scenario.cell.one_c * scenario.cathode.areal_loading;
    let mut state = rest.clone();
    march(&model, &mut state, &[current; 900], 1.0);
    let (frequency, periods) = (2e-2, 10);
    let found = by_sine(&model, &state, (current, frequency), periods);
    // The state in the middle of the period that is read.
    let before = (periods as f64 - 0.5) / frequency;
    march(&model, &mut state, &[current; 100], before / 100.0);
    let loaded = Linearised::new(&model, &ac, &state);
    let error = (found / loaded.impedance(frequency) - 1.0).norm();
    println!("under current, {frequency} Hz: {error:.1e}");
    assert!(error < 1e-3, "under current: {found}, {error}");
    // The current matters: the state at rest has another impedance.
    let difference = (loaded.impedance(frequency) / linear.impedance(frequency) - 1.0).norm();
    assert!(difference > 5e-3, "{difference}");
}

#[test]
fn spectra_obey_the_kramers_kronig_relations() {
    let (scenario, model) = cell(|_| {});
    let ac = AlternatingCurrent::new(&scenario);
    for x in [0.35, 0.62, 0.93] {
        let linear = Linearised::new(&model, &ac, &relaxed(&model, x));
        let list = frequencies(1e6, 1e-4, 10);
        let test = kramers_kronig(&list, &linear.spectrum(&list)).unwrap();
        assert!(test.largest < 1e-6, "x = {x}: {}", test.largest);
    }
}

#[test]
fn slowly_the_spectrum_is_the_slope_of_the_charge_curve() {
    let (scenario, model) = cell(|_| {});
    let ac = AlternatingCurrent::new(&scenario);
    let state = relaxed(&model, 0.62);
    let frequency = 1e-9;
    let stiffness =
        -(TAU * frequency) * Linearised::new(&model, &ac, &state).impedance(frequency).im;
    // Charged and discharged by 50 C/m2 so slowly that resistance does not count.
    let voltage = |sign: f64| {
        let mut state = state.clone();
        march(&model, &mut state, &[sign * 1e-6; 50], 1e6)
            .last()
            .expect("steps")[1]
    };
    let slope = (voltage(1.0) - voltage(-1.0)) / 100.0;
    assert!(
        (slope / stiffness - 1.0).abs() < 1e-3,
        "{slope} V m2/C, {stiffness}"
    );
}

#[test]
fn fast_the_spectrum_is_that_of_rails_in_parallel_and_the_bulk() {
    // With electrolyte in the anode, as in a composite, and so with boundaries of grains there.
    let (scenario, mut model) = cell(|_| {});
    model.anode.ohmic = 8e-4;
    let ac = AlternatingCurrent::new(&scenario);
    let linear = Linearised::new(&model, &ac, &relaxed(&model, 0.62));
    let [ionic, electronic] = linear.rail_resistances();
    let ElectrolyteState::Solid {
        grain_boundary_share,
        ..
    } = scenario.cell.separator.state
    else {
        panic!("a solid separator");
    };
    let bulk = (1.0 - grain_boundary_share) * (model.separator_resistance + model.anode.ohmic);
    let limit = ionic * electronic / (ionic + electronic) + bulk;
    let found = linear.impedance(1e16);
    assert!((found / limit - 1.0).norm() < 1e-3, "{found} for {limit}");
}

/// The modified Bessel function I_n by its series.
fn bessel(n: u32, x: f64) -> f64 {
    let first = (x / 2.0).powi(n as i32) / (1..=n).map(f64::from).product::<f64>();
    let terms = (1..30).scan(first, |term, k| {
        *term *= x * x / 4.0 / (f64::from(k) * f64::from(k + n));
        Some(*term)
    });
    first + terms.sum::<f64>()
}

#[test]
fn a_sine_of_finite_amplitude_is_bent_as_butler_volmer_says() {
    // Kinetics so slow that all of the voltage falls there: j = 2 j0 sinh(F V / 2RT), whose
    // harmonics are modified Bessel functions of the amplitude over 2RT/F.
    let (_, model) = cell(|scenario| {
        without_capacitances(scenario);
        let transfer = &mut scenario.cathode.active_material.charge_transfer;
        transfer.resistance *= 3e3;
    });
    let amplitude = 0.06;
    let found = linearity(&model, &rested(&model, 0.62), &[(0.2, amplitude)])[0];
    let a = amplitude / (2.0 * model.thermal_voltage());
    let deviation = a / (2.0 * bessel(1, a)) - 1.0;
    println!("{found:?}, {deviation}, {}", bessel(3, a) / bessel(1, a));
    assert!(deviation < -0.1, "the amplitude is large enough to tell");
    assert!(
        (found.deviation / deviation - 1.0).abs() < 0.05,
        "{found:?} for {deviation}"
    );
    let third = bessel(3, a) / bessel(1, a);
    assert!(
        (found.third / third - 1.0).abs() < 0.05,
        "{found:?} for {third}"
    );
    // Symmetric kinetics have no second harmonic.
    assert!(found.second < 0.1 * found.third, "{found:?}");
    assert!(!found.is_linear());
}

#[test]
fn harmonics_grow_with_the_powers_of_the_amplitude() {
    let (_, model) = cell(|_| {});
    let state = rested(&model, 0.62);
    // The curvature of the open-circuit curve gives the second, at low frequencies.
    let found = linearity(&model, &state, &[(1e-3, 2e-3), (1e-3, 4e-3)]);
    println!("{found:?}");
    let [one, two] = [found[0], found[1]];
    assert!(
        (two.second / one.second - 2.0).abs() < 0.1,
        "{one:?} {two:?}"
    );
    assert!((two.third / one.third - 4.0).abs() < 0.5, "{one:?} {two:?}");
    assert!(one.is_linear() && one.deviation.abs() < 1e-2);
}
