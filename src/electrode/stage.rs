//! One implicit stage: everything at the end of a sub-step at once.
//!
//! Newton's unknowns are the potential of every depth and the current density of
//! every patch. The current balance over the thickness is linear in them, so each
//! full Newton step satisfies it to round-off whatever the tolerance: lithium and
//! charge are conserved by construction, the tolerance only decides how exactly the
//! kinetics are met.

use super::frozen::{Frozen, SideBase};
use super::interface::{Kinetics, Linearised};
use super::load::{Load, StageError, rest_of_cell};
use super::model::Electrode;
use super::particle::Diffusion;
use super::side::{Drives, Sides};
use super::state::{Field, State};
use super::thickness::Ladder;
use crate::numerics::wide;

/// The diagonal coefficient of the time stepping: a stage spans this share of a step.
pub const GAMMA: f64 = 1.0 - std::f64::consts::FRAC_1_SQRT_2;
/// Newton's method stops when what is left, in a potential drop of the interface, is this
/// share of the local error allowed: below what cut-offs are met to. It converges
/// quadratically, and all that bends (kinetics, the ends of the open-circuit curve) bends
/// over RT/F: after a change c there is left c2 over 2 RT/F.
const SHARE_LEFT: f64 = 1e-3;
/// And this share where a voltage, a power or a resistance is imposed, in which what is left
/// is seen.
const SHARE_LEFT_OF_IMPOSED: f64 = 1e-4;
/// And this one on the way, where no cut-off is near: at the default tolerance 0.2 mV are
/// left at most. A discharge at 1C takes 2.0 iterations per stage by the first share and
/// 1.6 by this one, and its capacity differs by 1e-8.
const SHARE_LEFT_ON_THE_WAY: f64 = 0.02;
/// From this iteration on a current that falls does so in its overpotential, of which it is
/// the hyperbolic sine: a tangent to the inverse at a large current leads far beyond zero,
/// and from there back. Layers that resist keep it from that, so that hardly a load needs it.
const CAREFUL: usize = 8;
/// Newton gives up after this many iterations (usual: 3 to 4).
const MOST_ITERATIONS: usize = 100;
/// From this iteration on the limits below shrink, to break a cycle between two
/// branches, but never to less than a fortieth: the method must still arrive.
const PATIENCE: usize = 25;
/// Largest change of a surface stoichiometry in one Newton iteration: beyond it the
/// open-circuit curve is another.
const LARGEST_CHANGE: f64 = 0.08;
/// Largest change of a potential in one Newton iteration, V. Where the current is cut off
/// at the steep end of a discharge, the linearised interface asks for volts; the curve
/// turns flat within tenths.
const LARGEST_POTENTIAL_CHANGE: f64 = 0.25;

/// Potentials beyond which Newton's method gives up, V: no cell has them.
const POSSIBLE: std::ops::RangeInclusive<f64> = -3.0..=12.0;
/// Largest share of the distance to the last site, or the last ion, that a surface may go
/// in one Newton iteration.
const NEAREST: f64 = 0.9;

/// Solution of a stage.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Shell stoichiometries.
    pub shells: Vec<f64>,
    /// phi_s - phi_e per depth, V.
    pub potential: Vec<f64>,
    /// Patch current densities per particle, A/m2: bare, coated.
    pub currents: Vec<[f64; 2]>,
    /// Intercalation current per active volume, A/m3, per particle.
    pub volumetric: Vec<f64>,
    /// Interface at the solution, per particle.
    pub interface: Vec<Linearised>,
    /// Side reactions at the solution.
    pub side: Sides,
    /// Cell current density, A/m2.
    pub current: f64,
    /// Cell voltage, V.
    pub voltage: f64,
    /// Newton iterations made.
    pub iterations: usize,
    /// Largest discharge current density that the sites left at the surfaces take, A/m2.
    pub uptake: f64,
    kinetics: Vec<Kinetics>,
    logarithm: Vec<[f64; 2]>,
    generated: Vec<f64>,
    slope: Vec<f64>,
}

/// What Newton's method solves for, at some time.
#[derive(Debug, Clone, Default)]
pub struct Solution {
    potential: Vec<f64>,
    currents: Vec<[f64; 2]>,
    current: f64,
}

