//! Cycles: what is added up while marching, and what is known at a cycle's end.

use super::march::{Cell, Sample, StepEnd};
use crate::constants::FARADAY;
use crate::degradation::Carbonate;
use crate::degradation::elements::{Extents, Fates, Species, escaping_share};
use crate::electrode::{Electrode, Field, State, ageing};
use crate::observables::{RelaxedCycle, active_mass};
use crate::record::{CycleRecord, Products, StepRecord, TimeSeries};
use crate::scenario::{Block, Control, Cutoff, Scenario, Step};

/// A train of pulses ends after this many.
const MOST_PULSES: usize = 10_000;

/// What a simulation has gathered so far.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Gathered {
    /// Time series.
    pub series: TimeSeries,
    /// Steps run.
    pub steps: Vec<StepRecord>,
    /// Finished cycles.
    pub cycles: Vec<CycleRecord>,
    /// Largest error of the lithium balance so far, relative to all lithium.
    pub lithium_error: f64,
    /// Largest error of the charge balance so far, relative to the charge passed.
    pub charge_error: f64,
    /// Charge passed in either direction in simulated cycles, C/m2.
    pub throughput: f64,
    /// Cycles before the next one that were carried on, not simulated.
    pub skipped: u32,
}

impl Gathered {
    /// Number of the last finished cycle, 0 before the first.
    pub fn done(&self) -> u32 {
        self.cycles.last().map_or(0, |record| record.cycle)
    }
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

    /// Positive on charge, C/m2.
    fn net_charge(&self) -> f64 {
        self.charge - self.discharge
    }

    /// Positive on charge, J/m2.
    fn net_energy(&self) -> f64 {
        self.energy_in - self.energy_out
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
    let mut run = CycleRun {
        scenario,
        cycle: gathered.done() + gathered.skipped + 1,
        balance: Balance::new(cell.model, fresh),
        gathered,
        steps: 0,
        sums: CycleSums::default(),
        relaxed: [f64::NAN; 2],
        charging: true,
        notes: Vec::new(),
    };
    for step in &block.steps {
        match step.rest_after {
            Some(rest) => run.pulses(cell, step, rest),
            None => {
                let end = run.step(cell, step);
                run.notes.extend(note(step, end));
            }
        }
    }
    let record = cycle_record(scenario, cell, run);
    gathered.cycles.push(record);
}

/// A cycle under way.
struct CycleRun<'g> {
    scenario: &'g Scenario,
    cycle: u32,
    balance: Balance,
    gathered: &'g mut Gathered,
    /// Steps begun.
    steps: u32,
    sums: CycleSums,
    /// Voltage at the end of the last rest after charge and after discharge, V.
    relaxed: [f64; 2],
    charging: bool,
    notes: Vec<String>,
}

impl CycleRun<'_> {
    /// Runs one step and keeps its record.
    fn step(&mut self, cell: &mut Cell, step: &Step) -> StepEnd {
        let model = cell.model;
        let (before, start) = (self.sums, cell.state.scalar(Field::Time));
        self.steps += 1;
        let mut lowest = f64::NAN;
        let end = cell.run(step, &mut |state, sample| {
            lowest = lowest.min(state.scalar(Field::Voltage));
            self.sample(model, state, sample);
        });
        match step.control {
            Control::Rest => self.relaxed[usize::from(!self.charging)] = cell.voltage(),
            _ => {
                self.charging =
                    self.sums.charge - before.charge >= self.sums.discharge - before.discharge;
            }
        }
        self.gathered.steps.push(StepRecord {
            cycle: self.cycle,
            step: self.steps,
            text: step.text.clone(),
            start,
            duration: cell.state.scalar(Field::Time) - start,
            charge: self.sums.net_charge() - before.net_charge(),
            energy: self.sums.net_energy() - before.net_energy(),
            end_voltage: cell.voltage(),
            end_current: cell.state.scalar(Field::Current),
            lowest_voltage: lowest,
            end: reason(step, end),
        });
        end
    }

    /// Adds one time step.
    fn sample(&mut self, model: &Electrode, state: &State, sample: &Sample) {
        self.sums.add(sample);
        let gathered = &mut *self.gathered;
        if sample.recorded {
            let series = &mut gathered.series;
            series.time.push(state.scalar(Field::Time));
            series.voltage.push(state.scalar(Field::Voltage));
            series.current.push(state.scalar(Field::Current));
            series.cycle.push(self.cycle);
            series.step.push(self.steps);
            series.cycle_charge.push(self.sums.charge);
            series.cycle_discharge.push(self.sums.discharge);
            let species = species(self.scenario, state);
            series.oxygen_gas.push(species.oxygen);
            series.sulfur_dioxide_gas.push(species.sulfur_dioxide);
            series.carbon_dioxide_gas.push(species.carbon_dioxide);
        }
        gathered.throughput += sample.charge.abs();
        let (lithium, charge) = self.balance.errors(model, state, gathered.throughput);
        gathered.lithium_error = gathered.lithium_error.max(lithium);
        gathered.charge_error = gathered.charge_error.max(charge).max(sample.imbalance);
    }

    /// Runs a train of pulses, each followed by a rest (s), until a cut-off ends one.
    /// That the last pulse cannot even start is a usual end.
    fn pulses(&mut self, cell: &mut Cell, step: &Step, rest: f64) {
        let pause = Step {
            duration: Some(rest),
            period: step.period,
            ..Step::new(Control::Rest, "Rest after a pulse")
        };
        for pulse in 0..MOST_PULSES {
            let end = self.step(cell, step);
            match end {
                StepEnd::CouldNotStart(_) if pulse > 0 => return,
                StepEnd::CouldNotStart(_) | StepEnd::CouldNotHold(_) | StepEnd::Stalled(_) => {
                    self.notes.extend(note(step, end));
                    return;
                }
                StepEnd::Duration | StepEnd::Cutoff(_) | StepEnd::NoEnd => {}
            }
            self.step(cell, &pause);
            if end != StepEnd::Duration {
                return;
            }
        }
        let text = &step.text;
        self.notes
            .push(format!("`{text}` did not end within {MOST_PULSES} pulses"));
    }
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

