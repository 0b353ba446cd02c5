//! Any valid cell can be cycled: nothing runs out of its bounds, lithium and charge are
//! kept, and no cycle gains energy.

use engobe::constants::FARADAY;
use engobe::electrode::{Electrode, Field, State, ageing};
use engobe::microstructure::{MicrostructureStatistics, SizeClass};
use engobe::scenario::{self, Control, Mechanisms, Scenario, Step};
use engobe::simulation::march::{Cell, Sample, StepEnd};
use engobe::transport::EffectiveTransport;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use std::cell::Cell as Count;

/// Cells tried.
const CASES: u32 = 1000;
/// Lower end of the shipped cell's window, V.
const LOWEST: f64 = 2.0;

/// What differs from the shipped cell. Factors are powers of ten.
#[derive(Debug, Clone)]
struct Variation {
    /// Coverage and thickness (m) of the coating.
    coating: (f64, f64),
    /// Loading, kg/m2, and mean radius, m.
    cathode: (f64, f64),
    /// Powers of ten: rate in C, conductivities of electrolyte, separator, solid phase,
    /// coating, and diffusivity.
    powers: [f64; 6],
    /// K.
    temperature: f64,
    /// Mechanisms that act, one bit each.
    mechanisms: u16,
}

fn variation() -> impl Strategy<Value = Variation> {
    let factor = || -0.5f64..0.5;
    (
        (0.0f64..1.0, 1e-9f64..2e-8),
        (0.02f64..0.2, 0.5e-6f64..5e-6),
        (
            0.05f64.log10()..2f64.log10(),
            factor(),
            factor(),
            factor(),
            factor(),
            factor(),
        ),
        273.15f64..333.15,
        any::<u16>(),
    )
        .prop_map(|(coating, cathode, p, temperature, mechanisms)| Variation {
            coating,
            cathode,
            powers: [p.0, p.1, p.2, p.3, p.4, p.5],
            temperature,
            mechanisms,
        })
}

/// The shipped cell with `variation`, cycled at its rate.
fn varied(variation: &Variation) -> (Scenario, Electrode) {
    let mut scenario = scenario::load("scenarios/shi2023-1p.toml")
        .expect("a shipped scenario")
        .scenario;
    let [rate, electrolyte, separator, solid, coating, diffusivity] =
        variation.powers.map(|p| 10f64.powf(p));
    let on = |bit: u16| variation.mechanisms & (1 << bit) != 0;
    scenario.mechanisms = Mechanisms {
        oxidation: on(0),
        oxygen: on(1),
        contact_reaction: on(2),
        gas: on(3),
        contact_loss: on(4),
        cracking: on(5),
        disconnection: on(6),
        conduction_loss: on(7),
        coating_wear: on(8),
    };
    let film = scenario.coating.as_mut().expect("a coated cell");
    film.coverage = variation.coating.0;
    film.layers[0].thickness = variation.coating.1;
    film.layers[0].material.ionic_conductivity *= coating;
    scenario.cell.temperature = variation.temperature;
    scenario.cell.separator.ionic_conductivity *= separator;
    let (loading, radius) = variation.cathode;
    scenario.cathode.areal_loading = loading;
    scenario.cathode.electrolyte.ionic_conductivity *= electrolyte;
    scenario.cathode.active_material.diffusivity.reference *= diffusivity;
    let current = rate * scenario.cell.one_c * loading;
    for step in &mut scenario.protocol[0].steps {
        if let Control::Current(shipped) = &mut step.control {
            *shipped = current.copysign(*shipped);
        }
    }
    let structure = MicrostructureStatistics {
        thickness: scenario.cathode_thickness(),
        surface_to_electrolyte: 0.8,
        size_classes: [0.85, 1.15]
            .map(|factor| SizeClass {
                radius: factor * radius,
                volume_share: 0.5,
            })
            .to_vec(),
        ..MicrostructureStatistics::default()
    };
    let transport = EffectiveTransport {
        ionic_factor: 0.1,
        ionic_tortuosity: 5.0,
        ionic_connected: 1.0,
        electronic: vec![(1e-6, 0.1 * solid), (1e3, solid)],
        electronic_connected: 1.0,
    };
    let model = Electrode::new(&scenario, &structure, &transport).expect("a model");
    (scenario, model)
}

/// Everything in `state` within its bounds, whatever is a share in 0 to 1.
fn bounded(state: &State) -> Result<(), TestCaseError> {
    prop_assert!(state.as_slice().iter().all(|v| v.is_finite()));
    for value in &state[Field::Shells] {
        prop_assert!((0.0..=1.0).contains(value), "stoichiometry {value}");
    }
    for field in [
        Field::CrackDamage,
        Field::Connected,
        Field::Coverage,
        Field::CoatingSulfide,
        Field::Carbonate,
        Field::AnodeLithiation,
    ] {
        for value in &state[field] {
            prop_assert!((0.0..=1.0).contains(value), "{field:?} {value}");
        }
    }
    for field in [
        Field::Polysulfide,
        Field::RockSaltBare,
        Field::RockSaltCoated,
        Field::OxygenatedBare,
        Field::OxygenatedCoated,
        Field::ContactExponent,
        Field::CoatingInterphase,
        Field::CarbonPolysulfide,
        Field::CollectorPolysulfide,
        Field::SideActive,
        Field::SideCarbon,
        Field::SideCollector,
        Field::SideCarbonate,
        Field::SideCoating,
        Field::LatticeOxygen,
        Field::ContactOxygen,
        Field::IsolatedLithium,
    ] {
        for value in &state[field] {
            prop_assert!(*value >= 0.0, "{field:?} {value}");
        }
    }
    Ok(())
}

