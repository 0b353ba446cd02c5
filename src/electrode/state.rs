//! The state of a cell: one flat vector behind named views, so that it can be
//! solved, copied, saved, linearised and restarted whole.

use std::ops::{Index, IndexMut, Range};

/// Named parts of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Field {
    /// Lithium content of every shell; entry `shell * particles + particle`.
    Shells,
    /// Polysulfide layer on bare active surface, m, per particle.
    Polysulfide,
    /// Rock salt on bare surface, m, per particle.
    RockSaltBare,
    /// Rock salt under the coating, m, per particle.
    RockSaltCoated,
    /// Phosphate and sulfate on bare surface, m, per particle.
    OxygenatedBare,
    /// Phosphate and sulfate on coated surface, m, per particle.
    OxygenatedCoated,
    /// Part of [`Self::OxygenatedBare`] that grew by the contact reaction, m, per particle.
    ContactProductsBare,
    /// Part of [`Self::OxygenatedCoated`] that grew by the contact reaction, m, per particle.
    ContactProductsCoated,
    /// Exponent of contact loss, per particle.
    ContactExponent,
    /// Crack damage 0..1, per particle.
    CrackDamage,
    /// Connected share of the active mass 0..1, per particle.
    Connected,
    /// Share of the surface under coating 0..1, per particle.
    Coverage,
    /// Resistance grown between coating and electrolyte, ohm m2, per particle.
    CoatingInterphase,
    /// Share of the coating's oxidisable sulfide left 0..1, per particle.
    CoatingSulfide,
    /// Share of the surface carbonate left 0..1, per particle.
    Carbonate,
    /// Polysulfide layer on carbon, m, per depth.
    CarbonPolysulfide,
    /// Polysulfide layer on the current collector, m.
    CollectorPolysulfide,
    /// Lithiation of the anode 0..1.
    AnodeLithiation,
    /// Charge passed through the cell, C/m2, positive on charge.
    ExternalCharge,
    /// Charge of electrolyte oxidation at active material, C/m2.
    SideActive,
    /// Charge of electrolyte oxidation at carbon, C/m2.
    SideCarbon,
    /// Charge of electrolyte oxidation at the collector, C/m2.
    SideCollector,
    /// Charge of carbonate oxidation, C/m2.
    SideCarbonate,
    /// Charge of the oxidation of sulfide in the coating, C/m2.
    SideCoating,
    /// Lattice oxygen released, mol O/m2 of cell.
    LatticeOxygen,
    /// Oxygen taken by the contact reaction, mol O/m2 of cell.
    ContactOxygen,
    /// Lithium in disconnected active material, mol/m2 of cell.
    IsolatedLithium,
    /// Carbonate on disconnected active material, mol/m2 of cell.
    IsolatedCarbonate,
    /// s since the start.
    Time,
    /// phi_s - phi_e, V, per depth (last solution: where Newton starts next).
    Potential,
    /// Current density of bare patches, A/m2, per particle (last solution).
    CurrentBare,
    /// Current density of coated patches, A/m2, per particle (last solution).
    CurrentCoated,
    /// Cell current density, A/m2 (last solution).
    Current,
    /// Cell voltage against the anode, V (last solution).
    Voltage,
}

const FIELDS: usize = Field::Voltage as usize + 1;

/// The state vector.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    values: Vec<f64>,
    ends: [usize; FIELDS],
}

impl State {
    /// A state of zeros for `depths` depths, `particles` particles (depths times
    /// size classes) and `shells` shells.
    pub fn zeros(depths: usize, particles: usize, shells: usize) -> Self {
        let mut ends = [0; FIELDS];
        let mut end = 0;
        for (index, slot) in ends.iter_mut().enumerate() {
            end += match index {
                i if i == Field::Shells as usize => shells * particles,
                i if i <= Field::Carbonate as usize => particles,
                i if i == Field::CarbonPolysulfide as usize => depths,
                i if i == Field::Potential as usize => depths,
                i if i == Field::CurrentBare as usize => particles,
                i if i == Field::CurrentCoated as usize => particles,
                _ => 1,
            };
            *slot = end;
        }
        Self {
            values: vec![0.0; end],
            ends,
        }
    }

    fn range(&self, field: Field) -> Range<usize> {
        let index = field as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        start..self.ends[index]
    }

    /// Everything that ageing changes slowly, particle by particle: from
    /// [`Field::Polysulfide`] to [`Field::Carbonate`].
    pub fn slow(&self) -> &[f64] {
        let (start, end) = self.slow_range();
        &self.values[start..end]
    }

    /// [`Self::slow`], to be changed.
    pub fn slow_mut(&mut self) -> &mut [f64] {
        let (start, end) = self.slow_range();
        &mut self.values[start..end]
    }

    /// Everything that lasts from cycle to cycle but the lithium in the shells: what
    /// ages, and the accounts. From [`Field::Polysulfide`] to [`Field::Time`].
    pub fn lasting(&self) -> &[f64] {
        let (start, end) = self.lasting_range();
        &self.values[start..end]
    }

    /// [`Self::lasting`], to be changed.
    pub fn lasting_mut(&mut self) -> &mut [f64] {
        let (start, end) = self.lasting_range();
        &mut self.values[start..end]
    }

    fn lasting_range(&self) -> (usize, usize) {
        (
            self.range(Field::Polysulfide).start,
            self.range(Field::Potential).start,
        )
    }

    fn slow_range(&self) -> (usize, usize) {
        (
            self.range(Field::Polysulfide).start,
            self.range(Field::Carbonate).end,
        )
    }

    /// Value of a field that has one entry.
    #[inline]
    pub fn scalar(&self, field: Field) -> f64 {
        self[field][0]
    }

    /// Sets a field that has one entry.
    #[inline]
    pub fn set(&mut self, field: Field, value: f64) {
        self[field][0] = value;
    }

    /// The whole vector, for saving.
    pub fn as_slice(&self) -> &[f64] {
        &self.values
    }

    /// Takes a saved vector; `false` (and no change) if its length does not fit.
    #[must_use]
    pub fn restore(&mut self, values: &[f64]) -> bool {
        let fits = values.len() == self.values.len();
        if fits {
            self.values.copy_from_slice(values);
        }
        fits
    }
}

impl Index<Field> for State {
    type Output = [f64];
    #[inline]
    fn index(&self, field: Field) -> &[f64] {
        &self.values[self.range(field)]
    }
}

impl IndexMut<Field> for State {
    #[inline]
    fn index_mut(&mut self, field: Field) -> &mut [f64] {
        let range = self.range(field);
        &mut self.values[range]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_do_not_overlap_and_fill_the_vector() {
        let mut state = State::zeros(3, 6, 4);
        state[Field::Shells].fill(1.0);
        state[Field::Carbonate].fill(2.0);
        state[Field::Potential].fill(3.0);
        state.set(Field::Voltage, 4.0);
        assert_eq!(state[Field::Shells].len(), 24);
        assert_eq!(state[Field::CarbonPolysulfide].len(), 3);
        let sum: f64 = state.as_slice().iter().sum();
        assert!((sum - (24.0 + 12.0 + 9.0 + 4.0)).abs() < 1e-12);
        let copy = state.as_slice().to_vec();
        assert!(state.restore(&copy));
        assert!(!state.restore(&copy[1..]));
    }
}
