//! Cycles: what is added up while marching, and what is known at a cycle's end.

use super::march::{Cell, Sample, StepEnd};
use crate::constants::FARADAY;
use crate::degradation::Carbonate;
use crate::electrode::{Electrode, Field, State, ageing};
use crate::materials::GasLaw;
use crate::observables::{RelaxedCycle, active_mass};
use crate::record::{CycleRecord, Products, TimeSeries};
use crate::scenario::{Block, Control, Cutoff, Scenario};

/// What a simulation has gathered so far.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Gathered {
    /// Time series.
    pub series: TimeSeries,
    /// Finished cycles.
    pub cycles: Vec<CycleRecord>,
    /// Largest error of the lithium balance so far, relative to all lithium.
    pub lithium_error: f64,
    /// Largest error of the charge balance so far, relative to the charge passed.
    pub charge_error: f64,
    /// Charge passed in either direction, C/m2.
    pub throughput: f64,
}

/// Sums over one cycle.
#[derive(Debug, Clone, Copy, Default)]
struct CycleSums {
    charge: f64,
    discharge: f64,
    energy_in: f64,
    energy_out: f64,
}

impl CycleSums {
    fn add(&mut self, sample: &Sample) {
        if sample.charge > 0.0 {
            self.charge += sample.charge;
            self.energy_in += sample.energy;
        } else {
            self.discharge -= sample.charge;
            self.energy_out -= sample.energy;
        }
    }
}

/// Runs one cycle of `block`, adding to `gathered`. `fresh` is the state at the start
/// of the cell's life, against which lithium and charge are balanced.
pub fn run_cycle(
    cell: &mut Cell,
    scenario: &Scenario,
    block: &Block,
    fresh: &State,
    gathered: &mut Gathered,
) {
    let model = cell.model;
    let cycle = gathered.cycles.len() as u32 + 1;
    let balance = Balance::new(model, fresh);
    let mut sums = CycleSums::default();
    let mut relaxed = [f64::NAN; 2];
    let mut charging = true;
    let mut notes: Vec<String> = Vec::new();
    for (index, step) in block.steps.iter().enumerate() {
        let before = sums;
        let end = cell.run(step, &mut |state, sample| {
            sums.add(sample);
            let series = &mut gathered.series;
            series.time.push(state.scalar(Field::Time));
            series.voltage.push(state.scalar(Field::Voltage));
            series.current.push(state.scalar(Field::Current));
            series.cycle.push(cycle);
            series.step.push(index as u32 + 1);
            series.cycle_charge.push(sums.charge);
            series.cycle_discharge.push(sums.discharge);
            let gas = Gas::released(&scenario.laws.gas, state);
            series.oxygen_gas.push(gas.oxygen);
            series.sulfur_dioxide_gas.push(gas.sulfur_dioxide);
            series.carbon_dioxide_gas.push(gas.carbon_dioxide);
            gathered.throughput += sample.charge.abs();
            let (lithium, charge) = balance.errors(model, state, gathered.throughput);
            gathered.lithium_error = gathered.lithium_error.max(lithium);
            gathered.charge_error = gathered.charge_error.max(charge).max(sample.imbalance);
        });
        match step.control {
            Control::Rest => relaxed[usize::from(!charging)] = cell.voltage(),
            _ => charging = sums.charge - before.charge >= sums.discharge - before.discharge,
        }
        notes.extend(note(&step.text, end));
    }
    let record = cycle_record(
        scenario,
        cell,
        cycle,
        &sums,
        relaxed,
        gathered,
        notes.join("; "),
    );
    gathered.cycles.push(record);
}

/// Bookkeeping of lithium and charge against the fresh cell.
struct Balance {
    lithium: f64,
    cathode: f64,
}

impl Balance {
    fn new(model: &Electrode, fresh: &State) -> Self {
        Self {
            lithium: ageing::total_lithium(model, fresh),
            cathode: model.cathode_lithium(fresh),
        }
    }

    /// Relative errors of the lithium and the charge balance.
    fn errors(&self, model: &Electrode, state: &State, throughput: f64) -> (f64, f64) {
        let lithium = (ageing::total_lithium(model, state) / self.lithium - 1.0).abs();
        let charge = ageing::charge_by_lithium(model, state, self.cathode)
            - state.scalar(Field::ExternalCharge);
        let scale = throughput.max(model.sites() * FARADAY);
        (lithium, charge.abs() / scale)
    }
}

fn note(text: &str, end: StepEnd) -> Option<String> {
    match end {
        StepEnd::Duration | StepEnd::Cutoff(_) => None,
        StepEnd::CouldNotStart(cutoff) => Some(format!(
            "`{text}` could not start: the cell was beyond {} under load",
            describe(cutoff)
        )),
        StepEnd::CouldNotHold(voltage) => Some(format!(
            "`{text}` ended at {voltage:.3} V: the cell could no longer hold the load"
        )),
        StepEnd::NoEnd => Some(format!("`{text}` did not end within 60 days")),
    }
}

fn describe(cutoff: Cutoff) -> String {
    match cutoff {
        Cutoff::VoltageAbove(v) | Cutoff::VoltageBelow(v) => format!("{v:.3} V"),
        Cutoff::CurrentBelow(i) => format!("{:.3} mA/cm2", 0.1 * i),
    }
}

