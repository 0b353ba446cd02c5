//! A cell as it would be some cycles later, from what single cycles changed.
//!
//! What ages, and every account, is carried on by sums of changes: a sum of changes
//! that each keep a balance keeps it too. Three things go their own way:
//!
//! * the lithium in the shells settles within a cycle on what has aged; it is carried on
//!   along the line through the ends of two cycles,
//! * shares that empty exponentially (carbonate, undamaged oxide) are carried on by
//!   their logarithms, so that no number of cycles takes them below nothing,
//! * the charge through the outer circuit, and with it the anode, is what the
//!   cathode's lithium and the side reactions leave: lithium has no other way.

use super::ageing;
use super::model::Electrode;
use super::state::{Field, State};
use crate::constants::FARADAY;
use crate::degradation::Carbonate;

/// Stoichiometry at which read-outs of the interface are compared.
const COMPARED_AT: f64 = 0.6;
/// Smallest number whose logarithm is taken.
const SMALLEST: f64 = 1e-30;
/// Number of [`read_outs`].
pub const READ_OUTS: usize = 6;

/// [`State::lasting`] in coordinates in which the changes of cycles add up: the
/// logarithms of the carbonate left and of the undamaged share, all else as it is.
pub fn coordinates(state: &State) -> Vec<f64> {
    let mut copy = state.clone();
    for share in &mut copy[Field::Carbonate] {
        *share = share.max(SMALLEST).ln();
    }
    for damage in &mut copy[Field::CrackDamage] {
        *damage = (1.0 - *damage).max(SMALLEST).ln();
    }
    copy.lasting().to_vec()
}

/// `state` after a `change` of its [`coordinates`] and a `drift` of its shells;
/// `None` if that would leave the bounds of what can be.
pub fn carry_on(
    model: &Electrode,
    state: &State,
    change: &[f64],
    drift: Option<&[f64]>,
) -> Option<State> {
    let mut next = state.clone();
    for ((value, from), by) in next
        .lasting_mut()
        .iter_mut()
        .zip(coordinates(state))
        .zip(change)
    {
        *value = from + by;
    }
    for share in &mut next[Field::Carbonate] {
        *share = share.exp();
    }
    for share in &mut next[Field::CrackDamage] {
        *share = -share.exp_m1();
    }
    for (x, by) in next[Field::Shells].iter_mut().zip(drift.unwrap_or(&[])) {
        // A shell that would leave the range of stoichiometries stays as it is.
        if (0.0..=1.0).contains(&(*x + by)) {
            *x += by;
        }
    }
    burn_carbonate(model, state, &mut next);
    close(model, state, &mut next);
    is_possible(&next).then_some(next)
}

/// Charge of the carbonate that is gone between the two states, at the mean of their
/// connected masses.
fn burn_carbonate(model: &Electrode, before: &State, after: &mut State) {
    let pool = model.carbonate * Carbonate::charge_per_mole();
    let charge: f64 = (0..model.particles())
        .map(|m| {
            let connected = 0.5 * (before[Field::Connected][m] + after[Field::Connected][m]);
            let used = before[Field::Carbonate][m] - after[Field::Carbonate][m];
            model.volume_of(m) * connected * pool * used
        })
        .sum();
    after.set(
        Field::SideCarbonate,
        before.scalar(Field::SideCarbonate) + charge,
    );
}

/// Sets the charge passed and the anode so that lithium and charge balance.
fn close(model: &Electrode, before: &State, after: &mut State) {
    let gained = model.cathode_lithium(after) - model.cathode_lithium(before);
    let given = model.side_lithium(after) - model.side_lithium(before);
    let charge = FARADAY * (given - gained);
    after.set(
        Field::ExternalCharge,
        before.scalar(Field::ExternalCharge) + charge,
    );
    after.set(
        Field::AnodeLithiation,
        before.scalar(Field::AnodeLithiation) + charge / model.anode.capacity,
    );
}

fn is_possible(state: &State) -> bool {
    let shares = [Field::Connected, Field::Coverage, Field::AnodeLithiation];
    let within = |value: &f64| (0.0..=1.0).contains(value);
    state.slow().iter().all(|value| *value >= 0.0)
        && shares.iter().all(|field| state[*field].iter().all(within))
        && state[Field::Connected].iter().all(|value| *value > 0.0)
        && state[Field::CarbonPolysulfide]
            .iter()
            .all(|value| *value >= 0.0)
}

/// What ageing has done to the cell, as numbers whose differences are relative errors
/// of what is measured: logarithms of connected mass, conductance of the interface,
/// speed of diffusion and ionic resistance, and of what has reacted: oxygen, and charge
/// of side reactions.
pub fn read_outs(model: &Electrode, state: &State) -> [f64; READ_OUTS] {
    let exchange = model.oxide.exchange.evaluate(COMPARED_AT).0;
    let kinetic = model.thermal_voltage() / exchange;
    let mut lost = vec![0.0; model.particles()];
    let (mut mass, mut conductance, mut diffusion) = (0.0, 0.0, 0.0);
    for m in 0..model.particles() {
        lost[m] = ageing::contact_lost(model, state, m, COMPARED_AT);
        let patches = ageing::patches(model, state, m, lost[m]);
        let volume = model.volume_of(m) * state[Field::Connected][m];
        let speed = model
            .ageing
            .cracking
            .as_ref()
            .map_or(1.0, |c| c.diffusivity_factor(state[Field::CrackDamage][m]));
        mass += volume;
        diffusion += volume * speed * (1.0 - lost[m]);
        for (share, resistance) in patches.share.iter().zip(patches.resistance) {
            conductance += volume * patches.surface * share / (resistance + kinetic);
        }
    }
    let ionic: f64 = (0..model.depths)
        .map(|k| {
            let particles = k * model.classes..(k + 1) * model.classes;
            ageing::ionic_resistance_factor(model, state, particles, &lost)
        })
        .sum();
    [
        mass.ln(),
        conductance.ln(),
        diffusion.ln(),
        ionic.ln(),
        (state.scalar(Field::LatticeOxygen) + state.scalar(Field::ContactOxygen))
            .max(SMALLEST)
            .ln(),
        model.side_lithium(state).max(SMALLEST).ln(),
    ]
}
