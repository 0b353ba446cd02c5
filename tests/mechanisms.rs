//! The mechanisms at work in a cell, where a closed form or the papers say what to expect.

mod common;
#[path = "common/cycles.rs"]
mod cycles;
#[path = "common/ageing.rs"]
mod no_ageing;

use common::{electrode, scenario};
use cycles::cycled;
use engobe::constants::{FARADAY, arrhenius};
use engobe::degradation::{Carbonate, Mechanism};
use engobe::electrode::{Electrode, Field, ageing};
use engobe::scenario::{Control, Mechanisms, Scenario, Step};
use engobe::simulation::march::Cell;
use no_ageing::NO_AGEING;

fn bare(mechanisms: Mechanisms, temperature: f64) -> (Scenario, Electrode) {
    let mut scenario = scenario("shi2023-pristine");
    scenario.mechanisms = mechanisms;
    scenario.cell.temperature = temperature;
    let model = electrode(&scenario, &[2.2e-6]);
    (scenario, model)
}

fn only(mechanism: Mechanism) -> Mechanisms {
    let mut mechanisms = NO_AGEING;
    *mechanism.switch(&mut mechanisms) = true;
    mechanisms
}

/// Charge of the first charge, and what of it was side reactions, C/m2.
fn first_charge(scenario: &Scenario, model: &Electrode) -> [f64; 2] {
    let mut cell = Cell::new(model, model.initial_state(), scenario.numerics.tolerance);
    let mut charge = 0.0;
    cell.run(&scenario.protocol[0].steps[0], &mut |_, sample| {
        charge += sample.charge;
    });
    [charge, FARADAY * model.side_lithium(&cell.state)]
}

#[test]
fn mere_contact_grows_a_parabolic_layer_that_warmth_speeds_up() {
    let rest = Step {
        duration: Some(48.0 * 3600.0),
        ..Step::new(Control::Rest, "")
    };
    let law = scenario("shi2023-pristine").laws.contact_reaction;
    for temperature in [298.15, 318.15] {
        let (scenario, model) = bare(only(Mechanism::ContactReaction), temperature);
        let mut cell = Cell::new(&model, model.initial_state(), scenario.numerics.tolerance);
        cell.run(&rest, &mut |_, _| {});
        let rate = law.rate * arrhenius(law.activation_energy, temperature);
        let square = law.first_layer.powi(2) + 2.0 * rate * 48.0 * 3600.0;
        let due = square.sqrt() - law.first_layer;
        for grown in &cell.state[Field::OxygenatedBare] {
            assert!((grown / due - 1.0).abs() < 1e-9, "{grown} {due}");
        }
        assert!(cell.state.scalar(Field::ContactOxygen) > 0.0);
        assert!(cell.state.scalar(Field::LatticeOxygen).abs() < f64::MIN_POSITIVE);
    }
}

#[test]
fn the_step_behind_a_coating_grows_with_the_root_of_time() {
    let rest = |hours: f64| Step {
        duration: Some(3600.0 * hours),
        ..Step::new(Control::Rest, "")
    };
    let mut scenario = scenario("shi2023-5p");
    scenario.mechanisms = only(Mechanism::CoatingWear);
    let model = electrode(&scenario, &[2.2e-6]);
    let mut cell = Cell::new(&model, model.initial_state(), scenario.numerics.tolerance);
    let growth = scenario.coating.as_ref().expect("coated").layers[0]
        .material
        .interface_growth;
    assert!(growth > 0.0);
    for (hours, total) in [(40.0, 40.0), (120.0, 160.0)] {
        cell.run(&rest(hours), &mut |_, _| {});
        let due = growth * f64::sqrt(total / 1000.0);
        for grown in &cell.state[Field::CoatingInterphase] {
            assert!((grown / due - 1.0).abs() < 1e-9, "{grown} {due}");
        }
    }
    let fresh = ageing::patches(&model, &model.initial_state(), 0, 0.0).resistance;
    let aged = ageing::patches(&model, &cell.state, 0, 0.0).resistance;
    assert!((aged[0] - fresh[0]).abs() < 1e-15);
    assert!(((aged[1] - fresh[1]) / cell.state[Field::CoatingInterphase][0] - 1.0).abs() < 1e-9);
}

#[test]
fn lost_contact_crowds_the_current_and_cracks_more() {
    let cracks = |contact_loss: bool| {
        let mut mechanisms = only(Mechanism::Cracking);
        mechanisms.contact_loss = contact_loss;
        let (scenario, model) = bare(mechanisms, 298.15);
        let (_, gathered) = cycled(&scenario, &model, 10);
        gathered.cycles[9].crack_damage
    };
    let [apart, together] = [false, true].map(cracks);
    assert!(apart > 0.0 && together > 1.02 * apart, "{apart} {together}");
}

