//! Cells that do not age.

use engobe::scenario::Mechanisms;

/// No degradation at all.
pub const NO_AGEING: Mechanisms = Mechanisms {
    oxidation: false,
    oxygen: false,
    contact_reaction: false,
    gas: false,
    contact_loss: false,
    cracking: false,
    disconnection: false,
    conduction_loss: false,
    coating_wear: false,
};
