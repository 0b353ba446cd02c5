//! Cycle blocks: of many cycles that differ little, some are simulated and the
//! others carried on from what those changed.
//!
//! The change by a cycle is taken to be a polynomial in 1/N, N the number of cycles of
//! the cell's life: constant where cycles fatigue, falling where layers limit
//! themselves. A jump predicts with the polynomial through the last two simulated
//! cycles; the cycle simulated after it corrects with the one through three. The
//! distance of the two is the error that is kept below the tolerance; the same
//! distance, with the three cycles before the jump, chooses its length.
//!
//! The alternative, degradation times n while one cycle is simulated, puts the n-fold
//! ageing inside that cycle, which shows in its voltages, is of first order in n, and
//! gives side reactions n times the charge while the current stays what it is.

use super::cycling::{Gathered, run_cycle};
use super::march::Cell;
use crate::electrode::projection::{carry_on, coordinates, read_outs};
use crate::electrode::{Electrode, Field, State};
use crate::scenario::{Block, CycleBlocks, Scenario};
use serde::{Deserialize, Serialize};

/// Simulated cycles that are remembered.
const REMEMBERED: usize = 3;
/// Share of the tolerance that a prediction may be wrong by.
const PREDICTION_SHARE: f64 = 0.5;
/// How much worse than expected the first jump is taken to be, and the most that is
/// believed of any.
const FIRST_SURPRISE: f64 = 2.0;
const MOST_SURPRISE: f64 = 10.0;
/// Share of the allowed error for which the length of a jump is chosen.
const SAFETY: f64 = 0.7;

/// What one simulated cycle changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Change {
    /// Number of the cycle.
    cycle: u32,
    /// Change of the state's coordinates.
    by: Vec<f64>,
    /// Shells at its end.
    shells: Vec<f64>,
}

/// The last simulated cycles of the present protocol block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Oldest first.
    changes: Vec<Change>,
    /// By how much the last jump was worse than expected.
    surprise: f64,
}

impl Default for History {
    fn default() -> Self {
        Self {
            changes: Vec::new(),
            surprise: FIRST_SURPRISE,
        }
    }
}

/// A jump under way: the state before it, its length and what it added.
#[derive(Debug, Clone)]
pub struct Jump {
    before: State,
    /// Cycles that are not simulated.
    pub cycles: u32,
    predicted: Vec<f64>,
    /// Error expected of the prediction.
    expected: f64,
}

/// What is asked of the cycles of one protocol block.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The whole scenario.
    pub scenario: &'a Scenario,
    /// The block.
    pub block: &'a Block,
    /// The state at the start of the cell's life.
    pub fresh: &'a State,
}

/// Simulates the next cycle, if the scenario allows after carrying the cell on by at
/// most `most` cycles.
pub fn next_cycle(
    cell: &mut Cell,
    plan: &Plan,
    gathered: &mut Gathered,
    history: &mut History,
    mut most: u32,
) {
    let (model, scenario) = (cell.model, plan.scenario);
    let Some(settings) = scenario.numerics.cycle_blocks else {
        run_cycle(cell, scenario, plan.block, plan.fresh, gathered);
        return;
    };
    loop {
        let known = history.clone();
        let jump = history.jump(model, &cell.state, &settings, most);
        let kept = jump.as_ref().map(|_| gathered.clone());
        if let Some((jump, after)) = &jump {
            gathered.skipped = jump.cycles;
            cell.state.clone_from(after);
        }
        let start = cell.state.clone();
        run_cycle(cell, scenario, plan.block, plan.fresh, gathered);
        gathered.skipped = 0;
        history.remember(gathered.done(), &start, &cell.state);
        let (Some((jump, _)), Some(kept)) = (jump, kept) else {
            return;
        };
        if history.correct(model, &mut cell.state, &jump, &settings) {
            return;
        }
        // Too far: back to where the jump began, and less far.
        most = jump.cycles * 2 / 3;
        *gathered = kept;
        history.changes = known.changes;
        cell.state = jump.undo();
    }
}

impl History {
    /// Forgets everything: to be called where the protocol changes.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    /// Remembers the simulated `cycle` that led from `start` to `end`.
    pub fn remember(&mut self, cycle: u32, start: &State, end: &State) {
        let mut by = coordinates(end);
        for (value, from) in by.iter_mut().zip(coordinates(start)) {
            *value -= from;
        }
        if self.changes.len() == REMEMBERED {
            self.changes.remove(0);
        }
        self.changes.push(Change {
            cycle,
            by,
            shells: end[Field::Shells].to_vec(),
        });
    }

