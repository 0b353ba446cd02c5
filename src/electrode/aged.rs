//! Electrode room: what ages slowly in one particle, read from the state at once and
//! written back at once; and what it does to the ionic paths around it.

use super::model::Electrode;
use super::state::{Field, State};

/// Number of fields that hold what ages slowly, from [`Field::Polysulfide`] to
/// [`Field::Carbonate`], one after the other, each with one entry per particle.
const FIELDS: usize = Field::Carbonate as usize - Field::Polysulfide as usize + 1;

/// What ages slowly in one particle; in pairs on bare and on coated surface.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aged {
    /// Polysulfide layer on bare surface, m.
    pub polysulfide: f64,
    /// Rock salt, m.
    pub rock_salt: [f64; 2],
    /// Phosphate and sulfate, m.
    pub oxygenated: [f64; 2],
    /// Part of it that grew by the contact reaction, m.
    pub contact_products: [f64; 2],
    /// Exponent of contact loss.
    pub contact_exponent: f64,
    /// Crack damage 0..1.
    pub crack_damage: f64,
    /// Connected share of the active mass 0..1.
    pub connected: f64,
    /// Share of the surface under coating 0..1.
    pub coverage: f64,
    /// Resistance grown between coating and electrolyte, ohm m2.
    pub coating_interphase: f64,
    /// Share of the coating's oxidisable sulfide left 0..1.
    pub coating_sulfide: f64,
    /// Share of the surface carbonate left 0..1.
    pub carbonate: f64,
}

impl Aged {
    /// Of particle `m` in `state`.
    #[inline]
    pub fn of(state: &State, m: usize) -> Self {
        Self::read(state.slow(), m)
    }

    /// Of particle `m` in `slow`, see [`State::slow`].
    #[inline]
    pub fn read(slow: &[f64], m: usize) -> Self {
        let particles = slow.len() / FIELDS;
        let of = |field: Field| slow[place(field, particles, m)];
        Self {
            polysulfide: of(Field::Polysulfide),
            rock_salt: [of(Field::RockSaltBare), of(Field::RockSaltCoated)],
            oxygenated: [of(Field::OxygenatedBare), of(Field::OxygenatedCoated)],
            contact_products: [
                of(Field::ContactProductsBare),
                of(Field::ContactProductsCoated),
            ],
            contact_exponent: of(Field::ContactExponent),
            crack_damage: of(Field::CrackDamage),
            connected: of(Field::Connected),
            coverage: of(Field::Coverage),
            coating_interphase: of(Field::CoatingInterphase),
            coating_sulfide: of(Field::CoatingSulfide),
            carbonate: of(Field::Carbonate),
        }
    }

    /// Puts it back as particle `m` of `slow`, see [`State::slow_mut`].
    #[inline]
    pub fn write(self, slow: &mut [f64], m: usize) {
        let particles = slow.len() / FIELDS;
        let mut set = |field: Field, value: f64| slow[place(field, particles, m)] = value;
        set(Field::Polysulfide, self.polysulfide);
        set(Field::RockSaltBare, self.rock_salt[0]);
        set(Field::RockSaltCoated, self.rock_salt[1]);
        set(Field::OxygenatedBare, self.oxygenated[0]);
        set(Field::OxygenatedCoated, self.oxygenated[1]);
        set(Field::ContactProductsBare, self.contact_products[0]);
        set(Field::ContactProductsCoated, self.contact_products[1]);
        set(Field::ContactExponent, self.contact_exponent);
        set(Field::CrackDamage, self.crack_damage);
        set(Field::Connected, self.connected);
        set(Field::Coverage, self.coverage);
        set(Field::CoatingInterphase, self.coating_interphase);
        set(Field::CoatingSulfide, self.coating_sulfide);
        set(Field::Carbonate, self.carbonate);
    }

    /// Rock salt plus oxygenated products on either patch, m.
    #[inline]
    pub fn layers(&self) -> [f64; 2] {
        let (salt, products) = (self.rock_salt, self.oxygenated);
        [salt[0] + products[0], salt[1] + products[1]]
    }

    /// Mean layer thickness over the patches, m.
    #[inline]
    pub fn mean_layer(&self) -> f64 {
        self.mean(self.layers())
    }

    /// Mean over the surface of what is on bare and on coated surface.
    #[inline]
    pub fn mean(&self, [bare, coated]: [f64; 2]) -> f64 {
        (1.0 - self.coverage) * bare + self.coverage * coated
    }
}

/// Where `field` of particle `m` is in [`State::slow`].
#[inline]
fn place(field: Field, particles: usize, m: usize) -> usize {
    (field as usize - Field::Polysulfide as usize) * particles + m
}

/// What narrows the ionic paths of one depth, added up over its particles by volume.
#[derive(Default)]
pub(super) struct Paths {
    exponent: f64,
    layer: f64,
    volume: f64,
}

impl Paths {
    /// Adds particle `m`, which has `aged` and has lost the share `lost` of its contact.
    #[inline]
    pub fn pass(&mut self, model: &Electrode, aged: &Aged, m: usize, lost: f64) {
        if model.ageing.conduction_loss.is_some() {
            let share = model.volume_of(m);
            self.exponent -= share * (1.0 - lost).ln();
            self.layer += share * aged.mean_layer();
            self.volume += share;
        }
    }

    /// Factor on the ionic resistance.
    pub fn resistance_factor(&self, model: &Electrode) -> f64 {
        model.ageing.conduction_loss.as_ref().map_or(1.0, |law| {
            law.resistance_factor(self.exponent / self.volume, self.layer / self.volume)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_every_field_is_its_own() {
        let mut state = State::zeros(2, 6, 3);
        for (i, value) in state.slow_mut().iter_mut().enumerate() {
            *value = i as f64;
        }
        assert_eq!(state.slow().len(), 6 * FIELDS);
        let before = state.clone();
        let aged = Aged::of(&state, 4);
        for (found, field) in [
            (aged.rock_salt[1], Field::RockSaltCoated),
            (aged.contact_products[0], Field::ContactProductsBare),
            (aged.contact_exponent, Field::ContactExponent),
            (aged.coverage, Field::Coverage),
            (aged.carbonate, Field::Carbonate),
        ] {
            assert!((found - before[field][4]).abs() < 1e-15, "{field:?}");
        }
        state.slow_mut()[..].fill(-1.0);
        for m in 0..6 {
            Aged::of(&before, m).write(state.slow_mut(), m);
        }
        assert_eq!(state, before);
    }
}
