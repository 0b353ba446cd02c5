//! Whether the stated mass, thickness and coverage of a coating agree.

use super::types::Coating;

/// Mass over that of the film from which, and up to which, the two count as equal: BET
/// surfaces and densities of thin layers are hardly known better (an estimate).
const AGREEMENT: [f64; 2] = [0.8, 1.25];
/// Mass over that of the film above which a slip is likelier than lumps in the pores:
/// 5 wt% of polymer spray-dried to a film of 8 nm (Shi et al. 2023) reaches 7.8.
const LIKELY_SLIP: f64 = 10.0;

/// Mass of a coating against what its film weighs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoatingBalance {
    /// Mass of the film per mass of active material.
    pub film: f64,
    /// Mass of all coating per mass of active material, where stated.
    pub stated: Option<f64>,
    /// Mass outside the film (pores, lumps) per mass of active material.
    pub excess: f64,
    /// Thickness that all of the mass would have, spread evenly over all the surface, m.
    pub spread: f64,
    /// Share of the surface that all of the mass could cover at the film's thickness;
    /// above 1 where it suffices for more than the surface.
    pub implied_coverage: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// How the stated mass compares with the film of stated thickness and coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No mass is stated, or one of the three follows from the other two.
    Follows,
    /// They agree.
    Agree,
    /// There is more than the film needs: the rest sits in pores and lumps.
    Surplus,
    /// There is so much more that one of the numbers is probably wrong.
    Excessive,
    /// There is too little for the film: coverage or thickness must be smaller.
    Deficit,
}

impl CoatingBalance {
    /// The balance of a coating on a powder of `specific_surface`, m2/kg.
    pub fn of(coating: &Coating, specific_surface: f64) -> Self {
        let film = coating.film_ratio(specific_surface);
        let mass = coating.mass_ratio.unwrap_or(film);
        let full = coating.density() * specific_surface;
        let spread = mass / full;
        Self {
            film,
            stated: coating.mass_ratio,
            excess: coating.excess_ratio,
            spread,
            implied_coverage: spread / coating.thickness(),
            verdict: match coating.mass_ratio {
                None => Verdict::Follows,
                Some(_) if film <= 0.0 => Verdict::Excessive,
                Some(stated) => Verdict::from_ratio(stated / film),
            },
        }
    }

    /// One sentence for the user.
    pub fn sentence(&self) -> String {
        let percent = |ratio: f64| format!("{:.2} wt%", 100.0 * ratio);
        let film = percent(self.film);
        let nanometres = 1e9 * self.spread;
        let Some(stated) = self.stated else {
            return format!("film {film} of the oxide");
        };
        let stated = percent(stated);
        match self.verdict {
            Verdict::Deficit => format!(
                "film {film} of the oxide, but stated {stated}: that much covers {:.0} % of the surface at this thickness",
                100.0 * self.implied_coverage
            ),
            Verdict::Surplus | Verdict::Excessive => format!(
                "film {film} of the oxide, stated {stated}, so {} sits elsewhere (spread evenly it would all be {nanometres:.1} nm)",
                percent(self.excess)
            ),
            Verdict::Follows | Verdict::Agree => {
                format!("film {film} of the oxide, stated {stated}")
            }
        }
    }
}

