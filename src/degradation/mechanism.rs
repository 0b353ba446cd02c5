//! The mechanisms by name, as they are switched off in a scenario and told apart in
//! results.

use crate::scenario::Mechanisms;

/// A mechanism of degradation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// Electrochemical oxidation of the electrolyte to polysulfides.
    Oxidation,
    /// Lattice oxygen attacking the electrolyte, with rock salt left behind.
    Oxygen,
    /// Reaction by mere contact.
    ContactReaction,
    /// Gas from surface carbonate.
    Gas,
    /// Contact lost to breathing and reaction.
    ContactLoss,
    /// Cracking of particles.
    Cracking,
    /// Loss of connected mass.
    Disconnection,
    /// Loss of ionic paths.
    ConductionLoss,
    /// Wear of the coating.
    CoatingWear,
}

impl Mechanism {
    /// How many there are.
    pub const COUNT: usize = 9;
    /// All, in the order of `[mechanisms]` in a scenario.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Oxidation,
        Self::Oxygen,
        Self::ContactReaction,
        Self::Gas,
        Self::ContactLoss,
        Self::Cracking,
        Self::Disconnection,
        Self::ConductionLoss,
        Self::CoatingWear,
    ];

    /// Its switch in `[mechanisms]`, also its name in results.
    pub fn word(self) -> &'static str {
        match self {
            Self::Oxidation => "oxidation",
            Self::Oxygen => "oxygen",
            Self::ContactReaction => "contact_reaction",
            Self::Gas => "gas",
            Self::ContactLoss => "contact_loss",
            Self::Cracking => "cracking",
            Self::Disconnection => "disconnection",
            Self::ConductionLoss => "conduction_loss",
            Self::CoatingWear => "coating_wear",
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Oxidation => "Electrolyte oxidation",
            Self::Oxygen => "Oxygen reaction",
            Self::ContactReaction => "Contact reaction",
            Self::Gas => "Carbonate gas",
            Self::ContactLoss => "Contact loss",
            Self::Cracking => "Cracking",
            Self::Disconnection => "Disconnected mass",
            Self::ConductionLoss => "Lost ionic paths",
            Self::CoatingWear => "Coating wear",
        }
    }

    /// Heading of what it cost.
    pub fn lost_capacity(self) -> &'static str {
        match self {
            Self::Oxidation => "Capacity Lost To Electrolyte Oxidation",
            Self::Oxygen => "Capacity Lost To Oxygen Reaction",
            Self::ContactReaction => "Capacity Lost To Contact Reaction",
            Self::Gas => "Capacity Lost To Carbonate Gas",
            Self::ContactLoss => "Capacity Lost To Contact Loss",
            Self::Cracking => "Capacity Lost To Cracking",
            Self::Disconnection => "Capacity Lost To Disconnected Mass",
            Self::ConductionLoss => "Capacity Lost To Lost Ionic Paths",
            Self::CoatingWear => "Capacity Lost To Coating Wear",
        }
    }

    /// Its switch among `mechanisms`.
    pub fn switch(self, mechanisms: &mut Mechanisms) -> &mut bool {
        match self {
            Self::Oxidation => &mut mechanisms.oxidation,
            Self::Oxygen => &mut mechanisms.oxygen,
            Self::ContactReaction => &mut mechanisms.contact_reaction,
            Self::Gas => &mut mechanisms.gas,
            Self::ContactLoss => &mut mechanisms.contact_loss,
            Self::Cracking => &mut mechanisms.cracking,
            Self::Disconnection => &mut mechanisms.disconnection,
            Self::ConductionLoss => &mut mechanisms.conduction_loss,
            Self::CoatingWear => &mut mechanisms.coating_wear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Kind;
    use crate::scenario::schema::SCENARIO;

    #[test]
    fn every_switch_of_a_scenario_is_a_mechanism_by_its_word() {
        let keys = SCENARIO.keys.iter().find(|key| key.name == "mechanisms");
        let Some(Kind::Table(schema)) = keys.map(|key| &key.kind) else {
            panic!("no switches in a scenario");
        };
        let switches: Vec<&str> = schema.keys.iter().map(|key| key.name).collect();
        assert_eq!(switches, Mechanism::ALL.map(Mechanism::word));
    }
}
