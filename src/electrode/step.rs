//! One time step: two implicit stages (Alexander's SDIRK of second order, stiffly
//! accurate, SIAM J. Numer. Anal. 14, 1006, 1977), an error estimate, and the ageing
//! that the step causes.
//!
//! A one-step method starts at full order after every change of current, needs no
//! history in a checkpoint, and lets contact, coverage and connected mass change
//! between steps while lithium stays exactly where it is. Diffusion is linearised in each
//! stage about an extrapolated state, along a parabola (`particle`).

use super::ageing;
use super::frozen::{Frozen, SideBase};
use super::interface::Patches;
use super::load::{Load, StageError};
use super::model::Electrode;
use super::particle::Diffusion;
use super::stage::{GAMMA, Solution, Stage};
use super::state::{Field, State};
use super::thickness::Ladder;
use crate::numerics::wide;
use estimate::{first_ahead, second_ahead};

mod estimate;
mod freeze;

/// What a step attempt gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepResult {
    /// Largest local error over its tolerance; above 1 the step is too long.
    pub error: f64,
    /// Order of `error` in the step length.
    pub error_order: f64,
    /// Cell voltage after the first stage and at the end, V.
    pub voltage: [f64; 2],
    /// Cell current density after the first stage and at the end, A/m2.
    pub current: [f64; 2],
    /// Time after the end of the step in which the surfaces fill at the present current,
    /// as far as the two stages tell, s.
    pub full_in: f64,
    /// Newton iterations of both stages.
    pub iterations: usize,
}

/// Everything needed to advance a [`State`] of one [`Electrode`] in time.
#[derive(Debug, Clone)]
pub struct Solver {
    diffusion: Diffusion,
    /// What each stage of the present step holds fixed.
    frozen: [Frozen; 2],
    stages: [Stage; 2],
    base: SideBase,
    base_shells: Vec<f64>,
    /// Shells as foreseen at the end of a stage.
    predicted: Vec<f64>,
    /// Shells before the last step.
    before: Vec<f64>,
    /// d(shells)/dt at the start of the step, 1/s; meaningful if `has_slope`.
    slope: Vec<f64>,
    has_slope: bool,
    /// The state extrapolated to the end of a stage, where `frozen` is taken.
    ahead: State,
    /// What ages slowly, before the last step and before the one before that.
    slow: [Vec<f64>; 2],
    /// Lengths of those steps, s.
    last_step: f64,
    earlier_step: f64,
    /// Solutions before the last step and before the present one, and after the first
    /// stage of either: Newton's method starts along them.
    known: [Solution; 2],
    reached: [Solution; 2],
    /// Steps taken since the load jumped: what was before it tells nothing.
    since_jump: usize,
    conductivity: [Vec<f64>; 2],
    /// Coverage of each particle in the middle of the step.
    coverage: Vec<f64>,
    /// Mean stoichiometry of each particle where the stage ends.
    mean: Vec<f64>,
    /// And before and after the step.
    ends: [Vec<f64>; 2],
    /// Largest error of a shell of each particle.
    worst: Vec<f64>,
    step: f64,
    exact: bool,
}

impl Solver {
    /// A solver for `model`.
    pub fn new(model: &Electrode) -> Self {
        let (n, depths) = (model.particles(), model.depths);
        let zeros = || vec![0.0; n * model.shells];
        let mut nothing = Solution::default();
        Stage::new(model).save(&mut nothing);
        let frozen = Frozen {
            patches: vec![Patches::default(); n],
            volume: vec![0.0; n],
            lost: vec![0.0; n],
            slowing: vec![1.0; n],
            ladder: Ladder::new(depths),
            ionic_growth: vec![1.0; depths],
        };
        Self {
            diffusion: Diffusion::new(model),
            frozen: [frozen.clone(), frozen],
            stages: [Stage::new(model), Stage::new(model)],
            base: SideBase {
                polysulfide: vec![0.0; n],
                carbonate: vec![0.0; n],
                sulfide: vec![0.0; n],
                carbon: vec![0.0; depths],
                collector: 0.0,
                lithiation: 0.0,
            },
            base_shells: zeros(),
            predicted: zeros(),
            before: zeros(),
            slope: zeros(),
            has_slope: false,
            ahead: State::zeros(depths, n, model.shells),
            slow: [Vec::new(), Vec::new()],
            last_step: 1.0,
            earlier_step: 1.0,
            known: [nothing.clone(), nothing.clone()],
            reached: [nothing.clone(), nothing],
            since_jump: 0,
            conductivity: [vec![0.0; depths], vec![0.0; depths]],
            coverage: vec![0.0; n],
            mean: vec![0.0; n],
            ends: [vec![0.0; n], vec![0.0; n]],
            worst: vec![0.0; n],
            step: 0.0,
            exact: true,
        }
    }

