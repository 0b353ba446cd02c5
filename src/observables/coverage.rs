//! Observables: the coating's share `gamma` of an X-ray photoelectron spectrum.
//!
//! Kissel et al. (2025), eq. 1, take `gamma = I_coating / (I_coating + I_oxide)` from
//! S 2p and P 2p against Ni 2p as a measure of coverage. Photoelectrons are attenuated
//! exponentially on their way out, so with `c` the marker atoms per volume, `theta` the
//! coverage and `< >` the mean over the thickness where covered
//!
//! ```text
//! I_coating = c_coating theta <1 - exp(-h/l_c)>
//! I_oxide   = c_oxide [1 - theta + theta <exp(-h/l_o)>]
//! ```
//! Sensitivity factors are taken to have removed all else; adsorbates and native
//! carbonate are left out. `gamma` is the coverage only where the film is thick and both
//! markers are equally dense: sulfide, dense in sulfur, reads too high.

use crate::annealing::Annealed;
use crate::materials::ActiveMaterial;
use crate::numerics::normal::lognormal_mean;

/// Attenuation length of S 2p and P 2p electrons (Al K alpha, about 1320 eV) in the
/// coating, m. An estimate, +-20 %, by the TPP-2M formula as recalled.
pub const COATING_ATTENUATION: f64 = 2.9e-9;
/// Attenuation length of Ni 2p electrons (Al K alpha, about 630 eV) in the coating, m. An
/// estimate as [`COATING_ATTENUATION`].
pub const OXIDE_ATTENUATION: f64 = 1.5e-9;

/// A coated surface as electrons see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoatedSurface {
    /// Share covered, 0..1.
    pub coverage: f64,
    /// Mean thickness where covered, m.
    pub thickness: f64,
    /// Relative standard deviation of the thickness (lognormal).
    pub variation: f64,
    /// Marker atoms (S and P) in the coating, mol/m3.
    pub coating_marker: f64,
    /// Marker atoms (the oxide's metal, for which nickel stands) in the oxide, mol/m3.
    pub oxide_marker: f64,
}

impl CoatedSurface {
    /// An annealed coating on its oxide.
    pub fn of(annealed: &Annealed, oxide: &ActiveMaterial) -> Self {
        let film = annealed.outcome.film;
        Self {
            coverage: film.coverage,
            thickness: film.thickness,
            variation: film.variation,
            coating_marker: annealed.marker_concentration(),
            oxide_marker: oxide.maximum_concentration(),
        }
    }

    /// The coating's share of the spectrum, 0..1.
    pub fn gamma(&self) -> f64 {
        let log_variance = (self.variation * self.variation).ln_1p();
        let passed =
            |length: f64| lognormal_mean(log_variance, |h| (-h * self.thickness / length).exp());
        let coating = self.coating_marker * self.coverage * (1.0 - passed(COATING_ATTENUATION));
        let bare = 1.0 - self.coverage;
        let oxide = self.oxide_marker * (bare + self.coverage * passed(OXIDE_ATTENUATION));
        coating / (coating + oxide)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const SURFACE: CoatedSurface = CoatedSurface {
        coverage: 0.6,
        thickness: 1.0,
        variation: 0.5,
        coating_marker: 2.0,
        oxide_marker: 4.0,
    };

    #[test]
    fn a_thick_coating_is_read_by_its_coverage() {
        // Nothing passes a metre: 2 * 0.6 / (2 * 0.6 + 4 * 0.4).
        assert_relative_eq!(SURFACE.gamma(), 1.2 / 2.8, max_relative = 1e-12);
        let equal = CoatedSurface {
            oxide_marker: 2.0,
            ..SURFACE
        };
        assert_relative_eq!(equal.gamma(), 0.6, max_relative = 1e-12);
    }

    #[test]
    fn an_even_film_follows_the_exponentials() {
        let film = CoatedSurface {
            thickness: 2e-9,
            variation: 0.0,
            ..SURFACE
        };
        let coating = 1.2 * (1.0 - (-2.0f64 / 2.9).exp());
        let oxide = 4.0 * (0.4 + 0.6 * (-2.0f64 / 1.5).exp());
        assert_relative_eq!(
            film.gamma(),
            coating / (coating + oxide),
            max_relative = 1e-12
        );
    }

    #[test]
    fn a_thin_film_is_read_by_its_mean_thickness_however_uneven() {
        let thin = CoatedSurface {
            thickness: 1e-15,
            ..SURFACE
        };
        let expected = 1.2 * 1e-15 / 2.9e-9 / 4.0;
        assert_relative_eq!(thin.gamma(), expected, max_relative = 1e-5);
        let bare = CoatedSurface {
            coverage: 0.0,
            ..SURFACE
        };
        assert!(bare.gamma().abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn an_uneven_film_lets_more_through_than_an_even_one() {
        let even = CoatedSurface {
            coverage: 1.0,
            thickness: 5e-9,
            variation: 0.0,
            ..SURFACE
        };
        let uneven = CoatedSurface {
            variation: 0.8,
            ..even
        };
        assert!(uneven.gamma() < even.gamma() - 0.02);
    }
}