impl Stage {
    /// Storage for `model`.
    pub fn new(model: &Electrode) -> Self {
        let (n, depths) = (model.particles(), model.depths);
        Self {
            shells: vec![0.0; n * model.shells],
            potential: vec![0.0; depths],
            currents: vec![[0.0; 2]; n],
            volumetric: vec![0.0; n],
            interface: vec![Linearised::default(); n],
            side: Sides::new(n, depths),
            current: 0.0,
            voltage: 0.0,
            iterations: 0,
            uptake: f64::INFINITY,
            kinetics: vec![Kinetics::default(); n],
            logarithm: vec![[0.0; 2]; n],
            generated: vec![0.0; depths],
            slope: vec![0.0; depths],
        }
    }

    /// Starts Newton's method from the last solution in `state`.
    pub fn start_from_state(&mut self, state: &State) {
        self.potential.copy_from_slice(&state[Field::Potential]);
        let (bare, coated) = (&state[Field::CurrentBare], &state[Field::CurrentCoated]);
        for (m, pair) in self.currents.iter_mut().enumerate() {
            *pair = [bare[m], coated[m]];
        }
        self.current = state.scalar(Field::Current);
    }

    /// Starts Newton's method at `from + weights[0] (a - from) + weights[1] (b - from)` of
    /// three solutions.
    pub fn start_along(&mut self, from: &Solution, to: [&Solution; 2], weights: [f64; 2]) {
        let along =
            |from: f64, a: f64, b: f64| from + weights[0] * (a - from) + weights[1] * (b - from);
        let [a, b] = to;
        for (k, potential) in self.potential.iter_mut().enumerate() {
            *potential = along(from.potential[k], a.potential[k], b.potential[k]);
        }
        for (m, pair) in self.currents.iter_mut().enumerate() {
            let (from, a, b) = (from.currents[m], a.currents[m], b.currents[m]);
            *pair = [0, 1].map(|patch| along(from[patch], a[patch], b[patch]));
        }
        self.current = along(from.current, a.current, b.current);
    }

    /// Copies what Newton's method solved for into `solution`.
    pub fn save(&self, solution: &mut Solution) {
        solution.potential.clone_from(&self.potential);
        solution.currents.clone_from(&self.currents);
        solution.current = self.current;
    }

    /// Solves the stage over `tau` (s) with the particles already eliminated in
    /// `diffusion`; fills every public field. `tolerance` (V) is the local error allowed;
    /// an `exact` solution is exact enough to meet a cut-off.
    ///
    /// # Errors
    /// [`StageError::NotConverged`]: try a smaller step.
    pub fn solve(
        &mut self,
        model: &Electrode,
        frozen: &mut Frozen,
        diffusion: &Diffusion,
        base: &SideBase,
        tau: f64,
        exactly: (Load, f64, bool),
    ) -> Result<(), StageError> {
        wide(
            #[inline(always)]
            || self.newton(model, frozen, diffusion, base, tau, exactly),
        )
    }

    #[inline(always)]
    fn newton(
        &mut self,
        model: &Electrode,
        frozen: &mut Frozen,
        diffusion: &Diffusion,
        base: &SideBase,
        tau: f64,
        (load, tolerance, exact): (Load, f64, bool),
    ) -> Result<(), StageError> {
        match load {
            Load::Current(current) => self.current = current,
            // From the other direction Newton's method may find the solution with current
            // and voltage both of the wrong sign.
            Load::Power(x) | Load::Resistance(x) if self.current * x < 0.0 => self.current = 0.0,
            _ => {}
        }
        self.uptake = uptake(frozen, diffusion);
        if let Load::Current(current) = load
            && -current > self.uptake
        {
            return Err(StageError::Full);
        }
        self.start_within(frozen, diffusion);
        self.side.start(model, base);
        let thermal = model.thermal_voltage();
        let share = match load {
            Load::Current(_) if exact => SHARE_LEFT,
            Load::Current(_) => SHARE_LEFT_ON_THE_WAY,
            _ => SHARE_LEFT_OF_IMPOSED,
        };
        let settled = (2.0 * share * tolerance * thermal).sqrt();
        let mut change = f64::INFINITY;
        for iteration in 1..=MOST_ITERATIONS {
            self.collect(model, frozen, diffusion, base, tau, thermal);
            let ladder = &mut frozen.ladder;
            ladder.solve(&self.potential, self.current, &self.generated, &self.slope);
            let by_current = match load {
                Load::Current(_) => 0.0,
                _ => self.change_of_current(model, ladder, base.lithiation, tau, load),
            };
            let damping = self.damping(model, frozen, diffusion, by_current, iteration);
            let limited;
            let careful = iteration >= CAREFUL;
            (change, limited) =
                self.update(model, frozen, diffusion, by_current, (damping, careful));
            if change < settled && damping >= 1.0 && !limited {
                if let Load::Power(x) | Load::Resistance(x) = load
                    && self.current * x <= 0.0
                {
                    return Err(StageError::Reversed);
                }
                self.iterations = iteration;
                self.finish(model, frozen, diffusion, base.lithiation, tau);
                return Ok(());
            }
            let possible = self.potential.iter().all(|e| POSSIBLE.contains(e));
            if !change.is_finite() || !possible {
                return Err(StageError::NotConverged {
                    change,
                    iterations: iteration,
                });
            }
        }
        Err(StageError::NotConverged {
            change,
            iterations: MOST_ITERATIONS,
        })
    }