    /// Forgets the slope of the last step: to be called where the load jumps.
    pub fn restart(&mut self) {
        self.has_slope = false;
        self.since_jump = 0;
    }

    /// Whether attempts are exact enough to meet a cut-off (as they are at first), or only
    /// as exact as time steps ask for.
    pub fn be_exact(&mut self, exact: bool) {
        self.exact = exact;
    }

    /// Tries a step of `length` (s) from `state` under `load`, without changing the
    /// state. A load that changes with time is given for either stage, whose times are
    /// [`GAMMA`] of the step and its end. `tolerance` is the local error allowed in a
    /// surface potential, V, and in a stoichiometry.
    ///
    /// # Errors
    /// [`StageError`]: try a shorter step.
    pub fn attempt(
        &mut self,
        model: &Electrode,
        state: &State,
        load: impl Into<[Load; 2]>,
        length: f64,
        tolerance: f64,
    ) -> Result<StepResult, StageError> {
        let loads = load.into();
        self.step = length;
        let tau = GAMMA * length;
        self.base_shells.copy_from_slice(&state[Field::Shells]);
        self.side_base(state);
        self.foresee_first(tau);
        self.freeze_mass(model, state, 0.5 * length);
        self.freeze_stage(0, model, state, tau);
        self.stages[0].start_from_state(state);
        self.stages[0].save(&mut self.known[1]);
        let ([before, now], [middle, _]) = (&self.known, &self.reached);
        match self.since_jump {
            0 => {}
            1 => {
                let share = GAMMA / (1.0 - GAMMA) * length / self.last_step;
                self.stages[0].start_along(now, [now, middle], [0.0, -share]);
            }
            _ => {
                let weights = first_ahead(length / self.last_step);
                self.stages[0].start_along(now, [before, middle], weights);
            }
        }
        self.run_stage(0, model, tau, loads[0], tolerance)?;

        let (first, second) = self.stages.split_at_mut(1);
        first[0].save(&mut self.reached[1]);
        let weights = match self.since_jump {
            0 => [0.0, 1.0],
            1 => [0.0, 1.0 / GAMMA],
            _ => second_ahead(length / self.last_step),
        };
        let to = [&self.known[0], &self.reached[1]];
        second[0].start_along(&self.known[1], to, weights);
        self.foresee_second();
        let carry = (1.0 - GAMMA) / GAMMA;
        let values = self.base_shells.iter_mut().zip(&self.stages[0].shells);
        wide(
            #[inline(always)]
            || {
                for (base, middle) in values {
                    *base += carry * (middle - *base);
                }
            },
        );
        self.second_side_base(model, length);
        self.freeze_stage(1, model, state, length);
        self.run_stage(1, model, tau, loads[1], tolerance)?;
        let (error, error_order) = self.error(model, &state[Field::Shells], tolerance);
        Ok(StepResult {
            error,
            error_order,
            voltage: [self.stages[0].voltage, self.stages[1].voltage],
            current: [self.stages[0].current, self.stages[1].current],
            full_in: self.full_in(),
            iterations: self.stages[0].iterations + self.stages[1].iterations,
        })
    }

