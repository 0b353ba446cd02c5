//! The rest of the cell: counter electrodes with kinetics and a capacity of their own, and
//! what temperature does.

#[path = "common/ageing.rs"]
mod ageing;
mod common;

use ageing::NO_AGEING;
use common::{electrode, scenario};
use engobe::constants::{REFERENCE_TEMPERATURE, arrhenius};
use engobe::electrode::{Electrode, Field};
use engobe::scenario::{self, Control, Cutoff, Scenario, Step};
use engobe::simulation::march::{Cell, StepEnd};

/// The shipped cell against Li4Ti5O12 of `ratio` times the cathode's capacity.
fn titanate(ratio: f64) -> (Scenario, Electrode) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("scenario.toml");
    let text = std::fs::read_to_string("scenarios/shi2023-pristine.toml").expect("a scenario");
    let shipped = "anode = \"In/InLi\"";
    assert!(text.contains(shipped));
    let other = format!("anode = \"LTO\"\ncapacity_ratio = {ratio}");
    // The shipped protocol is written against another counter electrode.
    let (cell, _) = text.split_once("[[protocol]]").expect("a protocol");
    let steps = "[[protocol]]\nsteps = [\"Charge at 0.1C until 2.7 V\"]\n";
    std::fs::write(&path, cell.replace(shipped, &other) + steps).expect("a file");
    let mut scenario = scenario::load(&path).expect("a scenario").scenario;
    scenario.mechanisms = NO_AGEING;
    let model = electrode(&scenario, &[2.2e-6]);
    (scenario, model)
}

fn step(current: f64, until: Cutoff) -> Step {
    Step {
        until: vec![until],
        ..Step::new(Control::Current(current), "a step")
    }
}

/// Charges to 3 V against the counter electrode; its lithiation then, and the charge
/// passed over that of one hour at 1C.
fn charged(model: &Electrode) -> (f64, f64) {
    let mut cell = Cell::new(model, model.initial_state(), 1e-3);
    let until = Cutoff::VoltageAbove(3.0);
    let end = cell.run(&step(0.1 * model.one_c, until), &mut |_, _| {});
    assert_eq!(end, StepEnd::Cutoff(until));
    (
        cell.state.scalar(Field::AnodeLithiation),
        cell.state.scalar(Field::ExternalCharge) / (3600.0 * model.one_c),
    )
}

#[test]
fn a_titanate_too_small_for_the_cathode_ends_the_charge() {
    let (_, ample) = titanate(1.74);
    let (_, more) = titanate(20.0);
    let (_, small) = titanate(0.5);
    let (lithiation, charge) = charged(&ample);
    assert!((0.5..0.9).contains(&lithiation), "{lithiation}");
    // On the plateau its size does not matter.
    assert!((charge / charged(&more).1 - 1.0).abs() < 2e-3);
    // Half the capacity: full before the cathode is charged, and never more than full.
    let (lithiation, charge) = charged(&small);
    assert!((0.98..1.0).contains(&lithiation), "{lithiation}");
    assert!((0.48..0.5).contains(&charge), "{charge}");
    assert!(small.anode.open_circuit.value(lithiation) < 1.5);
}

#[test]
fn a_titanate_without_lithium_ends_the_discharge() {
    let (mut scenario, _) = titanate(1.74);
    scenario.cathode.active_material.initial_stoichiometry = 0.5;
    let model = electrode(&scenario, &[2.2e-6]);
    let mut cell = Cell::new(&model, model.initial_state(), 1e-3);
    let until = Cutoff::VoltageBelow(1.35);
    let end = cell.run(&step(-0.1 * model.one_c, until), &mut |_, _| {});
    assert_eq!(end, StepEnd::Cutoff(until));
    let lithiation = cell.state.scalar(Field::AnodeLithiation);
    assert!(lithiation > 0.0 && lithiation < 0.01, "{lithiation}");
    // The cathode had room left: it was the counter electrode that ended it.
    assert!(model.mean_stoichiometry(&cell.state[Field::Shells], 0) < 0.52);
}

