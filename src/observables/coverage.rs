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

/// What turns thicknesses into signals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attenuation {
    /// Attenuation length of S 2p and P 2p electrons in the coating, m (above 0).
    pub coating: f64,
    /// That of Ni 2p electrons in the coating, m (above 0).
    pub oxide: f64,
    /// Marker atoms per volume in the coating over those in the oxide, 1 (above 0).
    pub marker_ratio: f64,
}

/// Thicknesses of a coating as an image shows them; 0 where the oxide is bare.
#[derive(Debug, Clone, PartialEq)]
pub struct Film {
    /// Thickness, m (0 or above), and share of the surface.
    places: Vec<(f64, f64)>,
}

impl Film {
    /// From thicknesses (m) and weights of any unit; `None` if one is negative or not
    /// finite, or all weights are 0.
    pub fn new(places: &[(f64, f64)]) -> Option<Self> {
        let fine = |v: f64| v >= 0.0 && v.is_finite();
        let total: f64 = places.iter().map(|p| p.1).sum();
        let all = places.iter().all(|p| fine(p.0) && fine(p.1));
        (all && total > 0.0 && total.is_finite()).then(|| Self {
            places: places.iter().map(|&(h, w)| (h, w / total)).collect(),
        })
    }

    /// Share of the surface that is covered, 0..1.
    pub fn coverage(&self) -> f64 {
        self.covered().map(|p| p.1).fold(0.0, |sum, own| sum + own)
    }

    /// Mean thickness where covered, m, with its relative standard deviation; `None` of a
    /// bare surface.
    pub fn thickness(&self) -> Option<(f64, f64)> {
        let coverage = self.coverage();
        let mean = self.covered().map(|(h, share)| h * share).sum::<f64>() / coverage;
        let squares = self.covered().map(|(h, share)| share * (h - mean).powi(2));
        let variance = squares.sum::<f64>() / coverage;
        (coverage > 0.0).then(|| (mean, variance.sqrt() / mean))
    }

    fn covered(&self) -> impl Iterator<Item = (f64, f64)> {
        self.places.iter().copied().filter(|p| p.0 > 0.0)
    }

    /// Mean where covered of the share of electrons that pass, with an attenuation
    /// length in m; 1 of a bare surface.
    fn passed(&self, length: f64) -> f64 {
        let (share, passed) = self
            .covered()
            .fold((0.0, 0.0), |(share, passed), (h, own)| {
                (share + own, passed + own * (-h / length).exp())
            });
        if share > 0.0 { passed / share } else { 1.0 }
    }

    /// The coating's share gamma of the spectrum of this surface, 0..1.
    pub fn gamma(&self, by: &Attenuation) -> f64 {
        let coverage = self.coverage();
        let passed = (self.passed(by.coating), self.passed(by.oxide));
        mixed(by.marker_ratio, coverage, passed)
    }

    /// The coverage that gives `gamma` with a coating that is, where it covers, as thick
    /// as in this film; `None` if no coverage up to 1 does, or the film covers nothing.
    pub fn coverage_for(&self, gamma: f64, by: &Attenuation) -> Option<f64> {
        // Eq. 1 is linear in the coverage once its denominator is multiplied out.
        let coating = by.marker_ratio * (1.0 - self.passed(by.coating));
        let hidden = 1.0 - self.passed(by.oxide);
        let coverage = gamma / (coating * (1.0 - gamma) + gamma * hidden);
        ((0.0..=1.0).contains(&coverage) && self.coverage() > 0.0).then_some(coverage)
    }
}

/// Eq. 1: gamma of a share `coverage` with `passed` of the coating's and the oxide's
/// electrons; `ratio` of the marker atoms.
fn mixed(ratio: f64, coverage: f64, passed: (f64, f64)) -> f64 {
    let coating = ratio * coverage * (1.0 - passed.0);
    let oxide = 1.0 - coverage + coverage * passed.1;
    coating / (coating + oxide)
}

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
        let ratio = self.coating_marker / self.oxide_marker;
        let passed = (passed(COATING_ATTENUATION), passed(OXIDE_ATTENUATION));
        mixed(ratio, self.coverage, passed)
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

    const BY: Attenuation = Attenuation {
        coating: COATING_ATTENUATION,
        oxide: OXIDE_ATTENUATION,
        marker_ratio: 0.5,
    };

    #[test]
    fn a_film_of_one_thickness_is_the_even_surface_and_its_coverage_is_found_again() {
        let film = Film::new(&[(2e-9, 3.0), (0.0, 2.0)]).unwrap();
        let even = CoatedSurface {
            thickness: 2e-9,
            variation: 0.0,
            ..SURFACE
        };
        assert_relative_eq!(film.gamma(&BY), even.gamma(), max_relative = 1e-12);
        assert_relative_eq!(film.coverage(), 0.6, max_relative = 1e-12);
        let (mean, deviation) = film.thickness().unwrap();
        assert_relative_eq!(mean, 2e-9, max_relative = 1e-12);
        assert!(deviation.abs() < 1e-12);
        let found = film.coverage_for(film.gamma(&BY), &BY).unwrap();
        assert_relative_eq!(found, 0.6, max_relative = 1e-12);
    }

    #[test]
    fn an_uneven_film_gives_back_its_coverage_and_bare_oxide_none() {
        let places = [(1e-9, 1.0), (4e-9, 2.0), (9e-9, 1.0), (0.0, 4.0)];
        let film = Film::new(&places).unwrap();
        // By hand: mean of 18 nm over 4, squares 12.25, 0.25 (twice) and 20.25.
        let (mean, deviation) = film.thickness().unwrap();
        assert_relative_eq!(mean, 4.5e-9, max_relative = 1e-12);
        assert_relative_eq!(deviation, 8.25f64.sqrt() / 4.5, max_relative = 1e-12);
        let found = film.coverage_for(film.gamma(&BY), &BY).unwrap();
        assert_relative_eq!(found, 0.5, max_relative = 1e-12);
        // More signal than full coverage with so thin a film can give.
        let thin = Film::new(&[(1e-10, 1.0)]).unwrap();
        assert_eq!(thin.coverage_for(0.9, &BY), None);
        let bare = Film::new(&[(0.0, 1.0)]).unwrap();
        assert!(bare.gamma(&BY).abs() < f64::MIN_POSITIVE);
        assert_eq!(
            (bare.thickness(), bare.coverage_for(0.0, &BY)),
            (None, None)
        );
        for broken in [
            &[][..],
            &[(1e-9, 0.0)],
            &[(-1e-9, 1.0)],
            &[(1e-9, f64::NAN)],
        ] {
            assert_eq!(Film::new(broken), None);
        }
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
