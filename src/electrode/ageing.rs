//! Ageing over one accepted time step: the mechanisms' rates at the two stages
//! become changes of the state. What leaves one account enters another: lithium,
//! charge and oxygen are kept to round-off.

use super::aged::{Aged, Paths};
use super::frozen::Frozen;
use super::interface::Patches;
use super::model::Electrode;
use super::stage::{GAMMA, Stage};
use super::state::{Field, State};
use crate::constants::FARADAY;
use crate::degradation::Carbonate;
use std::ops::Range;

/// Time-weighted sum over the two stages of a step of `length`.
fn over_step(length: f64, first: f64, second: f64) -> f64 {
    length * ((1.0 - GAMMA) * first + GAMMA * second)
}

/// Share of contact lost of particle `m` at mean stoichiometry `x`.
pub fn contact_lost(model: &Electrode, state: &State, m: usize, x: f64) -> f64 {
    model.ageing.contact_loss.as_ref().map_or(0.0, |law| {
        law.lost(state[Field::ContactExponent][m], model.oxide.volume_loss(x))
    })
}

/// Layers on the two patches (m): rock salt plus oxygenated products.
pub fn layers(state: &State, m: usize) -> [f64; 2] {
    Aged::of(state, m).layers()
}

/// The interface of particle `m` with a share `lost` of its contact gone.
pub fn patches(model: &Electrode, state: &State, m: usize, lost: f64) -> Patches {
    patches_of(model, &Aged::of(state, m), m, lost)
}

/// The interface of particle `m`, which has `aged`, with a share `lost` of its contact gone.
pub(super) fn patches_of(model: &Electrode, aged: &Aged, m: usize, lost: f64) -> Patches {
    let [polysulfide, oxygenated, rock_salt] = model.interphase;
    let pool = model.ageing.coating_sulfide.as_ref();
    let in_film = pool.map_or(0.0, |p| p.mean_products(aged.coating_sulfide));
    let layer =
        |patch: usize| aged.rock_salt[patch] / rock_salt + aged.oxygenated[patch] / oxygenated;
    Patches {
        share: [1.0 - aged.coverage, aged.coverage],
        resistance: [
            layer(0) + aged.polysulfide / polysulfide,
            layer(1)
                + in_film / polysulfide
                + model.coating.resistance
                + model.coating.step
                + aged.coating_interphase,
        ],
        surface: model.surface[model.class_of(m)] * (1.0 - lost),
    }
}

/// Factor on the ionic resistance of the depth that holds `particles`.
pub fn ionic_resistance_factor(
    model: &Electrode,
    state: &State,
    particles: Range<usize>,
    lost: &[f64],
) -> f64 {
    let mut paths = Paths::default();
    for m in particles {
        paths.pass(model, &Aged::of(state, m), m, lost[m]);
    }
    paths.resistance_factor(model)
}