/// Charged fast to the same voltage, the particle is emptied less, its skin as far.
#[test]
fn cracks_begin_in_the_skin() {
    let (mut scenario, _) = bare(only(Mechanism::Cracking), 298.15);
    scenario.laws.cracking.rate_exponent = 0.0;
    let law = &mut scenario.cathode.active_material.diffusivity;
    (law.upper_edge, law.dip_depth) = (0.88, 3.4);
    let model = electrode(&scenario, &[2.2e-6]);
    let cracked = |rate: f64| {
        let mut cell = Cell::new(&model, model.initial_state(), scenario.numerics.tolerance);
        let mut step = scenario.protocol[0].steps[0].clone();
        step.control = Control::Current(rate * model.one_c);
        cell.run(&step, &mut |_, _| {});
        let damage = cell.state[Field::CrackDamage].iter().sum::<f64>();
        let x = model.mean_stoichiometry(&cell.state[Field::Shells], 0);
        (damage / model.particles() as f64, x)
    };
    let [(slow, emptied), (fast, half)] = [0.1, 1.0].map(cracked);
    assert!(half > emptied + 0.02, "{half} {emptied}");
    let strain = |x: f64| (model.oxide.volume_loss(x) / 0.05).powf(2.2);
    let by_mean = strain(half) / strain(emptied);
    assert!(fast > 1.03 * by_mean * slow, "{fast} {slow} {by_mean}");
}

#[test]
fn oxidation_is_charge_of_the_first_charge_above_all() {
    let (aged, model) = bare(only(Mechanism::Oxidation), 298.15);
    let (unaged, inert) = bare(NO_AGEING, 298.15);
    let with = cycled(&aged, &model, 20).1;
    let products = |cycle: usize| {
        let products = &with.cycles[cycle].products;
        [
            products.polysulfide_at_active,
            products.polysulfide_at_carbon,
            products.polysulfide_at_collector,
        ]
    };
    // Three interfaces, counted apart; half of twenty cycles in the first.
    for (early, late) in products(0).into_iter().zip(products(19)) {
        assert!(early > 0.5 * late && late > early, "{early} {late}");
    }
    // What the first charge takes more is what was oxidised, but for the layer's resistance.
    let [more, side] = first_charge(&aged, &model);
    let [less, none] = first_charge(&unaged, &inert);
    assert!(none.abs() < f64::MIN_POSITIVE && side > 0.003 * less);
    assert!(
        ((more - less) / side - 1.0).abs() < 0.1,
        "{} {side}",
        more - less
    );
}

#[test]
fn gas_sets_in_near_4_2_volts_in_the_first_charge() {
    let (scenario, model) = bare(scenario("shi2023-pristine").mechanisms, 298.15);
    let gathered = cycled(&scenario, &model, 1).1;
    let series = &gathered.series;
    let plateau = scenario.cell.anode.plateau_potential();
    let products = &gathered.cycles[0].products;
    for (released, total) in [
        (&series.oxygen_gas, products.oxygen_gas),
        (&series.sulfur_dioxide_gas, products.sulfur_dioxide_gas),
        (&series.carbon_dioxide_gas, products.carbon_dioxide_gas),
    ] {
        let last = released.last().expect("time steps");
        assert!(*last > 0.0 && (last / total - 1.0).abs() < 1e-12);
        assert!(released.windows(2).all(|pair| pair[1] >= pair[0]));
        // Potential and rate over every step of the charge.
        let rates: Vec<(f64, f64)> = (1..series.time.len())
            .filter(|&i| series.step[i] == 1 && series.step[i - 1] == 1)
            .map(|i| {
                let rate = (released[i] - released[i - 1]) / (series.time[i] - series.time[i - 1]);
                (series.voltage[i] + plateau, rate)
            })
            .collect();
        let highest = rates.iter().map(|r| r.1).fold(0.0, f64::max);
        let onset = rates.iter().find(|r| r.1 > 0.1 * highest).expect("gas").0;
        assert!((4.1..4.25).contains(&onset), "onset {onset} V");
        let early = rates.iter().filter(|r| r.0 < 4.0).map(|r| r.1);
        assert!(early.fold(0.0, f64::max) < 0.03 * highest);
    }
}

#[test]
fn the_carbonate_empties_by_the_exponential_of_its_rate() {
    let (scenario, model) = bare(only(Mechanism::Gas), 318.15);
    let law = Carbonate::new(&scenario.laws.gas, 318.15);
    let mut cell = Cell::new(&model, model.initial_state(), scenario.numerics.tolerance);
    let rate = |potential: f64| law.rate(potential).0;
    let mut exponent = 0.0;
    let mut last = rate(cell.state[Field::Potential][0]);
    for step in &scenario.protocol[0].steps[..2] {
        cell.run(step, &mut |state, sample| {
            let now = rate(state[Field::Potential][0]);
            exponent += 0.5 * (last + now) * sample.length;
            last = now;
        });
    }
    let left = cell.state[Field::Carbonate][0];
    assert!(exponent > 0.02, "{exponent}");
    assert!(
        (-left.ln() / exponent - 1.0).abs() < 0.01,
        "{left} {exponent}"
    );
}