    /// The longest jump from `state`, the end of the last remembered cycle, of at most
    /// `most` cycles whose error is likely to be allowed, and the state it leads to.
    pub fn jump(
        &self,
        model: &Electrode,
        state: &State,
        settings: &CycleBlocks,
        most: u32,
    ) -> Option<(Jump, State)> {
        if self.changes.len() < REMEMBERED {
            return None;
        }
        let mut cycles = most.min(settings.longest);
        while cycles > 0 {
            if let Some((jump, after)) = self.try_jump(model, state, cycles)
                && self.surprise * jump.expected <= SAFETY * settings.tolerance * PREDICTION_SHARE
            {
                return Some((jump, after));
            }
            cycles = cycles * 4 / 5;
        }
        None
    }

    /// A jump with the distance between its end by two and by three cycles.
    fn try_jump(&self, model: &Electrode, state: &State, cycles: u32) -> Option<(Jump, State)> {
        let [_, before_last, last] = &self.changes[..] else {
            return None;
        };
        let share = f64::from(cycles) / f64::from(last.cycle - before_last.cycle);
        let drift: Vec<f64> = last
            .shells
            .iter()
            .zip(&before_last.shells)
            .map(|(x, before)| share * (x - before))
            .collect();
        let predicted = total_change(&self.changes[1..], last.cycle, cycles);
        let careful = total_change(&self.changes, last.cycle, cycles);
        let after = carry_on(model, state, &predicted, Some(&drift))?;
        let other = carry_on(model, state, &careful, None)?;
        let jump = Jump {
            before: state.clone(),
            cycles,
            predicted,
            expected: distance(model, &after, &other),
        };
        Some((jump, after))
    }

    /// Whether the `jump`, judged by the cycle simulated after it (already remembered),
    /// was too long; if not, corrects `state`, the end of that cycle.
    pub fn correct(
        &mut self,
        model: &Electrode,
        state: &mut State,
        jump: &Jump,
        settings: &CycleBlocks,
    ) -> bool {
        let [.., from, _] = &self.changes[..] else {
            return false;
        };
        let mut correction = total_change(&self.changes, from.cycle, jump.cycles);
        let corrected = carry_on(model, &jump.before, &correction, None);
        let predicted = carry_on(model, &jump.before, &jump.predicted, None);
        let (Some(corrected), Some(predicted)) = (corrected, predicted) else {
            return false;
        };
        let error = distance(model, &corrected, &predicted);
        self.surprise = (error / jump.expected.max(f64::MIN_POSITIVE)).clamp(1.0, MOST_SURPRISE);
        if error > settings.tolerance * PREDICTION_SHARE {
            return false;
        }
        for (value, by) in correction.iter_mut().zip(&jump.predicted) {
            *value -= by;
        }
        if let Some(better) = carry_on(model, state, &correction, None) {
            *state = better;
        }
        true
    }
}

impl Jump {
    /// The state before the jump.
    pub fn undo(self) -> State {
        self.before
    }
}

/// Change over the `cycles` after `last` by the polynomial in 1/N through `known`.
fn total_change(known: &[Change], last: u32, cycles: u32) -> Vec<f64> {
    let mut total = vec![0.0; known[0].by.len()];
    for (i, change) in known.iter().enumerate() {
        let own = 1.0 / f64::from(change.cycle);
        let others = || known.iter().enumerate().filter(|(j, _)| *j != i);
        let weight: f64 = (last + 1..=last + cycles)
            .map(|n| {
                others()
                    .map(|(_, other)| {
                        let node = 1.0 / f64::from(other.cycle);
                        (1.0 / f64::from(n) - node) / (own - node)
                    })
                    .product::<f64>()
            })
            .sum();
        for (sum, by) in total.iter_mut().zip(&change.by) {
            *sum += weight * by;
        }
    }
    total
}

/// Largest difference of what is read from two states.
fn distance(model: &Electrode, one: &State, other: &State) -> f64 {
    read_outs(model, one)
        .iter()
        .zip(read_outs(model, other))
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}
