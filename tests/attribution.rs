//! Every mechanism can be switched off, and what a cell lost is shared out among those
//! that are on.

mod common;
#[path = "common/cycles.rs"]
mod cycles;
#[path = "common/ageing.rs"]
mod no_ageing;

use common::{electrode, scenario};
use cycles::cycled;
use engobe::degradation::Mechanism;
use engobe::electrode::ownership::{fields, keep};
use engobe::electrode::{Electrode, Field, State};
use engobe::record::Attribution;
use engobe::scenario::{Mechanisms, Scenario};
use engobe::simulation::attribution::Attributor;
use no_ageing::NO_AGEING;

const RADII: [f64; 2] = [2.0e-6, 2.4e-6];

/// The polymer-coated cell with these mechanisms, and a stiff coating so that it wears.
fn cell_with(mechanisms: Mechanisms) -> (Scenario, Electrode) {
    let mut scenario = scenario("shi2023-1p");
    scenario.mechanisms = mechanisms;
    scenario.numerics.depths = 3;
    let film = scenario.coating.as_mut().expect("a coated cell");
    film.layers[0].material.youngs_modulus = 200e9;
    let model = electrode(&scenario, &RADII);
    (scenario, model)
}

fn attributor(scenario: &Scenario, model: &Electrode) -> Attributor {
    Attributor::new(model, &scenario.protocol[0], scenario.numerics.tolerance)
        .expect("a protocol that discharges")
}

fn attribution(mechanisms: Mechanisms, cycles: usize) -> Attribution {
    let (scenario, model) = cell_with(mechanisms);
    let (state, _) = cycled(&scenario, &model, cycles);
    attributor(&scenario, &model).attribute(&state, cycles)
}

fn all_but(mechanism: Mechanism) -> Mechanisms {
    let mut mechanisms = scenario("shi2023-1p").mechanisms;
    *mechanism.switch(&mut mechanisms) = false;
    mechanisms
}

fn only(mechanism: Mechanism) -> Mechanisms {
    let mut mechanisms = NO_AGEING;
    *mechanism.switch(&mut mechanisms) = true;
    mechanisms
}

#[test]
fn the_shares_add_up_to_what_the_next_cycle_gives_less() {
    let (scenario, model) = cell_with(scenario("shi2023-1p").mechanisms);
    let attributor = attributor(&scenario, &model);
    let (_, gathered) = cycled(&scenario, &model, 31);
    let discharged: Vec<f64> = gathered.cycles.iter().map(|c| c.discharge).collect();
    for cycles in [1, 30] {
        let (state, _) = cycled(&scenario, &model, cycles);
        let found = attributor.attribute(&state, cycles);
        let loss = found.fresh - found.aged;
        let sum: f64 = found.shares.iter().sum();
        assert!((sum / loss - 1.0).abs() < 1e-12, "{sum} of {loss}");
        let next = discharged[cycles];
        assert!(
            (found.aged / next - 1.0).abs() < 5e-3,
            "{} {next}",
            found.aged
        );
    }
    let many = attributor.attribute(&cycled(&scenario, &model, 30).0, 30);
    assert!(many.fresh - many.aged > 0.05 * many.fresh);
    for mechanism in [
        Mechanism::ContactLoss,
        Mechanism::Cracking,
        Mechanism::Disconnection,
        Mechanism::Oxygen,
    ] {
        assert!(many.shares[mechanism as usize] > 0.0, "{mechanism:?}");
    }
}

