//! Which part of the state each mechanism made, so that it can be undone: what a cell
//! would be like had one mechanism left nothing behind.
//!
//! The owner of a part is the mechanism that the part acts through, not what drove it:
//! contact lost because rock salt grew belongs to contact loss, the rock salt itself to
//! the oxygen reaction. Loss of ionic paths has no state of its own: it is undone by
//! leaving its law out ([`Electrode::arrested`]). Wear owns the coverage and the
//! step that grew between coating and electrolyte; the layers stay on the patches on which
//! they are.

use super::model::Electrode;
use super::state::{Field, State};
use crate::degradation::Mechanism;

/// What `mechanism` owns alone. The oxygenated products, which two mechanisms grow, are
/// told apart in [`keep`].
pub fn fields(mechanism: Mechanism) -> &'static [Field] {
    use Field::*;
    match mechanism {
        Mechanism::Oxidation => &[
            Polysulfide,
            CarbonPolysulfide,
            CollectorPolysulfide,
            SideActive,
            SideCarbon,
            SideCollector,
            CoatingSulfide,
            SideCoating,
        ],
        Mechanism::Oxygen => &[RockSaltBare, RockSaltCoated, LatticeOxygen],
        Mechanism::ContactReaction => &[ContactProductsBare, ContactProductsCoated, ContactOxygen],
        Mechanism::Gas => &[Carbonate, SideCarbonate],
        Mechanism::ContactLoss => &[ContactExponent],
        Mechanism::Cracking => &[CrackDamage],
        Mechanism::Disconnection => &[Connected, IsolatedLithium, IsolatedCarbonate],
        Mechanism::ConductionLoss => &[],
        Mechanism::CoatingWear => &[Coverage, CoatingInterphase],
    }
}

/// `fresh` with what the `kept` mechanisms have done to `aged`. Shells, clock and last
/// solution are those of `fresh`; the lithium that side reactions gave and disconnected
/// mass took is settled with the anode, so that the cell holds as much as it must.
pub fn keep(
    model: &Electrode,
    fresh: &State,
    aged: &State,
    kept: impl Fn(Mechanism) -> bool,
) -> State {
    let mut state = fresh.clone();
    for mechanism in Mechanism::ALL.into_iter().filter(|m| kept(*m)) {
        for &field in fields(mechanism) {
            state[field].copy_from_slice(&aged[field]);
        }
    }
    let [oxygen, contact] = [Mechanism::Oxygen, Mechanism::ContactReaction].map(&kept);
    for (total, by_contact) in [
        (Field::OxygenatedBare, Field::ContactProductsBare),
        (Field::OxygenatedCoated, Field::ContactProductsCoated),
    ] {
        for m in 0..model.particles() {
            state[total][m] = match (oxygen, contact) {
                (true, true) => aged[total][m],
                (true, false) => (aged[total][m] - aged[by_contact][m]).max(0.0),
                (false, true) => aged[by_contact][m],
                (false, false) => fresh[total][m],
            };
        }
    }
    let missing =
        super::ageing::total_lithium(model, &state) - super::ageing::total_lithium(model, fresh);
    let per_lithium = crate::constants::FARADAY / model.anode.capacity;
    state[Field::AnodeLithiation][0] -= missing * per_lithium;
    state
}
