//! One time step: two implicit stages (Alexander's SDIRK of second order, stiffly
//! accurate, SIAM J. Numer. Anal. 14, 1006, 1977), an error estimate, and the ageing
//! that the step causes.
//!
//! A one-step method starts at full order after every change of current, needs no
//! history in a checkpoint, and lets contact, coverage and connected mass change
//! between steps while lithium stays exactly where it is. The diffusivity of each
//! stage is taken at an extrapolated state (lagging it would cost an order).

use super::ageing;
use super::interface::Patches;
use super::model::Electrode;
use super::particle::Diffusion;
use super::stage::{Frozen, GAMMA, Load, SideBase, Stage, StageError};
use super::state::{Field, State};
use super::thickness::Ladder;

/// Share of the distance to the quadratic extrapolation that is the method's own
/// error: error constants 0.0404 of the method and (1 - gamma)/6 of the extrapolation.
const ERROR_SHARE: f64 = 0.0404 * 6.0 / (1.0 - GAMMA);

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
    /// Newton iterations of both stages.
    pub iterations: usize,
}

/// Everything needed to advance a [`State`] of one [`Electrode`] in time.
#[derive(Debug, Clone)]
pub struct Solver {
    diffusion: Diffusion,
    /// What the present step holds fixed.
    pub frozen: Frozen,
    stages: [Stage; 2],
    base: SideBase,
    base_shells: Vec<f64>,
    predicted: Vec<f64>,
    /// d(shells)/dt at the start of the step, 1/s; meaningful if `has_slope`.
    slope: Vec<f64>,
    has_slope: bool,
    /// The state extrapolated to the middle of the step, where `frozen` is taken.
    middle: State,
    /// What ages slowly, before the last step, and the length of that step, s.
    slow_before: Vec<f64>,
    last_step: f64,
    conductivity: [Vec<f64>; 2],
    step: f64,
}

impl Solver {
    /// A solver for `model`.
    pub fn new(model: &Electrode) -> Self {
        let (n, depths) = (model.particles(), model.depths);
        let zeros = || vec![0.0; n * model.shells];
        Self {
            diffusion: Diffusion::new(model),
            frozen: Frozen {
                patches: vec![Patches::default(); n],
                volume: vec![0.0; n],
                lost: vec![0.0; n],
                slowing: vec![1.0; n],
                ladder: Ladder::new(depths),
                ionic_growth: vec![1.0; depths],
            },
            stages: [Stage::new(model), Stage::new(model)],
            base: SideBase {
                polysulfide: vec![0.0; n],
                carbonate: vec![0.0; n],
                carbon: vec![0.0; depths],
                collector: 0.0,
                lithiation: 0.0,
            },
            base_shells: zeros(),
            predicted: zeros(),
            slope: zeros(),
            has_slope: false,
            middle: State::zeros(depths, n, model.shells),
            slow_before: Vec::new(),
            last_step: 1.0,
            conductivity: [vec![0.0; depths], vec![0.0; depths]],
            step: 0.0,
        }
    }

    /// Forgets the slope of the last step: to be called where the load jumps.
    pub fn restart(&mut self) {
        self.has_slope = false;
    }

    /// Tries a step of `length` (s) from `state` under `load`, without changing the
    /// state. A load that changes with time is given for either stage, whose times are
    /// [`GAMMA`] of the step and its end. `tolerance` is the local error allowed in a surface potential, V, and in
    /// a stoichiometry.
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
        self.extrapolate(state, 0.5 * length);
        self.freeze_middle(model);
        let tau = GAMMA * length;
        self.base_shells.copy_from_slice(&state[Field::Shells]);
        self.side_base(state);
        for (i, p) in self.predicted.iter_mut().enumerate() {
            let slope = if self.has_slope { self.slope[i] } else { 0.0 };
            *p = self.base_shells[i] + tau * slope;
        }
        self.stages[0].start_from_state(state);
        self.run_stage(0, model, tau, loads[0])?;

