//! What the one number `tolerance` promises, and that no cell is too old to be marched.

#[path = "common/ageing.rs"]
mod ageing;
mod common;

use ageing::NO_AGEING;
use common::{electrode, scenario};
use engobe::electrode::{Electrode, Field};
use engobe::record::CycleRecord;
use engobe::scenario::{Control, Cutoff, Scenario, Step};
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::{Cell, StepEnd};
use rayon::prelude::*;

const TOLERANCES: [f64; 5] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/// A shipped scenario cycled at `rate` (C).
fn at_rate(name: &str, rate: f64) -> (Scenario, Electrode) {
    let mut scenario = scenario(name);
    let current = rate * scenario.cell.one_c * scenario.cathode.areal_loading;
    for step in &mut scenario.protocol[0].steps {
        if let Control::Current(shipped) = &mut step.control {
            *shipped = current.copysign(*shipped);
        }
    }
    let model = electrode(&scenario, &[1.9e-6, 2.2e-6, 2.5e-6]);
    (scenario, model)
}

#[test]
fn ten_times_tighter_changes_each_cycle_by_less_than_promised() {
    let cells = [
        at_rate("shi2023-pristine", 0.1),
        at_rate("shi2023-pristine", 1.0),
        at_rate("shi2023-1p", 0.33),
        at_rate("shi2023-5p", 1.0),
    ];
    let jobs: Vec<(usize, f64)> = (0..cells.len())
        .flat_map(|cell| TOLERANCES.map(|tolerance| (cell, tolerance)))
        .collect();
    let capacities: Vec<Vec<f64>> = jobs
        .par_iter()
        .map(|&(cell, tolerance)| {
            let (scenario, model) = &cells[cell];
            let fresh = model.initial_state();
            let mut cell = Cell::new(model, fresh.clone(), tolerance);
            let mut gathered = Gathered::default();
            for _ in 0..4 {
                let block = &scenario.protocol[0];
                run_cycle(&mut cell, scenario, block, &fresh, &mut gathered);
            }
            let cycles = gathered.cycles.iter();
            cycles.flat_map(|c| [c.charge, c.discharge]).collect()
        })
        .collect();
    for (job, pair) in jobs.windows(2).zip(capacities.windows(2)) {
        if job[0].0 != job[1].0 {
            continue;
        }
        let largest = pair[0]
            .iter()
            .zip(&pair[1])
            .map(|(loose, tight)| (loose / tight - 1.0).abs())
            .fold(0.0, f64::max);
        println!("cell {} at {:.0e}: {largest:.1e}", job[0].0, job[0].1);
        assert!(
            largest < job[0].1,
            "cell {} at {}: {largest}",
            job[0].0,
            job[0].1
        );
    }
}

fn step(control: Control, duration: Option<f64>, until: Vec<Cutoff>) -> Step {
    Step {
        duration,
        until,
        ..Step::new(control, "a step")
    }
}

/// Voltages and currents (times the resistance of separator and anode, V) at stated times
/// of a day with jumps: the load switched on, turned round at once, a voltage held,
/// released.
fn day(model: &Electrode, tolerance: f64) -> Vec<f64> {
    let one_c = model.one_c;
    let resistance = model.separator_resistance + model.thermal_voltage() / model.anode.exchange;
    let mut cell = Cell::new(model, model.initial_state(), tolerance);
    let steps = [
        (Control::Current(one_c), 900.0),
        (Control::Rest, 30.0),
        (Control::Current(one_c), 10.0),
        (Control::Current(-one_c), 120.0),
        (Control::Current(one_c), 60.0),
        (Control::Voltage(3.5), 60.0),
        (Control::Voltage(3.5), 1800.0),
        (Control::Voltage(3.3), 300.0),
        (Control::Rest, 3600.0),
    ];
    let mut seen = Vec::new();
    for (control, duration) in steps {
        let step = step(control, Some(duration), vec![]);
        let end = cell.run(&step, &mut |_, _| {});
        assert_eq!(end, StepEnd::Duration);
        seen.push(match step.control {
            Control::Voltage(_) => cell.state.scalar(Field::Current) * resistance,
            _ => cell.voltage(),
        });
        seen.push(model.mean_stoichiometry(&cell.state[Field::Shells], 0));
    }
    seen
}

/// Steps aimed at where an attempt had gone beyond the cut-off came to nothing when the
/// cut-off had moved behind it: up to 570 of them, or without end, at one of a hundred
/// cut-offs of this cell.
#[test]
fn every_cut_off_is_met_in_few_steps_none_of_which_falls_far() {
    let mut scenario = scenario("ma2022-bare");
    (scenario.numerics.depths, scenario.numerics.shells) = (4, 5);
    let model = electrode(&scenario, &[1.2e-6, 2.3e-6]);
    let mut charged = Cell::new(&model, model.initial_state(), 1e-3);
    charged.run(&scenario.protocol[0].steps[0], &mut |_, _| {});
    (0..1000).into_par_iter().for_each(|i| {
        let voltage = 1.3 + 1e-4 * f64::from(i);
        let cutoff = Cutoff::VoltageBelow(voltage);
        let discharge = step(Control::Current(-model.one_c), None, vec![cutoff]);
        let mut cell = charged.clone();
        let mut seen = Vec::new();
        let end = cell.run(&discharge, &mut |_, sample| {
            seen.push(sample.result.voltage[1]);
        });
        assert_eq!(end, StepEnd::Cutoff(cutoff));
        assert!((cell.voltage() - voltage).abs() < 2.1e-5);
        assert!(seen.len() < 80, "{voltage}: {}", seen.len());
        let falls = seen.windows(2).map(|pair| pair[0] - pair[1]);
        let largest = falls.fold(0.0, f64::max);
        assert!(largest < 0.1501, "{voltage}: {largest}");
    });
}