/// Advances everything in `state` but the last solution by a step of `length` (s), over
/// which the mean stoichiometry of every particle goes from `means[0]` to `means[1]`.
pub fn advance(
    model: &Electrode,
    state: &mut State,
    frozen: &[Frozen; 2],
    stages: &[Stage; 2],
    means: [&[f64]; 2],
    length: f64,
) {
    let [first, second] = stages;
    accounts(model, state, stages, length);
    let rate = over_step(1.0, first.current.abs(), second.current.abs()) / model.one_c;
    let laws = &model.ageing;
    let speed = Speed {
        contact: laws
            .contact_loss
            .as_ref()
            .map_or(0.0, |law| law.speed(rate)),
        cracking: laws.cracking.as_ref().map_or(0.0, |law| law.speed(rate)),
        wear: laws.wear.as_ref().map_or(0.0, |law| law.speed(rate)),
    };
    let step = Step {
        model,
        frozen,
        stages,
        length,
    };
    let mut sums = Sums::default();
    for m in 0..model.particles() {
        let (before, after) = (means[0][m], means[1][m]);
        let mut aged = Aged::of(state, m);
        let (connected, coverage) = (aged.connected, aged.coverage);
        to_middle(&step, &mut aged, &mut sums, m, before);
        particle_accounts(&step, &mut aged, &mut sums, m);
        let layer_before = aged.mean_layer();
        let salt_before = aged.mean(aged.rock_salt);
        grow_layers(&step, &mut aged, &mut sums, m);
        let skin = |shells: &[f64]| model.oxide.volume_loss(model.outermost(shells, m));
        let interval = Interval {
            shrinkage: [
                model.oxide.volume_loss(before),
                model.oxide.volume_loss(after),
            ],
            skin: [skin(&state[Field::Shells]), skin(&second.shells)],
            speed,
            layer: [layer_before, aged.mean_layer()],
            connected,
            coverage,
            stoichiometry: after,
            lost: over_step(1.0, frozen[0].lost[m], frozen[1].lost[m]),
            rock_salt: 0.5 * (salt_before + aged.mean(aged.rock_salt)),
            length,
        };
        fatigue(model, &mut aged, &mut sums, m, &interval);
        aged.write(state.slow_mut(), m);
    }
    sums.add_to(state);
    state[Field::Shells].copy_from_slice(&second.shells);
    state.set(Field::Time, state.scalar(Field::Time) + length);
}

/// An accepted time step.
struct Step<'a> {
    model: &'a Electrode,
    frozen: &'a [Frozen; 2],
    stages: &'a [Stage; 2],
    /// s.
    length: f64,
}

/// What all particles together add to the accounts of the cell, see the fields of the
/// same names.
#[derive(Default)]
struct Sums {
    side_active: f64,
    side_carbonate: f64,
    side_coating: f64,
    lattice_oxygen: f64,
    contact_oxygen: f64,
    isolated_lithium: f64,
    isolated_carbonate: f64,
}

impl Sums {
    fn add_to(&self, state: &mut State) {
        for (field, amount) in [
            (Field::SideActive, self.side_active),
            (Field::SideCarbonate, self.side_carbonate),
            (Field::SideCoating, self.side_coating),
            (Field::LatticeOxygen, self.lattice_oxygen),
            (Field::ContactOxygen, self.contact_oxygen),
            (Field::IsolatedLithium, self.isolated_lithium),
            (Field::IsolatedCarbonate, self.isolated_carbonate),
        ] {
            state[field][0] += amount;
        }
    }
}

/// Takes connected mass and coverage of particle `m` to the middle of the step, where
/// `frozen` holds them: what reacts during the step is shared out by them. So half of the
/// mass lost goes with the lithium (mean `stoichiometry`) and carbonate it held before,
/// half with what it holds after.
fn to_middle(step: &Step, aged: &mut Aged, sums: &mut Sums, m: usize, stoichiometry: f64) {
    let (model, frozen) = (step.model, &step.frozen[1]);
    // Where nothing is cut off, round-off would cut off or put back.
    if model.ageing.disconnection.is_some() {
        let held = frozen.volume[m] / model.volume_of(m);
        disconnect(model, aged, sums, m, held, stoichiometry);
    }
    uncover(aged, frozen.patches[m].share[1]);
}

/// Charge, lithium in the anode, and what side reactions took away from the particles.
fn accounts(model: &Electrode, state: &mut State, stages: &[Stage; 2], length: f64) {
    let [first, second] = stages;
    let mut add = |field: Field, amount: f64| state[field][0] += amount;
    let charge = over_step(length, first.current, second.current);
    add(Field::ExternalCharge, charge);
    add(Field::AnodeLithiation, charge / model.anode.capacity);
    if let Some(law) = &model.ageing.oxidation {
        let per_charge = law.thickness_per_charge;
        let collector = over_step(length, first.side.collector, second.side.collector);
        add(Field::SideCollector, collector);
        add(Field::CollectorPolysulfide, per_charge * collector);
        for k in 0..model.depths {
            let passed = over_step(length, first.side.carbon[k], second.side.carbon[k]);
            state[Field::SideCarbon][0] += model.carbon_surface * passed;
            state[Field::CarbonPolysulfide][k] += per_charge * passed;
        }
    }
}