#[test]
fn a_mechanism_switched_off_leaves_nothing_behind_and_has_no_share() {
    let fresh_ionic = |model: &Electrode, state: &State| {
        let mut solver = engobe::electrode::Solver::new(model);
        let frozen = solver.freeze(model, state);
        frozen.ionic_growth.iter().all(|g| (g - 1.0).abs() < 1e-15)
    };
    for mechanism in Mechanism::ALL {
        let (scenario, model) = cell_with(all_but(mechanism));
        let fresh = model.initial_state();
        let (state, _) = cycled(&scenario, &model, 2);
        for &field in fields(mechanism) {
            let same = fresh[field]
                .iter()
                .zip(&state[field])
                .all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{mechanism:?} off, but {field:?} changed");
        }
        let lost_paths = mechanism != Mechanism::ConductionLoss;
        assert_eq!(!fresh_ionic(&model, &state), lost_paths, "{mechanism:?}");
        let found = attributor(&scenario, &model).attribute(&state, 2);
        assert_eq!(found.shares[mechanism as usize].to_bits(), 0.0f64.to_bits());
        let sum: f64 = found.shares.iter().sum();
        assert!((sum / (found.fresh - found.aged) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn a_mechanism_alone_has_the_whole_loss() {
    // Mass and paths are lost only in the wake of others; carbonate costs no capacity
    // against an anode with lithium to spare.
    for mechanism in [
        Mechanism::Oxidation,
        Mechanism::Oxygen,
        Mechanism::ContactReaction,
        Mechanism::ContactLoss,
        Mechanism::Cracking,
        Mechanism::CoatingWear,
    ] {
        let found = attribution(only(mechanism), 10);
        let loss = found.fresh - found.aged;
        assert!(loss.abs() > 1e-6 * found.fresh, "{mechanism:?}: {loss}");
        for other in Mechanism::ALL {
            let due = if other == mechanism { loss } else { 0.0 };
            let share = found.shares[other as usize];
            assert!(
                (share - due).abs() < 1e-12 * loss.abs(),
                "{mechanism:?}, {other:?}"
            );
        }
    }
    let nothing = attribution(NO_AGEING, 2);
    assert!((nothing.fresh - nothing.aged).abs() < 1e-12 * nothing.fresh);
}

#[test]
fn mechanisms_that_leave_the_same_have_the_same_share() {
    let (scenario, model) = cell_with(scenario("shi2023-1p").mechanisms);
    let mut state = model.initial_state();
    state[Field::ContactExponent].fill(0.8);
    state.set(Field::LatticeOxygen, 1e-3);
    state.set(Field::ContactOxygen, 1e-3);
    for (total, by_contact) in [
        (Field::OxygenatedBare, Field::ContactProductsBare),
        (Field::OxygenatedCoated, Field::ContactProductsCoated),
    ] {
        state[total].fill(400e-9);
        state[by_contact].fill(200e-9);
    }
    let found = attributor(&scenario, &model).attribute(&state, 1);
    let [oxygen, contact] = [Mechanism::Oxygen, Mechanism::ContactReaction]
        .map(|mechanism| found.shares[mechanism as usize]);
    let loss = found.fresh - found.aged;
    assert!(oxygen > 1e-3 * loss, "{oxygen} of {loss}");
    assert!((oxygen / contact - 1.0).abs() < 1e-9, "{oxygen} {contact}");
}

#[test]
fn lithium_given_and_taken_is_settled_with_the_anode() {
    let (scenario, model) = cell_with(scenario("shi2023-1p").mechanisms);
    let fresh = model.initial_state();
    let (state, _) = cycled(&scenario, &model, 3);
    let total = engobe::electrode::ageing::total_lithium(&model, &fresh);
    for mechanism in Mechanism::ALL {
        let one = keep(&model, &fresh, &state, |m| m == mechanism);
        let kept = engobe::electrode::ageing::total_lithium(&model, &one);
        assert!((kept / total - 1.0).abs() < 1e-13, "{mechanism:?}");
    }
    // Oxidation gives lithium that the anode has to hold.
    let oxidised = keep(&model, &fresh, &state, |m| m == Mechanism::Oxidation);
    let gain = model.anode_lithium(&oxidised) - model.anode_lithium(&fresh);
    assert!((gain / model.side_lithium(&oxidised) - 1.0).abs() < 1e-6 && gain > 0.0);
}

#[test]
fn shares_do_not_depend_on_the_number_of_threads() {
    let (scenario, model) = cell_with(scenario("shi2023-1p").mechanisms);
    let (state, _) = cycled(&scenario, &model, 5);
    let attributor = attributor(&scenario, &model);
    let shares = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool")
            .install(|| attributor.attribute(&state, 5).shares.map(f64::to_bits))
    };
    assert_eq!(shares(1), shares(3));
}