#[test]
fn the_counter_electrode_has_the_kinetics_of_butler_and_volmer() {
    let at = |resistance: f64| {
        let mut scenario = scenario("shi2023-pristine");
        scenario.mechanisms = NO_AGEING;
        scenario.cell.anode.charge_transfer_resistance = resistance;
        let model = electrode(&scenario, &[2.2e-6]);
        let load = 3.0 * model.one_c;
        let mut cell = Cell::new(&model, model.initial_state(), 1e-3);
        let mut pulse = step(load, Cutoff::VoltageAbove(4.5));
        pulse.duration = Some(1.0);
        assert_eq!(cell.run(&pulse, &mut |_, _| {}), StepEnd::Duration);
        let exchange = model.thermal_voltage() / resistance;
        let over = 2.0 * model.thermal_voltage() * (load / (2.0 * exchange)).asinh();
        (cell.voltage(), over)
    };
    // 10 and 100 ohm cm2: at 6 mA/cm2 far from linear.
    let ((small, over_small), (large, over_large)) = (at(1e-3), at(1e-2));
    assert!((large - small - (over_large - over_small)).abs() < 1e-7);
    assert!(over_large < 0.9 * 10.0 * over_small);
}

/// Every constant of kinetics and transport follows Arrhenius' law from 25 degC with the
/// activation energy that its material states.
#[test]
fn temperature_acts_through_the_stated_activation_energies() {
    let at = |temperature: f64| {
        let mut scenario = scenario("shi2023-1p");
        scenario.cell.temperature = temperature;
        if let Some(coating) = &mut scenario.coating {
            // An uneven film's resistance depends on that of charge transfer too.
            coating.thickness_variation = 0.0;
        }
        let model = electrode(&scenario, &[2.2e-6]);
        (scenario, model)
    };
    let (scenario, cold) = at(REFERENCE_TEMPERATURE);
    let warm_temperature = 333.15;
    let (_, warm) = at(warm_temperature);
    let oxide = &scenario.cathode.active_material;
    let electrolyte = scenario.cathode.electrolyte.activation_energy;
    let separator = scenario.cell.separator.activation_energy;
    let anode = &scenario.cell.anode;
    let film = &scenario.coating.as_ref().expect("a coating").layers[0].material;
    let interphase = scenario.laws.interphase.activation_energy;
    // A stated resistance is that of the cell at its temperature.
    let mut stated = scenario.clone();
    stated.cell.separator_resistance = Some(2.3e-3);
    stated.cell.temperature = warm_temperature;
    let separator_stated = electrode(&stated, &[2.2e-6]).separator_resistance;
    assert!((separator_stated / 2.3e-3 - 1.0).abs() < 1e-15);
    // Exchange current densities: RT/(F R), with R by Arrhenius.
    let thermal = warm_temperature / REFERENCE_TEMPERATURE;
    let ratios = [
        (
            cold.ionic_conductivity,
            warm.ionic_conductivity,
            electrolyte,
            1.0,
        ),
        (
            warm.separator_resistance,
            cold.separator_resistance,
            separator,
            1.0,
        ),
        (
            cold.oxide.diffusivity(0.5),
            warm.oxide.diffusivity(0.5),
            oxide.diffusivity.activation_energy,
            1.0,
        ),
        (
            cold.oxide.exchange.value(0.5),
            warm.oxide.exchange.value(0.5),
            oxide.charge_transfer.activation_energy,
            thermal,
        ),
        (
            cold.anode.exchange,
            warm.anode.exchange,
            anode.activation_energy,
            thermal,
        ),
        (
            warm.coating.resistance,
            cold.coating.resistance,
            film.activation_energy,
            1.0,
        ),
        (cold.interphase[0], warm.interphase[0], interphase, 1.0),
        (cold.interphase[2], warm.interphase[2], interphase, 1.0),
    ];
    for (index, (low, high, energy, factor)) in ratios.into_iter().enumerate() {
        let expected = factor * arrhenius(energy, warm_temperature);
        assert!(expected > 1.1, "{index}: nothing to see");
        assert!((high / low / expected - 1.0).abs() < 1e-9, "{index}");
    }
    // At the reference the values are the stated ones.
    let stated = cold.thermal_voltage() / anode.charge_transfer_resistance;
    assert!((cold.anode.exchange / stated - 1.0).abs() < 1e-12);
}