/// What side reactions took at particle `m`.
fn particle_accounts(step: &Step, aged: &mut Aged, sums: &mut Sums, m: usize) {
    let &Step {
        model,
        frozen,
        length,
        ..
    } = step;
    let [first, second] = step.stages;
    // Connected mass is the same in both stages.
    let volume = frozen[1].volume[m];
    if let Some(law) = &model.ageing.oxidation {
        let (a, b) = (first.side.oxidation[m], second.side.oxidation[m]);
        let (before, after) = (frozen[0].area(m)[0], frozen[1].area(m)[0]);
        sums.side_active += over_step(length, before * a, after * b);
        aged.polysulfide += law.thickness_per_charge * over_step(length, a, b);
    }
    if model.ageing.carbonate.is_some() {
        let pool = model.carbonate * Carbonate::charge_per_mole();
        let used = over_step(length, first.side.carbonate[m], second.side.carbonate[m]);
        aged.carbonate -= used;
        sums.side_carbonate += volume * pool * used;
    }
    if let Some(pool) = &model.ageing.coating_sulfide {
        let used = over_step(length, first.side.sulfide[m], second.side.sulfide[m]);
        aged.coating_sulfide -= used;
        sums.side_coating += volume * pool.charge * used;
    }
}

/// Rock salt and oxygenated products of particle `m`.
fn grow_layers(step: &Step, aged: &mut Aged, sums: &mut Sums, m: usize) {
    let &Step {
        model,
        frozen,
        stages,
        length,
    } = step;
    let k = model.depth_of(m);
    let (before, after) = (frozen[0].area(m), frozen[1].area(m));
    let leaks = [model.coating.bare_leak, model.coating.leak];
    let reactivities = [model.coating.bare_leak, model.coating.contact_reactivity];
    let exposure = model.ageing.oxygen.as_ref().map(|law| {
        let activity = |s: &Stage| law.activity(s.potential[k], s.interface[m].equilibrium);
        over_step(length, activity(&stages[0]), activity(&stages[1]))
    });
    for patch in 0..2 {
        let area = over_step(1.0, before[patch], after[patch]);
        // Oxygen leaves the oxide also where it touches nothing, and reaches the electrolyte
        // as a gas: nearly all of it is scavenged within a composite.
        let surface = frozen[1].volume[m]
            * frozen[1].patches[m].share[patch]
            * model.surface[model.class_of(m)];
        if let (Some(law), Some(exposure)) = (&model.ageing.oxygen, exposure) {
            let salt = aged.rock_salt[patch];
            let grown = law.grow(salt, exposure, leaks[patch]);
            let oxygen = law.oxygen_released(grown - salt);
            aged.rock_salt[patch] = grown;
            aged.oxygenated[patch] += model.product_volume[0] * oxygen;
            sums.lattice_oxygen += surface * oxygen;
        }
        if let Some(law) = &model.ageing.contact_reaction {
            let rise = law.rise(aged.oxygenated[patch], length, reactivities[patch]);
            aged.oxygenated[patch] += rise;
            aged.contact_products[patch] += rise;
            sums.contact_oxygen += area * rise / model.product_volume[1];
        }
    }
}

/// Factors of the present rate on fatigue.
#[derive(Clone, Copy)]
struct Speed {
    contact: f64,
    cracking: f64,
    wear: f64,
}

/// What happened to one particle during a step.
struct Interval {
    /// Volume loss at the start and at the end, of the particle.
    shrinkage: [f64; 2],
    /// And of its outermost shell.
    skin: [f64; 2],
    /// What the rate does.
    speed: Speed,
    /// Layers at the start and at the end, m.
    layer: [f64; 2],
    /// Connected share at the start.
    connected: f64,
    /// Coverage at the start.
    coverage: f64,
    /// Mean stoichiometry at the end.
    stoichiometry: f64,
    /// Share of contact lost, mean over the step.
    lost: f64,
    /// Rock salt, mean over the surface and the step, m.
    rock_salt: f64,
    /// s.
    length: f64,
}