impl Verdict {
    /// The verdict on a stated mass over the film's.
    pub fn from_ratio(ratio: f64) -> Self {
        match ratio {
            r if r < AGREEMENT[0] => Self::Deficit,
            r if r <= AGREEMENT[1] => Self::Agree,
            r if r <= LIKELY_SLIP => Self::Surplus,
            _ => Self::Excessive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::materials::{CoatingMaterial, MaterialKind, library};
    use crate::scenario::types::{CoatingLayer, CoatingMorphology};

    /// A coating of a shipped material as a paper states it: mass, thickness (m), and
    /// full coverage.
    fn stated(material: &str, mass: f64, thickness: f64) -> Coating {
        let material: CoatingMaterial = library()
            .get(material, MaterialKind::Coating)
            .expect("shipped");
        Coating {
            layers: vec![CoatingLayer {
                material,
                thickness,
            }],
            coverage: 1.0,
            morphology: CoatingMorphology::Conformal,
            thickness_variation: 0.2,
            patch_diameter: 500e-9,
            aggregate_diameter: 100e-9,
            mass_ratio: Some(mass),
            excess_ratio: 0.0,
            annealed: None,
        }
    }

    /// What the papers state: material, mass, BET (m2/kg), thickness (m); by hand
    /// `w / (rho a)` (nm), its ratio to the thickness, and the verdict against a full film.
    #[test]
    #[rustfmt::skip] // a table
    fn coatings_of_the_papers_get_their_verdicts() {
        use Verdict::{Agree, Deficit, Surplus};
        let table = [
            // shi2023: far more polymer than its film of 2 to 4 nm, or of 8 nm, needs.
            ("PVBTA-TFSI", 0.01, 593.0, 2e-9, 12.0, 6.02, Surplus),
            ("PVBTA-TFSI", 0.01, 593.0, 4e-9, 12.0, 3.01, Surplus),
            ("PVBTA-TFSI", 0.05, 593.0, 8e-9, 60.2, 7.53, Surplus),
            // ma2022: about one layer of nanoparticles, unless the surface is rougher.
            ("ZrO2", 0.0092, 600.0, 4e-9, 4.22, 1.056, Agree),
            ("ZrO2", 0.0092, 600.0, 5e-9, 4.22, 0.845, Agree),
            ("ZrO2", 0.0092, 420.0, 5e-9, 6.03, 1.207, Agree),
            ("ZrO2", 0.0092, 1000.0, 4.5e-9, 2.53, 0.563, Deficit),
            // ma2024: islands, the more the mass grows.
            ("LiNbO3", 0.0036, 310.0, 20e-9, 2.64, 0.132, Deficit),
            ("LiNbO3", 0.0076, 310.0, 20e-9, 5.57, 0.279, Deficit),
            ("LiNbO3", 0.0076, 310.0, 10e-9, 5.57, 0.557, Deficit),
            ("LiNbO3", 0.0138, 310.0, 20e-9, 10.1, 0.506, Deficit),
            ("LiNbO3", 0.0138, 310.0, 10e-9, 10.1, 1.01, Agree),
            // walther2021, 1 % assumed: uncoated areas are visible there too.
            ("LiNbO3", 0.01, 440.0, 15e-9, 5.17, 0.344, Deficit),
            // kissel2025: 5 to 20 nm, between twice what is needed and half of it.
            ("Li3PS4", 0.01, 420.0, 20e-9, 12.7, 0.637, Deficit),
            ("Li3PS4", 0.01, 420.0, 5e-9, 12.7, 2.55, Surplus),
            ("Li3PS4", 0.01, 800.0, 20e-9, 6.68, 0.334, Deficit),
        ];
        for (material, mass, surface, thickness, spread, implied, verdict) in table {
            let balance = CoatingBalance::of(&stated(material, mass, thickness), surface);
            let place = format!("{material} {mass} {balance:?}");
            assert!((1e9 * balance.spread / spread - 1.0).abs() < 0.01, "{place}");
            assert!((balance.implied_coverage / implied - 1.0).abs() < 0.01, "{place}");
            assert_eq!(balance.verdict, verdict, "{place}");
        }
    }

    #[test]
    fn a_coverage_that_fits_the_mass_is_no_contradiction() {
        let mut islands = stated("LiNbO3", 0.0076, 20e-9);
        islands.coverage = 0.28;
        assert_eq!(CoatingBalance::of(&islands, 310.0).verdict, Verdict::Agree);
        islands.mass_ratio = None;
        assert_eq!(
            CoatingBalance::of(&islands, 310.0).verdict,
            Verdict::Follows
        );
    }

    #[test]
    fn a_slip_of_a_unit_is_told_from_a_surplus() {
        let slip = CoatingBalance::of(&stated("LiNbO3", 0.05, 1e-9), 310.0);
        assert_eq!(slip.verdict, Verdict::Excessive);
        assert!(slip.sentence().contains("sits elsewhere"));
    }
}
