//! Electrode room: what a stage takes as given, from the state as it will have aged.

use super::Solver;
use super::estimate::FARTHEST;
use crate::electrode::aged::{Aged, Paths};
use crate::electrode::ageing;
use crate::electrode::frozen::Frozen;
use crate::electrode::model::Electrode;
use crate::electrode::state::{Field, State};

impl Solver {
    /// Fixes contact, layers and conductivities as they are in `state`.
    pub fn freeze(&mut self, model: &Electrode, state: &State) -> &Frozen {
        self.has_slope = false;
        self.predicted.copy_from_slice(&state[Field::Shells]);
        self.freeze_mass(model, state, 0.0);
        self.freeze_stage(1, model, state, 0.0);
        &self.frozen[1]
    }

    /// Connected mass and coverage `time` (s) from now: one for both stages, or lithium
    /// and what has reacted would have two measures.
    pub(super) fn freeze_mass(&mut self, model: &Electrode, state: &State, time: f64) {
        self.extrapolate(state, time, Field::Connected, Field::Coverage);
        self.coverage.copy_from_slice(&self.ahead[Field::Coverage]);
        for frozen in &mut self.frozen {
            for (m, volume) in frozen.volume.iter_mut().enumerate() {
                *volume = model.volume_of(m) * self.ahead[Field::Connected][m];
            }
        }
    }

    /// Continues what ages in `state`, the fields from `first` to `last`, by `time` (s) along
    /// its last changes: what a stage holds fixed is taken where the stage ends. Taken
    /// elsewhere the voltage would jump from one step to the next, by as much as contact
    /// breathes in a step.
    fn extrapolate(&mut self, state: &State, time: f64, first: Field, last: Field) {
        let n = self.mean.len();
        let start = Field::Polysulfide as usize;
        let fields = (first as usize - start) * n..(last as usize + 1 - start) * n;
        let ahead = &mut self.ahead.slow_mut()[fields.clone()];
        let now = &state.slow()[fields.clone()];
        if !self.has_slope {
            ahead.copy_from_slice(now);
            return;
        }
        let (last, earlier) = (self.last_step, self.earlier_step);
        let bent = self.since_jump > 1 && time <= FARTHEST * last && last <= FARTHEST * earlier;
        let bend = if bent {
            time * (time + last) / (last + earlier)
        } else {
            0.0
        };
        let (straight, bend) = (time / last + bend / last, bend / earlier);
        let [one_ago, two_ago] = &self.slow;
        // Before the second step there is nothing two steps ago, nor a bend.
        let two_ago = if bent { two_ago } else { one_ago };
        let befores = one_ago[fields.clone()].iter().zip(&two_ago[fields]);
        for ((value, now), (one_ago, two_ago)) in ahead.iter_mut().zip(now).zip(befores) {
            // Amounts stay positive; shares that were below 1 stay below it.
            let ceiling = if *now <= 1.0 { 1.0 } else { f64::INFINITY };
            let change = straight * (now - one_ago) - bend * (one_ago - two_ago);
            *value = (now + change).clamp(0.0, ceiling);
        }
    }

    /// Fixes what stage `index` takes as given: shells as predicted, mass and coverage as
    /// [`Self::freeze_mass`] left them, all else `time` (s) after `state`.
    pub(super) fn freeze_stage(
        &mut self,
        index: usize,
        model: &Electrode,
        state: &State,
        time: f64,
    ) {
        self.extrapolate(state, time, Field::Polysulfide, Field::Carbonate);
        self.ahead[Field::Coverage].copy_from_slice(&self.coverage);
        let (state, frozen) = (&self.ahead, &mut self.frozen[index]);
        self.diffusion.means(&self.predicted, &mut self.mean);
        let [ionic, electronic] = &mut self.conductivity;
        for k in 0..model.depths {
            let particles = k * model.classes..(k + 1) * model.classes;
            let mut paths = Paths::default();
            for m in particles.clone() {
                let aged = Aged::of(state, m);
                let lost = ageing::contact_lost(model, state, m, self.mean[m]);
                frozen.lost[m] = lost;
                frozen.slowing[m] = model
                    .ageing
                    .cracking
                    .as_ref()
                    .map_or(1.0, |c| c.diffusivity_factor(aged.crack_damage));
                frozen.patches[m] = ageing::patches_of(model, &aged, m, lost);
                paths.pass(model, &aged, m, lost);
            }
            frozen.ionic_growth[k] = paths.resistance_factor(model);
            ionic[k] = model.ionic_conductivity / frozen.ionic_growth[k];
            let x = self.mean[particles].iter().sum::<f64>() / model.classes as f64;
            electronic[k] = model.electronic_conductivity(model.oxide.electronic_conductivity(x));
        }
        frozen.ladder.set(ionic, electronic, model.width);
    }
}
