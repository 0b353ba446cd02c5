//! A cell cycled by the first block of its protocol.

use engobe::electrode::{Electrode, State};
use engobe::scenario::Scenario;
use engobe::simulation::cycling::{Gathered, run_cycle};
use engobe::simulation::march::Cell;

/// The state after `cycles` cycles of a fresh cell, and what was recorded.
pub fn cycled(scenario: &Scenario, model: &Electrode, cycles: usize) -> (State, Gathered) {
    let fresh = model.initial_state();
    let mut cell = Cell::new(model, fresh.clone(), scenario.numerics.tolerance);
    let mut gathered = Gathered::default();
    let block = &scenario.protocol[0];
    for _ in 0..cycles {
        run_cycle(&mut cell, scenario, block, &fresh, &mut gathered);
    }
    (cell.state, gathered)
}
