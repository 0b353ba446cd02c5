//! Which mechanism cost how much capacity.
//!
//! After a cycle the cell's state is taken apart by who made what
//! ([`ownership`]) and put together again in every combination; each is charged and
//! discharged once under the load of that cycle, with nothing ageing further. The
//! capacities are those of a game between the mechanisms, and its Shapley values
//! ([`shapley`]) are their shares in the loss against the fresh cell.

use super::march::Cell;
use crate::degradation::Mechanism;
use crate::electrode::ownership::{self, keep};
use crate::electrode::{Electrode, State};
use crate::numerics::shapley;
use crate::record::Attribution;
use crate::scenario::{Block, Control, Scenario, Step};
use rayon::prelude::*;

/// Mechanisms that together cost less than this share of the loss play as one, which
/// saves most of the charges and discharges. Measured on shi2023-pristine: no share is
/// further than 0.08 mAh/g from that of the whole game, at a loss of 66 mAh/g.
const NEGLIGIBLE: f64 = 0.02;

/// Shares out the losses of a run at the cycles at which a scenario asks for it.
pub struct Ledger<'a> {
    model: &'a Electrode,
    scenario: &'a Scenario,
    /// The steps of the last cycle that was asked for, and what shares out under them.
    present: Option<(Vec<Step>, Option<Attributor>)>,
}

impl<'a> Ledger<'a> {
    /// A ledger for a run of `scenario` on `model`.
    pub fn new(model: &'a Electrode, scenario: &'a Scenario) -> Self {
        Self {
            model,
            scenario,
            present: None,
        }
    }

    /// The losses of the cell in `state` by the end of `cycle` (from 1, over the whole
    /// protocol), which was one of `block`; `None` where none are asked for, or the
    /// block discharges nothing.
    pub fn after(&mut self, cycle: usize, block: &Block, state: &State) -> Option<Attribution> {
        if !self.scenario.attribution.contains(&cycle) {
            return None;
        }
        if self.present.as_ref().is_none_or(|p| p.0 != block.steps) {
            let tolerance = self.scenario.numerics.tolerance;
            let attributor = Attributor::new(self.model, block, tolerance);
            self.present = Some((block.steps.clone(), attributor));
        }
        let (_, attributor) = self.present.as_ref()?;
        Some(attributor.as_ref()?.attribute(state, cycle))
    }
}

/// A cell whose losses are shared out, under the load of one block of its protocol.
pub struct Attributor {
    /// The cell held from ageing, without and with lost ionic paths.
    arrested: [Electrode; 2],
    /// The charge and the discharge of the block.
    steps: Vec<Step>,
    /// The fresh cell, discharged.
    start: State,
    fresh: f64,
    tolerance: f64,
}

impl Attributor {
    /// Cycles a fresh cell of `model` once through `block` without ageing: where every
    /// combination starts. `None` if the block discharges nothing, or in a train of
    /// pulses, whose length is not that of one step.
    pub fn new(model: &Electrode, block: &Block, tolerance: f64) -> Option<Self> {
        if block.steps.iter().any(|step| step.rest_after.is_some()) {
            return None;
        }
        let arrested = [false, true].map(|lost| model.arrested(lost));
        let mut cell = Cell::new(&arrested[0], model.initial_state(), tolerance);
        for step in &block.steps {
            cell.run(step, &mut |_, _| {});
        }
        // What follows the last load changes no capacity.
        let last = block
            .steps
            .iter()
            .rposition(|s| s.control != Control::Rest)?;
        let start = cell.state;
        let mut attributor = Self {
            arrested,
            steps: block.steps[..=last].to_vec(),
            start,
            fresh: 0.0,
            tolerance,
        };
        attributor.fresh = attributor.capacity(&attributor.start, |_| false);
        (attributor.fresh > 0.0).then_some(attributor)
    }

    /// Shares out what the cell in state `aged` has lost by the end of `cycle`.
    pub fn attribute(&self, aged: &State, cycle: usize) -> Attribution {
        let players: Vec<Mechanism> = Mechanism::ALL
            .into_iter()
            .filter(|m| self.left_traces(aged, *m))
            .collect();
        let kept = |set: usize| {
            let players = &players;
            move |mechanism| {
                let place = players.iter().position(|p| *p == mechanism);
                place.is_some_and(|place| set >> place & 1 == 1)
            }
        };
        let lost = |sets: &[usize]| -> Vec<f64> {
            let lost = |set: &usize| self.fresh - self.capacity(aged, kept(*set));
            sets.par_iter().map(lost).collect()
        };
        let mut shares = [0.0; Mechanism::COUNT];
        let found = shapley::shares(players.len(), NEGLIGIBLE, lost);
        for (mechanism, share) in players.iter().zip(found) {
            shares[*mechanism as usize] = share;
        }
        Attribution {
            cycle: cycle as u32,
            fresh: self.fresh,
            aged: self.capacity(aged, kept((1 << players.len()) - 1)),
            shares,
        }
    }

    /// Whether anything in `aged` is of this mechanism's making.
    fn left_traces(&self, aged: &State, mechanism: Mechanism) -> bool {
        let changed = |field| aged[field] != self.start[field];
        if mechanism == Mechanism::ConductionLoss {
            return self.arrested[1].ageing.conduction_loss.is_some();
        }
        ownership::fields(mechanism).iter().any(|f| changed(*f))
    }

    /// Discharge capacity (C/m2) with what the `kept` mechanisms did to `aged`.
    fn capacity(&self, aged: &State, kept: impl Fn(Mechanism) -> bool) -> f64 {
        let model = &self.arrested[usize::from(kept(Mechanism::ConductionLoss))];
        let state = keep(model, &self.start, aged, kept);
        let mut cell = Cell::new(model, state, self.tolerance);
        let mut discharged = 0.0;
        for step in &self.steps {
            cell.run(step, &mut |_, sample| {
                discharged += (-sample.charge).max(0.0);
            });
        }
        discharged
    }
}
