//! Cycle blocks against runs that simulate every cycle.

mod common;

use common::{electrode, scenario};
use engobe::electrode::{Electrode, projection};
use engobe::record::{CycleRecord, RunRecord};
use engobe::results::summary;
use engobe::scenario::{self, Block, CycleBlocks, Scenario};
use engobe::simulation::blocks::{History, Plan, next_cycle};
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::Cell;
use engobe::simulation::{RunError, Supervision, run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const RADII: [f64; 3] = [2.0e-6, 2.2e-6, 2.4e-6];

fn blocks(tolerance: f64) -> Option<CycleBlocks> {
    Some(CycleBlocks {
        tolerance,
        longest: 25,
    })
}

/// `count` cycles of the first block of `scenario`.
fn cycles(scenario: &Scenario, model: &Electrode, count: u32) -> Gathered {
    let fresh = model.initial_state();
    let mut cell = Cell::new(model, fresh.clone(), scenario.numerics.tolerance);
    let (mut gathered, mut history) = (Gathered::default(), History::default());
    let plan = Plan {
        scenario,
        block: &scenario.protocol[0],
        fresh: &fresh,
    };
    while gathered.done() < count {
        let most = count - gathered.done() - 1;
        next_cycle(&mut cell, &plan, &mut gathered, &mut history, most);
    }
    gathered
}

/// Largest relative difference of what ageing changes between the simulated cycles of
/// `some` and the same of `all`.
fn difference(some: &Gathered, all: &Gathered) -> f64 {
    let values: [fn(&CycleRecord) -> f64; 5] = [
        |c| c.discharge,
        |c| c.connected_fraction,
        |c| 1.0 - c.contact_lost,
        |c| c.products.oxygenated_thickness,
        |c| c.products.polysulfide_thickness,
    ];
    let pairs = some
        .cycles
        .iter()
        .map(|c| (c, &all.cycles[c.cycle as usize - 1]));
    pairs
        .flat_map(|(c, full)| values.map(|value| (value(c) / value(full) - 1.0).abs()))
        .fold(0.0, f64::max)
}

#[test]
fn a_fifth_of_the_cycles_keeps_what_is_promised_and_every_balance() {
    let mut scenario = scenario("shi2023-pristine");
    let model = electrode(&scenario, &RADII);
    let full = cycles(&scenario, &model, 100);
    assert_eq!(full.cycles.len(), 100);
    let mut errors = Vec::new();
    for tolerance in [1e-2, 5e-3, 2.5e-3, 1e-3] {
        scenario.numerics.cycle_blocks = blocks(tolerance);
        let some = cycles(&scenario, &model, 100);
        let error = difference(&some, &full);
        println!("{tolerance}: {} cycles, {error:.2e}", some.cycles.len());
        assert!(error < tolerance, "{error} at {tolerance}");
        assert!(some.lithium_error < 1e-10 && some.charge_error < 1e-10);
        let counted: u32 = some.cycles.iter().map(|c| c.skipped + 1).sum();
        assert_eq!((counted, some.done()), (100, 100));
        if tolerance >= 5e-3 {
            assert!(some.cycles.len() <= 20, "{} cycles", some.cycles.len());
        }
        errors.push(error);
    }
    assert!(errors[3] < 0.5 * errors[1], "{errors:?}");
    assert!(errors.is_sorted_by(|a, b| a >= b), "{errors:?}");
}

#[test]
fn cycles_that_end_by_time_are_carried_on_as_well() {
    let text = std::fs::read_to_string("scenarios/shi2023-1p.toml").expect("shipped");
    let text = text
        .replace(
            "\"Charge at 0.1C until 3.7 V\"",
            "\"Charge at 0.1C for 6 hours or until 3.7 V\"",
        )
        .replace(
            "\"Discharge at 0.1C until 2.0 V\"",
            "\"Discharge at 0.1C for 6 hours or until 2.0 V\"",
        );
    let mut scenario = scenario::from_str("timed", &text)
        .expect("a scenario")
        .scenario;
    let model = electrode(&scenario, &RADII);
    let full = cycles(&scenario, &model, 100);
    scenario.numerics.cycle_blocks = blocks(5e-3);
    let some = cycles(&scenario, &model, 100);
    let last = |g: &Gathered| g.cycles.last().expect("cycles").clone();
    println!(
        "{} cycles; {:?}\n{:?}",
        some.cycles.len(),
        last(&some),
        last(&full)
    );
    assert!(difference(&some, &full) < 5e-3);
    assert!((last(&some).stoichiometry - last(&full).stoichiometry).abs() < 5e-4);
    assert!(some.lithium_error < 1e-10 && some.charge_error < 1e-10);
}

#[test]
fn a_jump_of_no_change_is_no_change_and_impossible_ones_are_refused() {
    let scenario = scenario("shi2023-pristine");
    let model = electrode(&scenario, &RADII);
    let fresh = model.initial_state();
    let mut cell = Cell::new(&model, fresh.clone(), 1e-2);
    let block: &Block = &scenario.protocol[0];
    run_cycle(
        &mut cell,
        &scenario,
        block,
        &fresh,
        &mut Gathered::default(),
    );
    let none = vec![0.0; projection::coordinates(&cell.state).len()];
    let same = projection::carry_on(&model, &cell.state, &none, None).expect("possible");
    for (a, b) in same.as_slice().iter().zip(cell.state.as_slice()) {
        assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} {b}");
    }
    let mut by = projection::coordinates(&cell.state);
    for (change, start) in by.iter_mut().zip(projection::coordinates(&fresh)) {
        *change -= start;
    }
    let far: Vec<f64> = by.iter().map(|change| -2.0 * change).collect();
    assert!(projection::carry_on(&model, &cell.state, &far, None).is_none());
}