/// What is worth telling about how a step ended; `None` if it ended as asked.
fn note(step: &Step, end: StepEnd) -> Option<String> {
    let text = &step.text;
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
        StepEnd::Stalled(voltage) => Some(format!(
            "`{text}` was given up at {voltage:.3} V: the time steps came to nothing \
             (a fault of the solver; another `numerics.tolerance` may help)"
        )),
    }
}

/// Why a step ended, in a few words.
fn reason(step: &Step, end: StepEnd) -> String {
    match (end, &step.control) {
        (StepEnd::Duration, Control::Sweep { to, .. }) if step.duration.is_none() => {
            format!("reached {to:.3} V")
        }
        (StepEnd::Duration, Control::Profile(_)) => "end of the table".into(),
        (StepEnd::Duration, _) => "duration".into(),
        (StepEnd::Cutoff(cutoff), _) => format!("reached {}", describe(cutoff)),
        (StepEnd::CouldNotStart(cutoff), _) => {
            format!("could not start: beyond {}", describe(cutoff))
        }
        (StepEnd::CouldNotHold(_), _) => "could not hold the load".into(),
        (StepEnd::NoEnd, _) => "no end within 60 days".into(),
        (StepEnd::Stalled(_), _) => "given up: the time steps came to nothing".into(),
    }
}

fn describe(cutoff: Cutoff) -> String {
    match cutoff {
        Cutoff::VoltageAbove(v) | Cutoff::VoltageBelow(v) => format!("{v:.3} V"),
        Cutoff::CurrentAbove(i) | Cutoff::CurrentBelow(i) => format!("{:.3} mA/cm2", 0.1 * i),
        Cutoff::ChargeAbove(q) => format!("{:.3} mAh/cm2", q / 3.6e4),
    }
}

fn cycle_record(scenario: &Scenario, cell: &Cell, run: CycleRun) -> CycleRecord {
    let (cycle, sums, relaxed) = (run.cycle, &run.sums, run.relaxed);
    let (gathered, note) = (&*run.gathered, run.notes.join("; "));
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
        skipped: gathered.skipped,
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
    active_mass(&cycle, model.oxide.open_circuit.table(), theoretical)
        .map_or(f64::NAN, |read| read.mass / cathode.areal_loading)
}

/// Mean of a quantity over the particles by volume.
type Mean<'a> = &'a dyn Fn(&dyn Fn(usize) -> f64) -> f64;

/// How far the reactions have gone in `state`.
pub fn extents(scenario: &Scenario, state: &State) -> Extents {
    // Sulfide of the coating is counted as electrolyte of the same charge.
    let side = [
        Field::SideActive,
        Field::SideCarbon,
        Field::SideCollector,
        Field::SideCoating,
    ];
    let charge: f64 = side.iter().map(|f| state.scalar(*f)).sum();
    Extents {
        oxidised: charge / (scenario.laws.oxidation.electrons * FARADAY),
        lattice_oxygen: state.scalar(Field::LatticeOxygen),
        contact_oxygen: state.scalar(Field::ContactOxygen),
        carbonate: state.scalar(Field::SideCarbonate) / Carbonate::charge_per_mole(),
    }
}

/// What the reactions have made in `state`.
fn species(scenario: &Scenario, state: &State) -> Species {
    Fates::new(&scenario.laws, escaping_share(scenario.coating.as_ref()))
        .species(&extents(scenario, state))
}

fn products(scenario: &Scenario, cell: &Cell, mean: Mean) -> Products {
    let state = &cell.state;
    let species = species(scenario, state);
    let patch_mean = |bare: Field, coated: Field| {
        mean(&|m| {
            let coverage = state[Field::Coverage][m];
            (1.0 - coverage) * state[bare][m] + coverage * state[coated][m]
        })
    };
    let formula_units =
        |field: Field| state.scalar(field) / (scenario.laws.oxidation.electrons * FARADAY);
    Products {
        polysulfide_thickness: mean(&|m| {
            (1.0 - state[Field::Coverage][m]) * state[Field::Polysulfide][m]
        }),
        oxygenated_thickness: patch_mean(Field::OxygenatedBare, Field::OxygenatedCoated),
        rock_salt_thickness: patch_mean(Field::RockSaltBare, Field::RockSaltCoated),
        // Sulfide of the coating, counted as electrolyte of the same charge.
        polysulfide_at_active: formula_units(Field::SideActive) + formula_units(Field::SideCoating),
        polysulfide_at_carbon: formula_units(Field::SideCarbon),
        polysulfide_at_collector: formula_units(Field::SideCollector),
        phosphate: species.phosphate,
        sulfate: species.sulfate,
        oxygen_gas: species.oxygen,
        sulfur_dioxide_gas: species.sulfur_dioxide,
        carbon_dioxide_gas: species.carbon_dioxide,
    }
}