    /// Takes over the step last tried into `state`, with the ageing it causes.
    pub fn accept(&mut self, model: &Electrode, state: &mut State) {
        let length = self.step;
        let tau = GAMMA * length;
        let last = &self.stages[1];
        let per_time = 1.0 / tau;
        let ends = last.shells.iter().zip(&self.base_shells);
        let values = self.slope.iter_mut().zip(ends);
        wide(
            #[inline(always)]
            || {
                for (slope, (end, base)) in values {
                    *slope = per_time * (end - base);
                }
            },
        );
        self.has_slope = true;
        self.before.copy_from_slice(&state[Field::Shells]);
        self.known.swap(0, 1);
        self.reached.swap(0, 1);
        self.since_jump += 1;
        self.slow.swap(0, 1);
        self.slow[0].clear();
        self.slow[0].extend_from_slice(state.slow());
        self.earlier_step = self.last_step;
        self.last_step = length;
        let [before, after] = &mut self.ends;
        self.diffusion.means(&state[Field::Shells], before);
        self.diffusion.means(&last.shells, after);
        ageing::advance(
            model,
            state,
            &self.frozen,
            &self.stages,
            [before, after],
            length,
        );
        state[Field::Potential].copy_from_slice(&last.potential);
        for (m, pair) in last.currents.iter().enumerate() {
            state[Field::CurrentBare][m] = pair[0];
            state[Field::CurrentCoated][m] = pair[1];
        }
        state.set(Field::Current, last.current);
        state.set(Field::Voltage, last.voltage);
    }

    /// Imbalance of the current over the depths in the step last tried, relative to
    /// that of 1C and what flows through the interfaces (at rest nothing may).
    pub fn imbalance(&self, model: &Electrode) -> f64 {
        let stage = &self.stages[1];
        let mut sum = stage.side.collector;
        let mut size = model.one_c + stage.side.collector.abs();
        for m in 0..model.particles() {
            let patches = &self.frozen[1].patches[m];
            let side = patches.surface * patches.share[0] * stage.side.oxidation[m]
                + model.carbonate
                    * crate::degradation::Carbonate::charge_per_mole()
                    * stage.side.carbonate[m]
                + model
                    .ageing
                    .coating_sulfide
                    .as_ref()
                    .map_or(0.0, |pool| pool.charge * stage.side.sulfide[m]);
            let current = self.frozen[1].volume[m] * (stage.volumetric[m] + side);
            sum += current;
            size += current.abs();
        }
        for current in &stage.side.carbon {
            sum += model.carbon_surface * current;
        }
        (sum - stage.current).abs() / size
    }

    /// The particles, for linearisation.
    pub fn diffusion(&self) -> &Diffusion {
        &self.diffusion
    }

    fn run_stage(
        &mut self,
        index: usize,
        model: &Electrode,
        tau: f64,
        load: Load,
        tolerance: f64,
    ) -> Result<(), StageError> {
        self.diffusion.linearise(
            model,
            &self.predicted,
            &self.frozen[index].lost,
            &self.frozen[index].slowing,
        );
        self.diffusion.eliminate(&self.base_shells, tau);
        self.stages[index].solve(
            model,
            &mut self.frozen[index],
            &self.diffusion,
            &self.base,
            tau,
            (load, tolerance, self.exact),
        )
    }

    fn side_base(&mut self, state: &State) {
        let base = &mut self.base;
        base.polysulfide.copy_from_slice(&state[Field::Polysulfide]);
        base.carbonate.copy_from_slice(&state[Field::Carbonate]);
        base.sulfide.copy_from_slice(&state[Field::CoatingSulfide]);
        base.carbon
            .copy_from_slice(&state[Field::CarbonPolysulfide]);
        base.collector = state.scalar(Field::CollectorPolysulfide);
        base.lithiation = state.scalar(Field::AnodeLithiation);
    }

    /// Base of the second stage: the start plus the first stage's rates over
    /// (1 - gamma) of the step.
    fn second_side_base(&mut self, model: &Electrode, length: f64) {
        let weight = (1.0 - GAMMA) * length;
        let (base, first) = (&mut self.base, &self.stages[0]);
        let thickness = model
            .ageing
            .oxidation
            .as_ref()
            .map_or(0.0, |law| law.thickness_per_charge);
        for m in 0..base.polysulfide.len() {
            base.polysulfide[m] += weight * thickness * first.side.oxidation[m];
            base.carbonate[m] -= weight * first.side.carbonate[m];
            base.sulfide[m] -= weight * first.side.sulfide[m];
        }
        for k in 0..base.carbon.len() {
            base.carbon[k] += weight * thickness * first.side.carbon[k];
        }
        base.collector += weight * thickness * first.side.collector;
        base.lithiation += weight * first.current / model.anode.capacity;
    }
}