        let (first, second) = self.stages.split_at_mut(1);
        second[0].start_from(&first[0]);
        let carry = (1.0 - GAMMA) / GAMMA;
        for i in 0..self.base_shells.len() {
            let (old, middle) = (self.base_shells[i], first[0].shells[i]);
            self.base_shells[i] = old + carry * (middle - old);
            self.predicted[i] = old + (middle - old) / GAMMA;
        }
        self.second_side_base(model, length);
        self.run_stage(1, model, tau, loads[1])?;
        let (error, error_order) = self.error(model, &state[Field::Shells], tolerance);
        Ok(StepResult {
            error,
            error_order,
            voltage: [self.stages[0].voltage, self.stages[1].voltage],
            current: [self.stages[0].current, self.stages[1].current],
            iterations: self.stages[0].iterations + self.stages[1].iterations,
        })
    }

    /// Takes over the step last tried into `state`, with the ageing it causes.
    pub fn accept(&mut self, model: &Electrode, state: &mut State) {
        let length = self.step;
        let tau = GAMMA * length;
        let last = &self.stages[1];
        for i in 0..self.slope.len() {
            self.slope[i] = (last.shells[i] - self.base_shells[i]) / tau;
        }
        self.has_slope = true;
        self.slow_before.clear();
        self.slow_before.extend_from_slice(state.slow());
        self.last_step = length;
        ageing::advance(model, state, &self.frozen, &self.stages, length);
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
        let mut sum = stage.collector;
        let mut size = model.one_c + stage.collector.abs();
        for m in 0..model.particles() {
            let patches = &self.frozen.patches[m];
            let side = patches.surface * patches.share[0] * stage.oxidation[m]
                + model.carbonate
                    * crate::degradation::Carbonate::charge_per_mole()
                    * stage.carbonate[m];
            let current = self.frozen.volume[m] * (stage.volumetric[m] + side);
            sum += current;
            size += current.abs();
        }
        for current in &stage.carbon {
            sum += model.carbon_surface * current;
        }
        (sum - stage.current).abs() / size
    }

    /// Fixes contact, layers and conductivities as they are in `state`.
    pub fn freeze(&mut self, model: &Electrode, state: &State) {
        self.has_slope = false;
        self.extrapolate(state, 0.0);
        self.freeze_middle(model);
    }

    /// Continues `state` by `time` (s) along its last rates of change: what a step holds
    /// fixed is taken in its middle, or the coupling to ageing would be of first order.
    fn extrapolate(&mut self, state: &State, time: f64) {
        self.middle.clone_from(state);
        if !self.has_slope {
            return;
        }
        for (x, slope) in self.middle[Field::Shells].iter_mut().zip(&self.slope) {
            *x += time * slope;
        }
        let share = time / self.last_step;
        for (value, before) in self.middle.slow_mut().iter_mut().zip(&self.slow_before) {
            // Amounts stay positive; shares that were below 1 stay below it.
            let ahead = *value + share * (*value - before);
            let ceiling = if *value <= 1.0 { 1.0 } else { f64::INFINITY };
            *value = ahead.clamp(0.0, ceiling);
        }
    }

    fn freeze_middle(&mut self, model: &Electrode) {
        let (state, frozen) = (&self.middle, &mut self.frozen);
        for m in 0..model.particles() {
            let x = model.mean_stoichiometry(&state[Field::Shells], m);
            frozen.lost[m] = ageing::contact_lost(model, state, m, x);
            frozen.slowing[m] = model
                .ageing
                .cracking
                .as_ref()
                .map_or(1.0, |c| c.diffusivity_factor(state[Field::CrackDamage][m]));
            frozen.volume[m] = model.volume_of(m) * state[Field::Connected][m];
            frozen.patches[m] = ageing::patches(model, state, m, frozen.lost[m]);
        }
        let [ionic, electronic] = &mut self.conductivity;
        for k in 0..model.depths {
            let particles = k * model.classes..(k + 1) * model.classes;
            frozen.ionic_growth[k] =
                ageing::ionic_resistance_factor(model, state, particles.clone(), &frozen.lost);
            ionic[k] = model.ionic_conductivity / frozen.ionic_growth[k];
            let x = particles
                .clone()
                .map(|m| model.mean_stoichiometry(&state[Field::Shells], m))
                .sum::<f64>()
                / model.classes as f64;
            electronic[k] = model.electronic_conductivity(model.oxide.electronic_conductivity(x));
        }
        frozen.ladder.set(ionic, electronic, model.width);
    }

    /// Diffusion conductances of every shell at the present state, for linearisation.
    pub fn diffusion_at(&mut self, model: &Electrode, state: &State) -> &Diffusion {
        self.diffusion.conductances(
            model,
            &state[Field::Shells],
            &self.frozen.lost,
            &self.frozen.slowing,
        );
        &self.diffusion
    }

    fn run_stage(
        &mut self,
        index: usize,
        model: &Electrode,
        tau: f64,
        load: Load,
    ) -> Result<(), StageError> {
        self.diffusion.conductances(
            model,
            &self.predicted,
            &self.frozen.lost,
            &self.frozen.slowing,
        );
        self.diffusion.eliminate(&self.base_shells, tau);
        self.stages[index].solve(
            model,
            &mut self.frozen,
            &self.diffusion,
            &self.base,
            tau,
            load,
        )
    }

    fn side_base(&mut self, state: &State) {
        let base = &mut self.base;
        base.polysulfide.copy_from_slice(&state[Field::Polysulfide]);
        base.carbonate.copy_from_slice(&state[Field::Carbonate]);
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
            base.polysulfide[m] += weight * thickness * first.oxidation[m];
            base.carbonate[m] -= weight * first.carbonate[m];
        }
        for k in 0..base.carbon.len() {
            base.carbon[k] += weight * thickness * first.carbon[k];
        }
        base.collector += weight * thickness * first.collector;
        base.lithiation += weight * first.current / model.anode.capacity;
    }

    /// Local error over the tolerance, in the outermost shells, weighted by what they
    /// cost in potential; and its order in the step length.
    fn error(&self, model: &Electrode, start: &[f64], tolerance: f64) -> (f64, f64) {
        let n = model.particles();
        let offset = (model.shells - 1) * n;
        let [first, second] = &self.stages;
        let mut largest: f64 = 0.0;
        for m in 0..n {
            let i = offset + m;
            let rise = first.shells[i] - start[i];
            let error = if self.has_slope {
                let slope = self.step * self.slope[i];
                let quadratic = slope + (rise - slope * GAMMA) / (GAMMA * GAMMA);
                ERROR_SHARE * (second.shells[i] - start[i] - quadratic)
            } else {
                // Without a slope: distance to the straight line, one order lower.
                0.5 * (second.shells[i] - start[i] - rise / GAMMA)
            };
            let weight = 1.0 + second.interface[m].slope.abs();
            largest = largest.max(error.abs() * weight);
        }
        (largest / tolerance, if self.has_slope { 3.0 } else { 2.0 })
    }
}