    /// Makes the starting currents smaller where they would take a surface beyond empty
    /// or full: back from there Newton's method takes long.
    fn start_within(&mut self, frozen: &Frozen, diffusion: &Diffusion) {
        for (m, patches) in frozen.patches.iter().enumerate() {
            let at_rest = diffusion.offset[m];
            let filling = -diffusion.response[m] * patches.volumetric(self.currents[m]);
            if !(0.0..=1.0).contains(&(at_rest + filling)) {
                let share = kept_within(at_rest, filling);
                self.currents[m] = self.currents[m].map(|current| share * current);
            }
        }
    }

    /// Linearises every interface and side reaction; adds up the current generated
    /// at each depth and its slope.
    #[inline(always)]
    fn collect(
        &mut self,
        model: &Electrode,
        frozen: &Frozen,
        diffusion: &Diffusion,
        base: &SideBase,
        tau: f64,
        thermal: f64,
    ) {
        // Calls of the logarithm cost the loops around them their registers.
        for (m, patches) in frozen.patches.iter().enumerate() {
            let (offset, response) = (diffusion.offset[m], diffusion.response[m]);
            self.kinetics[m] = patches.kinetics(model, thermal, self.currents[m], offset, response);
        }
        for (logarithm, kinetics) in self.logarithm.iter_mut().zip(&self.kinetics) {
            *logarithm = [kinetics.argument[0].ln(), kinetics.argument[1].ln()];
        }
        for k in 0..model.depths {
            let potential = self.potential[k];
            let drive = Drives::at(model, potential, tau);
            let (mut generated, mut slope) = (0.0, 0.0);
            for m in k * model.classes..(k + 1) * model.classes {
                let (patches, currents) = (&frozen.patches[m], self.currents[m]);
                let linear = patches.linear(
                    &self.kinetics[m],
                    self.logarithm[m],
                    thermal,
                    potential,
                    currents,
                    diffusion.response[m],
                );
                self.interface[m] = linear;
                let side = self.side.of_particle(model, patches, base, &drive, m, tau);
                let volume = frozen.volume[m];
                generated +=
                    volume * (patches.volumetric(currents) + linear.volumetric[0] + side[0]);
                slope += volume * (linear.volumetric[1] + side[1]);
            }
            let carbon = self.side.of_carbon(model, &drive, k, tau);
            self.generated[k] = generated + model.carbon_surface * carbon[0];
            self.slope[k] = slope + model.carbon_surface * carbon[1];
            if k + 1 == model.depths {
                let collector = self.side.of_collector(model, &drive, tau);
                self.generated[k] += collector[0];
                self.slope[k] += collector[1];
            }
        }
    }

    /// Change of the cell current that brings the voltage to what `load` imposes.
    fn change_of_current(
        &self,
        model: &Electrode,
        ladder: &Ladder,
        lithiation: f64,
        tau: f64,
        load: Load,
    ) -> f64 {
        let (rest, rest_slope) = rest_of_cell(model, lithiation, tau, self.current);
        let now = ladder.voltage(&self.potential, self.current)
            + ladder.voltage(&ladder.change, 0.0)
            + rest;
        let slope = ladder.voltage_by_current() + rest_slope;
        load.change_of_current(self.current, now, slope)
    }

