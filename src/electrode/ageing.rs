//! Ageing over one accepted time step: the mechanisms' rates at the two stages
//! become changes of the state. What leaves one account enters another: lithium,
//! charge and oxygen are kept to round-off.

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
    [
        state[Field::RockSaltBare][m] + state[Field::OxygenatedBare][m],
        state[Field::RockSaltCoated][m] + state[Field::OxygenatedCoated][m],
    ]
}

/// Mean layer thickness of a particle over its patches, m.
pub fn mean_layer(state: &State, m: usize) -> f64 {
    let coverage = state[Field::Coverage][m];
    let [bare, coated] = layers(state, m);
    (1.0 - coverage) * bare + coverage * coated
}

/// The interface of particle `m` with a share `lost` of its contact gone.
pub fn patches(model: &Electrode, state: &State, m: usize, lost: f64) -> Patches {
    let [polysulfide, oxygenated, rock_salt] = model.interphase;
    let coverage = state[Field::Coverage][m];
    let pool = model.ageing.coating_sulfide.as_ref();
    let in_film = pool.map_or(0.0, |p| p.mean_products(state[Field::CoatingSulfide][m]));
    let layer = |rs: Field, ox: Field| state[rs][m] / rock_salt + state[ox][m] / oxygenated;
    Patches {
        share: [1.0 - coverage, coverage],
        resistance: [
            layer(Field::RockSaltBare, Field::OxygenatedBare)
                + state[Field::Polysulfide][m] / polysulfide,
            layer(Field::RockSaltCoated, Field::OxygenatedCoated)
                + in_film / polysulfide
                + model.coating.resistance
                + model.coating.step
                + state[Field::CoatingInterphase][m],
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
    let Some(law) = &model.ageing.conduction_loss else {
        return 1.0;
    };
    let (mut exponent, mut layer, mut volume) = (0.0, 0.0, 0.0);
    for m in particles {
        let share = model.volume_of(m);
        exponent -= share * (-lost[m]).ln_1p();
        layer += share * mean_layer(state, m);
        volume += share;
    }
    law.resistance_factor(exponent / volume, layer / volume)
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
    for m in 0..model.particles() {
        let [before, after] = means.map(|mean| mean[m]);
        let connected = state[Field::Connected][m];
        let coverage = state[Field::Coverage][m];
        to_middle(model, state, &frozen[1], m, before);
        particle_accounts(model, state, frozen, stages, m, length);
        let layer_before = mean_layer(state, m);
        grow_layers(model, state, frozen, stages, m, length);
        let layer_rise = mean_layer(state, m) - layer_before;
        let shrinkage = [before, after].map(|x| model.oxide.volume_loss(x));
        let skin = [&state[Field::Shells], &second.shells[..]]
            .map(|shells| model.oxide.volume_loss(model.outermost(shells, m)));
        let interval = Interval {
            shrinkage,
            skin,
            speed,
            layer_rise,
            connected,
            coverage,
            stoichiometry: after,
            lost: frozen[1].lost[m],
            length,
        };
        fatigue(model, state, m, &interval);
    }
    state[Field::Shells].copy_from_slice(&second.shells);
    state.set(Field::Time, state.scalar(Field::Time) + length);
}

/// Takes connected mass and coverage of particle `m` to the middle of the step, where
/// `frozen` holds them: what reacts during the step is shared out by them. So half of the
/// mass lost goes with the lithium (mean `stoichiometry`) and carbonate it held before,
/// half with what it holds after.
fn to_middle(model: &Electrode, state: &mut State, frozen: &Frozen, m: usize, stoichiometry: f64) {
    let held = frozen.volume[m] / model.volume_of(m);
    disconnect(model, state, m, held, stoichiometry);
    let coverage = state[Field::Coverage][m];
    uncover(state, m, coverage, frozen.patches[m].share[1]);
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
fn particle_accounts(
    model: &Electrode,
    state: &mut State,
    frozen: &[Frozen; 2],
    stages: &[Stage; 2],
    m: usize,
    length: f64,
) {
    let [first, second] = stages;
    // Connected mass is the same in both stages.
    let volume = frozen[1].volume[m];
    if let Some(law) = &model.ageing.oxidation {
        let [a, b] = [first.side.oxidation[m], second.side.oxidation[m]];
        let [before, after] = [0, 1].map(|stage| frozen[stage].area(m)[0]);
        state[Field::SideActive][0] += over_step(length, before * a, after * b);
        state[Field::Polysulfide][m] += law.thickness_per_charge * over_step(length, a, b);
    }
    if model.ageing.carbonate.is_some() {
        let pool = model.carbonate * Carbonate::charge_per_mole();
        let used = over_step(length, first.side.carbonate[m], second.side.carbonate[m]);
        state[Field::Carbonate][m] -= used;
        state[Field::SideCarbonate][0] += volume * pool * used;
    }
    if let Some(pool) = &model.ageing.coating_sulfide {
        let used = over_step(length, first.side.sulfide[m], second.side.sulfide[m]);
        state[Field::CoatingSulfide][m] -= used;
        state[Field::SideCoating][0] += volume * pool.charge * used;
    }
}

/// Rock salt and oxygenated products of one particle.
fn grow_layers(
    model: &Electrode,
    state: &mut State,
    frozen: &[Frozen; 2],
    stages: &[Stage; 2],
    m: usize,
    length: f64,
) {
    let k = model.depth_of(m);
    let [before, after] = [0, 1].map(|stage| frozen[stage].area(m));
    let sides = [
        (
            Field::RockSaltBare,
            Field::OxygenatedBare,
            Field::ContactProductsBare,
            model.coating.bare_leak,
            model.coating.bare_leak,
        ),
        (
            Field::RockSaltCoated,
            Field::OxygenatedCoated,
            Field::ContactProductsCoated,
            model.coating.leak,
            model.coating.contact_reactivity,
        ),
    ];
    let exposure = model.ageing.oxygen.as_ref().map(|law| {
        let [a, b] = [&stages[0], &stages[1]]
            .map(|s| law.activity(s.potential[k], s.interface[m].equilibrium));
        over_step(length, a, b)
    });
    for (patch, (salt, products, by_contact, leak, reactivity)) in sides.into_iter().enumerate() {
        let area = over_step(1.0, before[patch], after[patch]);
        // Oxygen leaves the oxide also where it touches nothing, and reaches the electrolyte
        // as a gas: nearly all of it is scavenged within a composite.
        let surface = frozen[1].volume[m]
            * frozen[1].patches[m].share[patch]
            * model.surface[model.class_of(m)];
        if let (Some(law), Some(exposure)) = (&model.ageing.oxygen, exposure) {
            let grown = law.grow(state[salt][m], exposure, leak);
            let oxygen = law.oxygen_released(grown - state[salt][m]);
            state[salt][m] = grown;
            state[products][m] += model.product_volume[0] * oxygen;
            state[Field::LatticeOxygen][0] += surface * oxygen;
        }
        if let Some(law) = &model.ageing.contact_reaction {
            let rise = law.rise(state[products][m], length, reactivity);
            state[products][m] += rise;
            state[by_contact][m] += rise;
            state[Field::ContactOxygen][0] += area * rise / model.product_volume[1];
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
    /// Growth of the layers, m.
    layer_rise: f64,
    /// Connected share at the start.
    connected: f64,
    /// Coverage at the start.
    coverage: f64,
    /// Mean stoichiometry at the end.
    stoichiometry: f64,
    /// Share of contact lost.
    lost: f64,
    /// s.
    length: f64,
}

/// Contact, cracks, connected mass and coating of one particle.
fn fatigue(model: &Electrode, state: &mut State, m: usize, interval: &Interval) {
    let (speed, layer_rise) = (interval.speed, interval.layer_rise);
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
    let rock_salt = {
        let coverage = state[Field::Coverage][m];
        (1.0 - coverage) * state[Field::RockSaltBare][m]
            + coverage * state[Field::RockSaltCoated][m]
    };
    if let (Some(law), true) = (&laws.cracking, interval.skin[1] > interval.skin[0]) {
        let strain = shrinking(interval.skin, &|v| law.strain(v));
        let damage = state[Field::CrackDamage][m];
        let speed = speed.cracking * law.crowding(interval.lost);
        state[Field::CrackDamage][m] = law.grow(damage, strain, speed, rock_salt);
    }
    let mut loss_rise = 0.0;
    if let Some(law) = &laws.contact_loss {
        let exponent = state[Field::ContactExponent][m];
        let strain = rise(&|v| law.strain(v));
        let worse = exponent + law.rise(strain, speed.contact, layer_rise);
        state[Field::ContactExponent][m] = worse;
        // Mass is lost by what opens for good, not by the part that breathes.
        let [closed, left] = [exponent, worse].map(|e| 1.0 - law.lost(e, f64::INFINITY));
        loss_rise = (closed / left).ln();
    }
    if let Some(law) = &laws.disconnection {
        let left = interval.connected * law.factor(layer_rise, loss_rise);
        disconnect(model, state, m, left, interval.stoichiometry);
    }
    if let Some(law) = &laws.wear {
        let left = if shrinks {
            law.worn(interval.coverage, rise(&|v| law.strain(v)), speed.wear)
        } else {
            interval.coverage
        };
        uncover(state, m, state[Field::Coverage][m], left);
    }
    if let Some(law) = &laws.coating_interphase {
        let step = &mut state[Field::CoatingInterphase][m];
        *step = law.grow(*step, interval.length);
    }
}

/// Leaves the share `left` of particle `m` connected; what goes takes its lithium, at
/// mean `stoichiometry`, and its carbonate along.
fn disconnect(model: &Electrode, state: &mut State, m: usize, left: f64, stoichiometry: f64) {
    let gone = state[Field::Connected][m] - left;
    state[Field::Connected][m] = left;
    let volume = gone * model.volume_of(m);
    state[Field::IsolatedLithium][0] += volume * model.oxide.sites * stoichiometry;
    state[Field::IsolatedCarbonate][0] += volume * model.carbonate * state[Field::Carbonate][m];
}

/// Coating worn off from `coverage` to `left` (or, where less was worn than foreseen, put
/// back): the surface laid bare brings its layers with it, so that their amounts stay.
fn uncover(state: &mut State, m: usize, coverage: f64, left: f64) {
    let bare = 1.0 - left;
    if bare <= 0.0 {
        return;
    }
    let fresh = (coverage - left) / bare;
    let mix = |bare: f64, coated: f64| bare + fresh * (coated - bare);
    for (bare, coated) in [
        (Field::RockSaltBare, Field::RockSaltCoated),
        (Field::OxygenatedBare, Field::OxygenatedCoated),
        (Field::ContactProductsBare, Field::ContactProductsCoated),
    ] {
        state[bare][m] = mix(state[bare][m], state[coated][m]);
    }
    state[Field::Polysulfide][m] = mix(state[Field::Polysulfide][m], 0.0);
    state[Field::Coverage][m] = left;
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