/// The error is estimated in the outer shells. What users read from them, the voltage
/// under a load and the current under a voltage, is within the tolerance as
/// well, through layers and after jumps.
#[test]
fn voltage_and_current_follow_the_tolerance_through_jumps() {
    for ageing in [false, true] {
        let mut scenario = scenario("shi2023-1p");
        if !ageing {
            scenario.mechanisms = NO_AGEING;
        }
        let model = electrode(&scenario, &[2.2e-6]);
        let exact = day(&model, 1e-7);
        for tolerance in [1e-2, 1e-3, 1e-4, 1e-5] {
            let found = day(&model, tolerance);
            let largest = found
                .iter()
                .zip(&exact)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            println!("ageing {ageing}, {tolerance:.0e}: {largest:.1e}");
            assert!(largest < tolerance, "{tolerance}: {largest}");
        }
    }
}

#[test]
fn events_are_met_to_the_tolerance() {
    let mut scenario = scenario("shi2023-1p");
    scenario.mechanisms = NO_AGEING;
    let model = electrode(&scenario, &[1.9e-6, 2.5e-6]);
    for tolerance in [1e-2, 1e-3, 1e-4, 1e-5] {
        for rate in [0.1, 1.0] {
            let current = rate * model.one_c;
            let mut cell = Cell::new(&model, model.initial_state(), tolerance);
            let mut time = 0.0;
            let mut run = |control, duration, until: Option<Cutoff>| {
                let step = step(control, duration, until.into_iter().collect());
                let end = cell.run(&step, &mut |_, sample| time += sample.length);
                assert_eq!(end, until.map_or(StepEnd::Duration, StepEnd::Cutoff));
                (cell.voltage(), cell.state.scalar(Field::Current))
            };
            let up = Cutoff::VoltageAbove(3.6);
            let (voltage, _) = run(Control::Current(current), None, Some(up));
            assert!((voltage - 3.6).abs() <= 0.02 * tolerance, "{voltage}");
            let end = 0.05 * current;
            let small = Cutoff::CurrentBelow(end);
            let (_, left) = run(Control::Voltage(3.6), None, Some(small));
            assert!((left / end - 1.0).abs() <= tolerance, "{left}");
            let down = Cutoff::VoltageBelow(2.2);
            let (voltage, _) = run(Control::Current(-current), None, Some(down));
            assert!((voltage - 2.2).abs() <= 0.02 * tolerance, "{voltage}");
            run(Control::Rest, Some(1234.5), None);
            assert!((cell.state.scalar(Field::Time) / time - 1.0).abs() < 1e-13);
        }
    }
}

/// Two thousand cycles down to a few per cent of the capacity, on a small grid: every step
/// ends at its cut-off or its time, and the cycles in which the cell was beyond the
/// cut-off from the first instant say so.
#[test]
fn two_thousand_cycles_to_the_end_of_a_cell() {
    for (rate, loss) in [(0.1, 12.0), (1.0, 4.0)] {
        let (mut scenario, _) = at_rate("shi2023-pristine", rate);
        scenario.numerics.depths = 2;
        scenario.numerics.shells = 6;
        let laws = &mut scenario.laws;
        laws.disconnection.per_thickness *= loss;
        laws.disconnection.per_contact_loss *= loss;
        laws.interphase.rock_salt /= loss;
        let model = electrode(&scenario, &[2.2e-6]);
        let fresh = model.initial_state();
        let mut cell = Cell::new(&model, fresh.clone(), scenario.numerics.tolerance);
        let mut gathered = Gathered::default();
        for _ in 0..2000 {
            let block = &scenario.protocol[0];
            run_cycle(&mut cell, &scenario, block, &fresh, &mut gathered);
        }
        let first = gathered.cycles[0].discharge;
        let last = gathered.cycles[1999].discharge;
        println!("{rate}C: {:.4} of the capacity left", last / first);
        assert!(last < 0.05 * first, "{}", last / first);
        for cycle in &gathered.cycles {
            let said = cycle.note.is_empty() || cycle.note.contains("could not start");
            assert!(said, "cycle {}: {}", cycle.cycle, cycle.note);
            let silent = cycle.charge <= 0.0 && cycle.note.is_empty();
            assert!(
                !silent,
                "cycle {} did nothing and said nothing",
                cycle.cycle
            );
        }
        assert!(gathered.lithium_error < 1e-10 && gathered.charge_error < 1e-10);
        let energy = |of: fn(&CycleRecord) -> f64| gathered.cycles.iter().map(of).sum::<f64>();
        assert!(energy(|c| c.energy_out) < energy(|c| c.energy_in));
    }
}