fn cycle_record(
    scenario: &Scenario,
    cell: &Cell,
    cycle: u32,
    sums: &CycleSums,
    relaxed: [f64; 2],
    gathered: &Gathered,
    note: String,
) -> CycleRecord {
    let (model, state) = (cell.model, &cell.state);
    let total: f64 = (0..model.particles()).map(|m| model.volume_of(m)).sum();
    let mean = |f: &dyn Fn(usize) -> f64| -> f64 {
        (0..model.particles())
            .map(|m| model.volume_of(m) * f(m))
            .sum::<f64>()
            / total
    };
    let stoichiometry = |m: usize| model.mean_stoichiometry(&state[Field::Shells], m);
    let connected = mean(&|m| state[Field::Connected][m]);
    CycleRecord {
        cycle,
        time: state.scalar(Field::Time),
        charge: sums.charge,
        discharge: sums.discharge,
        energy_in: sums.energy_in,
        energy_out: sums.energy_out,
        relaxed_charged: relaxed[0],
        relaxed_discharged: relaxed[1],
        active_mass_apparent: apparent_active_mass(scenario, model, sums, relaxed),
        connected_fraction: connected,
        contact_lost: mean(&|m| ageing::contact_lost(model, state, m, stoichiometry(m))),
        crack_damage: mean(&|m| state[Field::CrackDamage][m]),
        coverage: mean(&|m| state[Field::Coverage][m]),
        stoichiometry: mean(&|m| state[Field::Connected][m] * stoichiometry(m)) / connected,
        products: products(scenario, cell, &mean),
        lithium_error: gathered.lithium_error,
        charge_error: gathered.charge_error,
        note,
    }
}

/// The experimenter's active mass over all active mass, NaN where the cycle does not
/// give one (no rests).
fn apparent_active_mass(
    scenario: &Scenario,
    model: &Electrode,
    sums: &CycleSums,
    relaxed: [f64; 2],
) -> f64 {
    let anode = &model.anode;
    let cycle = RelaxedCycle {
        charged_voltage: relaxed[0],
        discharged_voltage: relaxed[1],
        anode_potential: anode.open_circuit.value(anode.initial_lithiation),
        charge: sums.discharge,
    };
    let cathode = &scenario.cathode;
    let theoretical = cathode.active_material.theoretical_capacity();
    active_mass(&cycle, &model.oxide.open_circuit, theoretical)
        .map_or(f64::NAN, |read| read.mass / cathode.areal_loading)
}

/// Gas released since the start, mol/m2 of cell.
struct Gas {
    oxygen: f64,
    sulfur_dioxide: f64,
    carbon_dioxide: f64,
}

impl Gas {
    /// Lattice oxygen is scavenged by the electrolyte or leaves as O2; of what is
    /// scavenged some leaves as SO2. CO2 is counted by its charge.
    fn released(law: &GasLaw, state: &State) -> Self {
        let lattice = state.scalar(Field::LatticeOxygen);
        let scavenged = lattice * law.scavenged_share;
        Self {
            oxygen: 0.5 * (lattice - scavenged),
            sulfur_dioxide: scavenged * law.sulfur_dioxide_yield,
            carbon_dioxide: state.scalar(Field::SideCarbonate) / Carbonate::charge_per_mole(),
        }
    }
}

/// Mean of a quantity over the particles by volume.
type Mean<'a> = &'a dyn Fn(&dyn Fn(usize) -> f64) -> f64;

fn products(scenario: &Scenario, cell: &Cell, mean: Mean) -> Products {
    let state = &cell.state;
    let laws = &scenario.laws;
    let patch_mean = |bare: Field, coated: Field| {
        mean(&|m| {
            let coverage = state[Field::Coverage][m];
            (1.0 - coverage) * state[bare][m] + coverage * state[coated][m]
        })
    };
    let formula_units = |field: Field| state.scalar(field) / (laws.oxidation.electrons * FARADAY);
    let gas = Gas::released(&laws.gas, state);
    // Oxygen that does not leave sits in PO4 and SO4 units of four oxygen each.
    let bound = state.scalar(Field::LatticeOxygen) - 2.0 * (gas.oxygen + gas.sulfur_dioxide)
        + state.scalar(Field::ContactOxygen);
    let units = bound / 4.0;
    Products {
        polysulfide_thickness: mean(&|m| {
            (1.0 - state[Field::Coverage][m]) * state[Field::Polysulfide][m]
        }),
        oxygenated_thickness: patch_mean(Field::OxygenatedBare, Field::OxygenatedCoated),
        rock_salt_thickness: patch_mean(Field::RockSaltBare, Field::RockSaltCoated),
        polysulfide_at_active: formula_units(Field::SideActive),
        polysulfide_at_carbon: formula_units(Field::SideCarbon),
        polysulfide_at_collector: formula_units(Field::SideCollector),
        phosphate: units * (1.0 - laws.oxygen.sulfate_share),
        sulfate: units * laws.oxygen.sulfate_share,
        oxygen_gas: gas.oxygen,
        sulfur_dioxide_gas: gas.sulfur_dioxide,
        carbon_dioxide_gas: gas.carbon_dioxide,
    }
}