    /// Share of the Newton step to take: less than 1 where a surface stoichiometry or
    /// a potential would jump.
    #[inline(always)]
    fn damping(
        &self,
        model: &Electrode,
        frozen: &Frozen,
        diffusion: &Diffusion,
        by_current: f64,
        iteration: usize,
    ) -> f64 {
        let ladder = &frozen.ladder;
        let beyond = iteration.saturating_sub(PATIENCE) as i32;
        let shrink = 0.9f64.powi(beyond).max(1.0 / 40.0);
        let (mut surface, mut potential): (f64, f64) = (0.0, 0.0);
        for k in 0..model.depths {
            let shift = ladder.change[k] + by_current * ladder.by_current[k];
            potential = potential.max(shift.abs());
            for m in k * model.classes..(k + 1) * model.classes {
                let linear = &self.interface[m];
                let q = linear.volumetric[0] + linear.volumetric[1] * shift;
                surface = surface.max(diffusion.response[m] * q.abs());
            }
        }
        (shrink * LARGEST_CHANGE / surface)
            .min(shrink * LARGEST_POTENTIAL_CHANGE / potential)
            .min(1.0)
    }

    /// Takes the Newton step; returns the largest change of a potential drop, V, and
    /// whether some particle was kept from its end, or a current from turning where it is
    /// `careful`.
    #[inline(always)]
    fn update(
        &mut self,
        model: &Electrode,
        frozen: &Frozen,
        diffusion: &Diffusion,
        by_current: f64,
        (damping, careful): (f64, bool),
    ) -> (f64, bool) {
        let ladder = &frozen.ladder;
        let mut largest: f64 = 0.0;
        let mut limited = false;
        for k in 0..model.depths {
            let shift = ladder.change[k] + by_current * ladder.by_current[k];
            let mut drop: f64 = shift.abs();
            for m in k * model.classes..(k + 1) * model.classes {
                let linear = &self.interface[m];
                let filling = -damping
                    * diffusion.response[m]
                    * (linear.volumetric[0] + linear.volumetric[1] * shift);
                let share = kept_within(linear.surface, filling);
                limited |= share < 1.0;
                for patch in 0..2 {
                    let [constant, slope] = linear.current[patch];
                    let rise = constant + slope * shift;
                    let (now, fall) = (self.currents[m][patch], share * damping * rise);
                    let half = self.kinetics[m].half[patch].abs();
                    if careful && half > 1.0 && fall * now < -0.5 * now * now {
                        let asinh = self.logarithm[m][patch];
                        let left = asinh + fall / now * half / self.kinetics[m].root[patch];
                        self.currents[m][patch] = now / half * left.sinh();
                        limited = true;
                    } else {
                        self.currents[m][patch] = now + fall;
                    }
                    // In volts: what the same change would cost in potential.
                    if rise.abs() > drop * slope && slope > 0.0 {
                        drop = rise.abs() / slope;
                    }
                }
                self.side.shift_particle(m, shift);
            }
            largest = largest.max(drop);
            self.side.shift_depth(k, shift);
            self.potential[k] += damping * shift;
        }
        self.current += damping * by_current;
        (largest, limited)
    }

    /// After convergence: currents per volume, shells, voltage.
    fn finish(
        &mut self,
        model: &Electrode,
        frozen: &Frozen,
        diffusion: &Diffusion,
        lithiation: f64,
        tau: f64,
    ) {
        for (m, patches) in frozen.patches.iter().enumerate() {
            self.volumetric[m] = patches.volumetric(self.currents[m]);
            self.interface[m].surface =
                diffusion.offset[m] - diffusion.response[m] * self.volumetric[m];
        }
        diffusion.substitute(&self.volumetric, &mut self.shells);
        self.voltage = frozen.ladder.voltage(&self.potential, self.current)
            + rest_of_cell(model, lithiation, tau, self.current).0;
    }
}

/// Largest discharge current density (A/m2) that the sites left at the particles'
/// surfaces take until the end of the stage.
fn uptake(frozen: &Frozen, diffusion: &Diffusion) -> f64 {
    let left = diffusion.offset.iter().zip(&diffusion.response);
    left.zip(&frozen.volume)
        .map(|((offset, response), volume)| volume * (1.0 - offset).max(0.0) / response)
        .sum()
}

/// Share of a change of the surface stoichiometry `x` by `rise` that leaves a tenth of the
/// distance to empty or full: near its ends the open-circuit potential goes as the
/// logarithm of that distance, and Newton's method would pass the end.
fn kept_within(x: f64, rise: f64) -> f64 {
    let distance = if rise > 0.0 { 1.0 - x } else { x };
    if distance > 0.0 && rise.abs() > NEAREST * distance {
        NEAREST * distance / rise.abs()
    } else {
        1.0
    }
}