/// Contact, cracks, connected mass and coating of particle `m`.
fn fatigue(model: &Electrode, aged: &mut Aged, sums: &mut Sums, m: usize, interval: &Interval) {
    let (speed, layer) = (interval.speed, interval.layer);
    let laws = &model.ageing;
    // Only shrinking fatigues; swelling needs none of the powers.
    let shrinking = |[before, after]: [f64; 2], strain: &dyn Fn(f64) -> f64| {
        if after > before {
            strain(after) - strain(before)
        } else {
            0.0
        }
    };
    let shrinks = interval.shrinkage[1] > interval.shrinkage[0];
    let rise = |strain: &dyn Fn(f64) -> f64| shrinking(interval.shrinkage, strain);
    if let (Some(law), true) = (&laws.cracking, interval.skin[1] > interval.skin[0]) {
        let strain = shrinking(interval.skin, &|v| law.strain(v));
        let speed = speed.cracking * law.crowding(interval.lost);
        aged.crack_damage = law.grow(aged.crack_damage, strain, speed, interval.rock_salt);
    }
    let mut loss_rise = 0.0;
    if let Some(law) = &laws.contact_loss {
        let strain = rise(&|v| law.strain(v));
        let more = law.rise(strain, speed.contact, layer);
        // Mass is lost by what opens for good, not by the part that breathes.
        loss_rise = law.opening(aged.contact_exponent, more);
        aged.contact_exponent += more;
    }
    if let Some(law) = &laws.disconnection {
        let left = law.left(interval.connected, layer[1] - layer[0], loss_rise);
        disconnect(model, aged, sums, m, left, interval.stoichiometry);
    }
    if let Some(law) = &laws.wear {
        let left = if shrinks {
            law.worn(interval.coverage, rise(&|v| law.strain(v)), speed.wear)
        } else {
            interval.coverage
        };
        uncover(aged, left);
    }
    if let Some(law) = &laws.coating_interphase {
        aged.coating_interphase = law.grow(aged.coating_interphase, interval.length);
    }
}

/// Leaves the share `left` of particle `m` connected; what goes takes its lithium, at
/// mean `stoichiometry`, and its carbonate along.
fn disconnect(
    model: &Electrode,
    aged: &mut Aged,
    sums: &mut Sums,
    m: usize,
    left: f64,
    stoichiometry: f64,
) {
    let volume = (aged.connected - left) * model.volume_of(m);
    aged.connected = left;
    sums.isolated_lithium += volume * model.oxide.sites * stoichiometry;
    sums.isolated_carbonate += volume * model.carbonate * aged.carbonate;
}

/// Coating worn off to the share `left` of the surface (or, where less was worn than
/// foreseen, put back): the surface laid bare brings its layers with it, so that their
/// amounts stay.
fn uncover(aged: &mut Aged, left: f64) {
    let (bare, gone) = (1.0 - left, aged.coverage - left);
    if bare <= 0.0 || gone.abs() < f64::MIN_POSITIVE {
        return;
    }
    let fresh = gone / bare;
    for [bare, coated] in [
        &mut aged.rock_salt,
        &mut aged.oxygenated,
        &mut aged.contact_products,
    ] {
        *bare += fresh * (*coated - *bare);
    }
    aged.polysulfide -= fresh * aged.polysulfide;
    aged.coverage = left;
}

/// Lithium of the whole cell (cathode, anode, less what side reactions gave), mol/m2:
/// constant over the life of a cell.
pub fn total_lithium(model: &Electrode, state: &State) -> f64 {
    model.cathode_lithium(state) + model.anode_lithium(state) - model.side_lithium(state)
}

/// Charge that lithium bookkeeping of the cathode says has passed, C/m2: equal to
/// [`Field::ExternalCharge`] over the life of a cell.
pub fn charge_by_lithium(model: &Electrode, state: &State, initial_cathode: f64) -> f64 {
    FARADAY * (initial_cathode - model.cathode_lithium(state) + model.side_lithium(state))
}