fn supervise(
    path: &Path,
    resume: bool,
    interrupt: &AtomicBool,
    scenario: &scenario::Loaded,
) -> Result<RunRecord, RunError> {
    let supervision = Supervision {
        checkpoint: Some(path),
        resume,
        interrupt,
    };
    run(scenario, supervision, &mut |_| {})
}

/// `quick` with more cycles and `numerics` in its last section.
fn quick(numerics: &str) -> String {
    let text = std::fs::read_to_string("scenarios/quick.toml").expect("shipped");
    text.replace("repeat = 3", "repeat = 14") + numerics
}

fn column(record: &RunRecord, name: &str) -> bool {
    let table = summary::cycles(record).expect("a table");
    table.columns().iter().any(|column| column.name == name)
}

#[test]
fn a_run_that_was_stopped_goes_on_as_if_it_had_not() {
    let text = quick("cycle_blocks = { tolerance = \"2 %\", longest = 5 }\n");
    let loaded = scenario::from_str("blocks", &text).expect("a scenario");
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("checkpoint");
    let never = AtomicBool::new(false);
    let whole = supervise(&path, false, &never, &loaded).expect("a run");
    let always = AtomicBool::new(true);
    let mut stops = 0;
    let parts = loop {
        match supervise(&path, stops > 0, &always, &loaded) {
            Ok(record) => break record,
            Err(RunError::Interrupted { .. }) => stops += 1,
            Err(error) => panic!("{error}"),
        }
    };
    assert!((4..13).contains(&stops), "{stops} stops");
    // Debug text is exact for numbers, and takes a NaN for itself.
    assert_eq!(format!("{:?}", whole.cycles), format!("{:?}", parts.cycles));
    assert_eq!(format!("{:?}", whole.series), format!("{:?}", parts.series));
    // Cycles with a spectrum are simulated: 1 and 3 here.
    assert!(
        [1, 3, 14]
            .iter()
            .all(|n| whole.cycles.iter().any(|c| c.cycle == *n))
    );
    assert!(column(&whole, "skipped_cycles"));
}

#[test]
fn they_are_off_unless_asked_for_and_refused_beyond_their_bounds() {
    let plain = scenario::from_str("plain", &quick("")).expect("a scenario");
    assert_eq!(plain.scenario.numerics.cycle_blocks, None);
    assert!(!plain.scenario.resolved_toml().contains("cycle_blocks"));
    let asked = scenario::from_str("asked", &quick("cycle_blocks = {}\n")).expect("a scenario");
    assert_eq!(asked.scenario.numerics.cycle_blocks, blocks(5e-3));
    let back: Scenario = toml::from_str(&asked.scenario.resolved_toml()).expect("valid");
    assert_eq!(back, asked.scenario);
    for wrong in [
        "cycle_blocks = { tolerance = \"50 %\" }\n",
        "cycle_blocks = { longest = 0 }\n",
        "cycle_blocks = { lengths = 3 }\n",
        "cycle_blocks = true\n",
    ] {
        assert!(
            scenario::from_str("wrong", &quick(wrong)).is_err(),
            "{wrong}"
        );
    }
}