/// Runs `step`, checking every sample; adds charge and energy, in and out, to `passed`.
fn checked(
    cell: &mut Cell,
    step: &Step,
    fresh: &Start,
    passed: &mut [[f64; 2]; 2],
) -> Result<StepEnd, TestCaseError> {
    let model = cell.model;
    let mut outcome = Ok(());
    let end = cell.run(step, &mut |state, sample: &Sample| {
        let out = usize::from(sample.charge <= 0.0);
        passed[out][0] += sample.charge.abs();
        passed[out][1] += sample.energy.abs();
        let kept = || {
            bounded(state)?;
            let error = ageing::total_lithium(model, state) / fresh.lithium - 1.0;
            prop_assert!(error.abs() < 1e-10, "lithium {error:e}");
            let charge = ageing::charge_by_lithium(model, state, fresh.cathode)
                - state.scalar(Field::ExternalCharge);
            // Against all lithium early on, where little has passed yet.
            let scale = (passed[0][0] + passed[1][0]).max(model.sites() * FARADAY);
            prop_assert!(charge.abs() < 1e-10 * scale, "charge {charge:e}");
            prop_assert!(sample.imbalance < 1e-10, "{:e}", sample.imbalance);
            Ok(())
        };
        if outcome.is_ok() {
            outcome = kept();
        }
    });
    outcome?;
    let held = !matches!(
        end,
        StepEnd::CouldNotHold(_) | StepEnd::NoEnd | StepEnd::Stalled(_)
    );
    prop_assert!(held, "`{}`: {end:?}", step.text);
    Ok(end)
}

/// The fresh cell, against which is balanced, mol/m2.
struct Start {
    lithium: f64,
    cathode: f64,
}

/// Three cycles as shipped, then one that is closed: after a part charge and a rest, as
/// much charge in as out, at the same current, with rests between. It is closed if both
/// currents flowed for their whole time; the same charge in and out is then exact. No
/// energy may be gained, not even within a tolerance: every cell has a resistance.
/// Returns whether the cycle could be closed.
fn lives(variation: &Variation) -> Result<bool, TestCaseError> {
    let (scenario, model) = varied(variation);
    let state = model.initial_state();
    let fresh = Start {
        lithium: ageing::total_lithium(&model, &state),
        cathode: model.cathode_lithium(&state),
    };
    let mut cell = Cell::new(&model, state, scenario.numerics.tolerance);
    let steps = &scenario.protocol[0].steps;
    for _ in 0..3 {
        let mut passed = [[0.0; 2]; 2];
        for step in steps {
            checked(&mut cell, step, &fresh, &mut passed)?;
        }
        let [[charge, put_in], [discharge, taken_out]] = passed;
        // What did not come out went in at no less than the lower end of the window.
        if discharge <= charge {
            let left = LOWEST * (charge - discharge);
            prop_assert!(
                taken_out + left <= put_in,
                "{put_in} J/m2 in, {taken_out} out, {left} left"
            );
        }
    }
    let [up, rest, down] = [0, 1, 2].map(|i| steps[i].clone());
    let current = 10f64.powf(variation.powers[0]) * model.one_c;
    let timed = |step: &Step, hours: f64| Step {
        duration: Some(3600.0 * hours * model.one_c / current),
        ..step.clone()
    };
    let mut ignored = [[0.0; 2]; 2];
    for step in [&timed(&up, 0.4), &rest] {
        checked(&mut cell, step, &fresh, &mut ignored)?;
    }
    let mut passed = [[0.0; 2]; 2];
    let mut whole = true;
    for step in [&timed(&up, 0.2), &rest, &timed(&down, 0.2), &rest] {
        whole &= checked(&mut cell, step, &fresh, &mut passed)? == StepEnd::Duration;
    }
    let [[charge, put_in], [discharge, taken_out]] = passed;
    if whole {
        prop_assert!((charge / discharge - 1.0).abs() < 1e-9);
        prop_assert!(taken_out < put_in, "{put_in} J/m2 in, {taken_out} out");
    }
    Ok(whole)
}

#[test]
fn any_cell_cycles_within_its_bounds_and_keeps_lithium_charge_and_energy() {
    let config = ProptestConfig {
        cases: CASES,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let closed = Count::new(0);
    TestRunner::new(config)
        .run(&variation(), |variation| {
            closed.set(closed.get() + u32::from(lives(&variation)?));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{} of {CASES} cycles closed", closed.get());
    assert!(2 * closed.get() > CASES);
}

/// Almost all current passes half a percent of the surface, which resists only by charge
/// transfer.
#[test]
fn a_load_is_let_go_through_the_gaps_of_a_tight_film() {
    let variation = Variation {
        coating: (0.995, 1.9e-8),
        cathode: (0.02, 5e-7),
        powers: [0.0; 6],
        temperature: 273.15,
        mechanisms: 0,
    };
    lives(&variation).expect("every load is held");
}
